// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_evaluate.cc: loss and accuracy on the test data, of all ranks together (see step_loop.h).
#include "core/worker/step_loop_impl.h"

namespace concertina {

absl::StatusOr<StepLoop::Impl::Tested> StepLoop::Impl::Test() {
  Tested tested;
  if (is_server()) return tested;
  const int64_t batch = options.spec.training.batch_size;
  const std::span<float> input = executor->input();
  const std::span<int32_t> labels = executor->labels();
  const size_t sample = input.size() / static_cast<size_t>(batch);
  // Of N copies of the model each takes every N-th test sample, all of its ranks together, and the first of
  // those that have the loss counts; sums are exact for counts, and rounding for the loss.
  const auto [copy, stage, part] = mesh->CoordinatesOf(options.rank);
  const bool counts = executor->has_loss() && part == 0;
  int64_t in_batch = 0, batches = 0;
  const auto run_batch = [&] {
    ++batches;
    const Executor::Evaluation evaluation = executor->Evaluate(in_batch);
    if (counts) {
      tested.loss_sum += evaluation.loss_sum;
      tested.correct += evaluation.correct;
      tested.count += in_batch;
    }
    in_batch = 0;
    return executor->status();
  };
  for (int64_t i = copy; i < test->size(); i += mesh->length(MeshAxis::kData)) {
    if (!input.empty()) test->Read(i, &input[static_cast<size_t>(in_batch) * sample]);
    labels[static_cast<size_t>(in_batch)] = test->label(i);
    if (++in_batch == batch) {
      RETURN_IF_ERROR(run_batch());
      Tell("evaluate");
    }
  }
  if (in_batch > 0) RETURN_IF_ERROR(run_batch());
  // Who has no more samples still fetches parameters together with those that have.
  const int64_t copies = mesh->length(MeshAxis::kData);
  const int64_t most = ((test->size() + copies - 1) / copies + batch - 1) / batch;
  while (exchange->parameter_source() != nullptr && batches < most) RETURN_IF_ERROR(run_batch());
  tensor->TakeSeconds();  // nor are its sums and waits
  if (pipeline != nullptr) pipeline->TakeWaitSeconds();
  return tested;
}

absl::StatusOr<std::array<float, 4>> StepLoop::Impl::SumOfTests(Communicator& group,
                                                                const Tested& tested) const {
  // Sums up to 2^24 are exact in a float.
  std::array<float, 4> sums = {static_cast<float>(tested.loss_sum), static_cast<float>(tested.correct),
                               static_cast<float>(tested.count), 0};
  RETURN_IF_ERROR(group.AllReduceSum(sums, Deadline::After(kCollectiveDeadlineSeconds)));
  return sums;
}

absl::Status StepLoop::Impl::Evaluate() {
  const SpanTimer span(&spans, SpanKind::kEvaluate);
  const WatchedTransport::Passing passing(&*watched);
  Tell("evaluate");
  if (is_apart()) {
    RETURN_IF_ERROR(EvaluateApart(step));
    if (model_ranks() > 1) counted = transport->counts();
    evaluated_at = step;
    Tell("compute");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Tested tested, Test());
  ASSIGN_OR_RETURN(const auto sums, SumOfTests(*everyone, tested));
  if (sums[2] > 0)
    recorder.AddEvaluation(
        step, Seconds(), {{series.test_loss, sums[0] / sums[2]}, {series.test_accuracy, sums[1] / sums[2]}});
  counted = transport->counts();  // the evaluation's own messages are not a step's
  evaluated_at = step;
  Tell("compute");
  return absl::OkStatus();
}

}  // namespace concertina
