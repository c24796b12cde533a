// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// largest.h: the k elements of largest magnitude among d, found in one pass over memory and without sorting.
// On the way of the data: a sparsifying codec's Encode -> here -> its payload.
//
// A float's magnitude orders like its bits without the sign, so selection is counting digits of 31-bit
// integers.
//   1. Begin looks at a sample, and guesses a magnitude that somewhat more than k elements reach.
//   2. Visit sees every element once, and keeps those: the candidates, with their indices.
//   3. Finish counts digits among the candidates only, which gives the k-th largest magnitude exactly.
// A wrong guess (fewer than k candidates, or far too many) costs a slower count over all elements, never
// another answer: the result is that of a stable sort by falling magnitude. Ties go to the lower index.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

class LargestSelector {
 public:
  // Elements x_i = a_i + b_i, i < d; an empty b is zeros. 1 <= k <= d < 2^32. Allocates once for a given d
  // and k.
  void Begin(int64_t k, std::span<const float> a, std::span<const float> b);
  // Consecutive blocks of x, each at most kMaxBlock long.
  void Visit(std::span<const float> block, int64_t offset);
  // x once more, whole. Writes k indices (u32), ascending, and their k values (f32). The pointers need no
  // alignment.
  void Finish(std::span<const float> x, uint8_t* indices, uint8_t* values);

  static constexpr int64_t kMaxBlock = 4096;
  // How often Finish had to count over all elements: for tests and for choosing the margin.
  int64_t full_counts() const { return full_counts_; }

 private:
  bool guessed() const { return least_ > 0 && !overflowed_ && candidates_ >= k_; }

  int64_t k_ = 0;
  int32_t least_ = 0;  // magnitude bits that a candidate reaches; 0: no guess
  int64_t candidates_ = 0;
  bool overflowed_ = false;
  int64_t full_counts_ = 0;
  std::vector<uint32_t> indices_;
  std::vector<float> values_;
  std::vector<float> sample_;
};

}  // namespace concertina
