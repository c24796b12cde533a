// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_path.cc: what is read off a SeriesChart whose x is another series: its curves are paths that
// may pass an x many times, so a place on them is a step.
#include <QChart>
#include <algorithm>
#include <cmath>

#include "ui/charts/layer.h"
#include "ui/charts/palette.h"
#include "ui/charts/series_chart_picture.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr double kPathReach = 8;  // px from a path within which it is pointed at

}  // namespace

// What each path was at the nearest measured step of the densest, and where.
ReadOut SeriesChart::readOutAtStep(double step) const {
  ReadOut read_out;
  const QVector<double>& steps = densest()->data.step;
  if (steps.isEmpty()) return read_out;
  auto at = std::lower_bound(steps.begin(), steps.end(), step);
  if (at == steps.end() || (at != steps.begin() && step - *(at - 1) < *at - step)) --at;
  read_out.x = *at;
  read_out.is_path = true;
  read_out.heading = tr("%1 %2").arg(xAxisTitle(XAxis::kStep), formatCount(std::llround(read_out.x)));
  const bool dark = onDarkGround(palette());
  for (qsizetype place = 0; place < curves_.size(); ++place) {
    const ChartCurve& curve = curves_[place];
    const Curve& data = curve.data;
    if (hidden_.contains(curve.id) || data.step.isEmpty()) continue;
    auto i = std::upper_bound(data.step.begin(), data.step.end(), read_out.x) - data.step.begin();
    if (i == 0) continue;  // it begins later
    --i;
    const bool smooth = smoothing_.isOn() && curve.smoothable;
    const double seen = smooth ? averageOf(place)[i] : data.mean[i];
    //: the value of a curve, and the x that it has there
    const QString text = tr("%1 at %2").arg(formatValue(seen, y_unit_), placeText(data.x[i]));
    read_out.lines.push_back({curve.label, text, dark ? curve.dark : curve.light, seen, data.x[i]});
  }
  return read_out;
}

// Of the point that is nearest to the pointer, on whichever path; NaN: there is none.
double SeriesChart::stepNear(const QPoint& position) const {
  const QRectF area = chart()->plotArea();
  const QPointF pointer = QPointF(position) - area.topLeft();
  const PlotScale x = xScale(), y = yScale();
  double step = qQNaN(), distance = qInf();
  for (qsizetype place = 0; place < curves_.size(); ++place) {
    const ChartCurve& curve = curves_[place];
    if (hidden_.contains(curve.id) || curve.data.step.isEmpty()) continue;
    const QVector<double>& ys = smoothing_.isOn() && curve.smoothable ? averageOf(place) : curve.data.mean;
    for (qsizetype i = 0; i < curve.data.step.size(); ++i) {
      const double away =
          std::hypot(x.toPixel(curve.data.x[i]) - pointer.x(), y.toPixel(ys[i]) - pointer.y());
      if (!(away < distance) || (log_x_ && !(curve.data.x[i] > 0))) continue;
      distance = away;
      step = curve.data.step[i];
    }
  }
  return step;
}

// The path of which a piece is nearest to the pointer, if one is within reach.
QString SeriesChart::pathAt(const QPoint& position) const {
  const QPointF pointer = QPointF(position) - chart()->plotArea().topLeft();
  QString nearest;
  double distance = kPathReach;
  for (qsizetype place = 0; place < curves_.size(); ++place) {
    const ChartCurve& curve = curves_[place];
    if (hidden_.contains(curve.id) || curve.data.isEmpty()) continue;
    LayerCurve drawn{.x = curve.data.x, .y = curve.data.mean};
    if (smoothing_.isOn() && curve.smoothable) drawn.y = averageOf(place);
    for (const QPolygonF& piece : joinedPath(drawn, xScale(), yScale()))
      for (qsizetype i = 0; i < piece.size(); ++i) {
        const QPointF from = piece[std::max<qsizetype>(0, i - 1)], way = piece[i] - from;
        const double length = QPointF::dotProduct(way, way);
        const double share =
            length > 0 ? std::clamp(QPointF::dotProduct(pointer - from, way) / length, 0.0, 1.0) : 0.0;
        const QPointF off = pointer - from - share * way;
        const double away = std::hypot(off.x(), off.y());
        if (!(away < distance)) continue;
        distance = away;
        nearest = curve.id;
      }
  }
  return nearest;
}

}  // namespace concertina::ui
