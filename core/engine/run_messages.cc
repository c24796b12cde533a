// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_messages.cc: what workers say, and what is said to them (see run.h).
// On the way of the data: engine/worker_link.h -> here -> engine/metric_hub.h, and back.
//
// Control and Knob carry the step before which all ranks act: the largest that any has told, and as many more
// as are made in a second. What the engine knows is at most a heartbeat (0.5 s) old and a message takes
// milliseconds, so no rank has passed that step when it hears of it; one that has acts at once.
#include <sys/random.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/engine/run.h"
#include "core/worker/checkpoint_manifest.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// These may be what a peer's end looks like from here.
bool MayBeConsequence(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
         code == absl::StatusCode::kAborted || code == absl::StatusCode::kCancelled;
}

// Workers write in the run's own folder only; a path from elsewhere is not believed.
bool IsBelow(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() + 1 && path.compare(0, folder.size(), folder) == 0 &&
         path[folder.size()] == '/' && path.find("/../") == std::string::npos &&
         path.find('\0') == std::string::npos;
}

constexpr size_t kMaxMessageBytes = 4000;
// One message for everything that a stranger could learn from.
constexpr char kNoSuchPlace[] = "there is no such place to join, or not with this token";

}  // namespace

bool SameToken(const std::string& given, const std::string& token) {
  if (token.empty() || given.size() != token.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < token.size(); ++i)
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(token[i])));
  return difference == 0;
}

std::string MakeToken() {
  unsigned char bytes[32];
  size_t filled = 0;
  while (filled < sizeof(bytes)) {
    const ssize_t got = getrandom(bytes + filled, sizeof(bytes) - filled, 0);
    if (got > 0) filled += static_cast<size_t>(got);
  }
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::map<int, std::string> Run::StartLines() const {
  std::map<int, std::string> lines;
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    const Seat& seat = seats_[rank];
    if (seat.worker == nullptr || seat.token.empty()) continue;
    std::string line = seat.worker->StartLine();
    if (!line.empty()) lines[static_cast<int>(rank)] = std::move(line);
  }
  return lines;
}

std::optional<absl::Status> Run::RefusalOfSpent(uint32_t rank, const std::string& token,
                                                const std::string& certificate) {
  Seat& seat = seats_[rank];
  const auto spent = std::find_if(seat.spent_tokens.begin(), seat.spent_tokens.end(),
                                  [&](const Seat::SpentToken& each) { return SameToken(token, each.token); });
  if (spent == seat.spent_tokens.end()) return std::nullopt;
  if (spent->certificate.value_or(certificate) == certificate)  // it was given the token, so it may be told
    return absl::PermissionDeniedError(fmt::format(
        "rank {}: this token was used before: the run goes on with incarnation {} of its workers, "
        "and its place is taken; end",
        rank, summary_.incarnation()));
  if (!std::exchange(seat.thief_is_told, true))
    AddEvent("launcher",
             fmt::format("Rank {}'s token came once more, from somebody with another certificate than the "
                         "worker that used it, and was refused. The line may have been copied.",
                         rank),
             Json({{"rank", rank}}).dump());
  return absl::PermissionDeniedError(kNoSuchPlace);
}

