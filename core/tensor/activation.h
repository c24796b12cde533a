// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// activation.h: functions of each element by itself, and their derivatives.
// On the way of the data: graph/activation_operator.cc -> here.
//
// `count` is a multiple of kBatchLanes. Input and output may be the same memory. A backward kernel takes what
// it needs to have been kept: the output y for all but GELU, which needs its input x.
// tanh and exp are Highway's (4 units in the last place at most).
#pragma once

#include <cstdint>

namespace concertina {

using ActivationForward = void(int threads, int64_t count, const float* x, float* y);
using ActivationBackward = void(int threads, int64_t count, const float* kept, const float* dy,
                                bool accumulate, float* dx);

ActivationForward Relu;  // max(x, 0), and NaN stays NaN
ActivationForward Tanh;
ActivationForward Sigmoid;           // 1 / (1 + exp(-x))
ActivationForward Gelu;              // x (1 + erf(x / sqrt 2)) / 2  [Hendrycks, Gimpel. arXiv:1606.08415]
ActivationBackward ReluBackward;     // keeps y; the derivative at 0 is 0
ActivationBackward TanhBackward;     // keeps y
ActivationBackward SigmoidBackward;  // keeps y
ActivationBackward GeluBackward;     // keeps x

// y = a + b, rectified if asked.
void AddForward(int threads, int64_t count, const float* a, const float* b, bool rectify, float* y);
// dx = dy, or dx += dy; where `rectified` is not null, only where its element is above 0.
void AddBackward(int threads, int64_t count, const float* rectified, const float* dy, bool accumulate,
                 float* dx);

}  // namespace concertina
