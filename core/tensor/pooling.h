// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pooling.h: the largest or the mean element of each window, over features x lanes (tensor/batch_lanes.h).
// On the way of the data: graph/pooling_operator.cc -> here.
//
// Padding is never the largest; the mean counts it as zeros, as PyTorch does. Of equals the first in row
// order is taken; NaN is larger than all.
#pragma once

#include <cstdint>

namespace concertina {

struct PoolShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t kernel = 1, stride = 1, padding = 0;
  int64_t lanes = 0;
  int threads = 1;

  int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  int64_t out_size() const { return channels * out_height() * out_width() * lanes; }
};

// `chosen` (out_size() bytes) gets the place in the window, ky * kernel + kx < 256, for the way back.
inline constexpr int64_t kLargestMaxPoolKernel = 16;
void MaxPoolForward(const PoolShape& shape, const float* x, float* y, uint8_t* chosen);
void MaxPoolBackward(const PoolShape& shape, const float* dy, const uint8_t* chosen, bool accumulate,
                     float* dx);

void AveragePoolForward(const PoolShape& shape, const float* x, float* y);
void AveragePoolBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx);

// The mean of each channel's plane: kernel, stride and padding are not looked at.
void GlobalAverageForward(const PoolShape& shape, const float* x, float* y);
void GlobalAverageBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx);

}  // namespace concertina
