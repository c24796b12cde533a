// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// levels.h: a block of floats as whole multiples of a scale's s-th part, rounded to the nearest or at random.
// On the way of the data: int8.cc, terngrad.cc, qsgd.cc -> here -> packed_codes.h.
//   k_i = sign(x_i) round(s |x_i| / scale), from -s to s;     code = k + s;     value = k scale / s
#pragma once

#include <cstdint>
#include <span>

#include "core/gradient/draws.h"

namespace concertina {

inline constexpr int kMostLevels = 127;

// `scale` is finite and at least 0; a magnitude beyond it becomes s, and with a scale of 0 every k is 0.
void LevelsToNearest(std::span<const float> x, float scale, int s, uint8_t* codes);
// floor(s |x| / scale + u), u uniform in [0, 1) with 24 bits: its mean over u is s |x| / scale up to s.
// `first` is the index of x[0] for the draws.
void LevelsAtRandom(std::span<const float> x, float scale, int s, DrawKey key, uint32_t first,
                    uint8_t* codes);
// False if a code is beyond 2s. Every value is finite, and none beyond the scale.
bool LevelsToFloats(const uint8_t* codes, float scale, int s, std::span<float> values);

// value = number * size * unscale, for numbers of at most `most`: size is scale / most rounded towards 0, so
// that no value is beyond the scale. A tiny scale is lifted by 2^100 meanwhile, since its parts would be
// subnormal.
struct Step {
  float size = 0;
  float unscale = 1;
};
Step StepOf(float scale, float most);
// number = x * lift * inverse.
struct InverseStep {
  float lift = 1;
  float inverse = 0;
};
InverseStep InverseStepOf(float scale, float most);

}  // namespace concertina
