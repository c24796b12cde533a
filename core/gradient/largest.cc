// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// largest.cc: the k elements of largest magnitude (see largest.h).
// On the way of the data: a sparsifying codec's Encode -> here -> its payload.
#include "core/gradient/largest.h"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/largest.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Appends the elements whose magnitude bits reach `least` to indices and values, which have room for n more.
// Candidates are rare, mostly alone in their vector, so walking the mask's bits costs little. Compressing the
// vector instead is as fast with AVX-512 and takes the whole pass from 26 to 33 ms with AVX2 (25 M elements,
// 1 % kept); compressing always, without the branch, takes 40 and 118.
int64_t CollectAny(const float* x, int64_t n, uint32_t offset, int32_t least, uint32_t* indices,
                   float* values) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto reaches = hn::Set(di, least - 1);
  const auto magnitude_mask = hn::Set(di, 0x7fffffff);
  int64_t found = 0;
  const auto take = [&](auto v, int64_t at) HWY_ATTR {
    const auto is_candidate = hn::Gt(hn::And(hn::BitCast(di, v), magnitude_mask), reaches);
    if (hn::AllFalse(di, is_candidate)) return;
    uint64_t bits = 0;  // lane i is bit i
    hn::StoreMaskBits(di, is_candidate, reinterpret_cast<uint8_t*>(&bits));
    for (; bits != 0; bits &= bits - 1) {
      const int64_t i = at + std::countr_zero(bits);
      indices[found] = offset + static_cast<uint32_t>(i);
      values[found++] = x[i];
    }
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { take(hn::LoadU(d, x + i), i); },
      [&](int64_t i, int64_t count) HWY_ATTR { take(LoadPart(d, x + i, count), i); });
  return found;
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>

