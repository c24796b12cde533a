// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draws.cc: the random numbers of stochastic rounding (see draws.h).
// On the way of the data: terngrad.cc, qsgd.cc, natural.cc -> here.
#include "core/gradient/draws.h"

#include <algorithm>

#include "core/base/rng.h"

namespace concertina {

DrawKey MakeDrawKey(uint64_t seed, int64_t step, std::span<const float> gradient) {
  constexpr size_t kSampled = 256;
  const size_t stride = std::max<size_t>(1, gradient.size() / kSampled);
  uint64_t signs = gradient.size();
  for (size_t i = 0, at = 0; i < kSampled && at < gradient.size(); ++i, at += stride) {
    const uint64_t sign = gradient[at] > 0 ? 1 : gradient[at] < 0 ? 2 : 0;
    signs = (signs ^ sign) * 0x100000001b3ULL;  // FNV-1a's multiplier
  }
  Rng rng(seed ^ signs, "stochastic rounding", static_cast<uint64_t>(step));
  const uint64_t key = rng.Next();
  return {.first = static_cast<uint32_t>(key), .second = static_cast<uint32_t>(key >> 32)};
}

uint64_t SeedOfRank(uint64_t seed, uint64_t run_seed, int rank) {
  return Rng(SeedOfRun(seed, run_seed), "draws of a rank", static_cast<uint64_t>(rank)).Next();
}

uint64_t SeedOfRun(uint64_t seed, uint64_t run_seed) { return Rng(run_seed, "draws of a run", seed).Next(); }

}  // namespace concertina
