// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// significance.h: what a few repeats of a run tell about all repeats: mean, standard deviation, and intervals
// that hold the true mean, or the true difference of two, 95 times out of 100.
// On the way of the data: figures of runs -> here -> analysis/run_comparison.h.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

inline constexpr double kIntervalConfidence = 0.95;

struct Sample {
  int64_t count = 0;
  double mean = 0;       // NaN of nothing
  double deviation = 0;  // s = sqrt(sum (x - mean)^2 / (n - 1)); NaN of fewer than two
};
// Values that are NaN were not measured, and do not count.
Sample SampleOf(std::span<const double> values);

// Both ends are NaN where nothing can be said.
struct Interval {
  double low = 0, high = 0;
  bool is_known() const { return low <= high; }
};

// P(|T| <= t) = `confidence` for T of Student's distribution with `freedom` >= 1 degrees of freedom (they
// need not be whole): 12.706 of 1, 2.776 of 4, 1.960 of infinitely many. `confidence` in (0, 1).
double StudentQuantile(double freedom, double confidence);

// mean ± t(n - 1) s / sqrt(n) [Student. The Probable Error of a Mean. Biometrika 6(1), 1908]. Unknown of
// fewer than two values.
Interval MeanInterval(const Sample& sample);

// Of mean(b) - mean(a), whose variances may differ:
//   d ± t(nu) w,  w^2 = va + vb,  v = s^2 / n,  nu = w^4 / (va^2 / (na - 1) + vb^2 / (nb - 1))
// [Welch. The Generalization of "Student's" Problem when Several Different Population Variances are Involved.
// Biometrika 34(1/2), 1947]. Unknown where either has fewer than two values. Two samples that do not vary at
// all give an interval of no length.
Interval DifferenceInterval(const Sample& a, const Sample& b);

}  // namespace concertina
