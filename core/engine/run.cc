// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run.cc: the life cycle (see run.h).
#include "core/engine/run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/comm/link_shaper.h"
#include "core/comm/mesh.h"
#include "core/experiment/pair_link.h"
#include "core/experiment/transport_choice.h"
#include "core/parallel/exchange.h"
#include "core/security/kit.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kShowSeconds = 0.03;  // folded rows wait so long for company before watchers get them
constexpr double kWriteSeconds =
    0.25;  // between appends to the store; an engine that is killed loses so much
constexpr double kSummarySeconds = 0.25;
constexpr double kPersistSeconds = 2;
constexpr double kPoolAgainSeconds = 1;     // where too much waits for the pool
constexpr double kTokenMarginSeconds = 60;  // beyond the time that workers have to join
constexpr size_t kLastLines = 8;            // of a worker's log, in the error of its run

std::string StateName(proto::RunState state) {
  std::string name = proto::RunState_Name(state);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

// Of the rank whose messages of a step take longest on the emulated links, one after the other.
double LongestSendingSeconds(const Spec& spec, const Pattern& pattern) {
  std::vector<double> seconds(static_cast<size_t>(spec.worker_count()));
  for (const Flow& flow : pattern.flows) {
    const LinkShape link = PairLink(spec, flow.from, flow.to);
    double& sum = seconds.at(static_cast<size_t>(flow.from));
    if (link.bandwidth_mbit > 0) sum += flow.bytes * 8e-6 / link.bandwidth_mbit;
    sum += flow.messages * MeanDelayMs(link) * 1e-3;
  }
  return seconds.empty() ? 0 : *std::max_element(seconds.begin(), seconds.end());
}

// The fingerprint of the certificate in a start-up kit; "": there is none that the engine can read, and the
// token is not bound to one.
std::string CertificateOfKit(const std::string& folder) {
  constexpr size_t kMostBytes = 64 << 10;
  if (folder.empty()) return {};
  const absl::StatusOr<std::string> pem = ReadFile(Kit{.folder = folder}.certificate_file(), kMostBytes);
  if (!pem.ok()) return {};
  const absl::StatusOr<CertificateFacts> facts = ReadCertificate(*pem);
  return facts.ok() ? facts->fingerprint : std::string();
}

}  // namespace

PreparedRun MakePreparedRun(Spec spec, const Plan& plan) {
  PreparedRun prepared;
  prepared.parameters = plan.parameters;
  prepared.total_steps = plan.total_steps;
  prepared.global_batch_size = plan.global_batch_size;
  prepared.steps_per_epoch = static_cast<double>(plan.steps_per_epoch);
  prepared.exchange_seconds = LongestSendingSeconds(spec, plan.pattern);
  prepared.mesh_size = static_cast<int>(spec.mesh_data * spec.mesh_pipeline * spec.mesh_tensor);
  const auto exchange = Registry::Global().Create<Exchange>("exchange", spec.exchange);
  // Of a model that several ranks hold between them, none can be spared.
  const bool is_whole = spec.mesh_pipeline * spec.mesh_tensor == 1;
  for (int rank = 0; rank < static_cast<int>(spec.worker_count()); ++rank)
    prepared.spared.push_back(exchange.ok() && is_whole &&
                              (*exchange)->survives_loss_of(rank, static_cast<int>(spec.mesh_data)));
  prepared.recovery = RecoveryOf(spec);
  prepared.spec = std::move(spec);
  return prepared;
}

