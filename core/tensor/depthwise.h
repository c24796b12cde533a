// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// depthwise.h: a convolution of each channel by itself, over features x lanes (tensor/batch_lanes.h).
// On the way of the data: graph/depthwise_operator.cc -> here.
//
//   y[c, oy, ox] = sum_ky,kx w[c, ky, kx] x[c, oy stride - padding + ky, ox stride - padding + kx]
// Few multiplications a float that is moved: no packing pays, and the loops over lanes are all that matters.
#pragma once

#include <cstdint>

namespace concertina {

struct DepthwiseShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride = 1, padding = 0;
  int64_t lanes = 0;
  int threads = 1;

  int64_t out_height() const { return (height + 2 * padding - kernel_height) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel_width) / stride + 1; }
};

// Sums in the order of taps, and over positions and lanes in theirs: the same bits whatever the threads.
void DepthwiseForward(const DepthwiseShape& shape, const float* x, const float* weight, float* y);
void DepthwiseInputGradient(const DepthwiseShape& shape, const float* dy, const float* weight,
                            bool accumulate, float* dx);
void DepthwiseWeightGradient(const DepthwiseShape& shape, const float* x, const float* dy, bool accumulate,
                             float* dw);

}  // namespace concertina
