// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dropout.h: drops each element with probability `rate` and scales the others by 1 / (1 - rate).
//   [Srivastava et al. Dropout. JMLR 2014]
// On the way of the data: graph/dropout_operator.cc -> here.
//
// Whether an element is dropped is a function of (key, feature, sample), so nothing is kept for the way back,
// and the mask does not depend on threads, lanes or the order of work.
#pragma once

#include <cstdint>

namespace concertina {

struct DropoutShape {
  int64_t features = 0;
  int64_t lanes = 0;
  double rate = 0;
  int threads = 1;
  int64_t first_feature = 0;  // of x among the features that the mask is for
  int64_t first_sample = 0;   // and among the samples
};

// One for each (seed, step, node).
struct DropoutKey {
  uint32_t first = 0;
  uint32_t second = 0;
};

// y = x scaled or 0; or y += that, for the way back (where x is dy and y is dx).
void Dropout(const DropoutShape& shape, DropoutKey key, const float* x, bool accumulate, float* y);

// The factor of one element, as Dropout applies it: 0 or 1 / (1 - rate).
float DropoutFactor(double rate, DropoutKey key, int64_t feature, int64_t sample);

}  // namespace concertina
