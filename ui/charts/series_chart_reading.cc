// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_reading.cc: what is read off a SeriesChart: at the cross-hair, between the ends of a range,
// and which line is pointed at.
#include <QChart>
#include <QClipboard>
#include <QGuiApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/series_chart_picture.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr double kCurveReach = 8;  // px from a line within which it is pointed at
constexpr int kLeastRange = 6;     // px; less is a click
constexpr int kStepsAcross = 100;  // of the cross-hair, by keys

QString withSign(double value, const QString& text) { return value > 0 ? QLatin1Char('+') + text : text; }

}  // namespace

ReadOut SeriesChart::readOutAt(double x) const {
  ReadOut read_out;
  if (std::isnan(x) || !hasData()) return read_out;
  if (isPath()) return readOutAtStep(x);
  // The nearest measured x of the densest curve; the others tell what they knew by then.
  const QVector<double>& xs = densest()->data.x;
  const auto first = log_x_ ? std::upper_bound(xs.begin(), xs.end(), 0.0) : xs.begin();
  if (first == xs.end() || (log_x_ && !(x > 0))) return read_out;
  const PlotScale scale = xScale();  // the nearest as it is seen
  auto at = std::lower_bound(first, xs.end(), x);
  if (at == xs.end() ||
      (at != first && scale.toPixel(x) - scale.toPixel(*(at - 1)) < scale.toPixel(*at) - scale.toPixel(x)))
    --at;
  read_out.x = *at;
  read_out.heading = tr("%1 %2").arg(xTitle(), placeText(read_out.x));
  const bool dark = onDarkGround(palette());
  double below = 0;
  for (qsizetype place = 0; place < curves_.size(); ++place) {
    const ChartCurve& curve = curves_[place];
    if (hidden_.contains(curve.id) || curve.data.isEmpty()) continue;
    auto i = std::upper_bound(curve.data.x.begin(), curve.data.x.end(), read_out.x) - curve.data.x.begin();
    if (i == 0) continue;  // it begins later
    const double value = curve.data.mean[--i];
    below += value;
    // The dot stands on the line that is seen; what was measured there stands behind it.
    const bool smooth = smoothing_.isOn() && curve.smoothable && !stacked();
    const double seen = smooth ? averageOf(place)[i] : value;
    const QString text = smooth ? tr("%1 (%2)").arg(formatValue(seen, y_unit_), formatValue(value, y_unit_))
                                : formatValue(value, y_unit_);
    read_out.lines.push_back(
        {curve.label, text, dark ? curve.dark : curve.light, stacked() ? qQNaN() : seen});
  }
  if (stacked()) {
    std::reverse(read_out.lines.begin(), read_out.lines.end());  // as they lie
    read_out.lines.push_back({tr("Sum"), formatValue(below, y_unit_), Qt::transparent, qQNaN()});
  }
  return read_out;
}

const ChartCurve* SeriesChart::densest() const {
  const ChartCurve* densest = nullptr;
  for (const ChartCurve& curve : curves_)
    if (!hidden_.contains(curve.id) && (densest == nullptr || curve.data.size() > densest->data.size()))
      densest = &curve;
  return densest;
}

QString SeriesChart::placeText(double x) const {
  return x_axis_ == XAxis::kStep ? formatCount(std::llround(x)) : formatValue(x, xUnit());
}

// Of each curve what it was at both ends, and how it went between.
ReadOut SeriesChart::readOutOver(double from, double to) const {
  const ReadOut start = readOutAt(from);
  ReadOut read_out = readOutAt(to);
  if (std::isnan(start.x) || std::isnan(read_out.x) || start.x == read_out.x) return read_out;
  //: %1 is an axis ("Step"), %2 and %3 the ends of a range on it
  read_out.heading = tr("%1 %2 to %3").arg(xTitle(), placeText(start.x), placeText(read_out.x));
  for (ReadOut::Line& line : read_out.lines) {
    const auto before = std::find_if(start.lines.begin(), start.lines.end(),
                                     [&](const ReadOut::Line& other) { return other.label == line.label; });
    if (before == start.lines.end() || std::isnan(before->y) || std::isnan(line.y)) continue;
    const double change = line.y - before->y;
    //: the value at the start and at the end of a range, their difference, and that by the range's length
    line.value = tr("%1 → %2, Δ %3, slope %4")
                     .arg(formatValue(before->y, y_unit_), formatValue(line.y, y_unit_),
                          withSign(change, formatValue(change, y_unit_)),
                          withSign(change, QLocale().toString(change / (read_out.x - start.x), 'g', 3)));
  }
  return read_out;
}

