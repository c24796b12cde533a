// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_axes.cc: what range of values a SeriesChart shows, and its axes and plot area for them.
#include <QChart>
#include <QGraphicsLayout>
#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/charts/layer.h"
#include "ui/charts/series_chart_picture.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

// All labels of an axis at once; the axis is left alone where nothing changed, for its layout is what a frame
// costs most.
void setTicks(QCategoryAxis* axis, const Ticks& ticks, double from, double to, bool log) {
  const auto place = [log](double value) { return log ? std::log10(value) : value; };
  for (const QString& label : axis->categoriesLabels()) axis->remove(label);
  axis->setStartValue(place(from));
  axis->setRange(place(from), place(to));
  for (qsizetype i = 0; i < ticks.values.size(); ++i) axis->append(ticks.labels[i], place(ticks.values[i]));
}

// The points whose x is in the range: of a path wherever they are, else those between two.
template <class Take>
void eachWithin(const Curve& data, const ValueRange& range, bool is_path, Take take) {
  const auto begin = data.x.begin();
  const auto from = is_path ? begin : std::lower_bound(begin, data.x.end(), range.from);
  const auto to = is_path ? data.x.end() : std::upper_bound(begin, data.x.end(), range.to);
  for (auto x = from; x < to; ++x)
    if (!is_path || (*x >= range.from && *x <= range.to)) take(x - begin);
}

}  // namespace

double SeriesChart::leastShownX() const {
  double least = qInf();
  for (const ChartCurve& curve : curves_) {
    if (hidden_.contains(curve.id)) continue;
    const QVector<double>& xs = curve.data.x;
    if (isPath()) {
      for (const double x : xs)
        if (std::isfinite(x) && (!log_x_ || x > 0)) least = std::min(least, x);
      continue;
    }
    const auto first = log_x_ ? std::upper_bound(xs.begin(), xs.end(), 0.0) : xs.begin();
    if (first != xs.end()) least = std::min(least, *first);
  }
  return least;
}

// All of what is shown, and how much of it the axis cannot show.
ValueRange SeriesChart::rangeOfX() {
  double least = leastShownX(), largest = -qInf();
  left_out_ = 0;
  for (const ChartCurve& curve : curves_) {
    if (hidden_.contains(curve.id) || curve.data.isEmpty()) continue;
    const QVector<double>& xs = curve.data.x;
    if (isPath()) {
      for (const double x : xs) {
        if (std::isfinite(x)) largest = std::max(largest, x);
        if (log_x_ && x <= 0) ++left_out_;
      }
      continue;
    }
    largest = std::max(largest, xs.back());
    if (log_x_) left_out_ += std::upper_bound(xs.begin(), xs.end(), 0.0) - xs.begin();
  }
  if (isPath()) return log_x_ ? roomyLogRange(least, largest) : roomyRange(least, largest, false);
  if (extent_.from < extent_.to && least <= largest) {
    if (!log_x_ || extent_.from > 0) least = std::min(least, extent_.from);
    largest = std::max(largest, extent_.to);
  }
  if (log_x_) return growingLogRange(least, largest);
  // Positions along a run begin at zero with the run, unless it is far along (a resumed attempt, a long
  // history). One position alone has no scale of its own.
  if (least > 0 && (least < 0.1 * largest || least == largest)) least = 0;
  return growingRange(least, largest);
}

void SeriesChart::updateRanges() {
  const ValueRange all = rangeOfX();
  if (zoomed_ && log_x_ && x_range_.from <= 0) {
    zoomed_ = x_range_.to > all.from;
    x_range_.from = all.from;
  }
  if (!zoomed_) x_range_ = all;

  double least = qInf(), largest = -qInf();
  if (stacked()) {
    const PlotScale x{x_range_.from, x_range_.to, 0, std::max(1.0, chart()->plotArea().width()), log_x_};
    QVector<LayerCurve> layers;
    for (const ChartCurve& curve : curves_)
      if (!hidden_.contains(curve.id)) layers.push_back({curve.data.x, curve.data.mean});
    const QVector<QVector<double>> edges = stackedEdges(layers, x);
    if (!edges.isEmpty()) {
      for (const double edge : edges.back())
        if (std::isfinite(edge)) largest = std::max(largest, edge);
      least = 0;
    }
  } else {
    for (const ChartCurve& curve : curves_) {
      if (hidden_.contains(curve.id)) continue;
      eachWithin(curve.data, x_range_, isPath(), [&](qsizetype i) {
        if (!std::isfinite(curve.data.min[i]) || !std::isfinite(curve.data.max[i])) return;
        largest = std::max(largest, curve.data.max[i]);
        if (!log_y_ || curve.data.min[i] > 0) least = std::min(least, curve.data.min[i]);
      });
    }
  }
  if (ignores_outliers_ && !stacked()) leaveOutliers(least, largest);
  if (std::isfinite(level_) && least <= largest && (level_ > 0 || !log_y_)) {
    least = std::min(least, level_);
    largest = std::max(largest, level_);
  }
  y_range_ = log_y_ && !stacked() ? roomyLogRange(least, largest) : roomyRange(least, largest, from_zero_);
}

