// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// batch_norm_operator.cc: batch normalisation, with the statistics of the batch or the running ones.
// On the way of the data: graph/executor.cc -> here -> tensor/batch_norm.h.
#include "core/graph/operator.h"
#include "core/tensor/batch_norm.h"

namespace concertina {
namespace {

class BatchNormOperator final : public Operator {
 public:
  explicit BatchNormOperator(const OperatorSetup& setup)
      : shape_{.channels = setup.input_shape(0)[0],
               .places = ElementCount(setup.input_shape(0)) / setup.input_shape(0)[0],
               .batch = setup.batch,
               .lanes = setup.lanes,
               .momentum = setup.node.attributes.momentum,
               .epsilon = setup.node.attributes.epsilon,
               .rectify = setup.node.attributes.activation == Activation::kRelu,
               .threads = setup.threads},
        accumulates_(setup.accumulates) {}

  OperatorNeeds needs() const override {
    return {.input_for_backward = true, .saved_floats = 2 * shape_.channels};
  }

  void Forward(const OperatorMemory& memory, const StepState& state) override {
    if (state.training) {
      BatchNormShape shape = shape_;
      if (state.again) shape.momentum = 0;  // the running statistics have this batch already
      return BatchNormForward(shape, Values(memory), memory.inputs[0], memory.saved, memory.output);
    }
    BatchNormEvaluate(shape_, Values(memory), memory.inputs[0], memory.output);
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    BatchNormBackward(shape_, Values(memory), memory.inputs[0], memory.saved, memory.output_gradient,
                      {.scale = memory.input_gradients[1],
                       .shift = memory.input_gradients[2],
                       .x = memory.input_gradients[0],
                       .accumulate_scale = accumulates_[1],
                       .accumulate_shift = accumulates_[2],
                       .accumulate_x = accumulates_[0]});
  }

 private:
  static BatchNormValues Values(const OperatorMemory& memory) {
    return {memory.inputs[1], memory.inputs[2], memory.inputs[3], memory.inputs[4]};
  }

  BatchNormShape shape_;
  std::vector<bool> accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeBatchNorm(const OperatorSetup& setup) {
  return std::make_unique<BatchNormOperator>(setup);
}

}  // namespace concertina
