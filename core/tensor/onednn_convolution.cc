// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onednn_convolution.cc: primitives and reorders, made once; a call only sets pointers and runs them in
// order. On the way of the data: graph/convolution_operator.cc -> here -> oneDNN.
#include "core/tensor/onednn_convolution.h"

#include <omp.h>

#include <cstdlib>
#include <vector>

#include "fmt/format.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace concertina {
namespace {

using dnnl::memory;

constexpr int64_t kFloatsOfLine = 16;

int64_t FloatsOf(const memory::desc& desc) {
  const auto floats = static_cast<int64_t>((desc.get_size() + sizeof(float) - 1) / sizeof(float));
  return (floats + kFloatsOfLine - 1) / kFloatsOfLine * kFloatsOfLine;
}

// Features x lanes, told to oneDNN as strides.
memory::desc LanesDesc(int64_t channels, int64_t height, int64_t width, int64_t lanes) {
  return {{lanes, channels, height, width},
          memory::data_type::f32,
          memory::dims{1, height * width * lanes, width * lanes, lanes}};
}

}  // namespace

struct OneDnnConvolution::Parts {
  // A tensor of the convolution: where the caller has it, and where the kernel wants it.
  struct Tensor {
    memory outside, inside;
    dnnl::reorder reorder;
    bool reordered = false;
    int64_t scratch_offset = 0;
  };

  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  int threads = 1;
  dnnl::primitive primitive;
  Tensor first, second, result;
  memory bias, scratchpad;
  int64_t scratchpad_offset = 0;
  int64_t scratch_floats = 0;
  std::vector<dnnl_exec_arg_t> arguments;

  // A tensor whose kernel has a layout of its own gets room in the scratch.
  void Make(Tensor& tensor, const memory::desc& outside, const memory::desc& inside, bool is_result) {
    tensor.outside = memory(outside, engine, nullptr);
    tensor.inside = memory(inside, engine, nullptr);
    tensor.reordered = outside != inside;
    if (!tensor.reordered) return;
    tensor.reorder = is_result ? dnnl::reorder(tensor.inside, tensor.outside)
                               : dnnl::reorder(tensor.outside, tensor.inside);
    tensor.scratch_offset = scratch_floats;
    scratch_floats += FloatsOf(inside);
  }

  void MakeScratchpad(const memory::desc& desc) {
    scratchpad = memory(desc, engine, nullptr);
    scratchpad_offset = scratch_floats;
    scratch_floats += FloatsOf(desc);
  }

  static void Point(Tensor& tensor, float* data, float* scratch) {
    tensor.outside.set_data_handle(data);
    tensor.inside.set_data_handle(tensor.reordered ? scratch + tensor.scratch_offset : data);
  }

  void Execute(const dnnl::primitive& what, const std::vector<dnnl_exec_arg_t>& with) {
    const dnnl_status_t status =
        dnnl_primitive_execute(what.get(), stream.get(), static_cast<int>(with.size()), with.data());
    if (status != dnnl_success) std::abort();  // exhausted memory: ends the process as new does
  }

  void Reorder(const Tensor& tensor, bool is_result) {
    if (!tensor.reordered) return;
    const dnnl_exec_arg_t with[] = {{DNNL_ARG_FROM, (is_result ? tensor.inside : tensor.outside).get()},
                                    {DNNL_ARG_TO, (is_result ? tensor.outside : tensor.inside).get()}};
    if (dnnl_primitive_execute(tensor.reorder.get(), stream.get(), 2, with) != dnnl_success) std::abort();
  }
};

