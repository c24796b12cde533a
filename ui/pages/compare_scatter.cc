// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_scatter.cc: see compare_scatter.h.
#include "ui/pages/compare_scatter.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMap>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/analysis/pareto.h"
#include "ui/charts/palette.h"
#include "ui/charts/plot_scale.h"
#include "ui/charts/ticks.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {

CompareScatter::CompareScatter(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("comparePage.scatter"));
  setAccessibleName(tr("Accuracy of each variant against what it cost"));
  setMinimumSize(charactersWide(this, 40), rhythmUnit(this) * 14);
}

void CompareScatter::setPoints(const QVector<ScatterDot>& points, const QString& x_unit) {
  points_.clear();
  for (const ScatterDot& point : points)
    if (std::isfinite(point.x) && std::isfinite(point.accuracy) && (point.x > 0 || !x_.is_logarithmic))
      points_ << point;
  x_.unit = x_unit;
  std::vector<double> x, accuracy;
  for (const ScatterDot& point : std::as_const(points_)) {
    x.push_back(point.x);
    accuracy.push_back(point.accuracy);
  }
  const bool can_choose =
      std::any_of(points_.cbegin(), points_.cend(), [](const ScatterDot& point) { return point.step >= 0; });
  setFocusPolicy(can_choose ? Qt::StrongFocus : Qt::NoFocus);
  on_front_.fill(false, points_.size());
  for (const size_t index : ParetoFront({accuracy, y_.more_is_better}, {x, x_.more_is_better}))
    on_front_[qsizetype(index)] = true;
  update();
}

void CompareScatter::setAxes(const ScatterAxis& x, const ScatterAxis& y) {
  x_ = x;
  y_ = y;
  if (!x.title.isEmpty() && !y.title.isEmpty()) setAccessibleName(tr("%1 against %2").arg(y.title, x.title));
}

QString CompareScatter::valueText(double value, const ScatterAxis& axis) {
  return axis.unit == QLatin1String("B")   ? formatBytes(value)
         : axis.unit == QLatin1String("s") ? formatDuration(value)
                                           : formatWithPrefix(value, axis.unit);
}

QString CompareScatter::yText(double y) const {
  return y_.unit.isEmpty() ? QLocale().toString(y, 'f', 4) : valueText(y, y_);
}

bool CompareScatter::isBetterByX(const ScatterDot& a, const ScatterDot& b) const {
  return x_.more_is_better ? a.x > b.x : a.x < b.x;
}

QStringList CompareScatter::front() const {
  QVector<qsizetype> order;
  for (qsizetype i = 0; i < points_.size(); ++i)
    if (on_front_[i]) order << i;
  std::sort(order.begin(), order.end(),
            [this](qsizetype a, qsizetype b) { return isBetterByX(points_[a], points_[b]); });
  QStringList labels;
  for (const qsizetype i : std::as_const(order)) labels << points_[i].label;
  return labels;
}

TextTable CompareScatter::numbers() const {
  const auto heading = [](const ScatterAxis& axis, const QString& usual) {
    const QString title = axis.title.isEmpty() ? usual : axis.title;
    return (axis.unit.isEmpty() ? title : QStringLiteral("%1 (%2)").arg(title, axis.unit)).toStdString();
  };
  TextTable table{{tr("Name").toStdString(), heading(x_, tr("Cost")), heading(y_, tr("Accuracy")),
                   tr("On the front").toStdString()},
                  {}};
  for (qsizetype i = 0; i < points_.size(); ++i)
    table.rows.push_back({points_[i].label.toStdString(), exactNumber(points_[i].x),
                          exactNumber(points_[i].accuracy), on_front_[i] ? "1" : "0"});
  return table;
}

