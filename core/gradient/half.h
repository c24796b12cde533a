// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half.h: arrays of floats as IEEE 754 binary16 ("half"), and back. Round to nearest, ties to even.
// On the way of the data: gradient/fp16.cc -> here, and back.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

inline constexpr float kLargestHalf = 65504;

// halves = values, 2 bytes each; magnitudes above 65504 become 65504. False if any value is NaN or infinite,
// and then the halves mean nothing. One pass; same bits with every instruction set.
bool FloatsToHalves(std::span<const float> values, uint8_t* halves);
// values = halves; false if any of them is NaN or infinite.
bool HalvesToFloats(const uint8_t* halves, std::span<float> values);
// values += halves; false if any of the halves is NaN or infinite.
bool AddHalves(const uint8_t* halves, std::span<float> values);
// The index of the first half that is NaN or infinite, -1 if there is none.
int64_t FirstNotFiniteHalf(const uint8_t* halves, int64_t n);

}  // namespace concertina
