// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_spans.cc: a recording of what this rank does from when to when (see step_loop.h).
// On the way of the data: worker/control_queue.h asks -> here, base/span_ring.h -> worker/worker.cc.
//
// The steady clocks of two machines have nothing in common but that they run alike, so a recording begins
// with a moment that all ranks know: each notes when it came out of a barrier, and hears rank 0's figure. On
// one machine the figures are of one clock and rank 0's is the origin, exactly; elsewhere each takes its own,
// which is off by as long as the barrier's last message was on its way. Ranks that do not keep step cannot
// meet for it, and take the moment at which training began.
#include <algorithm>

#include "core/worker/step_loop_impl.h"

namespace concertina {
namespace {

constexpr int64_t kMostRecordedSteps = 100'000;  // the ring bounds the memory, not this

}  // namespace

absl::Status StepLoop::Impl::BeginSpans(const ControlRequest& request) {
  if (spans.is_on()) SendSpans();  // the earlier recording ends here
  double own = started, first = origin;
  if (!is_apart()) {
    const Deadline deadline = Deadline::After(kCollectiveDeadlineSeconds);
    RETURN_IF_ERROR(everyone->Barrier(deadline));
    own = first = SteadyNow();
    RETURN_IF_ERROR(everyone->Broadcast(std::as_writable_bytes(std::span(&first, 1)), 0, deadline));
    counted = transport->counts();  // the meeting is not a step's
  }
  const int64_t steps = std::clamp<int64_t>(request.steps, 1, kMostRecordedSteps);
  recording = {.rank = options.rank,
               .recording = request.recording,
               .first_step = recorder.first_step() + step,
               .own_seconds = own,
               .first_seconds = first};
  spans_until = step + steps;
  spans.SetStep(recording.first_step);
  messages.SetStep(recording.first_step);
  messages.Begin();
  spans.Begin();
  return absl::OkStatus();
}

void StepLoop::Impl::SendSpans() {
  SpanRing::Taken taken = spans.Take();
  recording.steps = recorder.first_step() + step - recording.first_step;
  recording.dropped = taken.dropped;
  recording.spans = std::move(taken.records);
  MessageRing::Taken moved = messages.Take();
  recording.dropped_messages = moved.dropped;
  recording.messages = std::move(moved.records);
  if (listener.spans_recorded) listener.spans_recorded(recording);
  recording.spans = {};
  recording.messages = {};
}

// Ranks act on it before the same step, so that no wait of an earlier one has an end that a person misses.
// They meet at each step meanwhile: what is asked of a run in slow motion is heard before the next.
void StepLoop::Impl::SetSlowMotion(bool is_on) {
  if (options.gate == nullptr) return;
  slow = is_on && !is_apart() && listener.message_waits;
  if (slow)
    options.gate->Close(listener.message_waits);
  else
    options.gate->Open();
}

}  // namespace concertina
