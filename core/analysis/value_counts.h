// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// value_counts.h: how often each value of a series of counts (the staleness of gradients) was measured.
// On the way of the data: each rank's series of the store -> here -> `concertinactl series --counts`,
// ui/pages/monitor_staleness.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

// Bin i holds the values that round to a whole number in [i width, (i + 1) width).
struct ValueCounts {
  static constexpr int kMostBins = 64;

  int64_t width = 1;
  std::vector<int64_t> counts;  // none behind the last that is above 0
  int64_t total = 0;
  double mean = 0, largest = 0;  // of the values themselves; 0 of none

  int64_t most() const;  // in one bin
  // The least whole number that at least this share of the values do not exceed, where bins are one wide; the
  // last number of its bin where they are wider. 0 of none.
  int64_t Quantile(double share) const;
};

// Of values from 0 on; what is less, or not finite, is none and left out. Bins are as wide as it takes for
// kMostBins to hold them. Cost: O(values).
ValueCounts CountValues(std::span<const double> values);

// So many of the newest steps are counted, of each of so many ranks: at most a quarter of a million values.
int64_t CountedSteps(int ranks);

}  // namespace concertina