Run::Run(RunContext& context, PreparedRun prepared, proto::RunSummary summary,
         std::optional<ResumePoint> resume)
    : context_(context),
      prepared_(std::move(prepared)),
      summary_(std::move(summary)),
      resume_(std::move(resume)),
      meter_(prepared_.global_batch_size, prepared_.steps_per_epoch, resume_ ? resume_->totals : RunTotals{}),
      hub_(static_cast<int>(prepared_.spec.worker_count()), meter_),
      seats_(static_cast<size_t>(prepared_.spec.worker_count())),
      faults_(DrawFaults(prepared_.spec)),
      fault_is_done_(faults_.size()),
      fault_has_ended_(faults_.size()),
      self_(std::make_shared<Run*>(this)) {
  const Spec& spec = prepared_.spec;
  for (const uint32_t done : summary_.faults_done())
    if (done < faults_.size()) fault_is_done_[done] = !faults_[done].is_by_steps();
  summary_.set_state(proto::QUEUED);
  summary_.clear_error();
  summary_.set_seed(spec.seed);
  summary_.set_spec_json(spec.json);
  summary_.set_parameters(prepared_.parameters);
  summary_.set_total_steps(prepared_.total_steps);
  summary_.set_steps_per_epoch(prepared_.steps_per_epoch);
  summary_.set_global_batch_size(prepared_.global_batch_size);
  summary_.set_ended_unix_ms(0);
  summary_.clear_parameters_sha256();
  summary_.clear_workers();
  const auto mesh = Mesh::Create(static_cast<int>(spec.mesh_data), static_cast<int>(spec.mesh_pipeline),
                                 static_cast<int>(spec.mesh_tensor));
  size_t first = 0;
  for (const WorkerGroup& group : spec.workers) {
    const absl::StatusOr<Launcher*> launcher = context_.launcher(group.launcher);
    for (int64_t i = 0; i < group.count && first < seats_.size(); ++i)
      seats_[first++].away = launcher.ok() && (*launcher)->is_elsewhere();
  }
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    proto::Worker& worker = *summary_.add_workers();
    worker.set_rank(static_cast<uint32_t>(rank));
    if (mesh.ok() && static_cast<int>(rank) < mesh->size())  // a server has no place on it
      for (const int coordinate : mesh->CoordinatesOf(static_cast<int>(rank)))
        worker.add_axis(static_cast<uint32_t>(coordinate));
  }
  Persist();
}

Run::~Run() {
  *self_ = nullptr;
  AnswerControl(absl::UnavailableError("the engine is ending"));
}

int64_t Run::threads() const {
  const auto here = std::count_if(seats_.begin(), seats_.end(),
                                  [](const Seat& seat) { return !seat.away && !seat.given_up; });
  return static_cast<int64_t>(here) * prepared_.spec.training.threads_per_worker;
}

double Run::now() const { return context_.loop.now(); }

const proto::RunSummary& Run::summary() {
  meter_.Fill(summary_);
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    const Seat& seat = seats_[rank];
    proto::Worker& worker = *summary_.mutable_workers(static_cast<int>(rank));
    worker.set_step(std::max(seat.step, hub_.steps_of(static_cast<int>(rank))));
    worker.set_state(!seat.launched                                  ? ""
                     : seat.exited || seat.finished || seat.given_up ? "gone"
                     : seat.ready                                    ? (peers_sent_ ? "running" : "ready")
                                                                     : "joining");
  }
  return summary_;
}

void Run::SetQueuePosition(int position) {
  if (summary_.queue_position() == position) return;
  summary_.set_queue_position(position);
  PublishSummary();
}

void Run::Start() {
  summary_.set_queue_position(0);
  started_ = now();
  if (summary_.started_unix_ms() == 0) summary_.set_started_unix_ms(context_.loop.wall_unix_ms());
  if (resume_) {
    context_.store.TruncateSeries(id(), resume_->step);
    for (const ResumePoint::Evaluation& evaluation : resume_->evaluations)
      context_.store.Append(id(), evaluation.series, evaluation.rank, evaluation.unit,
                            std::span(&resume_->step, 1), std::span(&evaluation.seconds, 1),
                            std::span(&evaluation.value, 1));
    for (const std::string& passed : resume_->passed_over) {
      spdlog::warn("run {}: {}", id(), passed);
      AddEvent("checkpoint", fmt::format("The run goes on from step {}: {}.", resume_->step, passed),
               Json({{"step", resume_->step}, {"passed_over", passed}}).dump());
    }
    summary_.set_last_checkpoint_step(resume_->step);  // what is behind it is made anew
  }
  SetState(proto::STARTING, "");
  SetOutTogether();
  const absl::Status folder = MakeFolder(context_.home.run(id()));
  if (!folder.ok()) return End(proto::FAILED, std::string(folder.message()));

  if (const absl::Status made = MakeAuthority(); !made.ok())
    return End(proto::FAILED, std::string(made.message()));

  int rank = 0;
  std::vector<Launcher*> launchers;
  for (const WorkerGroup& group : prepared_.spec.workers) {
    const absl::StatusOr<Launcher*> launcher = context_.launcher(group.launcher);
    if (!launcher.ok())
      return End(proto::FAILED, fmt::format("rank {} could not be started: {}", rank,
                                            std::string(launcher.status().message())));
    launchers.push_back(*launcher);
    // All must know how long the slowest may take before the first of them asks.
    if ((*launcher)->patience_seconds() > 0)
      peers_seconds_ = std::max(peers_seconds_, context_.limits.join + (*launcher)->patience_seconds());
    rank += static_cast<int>(group.count);
  }
  rank = 0;
  for (size_t group = 0; group < launchers.size(); ++group) {
    const int64_t count = prepared_.spec.workers[group].count;
    if (const absl::Status launched = Launch(rank, count, *launchers[group]); !launched.ok())
      return End(proto::FAILED, std::string(launched.message()));
    rank += static_cast<int>(count);
  }
  ScheduleTick();
}

