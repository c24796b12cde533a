// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_curve.cc: see joined_curve.h.
#include "ui/client/joined_curve.h"

#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

double countAt(const Curve& curve, qsizetype i) { return curve.count.isEmpty() ? 1 : curve.count[i]; }

}  // namespace

Curve joinedBySteps(const Curve& y, const Curve& x) {
  Curve joined;
  qsizetype next = 0;    // the first point of x that is later than the step
  qsizetype merged = 0;  // the first that no merged point of y has taken
  for (qsizetype i = 0; i < y.size(); ++i) {
    double mean = 0, least = qInf(), largest = -qInf(), count = 0;
    const auto take = [&](qsizetype at) {
      if (!std::isfinite(x.mean[at])) return;
      mean += countAt(x, at) * x.mean[at];
      count += countAt(x, at);
      least = std::min(least, x.min[at]);
      largest = std::max(largest, x.max[at]);
    };
    while (next < x.size() && x.x[next] <= y.x[i]) ++next;
    if (countAt(y, i) > 1) {  // up to halfway to its neighbours, for its steps are not told one by one
      const double from = i == 0 ? -qInf() : (y.x[i - 1] + y.x[i]) / 2;
      const double to = i + 1 == y.size() ? qInf() : (y.x[i] + y.x[i + 1]) / 2;
      while (merged < x.size() && x.x[merged] <= from) ++merged;
      for (; merged < x.size() && x.x[merged] <= to; ++merged) take(merged);
    }
    if (count == 0 && next > 0) {
      // A merged point may hold later steps, unless another has come since.
      const bool is_over = countAt(x, next - 1) == 1;
      if (is_over || next > 1) take(is_over ? next - 1 : next - 2);
    }
    if (count == 0) continue;
    joined.x.push_back(mean / count);
    joined.x_min.push_back(least);
    joined.x_max.push_back(largest);
    joined.step.push_back(y.x[i]);
    joined.mean.push_back(y.mean[i]);
    joined.min.push_back(y.min[i]);
    joined.max.push_back(y.max[i]);
    joined.count.push_back(countAt(y, i));
  }
  return joined;
}

}  // namespace concertina::ui
