// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_history.h: a whole curve in bounded memory. When it is full, neighbours are merged two by two, as in
// one level of a pyramid: what is lost is time resolution, never an extreme.
// On the way of the data: client/metric_model.h fills it -> here -> ui/charts draws it.
#pragma once

#include <QVector>
#include <cstdint>

namespace concertina::ui {

// One point, or several neighbours that were merged.
struct HistoryPoint {
  double step = 0;  // the last one's, so that the newest point is where the run is
  double mean = 0, min = 0, max = 0;
  int64_t count = 0;
};

class SeriesHistory {
 public:
  // Between kCapacity / 2 and kCapacity points once it has been full: four a pixel on a 1024-pixel chart.
  static constexpr int kCapacity = 4096;

  // Steps ascend; one that does not (a resumed run) first forgets what stands at or after it. NaN is not
  // measured and is left out; infinite values are kept out of means, which they would eat, and counted. O(1)
  // amortised.
  void append(double step, double value);
  // The history as the engine gave it, each point a thinned range; what was here is forgotten.
  void assign(const QVector<double>& steps, const QVector<double>& mean, const QVector<double>& min,
              const QVector<double>& max, int64_t total_points);
  void truncateFrom(double step);
  void clear();

  const QVector<HistoryPoint>& points() const { return points_; }
  bool isEmpty() const { return points_.isEmpty(); }
  double last() const { return last_; }              // the newest single value; NaN if there is none
  int64_t total() const { return total_; }           // values appended, merged ones counted singly
  int64_t pointsPerBucket() const { return span_; }  // 1: nothing was merged yet
  int64_t infinite() const { return infinite_; }

 private:
  void halve();
  void add(HistoryPoint point);

  QVector<HistoryPoint> points_;
  int64_t span_ = 1;  // values that a full point holds; the last may still be filling
  int64_t total_ = 0, infinite_ = 0;
  double last_ = qQNaN();
};

// Monotone positions along a run: at which second, epoch and byte a step was. Bounded like SeriesHistory.
class AxisHistory {
 public:
  void append(double step, double value);
  void assign(const QVector<double>& steps, const QVector<double>& values);
  void truncateFrom(double step);
  void clear();
  bool isEmpty() const { return steps_.isEmpty(); }

  // By linear interpolation; beyond the ends the nearest end. NaN if nothing is known.
  double at(double step) const;
  // The same for many ascending steps, in one pass.
  QVector<double> at(const QVector<HistoryPoint>& points) const;
  double last() const { return values_.isEmpty() ? qQNaN() : values_.back(); }
  const QVector<double>& steps() const { return steps_; }
  const QVector<double>& values() const { return values_; }

 private:
  QVector<double> steps_, values_;
  int64_t stride_ = 1, skipped_ = 0;  // every stride-th is kept, and always the newest
};

}  // namespace concertina::ui