absl::Status Run::Launch(int first_rank, int64_t count, Launcher& launcher) {
  std::vector<LaunchOrder> orders;
  for (int64_t i = 0; i < count; ++i) orders.push_back(OrderFor(first_rank + static_cast<int>(i), launcher));
  absl::Status launched = launcher.LaunchAll(orders);
  for (LaunchOrder& order : orders) {
    const int rank = order.request.rank;
    if (order.worker == nullptr) return Annotate(launched, fmt::format("rank {} could not be started", rank));
    Seat& seat = seats_[static_cast<size_t>(rank)];
    seat.worker = std::move(order.worker);
    seat.launched = true;
    seat.launcher = &launcher;
    seat.heard = seat.progressed = seat.launched_at = now();
    summary_.mutable_workers(rank)->set_pid(seat.worker->pid());
  }
  return launched;
}

LaunchOrder Run::OrderFor(int rank, const Launcher& launcher) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.certificate = CertificateOfKit(launcher.kit_folder());
  // Nobody waits for it any longer than that.
  const double valid_seconds =
      std::max(peers_seconds_, context_.limits.join + launcher.patience_seconds()) + kTokenMarginSeconds;
  seat.token = context_.join_tokens.Make(
      {.run = id(), .rank = static_cast<uint32_t>(rank), .fingerprint = seat.certificate}, valid_seconds);
  LaunchRequest request;
  request.run = id();
  request.rank = rank;
  request.token = seat.token;
  request.engine_address = context_.home.address();
  request.log_path = fmt::format("{}/rank-{}.log", context_.home.run(id()), rank);
  request.plugin_folders = context_.plugin_folders;
  request.remote_address = context_.remote_address;
  request.home = context_.home.path();
  request.threads = static_cast<int>(prepared_.spec.training.threads_per_worker);
  request.transport = TransportOf(prepared_.spec);
  seat.patience = launcher.patience_seconds();
  seat.advertise = seat.away ? launcher.advertise_host() : prepared_.advertise_host;
  EngineLoop& loop = context_.loop;
  request.tell = [&loop, self = self_](const std::string& message) {
    loop.Post([self, message] {
      if (*self != nullptr) (*self)->AddEvent("launcher", message);
    });
  };
  auto on_exit = [&loop, self = self_, rank](const WorkerExit& exit) {
    loop.Post([self, rank, exit] {
      if (*self != nullptr) (*self)->OnExit(rank, exit);
    });
  };
  auto on_line = [&loop, self = self_, rank](const std::string& line) {
    loop.Post([self, rank, line] {
      if (*self == nullptr) return;
      std::deque<std::string>& lines = (*self)->seats_[static_cast<size_t>(rank)].last_lines;
      lines.push_back(line);
      if (lines.size() > kLastLines) lines.pop_front();
      (*self)->context_.watchers.PublishLine((*self)->id(), rank, line);
    });
  };
  return {.request = std::move(request),
          .on_exit = std::move(on_exit),
          .on_line = std::move(on_line),
          .worker = nullptr};
}

