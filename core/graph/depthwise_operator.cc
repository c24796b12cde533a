// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// depthwise_operator.cc: each channel's convolution by itself. Without bias or activation: what stands behind
// it (compress/cp_decomposition.cc) is a convolution that has both.
// On the way of the data: graph/executor.cc -> here -> tensor/depthwise.h.
#include "core/graph/operator.h"
#include "core/tensor/depthwise.h"

namespace concertina {
namespace {

class DepthwiseOperator final : public Operator {
 public:
  explicit DepthwiseOperator(const OperatorSetup& setup)
      : shape_{.channels = setup.input_shape(0)[0],
               .height = setup.input_shape(0)[1],
               .width = setup.input_shape(0)[2],
               .kernel_height = setup.input_shape(1)[2],
               .kernel_width = setup.input_shape(1)[3],
               .stride = setup.node.attributes.stride,
               .padding = setup.node.attributes.padding,
               .lanes = setup.lanes,
               .threads = setup.threads},
        accumulates_(setup.accumulates) {}

  OperatorNeeds needs() const override { return {.input_for_backward = true}; }

  void Forward(const OperatorMemory& memory, const StepState& /*state*/) override {
    DepthwiseForward(shape_, memory.inputs[0], memory.inputs[1], memory.output);
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& /*state*/) override {
    if (memory.input_gradients[1] != nullptr)
      DepthwiseWeightGradient(shape_, memory.inputs[0], memory.output_gradient, accumulates_[1],
                              memory.input_gradients[1]);
    if (memory.input_gradients[0] != nullptr)
      DepthwiseInputGradient(shape_, memory.output_gradient, memory.inputs[1], accumulates_[0],
                             memory.input_gradients[0]);
  }

 private:
  const DepthwiseShape shape_;
  const std::vector<bool> accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const OperatorSetup& setup) {
  return std::make_unique<DepthwiseOperator>(setup);
}

}  // namespace concertina
