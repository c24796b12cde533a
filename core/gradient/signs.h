// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// signs.h: one bit an element: which of two values stands for it.
// On the way of the data: signsgd.cc, onebit.cc, natural.cc -> here.
// Bit i mod 8 of byte i / 8 is 1 where x_i < 0; zeros of both signs are positive. Bits after the last are 0.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

struct TwoValues {
  float positive = 0;
  float negative = 0;
};

void SignsOf(std::span<const float> x, uint8_t* bits);
// The same, and x_i -= the value that stands for it.
void TakeSigns(std::span<float> x, TwoValues values, uint8_t* bits);
void SignsToFloats(const uint8_t* bits, TwoValues values, std::span<float> x);

struct SumsBySign {
  double positive = 0;    // of the elements of at least 0
  double negative = 0;    // of the others
  int64_t negatives = 0;  // how many those are
};
// x is finite.
SumsBySign SumBySign(std::span<const float> x);

}  // namespace concertina
