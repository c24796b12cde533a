// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pareto.cc: from the best by the first metric to the worst, a point counts if none before it was as good by
// the second (see pareto.h).
#include "core/analysis/pareto.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace concertina {

std::vector<size_t> ParetoFront(const ParetoMetric& first, const ParetoMetric& second) {
  assert(first.values.size() == second.values.size());
  const auto cost = [](const ParetoMetric& metric, size_t i) {
    return metric.more_is_better ? -metric.values[i] : metric.values[i];
  };
  std::vector<size_t> order;
  for (size_t i = 0; i < first.values.size(); ++i)
    if (!std::isnan(first.values[i]) && !std::isnan(second.values[i])) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (cost(first, a) != cost(first, b)) return cost(first, a) < cost(first, b);
    return cost(second, a) < cost(second, b);
  });
  std::vector<size_t> front;
  for (const size_t i : order) {
    // The last of the front has the least second cost so far.
    const bool is_alike = !front.empty() && cost(first, i) == cost(first, front.back()) &&
                          cost(second, i) == cost(second, front.back());
    if (front.empty() || is_alike || cost(second, i) < cost(second, front.back())) front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace concertina
