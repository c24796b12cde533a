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
//
// With kSampled the guess is for k itself, and is believed from k/2 candidates on: as many are the result, or
// the k largest of them if there are more [the hierarchical selection of Lin et al. Deep Gradient
// Compression. ICLR 2018]. These are still the largest of all, but their number is somewhat below k.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"

namespace concertina {

// |value| as bits, which are ordered like it.
inline int32_t MagnitudeBits(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits & 0x7fffffff;
}

// Writes the elements of `block` whose magnitude bits reach `least` > 0, and their indices, which count from
// `offset`; there must be room for all of the block. Gives their number.
int64_t CollectLargest(std::span<const float> block, int64_t offset, int32_t least, uint32_t* indices,
                       float* values);

// x becomes its k largest elements, ties to the lower index, and zeros. Allocates nothing.
void KeepLargest(std::span<float> x, int64_t k);

class LargestSelector {
 public:
  enum class Selection { kExact, kSampled };
  explicit LargestSelector(Selection selection = Selection::kExact) : selection_(selection) {}
  void SetSelection(Selection selection) { selection_ = selection; }  // from the next Begin on
  // Elements x_i = a_i + b_i, i < d; an empty b is zeros. 1 <= k <= d < 2^32. Allocates once for a given d
  // and k.
  void Begin(int64_t k, std::span<const float> a, std::span<const float> b);
  // The same, where x is not there yet: `line_of` writes x_begin, … to the line that it is given, for the
  // sample.
  using LineOf = absl::FunctionRef<void(int64_t begin, std::span<float> line)>;
  void Begin(int64_t k, int64_t d, LineOf line_of);
  // Consecutive blocks of x, each at most kMaxBlock long.
  void Visit(std::span<const float> block, int64_t offset);
  // How many Finish will write, once all blocks were visited: k; with kSampled, k/2 to k.
  int64_t count() const { return guessed() && candidates_ < k_ ? candidates_ : k_; }
  // x once more, whole. Writes count() indices (u32), ascending, and as many values (f32). The pointers need
  // no alignment.
  void Finish(std::span<const float> x, uint8_t* indices, uint8_t* values);

  static constexpr int64_t kMaxBlock = 4096;
  // How often Finish had to count over all elements: for tests and for choosing the margin.
  int64_t full_counts() const { return full_counts_; }

 private:
  bool guessed() const {
    const int64_t enough = selection_ == Selection::kSampled ? (k_ + 1) / 2 : k_;
    return least_ > 0 && !overflowed_ && candidates_ >= enough;
  }

  Selection selection_;
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
