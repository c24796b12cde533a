// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_operator.cc: y = activation(w x + b).
// On the way of the data: graph/executor.cc -> here -> tensor/dense.h.
#include "core/graph/fused_activation.h"
#include "core/graph/operator.h"
#include "core/tensor/dense.h"
#include "core/tensor/float_buffer.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr const char* kTiles = "tiles";
constexpr const char* kSgemm = "sgemm";

DenseKernel KernelOf(const std::string& name) {
  return name == kSgemm ? DenseKernel::kSgemm : DenseKernel::kTiles;
}

class DenseOperator final : public Operator {
 public:
  struct Kernels {
    DenseKernel forward, input_gradient, weight_gradient;
  };

  DenseOperator(const OperatorSetup& setup, const DenseShape& shape, Kernels kernels)
      : shape_(shape),
        kernels_(kernels),
        activation_(setup.node.attributes.activation, shape.threads, shape.out * shape.lanes),
        accumulates_(setup.accumulates),
        bias_(setup.has_bias()),
        adds_bias_(setup.has_bias() && setup.node.attributes.adds_bias) {}

  OperatorNeeds needs() const override {
    return {.input_for_backward = true,
            .output_for_backward = activation_.keeps_output(),
            .saved_floats = activation_.saved_floats(),
            .backward_scratch_floats = DenseWeightScratch(shape_)};
  }

  void Forward(const OperatorMemory& memory, const StepState&) override {
    DenseForward(kernels_.forward, shape_, memory.inputs[0], memory.inputs[1],
                 adds_bias_ ? memory.inputs[2] : nullptr, activation_.rectify(),
                 activation_.target(memory.output, memory.saved));
    activation_.Forward(memory.output, memory.saved);
  }

  void Backward(BackwardPart part, const OperatorMemory& memory, const StepState&) override {
    const float* dy = memory.output_gradient;
    if (part == BackwardPart::kInput)
      return DenseInputGradient(kernels_.input_gradient, shape_, dy, memory.inputs[1], accumulates_[0],
                                memory.input_gradients[0]);
    activation_.Backward(memory.output, memory.saved, memory.output_gradient);
    if (memory.input_gradients[1] != nullptr)
      DenseWeightGradient(kernels_.weight_gradient, shape_, memory.inputs[0], dy, accumulates_[1],
                          memory.input_gradients[1], memory.backward_scratch);
    if (bias_ && memory.input_gradients[2] != nullptr)
      SumRows(shape_.threads, shape_.out, shape_.lanes, dy, accumulates_[2], memory.input_gradients[2]);
  }

 private:
  DenseShape shape_;
  Kernels kernels_;
  FusedActivation activation_;
  std::vector<bool> accumulates_;
  bool bias_;
  bool adds_bias_;
};

// Memory of the layer's size to measure in. Small numbers of either sign: nothing overflows or is denormal.
struct DenseTrial {
  explicit DenseTrial(const DenseShape& shape)
      : x(shape.in * shape.lanes),
        y(shape.out * shape.lanes),
        weight(shape.in * shape.out),
        bias(shape.out),
        scratch(DenseWeightScratch(shape)) {
    for (FloatBuffer* buffer : {&x, &y, &weight})
      for (int64_t i = 0; i < buffer->size(); ++i) buffer->data()[i] = 1e-3F * static_cast<float>(i % 17 - 8);
  }
  FloatBuffer x, y, weight, bias, scratch;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeDense(const OperatorSetup& setup) {
  const Shape& weight = setup.input_shape(1);
  const DenseShape shape{.in = weight[1], .out = weight[0], .lanes = setup.lanes, .threads = setup.threads};
  const std::string shape_text = fmt::format("{}x{}x{}", shape.in, shape.out, shape.lanes);
  std::unique_ptr<DenseTrial> trial;
  const auto choose = [&](const char* operation, auto run) -> absl::StatusOr<DenseKernel> {
    ASSIGN_OR_RETURN(const std::string name,
                     setup.choices->Choose({operation, shape_text, setup.threads}, {kTiles, kSgemm}, [&] {
                       if (!trial) trial = std::make_unique<DenseTrial>(shape);
                       return std::vector<KernelCandidate>{{kTiles, [&] { run(DenseKernel::kTiles); }},
                                                           {kSgemm, [&] { run(DenseKernel::kSgemm); }}};
                     }));
    return KernelOf(name);
  };
  ASSIGN_OR_RETURN(const DenseKernel forward, choose("dense-forward", [&](DenseKernel kernel) {
                     DenseForward(kernel, shape, trial->x.data(), trial->weight.data(), trial->bias.data(),
                                  false, trial->y.data());
                   }));
  ASSIGN_OR_RETURN(const DenseKernel weight_gradient,
                   choose("dense-weight-gradient", [&](DenseKernel kernel) {
                     DenseWeightGradient(kernel, shape, trial->x.data(), trial->y.data(), false,
                                         trial->weight.data(), trial->scratch.data());
                   }));
  DenseKernel input_gradient = DenseKernel::kTiles;
  if (setup.wanted[0]) {
    ASSIGN_OR_RETURN(input_gradient, choose("dense-input-gradient", [&](DenseKernel kernel) {
                       DenseInputGradient(kernel, shape, trial->y.data(), trial->weight.data(), false,
                                          trial->x.data());
                     }));
  }
  return std::make_unique<DenseOperator>(setup, shape,
                                         DenseOperator::Kernels{forward, input_gradient, weight_gradient});
}

}  // namespace concertina
