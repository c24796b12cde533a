// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing.cc: see smoothing.h.
#include "ui/charts/smoothing.h"

#include <cmath>

namespace concertina::ui {

QVector<double> smoothed(const QVector<double>& values, const QVector<double>& count, double beta) {
  if (!(beta > 0)) return values;
  QVector<double> result(values.size());
  double average = 0, weight = 0;  // weight = 1 - b^N, by the same recursion on ones
  for (qsizetype i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      const double n = i < count.size() ? count[i] : 1;
      const double kept = n == 1 ? beta : std::pow(beta, n);
      average = kept * average + (1 - kept) * values[i];
      weight = kept * weight + (1 - kept);
    }
    result[i] = weight > 0 ? average / weight : values[i];
  }
  return result;
}

}  // namespace concertina::ui
