// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// convolution_operator.cc: y = activation(w * x + b), each pass by the kernel that is fastest for the shape.
// On the way of the data: graph/executor.cc -> here -> tensor/convolution.h, tensor/onednn_convolution.h.
#include <algorithm>

#include "core/graph/fused_activation.h"
#include "core/graph/operator.h"
#include "core/tensor/convolution.h"
#include "core/tensor/dense.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/onednn_convolution.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr const char* kDirect = "direct";
constexpr const char* kOneDnn = "onednn";

// oneDNN's kernel of a pass where it was chosen; null means the direct one.
using Library = std::unique_ptr<OneDnnConvolution>;

int64_t LibraryScratch(const Library& library) { return library == nullptr ? 0 : library->scratch_floats(); }

class ConvolutionOperator final : public Operator {
 public:
  struct Kernels {
    Library forward, input_gradient, weight_gradient;
  };

  ConvolutionOperator(const OperatorSetup& setup, const ConvolutionShape& shape, Kernels kernels)
      : shape_(shape),
        direct_(shape),
        kernels_(std::move(kernels)),
        activation_(setup.node.attributes.activation, shape.threads, shape.out_size()),
        accumulates_(setup.accumulates),
        wants_input_(setup.wanted[0]),
        bias_(setup.has_bias()),
        adds_bias_(setup.has_bias() && setup.node.attributes.adds_bias) {}

  OperatorNeeds needs() const override {
    return {.input_for_backward = true,
            .output_for_backward = activation_.keeps_output(),
            .saved_floats = activation_.saved_floats(),
            .forward_scratch_floats = kernels_.forward != nullptr ? kernels_.forward->scratch_floats()
                                                                  : direct_.forward_scratch_floats(),
            .backward_scratch_floats =
                std::max(LibraryScratch(kernels_.weight_gradient), InputGradientScratch())};
  }

  void Forward(const OperatorMemory& memory, const StepState&) override {
    const float* bias = adds_bias_ ? memory.inputs[2] : nullptr;
    float* target = activation_.target(memory.output, memory.saved);
    if (kernels_.forward != nullptr) {
      kernels_.forward->Run(memory.inputs[0], memory.inputs[1], bias, target, memory.forward_scratch);
      if (activation_.rectify()) Relu(shape_.threads, shape_.out_size(), target, target);
    } else {
      direct_.Forward(memory.inputs[0], memory.inputs[1], bias, activation_.rectify(), target,
                      memory.forward_scratch);
    }
    activation_.Forward(memory.output, memory.saved);
  }

  void Backward(BackwardPart part, const OperatorMemory& memory, const StepState&) override {
    const float* dy = memory.output_gradient;
    if (part == BackwardPart::kInput) {
      if (kernels_.input_gradient != nullptr)
        return kernels_.input_gradient->Run(dy, memory.inputs[1], nullptr, memory.input_gradients[0],
                                            memory.backward_scratch);
      return direct_.InputGradient(dy, memory.inputs[1], accumulates_[0], memory.input_gradients[0],
                                   memory.backward_scratch);
    }
    activation_.Backward(memory.output, memory.saved, memory.output_gradient);
    if (memory.input_gradients[1] != nullptr) {
      if (kernels_.weight_gradient != nullptr) {
        kernels_.weight_gradient->Run(memory.inputs[0], dy, nullptr, memory.input_gradients[1],
                                      memory.backward_scratch);
      } else {
        direct_.WeightGradient(memory.inputs[0], dy, accumulates_[1], memory.input_gradients[1]);
      }
    }
    if (bias_ && memory.input_gradients[2] != nullptr)
      SumRows(shape_.threads, shape_.out_channels, shape_.out_height() * shape_.out_width() * shape_.lanes,
              dy, accumulates_[2], memory.input_gradients[2]);
  }

 private:
  int64_t InputGradientScratch() const {
    if (!wants_input_) return 0;
    if (kernels_.input_gradient != nullptr) return kernels_.input_gradient->scratch_floats();
    return direct_.backward_scratch_floats();
  }

  ConvolutionShape shape_;
  DirectConvolution direct_;
  Kernels kernels_;
  FusedActivation activation_;
  std::vector<bool> accumulates_;
  bool wants_input_;
  bool bias_;
  bool adds_bias_;
};

