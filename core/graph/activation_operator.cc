// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// activation_operator.cc: activations that no other node has taken over, sums, and reshapes.
// On the way of the data: graph/executor.cc -> here -> tensor/activation.h.
#include "core/graph/fused_activation.h"
#include "core/graph/operator.h"

namespace concertina {

ActivationKernels KernelsOf(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return {};
    case Activation::kRelu:
      return {Relu, ReluBackward};
    case Activation::kTanh:
      return {Tanh, TanhBackward};
    case Activation::kSigmoid:
      return {Sigmoid, SigmoidBackward};
    case Activation::kGelu:
      return {Gelu, GeluBackward, true};
  }
  return {};
}

namespace {

class ActivationOperator final : public Operator {
 public:
  explicit ActivationOperator(const OperatorSetup& setup)
      : kernels_(KernelsOf(ActivationOf(setup.node.kind))),
        threads_(setup.threads),
        count_(ElementCount(setup.output_shape()) * setup.lanes),
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override {
    return {.input_for_backward = kernels_.keeps_input, .output_for_backward = !kernels_.keeps_input};
  }
  void Forward(const OperatorMemory& memory, const StepState&) override {
    kernels_.forward(threads_, count_, memory.inputs[0], memory.output);
  }
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    kernels_.backward(threads_, count_, kernels_.keeps_input ? memory.inputs[0] : memory.output,
                      memory.output_gradient, accumulates_, memory.input_gradients[0]);
  }

 private:
  ActivationKernels kernels_;
  int threads_;
  int64_t count_;
  bool accumulates_;
};

class AddOperator final : public Operator {
 public:
  explicit AddOperator(const OperatorSetup& setup)
      : threads_(setup.threads),
        count_(ElementCount(setup.output_shape()) * setup.lanes),
        rectify_(setup.node.attributes.activation == Activation::kRelu),
        accumulates_(setup.accumulates) {}

  OperatorNeeds needs() const override { return {.output_for_backward = rectify_}; }
  void Forward(const OperatorMemory& memory, const StepState&) override {
    AddForward(threads_, count_, memory.inputs[0], memory.inputs[1], rectify_, memory.output);
  }
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    for (size_t i = 0; i < 2; ++i)
      if (memory.input_gradients[i] != nullptr)
        AddBackward(threads_, count_, rectify_ ? memory.output : nullptr, memory.output_gradient,
                    accumulates_[i], memory.input_gradients[i]);
  }

 private:
  int threads_;
  int64_t count_;
  bool rectify_;
  std::vector<bool> accumulates_;
};

// Only the shape changes; the numbers stay where they are. Where the input has other readers its gradient is
// theirs too, and is added up like any other.
class ReshapeOperator final : public Operator {
 public:
  explicit ReshapeOperator(const OperatorSetup& setup)
      : threads_(setup.threads),
        count_(ElementCount(setup.output_shape()) * setup.lanes),
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override { return {.output_is_input = true}; }
  void Forward(const OperatorMemory&, const StepState&) override {}
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    if (memory.input_gradients[0] != memory.output_gradient)
      AddBackward(threads_, count_, nullptr, memory.output_gradient, accumulates_, memory.input_gradients[0]);
  }

 private:
  int threads_;
  int64_t count_;
  bool accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeActivation(const OperatorSetup& setup) {
  return std::make_unique<ActivationOperator>(setup);
}
absl::StatusOr<std::unique_ptr<Operator>> MakeAdd(const OperatorSetup& setup) {
  return std::make_unique<AddOperator>(setup);
}
absl::StatusOr<std::unique_ptr<Operator>> MakeReshape(const OperatorSetup& setup) {
  return std::make_unique<ReshapeOperator>(setup);
}

}  // namespace concertina
