// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// heat_map_paint.cc: how a heat map looks (see heat_map.h): cells or points, their marks, the labels and the
// scale. The same for the screen and for files.
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/charts/heat_map.h"
#include "ui/charts/palette.h"
#include "ui/charts/ticks.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr double kLogFrom = 30;  // numbers along x that span more than this lie on a logarithmic scale
constexpr std::array kMarked = {CellState::kQueued, CellState::kRunning, CellState::kStopped,
                                CellState::kFailed};

QString textOf(double value, const QString& unit) {
  return unit.isEmpty() ? formatNumber(value, 4) : formatValue(value, unit);
}

// On a coloured ground: whichever of black and white stands out more (WCAG 2.1's luminance).
QColor inkOn(const QColor& ground) {
  const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  const double light =
      0.2126 * linear(ground.redF()) + 0.7152 * linear(ground.greenF()) + 0.0722 * linear(ground.blueF());
  return light > 0.179 ? QColor(Qt::black) : QColor(Qt::white);
}

// A shape for each state, so that colour is never the only sign: a ring waits, a triangle runs, a square was
// stopped, a cross failed.
void paintMark(QPainter& painter, CellState state, const QRectF& box, const QColor& ink) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(ink, std::max(1.0, box.width() / 7)));
  painter.setBrush(Qt::NoBrush);
  switch (state) {
    case CellState::kQueued:
      painter.drawEllipse(box);
      break;
    case CellState::kRunning: {
      painter.setBrush(ink);
      painter.drawPolygon(
          QPolygonF({box.topLeft(), QPointF(box.right(), box.center().y()), box.bottomLeft()}));
      break;
    }
    case CellState::kStopped:
      painter.fillRect(box, ink);
      break;
    case CellState::kFailed:
      painter.drawLine(box.topLeft(), box.bottomRight());
      painter.drawLine(box.topRight(), box.bottomLeft());
      break;
    default:
      break;
  }
  painter.restore();
}

}  // namespace

QRectF HeatMap::plotArea(const QSize& size) const {
  const QFontMetrics metrics(font());
  int widest = metrics.averageCharWidth() * 6;
  for (const QString& label : picture_.y_labels)
    if (isMap()) widest = std::max(widest, metrics.horizontalAdvance(label));
  widest = std::min(widest, size.width() * 3 / 10);
  const double gap = metrics.averageCharWidth();
  return QRectF(
      QPointF(widest + 2 * gap, metrics.height() * 1.75),
      QPointF(size.width() - (isMap() ? gap * 15 : gap * 2), size.height() - metrics.height() * 4.25));
}

QRectF HeatMap::legendArea(const QSize& size) const {
  const QFontMetrics metrics(font());
  const QRectF area = plotArea(size);
  return {area.right() + metrics.averageCharWidth() * 2, area.top() + metrics.height() * 1.5,
          metrics.averageCharWidth() * 2.0, std::max(1.0, area.height() - metrics.height() * 3)};
}

bool HeatMap::isLogarithmic() const {
  if (picture_.x_numbers.size() < 2) return false;
  const auto [least, largest] = std::minmax_element(picture_.x_numbers.begin(), picture_.x_numbers.end());
  return *least > 0 && *largest / *least > kLogFrom;
}

double HeatMap::xOf(int column, const QRectF& area) const {
  const int columns = picture_.columns();
  const double margin = area.width() * 0.04, width = area.width() - 2 * margin;
  double share = columns < 2 ? 0.5 : double(column) / (columns - 1);
  if (picture_.x_numbers.size() == columns && columns > 1) {
    const auto [least, largest] = std::minmax_element(picture_.x_numbers.begin(), picture_.x_numbers.end());
    const double x = picture_.x_numbers[column];
    if (*least < *largest)
      share = isLogarithmic() ? std::log(x / *least) / std::log(*largest / *least)
                              : (x - *least) / (*largest - *least);
  }
  return area.left() + margin + share * width;
}