struct ConvolutionTrial {
  explicit ConvolutionTrial(const ConvolutionShape& shape)
      : direct(shape),
        x(shape.in_size()),
        y(shape.out_size()),
        weight(shape.weight_count()),
        bias(shape.out_channels),
        scratch(std::max(direct.forward_scratch_floats(), direct.backward_scratch_floats())) {
    for (FloatBuffer* buffer : {&x, &y, &weight})
      for (int64_t i = 0; i < buffer->size(); ++i) buffer->data()[i] = 1e-3F * static_cast<float>(i % 17 - 8);
  }
  DirectConvolution direct;
  FloatBuffer x, y, weight, bias, scratch;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeConvolution(const OperatorSetup& setup) {
  const Shape& x = setup.input_shape(0);
  const Shape& weight = setup.input_shape(1);
  const ConvolutionShape shape{.in_channels = x[0],
                               .height = x[1],
                               .width = x[2],
                               .out_channels = weight[0],
                               .kernel_height = weight[2],
                               .kernel_width = weight[3],
                               .stride = setup.node.attributes.stride,
                               .padding = setup.node.attributes.padding,
                               .lanes = setup.lanes,
                               .threads = setup.threads};
  const std::string text = fmt::format("{}x{}x{}-{}-k{}x{}-s{}-p{}-b{}", x[0], x[1], x[2], weight[0],
                                       weight[2], weight[3], shape.stride, shape.padding, shape.lanes);
  std::unique_ptr<ConvolutionTrial> trial;
  // Makes oneDNN's kernel, asks, and keeps it only if it won.
  const auto choose = [&](const char* operation, ConvolutionPass pass, bool accumulates,
                          auto direct) -> absl::StatusOr<Library> {
    if (accumulates) return nullptr;  // oneDNN's passes overwrite
    const bool adds_bias = setup.has_bias() && setup.node.attributes.adds_bias;
    auto made = OneDnnConvolution::Create(shape, pass, pass == ConvolutionPass::kForward && adds_bias);
    if (!made.ok()) return nullptr;
    Library library = *std::move(made);
    ASSIGN_OR_RETURN(const std::string name,
                     setup.choices->Choose({operation, text, setup.threads}, {kDirect, kOneDnn}, [&] {
                       if (!trial) trial = std::make_unique<ConvolutionTrial>(shape);
                       if (trial->scratch.size() < library->scratch_floats())
                         trial->scratch = FloatBuffer(library->scratch_floats());
                       const bool forward = pass == ConvolutionPass::kForward;
                       const float* first =
                           pass == ConvolutionPass::kInputGradient ? trial->y.data() : trial->x.data();
                       const float* second =
                           pass == ConvolutionPass::kWeightGradient ? trial->y.data() : trial->weight.data();
                       float* result = forward                                   ? trial->y.data()
                                       : pass == ConvolutionPass::kInputGradient ? trial->x.data()
                                                                                 : trial->weight.data();
                       return std::vector<KernelCandidate>{
                           {kDirect, direct}, {kOneDnn, [&trial, &library, first, second, result] {
                                                 library->Run(first, second, trial->bias.data(), result,
                                                              trial->scratch.data());
                                               }}};
                     }));
    if (name != kOneDnn) library = nullptr;
    return library;
  };
  ConvolutionOperator::Kernels kernels;
  ASSIGN_OR_RETURN(kernels.forward, choose("convolution-forward", ConvolutionPass::kForward, false, [&] {
                     trial->direct.Forward(trial->x.data(), trial->weight.data(), trial->bias.data(), false,
                                           trial->y.data(), trial->scratch.data());
                   }));
  ASSIGN_OR_RETURN(
      kernels.weight_gradient,
      choose("convolution-weight-gradient", ConvolutionPass::kWeightGradient, setup.accumulates[1], [&] {
        trial->direct.WeightGradient(trial->x.data(), trial->y.data(), false, trial->weight.data());
      }));
  if (setup.wanted[0]) {
    ASSIGN_OR_RETURN(
        kernels.input_gradient,
        choose("convolution-input-gradient", ConvolutionPass::kInputGradient, setup.accumulates[0], [&] {
          trial->direct.InputGradient(trial->y.data(), trial->weight.data(), false, trial->x.data(),
                                      trial->scratch.data());
        }));
  }
  return std::make_unique<ConvolutionOperator>(setup, shape, std::move(kernels));
}

}  // namespace concertina
