// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half_floats.h: floats of 16 bits, as other programs keep weights, widened one by one. Exact.
// On the way of the data: edge/onnx_proto.cc, edge/safetensors.cc -> here -> graph/graph.h.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace concertina {

// IEEE 754 binary16: sign 1 | exponent 5, of bias 15 | fraction 10.
inline float FloatOfHalf(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  float magnitude = exponent == 0   ? std::ldexp(static_cast<float>(fraction), -24)
                    : exponent < 31 ? std::ldexp(static_cast<float>(fraction + 1024), exponent - 25)
                    : fraction == 0 ? std::numeric_limits<float>::infinity()
                                    : std::numeric_limits<float>::quiet_NaN();
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

// bfloat16: the upper half of a binary32.
inline float FloatOfBfloat16(uint16_t half) { return std::bit_cast<float>(uint32_t{half} << 16); }

}  // namespace concertina
