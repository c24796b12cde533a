// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loss.h: losses of the batch and their gradients, over classes x lanes (tensor/batch_lanes.h).
//   softmax cross-entropy: -log(exp(z[label]) / sum exp(z))      mean squared error: mean over classes of
//   (p - t)^2, t being 1 at the label and 0 elsewhere
// On the way of the data: graph/loss_operator.cc -> here.
#pragma once

#include <cstdint>

namespace concertina {

struct LossShape {
  int64_t classes = 0;
  int64_t lanes = 0;
};

// Loss of each of the first `count` samples into `losses` (lanes floats). A label outside 0..classes-1 makes
// its loss NaN.
void SoftmaxCrossEntropyForward(const LossShape& shape, const float* logits, const int32_t* labels,
                                int64_t count, float* losses);
void SquaredErrorForward(const LossShape& shape, const float* prediction, const int32_t* labels,
                         int64_t count, float* losses);
// The gradient of the mean of `count` losses; exactly zero in lanes beyond them.
void SoftmaxCrossEntropyBackward(const LossShape& shape, const float* logits, const int32_t* labels,
                                 int64_t count, bool accumulate, float* gradient);
void SquaredErrorBackward(const LossShape& shape, const float* prediction, const int32_t* labels,
                          int64_t count, bool accumulate, float* gradient);

// How many of the first `count` samples have their largest element (the first of equals) at the label.
int64_t CountCorrect(const LossShape& shape, const float* prediction, const int32_t* labels, int64_t count);

}  // namespace concertina
