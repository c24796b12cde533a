// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing.cc: see smoothing.h.
#include "ui/charts/smoothing.h"

#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

double countAt(const QVector<double>& count, qsizetype i) {
  return i < count.size() ? std::max(count[i], 1.0) : 1;
}

QVector<double> exponential(const QVector<double>& values, const QVector<double>& count, double beta) {
  QVector<double> result(values.size());
  double average = 0, weight = 0;  // weight = 1 - b^N, by the same recursion on ones
  for (qsizetype i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      const double n = countAt(count, i);
      const double kept = n == 1 ? beta : std::pow(beta, n);
      average = kept * average + (1 - kept) * values[i];
      weight = kept * weight + (1 - kept);
    }
    result[i] = weight > 0 ? average / weight : values[i];
  }
  return result;
}

struct WeightedSum {
  double of = 0, count = 0;
};

// The window is a queue of two stacks, each with its sums: nothing is ever subtracted, so a value of 1e30
// leaves no trace once it is out of the window, as it would in one sum that goes along.
QVector<double> runningMean(const QVector<double>& values, const QVector<double>& count, int points) {
  QVector<double> result(values.size());
  QVector<qsizetype> finite;                // places in `values` that enter
  QVector<WeightedSum> older;               // older[i - first]: of finite[i] up to where `newer` begins
  qsizetype first = 0, from = 0, next = 0;  // of `finite`: where `older`, the window and `newer` begin
  WeightedSum newer;
  const auto at = [&](qsizetype i) {
    const double n = countAt(count, finite[i]);
    return WeightedSum{values[finite[i]] * n, n};
  };
  const auto olderSum = [&](qsizetype i) { return i < next ? older[i - first] : WeightedSum{}; };
  for (qsizetype i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      finite.push_back(i);
      newer.of += at(finite.size() - 1).of;
      newer.count += at(finite.size() - 1).count;
    }
    if (finite.isEmpty()) {
      result[i] = values[i];
      continue;
    }
    // As long as the others fill the window without the oldest, it is out.
    while (from + 1 < finite.size()) {
      if (from == next) {  // `older` is used up: all that is newer becomes it
        first = from;
        next = finite.size();
        older.resize(next - first);
        WeightedSum sum;
        for (qsizetype k = next - 1; k >= first; --k) {
          sum = {sum.of + at(k).of, sum.count + at(k).count};
          older[k - first] = sum;
        }
        newer = {};
      }
      if (olderSum(from + 1).count + newer.count < points) break;
      ++from;
    }
    // The oldest takes the room that the others leave.
    WeightedSum others;
    if (from < next) others = {olderSum(from + 1).of + newer.of, olderSum(from + 1).count + newer.count};
    const double room = std::min(at(from).count, std::max(points - others.count, 0.0));
    result[i] = (others.of + values[finite[from]] * room) / (others.count + room);
  }
  return result;
}

}  // namespace

QVector<double> smoothed(const QVector<double>& values, const QVector<double>& count,
                         const Smoothing& smoothing) {
  if (!smoothing.isOn()) return values;
  return smoothing.kind == Smoothing::Kind::kExponential ? exponential(values, count, smoothing.beta)
                                                         : runningMean(values, count, smoothing.points);
}

}  // namespace concertina::ui
