// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing.h: averages that start where the curve starts and do not depend on how the curve was thinned.
// Exponential, with n values that fell together at t, and N so far:
//   m_t = b^n m_{t-1} + (1 - b^n) x_t,   s_t = m_t / (1 - b^N)
// The division takes away the pull towards m_0 = 0 [Kingma and Ba, Adam, ICLR 2015, section 3].
// Running mean: of the last n values; of what fell together, the share that is among them.
// On the way of the data: client/metric_model.h -> here -> charts/layer.h.
#pragma once

#include <QVector>
#include <cmath>

namespace concertina::ui {

struct Smoothing {
  enum class Kind { kExponential, kRunningMean };
  Kind kind = Kind::kExponential;
  double beta = 0;  // of the exponential one, in [0, 1)
  int points = 1;   // of the running mean, at least 1

  bool isOn() const { return kind == Kind::kExponential ? beta > 0 : points > 1; }
  bool operator==(const Smoothing& other) const {
    return kind == other.kind && (kind == Kind::kExponential ? beta == other.beta : points == other.points);
  }
  bool operator!=(const Smoothing& other) const { return !(*this == other); }
};

// Of a slider from 0 to 100, whose end is where averages get long: b of 0, 0.5, 0.9, 0.99 lie a third apart.
// A running mean has as many points as give its values the mean age that they have in the exponential one,
// (n - 1) / 2 = b / (1 - b), so that one changes from one to the other and the curve keeps its place:
// up to 199.
inline Smoothing smoothingOf(int percent, Smoothing::Kind kind = Smoothing::Kind::kExponential) {
  const double rest = percent <= 0 ? 1 : std::pow(10.0, -2.0 * percent / 100.0);
  return {.kind = kind, .beta = 1 - rest, .points = int(std::lround(2 / rest - 1))};
}

// `count` may be empty: one each. Values that are not finite give the average so far, and do not enter it.
// One that is not on gives the values themselves. Cost: O(values), whatever n.
QVector<double> smoothed(const QVector<double>& values, const QVector<double>& count,
                         const Smoothing& smoothing);

}  // namespace concertina::ui
