// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loss_operator.cc: softmax cross-entropy and mean squared error. The output is the loss of each sample; the
// executor takes their mean.
// On the way of the data: graph/executor.cc -> here -> tensor/loss.h.
#include "core/graph/operator.h"
#include "core/tensor/loss.h"

namespace concertina {
namespace {

class LossOperator final : public Operator {
 public:
  explicit LossOperator(const OperatorSetup& setup)
      : cross_entropy_(setup.node.kind == OpKind::kSoftmaxCrossEntropy),
        shape_{.classes = setup.input_shape(0)[0], .lanes = setup.lanes},
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override { return {.input_for_backward = true}; }
  void Forward(const OperatorMemory& memory, const StepState& state) override {
    (cross_entropy_ ? SoftmaxCrossEntropyForward : SquaredErrorForward)(
        shape_, memory.inputs[0], state.labels, state.count, memory.output);
  }
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& state) override {
    (cross_entropy_ ? SoftmaxCrossEntropyBackward : SquaredErrorBackward)(
        shape_, memory.inputs[0], state.labels, state.count, accumulates_, memory.input_gradients[0]);
  }

 private:
  bool cross_entropy_;
  LossShape shape_;
  bool accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeLoss(const OperatorSetup& setup) {
  return std::make_unique<LossOperator>(setup);
}

absl::StatusOr<std::unique_ptr<Operator>> MakeOperator(const OperatorSetup& setup) {
  switch (setup.node.kind) {
    case OpKind::kDense:
      return MakeDense(setup);
    case OpKind::kConv2d:
      return MakeConvolution(setup);
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d:
    case OpKind::kGlobalAveragePool:
      return MakePool(setup);
    case OpKind::kBatchNorm:
      return MakeBatchNorm(setup);
    case OpKind::kRelu:
    case OpKind::kTanh:
    case OpKind::kSigmoid:
    case OpKind::kGelu:
      return MakeActivation(setup);
    case OpKind::kAdd:
      return MakeAdd(setup);
    case OpKind::kReshape:
      return MakeReshape(setup);
    case OpKind::kDropout:
      return MakeDropout(setup);
    case OpKind::kSoftmaxCrossEntropy:
    case OpKind::kMeanSquaredError:
      return MakeLoss(setup);
    case OpKind::kDistillation:
      return MakeDistillation(setup);
    case OpKind::kFakeQuantize:
      return MakeFakeQuantize(setup);
    case OpKind::kDepthwiseConv2d:
      return MakeDepthwise(setup);
    case OpKind::kCopyToTensor:
    case OpKind::kReduceFromTensor:
      return MakeTensorOperator(setup);
  }
  return absl::InternalError("an operator without a class");
}

}  // namespace concertina
