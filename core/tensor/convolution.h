// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// convolution.h: the three passes of a convolution, directly, over features x lanes (tensor/batch_lanes.h).
//   y[o](i) = b[o] + sum over c, t of w[o][c](t) x[c](i * stride - padding + t)
// On the way of the data: graph/convolution_operator.cc -> here -> tensor/register_tile-inl.h.
//
// Vectors run over the batch, so one input channel is as good as 64, and no image is copied (im2col):
// each output position reads its window where it lies, through a table of offsets made once.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor/direct_gather.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/gather_plan.h"

namespace concertina {

struct ConvolutionShape {
  int64_t in_channels = 0, height = 0, width = 0;
  int64_t out_channels = 0, kernel_height = 0, kernel_width = 0;
  int64_t stride = 1, padding = 0;
  int64_t lanes = 0;  // a multiple of kBatchLanes
  int threads = 1;

  int64_t out_height() const { return (height + 2 * padding - kernel_height) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel_width) / stride + 1; }
  int64_t taps() const { return kernel_height * kernel_width; }
  int64_t in_size() const { return in_channels * height * width * lanes; }
  int64_t out_size() const { return out_channels * out_height() * out_width() * lanes; }
  int64_t weight_count() const { return out_channels * in_channels * taps(); }
};

// Immutable after construction; any thread may run it. No call allocates.
class DirectConvolution {
 public:
  explicit DirectConvolution(const ConvolutionShape& shape);

  // What `scratch` of Forward and of InputGradient holds.
  int64_t forward_scratch_floats() const { return ForwardJob().scratch_floats(); }
  int64_t backward_scratch_floats() const { return BackwardJob().scratch_floats(); }
  void Forward(const float* x, const float* weight, const float* bias, bool rectify, float* y,
               float* scratch) const;
  void InputGradient(const float* dy, const float* weight, bool accumulate, float* dx, float* scratch) const;
  void WeightGradient(const float* x, const float* dy, bool accumulate, float* dweight) const;

 private:
  GatherJob ForwardJob() const;
  GatherJob BackwardJob() const;

  ConvolutionShape shape_;
  GatherPlan forward_;
  GatherPlan backward_;
  FloatBuffer zeros_;
};

}  // namespace concertina
