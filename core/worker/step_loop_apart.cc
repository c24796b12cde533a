// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_apart.cc: ranks that do not keep step, or go on without one that is lost, and ranks that only
// serve (see step_loop.h).
// On the way of the data: worker/step_loop.cc -> here -> parallel/exchange.h's Meet, worker/checkpoint.h.
//
// Such a rank evaluates its own share of the test samples with its own parameters; the engine makes the mean.
// It acts on requests when it has them; where steps are made together (gossip), before a step that all agree
// on. Ranks meet for two things:
//   a checkpoint  all come, at steps of their own; each writes its file into the folder of the smallest step,
//                 and goes on from its own step after a resume. Asynchronous runs are not bit-repeatable, so
//                 neither is what follows a resume; those of steps made together are.
//   the end       who has made its steps waits there and serves those that have not, checkpoints included. A
//                 dedicated server waits there from the beginning.
// Where the model is divided, the ranks of one copy make their steps together, act on requests before a step
// that they agree on, and evaluate together; copies are apart.
// A lost rank is not waited for. Its part of the state is lost with it: from then on there are no
// checkpoints, and a resume goes on from the last whole one.
#include <cmath>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// A word of a meeting: the step, and in the lowest bits what it is about.
constexpr int kWordBits = 3;

// As often as heartbeats take it along.
constexpr double kTrafficPeriodSeconds = 0.5;

}  // namespace

bool StepLoop::Impl::speaks() const {
  if (!is_apart()) return options.rank == 0;
  for (int rank = 0; rank < options.rank; ++rank)
    if (!transport->is_lost(rank)) return false;
  return !is_server();
}

absl::StatusOr<StepLoop::Impl::Meeting> StepLoop::Impl::Meet(Word word, const char* phase, bool obeys) {
  Tell(phase);
  const auto meanwhile = [&]() -> absl::Status {
    if (is_server()) {
      const int64_t served = exchange->served_steps();
      if (served > recorded_served) RecordServed(served - 1);
      step = recorded_served = std::max(recorded_served, served);
      TakeFaults();
      messages.SetStep(recorder.first_step() + step);
      if (spans.is_on() && step >= spans_until) SendSpans();  // what it has answered meanwhile
    }
    Tell(phase);
    if (!obeys) return absl::OkStatus();
    // Servers go on with the new knobs; the other requests are for those that still train.
    for (; obeyed < controls.received(); ++obeyed) {
      const ControlRequest request = controls.at(obeyed);
      if (request.knob.has_value()) ApplyKnobNow(*request.knob, /*is_marked=*/true);
      if (request.action == proto::Control::SPANS) {
        RETURN_IF_ERROR(BeginSpans(request));
        if (!is_server()) SendSpans();  // whoever asked waits for all ranks
      }
      if (!speaks()) continue;
      if (request.action == proto::Control::PAUSE) listener.state_reached("paused", step);
      if (request.action == proto::Control::RESUME) listener.state_reached("running", step);
    }
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const auto words, MeetAll(step << kWordBits | static_cast<int64_t>(word), meanwhile));
  if (is_server()) step = std::max(step, exchange->served_steps());
  Meeting meeting;
  meeting.first_step = INT64_MAX;
  meeting.first_rank = options.world_size;
  for (size_t rank = 0; rank < words.size(); ++rank) {
    if (!words[rank].has_value()) {
      meeting.all_there = false;
      continue;
    }
    const auto said = static_cast<Word>(*words[rank] & ((1 << kWordBits) - 1));
    meeting.for_checkpoint |= said == Word::kCheckpoint;
    meeting.anyone_stopped |= said == Word::kStopped;
    meeting.all_wrote &= said == Word::kWrote;
    if (static_cast<int>(rank) >= mesh->size()) continue;
    meeting.first_step = std::min(meeting.first_step, *words[rank] >> kWordBits);
    meeting.last_step = std::max(meeting.last_step, *words[rank] >> kWordBits);
    meeting.first_rank = std::min(meeting.first_rank, static_cast<int>(rank));
  }
  if (meeting.first_rank == options.world_size)
    return absl::UnavailableError("all workers are lost; there is nobody left to serve");
  return meeting;
}

