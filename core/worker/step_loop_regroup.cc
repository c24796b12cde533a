// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_regroup.cc: going on in a group of another size, from memory (see step_loop.h).
// On the way of the data: worker/worker.cc, with what the group before had -> here -> the next step.
//
// Every rank of such an experiment has the same parameters, optimiser state and place in the data between
// steps. When a peer is lost in the middle of step t, some ranks may have the whole average and have made the
// step, and others not: those are at t + 1, where all would have been, and nobody can be further, since a
// step needs all. So the group goes on from a rank with the largest step, and nothing is undone: a rank at t
// takes what one at t + 1 has.
#include <algorithm>
#include <cmath>

#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

void StepLoop::Impl::GoOnFrom(int64_t at, double epochs) {
  step = recorded_served = at;
  if (loader == nullptr || epochs < 0)
    return;  // in rounds, and of checkpoints of old, a step is as long as ever
  step_shift = at - std::llround((epochs - options.epochs_before) * static_cast<double>(steps_per_epoch));
  const Training& training = options.spec.training;
  total_steps = step_shift + TotalSteps({.epochs = training.epochs}, steps_per_epoch);
  if (training.max_steps > 0) total_steps = std::min(total_steps, training.max_steps);
  total_steps = std::max(total_steps, at);
}

absl::Status StepLoop::Impl::RestoreFromMemory() {
  if (!regroups)
    return absl::FailedPreconditionError(
        "the group of this experiment cannot form anew: a rank has what no other has");
  const StepLoopOptions::GroupState& state = *options.group_state;
  if (state.source_rank < 0 || state.source_rank >= options.world_size || state.step < 0 ||
      !std::isfinite(state.epochs) || state.epochs < 0)
    return absl::InvalidArgumentError(
        fmt::format("a group of {} goes on from step {} of rank {}, after {} epochs", options.world_size,
                    state.step, state.source_rank, state.epochs));
  memory = std::move(options.memory);
  has_state = false;
  if (memory != nullptr && (memory->parameters.size() != static_cast<size_t>(TotalOf(keeps)) ||
                            memory->buffers.size() != executor->buffers().size() ||
                            memory->optimizer.size() != optimizer->state().size()))
    return absl::InternalError("what this rank has in memory is of another model");
  if (options.rank == state.source_rank && state.step > 0 &&
      (memory == nullptr || memory->step != state.step))
    return absl::FailedPreconditionError(
        fmt::format("rank {} is to give what it had before step {}, and has {}", options.rank, state.step,
                    memory == nullptr ? "nothing" : fmt::format("that of step {}", memory->step)));
  if (memory != nullptr) TakeState(*memory);
  GoOnFrom(state.step, state.epochs);
  seconds_before = state.seconds;
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::ShareState() {
  if (!options.group_state) return absl::OkStatus();
  const int source = options.group_state->source_rank;
  const Deadline deadline = Deadline::After(kCollectiveDeadlineSeconds);
  const auto share = [&](auto values) {
    return everyone->Broadcast(std::as_writable_bytes(std::span(values)), source, deadline);
  };
  RETURN_IF_ERROR(share(executor->parameters()));
  RETURN_IF_ERROR(share(executor->buffers()));
  RETURN_IF_ERROR(share(optimizer->state()));
  // What the policies of /knobs remember is of any length.
  constexpr uint64_t kMostBytes = 1 << 20;
  std::vector<uint8_t> knobs;
  if (memory != nullptr) knobs = memory->knobs;
  uint64_t bytes = knobs.size();
  RETURN_IF_ERROR(share(std::span(&bytes, 1)));
  if (bytes > kMostBytes)
    return absl::DataLossError(fmt::format("rank {}: gives {} bytes of policies' state, expected at most {}",
                                           source, bytes, kMostBytes));
  knobs.resize(bytes);
  if (bytes > 0) {
    RETURN_IF_ERROR(share(std::span(knobs)));
    RETURN_IF_ERROR(turns.LoadState(knobs));
  }
  memory.reset();
  has_state = true;
  return absl::OkStatus();
}

Checkpoint StepLoop::Impl::CheckpointOfNow() const {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.seconds = Seconds();
  checkpoint.epochs = epoch();
  checkpoint.rank = options.rank;
  checkpoint.world_size = options.world_size;
  checkpoint.spec_json = options.spec.json;
  checkpoint.parameters.reserve(static_cast<size_t>(TotalOf(keeps)));
  for (const ParameterRange& range : keeps) {
    const auto begin = executor->parameters().begin() + range.offset;
    checkpoint.parameters.insert(checkpoint.parameters.end(), begin, begin + range.count);
  }
  checkpoint.buffers.assign(executor->buffers().begin(), executor->buffers().end());
  checkpoint.optimizer.assign(optimizer->state().begin(), optimizer->state().end());
  turns.SaveState(checkpoint.knobs);
  return checkpoint;
}

std::shared_ptr<const Checkpoint> StepLoop::Impl::TakeMemory() {
  if (!regroups) return nullptr;
  if (!has_state) return std::move(memory);  // as it came
  exchange.reset();  // its residuals are of a group that is no more, and may be of half a step
  Checkpoint now = CheckpointOfNow();
  if (started == 0) now.seconds = seconds_before;
  if (is_in_step) now.buffers = buffers_before;
  return std::make_shared<const Checkpoint>(std::move(now));
}

}  // namespace concertina
