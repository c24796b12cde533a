// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_operator.cc: the two ends of a divided layer, each the other's backward
// [Shoeybi et al. Megatron-LM. 2019, section 3: f and g].
//   copy:    y = x              dx = the sum of all ranks' dy
//   reduce:  y = act(sum of x)  dx = act'(y) dy, which every rank has
// On the way of the data: graph/executor.cc -> here -> graph/tensor_axis.h.
//
// Both work where their input lies: a feature range of features x lanes is one contiguous span, so nothing is
// packed for the sum.
#include <algorithm>
#include <span>

#include "core/graph/fused_activation.h"
#include "core/graph/operator.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Sums over the ranks, unless something has failed before.
class Summed {
 public:
  explicit Summed(const OperatorSetup& setup)
      : axis_(setup.node.attributes.parts > 1 ? setup.tensor : nullptr),
        count_(ElementCount(setup.output_shape()) * setup.lanes) {}

  int64_t count() const { return count_; }
  void Sum(float* values, const StepState& state) const {
    if (axis_ == nullptr || !state.status->ok()) return;
    const std::span<float> all(values, static_cast<size_t>(count_));
    *state.status =
        state.training ? axis_->AllReduceSumInTraining(all, state.step) : axis_->AllReduceSum(all);
  }

 private:
  TensorAxis* axis_;
  int64_t count_;
};

class CopyToTensorOperator final : public Operator {
 public:
  explicit CopyToTensorOperator(const OperatorSetup& setup)
      : summed_(setup), threads_(setup.threads), accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override { return {.output_is_input = true}; }
  void Forward(const OperatorMemory&, const StepState&) override {}
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& state) override {
    summed_.Sum(memory.output_gradient, state);
    if (memory.input_gradients[0] != memory.output_gradient)
      AddBackward(threads_, summed_.count(), nullptr, memory.output_gradient, accumulates_,
                  memory.input_gradients[0]);
  }

 private:
  Summed summed_;
  int threads_;
  bool accumulates_;
};

class ReduceFromTensorOperator final : public Operator {
 public:
  explicit ReduceFromTensorOperator(const OperatorSetup& setup)
      : summed_(setup),
        kernels_(KernelsOf(setup.node.attributes.activation)),
        threads_(setup.threads),
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override {
    return {.output_for_backward = kernels_.backward != nullptr && !kernels_.keeps_input,
            .saved_floats = kernels_.keeps_input ? summed_.count() : 0,
            .output_is_input = true};
  }

  void Forward(const OperatorMemory& memory, const StepState& state) override {
    summed_.Sum(memory.output, state);
    if (kernels_.forward == nullptr) return;
    if (kernels_.keeps_input) std::copy_n(memory.output, summed_.count(), memory.saved);
    kernels_.forward(threads_, summed_.count(), memory.output, memory.output);
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    float* dx = memory.input_gradients[0];
    if (kernels_.backward != nullptr)
      return kernels_.backward(threads_, summed_.count(), kernels_.keeps_input ? memory.saved : memory.output,
                               memory.output_gradient, accumulates_, dx);
    if (dx != memory.output_gradient)
      AddBackward(threads_, summed_.count(), nullptr, memory.output_gradient, accumulates_, dx);
  }

 private:
  Summed summed_;
  ActivationKernels kernels_;
  int threads_;
  bool accumulates_;
};

// What is summed in place is needed by nobody else: it is a product's, which keeps nothing of its output.
absl::Status CheckSummed(const OperatorSetup& setup) {
  const ValueId x = setup.node.inputs[0];
  int readers = x == setup.graph.prediction() ? 1 : 0;
  bool is_product = false;
  for (const Node& node : setup.graph.nodes()) {
    readers += static_cast<int>(std::count(node.inputs.begin(), node.inputs.end(), x));
    if (node.output == x)
      is_product = (node.kind == OpKind::kDense || node.kind == OpKind::kConv2d) &&
                   node.attributes.activation == Activation::kNone;
  }
  if (is_product && readers == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "layer \"{}\" ({}): its input is not the output of a dense or convolution without activation "
      "that nothing else reads",
      setup.node.name, OpKindName(setup.node.kind)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeTensorOperator(const OperatorSetup& setup) {
  if (setup.tensor != nullptr && setup.node.attributes.parts > 1)
    RETURN_IF_ERROR(
        setup.tensor->Expect(static_cast<size_t>(ElementCount(setup.output_shape()) * setup.lanes)));
  if (setup.node.kind == OpKind::kCopyToTensor) return std::make_unique<CopyToTensorOperator>(setup);
  RETURN_IF_ERROR(CheckSummed(setup));
  return std::make_unique<ReduceFromTensorOperator>(setup);
}

}  // namespace concertina
