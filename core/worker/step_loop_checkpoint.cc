// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_checkpoint.cc: checkpoints of ranks that keep step, written while the next steps are made; and
// what becomes of a run whose disk is full (see step_loop.h).
// On the way of the data: worker/step_loop.cc -> here -> worker/checkpoint_writer.h.
#include <utility>

#include "core/base/log.h"
#include "core/worker/checkpoint_parts.h"
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

CheckpointWriter::State StepLoop::Impl::StateOfNow() const {
  CheckpointWriter::State state;
  state.small.step = step;
  state.small.seconds = Seconds();
  state.small.epochs = epoch();
  state.small.rank = options.rank;
  state.small.world_size = options.world_size;
  state.spec_json = options.spec.json;
  for (const ParameterRange& range : keeps)
    state.parameters.emplace_back(
        executor->parameters().subspan(static_cast<size_t>(range.offset), static_cast<size_t>(range.count)));
  state.optimizer.emplace_back(optimizer->state());
  // Running means are made on the way forwards; what codecs remember has no one place.
  state.buffers.assign(executor->buffers().begin(), executor->buffers().end());
  exchange->SaveState(state.exchange);
  turns.SaveState(state.knobs);
  if (pipeline != nullptr) {  // before the exchange's, which is all that is left
    std::vector<uint8_t> of_codecs;
    pipeline->SaveCodecs(of_codecs);
    state.exchange.insert(state.exchange.begin(), of_codecs.begin(), of_codecs.end());
  }
  return state;
}