void CompareScatter::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  places_.clear();
  const int unit = rhythmUnit(this);
  const QFontMetrics metrics(font());
  if (points_.isEmpty()) {
    painter.setPen(quietTextColor(palette()));
    painter.drawText(rect(), Qt::AlignCenter, tr("Points come as runs finish."));
    return;
  }
  const auto [least_x, most_x] = std::minmax_element(
      points_.cbegin(), points_.cend(), [](const ScatterDot& a, const ScatterDot& b) { return a.x < b.x; });
  const auto [least_y, most_y] =
      std::minmax_element(points_.cbegin(), points_.cend(),
                          [](const ScatterDot& a, const ScatterDot& b) { return a.accuracy < b.accuracy; });
  const ValueRange across =
      x_.is_logarithmic ? roomyLogRange(least_x->x, most_x->x) : roomyRange(least_x->x, most_x->x, false);
  const ValueRange up = roomyRange(least_y->accuracy, most_y->accuracy, false);
  const double left =
      metrics.horizontalAdvance(y_.unit.isEmpty() ? QStringLiteral("0.0000") : QStringLiteral("0 min 00 s")) +
      unit;
  const QRectF plot(left, unit / 2.0, width() - left - unit, height() - metrics.height() - 2.0 * unit);
  const PlotScale x{across.from, across.to, plot.left(), plot.right(), x_.is_logarithmic};
  const PlotScale y{up.from, up.to, plot.bottom(), plot.top(), false};

  const Ticks rows = linearTicks(up.from, up.to, std::max(2, int(plot.height() / (4 * unit))));
  const int wanted = std::max(2, int(plot.width() / (14 * unit)));
  const Ticks columns = x_.is_logarithmic ? logTicks(across.from, across.to, wanted)
                                          : linearTicks(across.from, across.to, wanted);
  painter.setPen(QPen(gridColor(palette()), 1));
  for (const double value : rows.values)
    painter.drawLine(QPointF(plot.left(), y.toPixel(value)), QPointF(plot.right(), y.toPixel(value)));
  for (const double value : columns.values)
    painter.drawLine(QPointF(x.toPixel(value), plot.top()), QPointF(x.toPixel(value), plot.bottom()));
  painter.setPen(quietTextColor(palette()));
  for (qsizetype i = 0; i < rows.values.size(); ++i)
    painter.drawText(
        QRectF(0, y.toPixel(rows.values[i]) - metrics.height() / 2.0, left - unit / 2.0, metrics.height()),
        Qt::AlignRight | Qt::AlignVCenter,
        y_.unit.isEmpty() ? rows.labels[i] : valueText(rows.values[i], y_));
  for (const double value : columns.values) {
    const QString text = valueText(value, x_);
    const double wide = metrics.horizontalAdvance(text);
    QRectF room(x.toPixel(value) - wide / 2, plot.bottom() + unit / 4.0, wide + 1, metrics.height());
    if (room.right() > width()) room.moveRight(width());
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, text);
  }

  // The front as steps from the best by x on: what lies behind it is beaten.
  const bool dark = onDarkGround(palette());
  QVector<qsizetype> front;
  for (qsizetype i = 0; i < points_.size(); ++i)
    if (on_front_[i]) front << i;
  std::sort(front.begin(), front.end(),
            [this](qsizetype a, qsizetype b) { return isBetterByX(points_[a], points_[b]); });
  QPolygonF stairs;
  for (const qsizetype i : std::as_const(front)) {
    const QPointF at(x.toPixel(points_[i].x), y.toPixel(points_[i].accuracy));
    if (!stairs.isEmpty()) stairs << QPointF(at.x(), stairs.last().y());
    stairs << at;
  }
  painter.setPen(QPen(seriesColor(0, dark), 1.5, Qt::DashLine));
  painter.drawPolyline(stairs);
  // From step to step, thin, and without a name for what is only there to be seen against.
  QMap<int, QPolygonF> paths;
  for (const ScatterDot& point : std::as_const(points_))
    if (point.path >= 0) paths[point.path] << QPointF(x.toPixel(point.x), y.toPixel(point.accuracy));
  painter.setPen(QPen(quietTextColor(palette()), 1));
  for (const QPolygonF& path : std::as_const(paths)) painter.drawPolyline(path);
  QVector<QRectF> taken;
  for (qsizetype i = 0; i < points_.size(); ++i) {
    const QPointF at(x.toPixel(points_[i].x), y.toPixel(points_[i].accuracy));
    places_.push_back({at, i});
    painter.setPen(Qt::NoPen);
    painter.setBrush(on_front_[i] ? seriesColor(0, dark) : quietTextColor(palette()));
    painter.drawEllipse(at, on_front_[i] ? 4.5 : 3, on_front_[i] ? 4.5 : 3);
  }
  painter.setBrush(Qt::NoBrush);
  for (const Place& place : std::as_const(places_)) {
    if (chosen_ < 0 || points_[place.point].step != chosen_) continue;
    painter.setPen(QPen(palette().color(QPalette::Text), hasFocus() ? 2.5 : 1.5));
    painter.drawEllipse(place.at, 8, 8);
  }
  painter.setPen(palette().color(QPalette::Text));
  QVector<qsizetype> named = front;
  for (qsizetype i = 0; i < points_.size(); ++i)
    if (points_[i].path >= 0 && !on_front_[i]) named << i;
  for (const qsizetype i : std::as_const(named)) {
    if (points_[i].is_quiet) continue;
    const QPointF at(x.toPixel(points_[i].x), y.toPixel(points_[i].accuracy));
    // The read-out has it whole.
    const QString label = metrics.elidedText(points_[i].label, Qt::ElideRight, charactersWide(this, 24));
    const double wide = metrics.horizontalAdvance(label);
    QRectF room(at.x() + unit / 2.0, at.y() - metrics.height() - 2, wide, metrics.height());
    if (room.right() > width()) room.moveRight(at.x() - unit / 2.0);
    if (room.top() < 0) room.moveTop(at.y() + 4);
    const bool overlaps = std::any_of(taken.cbegin(), taken.cend(),
                                      [&](const QRectF& other) { return other.intersects(room); });
    if (overlaps) continue;  // the tooltip still names it
    taken << room;
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, label);
  }
}

