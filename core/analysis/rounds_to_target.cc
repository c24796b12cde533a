// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rounds_to_target.cc: see rounds_to_target.h.
#include "core/analysis/rounds_to_target.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace concertina {

double RoundsToTarget(std::span<const double> x, std::span<const double> accuracy, double target) {
  assert(x.size() == accuracy.size());
  double before_x = std::numeric_limits<double>::quiet_NaN(), best = before_x;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(accuracy[i])) continue;
    if (accuracy[i] >= target) {
      if (std::isnan(before_x)) return x[i];
      return before_x + (x[i] - before_x) * (target - best) / (accuracy[i] - best);
    }
    before_x = x[i];
    best = std::isnan(best) ? accuracy[i] : std::max(best, accuracy[i]);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace concertina
