// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plot_overlay.cc: see plot_overlay.h.
#include "ui/charts/plot_overlay.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPair>
#include <QSet>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"

namespace concertina::ui {

PlotOverlay::PlotOverlay(QGraphicsItem* parent) : QGraphicsItem(parent) {
  setAcceptedMouseButtons(Qt::NoButton);
}

void PlotOverlay::setArea(const QRectF& area) {
  if (area == area_) return;
  prepareGeometryChange();
  area_ = area;
}

void PlotOverlay::setScales(const PlotScale& x, const PlotScale& y) {
  x_ = x;
  y_ = y;
  update();
}

void PlotOverlay::setMarks(const QVector<ChartMark>& marks) {
  marks_ = marks;
  update();
}

void PlotOverlay::setReadOut(const ReadOut& read_out) {
  read_out_ = read_out;
  update();
}

void PlotOverlay::setLevel(double y, const QString& text) {
  level_ = y;
  level_text_ = text;
  update();
}

void PlotOverlay::setSelection(double from, double to) {
  selection_from_ = from;
  selection_to_ = to;
  update();
}

void PlotOverlay::setEmptyText(const QString& text) {
  if (text == empty_text_) return;
  empty_text_ = text;
  update();
}

void PlotOverlay::setPalette(const QPalette& palette, const QFont& font) {
  palette_ = palette;
  font_ = font;
  update();
}

void PlotOverlay::setFocused(bool focused) {
  focused_ = focused;
  update();
}

void PlotOverlay::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  painter->setFont(font_);
  painter->save();
  painter->setClipRect(area_);
  painter->translate(area_.topLeft());
  paintMarks(*painter);
  paintLevel(*painter);
  if (selection_from_ < selection_to_) {
    QColor fill = palette_.color(QPalette::Highlight);
    fill.setAlphaF(0.14f);
    painter->fillRect(QRectF(selection_from_, 0, selection_to_ - selection_from_, area_.height()), fill);
  }
  if (!empty_text_.isEmpty()) {
    painter->setPen(quietTextColor(palette_));
    const QRectF middle(area_.width() * 0.1, 0, area_.width() * 0.8, area_.height());
    painter->drawText(middle, Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
  }
  paintReadOut(*painter);
  painter->restore();
  if (focused_) {
    painter->setPen(QPen(palette_.color(QPalette::Highlight), 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(area_.adjusted(-0.5, -0.5, 0.5, 0.5));
  }
}

QVector<ChartMark> marksInSight(const QVector<ChartMark>& marks, const PlotScale& x) {
  QVector<ChartMark> shown;
  QSet<QPair<int, QRgb>> taken;
  for (const ChartMark& mark : marks) {
    if (x.log && !(mark.x > 0)) continue;
    const double pixel = x.toPixel(mark.x);
    if (!(pixel >= x.pixel_from && pixel <= x.pixel_to)) continue;
    const QPair<int, QRgb> place(int(pixel), mark.color.rgba());
    if (taken.contains(place)) continue;
    taken.insert(place);
    shown.push_back(mark);
  }
  return shown;
}

void PlotOverlay::paintMarks(QPainter& painter) const {
  for (const ChartMark& mark : marksInSight(marks_, x_)) {
    const double x = x_.toPixel(mark.x);
    painter.setPen(QPen(mark.color, 1, Qt::DashLine));
    painter.drawLine(QPointF(x, 0), QPointF(x, area_.height()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(mark.color);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawPolygon(QPolygonF({{x - 4, 0}, {x + 4, 0}, {x, 6}}));
    painter.setRenderHint(QPainter::Antialiasing, false);
  }
}

void PlotOverlay::paintLevel(QPainter& painter) const {
  if (std::isnan(level_) || !empty_text_.isEmpty()) return;
  const double y = std::round(y_.toPixel(level_)) + 0.5;
  if (!(y >= 0 && y <= area_.height() + 1)) return;
  painter.setPen(QPen(palette_.color(QPalette::Highlight), 1.5, Qt::DashLine));
  painter.drawLine(QPointF(0, y), QPointF(area_.width(), y));
  const QFontMetricsF metrics(font_);
  // Above its line on the left, where curves that rise are not yet; below it at the upper edge.
  const double top = y > metrics.height() + 2 ? y - metrics.height() - 1 : y + 1;
  painter.setPen(palette_.color(QPalette::Text));
  painter.drawText(QRectF(metrics.height() / 4, top, area_.width(), metrics.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, level_text_);
}

void PlotOverlay::paintReadOut(QPainter& painter) const {
  if (std::isnan(read_out_.x) || !empty_text_.isEmpty()) return;
  const double at = read_out_.is_path && !read_out_.lines.isEmpty() ? read_out_.lines[0].x : read_out_.x;
  if (std::isnan(at) || (x_.log && !(at > 0))) return;
  const double x = std::round(x_.toPixel(at)) + 0.5;
  if (!read_out_.is_path && (x < 0 || x > area_.width() + 1)) return;
  QColor line = palette_.color(QPalette::Text);
  line.setAlphaF(0.35f);
  painter.setPen(QPen(line, 1));
  if (!read_out_.is_path) painter.drawLine(QPointF(x, 0), QPointF(x, area_.height()));
  painter.setRenderHint(QPainter::Antialiasing);
  double highest = area_.height();
  for (const ReadOut::Line& entry : read_out_.lines) {
    if (std::isnan(entry.y)) continue;
    const double y = y_.toPixel(entry.y);
    highest = std::min(highest, y);
    painter.setPen(QPen(palette_.color(QPalette::Base), 1.5));
    painter.setBrush(entry.color);
    if (read_out_.is_path && x_.log && !(entry.x > 0)) continue;
    painter.drawEllipse(QPointF(read_out_.is_path ? x_.toPixel(entry.x) : x, y), 4, 4);
  }
  if (read_out_.heading.isEmpty()) return;
  QVector<ReadOut::Line> lines = read_out_.lines;
  constexpr double kNearMark = 5;
  for (const ChartMark& mark : marksInSight(marks_, x_))
    if (std::abs(x_.toPixel(mark.x) - x) <= kNearMark) lines.push_back({mark.text, {}, mark.color, qQNaN()});
  paintCard(painter, x, highest, read_out_.heading, lines);
}

void PlotOverlay::paintCard(QPainter& painter, double x, double, const QString& heading,
                            const QVector<ReadOut::Line>& lines) const {
  const QFontMetricsF metrics(font_);
  const double unit = metrics.height() / 2, swatch = metrics.xHeight(), gap = unit;
  double label_width = 0, value_width = 0;
  for (const ReadOut::Line& line : lines) {
    label_width = std::max(label_width, metrics.horizontalAdvance(line.label));
    value_width = std::max(value_width, metrics.horizontalAdvance(line.value));
  }
  const double inner =
      std::max(metrics.horizontalAdvance(heading),
               lines.isEmpty() ? 0.0 : swatch + gap * 0.75 + label_width + gap * 1.5 + value_width);
  const QSizeF size(inner + 2 * unit, (double(lines.size()) + 1) * metrics.height() + 1.25 * unit);
  // Beside the line, on the side with more room, and never out of the plot.
  double left = x + unit;
  if (left + size.width() > area_.width()) left = x - unit - size.width();
  left = std::clamp(left, 0.0, std::max(0.0, area_.width() - size.width()));
  const QRectF card(QPointF(left, std::min(unit * 0.75, std::max(0.0, area_.height() - size.height()))),
                    size);
  QColor ground = palette_.color(QPalette::Base);
  ground.setAlphaF(0.95f);
  painter.setPen(QPen(mixed(palette_.color(QPalette::Base), palette_.color(QPalette::Text), 0.22), 1));
  painter.setBrush(ground);
  painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), unit / 2, unit / 2);
  const QColor text = palette_.color(QPalette::Text);
  double y = card.top() + unit * 0.625;
  painter.setPen(quietTextColor(palette_));
  painter.drawText(QRectF(card.left() + unit, y, inner, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                   heading);
  for (const ReadOut::Line& line : lines) {
    y += metrics.height();
    painter.setPen(Qt::NoPen);
    painter.setBrush(line.color);
    painter.drawRoundedRect(QRectF(card.left() + unit, y + (metrics.height() - swatch) / 2, swatch, swatch),
                            2, 2);
    painter.setPen(text);
    painter.drawText(QRectF(card.left() + unit + swatch + gap * 0.75, y, label_width + 1, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, line.label);
    painter.drawText(QRectF(card.right() - unit - value_width - 1, y, value_width + 1, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, line.value);
  }
}

}  // namespace concertina::ui