namespace concertina {
namespace {

HWY_EXPORT(CollectAny);

constexpr int64_t kLine = 16;             // floats a cache line: a sample takes whole ones
constexpr int64_t kSampledLines = 4096;   // at most about so many, and one in 16
constexpr int64_t kLeastSampled = 32768;  // below, counting everything is cheaper than guessing

uint32_t Bits(float value) { return static_cast<uint32_t>(MagnitudeBits(value)); }

// Keep every magnitude above `bits`, and the first `ties` that equal it.
struct Cut {
  uint32_t bits = 0;
  int64_t ties = 0;
};

// The k-th largest magnitude: three digits of 11, 10 and 10 bits, the highest first. Two tables take turns,
// since gradients fall into few exponents and a counter that was just written is slow to read.
Cut FindCut(std::span<const float> values, int64_t k) {
  std::array<std::array<uint32_t, 2048>, 2> tables;
  uint32_t prefix = 0;
  int64_t wanted = k;
  for (const auto& [shift, width] : {std::pair{20, 11}, {10, 10}, {0, 10}}) {
    for (auto& table : tables) table.fill(0);
    const uint32_t digit_mask = (1U << width) - 1;
    const int above = shift + width;
    if (above == 31) {
      for (size_t i = 0; i + 1 < values.size(); i += 2) {
        ++tables[0][Bits(values[i]) >> 20];
        ++tables[1][Bits(values[i + 1]) >> 20];
      }
      if (values.size() % 2 == 1) ++tables[0][Bits(values.back()) >> 20];
    } else {
      for (const float value : values) {
        const uint32_t bits = Bits(value);
        if (bits >> above == prefix) ++tables[0][(bits >> shift) & digit_mask];
      }
    }
    uint32_t digit = digit_mask;
    for (;; --digit) {
      const int64_t count = int64_t{tables[0][digit]} + tables[1][digit];
      if (wanted <= count || digit == 0) break;
      wanted -= count;
    }
    prefix = prefix << width | digit;
  }
  return {prefix, wanted};
}

// Writes what the cut keeps, until k are written.
template <class IndexOf>
void WriteKept(std::span<const float> values, const Cut& cut, int64_t k, IndexOf index_of, uint8_t* indices,
               uint8_t* kept_values) {
  int64_t ties = cut.ties;
  int64_t kept = 0;
  for (size_t i = 0; kept < k; ++i) {
    assert(i < values.size());
    const uint32_t bits = Bits(values[i]);
    const uint32_t index = index_of(i);
    std::memcpy(indices + 4 * kept, &index, 4);
    std::memcpy(kept_values + 4 * kept, &values[i], 4);
    const bool is_tie = bits == cut.bits && ties > 0;
    ties -= is_tie;
    kept += bits > cut.bits || is_tie;  // what was written is overwritten unless it counts
  }
}

}  // namespace

int64_t CollectLargest(std::span<const float> block, int64_t offset, int32_t least, uint32_t* indices,
                       float* values) {
  return HWY_DYNAMIC_DISPATCH(CollectAny)(block.data(), static_cast<int64_t>(block.size()),
                                          static_cast<uint32_t>(offset), least, indices, values);
}

void KeepLargest(std::span<float> x, int64_t k) {
  if (k >= static_cast<int64_t>(x.size())) return;
  Cut cut = FindCut(x, k);
  for (float& value : x) {
    const uint32_t bits = Bits(value);
    const bool is_tie = bits == cut.bits && cut.ties > 0;
    cut.ties -= is_tie;
    if (bits <= cut.bits && !is_tie) value = 0;
  }
}

void LargestSelector::Begin(int64_t k, std::span<const float> a, std::span<const float> b) {
  assert(b.empty() || b.size() == a.size());
  Begin(k, static_cast<int64_t>(a.size()), [&](int64_t begin, std::span<float> line) {
    const auto at = static_cast<size_t>(begin);
    for (size_t i = 0; i < line.size(); ++i) line[i] = b.empty() ? a[at + i] : a[at + i] + b[at + i];
  });
}

void LargestSelector::Begin(int64_t k, int64_t d, LineOf line_of) {
  assert(k >= 1 && k <= d);
  k_ = k;
  least_ = 0;
  candidates_ = 0;
  overflowed_ = false;
  if (d < kLeastSampled || k > d / 8) return;
  // Whole cache lines at even distances, so that every layer has its share.
  const int64_t stride = kLine * std::max<int64_t>(16, d / kLine / kSampledLines);
  sample_.clear();
  for (int64_t begin = 0; begin + kLine <= d; begin += stride) {
    sample_.resize(sample_.size() + kLine);
    line_of(begin, std::span(sample_).last(kLine));
  }
  // Elements of a line are alike, so the sample is worth less than its size: a quarter more than the share,
  // and room for chance.
  const double share = static_cast<double>(k) * static_cast<double>(sample_.size()) / static_cast<double>(d);
  const auto rank = static_cast<int64_t>(
      std::ceil(selection_ == Selection::kSampled ? share : 1.25 * share + 4 * std::sqrt(share) + 4));
  if (rank > static_cast<int64_t>(sample_.size())) return;
  // At least 1: zeros are no candidates, however many there are.
  least_ = std::max<int32_t>(1, static_cast<int32_t>(FindCut(sample_, rank).bits));
  const size_t room = static_cast<size_t>(2 * rank * d / static_cast<int64_t>(sample_.size()) + kMaxBlock);
  if (indices_.size() < room) {
    indices_.resize(room);
    values_.resize(room);
  }
}

void LargestSelector::Visit(std::span<const float> block, int64_t offset) {
  const auto n = static_cast<int64_t>(block.size());
  assert(n <= kMaxBlock);
  if (least_ == 0 || overflowed_) return;
  if (candidates_ + n > static_cast<int64_t>(indices_.size())) {
    overflowed_ = true;
    return;
  }
  candidates_ +=
      CollectLargest(block, offset, least_, indices_.data() + candidates_, values_.data() + candidates_);
}

void LargestSelector::Finish(std::span<const float> x, uint8_t* indices, uint8_t* values) {
  if (guessed() && candidates_ <= k_) {
    std::memcpy(indices, indices_.data(), static_cast<size_t>(4 * candidates_));
    std::memcpy(values, values_.data(), static_cast<size_t>(4 * candidates_));
  } else if (guessed()) {
    const std::span<const float> candidates(values_.data(), static_cast<size_t>(candidates_));
    WriteKept(
        candidates, FindCut(candidates, k_), k_, [&](size_t i) { return indices_[i]; }, indices, values);
  } else {
    ++full_counts_;
    WriteKept(
        x, FindCut(x, k_), k_, [](size_t i) { return static_cast<uint32_t>(i); }, indices, values);
  }
}

}  // namespace concertina
#endif  // HWY_ONCE
