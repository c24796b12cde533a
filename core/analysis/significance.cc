// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// significance.cc: Student's distribution by its integral over an angle (see significance.h).
#include "core/analysis/significance.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace concertina {
namespace {

constexpr double kNoBound = std::numeric_limits<double>::quiet_NaN();

// ln B(1/2, nu/2)
double LogBeta(double freedom) {
  return std::lgamma(0.5) + std::lgamma(freedom / 2) - std::lgamma((freedom + 1) / 2);
}

// P(|T| <= sqrt(nu) tan(theta)) = 2 / B(1/2, nu/2) * integral from 0 to theta of cos^(nu - 1)
// [Abramowitz, Stegun. Handbook of Mathematical Functions, 1964, 26.7.1 with t = sqrt(nu) tan(theta)].
// By Simpson's rule: the integrand is smooth, and within 1e-9 of the tables with so many pieces.
double InnerProbability(double theta, double freedom, double log_beta) {
  constexpr int kPieces = 256;
  const double width = theta / kPieces;
  double sum = 0;
  for (int i = 0; i <= kPieces; ++i) {
    const double weight = i == 0 || i == kPieces ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * std::pow(std::cos(width * i), freedom - 1);
  }
  return 2 * std::exp(-log_beta) * sum * width / 3;
}

}  // namespace

Sample SampleOf(std::span<const double> values) {
  Sample sample;
  double sum = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++sample.count;
  }
  sample.mean = sample.count > 0 ? sum / static_cast<double>(sample.count) : kNoBound;
  double squares = 0;
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - sample.mean) * (value - sample.mean);
  sample.deviation = sample.count > 1 ? std::sqrt(squares / static_cast<double>(sample.count - 1)) : kNoBound;
  return sample;
}

double StudentQuantile(double freedom, double confidence) {
  assert(freedom >= 1 && confidence > 0 && confidence < 1);
  // Beyond, lgamma loses more by cancellation than the two distributions differ.
  const double nu = std::min(freedom, 1e7);
  // By Newton's method. The probability is concave in t, so from 0 on each step falls short of the quantile,
  // never beyond it, and the last ones double the digits: some ten steps, where halving took sixty.
  const double log_beta = LogBeta(nu);
  double t = 0;
  for (int i = 0; i < 200; ++i) {
    const double density = 2 * std::exp(-log_beta - (nu + 1) / 2 * std::log1p(t * t / nu)) / std::sqrt(nu);
    const double missing = confidence - InnerProbability(std::atan(t / std::sqrt(nu)), nu, log_beta);
    const double step = missing / density;
    if (!(step > 1e-12 * t)) break;
    t += step;
  }
  return t;
}

Interval MeanInterval(const Sample& sample) {
  if (sample.count < 2 || !std::isfinite(sample.deviation)) return {kNoBound, kNoBound};
  const double n = static_cast<double>(sample.count);
  const double half = StudentQuantile(n - 1, kIntervalConfidence) * sample.deviation / std::sqrt(n);
  return {sample.mean - half, sample.mean + half};
}

Interval DifferenceInterval(const Sample& a, const Sample& b) {
  if (a.count < 2 || b.count < 2 || !std::isfinite(a.deviation) || !std::isfinite(b.deviation))
    return {kNoBound, kNoBound};
  const double difference = b.mean - a.mean;
  const double na = static_cast<double>(a.count), nb = static_cast<double>(b.count);
  const double va = a.deviation * a.deviation / na, vb = b.deviation * b.deviation / nb;
  if (va + vb == 0) return {difference, difference};
  // By shares, so that tiny variances do not vanish when they are squared.
  const double share = va / (va + vb);
  const double freedom = 1 / (share * share / (na - 1) + (1 - share) * (1 - share) / (nb - 1));
  const double half = StudentQuantile(std::max(1.0, freedom), kIntervalConfidence) * std::sqrt(va + vb);
  return {difference - half, difference + half};
}

}  // namespace concertina