absl::StatusOr<int> Run::Join(const std::shared_ptr<WorkerLink>& link, const proto::Hello& hello) {
  const auto refused = [] { return absl::PermissionDeniedError(kNoSuchPlace); };
  if (ending() || hello.rank() >= seats_.size()) return refused();
  Seat& seat = seats_[hello.rank()];
  // Over the Unix socket nobody shows a certificate: its folder is the guard there.
  const std::string shown = link->certificate();
  if (const auto refusal = RefusalOfSpent(hello.rank(), hello.token(), shown)) return *refusal;
  const bool is_newcomer = trains() && seat.rank < 0;
  if (state() != proto::STARTING && !is_newcomer) return refused();
  if (!SameToken(hello.token(), seat.token)) return refused();
  if (const absl::Status taken = context_.join_tokens.Take(
          hello.token(),
          {.run = id(), .rank = hello.rank(), .fingerprint = shown.empty() ? seat.certificate : shown});
      !taken.ok())
    return taken;
  // One without a kit of its launcher is bound from here on, to whoever came first.
  seat.spent_tokens.push_back({std::exchange(seat.token, {}), shown});
  if (hello.version() != CONCERTINA_VERSION) {
    const std::string what = fmt::format("is of version {}, the engine of {}: install both anew",
                                         CutUtf8(hello.version(), 40), CONCERTINA_VERSION);
    Lose(static_cast<int>(hello.rank()), what);
    return absl::FailedPreconditionError(what);
  }
  const int rank = static_cast<int>(hello.rank());
  seat.joined = true;
  seat.link = link;
  seat.heard = seat.progressed = seat.joined_at = now();
  seat.lost = 0;
  proto::Worker& worker = *summary_.mutable_workers(rank);
  worker.set_pid(hello.pid());
  worker.set_host(CutUtf8(hello.host(), 255));

  summary_dirty_ = true;
  seat.waits = is_newcomer;
  seat.incarnation = summary_.incarnation();
  if (!is_newcomer) Assign(hello.rank());
  return rank;
}

void Run::OnMessage(int rank, const std::shared_ptr<WorkerLink>& link, const proto::WorkerMessage& message) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.link != link || concluding_) return;
  // Its stream has been closed when another worker took its place; but nothing rests on that alone.
  if (message.incarnation() != 0 && message.incarnation() < seat.incarnation)
    return link->Close(
        absl::AbortedError(fmt::format("rank {}: a message of incarnation {} is refused: its place is at {}",
                                       rank, message.incarnation(), seat.incarnation)));
  seat.heard = now();
  seat.heard_number = std::max(seat.heard_number, message.number());
  if (seat.finished || seat.failed) return;  // it has said its last word
  is_said_again_ = message.is_said_again();
  const absl::Cleanup over = [self = self_] {
    if (*self != nullptr) (*self)->is_said_again_ = false;
  };
  switch (message.kind_case()) {
    case proto::WorkerMessage::kReady:
      return OnReady(rank, message.ready());
    case proto::WorkerMessage::kHeartbeat:
      break;  // below
    case proto::WorkerMessage::kMetrics:
      OnMetrics(rank, message.metrics());
      break;
    case proto::WorkerMessage::kCheckpoint:
      return OnCheckpoint(rank, message.checkpoint());
    case proto::WorkerMessage::kFinished:
      return OnFinished(rank, message.finished());
    case proto::WorkerMessage::kFailed:
      return OnFailed(rank, message.failed());
    case proto::WorkerMessage::kKnob:
      return OnKnobApplied(message.knob());
    case proto::WorkerMessage::kState:
      return OnStateReached(message.state());
    case proto::WorkerMessage::kHistogram:
      return OnHistogram(rank, message.histogram());
    case proto::WorkerMessage::kSpans:
      return OnSpans(rank, message.spans());
    case proto::WorkerMessage::kWaits:
      return OnWaits(rank, message.waits());
    case proto::WorkerMessage::kRecipeStep:
      return OnRecipeStep(message.recipe_step());
    case proto::WorkerMessage::kFile:
      return OnFile(rank, message.file());
    case proto::WorkerMessage::kParted:
      return OnParted(rank, message.parted());
    case proto::WorkerMessage::kFileTaken:
      return OnFileTaken(rank, message.file_taken());
    case proto::WorkerMessage::kFault:
      return OnFaultActed(message.fault());
    case proto::WorkerMessage::kKeepMetrics:
      KeepMetrics(link, message.keep_metrics().number());
      break;
    case proto::WorkerMessage::kHello:
      return Blame(rank, "broke the protocol: it said hello twice", true);
    case proto::WorkerMessage::KIND_NOT_SET:
      return Blame(rank, "broke the protocol: it sent a message of no known kind", true);
  }
  // Progress: a later step, or another phase.
  int64_t step = hub_.steps_of(rank);
  bool progressed = false;
  if (message.has_heartbeat()) {
    step = std::max(step, message.heartbeat().step());
    std::string doing = CutUtf8(message.heartbeat().doing(), 300);
    progressed = message.heartbeat().phase() != seat.phase || doing != seat.doing;
    seat.phase = CutUtf8(message.heartbeat().phase(), 40);
    if (message.heartbeat().has_traffic())
      seat.traffic.Take(message.heartbeat().traffic(), message.incarnation(), group_.size(), seat.heard);
    seat.doing = std::move(doing);
    if (seat.rank == 0 && !ending() && summary_.doing() != seat.doing) {
      summary_.set_doing(seat.doing);
      summary_dirty_ = true;
    }
  }
  if (step > seat.step) {
    // Time between heartbeats, not of one step, where steps are short: it only serves to be generous.
    if (seat.step > 0 && turns_ == nullptr)
      slowest_step_ =
          std::max(slowest_step_, (seat.heard - seat.progressed) / static_cast<double>(step - seat.step));
    seat.step = step;
    progressed = true;
  }
  if (progressed) seat.progressed = seat.heard;
}