absl::Status StepLoop::Impl::CheckpointApart() {
  ASSIGN_OR_RETURN(const Meeting meeting, Meet(Word::kCheckpoint, "checkpoint", false));
  RETURN_IF_ERROR(WriteApart(meeting));
  Tell("compute");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::optional<int64_t>>> StepLoop::Impl::HearApart(int64_t word) {
  return MeetAll(word, [this] {
    Tell("checkpoint");
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<std::optional<int64_t>>> StepLoop::Impl::MeetAll(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  ASSIGN_OR_RETURN(auto words, exchange->Meet(word, meanwhile));
  if (model_ranks() == 1) return words;
  std::vector<int64_t> own;  // what each copy's rank of this part said, and whether it did
  for (const std::optional<int64_t>& said : words) {
    own.push_back(said.value_or(0));
    own.push_back(said.has_value() ? 1 : 0);
  }
  RETURN_IF_ERROR(GatherWords(*holders, own));
  std::vector<std::optional<int64_t>> all;
  for (size_t copy = 0; copy < words.size(); ++copy)
    for (size_t part = 0; part < heard_bytes.size(); ++part)
      all.push_back(WordHeard(part, 2 * copy + 1) != 0 ? std::optional(WordHeard(part, 2 * copy))
                                                       : std::nullopt);
  return all;
}

// Where answers may wait for slower workers, those of one copy's parts come at different times: the copy goes
// on when it has all. No part waits in the middle of a step then, where a deadline would end it.
absl::StatusOr<bool> StepLoop::Impl::AgreeOnTurn(bool may_begin) {
  if (!turns_differ) return may_begin;
  const int64_t own = may_begin ? 1 : 0;
  RETURN_IF_ERROR(GatherWords(*holders, {&own, 1}));
  for (size_t part = 0; part < heard_bytes.size(); ++part)
    if (WordHeard(part) == 0) return false;
  turns_differ = exchange->holds_back();
  return true;
}

absl::Status StepLoop::Impl::FollowReplicas() {
  return replicas ? replicas->Follow(*tensor_axis, executor->parameters(),
                                     Deadline::After(kCollectiveDeadlineSeconds))
                  : absl::OkStatus();
}

// Between these meetings nobody pushes, so that workers and servers fit together. All ranks come to all of
// them, whoever was lost meanwhile.
absl::Status StepLoop::Impl::WriteApart(const Meeting& meeting) {
  const std::string folder = CheckpointFolder(options.run_folder, meeting.first_step);
  keeping_folder = folder;
  const auto is_kept = [this] {
    absl::Status status = AwaitWriter();
    return status.ok() ? writer->status() : status;
  };
  bool has_part = false;
  if (meeting.all_there) {
    writer->Write(folder, StateOfNow());
    writer->FinishCopy();
    const absl::Status kept = KeepTrying(RoomWaitOfNow(), [&, is_first = true]() mutable {
      if (!std::exchange(is_first, false)) writer->TryAgain();
      return is_kept();
    });
    // Full, and the run is to stop: it does without.
    if (!kept.ok() && !absl::IsResourceExhausted(kept)) return kept;
    has_part = kept.ok();
    if (!has_part && listener.checkpoint_missed)
      listener.checkpoint_missed(
          meeting.first_step, fmt::format("rank {}: the run stops without the checkpoint before step {}: {}",
                                          options.rank, meeting.first_step, std::string(kept.message())));
  } else {
    spdlog::warn("no checkpoint before step {}: a rank is lost, and its part with it", meeting.first_step);
  }
  const CheckpointPart part = has_part ? writer->part() : CheckpointPart();
  ASSIGN_OR_RETURN(const Meeting written,
                   Meet(has_part ? Word::kWrote : Word::kDidNotWrite, "checkpoint", false));
  // As much of a digest as a word holds: enough to tell the files of one attempt from another's.
  const std::string digits = part.sha256.substr(0, 15);
  ASSIGN_OR_RETURN(const auto digests,
                   HearApart(digits.empty() ? 0 : static_cast<int64_t>(std::stoull(digits, nullptr, 16))));
  bool is_whole = written.all_there && written.all_wrote;
  keeping = {.step = meeting.first_step, .in_step = false, .parts = {}};
  for (const std::optional<int64_t>& digest : digests) {
    is_whole &= digest.has_value();
    keeping.parts.push_back({.step = 0, .bytes = 0, .sha256 = fmt::format("{:015x}", digest.value_or(0))});
  }
  if (is_whole && options.rank == meeting.first_rank) {
    const absl::Status kept = KeepTrying(RoomWaitOfNow(), [&] {
      writer->WriteManifest(folder, keeping);
      return is_kept();
    });
    if (!kept.ok() && !absl::IsResourceExhausted(kept)) return kept;
    is_whole = kept.ok();
  }
  ASSIGN_OR_RETURN(const auto settled, HearApart(is_whole ? 1 : 0));
  const std::optional<int64_t> first = settled[static_cast<size_t>(meeting.first_rank)];
  if (!first || *first != 1) return absl::OkStatus();
  writer->Forget(options.run_folder, options.rank, meeting.first_step);
  RETURN_IF_ERROR(AwaitWriter());
  if (options.rank == meeting.first_rank)
    listener.checkpoint_written(meeting.first_step, folder,
                                part.bytes * static_cast<uint64_t>(options.world_size));
  return absl::OkStatus();
}

absl::StatusOr<StepLoopResult> StepLoop::Impl::FinishApart() {
  const bool stops = !is_server() && step < total_steps;
  Meeting meeting;
  for (;;) {
    ASSIGN_OR_RETURN(meeting, Meet(stops ? Word::kStopped : Word::kEnd, "serve", true));
    if (!meeting.for_checkpoint) break;
    RETURN_IF_ERROR(WriteApart(meeting));
  }
  if (spans.is_on()) SendSpans();
  StepLoopResult result;
  result.stopped = meeting.anyone_stopped;
  if (result.stopped && keeps_checkpoints()) RETURN_IF_ERROR(WriteApart(meeting));
  RETURN_IF_ERROR(exchange->Settle());
  if (!is_server()) {
    Tell("evaluate");
    RETURN_IF_ERROR(EvaluateApart(meeting.last_step));  // all at one step, of which the engine makes the mean
  }
  ASSIGN_OR_RETURN(const Meeting settled, Meet(Word::kSettled, "serve", true));
  RecordServed(std::max(step, recorded_served));
  result.step = step;
  ASSIGN_OR_RETURN(const Kept kept, KeepWhole());
  result.parameters_sha256 = kept.sha256;
  result.peak_memory_bytes = PeakMemoryBytes();
  if (options.rank == settled.first_rank) RETURN_IF_ERROR(KeepParameters(kept, result));
  Tell("finished");
  return result;
}

absl::Status StepLoop::Impl::EvaluateApart(int64_t at) {
  RETURN_IF_ERROR(FollowReplicas());
  ASSIGN_OR_RETURN(Tested tested, Test());
  if (model_ranks() > 1) {  // one of a copy's ranks has the loss
    ASSIGN_OR_RETURN(const auto sums, SumOfTests(*holders, tested));
    tested = {.loss_sum = sums[0],
              .correct = static_cast<int64_t>(sums[1]),
              .count = static_cast<int64_t>(sums[2])};
  }
  if (tested.count == 0) return absl::OkStatus();
  const auto count = static_cast<double>(tested.count);
  recorder.AddEvaluation(at, Seconds(),
                         {{series.test_loss, tested.loss_sum / count},
                          {series.test_accuracy, static_cast<double>(tested.correct) / count}});
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::ServeStep() {
  recorder.BeginRow(step);
  RETURN_IF_ERROR(exchange->Begin(step));
  ASSIGN_OR_RETURN(const ExchangeCost cost, exchange->Finish(step, [](int64_t, int64_t) {}));
  (void)cost;  // times are means over the workers
  RecordTraffic(step);
  recorder.CommitRow(Seconds());
  ++step;
  if (const double now = Clock::Real().SteadySeconds(); now - last_told > 0.02) {
    Tell("serve");
    last_told = now;
  }
  return absl::OkStatus();
}

void StepLoop::Impl::RecordServed(int64_t at) {
  recorder.BeginRow(at);
  RecordTraffic(at);
  recorder.CommitRow(Seconds());
}

void StepLoop::Impl::RecordTraffic(int64_t at) {
  const ByteCounts counts = transport->counts();
  const auto record = [&](Recorder::Series which, uint64_t now, uint64_t before) {
    recorder.Record(which, at, static_cast<double>(now - before));
  };
  record(series.sent, counts.whole_sent, counted.whole_sent);
  record(series.received, counts.whole_received, counted.whole_received);
  record(series.payload_sent, counts.payload_sent, counted.payload_sent);
  record(series.messages, counts.messages_sent, counted.messages_sent);
  counted = counts;
  TellTraffic();
}

void StepLoop::Impl::TellTraffic() {
  const double now = Clock::Real().SteadySeconds();
  if (!listener.traffic || now - last_traffic < kTrafficPeriodSeconds) return;
  last_traffic = now;
  if (transport->CountSent(sent_to)) listener.traffic(sent_to, now);
}

}  // namespace concertina