ReadOut SeriesChart::readOut() const {
  const int wide = std::abs(picture_->at.x() - picture_->press.x());
  if (picture_->drag != Picture::Drag::kZoom || wide < kLeastRange || stacked() || isPath())
    return readOutAt(cross_hair_);
  const double a = valueAt(picture_->press), b = valueAt(picture_->at);
  return readOutOver(std::max(x_range_.from, std::min(a, b)), std::min(x_range_.to, std::max(a, b)));
}

// By keys: to the next measured x, or so far that a hundred steps lead across what is seen.
void SeriesChart::stepCrossHair(int by) {
  if (!hasData()) return;
  // Of a path all of it, for what is seen of it may be left and entered many times.
  const QVector<double>& xs = isPath() ? densest()->data.step : densest()->data.x;
  const auto first = isPath() ? 0 : std::lower_bound(xs.begin(), xs.end(), x_range_.from) - xs.begin();
  const auto end = isPath() ? xs.size() : std::upper_bound(xs.begin(), xs.end(), x_range_.to) - xs.begin();
  if (first >= end) return;
  auto at = by > 0 ? first : end - 1;
  if (!std::isnan(cross_hair_)) {
    const auto step = std::max<qsizetype>(1, (end - first) / kStepsAcross);
    const double seen = readOutAt(cross_hair_).x;
    at = std::lower_bound(xs.begin(), xs.end(), seen) - xs.begin();
    if (log_x_ && !isPath()) {  // as far on the screen, but to another point
      const PlotScale scale = xScale();
      const double there = scale.toValue(scale.toPixel(seen) + by * scale.pixels() / kStepsAcross);
      const auto near = std::lower_bound(xs.begin(), xs.end(), there) - xs.begin();
      at = by > 0 ? std::max(at + 1, near) : std::min(at - 1, near);
    } else {
      at += by * step;
    }
    at = std::clamp<qsizetype>(at, first, end - 1);
  }
  const double x = xs[at];
  showCrossHair(x);
  emit crossHairMoved(x);
  setAccessibleDescription(readOutText().trimmed());  // who cannot see it hears it
}

// A line a curve, its name and its value apart by a tab.
QString SeriesChart::readOutText() const {
  const ReadOut read_out = readOut();
  if (read_out.heading.isEmpty()) return {};
  QString text = read_out.heading + QLatin1Char('\n');
  for (const ReadOut::Line& line : read_out.lines)
    text += line.label + QLatin1Char('\t') + line.value + QLatin1Char('\n');
  return text;
}

void SeriesChart::copyReadOut() {
  if (const QString text = readOutText(); !text.isEmpty()) QGuiApplication::clipboard()->setText(text);
}

void SeriesChart::showCrossHair(double x) {
  if (x == cross_hair_ || (std::isnan(x) && std::isnan(cross_hair_))) return;
  cross_hair_ = x;
  ReadOut read_out = readOutAt(x);
  // Beside the pointer stands the whole read-out; other charts of the group show the place and the dots.
  if (!underMouse() && !hasFocus()) read_out.heading.clear();
  picture_->overlay->setReadOut(read_out);
}

// The line that is nearest above or below the pointer, if one is within reach.
QString SeriesChart::curveAt(const QPoint& position) const {
  const QRectF area = chart()->plotArea();
  if (stacked() || !area.contains(position)) return {};
  if (isPath()) return pathAt(position);
  const double x = valueAt(position);
  const PlotScale scale = xScale(), y = yScale();
  QString nearest;
  double distance = kCurveReach;
  for (qsizetype place = 0; place < curves_.size(); ++place) {
    const ChartCurve& curve = curves_[place];
    if (hidden_.contains(curve.id) || curve.data.isEmpty()) continue;
    const QVector<double>& xs = curve.data.x;
    const auto after = std::lower_bound(xs.begin(), xs.end(), x) - xs.begin();
    if (after == xs.size()) continue;
    const QVector<double>& ys = smoothing_.isOn() && curve.smoothable ? averageOf(place) : curve.data.mean;
    // Between two points along the line that is drawn there, whatever the scales.
    double at = y.toPixel(ys[after]);
    const bool is_joined = after > 0 && xs[after] > xs[after - 1] && (!log_x_ || xs[after - 1] > 0);
    if (is_joined) {
      const double left = scale.toPixel(xs[after - 1]), before = y.toPixel(ys[after - 1]);
      at = before + (at - before) * (scale.toPixel(x) - left) / (scale.toPixel(xs[after]) - left);
    } else if (xs[after] > x) {
      continue;  // it begins later
    }
    const double away = std::abs(at + area.top() - position.y());
    if (!(away < distance)) continue;
    distance = away;
    nearest = curve.id;
  }
  return nearest;
}

void SeriesChart::pointAt(const QString& id) {
  if (id == pointed_at_) return;
  pointed_at_ = id;
  emit curvePointedAt(id);
}

}  // namespace concertina::ui