void Run::OnReady(int rank, const proto::Ready& ready) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  // For a group that has broken up meanwhile: it will have left that, too.
  if (ready.incarnation() != 0 && ready.incarnation() != summary_.incarnation()) return;
  if (seat.rank < 0 || seat.parted || (regrouping_ && !formed_)) return;
  if (seat.ready) return Blame(rank, "broke the protocol: it was ready twice", true);
  if (ready.address().size() > 300 || ready.parameters() < 0 || ready.total_steps() < 0 ||
      ready.steps_per_epoch() < 0)
    return Blame(rank, "broke the protocol: its message of being ready makes no sense", true);
  seat.ready = true;
  seat.address = ready.address();
  seat.parameters = ready.parameters();
  seat.total_steps = ready.total_steps();
  summary_dirty_ = true;
  for (const size_t member : group_)
    if (!seats_[member].ready) return;

  const Seat& first = seats_[group_[0]];
  for (const size_t member : group_) {
    const Seat& other = seats_[member];
    if (other.parameters != first.parameters || other.total_steps != first.total_steps)
      return Blame(static_cast<int>(member),
                   fmt::format("built a model of {} parameters and {} steps, rank 0 one of {} and {}",
                               other.parameters, other.total_steps, first.parameters, first.total_steps),
                   true);
  }
  summary_.set_parameters(first.parameters);
  summary_.set_total_steps(first.total_steps);
  proto::EngineMessage message;
  for (const size_t member : group_) {
    message.mutable_peers()->add_addresses(seats_[member].address);
    seats_[member].progressed = now();
  }
  for (const size_t member : group_)
    if (seats_[member].link != nullptr) seats_[member].link->Send(message);
  peers_sent_ = true;
  if (regrouping_) GroupIsReady(ready);
}

void Run::OnCheckpoint(int rank, const proto::CheckpointWritten& checkpoint) {
  const std::string run_folder = context_.home.run(id());
  const bool is_away = seats_[static_cast<size_t>(rank)].away;
  const std::string path = is_away ? run_folder + "/" + checkpoint.path() : checkpoint.path();
  if (!IsBelow(path, run_folder) || checkpoint.step() < 0 ||
      (is_away && path != CheckpointFolder(run_folder, checkpoint.step())))
    return Blame(rank, "broke the protocol: it wrote a checkpoint outside the run's folder", true);
  if (checkpoint.step() < summary_.last_checkpoint_step()) return;
  summary_.set_last_checkpoint_step(checkpoint.step());
  ++checkpoints_written_;
  ForgetOldCheckpointsOfAway(checkpoint.step());
  context_.store.PutArtefact(id(), "checkpoint", path, checkpoint.bytes(), "");
  const Json json = {{"step", checkpoint.step()}, {"path", path}, {"bytes", checkpoint.bytes()}};
  Flush();  // whoever goes on from here wants to see what was before
  AddEvent("checkpoint", fmt::format("A checkpoint was written before step {}.", checkpoint.step()),
           json.dump());
  Persist();
  PublishSummary();
}

