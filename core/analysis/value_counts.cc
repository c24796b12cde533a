// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// value_counts.cc: see value_counts.h.
#include "core/analysis/value_counts.h"

#include <algorithm>
#include <cmath>

namespace concertina {
namespace {

constexpr double kMostValue = 1e15;  // whole numbers above are not all doubles, and no count of anything

bool IsCounted(double value) { return value >= 0 && value <= kMostValue; }  // NaN is not

}  // namespace

int64_t ValueCounts::most() const {
  return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

int64_t ValueCounts::Quantile(double share) const {
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(total);
  int64_t below = 0;
  for (size_t bin = 0; bin < counts.size(); ++bin) {
    below += counts[bin];
    if (below > 0 && static_cast<double>(below) >= wanted) return static_cast<int64_t>(bin + 1) * width - 1;
  }
  return 0;
}

ValueCounts CountValues(std::span<const double> values) {
  ValueCounts result;
  double sum = 0;
  for (const double value : values) {
    if (!IsCounted(value)) continue;
    ++result.total;
    sum += value;
    result.largest = std::max(result.largest, value);
  }
  if (result.total == 0) return result;
  result.mean = sum / static_cast<double>(result.total);
  result.width = std::llround(result.largest) / ValueCounts::kMostBins + 1;
  result.counts.resize(static_cast<size_t>(std::llround(result.largest) / result.width) + 1);
  for (const double value : values)
    if (IsCounted(value)) ++result.counts[static_cast<size_t>(std::llround(value) / result.width)];
  return result;
}

int64_t CountedSteps(int ranks) {
  constexpr int64_t kMostSteps = 4096, kMostValues = 262144;
  return std::clamp<int64_t>(kMostValues / std::max(1, ranks), 1, kMostSteps);
}

}  // namespace concertina
