// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pareto.h: which of many points are the best there is by two figures at once.
// On the way of the data: figures of runs -> here -> `concertinactl sweep`.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace concertina {

struct ParetoMetric {
  std::span<const double> values;
  bool more_is_better = false;
};

// The points that no other dominates, as ascending indices: a point dominates another if it is at least as
// good by both metrics and better by one. Points that are alike are on the front together. What has a NaN is
// not known: it is never on the front, and dominates nothing. Infinities are as good or bad as they look.
// Both metrics have one value a point. O(n log n).
std::vector<size_t> ParetoFront(const ParetoMetric& first, const ParetoMetric& second);

}  // namespace concertina