void Run::OnKnobApplied(const proto::KnobApplied& applied) {
  const std::string pointer = CutUtf8(applied.pointer(), kMaxMessageBytes);
  std::erase_if(knobs_under_way_,
                [&](const proto::Knob& knob) { return knob.pointer() == applied.pointer(); });
  Json json = {
      {"pointer", pointer}, {"json", CutUtf8(applied.json(), kMaxMessageBytes)}, {"step", applied.step()}};
  if (!applied.error().empty()) {
    json["error"] = CutUtf8(applied.error(), kMaxMessageBytes);
    return AddEvent("knob",
                    fmt::format("{} could not be changed: {}", pointer, json["error"].get<std::string>()),
                    json.dump());
  }
  absl::StatusOr<Spec> changed = ApplyKnob(prepared_.spec, applied.pointer(), applied.json());
  if (!changed.ok()) return;  // it was checked before it was sent
  prepared_.spec = *std::move(changed);
  summary_.set_spec_json(prepared_.spec.json);
  AddEvent("knob", fmt::format("{} is {} from step {} on.", pointer, applied.json(), applied.step()),
           json.dump());
  Persist();
  PublishSummary();
}

void Run::OnHistogram(int rank, const proto::GradientHistogram& histogram) {
  constexpr int kMostLayers = 64, kMostOctaves = 64;
  constexpr int64_t kMostElements = int64_t{1} << 48;
  if (histogram.layers_size() > kMostLayers)
    return Blame(rank, fmt::format("broke the protocol: a histogram of {} layers", histogram.layers_size()),
                 true);
  Json layers = Json::array();
  int64_t elements = 0;
  for (const proto::GradientHistogram::Layer& layer : histogram.layers()) {
    if (layer.counts_size() > kMostOctaves)
      return Blame(rank, fmt::format("broke the protocol: a histogram of {} octaves", layer.counts_size()),
                   true);
    for (const int64_t count : layer.counts()) elements += std::clamp<int64_t>(count, 0, kMostElements);
    elements += std::clamp<int64_t>(layer.zeros(), 0, kMostElements);
    layers.push_back({{"layer", CutUtf8(layer.name(), kMaxMessageBytes)},
                      {"zeros", layer.zeros()},
                      {"counts", std::vector<int64_t>(layer.counts().begin(), layer.counts().end())}});
  }
  const std::string message =
      layers.empty()
          ? "This exchange trains in rounds: there is no gradient of a step to count."
          : fmt::format("The gradient of step {} was counted: {} elements.", histogram.step(), elements);
  AddEvent("histogram", message,
           Json({{"step", histogram.step()},
                 {"least_exponent", histogram.least_exponent()},
                 {"layers", std::move(layers)}})
               .dump());
}

void Run::OnRecipeStep(const proto::RecipeStepDone& done) {
  // A run that goes on tells all steps again, since who heard them before may have died of it; a step that is
  // made again has the same bits.
  if (resume_ && resume_->recipe_steps_told.contains(done.step())) return;
  constexpr size_t kMostFigures = 32;
  const std::string text = CutUtf8(done.text(), kMaxMessageBytes);
  Json figures = Json::object();
  for (const auto& [name, value] : done.figures())
    if (figures.size() < kMostFigures && std::isfinite(value)) figures[CutUtf8(name, 64)] = value;
  AddEvent("recipe", text,
           Json({{"step", done.step()}, {"text", text}, {"figures", std::move(figures)}}).dump());
}

void Run::OnStateReached(const proto::StateReached& reached) {
  if (ending()) return;
  const std::string reason = CutUtf8(reached.reason(), kMaxMessageBytes);
  if (reached.state() == "paused" && (state() == proto::RUNNING || state() == proto::STARTING)) {
    summary_.set_pause_reason(reason);
    SetState(proto::PAUSED, reason);
  } else if (reached.state() == "running" && state() == proto::PAUSED) {
    summary_.clear_pause_reason();
    SetState(proto::RUNNING, "");
  } else if (reached.state() == "paused" && state() == proto::PAUSED && !reason.empty()) {
    StillPaused(reason);
  } else if (reached.state() == "without checkpoint") {
    AddEvent("checkpoint", reason, Json({{"missed", reached.step()}}).dump());
  }
  for (Seat& seat : seats_) seat.progressed = now();
}

