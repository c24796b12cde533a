// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_requests.cc: what the engine, and the policies of /knobs, ask of a run while it goes (see
// step_loop.h). On the way of the data: worker/control_queue.h, worker/knob_turns.h -> here -> the next step.
#include <cstring>

#include "core/experiment/pair_link.h"
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

absl::Status StepLoop::Impl::MeetAndObey() {
  do {
    uint64_t agreed = controls.received();
    if (exchange->lockstep() || model_ranks() > 1) {
      if (!is_apart()) agreement->SetReport(OwnReport());
      ASSIGN_OR_RETURN(agreed, agreement->Agreed(step, agreed, paused || slow || waits_for_turn));
      if (!is_apart() && agreement->has_met()) RETURN_IF_ERROR(AdvanceKeeping(agreement->reports()));
      if (lacks_room) RETURN_IF_ERROR(WaitForRoom());
    }
    const bool was_paused = paused;
    while (obeyed < agreed && !stop_asked && !part_asked) RETURN_IF_ERROR(Obey(controls.at(obeyed++)));
    if (paused && !stop_asked && !part_asked) {
      if (!was_paused) Tell("paused");
      if (stop.stop_requested()) return absl::CancelledError("the run was ended");
      // While a checkpoint is written the others want to hear of it.
      controls.WaitForMoreThan(obeyed, Deadline::After(phase == KeepingPhase::kNone ? 1 : 0.05));
      Tell("paused");
    }
  } while (paused && !stop_asked && !part_asked);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::optional<int64_t>>> StepLoop::Impl::HearAll(int64_t word) {
  if (is_apart() && exchange->lockstep())
    return exchange->Meet(word, [this] {
      Tell("wait");
      return absl::OkStatus();
    });
  RETURN_IF_ERROR(GatherWords(exchange->lockstep() ? *everyone : *holders, {&word, 1}));
  std::vector<std::optional<int64_t>> words;
  for (size_t rank = 0; rank < heard_bytes.size(); ++rank) words.emplace_back(WordHeard(rank));
  return words;
}

absl::Status StepLoop::Impl::GatherWords(Communicator& group, std::span<const int64_t> own) {
  RETURN_IF_ERROR(group.AllGather({reinterpret_cast<const uint8_t*>(own.data()), own.size_bytes()},
                                  own.size_bytes(), heard_bytes,
                                  Deadline::After(kCollectiveDeadlineSeconds)));
  for (size_t rank = 0; rank < heard_bytes.size(); ++rank)
    if (heard_bytes[rank].size() != own.size_bytes())
      return absl::DataLossError(fmt::format("rank {}: came to a meeting with {} bytes, expected {}",
                                             group.global_rank(static_cast<int>(rank)),
                                             heard_bytes[rank].size(), own.size_bytes()));
  return absl::OkStatus();
}

int64_t StepLoop::Impl::WordHeard(size_t rank, size_t at) const {
  int64_t word = 0;
  std::memcpy(&word, &heard_bytes[rank][at * sizeof word], sizeof word);
  return word;
}

absl::Status StepLoop::Impl::Obey(const ControlRequest& request) {
  if (request.knob.has_value()) {
    ApplyKnobNow(*request.knob, /*is_marked=*/true);
    return absl::OkStatus();
  }
  switch (request.action.value_or(proto::Control::NONE)) {
    case proto::Control::PAUSE:
      paused = true;
      if (speaks()) listener.state_reached("paused", step);
      break;
    case proto::Control::RESUME:
      paused = false;
      if (speaks() && !lacks_room) listener.state_reached("running", step);
      break;
    case proto::Control::STOP:
      stop_asked = true;
      break;
    case proto::Control::REGROUP:
      part_asked = regroups;
      break;
    case proto::Control::HISTOGRAM:
      if (round_trainer == nullptr)
        counts_gradient = speaks();
      else if (speaks())
        listener.gradient_counted(nullptr, step);
      break;
    case proto::Control::SPANS:
      return BeginSpans(request);
    case proto::Control::SLOW_MOTION:
      SetSlowMotion(request.steps > 0);
      break;
    case proto::Control::CHECKPOINT:
      if (!keeps_checkpoints()) {
        if (speaks() && listener.checkpoint_missed)
          listener.checkpoint_missed(step,
                                     "a run with a recipe keeps what it goes on from after each step of the "
                                     "recipe, and not between");
        break;
      }
      if (lacks_room) break;  // one is being tried
      return is_apart() ? CheckpointApart() : BeginCheckpoint();
    default:
      break;
  }
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::TurnKnobs() {
  if (turns.empty()) return absl::OkStatus();
  const auto sum = [this](std::span<float> figures) -> absl::Status {
    RETURN_IF_ERROR(everyone->AllReduceSum(figures, Deadline::After(kCollectiveDeadlineSeconds)));
    counted = transport->counts();  // what the policies say is not a step's
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const std::vector<KnobTurns::Turn> due,
                   turns.Before(step, total_steps, options.spec, sum));
  for (const KnobTurns::Turn& turn : due) {
    proto::Knob knob;
    knob.set_pointer(turn.pointer);
    knob.set_json(turn.json);
    ApplyKnobNow(knob, turn.is_marked);
  }
  return absl::OkStatus();
}

void StepLoop::Impl::ShapeOwnLinks() {
  ShapeLinks(options.spec, *transport, [this](LinkShape link, int from) { return faults.On(link, from); });
}

void StepLoop::Impl::TakeFaults() {
  for (const SlowRequest& slow : controls.SlowsAfter(slows_taken)) {
    ++slows_taken;
    const double left = slow.until_steady - Clock::Real().SteadySeconds();
    if (slow.slowdown <= 1)
      faults.EndNow(slow.number);
    else if (left > 0)
      faults.Add(slow.number, {.kind = FaultAct::Kind::kSlow,
                               .at_step = step,
                               .for_seconds = left,
                               .rank = options.rank,
                               .slowdown = slow.slowdown});
  }
  if (faults.empty()) return;
  const std::vector<FaultActs::Turn> turned = faults.Before(step, Seconds());
  if (turned.empty()) return;
  ShapeOwnLinks();
  if (!listener.fault_acted) return;
  for (const FaultActs::Turn& turn : turned) listener.fault_acted(turn.act, step, turn.has_ended);
}

void StepLoop::Impl::MeasureForKnobs(const ExchangeCost& cost, double step_seconds) {
  if (turns.empty()) return;
  KnobMeasure measure{.bytes = static_cast<double>(transport->counts().whole_sent - counted.whole_sent),
                      .seconds = step_seconds};
  if (cost.error_measured) {
    measure.error_squared = cost.error_squared;
    measure.gradient_squared = cost.gradient_squared;
  }
  turns.Add(measure);
}

void StepLoop::Impl::ApplyKnobNow(const proto::Knob& knob, bool is_marked) {
  LetStateChange();
  absl::StatusOr<Spec> changed = ApplyKnob(options.spec, knob.pointer(), knob.json());
  absl::Status status = changed.status();
  if (status.ok()) status = optimizer->Change(changed->optimizer);
  if (status.ok()) status = exchange->ChangeOptimizer(changed->optimizer);
  if (status.ok()) status = exchange->Change(changed->exchange);
  if (status.ok())
    for (const Params& codec : changed->gradient) status.Update(exchange->ChangeCodec(codec));
  for (size_t i = 0; status.ok() && i < changed->layer_gradients.size(); ++i)
    for (const Params& codec : changed->layer_gradients[i].gradient)
      status.Update(exchange->ChangeLayerCodec(static_cast<int>(i) + 1, codec));
  if (status.ok() && pipeline != nullptr)
    status = pipeline->ChangeCodec(changed->pipeline.Component("activations"));
  if (status.ok()) status = tensor->ChangeCodec(changed->tensor_activations);
  if (status.ok()) {
    options.spec = *std::move(changed);
    ShapeOwnLinks();
    status = turns.Change(options.spec);
  }
  if (speaks() && (is_marked || !status.ok())) listener.knob_applied(knob, step, status);
}

}  // namespace concertina
