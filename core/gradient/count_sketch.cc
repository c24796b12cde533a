// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// count_sketch.cc: see count_sketch.h. On the way of the data: gradient/sketch.cc -> here -> its payload.
#include "core/gradient/count_sketch.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/count_sketch.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The median over the rows, or 0 if a cell is 0.
float EstimateOf(const float* table, uint32_t columns, const SketchHash* hashes, int rows, uint32_t index) {
  float estimates[CountSketch::kMostRows];
  for (int j = 0; j < rows; ++j) {
    const float cell = table[size_t{columns} * static_cast<size_t>(j) + hashes[j].ColumnOf(index, columns)];
    if (cell == 0) return 0;
    const float estimate = hashes[j].IsNegative(index) ? -cell : cell;
    int place = j;  // sorted by insertion: there are few rows
    for (; place > 0 && estimates[place - 1] > estimate; --place) estimates[place] = estimates[place - 1];
    estimates[place] = estimate;
  }
  return estimates[rows / 2];
}

// Of indices 0 to n - 1, and how many are not 0. Most vectors of indices are done after a row or two, where
// none of them has all its cells in use.
int64_t EstimateAny(const float* table, uint32_t columns, const SketchHash* hashes, int rows, float* x,
                    int64_t n) {
  int64_t found = 0;
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < n; ++i) {
    x[i] = EstimateOf(table, columns, hashes, rows, static_cast<uint32_t>(i));
    found += x[i] != 0;
  }
#else
  const hn::ScalableTag<uint32_t> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToFloat<decltype(d)> df;
  const hn::Repartition<uint64_t, decltype(d)> d64;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto c = hn::Set(d, columns);
  const auto occupied = [&](auto index, int row) HWY_ATTR {
    const auto once = hn::Add(hn::Mul(index, hn::Set(d, hashes[row].column_multiplier)),
                              hn::Set(d, hashes[row].column_offset));
    const auto hash = hn::Mul(hn::Xor(once, hn::ShiftRight<16>(once)), hn::Set(d, hashes[row].column_mixer));
    // hash * columns / 2^32, of the even lanes and of the odd ones.
    const auto even = hn::ShiftRight<32>(hn::MulEven(hash, c));
    const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, hash))), c);
    const auto column = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, even));
    const float* const cells = table + size_t{columns} * static_cast<size_t>(row);
    return hn::Ne(hn::GatherIndex(df, cells, hn::BitCast(di, column)), hn::Zero(df));
  };
  for (int64_t i = 0; i < n; i += lanes) {
    const auto index = hn::Iota(d, static_cast<uint32_t>(i));
    auto mask = occupied(index, 0);
    for (int row = 1; row < rows && !hn::AllFalse(df, mask); ++row)
      mask = hn::And(mask, occupied(index, row));
    const int64_t count = std::min(lanes, n - i);
    if (count == lanes)
      hn::StoreU(hn::Zero(df), df, x + i);
    else
      std::fill_n(x + i, count, 0.0F);
    if (hn::AllFalse(df, mask)) continue;
    uint64_t bits = 0;  // lane l is bit l
    hn::StoreMaskBits(df, mask, reinterpret_cast<uint8_t*>(&bits));
    for (; bits != 0; bits &= bits - 1) {
      const int64_t at = i + std::countr_zero(bits);
      if (at >= n) break;
      x[at] = EstimateOf(table, columns, hashes, rows, static_cast<uint32_t>(at));
      found += x[at] != 0;
    }
  }
#endif
  return found;
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cassert>
#include <limits>

#include "core/base/rng.h"

namespace concertina {
namespace {

HWY_EXPORT(EstimateAny);

}  // namespace

CountSketch::CountSketch(int rows, int64_t columns, uint64_t seed)
    : rows_(rows), columns_(columns), hashes_{} {
  assert(rows >= 1 && rows <= kMostRows && rows % 2 == 1 && columns >= 1 && columns < (int64_t{1} << 31));
  Rng rng(seed, "count sketch");
  for (SketchHash& hash : hashes_)
    hash = {.column_multiplier = static_cast<uint32_t>(rng.Next()) | 1,
            .column_offset = static_cast<uint32_t>(rng.Next()),
            .column_mixer = static_cast<uint32_t>(rng.Next()) | 1,
            .sign_multiplier = static_cast<uint32_t>(rng.Next()) | 1,
            .sign_offset = static_cast<uint32_t>(rng.Next())};
}

void CountSketch::Add(uint32_t index, float value, std::span<float> table) const {
  assert(static_cast<int64_t>(table.size()) == cells());
  for (int j = 0; j < rows_; ++j) {
    const SketchHash& hash = hashes_[static_cast<size_t>(j)];
    const size_t cell =
        static_cast<size_t>(j * columns_) + hash.ColumnOf(index, static_cast<uint32_t>(columns_));
    // Bounded: an infinite cell would end the run.
    constexpr float kMost = std::numeric_limits<float>::max();
    table[cell] = std::clamp(table[cell] + (hash.IsNegative(index) ? -value : value), -kMost, kMost);
  }
}

int64_t CountSketch::Estimate(std::span<const float> table, std::span<float> x) const {
  assert(static_cast<int64_t>(table.size()) == cells());
  return HWY_DYNAMIC_DISPATCH(EstimateAny)(table.data(), static_cast<uint32_t>(columns_), hashes_.data(),
                                           rows_, x.data(), static_cast<int64_t>(x.size()));
}

}  // namespace concertina
#endif  // HWY_ONCE