// It was paused by request and has no room since; or it was asked to go on, and cannot.
void Run::StillPaused(const std::string& reason) {
  if (summary_.pause_reason() != reason) {
    summary_.set_pause_reason(reason);
    AddEvent("paused", reason, Json({{"reason", reason}}).dump());
    Persist();
    PublishSummary();
  }
  std::vector<Done> asked;
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    if (pending->wanted != proto::RUNNING) {
      ++pending;
      continue;
    }
    asked.push_back(std::move(pending->done));
    pending = pending_.erase(pending);
  }
  for (Done& done : asked)
    done(absl::FailedPreconditionError(fmt::format("run {} cannot go on yet: {}", id(), reason)));
}

void Run::OnFinished(int rank, const proto::WorkerFinished& finished) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.finished = true;
  seat.step = std::max(seat.step, finished.step());
  hub_.RankEnded(rank);
  summary_.set_peak_memory_bytes(std::max(summary_.peak_memory_bytes(), finished.peak_memory_bytes()));
  any_stopped_ |= finished.stopped();
  seat.stopped_early = finished.stopped();
  // Of one that is away, only what came whole.
  const std::string run_folder = context_.home.run(id());
  const std::string& named = finished.parameters_path();
  const bool came = seat.away && seat.received != nullptr && seat.received->Has(named);
  const std::string path = came ? run_folder + "/" + named : seat.away ? "" : named;
  if (IsBelow(path, run_folder)) {
    parameters_path_ = seat.parameters_path = path;
    summary_.set_parameters_sha256(CutUtf8(finished.parameters_sha256(), 64));
  }
  proto::EngineMessage goodbye;
  goodbye.mutable_goodbye();
  if (seat.link != nullptr) seat.link->Send(std::move(goodbye));
  summary_dirty_ = true;
  if (!seat.process.is_known()) return LookIfAllFinished();
  Persist();  // an engine that dies now must not wait for it again
  LookIfAllFinished();
}

void Run::LookIfAllFinished() {
  if (ending()) return;
  all_finished_ = std::all_of(seats_.begin(), seats_.end(), [](const Seat& each) {
    return each.rank < 0 || each.finished || each.given_up;
  });
  if (!all_finished_) return;
  for (Seat& seat : seats_)  // it came too late
    if (seat.rank < 0 && seat.launched && !seat.finished && !seat.given_up) Dismiss(seat);
}

void Run::OnFailed(int rank, const proto::WorkerFailed& failed) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.failed = true;
  hub_.RankEnded(rank);
  proto::EngineMessage goodbye;
  goodbye.mutable_goodbye();
  if (seat.link != nullptr) seat.link->Send(std::move(goodbye));
  if (ending()) return;
  const auto code = static_cast<absl::StatusCode>(failed.code());
  const std::string message = CutUtf8(failed.message(), kMaxMessageBytes);
  // One that finds no place in a new group is no reason to end the others.
  if ((MayBeConsequence(code) || formed_ || seat.rank < 0) && regroups())
    return Lose(rank, fmt::format("failed: {}", message));
  if (MayBeConsequence(code)) return Blame(rank, fmt::format("failed: {}", message), false);
  End(proto::FAILED, fmt::format("rank {}: {}", rank, message));
}

void Run::Broadcast(const proto::EngineMessage& message) {
  for (const Seat& seat : seats_)
    if (seat.rank >= 0 && seat.link != nullptr && !seat.finished && !seat.failed) seat.link->Send(message);
}

int64_t Run::MeetingStep() const {
  int64_t largest = 0;
  for (size_t rank = 0; rank < seats_.size(); ++rank)
    largest = std::max({largest, seats_[rank].step, hub_.steps_of(static_cast<int>(rank))});
  return largest + std::max<int64_t>(2, static_cast<int64_t>(std::ceil(meter_.steps_per_second())));
}

void Run::SendControl(proto::Control::Action action, int64_t at_step) {
  proto::EngineMessage message;
  message.mutable_control()->set_action(action);
  message.mutable_control()->set_at_step(at_step);
  Broadcast(message);
}

