// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_model.cc: see metric_model.h.
#include "ui/client/metric_model.h"

#include <algorithm>
#include <cmath>

#include "ui/client/number_format.h"

namespace concertina::ui {

QString xAxisWord(XAxis axis) {
  switch (axis) {
    case XAxis::kStep:
      return QStringLiteral("step");
    case XAxis::kEpoch:
      return QStringLiteral("epoch");
    case XAxis::kSeconds:
      return QStringLiteral("seconds");
    case XAxis::kBytes:
      return QStringLiteral("bytes");
    case XAxis::kSeries:
      return QStringLiteral("series");
  }
  return {};
}

QString xAxisTitle(XAxis axis) {
  switch (axis) {
    case XAxis::kStep:
      return MetricModel::tr("Step");
    case XAxis::kEpoch:
      return MetricModel::tr("Epoch");
    case XAxis::kSeconds:
      return MetricModel::tr("Time");
    case XAxis::kBytes:
      return MetricModel::tr("Bytes sent");
    case XAxis::kSeries:
      return MetricModel::tr("Series");
  }
  return {};
}

QString xAxisUnit(XAxis axis) {
  if (axis == XAxis::kSeconds) return QStringLiteral("s");
  if (axis == XAxis::kBytes) return QStringLiteral("B");
  return {};
}

Curve ratesOf(const QVector<double>& x, const QVector<double>& seconds, const QVector<double>& bytes) {
  // A slope needs time between its ends: workers report several steps at once, and steps of a small model
  // take less than a clock's error.
  constexpr double kShortestSeconds = 0.05;
  Curve curve;
  double from_seconds = qQNaN(), from_bytes = 0;
  for (qsizetype i = 0; i < x.size(); ++i) {
    if (std::isnan(from_seconds)) {
      from_seconds = seconds[i];
      from_bytes = bytes[i];
      continue;
    }
    if (!(seconds[i] - from_seconds >= kShortestSeconds)) continue;
    const double slope = (bytes[i] - from_bytes) / (seconds[i] - from_seconds);
    from_seconds = seconds[i];
    from_bytes = bytes[i];
    if (std::isnan(x[i]) || slope < 0) continue;
    curve.x.push_back(x[i]);
    curve.mean.push_back(slope);
  }
  curve.min = curve.max = curve.mean;
  return curve;
}

MetricModel::MetricModel(QObject* parent) : QAbstractTableModel(parent) {
  notify_.setSingleShot(true);
  notify_.setInterval(kNotifyMs);
  connect(&notify_, &QTimer::timeout, this, &MetricModel::notify);
}

void MetricModel::clear() {
  beginResetModel();
  series_.clear();
  rows_.clear();
  epochs_.clear();
  seconds_.clear();
  bytes_.clear();
  dropped_ = 0;
  endResetModel();
  changed();
}

int MetricModel::rowOf(const QString& series, int rank) const { return rows_.value({series, rank}, -1); }

int MetricModel::rowOrNew(const QString& series, int rank, const QString& unit) {
  const int row = rowOf(series, rank);
  if (row >= 0) {
    if (series_[row].unit.isEmpty()) series_[row].unit = unit;
    return row;
  }
  const int last = series_.size();
  beginInsertRows({}, last, last);
  series_.push_back({series, unit, rank, {}});
  rows_.insert({series, rank}, last);
  endInsertRows();
  return last;
}

void MetricModel::append(const proto::MetricUpdate& update) {
  const int rows = update.steps_size();
  const auto axis = [&](AxisHistory& history, const google::protobuf::RepeatedField<double>& values) {
    for (int i = 0; i < std::min(rows, values.size()); ++i)
      history.append(double(update.steps(i)), values[i]);
  };
  axis(seconds_, update.seconds());
  axis(epochs_, update.epochs());
  axis(bytes_, update.bytes());
  for (const proto::MetricUpdate::Column& column : update.columns()) {
    const int row = rowOrNew(QString::fromStdString(column.series()), column.rank(),
                             QString::fromStdString(column.unit()));
    SeriesHistory& history = series_[row].history;
    for (int i = 0; i < std::min(rows, column.values_size()); ++i)
      history.append(double(update.steps(i)), column.values(i));
  }
  dropped_ += update.dropped();
  changed();
}

void MetricModel::fill(const QString& series, int rank, const SeriesData& past) {
  SeriesHistory& history = series_[rowOrNew(series, rank, past.unit)].history;
  const QVector<HistoryPoint> live = history.points();
  history.assign(past.x, past.mean, past.min, past.max, past.totalPoints);
  const double newest = history.isEmpty() ? -qInf() : history.points().back().step;
  for (const HistoryPoint& point : live)
    if (point.step > newest) history.append(point.step, point.mean);
  changed();
}

void MetricModel::fillAxis(XAxis axis, const SeriesData& over_steps, const SeriesData& over_axis) {
  AxisHistory* history = axisHistory(axis);
  const qsizetype size = over_axis.x.size();
  if (history == nullptr || size == 0 || over_steps.x.isEmpty()) return;
  const QVector<double> live_steps = history->steps(), live_values = history->values();
  QVector<double> steps(size);
  for (qsizetype i = 0; i < size; ++i) {
    // Thinned alike they have one length; a point more or less (the run went on between the two answers)
    // moves no position by more than one bucket.
    const double place = size == 1 ? 0 : double(i) * double(over_steps.x.size() - 1) / double(size - 1);
    steps[i] = over_steps.x[qRound(place)];
  }
  history->assign(steps, over_axis.x);
  for (qsizetype i = 0; i < live_steps.size(); ++i)
    if (live_steps[i] > steps.back()) history->append(live_steps[i], live_values[i]);
  changed();
}

AxisHistory* MetricModel::axisHistory(XAxis axis) {
  switch (axis) {
    case XAxis::kEpoch:
      return &epochs_;
    case XAxis::kSeconds:
      return &seconds_;
    case XAxis::kBytes:
      return &bytes_;
    case XAxis::kStep:
    case XAxis::kSeries:
      break;
  }
  return nullptr;
}

QVector<double> MetricModel::positions(const QVector<HistoryPoint>& points, XAxis axis) const {
  if (const AxisHistory* history = const_cast<MetricModel*>(this)->axisHistory(axis))
    return history->at(points);
  QVector<double> steps(points.size());
  std::transform(points.begin(), points.end(), steps.begin(),
                 [](const HistoryPoint& point) { return point.step; });
  return steps;
}

double MetricModel::position(double step, XAxis axis) const {
  const AxisHistory* history = const_cast<MetricModel*>(this)->axisHistory(axis);
  return history != nullptr ? history->at(step) : step;
}

double MetricModel::lastPosition(XAxis axis) const {
  double step = qQNaN();
  for (const Series& series : series_)
    if (!series.history.isEmpty() && !(series.history.points().back().step <= step))
      step = series.history.points().back().step;
  return std::isnan(step) ? step : position(step, axis);
}

bool MetricModel::has(const QString& series, int rank) const {
  const int row = rowOf(series, rank);
  return row >= 0 && !series_[row].history.isEmpty();
}

double MetricModel::last(const QString& series, int rank) const {
  const int row = rowOf(series, rank);
  return row < 0 ? qQNaN() : series_[row].history.last();
}

QString MetricModel::unit(const QString& series) const {
  const int row = rowOf(series, kWholeRun);
  return row < 0 ? QString() : series_[row].unit;
}

QStringList MetricModel::seriesNames() const {
  QStringList names;
  for (const Series& series : series_)
    if (series.rank == kWholeRun) names.push_back(series.name);
  return names;
}

Curve MetricModel::curve(const QString& series, XAxis axis, int rank) const {
  const int row = rowOf(series, rank);
  if (row < 0) return {};
  const QVector<HistoryPoint>& points = series_[row].history.points();
  const QVector<double> x = positions(points, axis);
  Curve curve;
  curve.x.reserve(points.size());
  curve.mean.reserve(points.size());
  curve.min.reserve(points.size());
  curve.max.reserve(points.size());
  curve.count.reserve(points.size());
  for (qsizetype i = 0; i < points.size(); ++i) {
    if (std::isnan(x[i])) continue;
    curve.x.push_back(x[i]);
    curve.mean.push_back(points[i].mean);
    curve.min.push_back(points[i].min);
    curve.max.push_back(points[i].max);
    curve.count.push_back(double(points[i].count));
  }
  return curve;
}

Curve MetricModel::bytesSent(XAxis axis) const {
  Curve curve;
  const AxisHistory* history = const_cast<MetricModel*>(this)->axisHistory(axis);
  for (qsizetype i = 0; i < bytes_.steps().size(); ++i) {
    const double step = bytes_.steps()[i], x = history == nullptr ? step : history->at(step);
    if (std::isnan(x)) continue;
    curve.x.push_back(x);
    curve.mean.push_back(bytes_.values()[i]);
    curve.count.push_back(i == 0 ? 1 : step - bytes_.steps()[i - 1]);  // steps since the one before
  }
  curve.min = curve.max = curve.mean;
  return curve;
}

Curve MetricModel::bytesPerSecond(XAxis axis) const {
  QVector<double> x, seconds;
  for (const double step : bytes_.steps()) {
    x.push_back(position(step, axis));
    seconds.push_back(seconds_.at(step));
  }
  return ratesOf(x, seconds, bytes_.values());
}

double MetricModel::lastBytesPerSecond() const {
  constexpr double kWindowSeconds = 1;
  if (bytes_.isEmpty() || seconds_.isEmpty()) return qQNaN();
  const double newest = seconds_.last();
  for (qsizetype i = bytes_.steps().size() - 1; i-- > 0;) {
    const double seconds = seconds_.at(bytes_.steps()[i]);
    if (newest - seconds >= kWindowSeconds || (i == 0 && newest > seconds))
      return (bytes_.last() - bytes_.values()[i]) / (newest - seconds);
  }
  return qQNaN();
}

int MetricModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(series_.size());
}
int MetricModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant MetricModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Series& series = series_[index.row()];
  const int column = index.column();
  if (role == Qt::TextAlignmentRole) {
    const bool text = column == kNameColumn || column == kUnitColumn;
    return QVariant::fromValue(Qt::Alignment((text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  }
  if (role != Qt::DisplayRole && role != kSortRole) return {};
  const bool display = role == Qt::DisplayRole;
  switch (column) {
    case kNameColumn:
      return series.name;
    case kRankColumn:
      if (!display) return series.rank;
      return series.rank == kWholeRun ? tr("all") : formatCount(series.rank);
    case kLastColumn:
      if (!display) return series.history.last();
      return formatNumber(series.history.last());
    case kUnitColumn:
      return series.unit;
    case kPointsColumn:
      if (!display) return qlonglong(series.history.total());
      return formatCount(series.history.total());
    default:
      return {};
  }
}

QVariant MetricModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case kNameColumn:
      return tr("Series");
    case kRankColumn:
      return tr("Rank");
    case kLastColumn:
      return tr("Last");
    case kUnitColumn:
      return tr("Unit");
    case kPointsColumn:
      return tr("Points");
    default:
      return {};
  }
}

void MetricModel::changed() {
  if (!notify_.isActive()) notify_.start();
}

void MetricModel::notify() {
  if (!series_.isEmpty())
    emit dataChanged(index(0, kLastColumn), index(int(series_.size()) - 1, kPointsColumn));
  emit curvesChanged();
}

}  // namespace concertina::ui
