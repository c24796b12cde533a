// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor.cc: does the schedule's tasks, and passes on what they make (see pipeline_executor.h).
// On the way of the data: data/loader.h -> here -> graph/stage.cc, comm/communicator.h.
//
// An activation is sent from where it was made, and lies there until its gradient has come back, which it
// caused. Gradients are sent from a ring of one buffer more than there are micro-batches under way: when the
// first comes round again, an activation that the stage before sent after it took that gradient is here.
//
// The loss goes from the last stage backwards, ahead of the last gradient that every stage waits for anyway:
// 8 bytes and no wait more.
#include "core/parallel/pipeline_executor.h"

#include <algorithm>
#include <functional>

#include "core/parallel/pipeline_executor_impl.h"
#include "core/tensor/batch_lanes.h"
#include "core/tensor/loss.h"
#include "core/tensor/transpose.h"

namespace concertina {

StepState StageExecutor::StateOf(int64_t step, int micro_batch, bool training) {
  const int64_t first = micro_batch * samples_;
  return {.training = training,
          .step = step,
          .count = samples_,
          .first_sample = first,
          .labels = labels_.data() + first,
          .status = &status_};
}

absl::Status StageExecutor::CheckJoined() const {
  if (options_.stages == 1 || forwards_ != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("the ranks of the pipeline axis have not met, and cannot pass on");
}

absl::Status StageExecutor::Receive(Communicator& from_where, int from, std::span<std::byte> bytes,
                                    int collective) {
  SpanTimer span(spans_, SpanKind::kWait);
  span.SetBytes(bytes.size());
  const double begin = Clock::Real().SteadySeconds();
  absl::Status status = from_where.Receive(from, bytes, Wait());
  const double end = Clock::Real().SteadySeconds();
  wait_seconds_ += end - begin;
  Pass(collective, begin, end);
  return status;
}

absl::Status StageExecutor::Take(Communicator& from_where, int from, CutCodec* codec, int micro_batch,
                                 std::span<float> values) {
  const int collective = CollectiveOf(&from_where == forwards_ ? from_previous_ : from_next_, micro_batch);
  if (codec == nullptr) return Receive(from_where, from, std::as_writable_bytes(values), collective);
  SpanTimer span(spans_, SpanKind::kWait, SpanRow::kStep, micro_batch);
  const double begin = Clock::Real().SteadySeconds();
  const absl::Status status = from_where.ReceiveMessage(from, codec->max_bytes(), codec->received(), Wait());
  const double end = Clock::Real().SteadySeconds();
  wait_seconds_ += end - begin;
  Pass(collective, begin, end);
  span.SetBytes(codec->received().size());
  span.End();
  const SpanTimer decode(spans_, SpanKind::kDecode, SpanRow::kStep, micro_batch);
  return status.ok() ? codec->Decode(micro_batch, values) : status;
}

absl::Status StageExecutor::Forward(Piece& piece, int micro_batch, const StepState& state) {
  Stage& stage = *piece.stage;
  const int slot = micro_batch % piece.slots_under_way;
  if (piece.is_first) {
    const int64_t features = input_.size() / options_.executor.batch_size;
    BatchToLanes(options_.executor.threads, input_.data() + state.first_sample * features, samples_, features,
                 stage.lanes(), stage.input(slot).data());
  } else {
    RETURN_IF_ERROR(Take(*forwards_, previous(), state.training ? piece.before.get() : nullptr, micro_batch,
                         stage.input(slot)));
  }
  // An evaluation is one span, the step loop's.
  SpanTimer forward(state.training ? spans_ : nullptr, SpanKind::kForward, SpanRow::kStep, micro_batch);
  stage.Forward(slot, state);
  forward.End();
  if (!status_.ok()) return status_;
  if (piece.is_last) return absl::OkStatus();
  std::span<const std::byte> bytes = std::as_bytes(stage.output(slot));
  if (state.training && piece.behind != nullptr) {
    const SpanTimer encode(spans_, SpanKind::kEncode, SpanRow::kStep, micro_batch);
    ASSIGN_OR_RETURN(bytes, piece.behind->Encode(micro_batch, slot, stage.output(slot), state.step));
  }
  forwards_->transport().Note({.kind = MessageKind::kActivation, .micro_batch = micro_batch});
  return SendAcross(*forwards_, next(), bytes, CollectiveOf(to_next_, micro_batch));
}

absl::Status StageExecutor::SendAcross(Communicator& way, int to, std::span<const std::byte> bytes,
                                       int collective) {
  if (collective == ArrivalBook::kNone) return way.Send(to, bytes, Wait());
  const double begin = SteadyNow();
  absl::Status status = way.Send(to, bytes, Wait());
  Pass(collective, begin, SteadyNow());
  return status;
}

absl::Status StageExecutor::Backward(Piece& piece, const PipelineTask& task, const StepState& state,
                                     const GradientReady& ready) {
  Stage& stage = *piece.stage;
  const int slot = task.micro_batch % piece.slots_under_way;
  if (options_.recomputes) {
    StepState again = state;
    again.again = true;
    const SpanTimer forward(spans_, SpanKind::kForward, SpanRow::kStep, task.micro_batch);
    stage.Forward(slot, again);
    if (!status_.ok()) return status_;
  }
  const bool is_final = task.micro_batch + 1 == options_.micro_batches;
  if (is_final && task.chunk == 0) RETURN_IF_ERROR(PassLoss());
  if (!piece.is_last)
    RETURN_IF_ERROR(
        Take(*backwards_, next(), piece.behind.get(), task.micro_batch, stage.output_gradient(slot)));
  SpanTimer backward(spans_, SpanKind::kBackward, SpanRow::kStep, task.micro_batch);
  const auto accumulate = [&](int index) {
    const int parameter = piece.first_parameter + index;
    Accumulate(parameter, task.micro_batch);
    if (is_final && ready) ready(parameter);
  };
  stage.Backward(slot, state, std::cref(accumulate));  // more than 16 bytes would be allocated
  backward.End();
  if (!status_.ok()) return status_;
  return piece.is_first ? absl::OkStatus() : SendGradient(piece, task.micro_batch, state.step);
}

absl::Status StageExecutor::SendGradient(Piece& piece, int micro_batch, int64_t step) {
  const MessageNote note{.kind = MessageKind::kActivationGradient, .micro_batch = micro_batch};
  const int place = micro_batch % piece.ring;
  if (micro_batch >= piece.ring)
    RETURN_IF_ERROR(backwards_->transport().Flush(backwards_->global_rank(previous()), Wait()));
  std::span<const float> gradient = piece.stage->input_gradient(micro_batch % piece.slots_under_way);
  if (gradient.empty()) gradient = piece.zeros.span();
  if (piece.before != nullptr) {
    SpanTimer encode(spans_, SpanKind::kEncode, SpanRow::kStep, micro_batch);
    ASSIGN_OR_RETURN(const std::span<const std::byte> bytes,
                     piece.before->Encode(micro_batch, place, gradient, step));
    encode.End();
    backwards_->transport().Note(note);
    return SendAcross(*backwards_, previous(), bytes, CollectiveOf(to_previous_, micro_batch));
  }
  FloatBuffer& outgoing = piece.outgoing[static_cast<size_t>(place)];
  std::ranges::copy(gradient, outgoing.data());
  backwards_->transport().Note(note);
  return SendAcross(*backwards_, previous(), std::as_bytes(outgoing.span()),
                    CollectiveOf(to_previous_, micro_batch));
}

absl::Status StageExecutor::PassLoss() {
  const std::span<double> loss(&loss_, 1);
  if (!has_loss()) RETURN_IF_ERROR(Receive(*backwards_, next(), std::as_writable_bytes(loss)));
  return options_.stage == 0 ? absl::OkStatus() : backwards_->Send(previous(), std::as_bytes(loss), Wait());
}

void StageExecutor::Accumulate(int parameter, int micro_batch) {
  if (options_.micro_batches == 1) return;
  const ParameterSlot& slot = parameter_slots_[static_cast<size_t>(parameter)];
  const float share = 1 / static_cast<float>(options_.micro_batches);
  const float* made = micro_gradients_.data() + slot.offset;
  float* sum = gradients_.data() + slot.offset;
  if (micro_batch == 0) {
    for (int64_t i = 0; i < slot.count; ++i) sum[i] = share * made[i];
  } else {
    for (int64_t i = 0; i < slot.count; ++i) sum[i] += share * made[i];
  }
}

absl::Status StageExecutor::Flush() {
  if (options_.stages == 1) return absl::OkStatus();
  for (const int rank : {next(), previous()})
    RETURN_IF_ERROR(forwards_->transport().Flush(forwards_->global_rank(rank), Wait()));
  return absl::OkStatus();
}

double StageExecutor::StepPart(int64_t step, int64_t /*count*/, const GradientReady& ready) {
  if (status_.ok()) status_ = CheckJoined();
  loss_sum_ = 0;
  for (const PipelineTask& task : tasks_) {
    if (!status_.ok()) return kNotMeasured;
    Piece& piece = pieces_[static_cast<size_t>(task.chunk)];
    const StepState state = StateOf(step, task.micro_batch, true);
    if (!task.is_forward) {
      status_ = Backward(piece, task, state, ready);
      continue;
    }
    status_ = Forward(piece, task.micro_batch, state);
    if (!status_.ok() || !piece.is_last) continue;
    const float* losses = piece.stage->losses(task.micro_batch % piece.slots_under_way);
    for (int64_t n = 0; n < samples_; ++n) loss_sum_ += static_cast<double>(losses[n]);
    if (task.micro_batch + 1 == options_.micro_batches)
      loss_ = loss_sum_ / static_cast<double>(options_.executor.batch_size);
  }
  if (status_.ok()) status_ = Flush();
  return status_.ok() ? loss_ : kNotMeasured;
}

Executor::Evaluation StageExecutor::Evaluate(int64_t count) {
  count = std::clamp<int64_t>(count, 0, options_.executor.batch_size);
  Evaluation evaluation;
  if (status_.ok()) status_ = CheckJoined();
  // The other copies may have more samples than this one, and fetch for each.
  const int micro_batches =
      fetches_ ? options_.micro_batches : static_cast<int>((count + samples_ - 1) / samples_);
  // Several pieces take micro-batches in groups of as many as there are stages, which so work side by side.
  const int group = pieces_.size() == 1 ? 1 : options_.stages;
  for (int first = 0; first < micro_batches; first += group)
    for (Piece& piece : pieces_)
      for (int m = first; m < std::min(first + group, micro_batches) && status_.ok(); ++m)
        status_ = EvaluatePart(piece, m, count, evaluation);
  if (status_.ok()) status_ = Flush();
  if (!status_.ok()) return {.loss_sum = kNotMeasured};
  return evaluation;
}

absl::Status StageExecutor::EvaluatePart(Piece& piece, int micro_batch, int64_t count,
                                         Evaluation& evaluation) {
  // Nothing comes back that would say that the last one has left the slot.
  if (micro_batch >= piece.slots_under_way) RETURN_IF_ERROR(Flush());
  StepState state = StateOf(0, micro_batch, false);
  state.count = std::clamp<int64_t>(count - micro_batch * samples_, 0, samples_);
  RETURN_IF_ERROR(Forward(piece, micro_batch, state));
  if (!piece.is_last) return absl::OkStatus();
  Stage& stage = *piece.stage;
  const int slot = micro_batch % piece.slots_under_way;
  for (int64_t n = 0; n < state.count; ++n) evaluation.loss_sum += static_cast<double>(stage.losses(slot)[n]);
  const int64_t classes = prediction_.size() / options_.executor.batch_size;
  const float* prediction = stage.output(slot).data();
  evaluation.correct +=
      CountCorrect({.classes = classes, .lanes = stage.lanes()}, prediction, state.labels, state.count);
  LanesToBatch(options_.executor.threads, prediction, samples_, classes, stage.lanes(),
               prediction_.data() + state.first_sample * classes);
  return absl::OkStatus();
}

}  // namespace concertina
