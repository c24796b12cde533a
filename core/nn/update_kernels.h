// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// update_kernels.h: the vector loops of the optimisers: one pass over parameters, gradients and state.
// On the way of the data: nn/sgd.cc, nn/adam.cc -> here, and back.
//
// An element's result depends on that element alone, never on where in a call it stood: any split of the
// parameters into calls gives the same bits. All pointers are to n floats that do not overlap.
#pragma once

#include <cstdint>

namespace concertina {

struct SgdFactors {
  float learning_rate = 0;
  float momentum = 0;
  float weight_decay = 0;
  bool nesterov = false;
};
// d = g + weight_decay w;  v = momentum v + d;  w -= learning_rate (nesterov ? d + momentum v : v).
// With momentum 0 the velocity is neither read nor written.
void SgdUpdate(const SgdFactors& factors, const float* gradient, float* velocity, float* parameters,
               int64_t n);

struct AdamFactors {
  float beta1 = 0, beta2 = 0;
  float step_size = 0;            // learning_rate / (1 - beta1^t)
  float second_moment_scale = 0;  // 1 / sqrt(1 - beta2^t)
  float epsilon = 0;
  float gradient_decay = 0;  // Adam: added to g as gradient_decay w
  float parameter_keep = 1;  // AdamW: w is multiplied by it first
};
// g' = g + gradient_decay w;  m = beta1 m + (1 - beta1) g';  v = beta2 v + (1 - beta2) g'^2;
// w = parameter_keep w - step_size m / (second_moment_scale sqrt(v) + epsilon).
void AdamUpdate(const AdamFactors& factors, const float* gradient, float* first_moment, float* second_moment,
                float* parameters, int64_t n);

}  // namespace concertina