absl::Status StepLoop::Impl::BeginCheckpoint() {
  const double begin = SteadyNow();
  RETURN_IF_ERROR(SettleCheckpoint());  // the one before
  Tell("checkpoint");
  keeping_step = step;
  keeping_folder = CheckpointFolder(options.run_folder, step);
  phase = KeepingPhase::kParts;
  copying = true;
  writer->Write(keeping_folder, StateOfNow());
  stalled_seconds += SteadyNow() - begin;
  if (!changes_late()) LetStateChange();
  Tell("compute");
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::AdvanceKeeping(const std::vector<std::optional<int>>& reports) {
  if (phase == KeepingPhase::kNone) return absl::OkStatus();
  using Report = CheckpointWriter::Report;
  bool all_done = true, is_full = false;
  for (size_t rank = 0; rank < reports.size(); ++rank) {
    const auto report = static_cast<Report>(reports[rank].value_or(static_cast<int>(Report::kFailed)));
    if (report == Report::kFailed) {
      if (static_cast<int>(rank) == options.rank) return writer->status();
      return absl::AbortedError(fmt::format("rank {} could not write its part of the checkpoint", rank));
    }
    all_done &= report == Report::kDone;
    is_full |= report == Report::kNoRoom;
  }
  if (is_full) lacks_room = true;  // and until all is written: who tries again has not got it yet
  if (!all_done) return absl::OkStatus();
  lacks_room = false;
  if (phase == KeepingPhase::kParts) {
    RETURN_IF_ERROR(GatherParts());
    phase = KeepingPhase::kManifest;
    if (options.rank == 0) writer->WriteManifest(keeping_folder, keeping);
    return absl::OkStatus();
  }
  phase = KeepingPhase::kNone;
  uint64_t bytes = 0;
  for (const CheckpointManifest::Part& part : keeping.parts) bytes += part.bytes;
  writer->Forget(options.run_folder, options.rank, keeping_step);
  if (options.rank == 0) listener.checkpoint_written(keeping_step, keeping_folder, bytes);
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::GatherParts() {
  keeping = {.step = keeping_step, .in_step = true, .parts = {}};
  ASSIGN_OR_RETURN(keeping.parts, GatherCheckpointParts(writer->part(), keeping_step, *everyone,
                                                        Deadline::After(kCollectiveDeadlineSeconds)));
  counted = transport->counts();  // what checkpoints say is not a step's
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::SettleCheckpoint() {
  Deadline deadline = Deadline::After(kCarryDeadlineSeconds);
  LetStateChange();
  while (phase != KeepingPhase::kNone) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (deadline.Passed())
      return absl::DeadlineExceededError(fmt::format("the checkpoint before step {} took more than {:.0f} s",
                                                     keeping_step, kCarryDeadlineSeconds));
    Tell("checkpoint");
    // All come to each meeting within about a second, however unequal their disks are.
    writer->Await(Deadline::After(kRoomPeriodSeconds));
    ASSIGN_OR_RETURN(const auto words, HearAll(OwnReport()));
    std::vector<std::optional<int>> reports;
    for (const std::optional<int64_t>& word : words)
      reports.push_back(word ? std::optional(static_cast<int>(*word & 3)) : std::nullopt);
    RETURN_IF_ERROR(AdvanceKeeping(reports));
    if (!lacks_room) continue;
    RETURN_IF_ERROR(WaitForRoom());
    deadline = Deadline::After(kCarryDeadlineSeconds);
  }
  RETURN_IF_ERROR(AwaitWriter());  // older ones go
  counted = transport->counts();
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::AwaitWriter() {
  const Deadline deadline = Deadline::After(kCarryDeadlineSeconds);
  while (!writer->Await(Deadline::After(kRoomPeriodSeconds))) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (deadline.Passed())
      return absl::DeadlineExceededError(
          fmt::format("{}: writing took more than {:.0f} s", keeping_folder, kCarryDeadlineSeconds));
    Tell("checkpoint");
  }
  // What was dropped, or failed and was told, is no concern of what comes next.
  return absl::OkStatus();
}

RoomWait StepLoop::Impl::RoomWaitOfNow() const {
  return {.rank = options.rank,
          .controls = &controls,
          .obeyed = obeyed,
          .stops = stop_asked,
          .stop = stop,
          .no_room =
              [this](const std::string& reason) {
                if (listener.no_room) listener.no_room(step, reason);
              },
          .goes_on =
              [this] {
                if (!paused) listener.state_reached("running", step);
              },
          .meanwhile =
              [this] {
                Tell("paused");
                return absl::OkStatus();
              }};
}

absl::Status StepLoop::Impl::WaitForRoom() {
  const std::string what = fmt::format("there is no room for the checkpoint before step {}", keeping_step);
  const auto tell = [&] {
    if (writer->report() == CheckpointWriter::Report::kNoRoom)
      TellNoRoom(RoomWaitOfNow(), fmt::format("{}: {}", what, std::string(writer->status().message())));
  };
  if (!stop_asked) tell();
  while (lacks_room && !stop_asked) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    Tell("paused");
    controls.WaitForMoreThan(obeyed, Deadline::After(kRoomPeriodSeconds));
    if (writer->report() == CheckpointWriter::Report::kNoRoom) writer->TryAgain();
    writer->Await(Deadline::After(kRoomPeriodSeconds));
    agreement->SetReport(OwnReport());
    ASSIGN_OR_RETURN(const uint64_t agreed, agreement->Agreed(step, controls.received(), /*now=*/true));
    RETURN_IF_ERROR(AdvanceKeeping(agreement->reports()));
    const bool was_asked = obeyed < agreed;
    while (obeyed < agreed && !stop_asked) RETURN_IF_ERROR(Obey(controls.at(obeyed++)));
    if (was_asked && lacks_room && !stop_asked) tell();
  }
  if (!lacks_room) {
    if (speaks() && !paused) listener.state_reached("running", step);
    return absl::OkStatus();
  }
  // Whoever stops a run does not want to wait for a disk. The checkpoint before is as it was.
  phase = KeepingPhase::kNone;
  lacks_room = false;
  spdlog::warn("rank {}: {}, and the run stops without it", options.rank, what);
  if (speaks() && listener.checkpoint_missed)
    listener.checkpoint_missed(keeping_step, what + "; the run stops without it, and keeps the one before");
  return absl::OkStatus();
}

}  // namespace concertina