double HeatMap::yOf(double value, const QRectF& area) const {
  double least = qInf(), largest = -qInf();
  for (const HeatMapCell& cell : picture_.cells) {
    if (!std::isfinite(cell.value)) continue;
    least = std::min({least, cell.value, std::isfinite(cell.least) ? cell.least : cell.value});
    largest = std::max({largest, cell.value, std::isfinite(cell.largest) ? cell.largest : cell.value});
  }
  if (!(least <= largest) || !std::isfinite(value)) return area.bottom();
  const ValueRange range = roomyRange(least, largest, /*from_zero=*/false);
  return area.bottom() - (value - range.from) / (range.to - range.from) * area.height();
}

QRectF HeatMap::cellRect(int cell, const QSize& size) const {
  const QRectF area = plotArea(size);
  const int columns = picture_.columns(), rows = picture_.rows();
  if (columns == 0 || rows == 0 || cell < 0 || cell >= picture_.cells.size()) return {};
  const int column = cell % columns, row = cell / columns;
  if (!isMap()) {
    const double half = QFontMetrics(font()).height() * 0.3;
    const QPointF at(xOf(column, area), yOf(picture_.cells[cell].value, area));
    return {at - QPointF(half, half), QSizeF(2 * half, 2 * half)};
  }
  const double width = area.width() / columns, height = area.height() / rows;
  return {area.left() + column * width, area.bottom() - (row + 1) * height, width, height};
}

void HeatMap::paintXLabels(QPainter& painter, const QSize& size) const {
  const QFontMetrics metrics(font());
  const QRectF area = plotArea(size);
  const double room = area.width() / std::max(1, picture_.columns());
  double free_from = -1e9;
  painter.setPen(quietTextColor(palette()));
  for (int column = 0; column < picture_.columns(); ++column) {
    const double x = isMap() ? area.left() + (column + 0.5) * room : xOf(column, area);
    // Labels that would touch the last one are left out, not laid over it.
    const double most = isMap() ? std::max(room, metrics.averageCharWidth() * 6.0) : area.width() / 5;
    const QString label = metrics.elidedText(picture_.x_labels[column], Qt::ElideRight, int(most));
    const double width = metrics.horizontalAdvance(label);
    const double left = std::clamp(x - width / 2, 0.0, std::max(0.0, size.width() - width));
    if (left < free_from) continue;
    free_from = left + width + metrics.averageCharWidth();
    painter.drawText(QRectF(left, area.bottom() + metrics.height() * 0.25, width + 1, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, label);
  }
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(
      QRectF(area.left(), area.bottom() + metrics.height() * 1.35, area.width(), metrics.height() * 1.2),
      Qt::AlignHCenter | Qt::AlignVCenter, picture_.x_title);
  painter.drawText(QRectF(0, 0, area.right(), metrics.height() * 1.4), Qt::AlignLeft | Qt::AlignVCenter,
                   isMap() ? picture_.y_title : picture_.value_title);
}

void HeatMap::paintCells(QPainter& painter, const QSize& size) const {
  const QFontMetrics metrics(font());
  const QRectF area = plotArea(size);
  painter.setPen(quietTextColor(palette()));
  double free_below = 1e9;
  for (int row = 0; row < picture_.rows(); ++row) {
    const QRectF first = cellRect(row * picture_.columns(), size);
    if (first.center().y() + metrics.height() / 2.0 > free_below) continue;
    free_below = first.center().y() - metrics.height() / 2.0;
    const QRectF place(0, first.center().y() - metrics.height() / 2.0,
                       area.left() - metrics.averageCharWidth(), metrics.height());
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(picture_.y_labels.value(row), Qt::ElideRight, int(place.width())));
  }
  const double gap =
      std::min({1.0, area.width() / picture_.columns() / 8, area.height() / picture_.rows() / 8});
  for (int cell = 0; cell < picture_.cells.size(); ++cell) {
    const HeatMapCell& at = picture_.cells[cell];
    const QRectF rect = cellRect(cell, size).adjusted(gap, gap, -gap, -gap);
    const double share = shareOf(at.value, picture_);
    const bool has_value = std::isfinite(share);
    const QColor ground = has_value ? viridis(share)
                          : at.state == CellState::kEmpty
                              ? palette().color(QPalette::Base)
                              : mixed(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.1);
    painter.fillRect(rect, ground);
    const QColor ink = has_value ? inkOn(ground) : quietTextColor(palette());
    const double mark = std::min({metrics.height() * 0.5, rect.width() / 3, rect.height() / 3});
    const QString text = textOf(at.value, picture_.unit);
    if (has_value && metrics.horizontalAdvance(text) + metrics.averageCharWidth() <= rect.width() &&
        metrics.height() <= rect.height()) {
      painter.setPen(ink);
      painter.drawText(rect, Qt::AlignCenter, text);
    }
    const QPointF corner = has_value ? rect.topRight() + QPointF(-mark * 1.5, mark * 0.5)
                                     : rect.center() - QPointF(mark / 2, mark / 2);
    paintMark(painter, at.state, QRectF(corner, QSizeF(mark, mark)), ink);
  }
}

