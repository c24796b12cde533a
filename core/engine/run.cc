// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run.cc: a run's state, and who is told of it (see run.h).
#include "core/engine/run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/comm/mesh.h"
#include "core/engine/run_query.h"
#include "core/engine/stored_run.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kSummarySeconds = 0.25;
constexpr double kPersistSeconds = 2;
// Words of launchers and of files may be in any coding, and a string that is no UTF-8 would make all events
// of the run unreadable.
constexpr size_t kMostEventBytes = 64 * 1024;

}  // namespace

Run::Run(RunContext& context, PreparedRun prepared, proto::RunSummary summary,
         std::optional<ResumePoint> resume, std::optional<ReturnPoint> back)
    : context_(context),
      prepared_(std::move(prepared)),
      summary_(std::move(summary)),
      resume_(std::move(resume)),
      meter_(prepared_.global_batch_size, prepared_.steps_per_epoch,
             resume_ ? resume_->totals
             : back  ? back->totals
                     : RunTotals{}),
      hub_(static_cast<int>(prepared_.spec.worker_count()), meter_),
      seats_(static_cast<size_t>(prepared_.spec.worker_count())),
      faults_(DrawFaults(prepared_.spec)),
      fault_is_done_(faults_.size()),
      fault_has_ended_(faults_.size()),
      self_(std::make_shared<Run*>(this)) {
  const Spec& spec = prepared_.spec;
  if (back) {
    TakeUp(*back);
    return;
  }
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
                     : seat.thaws > 0                                ? "frozen"
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

void Run::SetState(proto::RunState state, const std::string& message) {
  if (summary_.state() == state) return;
  const proto::RunState before = summary_.state();
  summary_.set_state(state);
  spdlog::info("run {}: {}", id(), RunStateName(state));
  const Json json = {{"state", RunStateName(state)}, {"before", RunStateName(before)}};
  if (state != proto::PAUSED) summary_.clear_pause_reason();
  summary_.clear_doing();  // what is still done the next heartbeat says
  if (state == proto::PAUSED)
    AddEvent("paused", message.empty() ? "The run was paused." : message, json.dump());
  else if (before == proto::PAUSED && state == proto::RUNNING)
    AddEvent("resumed", "The run goes on.", json.dump());
  else
    AddEvent("state", message.empty() ? fmt::format("The run is {}.", RunStateName(state)) : message,
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
  if (is_said_again_ && marks_of_before_.contains(MarkOfEvent(kind, json))) return;
  StoredEvent stored;
  stored.step = step < 0 ? meter_.steps() : step;
  stored.seconds = meter_.seconds();
  stored.unix_ms = context_.loop.wall_unix_ms();
  stored.kind = kind;
  stored.message = CutUtf8(message, kMostEventBytes);
  stored.json = json;
  proto::RunEvent event;
  event.set_step(stored.step);
  event.set_seconds(stored.seconds);
  event.set_unix_ms(stored.unix_ms);
  event.set_kind(kind);
  event.set_message(stored.message);
  event.set_json(json);
  context_.store.AddEvent(id(), std::move(stored));
  context_.watchers.PublishEvent(id(), event);
}

void Run::Persist() {
  next_persist_ = now() + kPersistSeconds;
  proto::RunSummary stored = summary();
  FillAtWork(*stored.mutable_at_work());
  context_.store.PutRun(StoredAs(stored));
}

void Run::SetMarks(proto::RunMarks marks) {
  *summary_.mutable_marks() = std::move(marks);
  PublishSummary();
}

void Run::SetName(const std::string& name) {
  summary_.set_name(name);
  Persist();
  PublishSummary();
}

void Run::PublishSummary() {
  context_.watchers.PublishSummary(summary());
  summary_dirty_ = false;
  next_summary_ = now() + kSummarySeconds;
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
      if (seat.link != nullptr) seat.link->SendHeartbeat(seat.kept_number);
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

}  // namespace concertina