void Run::SetState(proto::RunState state, const std::string& message) {
  if (summary_.state() == state) return;
  const proto::RunState before = summary_.state();
  summary_.set_state(state);
  spdlog::info("run {}: {}", id(), StateName(state));
  const Json json = {{"state", StateName(state)}, {"before", StateName(before)}};
  if (state != proto::PAUSED) summary_.clear_pause_reason();
  summary_.clear_doing();  // what is still done the next heartbeat says
  if (state == proto::PAUSED)
    AddEvent("paused", message.empty() ? "The run was paused." : message, json.dump());
  else if (before == proto::PAUSED && state == proto::RUNNING)
    AddEvent("resumed", "The run goes on.", json.dump());
  else
    AddEvent("state", message.empty() ? fmt::format("The run is {}.", StateName(state)) : message,
             json.dump());
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    if (pending->wanted != state) {
      ++pending;
      continue;
    }
    const Done done = std::move(pending->done);
    pending = pending_.erase(pending);
    done(absl::OkStatus());
  }
  Persist();
  PublishSummary();
}

void Run::AddEvent(const std::string& kind, const std::string& message, const std::string& json,
                   int64_t step) {
  StoredEvent stored;
  stored.step = step < 0 ? meter_.steps() : step;
  stored.seconds = meter_.seconds();
  stored.unix_ms = context_.loop.wall_unix_ms();
  stored.kind = kind;
  stored.message = message;
  stored.json = json;
  proto::RunEvent event;
  event.set_step(stored.step);
  event.set_seconds(stored.seconds);
  event.set_unix_ms(stored.unix_ms);
  event.set_kind(kind);
  event.set_message(message);
  event.set_json(json);
  context_.store.AddEvent(id(), std::move(stored));
  context_.watchers.PublishEvent(id(), event);
}

void Run::Persist() {
  next_persist_ = now() + kPersistSeconds;
  StoredRun stored;
  stored.id = id();
  stored.name = summary_.name();
  stored.state = StateName(summary_.state());
  stored.spec_json = summary_.spec_json();
  stored.summary = summary().SerializeAsString();
  stored.created_unix_ms = summary_.created_unix_ms();
  context_.store.PutRun(std::move(stored));
}

void Run::SetMarks(proto::RunMarks marks) {
  *summary_.mutable_marks() = std::move(marks);
  PublishSummary();
}

void Run::PublishSummary() {
  context_.watchers.PublishSummary(summary());
  summary_dirty_ = false;
  next_summary_ = now() + kSummarySeconds;
}

void Run::Flush() {
  const Watchers::Wish wish = context_.watchers.WishOf(id());
  if (std::unique_ptr<proto::MetricUpdate> update = hub_.TakeUpdate(wish.ranks);
      update != nullptr && wish.metrics)
    context_.watchers.PublishMetrics(id(), std::move(update));
  // While the disk is full the hub keeps what there is, instead of making this loop wait for the store's
  // queue.
  const absl::Status health = context_.store.Health();
  if (health.ok()) hub_.WriteTo(context_.store, id());
  if (health.ok() == store_is_ill_) {
    store_is_ill_ = !health.ok();
    AddEvent("store", health.ok()
                          ? "Measurements are stored again."
                          : fmt::format("Measurements cannot be stored, and are kept until they can: {}",
                                        std::string(health.message())));
  }
  next_write_ = now() + kWriteSeconds;
}

void Run::OnMetrics(int rank, const proto::MetricBatch& batch) {
  if (const absl::Status status = hub_.Add(rank, batch); !status.ok())
    return Blame(rank, fmt::format("broke the protocol: {}", std::string(status.message())), true);
  summary_dirty_ = true;
  if (state() == proto::STARTING && meter_.steps() > (resume_ ? resume_->step : 0)) {
    trains_since_ = now();
    SetState(proto::RUNNING, "");
  }
  BringOnFaults();
  if (publish_scheduled_) return;
  publish_scheduled_ = true;
  context_.loop.After(kShowSeconds, [self = self_] {
    if (*self == nullptr) return;
    Run& run = **self;
    run.publish_scheduled_ = false;
    const Watchers::Wish wish = run.context_.watchers.WishOf(run.id());
    if (!wish.metrics) return;  // what was not taken then is taken by Flush
    if (std::unique_ptr<proto::MetricUpdate> update = run.hub_.TakeUpdate(wish.ranks))
      run.context_.watchers.PublishMetrics(run.id(), std::move(update));
  });
}

