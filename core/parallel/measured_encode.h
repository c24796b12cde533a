// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// measured_encode.h: encodes a gradient and adds up what that cost: time, bytes, residual and now and then
// the error. On the way of the data: parallel/exchange.h's gradients -> here -> gradient/codec.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/gradient/codec.h"
#include "core/parallel/exchange.h"
#include "core/parallel/layer_meter.h"

namespace concertina {

// Whether the error is measured at this step: it costs a copy and a decode.
bool MeasuresError(int64_t step, int64_t every_steps);
// Adds what the gradient and its decoded payload agree to what the step cost, and to the meter of `place`.
void AddError(std::span<const float> before, std::span<const float> decoded, const MeteredPlace& place,
              ExchangeCost& cost);

// `before`: room for a copy of the gradient, for the error. At the steps that measure it the gradient becomes
// what the payload says.
absl::Status MeasuredEncode(Codec& codec, std::span<float> gradient, std::span<float> before, int64_t step,
                            std::vector<uint8_t>& payload, ExchangeCost& cost,
                            const MeteredPlace& place = {});

}  // namespace concertina
