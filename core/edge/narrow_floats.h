// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// narrow_floats.h: floats of 16 bits, as bits: nothing passes through the floating-point unit, which may
// change a NaN. On the way of the data: edge/tensor_values.cc -> here -> bytes, and back.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace concertina {

// IEEE 754 binary16 as binary32; a NaN keeps its payload.
inline uint32_t FromFloat16(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = half >> 10 & 31U, fraction = half & 1023U;
  if (exponent == 31) return sign | 0x7f800000U | fraction << 13;
  if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0) return sign;
  // fraction 2^-24, normalised
  const auto shift = static_cast<uint32_t>(std::countl_zero(fraction)) - 21;
  return sign | (113 - shift) << 23 | (fraction << shift & 1023U) << 13;
}

// The binary16 with exactly this value, or payload.
inline std::optional<uint16_t> ToFloat16(uint32_t bits) {
  const uint32_t sign = bits >> 16 & 0x8000U;
  const uint32_t exponent = bits >> 23 & 255U, fraction = bits & 0x7fffffU;
  uint32_t half = 0;
  if (exponent == 255) {
    half = 0x7c00U | fraction >> 13;
  } else if (exponent >= 113 && exponent <= 142) {
    half = (exponent - 112) << 10 | fraction >> 13;
  } else if (exponent >= 103 && exponent <= 112) {
    half = (fraction | 0x800000U) >> (126 - exponent);
  }
  const auto narrow = static_cast<uint16_t>(sign | half);
  return FromFloat16(narrow) == bits ? std::optional(narrow) : std::nullopt;
}

inline uint32_t FromBfloat16(uint16_t narrow) { return static_cast<uint32_t>(narrow) << 16; }
inline bool IsBfloat16(uint32_t bits) { return (bits & 0xffffU) == 0; }

}  // namespace concertina