void Run::KeepMetrics(const std::shared_ptr<WorkerLink>& link, uint64_t number) {
  Flush();
  const auto answer = [link, number] {
    proto::EngineMessage message;
    message.mutable_metrics_kept()->set_number(number);
    link->Send(std::move(message));
  };
  // A store that cannot write says so by itself, and training does not wait for it.
  const absl::Status posted = context_.pool.Post([&store = context_.store, answer] {
    store.Sync().IgnoreError();
    answer();
  });
  if (absl::IsResourceExhausted(posted)) {  // the pool has too much waiting
    context_.loop.After(kPoolAgainSeconds, [self = self_, link, number] {
      if (*self != nullptr) (*self)->KeepMetrics(link, number);
    });
  }
}

void Run::ScheduleTick() {
  if (tick_scheduled_) return;
  tick_scheduled_ = true;
  context_.loop.After(context_.limits.tick, [self = self_] {
    if (*self == nullptr) return;
    (*self)->tick_scheduled_ = false;
    (*self)->Tick();
  });
}

void Run::Tick() {
  if (concluding_) return;
  const double time = now();
  if (time >= next_heartbeat_) {
    next_heartbeat_ = time + context_.limits.heartbeat;
    for (const Seat& seat : seats_)
      if (seat.link != nullptr) seat.link->SendHeartbeat();
  }
  if (time >= next_write_) Flush();
  if (summary_dirty_ && time >= next_summary_) PublishSummary();
  if (time >= next_persist_ && !store_is_ill_) Persist();
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    if (time < pending->until) {
      ++pending;
      continue;
    }
    const Done done = std::move(pending->done);  // it will be reached yet; the reply tells the state as it is
    pending = pending_.erase(pending);
    done(absl::OkStatus());
  }
  ThawWhatIsDue();
  BringOnFaults();
  if (ending() || all_finished_)
    EndWorkers(false);
  else
    Watch();
  if (!ending() && !all_finished_) WatchGroup(time);
  if (!ending() && !all_finished_) WatchSlowMotion(time);
  ConcludeIfAllGone();
  if (!concluding_) ScheduleTick();
}

void Run::OnExit(int rank, const WorkerExit& exit) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.exited = true;
  seat.exit = exit;
  if (seat.lost == 0) seat.lost = now();
  if (seat.link == nullptr) hub_.RankEnded(rank);
  summary_dirty_ = true;
  // What the workers are about to say of it, its own included, is a consequence.
  if (exit.is_cause && !seat.finished && !seat.failed) Lose(rank, exit.Text());
  if (suspicion_ && exit.is_cause) Blame(rank, exit.Text(), true);
  ConcludeIfAllGone();
}

void Run::LetGo(Seat& seat) {
  if (seat.link != nullptr) seat.link->Close(absl::AbortedError("the run is over for this worker"));
  seat.link = nullptr;
  seat.token.clear();
  seat.exited = true;
  if (seat.lost == 0) seat.lost = now();
}

void Run::OnClosed(int rank, const std::shared_ptr<WorkerLink>& link) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.link != link) return;
  seat.link = nullptr;
  if (seat.lost == 0) seat.lost = now();
  hub_.RankEnded(rank);
  ConcludeIfAllGone();
}

void Run::End(proto::RunState state, const std::string& error, bool at_once) {
  if (concluding_) return;
  if (!ending()) {
    final_state_ = state;
    if (!error.empty()) summary_.set_error(error);
    if (!error.empty()) spdlog::warn("run {}: {}", id(), error);
  }
  EndWorkers(at_once);
  ScheduleTick();
  ConcludeIfAllGone();
}

// Asks the workers to end, and after the grace ends them.
void Run::EndWorkers(bool at_once) {
  const double time = now();
  for (Seat& seat : seats_) {
    if (!seat.launched || seat.exited) continue;
    if (!seat.worker->end_is_seen()) {
      // One that has finished hangs up by itself, once it has heard the goodbye.
      const bool waits = seat.finished && seat.link != nullptr && !at_once &&
                         (seat.terminated == 0 || time - seat.terminated <= context_.limits.grace);
      if (seat.terminated == 0) seat.terminated = time;
      if (!waits) LetGo(seat);
      continue;
    }
    if (seat.terminated == 0) {
      seat.terminated = time;
      // One that has finished is on its way out and is only helped along when it lingers.
      if (!seat.finished && !seat.given_up && !at_once) seat.worker->Terminate();
    }
    const bool lingers = time - seat.terminated > context_.limits.grace;
    if ((at_once || lingers) && (seat.killed == 0 || time - seat.killed > context_.limits.grace)) {
      seat.killed = time;
      seat.worker->Kill();
    }
  }
}