OneDnnConvolution::OneDnnConvolution(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
OneDnnConvolution::~OneDnnConvolution() = default;

int64_t OneDnnConvolution::scratch_floats() const { return parts_->scratch_floats; }

absl::StatusOr<std::unique_ptr<OneDnnConvolution>> OneDnnConvolution::Create(const ConvolutionShape& shape,
                                                                             ConvolutionPass pass,
                                                                             bool has_bias) try {
  // The kernels are cut for the number of threads that OpenMP names now.
  if (omp_get_max_threads() != shape.threads) omp_set_num_threads(shape.threads);
  auto parts = std::make_unique<Parts>();
  parts->threads = shape.threads;
  const memory::desc x = LanesDesc(shape.in_channels, shape.height, shape.width, shape.lanes);
  const memory::desc y = LanesDesc(shape.out_channels, shape.out_height(), shape.out_width(), shape.lanes);
  const memory::dims weight_dims{shape.out_channels, shape.in_channels, shape.kernel_height,
                                 shape.kernel_width};
  const memory::desc weight(weight_dims, memory::data_type::f32, memory::format_tag::oihw);
  const memory::desc bias({shape.out_channels}, memory::data_type::f32, memory::format_tag::a);
  const auto any = [](const memory::desc& desc) {
    return memory::desc(desc.dims(), memory::data_type::f32, memory::format_tag::any);
  };
  const memory::dims strides{shape.stride, shape.stride};
  const memory::dims padding{shape.padding, shape.padding};
  // Where the last window stops short of the border, oneDNN wants the rest taken off the far padding.
  const auto far = [&](int64_t extent, int64_t outputs, int64_t kernel) {
    return (outputs - 1) * shape.stride + kernel - extent - shape.padding;
  };
  const memory::dims far_padding{far(shape.height, shape.out_height(), shape.kernel_height),
                                 far(shape.width, shape.out_width(), shape.kernel_width)};
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto algorithm = dnnl::algorithm::convolution_auto;

  const dnnl::convolution_forward::desc forward =
      has_bias ? dnnl::convolution_forward::desc(dnnl::prop_kind::forward_training, algorithm, any(x),
                                                 any(weight), bias, any(y), strides, padding, far_padding)
               : dnnl::convolution_forward::desc(dnnl::prop_kind::forward_training, algorithm, any(x),
                                                 any(weight), any(y), strides, padding, far_padding);
  const dnnl::convolution_forward::primitive_desc forward_kernel(forward, attributes, parts->engine);
  const auto argument = [&](int name, const memory& what) { parts->arguments.push_back({name, what.get()}); };
  switch (pass) {
    case ConvolutionPass::kForward: {
      parts->primitive = dnnl::convolution_forward(forward_kernel);
      parts->Make(parts->first, x, forward_kernel.src_desc(), false);
      parts->Make(parts->second, weight, forward_kernel.weights_desc(), false);
      parts->Make(parts->result, y, forward_kernel.dst_desc(), true);
      parts->MakeScratchpad(forward_kernel.scratchpad_desc());
      argument(DNNL_ARG_SRC, parts->first.inside);
      argument(DNNL_ARG_WEIGHTS, parts->second.inside);
      argument(DNNL_ARG_DST, parts->result.inside);
      if (has_bias) {
        parts->bias = memory(bias, parts->engine, nullptr);
        argument(DNNL_ARG_BIAS, parts->bias);
      }
      break;
    }
    case ConvolutionPass::kInputGradient: {
      const dnnl::convolution_backward_data::primitive_desc kernel(
          {algorithm, any(x), any(weight), any(y), strides, padding, far_padding}, attributes, parts->engine,
          forward_kernel);
      parts->primitive = dnnl::convolution_backward_data(kernel);
      parts->Make(parts->first, y, kernel.diff_dst_desc(), false);
      parts->Make(parts->second, weight, kernel.weights_desc(), false);
      parts->Make(parts->result, x, kernel.diff_src_desc(), true);
      parts->MakeScratchpad(kernel.scratchpad_desc());
      argument(DNNL_ARG_DIFF_DST, parts->first.inside);
      argument(DNNL_ARG_WEIGHTS, parts->second.inside);
      argument(DNNL_ARG_DIFF_SRC, parts->result.inside);
      break;
    }
    case ConvolutionPass::kWeightGradient: {
      const dnnl::convolution_backward_weights::primitive_desc kernel(
          {algorithm, any(x), any(weight), any(y), strides, padding, far_padding}, attributes, parts->engine,
          forward_kernel);
      parts->primitive = dnnl::convolution_backward_weights(kernel);
      parts->Make(parts->first, x, kernel.src_desc(), false);
      parts->Make(parts->second, y, kernel.diff_dst_desc(), false);
      parts->Make(parts->result, weight, kernel.diff_weights_desc(), true);
      parts->MakeScratchpad(kernel.scratchpad_desc());
      argument(DNNL_ARG_SRC, parts->first.inside);
      argument(DNNL_ARG_DIFF_DST, parts->second.inside);
      argument(DNNL_ARG_DIFF_WEIGHTS, parts->result.inside);
      break;
    }
  }
  argument(DNNL_ARG_SCRATCHPAD, parts->scratchpad);
  return std::unique_ptr<OneDnnConvolution>(new OneDnnConvolution(std::move(parts)));
} catch (const dnnl::error& error) {
  return absl::UnimplementedError(fmt::format(
      "oneDNN has no convolution for {}x{}x{} -> {} channels, kernel {}x{}: {}", shape.in_channels,
      shape.height, shape.width, shape.out_channels, shape.kernel_height, shape.kernel_width, error.what()));
}

void OneDnnConvolution::Run(const float* first, const float* second, const float* bias, float* result,
                            float* scratch) {
  Parts& parts = *parts_;
  if (omp_get_max_threads() != parts.threads) omp_set_num_threads(parts.threads);
  // oneDNN's handles know no const; what is read is only read.
  Parts::Point(parts.first, const_cast<float*>(first), scratch);
  Parts::Point(parts.second, const_cast<float*>(second), scratch);
  Parts::Point(parts.result, result, scratch);
  if (parts.bias) parts.bias.set_data_handle(const_cast<float*>(bias));
  parts.scratchpad.set_data_handle(scratch + parts.scratchpad_offset);
  parts.Reorder(parts.first, false);
  parts.Reorder(parts.second, false);
  parts.Execute(parts.primitive, parts.arguments);
  parts.Reorder(parts.result, true);
}

}  // namespace concertina
