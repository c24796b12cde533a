// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// convolution.cc: a convolution's three passes as gather plans and sums over windows.
// On the way of the data: graph/convolution_operator.cc -> here -> tensor/direct_gather.h.
#include "core/tensor/convolution.h"

namespace concertina {

DirectConvolution::DirectConvolution(const ConvolutionShape& shape)
    : shape_(shape),
      forward_(
          {.channels = shape.in_channels,
           .source_height = shape.height,
           .source_width = shape.width,
           .kernel_height = shape.kernel_height,
           .kernel_width = shape.kernel_width,
           .lanes = GatherBlockLanes(shape.lanes)},
          ForwardAxis(shape.height, shape.out_height(), shape.kernel_height, shape.stride, shape.padding),
          ForwardAxis(shape.width, shape.out_width(), shape.kernel_width, shape.stride, shape.padding)),
      backward_(
          {.channels = shape.out_channels,
           .source_height = shape.out_height(),
           .source_width = shape.out_width(),
           .kernel_height = shape.kernel_height,
           .kernel_width = shape.kernel_width,
           .lanes = GatherBlockLanes(shape.lanes)},
          BackwardAxis(shape.out_height(), shape.height, shape.kernel_height, shape.stride, shape.padding),
          BackwardAxis(shape.out_width(), shape.width, shape.kernel_width, shape.stride, shape.padding)),
      zeros_(shape.lanes) {}

GatherJob DirectConvolution::ForwardJob() const {
  const int64_t depth = shape_.in_channels * shape_.taps();
  return {.plan = &forward_,
          .rows = shape_.out_channels,
          .depth = depth,
          .lanes = shape_.lanes,
          .threads = shape_.threads,
          .row_stride = depth,
          .inner = depth};
}

GatherJob DirectConvolution::BackwardJob() const {
  return {.plan = &backward_,
          .rows = shape_.in_channels,
          .depth = shape_.out_channels * shape_.taps(),
          .lanes = shape_.lanes,
          .threads = shape_.threads,
          .row_stride = shape_.taps(),
          .inner = shape_.taps(),
          .outer_stride = shape_.in_channels * shape_.taps()};
}

void DirectConvolution::Forward(const float* x, const float* weight, const float* bias, bool rectify,
                                float* y, float* scratch) const {
  GatherJob job = ForwardJob();
  job.weight = weight;
  job.bias = bias;
  job.rectify = rectify;
  job.source = x;
  job.target = y;
  job.scratch = scratch;
  RunGather(job);
}

void DirectConvolution::InputGradient(const float* dy, const float* weight, bool accumulate, float* dx,
                                      float* scratch) const {
  GatherJob job = BackwardJob();
  job.weight = weight;
  job.accumulate = accumulate;
  job.source = dy;
  job.target = dx;
  job.scratch = scratch;
  RunGather(job);
}

void DirectConvolution::WeightGradient(const float* x, const float* dy, bool accumulate,
                                       float* dweight) const {
  RunWeightGradient({.in_channels = shape_.in_channels,
                     .height = shape_.height,
                     .width = shape_.width,
                     .out_channels = shape_.out_channels,
                     .out_height = shape_.out_height(),
                     .out_width = shape_.out_width(),
                     .kernel_height = shape_.kernel_height,
                     .kernel_width = shape_.kernel_width,
                     .stride = shape_.stride,
                     .padding = shape_.padding,
                     .lanes = shape_.lanes,
                     .threads = shape_.threads,
                     .x = x,
                     .dy = dy,
                     .zeros = zeros_.data(),
                     .accumulate = accumulate,
                     .dweight = dweight});
}

}  // namespace concertina