void Run::Control(proto::ControlRunRequest::Action action, Done done) {
  using Request = proto::ControlRunRequest;
  const auto refuse = [&](const std::string& why) {
    done(absl::FailedPreconditionError(fmt::format("run {}: {}", id(), why)));
  };
  const auto wait_for = [&](proto::RunState wanted) {
    pending_.push_back({wanted, now() + context_.limits.control_wait, std::move(done)});
  };
  if (ending() || all_finished_) return refuse("it is ending");
  if (const std::string obstacle = ReturnObstacle(); !obstacle.empty() && action != Request::KILL)
    return refuse(obstacle);
  // At the pace of a person the step at which all act would never come.
  if (action == Request::PAUSE) LeaveSlowMotion("since the run is to pause");
  if (action == Request::STOP) LeaveSlowMotion("since the run is to stop");
  switch (action) {
    case Request::PAUSE:
      pause_wanted_ |= state() == proto::PAUSED && regrouping_;
      if (state() == proto::PAUSED) return done(absl::OkStatus());
      if (!peers_sent_ || stop_sent_) return refuse("it does not train yet, or not any more");
      pause_wanted_ = true;
      SendControl(proto::Control::PAUSE, MeetingStep());
      return wait_for(proto::PAUSED);
    case Request::RESUME:
      if (state() != proto::PAUSED) return refuse("it is not paused");
      for (Seat& seat : seats_) seat.progressed = now();
      pause_wanted_ = false;
      if (peers_sent_) SendControl(proto::Control::RESUME, 0);  // a group that forms is told when it has
      return wait_for(proto::RUNNING);
    case Request::STOP:
      if (!peers_sent_ && !regrouping_) {
        End(proto::STOPPED, "");
        return done(absl::OkStatus());
      }
      // A group that forms is told when it has.
      if (!stop_sent_ && peers_sent_)
        SendControl(proto::Control::STOP, state() == proto::PAUSED ? 0 : MeetingStep());
      stop_sent_ = true;
      return done(absl::OkStatus());
    case Request::CHECKPOINT:
      if (!peers_sent_ || stop_sent_) return refuse("it does not train yet, or not any more");
      SendControl(proto::Control::CHECKPOINT, state() == proto::PAUSED ? 0 : MeetingStep());
      return done(absl::OkStatus());
    case Request::HISTOGRAM:
      if (state() != proto::RUNNING || !peers_sent_ || stop_sent_) return refuse("it does not train now");
      SendControl(proto::Control::HISTOGRAM, MeetingStep());
      return done(absl::OkStatus());
    case Request::KILL:
      End(proto::STOPPED, "it was ended at once, by request", true);
      return done(absl::OkStatus());
    default:
      return done(absl::InvalidArgumentError(
          "an action is needed: pause, resume, stop, checkpoint, kill or histogram"));
  }
}

absl::StatusOr<int64_t> Run::SetKnob(const std::string& pointer, const std::string& json) {
  if (!peers_sent_ || stop_sent_ || ending() || all_finished_)
    return absl::FailedPreconditionError(fmt::format("run {}: it does not train yet, or not any more", id()));
  if (const std::string obstacle = ReturnObstacle(); !obstacle.empty())
    return absl::FailedPreconditionError(fmt::format("run {}: {}", id(), obstacle));
  RETURN_IF_ERROR(FreeToTurn(prepared_.spec, pointer));
  RETURN_IF_ERROR(ApplyKnob(prepared_.spec, pointer, json).status());
  const int64_t step = MeetingStep();
  proto::EngineMessage message;
  message.mutable_knob()->set_pointer(pointer);
  message.mutable_knob()->set_json(json);
  message.mutable_knob()->set_at_step(step);
  Broadcast(message);
  if (prepared_.recovery == Recovery::kRegroups) knobs_under_way_.push_back(message.knob());
  return step;
}

void Run::AnswerControl(const absl::Status& status) {
  std::vector<PendingControl> pending;
  pending.swap(pending_);
  for (PendingControl& each : pending) each.done(status);
}

}  // namespace concertina