void HeatMap::paintPoints(QPainter& painter, const QSize& size) const {
  const QFontMetrics metrics(font());
  const QRectF area = plotArea(size);
  double least = qInf(), largest = -qInf();
  for (const HeatMapCell& cell : picture_.cells) {
    if (!std::isfinite(cell.value)) continue;
    least = std::min({least, cell.value, std::isfinite(cell.least) ? cell.least : cell.value});
    largest = std::max({largest, cell.value, std::isfinite(cell.largest) ? cell.largest : cell.value});
  }
  if (least <= largest) {
    const ValueRange range = roomyRange(least, largest, /*from_zero=*/false);
    const AxisScale scale = axisScale(std::max(std::abs(range.from), std::abs(range.to)), picture_.unit);
    const Ticks ticks = linearTicks(range.from, range.to, 5, scale.factor);
    for (qsizetype i = 0; i < ticks.values.size(); ++i) {
      const double y = yOf(ticks.values[i], area);
      painter.setPen(QPen(gridColor(palette()), 1));
      painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
      painter.setPen(quietTextColor(palette()));
      painter.drawText(
          QRectF(0, y - metrics.height() / 2.0, area.left() - metrics.averageCharWidth(), metrics.height()),
          Qt::AlignRight | Qt::AlignVCenter,
          scale.unit.isEmpty() ? ticks.labels[i] : ticks.labels[i] + QLatin1Char(' ') + scale.unit);
    }
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor color = seriesColor(0, onDarkGround(palette()));
  QPolygonF line;
  for (int cell = 0; cell < picture_.cells.size(); ++cell) {
    const HeatMapCell& at = picture_.cells[cell];
    if (!std::isfinite(at.value)) continue;
    const QPointF center = cellRect(cell, size).center();
    line << center;
    if (!(at.least < at.largest)) continue;
    painter.setPen(QPen(color, 1));  // of several runs: from the least to the largest
    painter.drawLine(QPointF(center.x(), yOf(at.least, area)), QPointF(center.x(), yOf(at.largest, area)));
  }
  painter.setPen(QPen(color, 2));
  if (!picture_.x_numbers.isEmpty()) painter.drawPolyline(line);  // between names there is nothing
  for (int cell = 0; cell < picture_.cells.size(); ++cell) {
    const HeatMapCell& at = picture_.cells[cell];
    const QRectF rect = cellRect(cell, size);
    if (std::isfinite(at.value)) {
      painter.setBrush(color);
      painter.drawEllipse(rect.adjusted(2, 2, -2, -2));
    }
    const QPointF mark =
        std::isfinite(at.value) ? rect.topRight() : QPointF(rect.left(), area.bottom() - rect.height());
    paintMark(painter, at.state, QRectF(mark, rect.size() * 0.75), palette().color(QPalette::Text));
  }
}

void HeatMap::paintScale(QPainter& painter, const QSize& size) const {
  const QFontMetrics metrics(font());
  double least = qInf(), largest = -qInf();
  for (const HeatMapCell& cell : picture_.cells) {
    if (!std::isfinite(cell.value)) continue;
    least = std::min(least, cell.value);
    largest = std::max(largest, cell.value);
  }
  const QRectF bar = legendArea(size);
  const double x = bar.right() + metrics.averageCharWidth() * 0.75;
  painter.setPen(palette().color(QPalette::Text));
  // Over the bar what it is of; it may reach as far left as it must.
  painter.drawText(QRectF(0, 0, size.width(), metrics.height() * 1.4), Qt::AlignRight | Qt::AlignVCenter,
                   picture_.value_title);
  if (!(least <= largest)) return;
  const int steps = std::max(1, int(bar.height()));
  for (int step = 0; step < steps; ++step)
    painter.fillRect(QRectF(bar.left(), bar.bottom() - (step + 1) * bar.height() / steps, bar.width(),
                            bar.height() / steps + 0.5),
                     viridis(steps == 1 ? 0.5 : double(step) / (steps - 1)));
  painter.setPen(quietTextColor(palette()));
  const auto label = [&](double share, double value) {
    const double y = bar.bottom() - share * bar.height();
    painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + metrics.averageCharWidth() * 0.5, y));
    painter.drawText(QRectF(x, y - metrics.height() / 2.0, size.width() - x, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, textOf(value, picture_.unit));
  };
  // The better end is at the top.
  const double worst = picture_.more_is_better ? least : largest,
               best = picture_.more_is_better ? largest : least;
  const int labels = least < largest ? std::clamp(int(bar.height() / (metrics.height() * 2)), 2, 5) : 1;
  for (int i = 0; i < labels; ++i) {
    const double share = labels == 1 ? 0.5 : double(i) / (labels - 1);
    label(share, worst + share * (best - worst));
  }
  painter.drawText(QRectF(bar.left() - metrics.averageCharWidth(), bar.top() - metrics.height() * 1.4,
                          size.width() - bar.left(), metrics.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, tr("better"));
}

// Only the marks that are there.
void HeatMap::paintMarkLegend(QPainter& painter, const QSize& size) const {
  const QFontMetrics metrics(font());
  double x = plotArea(size).left();
  const double y = size.height() - metrics.height() * 1.25, mark = metrics.height() * 0.5;
  for (const CellState state : kMarked) {
    if (std::none_of(picture_.cells.begin(), picture_.cells.end(),
                     [&](const HeatMapCell& cell) { return cell.state == state; }))
      continue;
    const QString name = cellStateName(state);
    paintMark(painter, state, QRectF(x, y + (metrics.height() - mark) / 2, mark, mark),
              palette().color(QPalette::Text));
    painter.setPen(quietTextColor(palette()));
    x += mark + metrics.averageCharWidth();
    painter.drawText(QRectF(x, y, metrics.horizontalAdvance(name) + 2, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, name);
    x += metrics.horizontalAdvance(name) + metrics.averageCharWidth() * 3;
  }
}

void HeatMap::paintTo(QPainter& painter, const QSize& size) const {
  painter.setFont(font());
  if (picture_.cells.isEmpty() || picture_.columns() == 0) {
    painter.setPen(quietTextColor(palette()));
    painter.drawText(QRectF(QPointF(), size), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  paintXLabels(painter, size);
  if (isMap()) {
    paintCells(painter, size);
    paintScale(painter, size);
  } else {
    paintPoints(painter, size);
  }
  paintMarkLegend(painter, size);
}

void HeatMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintTo(painter, size());
  painter.setBrush(Qt::NoBrush);
  for (const int cell : {hovered_, chosen_}) {
    if (cell < 0 || cell >= picture_.cells.size()) continue;
    const bool is_focus = cell == chosen_ && hasFocus();
    const QRectF rect =
        isMap() ? cellRect(cell).adjusted(1, 1, -1, -1) : cellRect(cell).adjusted(-3, -3, 3, 3);
    painter.setPen(QPen(palette().color(QPalette::Base), is_focus ? 5 : 3));
    painter.drawRect(rect);
    painter.setPen(
        QPen(palette().color(is_focus ? QPalette::Highlight : QPalette::Text), is_focus ? 3 : 1.5));
    painter.drawRect(rect);
  }
}

}  // namespace concertina::ui