void CompareScatter::setChosen(int step) {
  if (step == chosen_) return;
  chosen_ = step;
  update();
}

const CompareScatter::Place* CompareScatter::nearestTo(const QPointF& position) const {
  const auto near = [&](const Place& place) { return QLineF(place.at, position).length(); };
  const auto nearest = std::min_element(places_.cbegin(), places_.cend(),
                                        [&](const Place& a, const Place& b) { return near(a) < near(b); });
  return nearest == places_.cend() || near(*nearest) > rhythmUnit(this) ? nullptr : &*nearest;
}

void CompareScatter::mousePressEvent(QMouseEvent* event) {
  const Place* const nearest = nearestTo(event->position());
  if (nearest == nullptr || points_[nearest->point].step < 0) return QWidget::mousePressEvent(event);
  emit stepChosen(points_[nearest->point].step);
}

// From step to step, not from left to right: the path is what is followed.
void CompareScatter::keyPressEvent(QKeyEvent* event) {
  const bool forward = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down;
  const bool back = event->key() == Qt::Key_Left || event->key() == Qt::Key_Up;
  if (!forward && !back) return QWidget::keyPressEvent(event);
  int next = -1;
  for (const ScatterDot& point : std::as_const(points_)) {
    const bool is_beyond = point.step >= 0 && (forward ? point.step > chosen_ : point.step < chosen_);
    if (is_beyond && (next < 0 || (forward ? point.step < next : point.step > next))) next = point.step;
  }
  if (next >= 0) emit stepChosen(next);
}

bool CompareScatter::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const Place* const nearest = nearestTo(help->pos());
  if (nearest == nullptr) {
    QToolTip::hideText();
    return true;
  }
  const ScatterDot& point = points_[nearest->point];
  const QString x = valueText(point.x, x_), y = yText(point.accuracy);
  QToolTip::showText(help->globalPos(),
                     y_.title.isEmpty() ? tr("%1: accuracy %2, %3").arg(point.label, y, x)
                                        : tr("%1: %2 %3, %4 %5").arg(point.label, y_.title, y, x_.title, x),
                     this);
  return true;
}

}  // namespace concertina::ui
