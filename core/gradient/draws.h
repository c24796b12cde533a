// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draws.h: the random numbers of stochastic rounding: a function of seed, step, gradient and element, so that
// there is no state to save and a resumed run draws as it would have.
// On the way of the data: terngrad.cc, qsgd.cc, natural.cc -> here.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

// What the draws of one Encode share; draws-inl.h makes an element's number of it, in vectors.
struct DrawKey {
  uint32_t first = 0;
  uint32_t second = 0;
};

// A codec does not know its bucket, and not always its rank, and two of them that round alike would add their
// errors instead of averaging them. So the signs of up to 256 elements are mixed in: batches that differ give
// gradients that differ in some of them, while the last bit of a sum that was taken in another order, as with
// other numbers of workers, changes none. Ranks that hold the very same gradient draw alike where they were
// not told who they are. The expectation that the papers take is over the seed, or over steps.
DrawKey MakeDrawKey(uint64_t seed, int64_t step, std::span<const float> gradient);

// Codec::SeedDraws: the seed of one rank of a run, of a codec with the parameter `seed`. Two ranks', and two
// runs', are independent.
uint64_t SeedOfRank(uint64_t seed, uint64_t run_seed, int rank);
// The same for what all ranks of the run draw alike.
uint64_t SeedOfRun(uint64_t seed, uint64_t run_seed);

}  // namespace concertina
