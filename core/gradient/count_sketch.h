// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// count_sketch.h: a table of r rows and c columns that stands for a long sparse vector, and adds up as it
// does [Charikar, Chen, Farach-Colton. Finding Frequent Items in Data Streams. ICALP 2002]. On the way of the
// data: gradient/sketch.cc -> here -> its payload.
//   T[j][h_j(i)] += s_j(i) x_i    for every row j          T(x) + T(y) = T(x + y)
//   x_i is about the median over j of s_j(i) T[j][h_j(i)]
// h_j(i) = column, s_j(i) = -1 or 1, by multiply-shift hashing [Dietzfelbinger et al. J. Algorithms 1997],
// twice with the upper half folded into the lower in between: once alone spreads the strides of a layer's
// indices unevenly. Two indices meet in a row with a probability of about 1/c.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace concertina {

// Of one row; multipliers and the mixer are odd.
struct SketchHash {
  uint32_t column_multiplier, column_offset, column_mixer, sign_multiplier, sign_offset;

  uint32_t ColumnOf(uint32_t index, uint32_t columns) const {
    const uint32_t hash = index * column_multiplier + column_offset;
    return static_cast<uint32_t>((uint64_t{(hash ^ hash >> 16) * column_mixer} * columns) >> 32);
  }
  bool IsNegative(uint32_t index) const { return ((index * sign_multiplier + sign_offset) >> 31) != 0; }
};

class CountSketch {
 public:
  static constexpr int kMostRows = 9;
  // 1 <= rows <= kMostRows, odd; 1 <= columns < 2^31.
  CountSketch(int rows, int64_t columns, uint64_t seed);

  int rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  int64_t cells() const { return rows_ * columns_; }

  // `table` has cells() floats, row after row.
  void Add(uint32_t index, float value, std::span<float> table) const;
  // x_i = the estimate of element i, or 0 where any of its cells is 0: what was put in has left something in
  // each of them, and few others hit r cells that are in use. O(d) with a look at one or two rows for most.
  // Gives how many are not 0. Estimates whose cells hold NaN or infinity are not specified.
  int64_t Estimate(std::span<const float> table, std::span<float> x) const;

 private:
  int rows_;
  int64_t columns_;
  std::array<SketchHash, kMostRows> hashes_;
};

}  // namespace concertina