// To the range of all but the kLeftOut lowest and highest of the points in sight, of all curves together.
void SeriesChart::leaveOutliers(double& least, double& largest) const {
  constexpr double kLeftOut = 0.03;
  constexpr size_t kFewPoints = 20;  // of so few none is an outlier
  std::vector<double> values;
  for (const ChartCurve& curve : curves_) {
    if (hidden_.contains(curve.id)) continue;
    const Curve& data = curve.data;
    eachWithin(data, x_range_, isPath(), [&](qsizetype i) {
      if (std::isfinite(data.mean[i]) && (!log_y_ || data.mean[i] > 0)) values.push_back(data.mean[i]);
    });
  }
  if (values.size() < kFewPoints) return;
  const auto at = [&](double share) {
    const auto place = values.begin() + std::ptrdiff_t(std::lround(share * double(values.size() - 1)));
    std::nth_element(values.begin(), place, values.end());
    return *place;
  };
  least = at(kLeftOut);
  largest = at(1 - kLeftOut);
}

void SeriesChart::layOut() {
  const QFontMetricsF metrics(picture_->x_axis->labelsFont());
  const double unit = metrics.height() / 2;
  double label_width = 0;
  for (const QString& label : picture_->y_axis->categoriesLabels())
    label_width = std::max(label_width, metrics.horizontalAdvance(label));
  // In steps of a digit's width, so that the plot does not shiver as labels change; charts in a column line
  // up.
  const double digit = metrics.horizontalAdvance(QLatin1Char('0'));
  const double left = std::max(4.0, std::ceil(label_width / digit)) * digit + unit * 1.5;
  // Half of the last label along x may stand beyond the plot's end.
  const QStringList along = picture_->x_axis->categoriesLabels();
  const double last = along.isEmpty() ? 0 : metrics.horizontalAdvance(along.back()) / 2;
  const double right = std::max(unit * 2, std::ceil(last / digit) * digit + unit / 2);
  const double bottom = metrics.height() * 2 + unit * 1.25;
  const QRectF roomy(left, unit * 0.75, std::max(1.0, width() - left - right),
                     std::max(1.0, height() - bottom - unit * 0.75));
  const QRectF area = roomy.toRect();  // whole pixels: the picture is not resampled
  if (area == chart()->plotArea()) return;
  chart()->setPlotArea(area);
  // By itself Qt Charts moves the axes only when their ticks change.
  chart()->layout()->invalidate();
  chart()->layout()->activate();
}

QString SeriesChart::xTitle() const { return isPath() ? x_series_title_ : xAxisTitle(x_axis_); }

QString SeriesChart::xUnit() const { return isPath() ? x_series_unit_ : xAxisUnit(x_axis_); }

QString SeriesChart::axisTitle(const QString& unit) const {
  QString title = unit.isEmpty() ? xTitle() : tr("%1 (%2)").arg(xTitle(), unit);
  //: of an axis: %1 is a series, whose values may go back; the points are joined as they came
  if (isPath()) title = tr("%1, joined in the order of steps").arg(title);
  if (log_x_) title = tr("%1, logarithmic").arg(title);
  //: of an axis; %n points could not be drawn, for 0 and below have no logarithm
  if (left_out_ > 0) title += tr("; %n at 0 or below left out", nullptr, int(left_out_));
  return title;
}

void SeriesChart::updateAxes() {
  const AxisScale x_scale = axisScale(std::max(std::abs(x_range_.from), std::abs(x_range_.to)), xUnit());
  const AxisScale y_scale = axisScale(std::max(std::abs(y_range_.from), std::abs(y_range_.to)), y_unit_);
  const QFontMetricsF metrics(picture_->x_axis->labelsFont());
  const int wanted_x = std::clamp(int(width() / (metrics.averageCharWidth() * 11)), 2, 10);
  const int wanted_y = std::clamp(int(height() / (metrics.height() * 2.6)), 2, 6);
  const bool log = log_y_ && !stacked();
  const QString key = QStringLiteral("%1 %2 %3 %4 %5 %6 %7 %8 %9")
                          .arg(x_range_.from, 0, 'g', 15)
                          .arg(x_range_.to, 0, 'g', 15)
                          .arg(y_range_.from, 0, 'g', 15)
                          .arg(y_range_.to, 0, 'g', 15)
                          .arg(wanted_x)
                          .arg(wanted_y)
                          .arg(log)
                          .arg(int(x_axis_))
                          .arg(y_unit_ + QLocale().name() + axisTitle({}) + QString::number(log_x_));
  if (key != drawn_axes_) {
    drawn_axes_ = key;
    const Ticks x_ticks = log_x_ ? logTicks(x_range_.from, x_range_.to, wanted_x, x_scale.factor)
                                 : linearTicks(x_range_.from, x_range_.to, wanted_x, x_scale.factor);
    setTicks(picture_->x_axis, x_ticks, x_range_.from, x_range_.to, log_x_);
    y_ticks_ = log ? logTicks(y_range_.from, y_range_.to, wanted_y, y_scale.factor)
                   : linearTicks(y_range_.from, y_range_.to, wanted_y, y_scale.factor);
    setTicks(picture_->y_axis, y_ticks_, y_range_.from, y_range_.to, log);
    const QString title = axisTitle(x_scale.unit);
    if (picture_->x_axis->titleText() != title) picture_->x_axis->setTitleText(title);
  }
  if (x_scale.unit != x_unit_scaled_ || y_scale.unit != y_unit_scaled_) {
    x_unit_scaled_ = x_scale.unit;
    y_unit_scaled_ = y_scale.unit;
    emit scaledUnitsChanged();
  }
}

}  // namespace concertina::ui
