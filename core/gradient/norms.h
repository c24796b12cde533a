// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// norms.h: ||x||_max, ||x||_1 and ||x||_2^2 at memory speed; the same bits whatever the instruction set is not
// promised for the sums: what ranks must agree on travels in the payload.
// On the way of the data: the codecs of this folder -> here.
#pragma once

#include <span>

namespace concertina {

// The largest |x_i|; 0 for none. Infinity or NaN if x holds one of them.
float MaxMagnitude(std::span<const float> x);
// Summed in double: no float's square overflows it.
double SumMagnitudes(std::span<const float> x);
double SumSquares(std::span<const float> x);

}  // namespace concertina
