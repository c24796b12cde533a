// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// batch_norm.h: batch normalisation of each channel over positions and samples, ReLU in the same pass.
//   y = scale (x - mean) / sqrt(variance + epsilon) + shift
//   [Ioffe, Szegedy. Batch Normalization. ICML 2015]
// On the way of the data: graph/batch_norm_operator.cc -> here.
#pragma once

#include <cstdint>

namespace concertina {

struct BatchNormShape {
  int64_t channels = 0;
  int64_t places = 1;  // of each channel's plane
  int64_t batch = 0;   // samples that count; lanes beyond them are not in the statistics
  int64_t lanes = 0;
  double momentum = 0.1;
  double epsilon = 1e-5;
  bool rectify = false;
  int threads = 1;
};

struct BatchNormValues {
  const float* scale = nullptr;
  const float* shift = nullptr;
  float* running_mean = nullptr;
  float* running_variance = nullptr;  // follows the unbiased variance, as PyTorch's
};

// Training: statistics of the batch, kept in `saved` (2 x channels: mean, 1 / sqrt(variance + epsilon)) and
// mixed into the running ones. Variance is taken around the mean in a second pass over the plane, which is
// in the cache by then: one pass loses all digits when the mean is large.
void BatchNormForward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                      float* saved, float* y);
// Evaluation: the running statistics.
void BatchNormEvaluate(const BatchNormShape& shape, const BatchNormValues& values, const float* x, float* y);

struct BatchNormGradients {
  float* scale = nullptr;  // each may be null: not wanted
  float* shift = nullptr;
  float* x = nullptr;
  bool accumulate_scale = false, accumulate_shift = false, accumulate_x = false;
};
void BatchNormBackward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                       const float* saved, const float* dy, const BatchNormGradients& gradients);

}  // namespace concertina
