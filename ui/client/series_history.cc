// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_history.cc: see series_history.h.
#include "ui/client/series_history.h"

#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

HistoryPoint merge(const HistoryPoint& a, const HistoryPoint& b) {
  const int64_t count = a.count + b.count;
  return {b.step, (a.mean * double(a.count) + b.mean * double(b.count)) / double(count),
          std::min(a.min, b.min), std::max(a.max, b.max), count};
}

}  // namespace

void SeriesHistory::append(double step, double value) {
  if (std::isnan(value)) return;
  if (!points_.isEmpty() && step <= points_.back().step) truncateFrom(step);
  ++total_;
  last_ = value;
  if (std::isinf(value)) {
    ++infinite_;
    return;
  }
  add({step, value, value, value, 1});
}

void SeriesHistory::add(HistoryPoint point) {
  if (!points_.isEmpty() && points_.back().count + point.count <= span_) {
    points_.back() = merge(points_.back(), point);
    return;
  }
  if (points_.size() >= kCapacity) halve();
  points_.push_back(point);
}

void SeriesHistory::halve() {
  const int pairs = points_.size() / 2;
  for (int i = 0; i < pairs; ++i) points_[i] = merge(points_[2 * i], points_[2 * i + 1]);
  if (points_.size() % 2 != 0) points_[pairs] = points_.back();
  points_.resize((points_.size() + 1) / 2);
  span_ *= 2;
}

void SeriesHistory::assign(const QVector<double>& steps, const QVector<double>& mean,
                           const QVector<double>& min, const QVector<double>& max, int64_t total_points) {
  clear();
  const int size = std::min({steps.size(), mean.size(), min.size(), max.size()});
  if (size == 0) return;
  // How many each holds is not told; what arrives from now on is merged at about the same rate.
  span_ = std::max<int64_t>(1, (total_points + size - 1) / size);
  points_.reserve(size);
  for (int i = 0; i < size; ++i) {
    if (std::isnan(mean[i])) continue;
    if (points_.size() >= kCapacity) halve();
    points_.push_back({steps[i], mean[i], min[i], max[i], span_});
  }
  total_ = std::max<int64_t>(total_points, points_.size());
  if (!points_.isEmpty()) last_ = points_.back().mean;
}

void SeriesHistory::truncateFrom(double step) {
  while (!points_.isEmpty() && points_.back().step >= step) {
    total_ -= std::min(total_, points_.back().count);
    points_.pop_back();
  }
  last_ = points_.isEmpty() ? qQNaN() : points_.back().mean;
}

void SeriesHistory::clear() { *this = SeriesHistory(); }

void AxisHistory::append(double step, double value) {
  if (std::isnan(value)) return;
  if (!steps_.isEmpty() && step <= steps_.back()) truncateFrom(step);
  if (steps_.size() >= SeriesHistory::kCapacity) {
    int kept = 0;
    for (int i = 0; i < steps_.size(); i += 2, ++kept) {
      steps_[kept] = steps_[i];
      values_[kept] = values_[i];
    }
    steps_.resize(kept);
    values_.resize(kept);
    stride_ *= 2;
  }
  // The last entry is always the newest; it stays for good when it is the stride-th after its predecessor.
  if (steps_.size() >= 2 && skipped_ + 1 < stride_) {
    ++skipped_;
    steps_.back() = step;
    values_.back() = value;
    return;
  }
  skipped_ = 0;
  steps_.push_back(step);
  values_.push_back(value);
}

void AxisHistory::assign(const QVector<double>& steps, const QVector<double>& values) {
  clear();
  for (int i = 0; i < std::min(steps.size(), values.size()); ++i) append(steps[i], values[i]);
}

void AxisHistory::truncateFrom(double step) {
  while (!steps_.isEmpty() && steps_.back() >= step) {
    steps_.pop_back();
    values_.pop_back();
  }
}

void AxisHistory::clear() { *this = AxisHistory(); }

double AxisHistory::at(double step) const {
  if (steps_.isEmpty()) return qQNaN();
  const auto after = std::lower_bound(steps_.begin(), steps_.end(), step);
  if (after == steps_.end()) return values_.back();
  const auto i = after - steps_.begin();
  if (i == 0 || *after == step) return values_[i];
  const double share = (step - steps_[i - 1]) / (steps_[i] - steps_[i - 1]);
  return values_[i - 1] + share * (values_[i] - values_[i - 1]);
}

QVector<double> AxisHistory::at(const QVector<HistoryPoint>& points) const {
  QVector<double> result(points.size(), qQNaN());
  if (steps_.isEmpty()) return result;
  qsizetype after = 0;
  for (qsizetype p = 0; p < points.size(); ++p) {
    const double step = points[p].step;
    while (after < steps_.size() && steps_[after] < step) ++after;
    if (after == steps_.size())
      result[p] = values_.back();
    else if (after == 0 || steps_[after] == step)
      result[p] = values_[after];
    else
      result[p] = values_[after - 1] + (step - steps_[after - 1]) / (steps_[after] - steps_[after - 1]) *
                                           (values_[after] - values_[after - 1]);
  }
  return result;
}

}  // namespace concertina::ui
