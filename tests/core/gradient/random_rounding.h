// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_rounding.h: what holds for every codec that rounds an element to one of two neighbours so that the
// mean is the element: mean, variance and independence over many steps.
#pragma once

#include <QString>
#include <cmath>
#include <functional>
#include <utility>

#include "codecs_under_test.h"

namespace concertina {

inline std::vector<float> RoundTripAt(Codec& codec, const std::vector<float>& x, int64_t step) {
  std::vector<uint8_t> payload;
  std::vector<float> decoded(x.size());
  if (!codec.Encode(x, step, payload).ok() || !codec.Decode(payload, decoded).ok()) return {};
  return decoded;
}

// Empty if, over `steps` steps, each element's mean is x to 5 standard deviations, the squared errors add up
// to the expected sum to 5 of theirs, and an element's errors are independent of its neighbour's and of its
// own at the step before. The neighbours of |x_i| are neighbours(|x_i|); a rounding to lower or upper has the
// variance (x - lower) (upper - x).
inline QString FaultOfRandomRounding(const Json& spec, const std::vector<float>& x, int steps,
                                     const std::function<std::pair<double, double>(double)>& neighbours) {
  const std::unique_ptr<Codec> codec = MakeCodec(spec).value();
  const size_t d = x.size();
  std::vector<double> sum(d), last(d), scaled(d);
  double squares = 0, beside = 0, before = 0;
  std::vector<std::pair<double, double>> around(d);
  std::vector<double> deviation(d);
  double expected = 0, fourth = 0;  // of the squared error of one step: mean and variance
  for (size_t i = 0; i < d; ++i) {
    const double magnitude = std::abs(static_cast<double>(x[i]));
    around[i] = neighbours(magnitude);
    const double low = magnitude - around[i].first, high = around[i].second - magnitude;
    deviation[i] = std::sqrt(std::max(0.0, low * high));
    expected += low * high;
    fourth += low * high * (high - low) * (high - low);  // E e^4 - (E e^2)^2 of errors -low and high
  }
  for (int step = 0; step < steps; ++step) {
    const std::vector<float> decoded = RoundTripAt(*codec, x, step);
    if (decoded.size() != d) return "no round trip";
    double one_before = 0;
    for (size_t i = 0; i < d; ++i) {
      const double error = static_cast<double>(decoded[i]) - x[i];
      sum[i] += error;
      squares += error * error;
      const double unit = deviation[i] > 0 ? error / deviation[i] : 0;
      beside += unit * one_before;
      before += unit * last[i];
      one_before = last[i] = unit;
    }
  }
  for (size_t i = 0; i < d; ++i) {
    // A few whole steps more, for events so rare that they are not normally distributed.
    const double width = around[i].second - around[i].first;
    const double most = 5 * std::sqrt(steps) * deviation[i] + 5 * width + 1e-6 * steps * around[i].second;
    if (std::abs(sum[i]) > most)
      return QString("element %1 = %2: off by %3 in sum, expected at most %4")
          .arg(i)
          .arg(x[i])
          .arg(sum[i])
          .arg(most);
  }
  const double spread = 5 * std::sqrt(steps * fourth) + 1e-6 * steps * expected;
  if (std::abs(squares - steps * expected) > spread)
    return QString("squared error %1, expected %2 +- %3").arg(squares).arg(steps * expected).arg(spread);
  // Sums of steps * d products of mean 0 and variance 1.
  const double correlation = 5 * std::sqrt(static_cast<double>(steps) * static_cast<double>(d));
  if (std::abs(beside) > correlation)
    return QString("neighbours correlate: %1 > %2").arg(beside).arg(correlation);
  if (std::abs(before) > correlation) return QString("steps correlate: %1 > %2").arg(before).arg(correlation);
  return {};
}

}  // namespace concertina