void Run::ConcludeIfAllGone() {
  if (concluding_ || (!ending() && !all_finished_)) return;
  for (const Seat& seat : seats_) {
    if (seat.launched && !seat.exited) return;
    // What it had measured last may still be on its way.
    const bool has_said_all = seat.link == nullptr || seat.finished || seat.failed;
    if (!has_said_all && now() - seat.lost < context_.limits.other_half) return ScheduleTick();
  }
  if (!ending()) final_state_ = any_stopped_ ? proto::STOPPED : proto::FINISHED;
  Conclude();
}

void Run::Conclude() {
  concluding_ = true;
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    Seat& seat = seats_[rank];
    hub_.RankEnded(static_cast<int>(rank));
    if (seat.link != nullptr) seat.link->Close(absl::OkStatus());
    seat.link = nullptr;
    seat.token.clear();
  }
  Flush();
  if (!parameters_path_.empty()) {
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(parameters_path_, error);
    context_.store.PutArtefact(id(), "parameters", parameters_path_, error ? 0 : bytes,
                               summary_.parameters_sha256());
  }
  summary_.set_ended_unix_ms(context_.loop.wall_unix_ms());
  AnswerControl(absl::OkStatus());
  // The last state is told when everything is on the disk, itself included: who saw "finished" may cut the
  // power.
  const proto::RunState before = summary_.state();
  if (MayGoOnByItself() && !HasCheckpoint()) {
    summary_.set_error(summary_.error() +
                       (prepared_.spec.recipe.empty()
                            ? "; it has no checkpoint to go on from: set /training/checkpoint_every_steps"
                            : "; it has no checkpoint to go on from: the first is behind its training"));
  } else if (MayGoOnByItself()) {
    final_state_ = proto::QUEUED;
    summary_.set_attempt(summary_.attempt() + 1);
    summary_.set_automatic_resumes(summary_.automatic_resumes() + 1);
    summary_.set_ended_unix_ms(0);
    AddEvent("resuming",
             fmt::format("{}; the run goes on from its last checkpoint ({} of {} times).", summary_.error(),
                         summary_.automatic_resumes(), prepared_.spec.training.resume_after_failure));
  }
  summary_.set_state(*final_state_);
  Persist();
  summary_.set_state(before);
  // While the disk is full the hub still has rows, and goes with this run: the store takes them, and may make
  // wait whoever brings them.
  EndOnceWritten(std::make_shared<std::vector<MetricHub::Rows>>(hub_.TakeRows()));
}

void Run::EndOnceWritten(const std::shared_ptr<std::vector<MetricHub::Rows>>& rows) {
  const absl::Status posted =
      context_.pool.Post([&loop = context_.loop, &store = context_.store, run = id(), rows, self = self_] {
        for (const MetricHub::Rows& each : *rows)
          store.Append(run, each.series, each.rank, each.unit, each.steps, each.seconds, each.values);
        const absl::Status synced = store.Sync();
        loop.Post([self, synced] {
          if (*self == nullptr) return;
          Run& run = **self;
          if (!synced.ok() && run.summary_.error().empty())
            run.summary_.set_error(
                fmt::format("its results are not all on the disk: {}", std::string(synced.message())));
          const bool goes_on = *run.final_state_ == proto::QUEUED;
          run.SetState(*run.final_state_, goes_on ? "" : run.summary_.error());
          if (!goes_on) run.context_.watchers.End(run.id());
          run.context_.ended(run.id());  // may destroy the run
        });
      });
  if (absl::IsResourceExhausted(
          posted)) {  // as long as the disk is full, perhaps; the loop must not wait for it
    context_.loop.After(kPoolAgainSeconds, [self = self_, rows] {
      if (*self != nullptr) (*self)->EndOnceWritten(rows);
    });
    return;
  }
  if (!posted.ok()) {  // the engine is ending, and its store writes out what it has
    for (const MetricHub::Rows& each : *rows)
      context_.store.Append(id(), each.series, each.rank, each.unit, each.steps, each.seconds, each.values);
    SetState(*final_state_, summary_.error());
    context_.watchers.End(id());
    context_.ended(id());
  }
}

}  // namespace concertina
