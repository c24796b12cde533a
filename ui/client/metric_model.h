// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_model.h: the curves of the watched run, live: a row a series, and behind each row its whole history
// in bounded memory. On the way of the data: client/engine_client.h (stream, and the past once on opening) ->
// here -> ui/charts.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QTimer>

#include "core/proto/engine.pb.h"
#include "ui/client/engine_client.h"
#include "ui/client/series_history.h"

namespace concertina::ui {

// kSeries: another series of the run, whose values may go back; which one stands beside it.
enum class XAxis { kStep, kEpoch, kSeconds, kBytes, kSeries };
inline constexpr XAxis kXAxes[] = {XAxis::kStep, XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes};
QString xAxisWord(XAxis axis);   // "step": as the engine calls it; "series"
QString xAxisTitle(XAxis axis);  // "Step": for people
QString xAxisUnit(XAxis axis);   // "", "", "s", "B"

// What a chart draws: ascending x, and for each the mean and the band of what was merged there.
struct Curve {
  QVector<double> x, mean, min, max;
  QVector<double> count;  // values that fell together at each x; empty: one everywhere
  // Against another series (XAxis::kSeries) the points are in the order of their steps, x may go back, and of
  // what was merged it has a least and a largest value, too. Empty against anything else.
  QVector<double> step = {}, x_min = {}, x_max = {};
  qsizetype size() const { return x.size(); }
  bool isEmpty() const { return x.isEmpty(); }
};

// The slope of cumulative bytes over seconds, at the x of each point; all three are as long.
Curve ratesOf(const QVector<double>& x, const QVector<double>& seconds, const QVector<double>& bytes);

class MetricModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kNameColumn, kRankColumn, kLastColumn, kUnitColumn, kPointsColumn, kColumns };
  enum Role { kSortRole = Qt::UserRole };
  static constexpr int kWholeRun = -1;
  static constexpr int kNotifyMs = 33;  // at most 30 notices a second, however fast the run is

  explicit MetricModel(QObject* parent = nullptr);

  void clear();
  void append(const proto::MetricUpdate& update);
  // The past of one series, as GetSeries gave it over steps; live points that are newer stay.
  void fill(const QString& series, int rank, const SeriesData& over_steps);
  // The past of one axis: the same series over steps and over `axis`, thinned alike.
  void fillAxis(XAxis axis, const SeriesData& over_steps, const SeriesData& over_axis);

  bool has(const QString& series, int rank = kWholeRun) const;
  double last(const QString& series, int rank = kWholeRun) const;  // NaN if there is none
  QString unit(const QString& series) const;
  QStringList seriesNames() const;  // of the whole run, in the order of their coming
  Curve curve(const QString& series, XAxis axis, int rank = kWholeRun) const;
  Curve bytesSent(XAxis axis) const;       // cumulative, of all workers
  Curve bytesPerSecond(XAxis axis) const;  // its slope over the run's own clock
  double position(double step, XAxis axis) const;
  double lastPosition(XAxis axis) const;         // how far the run has come; NaN before its first step
  double lastBytesPerSecond() const;             // over the newest second or so
  uint64_t dropped() const { return dropped_; }  // rows that a slow reader lost; the store has them

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void curvesChanged();  // at most once in kNotifyMs

 private:
  struct Series {
    QString name, unit;
    int rank;
    SeriesHistory history;
  };
  int rowOf(const QString& series, int rank) const;
  int rowOrNew(const QString& series, int rank, const QString& unit);
  void changed();
  void notify();
  AxisHistory* axisHistory(XAxis axis);
  QVector<double> positions(const QVector<HistoryPoint>& points, XAxis axis) const;

  QVector<Series> series_;
  QHash<std::pair<QString, int>, int> rows_;
  AxisHistory epochs_, seconds_, bytes_;
  uint64_t dropped_ = 0;
  QTimer notify_;
};

}  // namespace concertina::ui
