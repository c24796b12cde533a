// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing.h: an exponential moving average that starts where the curve starts and does not depend on how
// the curve was thinned.
//   m_t = b^n m_{t-1} + (1 - b^n) x_t,   s_t = m_t / (1 - b^N)          (n values fell together at t, N so
//   far)
// The division takes away the pull towards m_0 = 0 [Kingma and Ba, Adam, ICLR 2015, section 3].
// On the way of the data: client/metric_model.h -> here -> charts/layer.h.
#pragma once

#include <QVector>
#include <cmath>

namespace concertina::ui {

// Of a slider from 0 to 100, whose end is where averages get long: 0, 0.5, 0.9, 0.99 lie a third apart.
inline double smoothingOf(int percent) {
  return percent <= 0 ? 0 : 1 - std::pow(10.0, -2.0 * percent / 100.0);
}

// `beta` in [0, 1): 0 gives the values themselves. `count` may be empty: one each. Values that are not finite
// give the average so far, and do not enter it.
QVector<double> smoothed(const QVector<double>& values, const QVector<double>& count, double beta);

}  // namespace concertina::ui
