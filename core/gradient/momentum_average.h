// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// momentum_average.h: ranks that agree on momentum instead of on gradients, once a warm-up is over: what is
// between 1-bit Adam (nn/adam.cc) and a codec.
// On the way of the data: a gradient -> here -> the inner codec, and back through gradient/integrator.h.
#pragma once

#include <cstdint>
#include <memory>

#include "core/gradient/codec.h"

namespace concertina {

// `inner` is gathered, and adds nothing up over the steps. From step `first` on what the ranks average is
//   x_i = beta m + (1 - beta) g_i,   m <- mean_i Decode(C(x_i))
// before it g_i as it is, a sum of floats. sum() and MaxPayloadBytes are of the last step that was encoded,
// and of the time from `first` on before that.
std::unique_ptr<Codec> AverageMomentum(std::unique_ptr<Codec> inner, double beta, int64_t first);

// The inner codec of what AverageMomentum made; any other as it is. Before its first use, for who compresses
// what is momentum already.
std::unique_ptr<Codec> WithoutMomentum(std::unique_ptr<Codec> codec);

}  // namespace concertina
