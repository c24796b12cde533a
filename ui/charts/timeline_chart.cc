// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_chart.cc: see timeline_chart.h. What a hand does is in timeline_chart_events.cc.
#include "ui/charts/timeline_chart.h"

#include <QEvent>
#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/ticks.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr double kStepRowLines = 1.5, kThinRowLines = 0.55, kRankGapLines = 0.45;
constexpr double kShortestSeconds = 1e-6;  // in sight: clocks are hardly finer

double heightOf(const TimelineLane& lane, int line) {
  return line * (lane.row == SpanRow::kStep ? kStepRowLines : kThinRowLines);
}

// Seconds at their best prefix: "ms" for a window of milliseconds.
struct SecondsScale {
  double factor;
  QString unit;
};
SecondsScale secondsScale(double length) {
  if (length >= 1) return {1, QStringLiteral("s")};
  if (length >= 1e-3) return {1e3, QStringLiteral("ms")};
  return {1e6, QStringLiteral("µs")};
}

}  // namespace

QString spanKindText(SpanKind kind) {
  switch (kind) {
    case SpanKind::kData:
      return TimelineChart::tr("Data");
    case SpanKind::kForward:
      return TimelineChart::tr("Forward");
    case SpanKind::kBackward:
      return TimelineChart::tr("Backward");
    case SpanKind::kEncode:
      return TimelineChart::tr("Encode");
    case SpanKind::kExchange:
      return TimelineChart::tr("Exchange");
    case SpanKind::kDecode:
      return TimelineChart::tr("Decode");
    case SpanKind::kWait:
      return TimelineChart::tr("Wait");
    case SpanKind::kUpdate:
      return TimelineChart::tr("Update");
    case SpanKind::kCheckpoint:
      return TimelineChart::tr("Checkpoint");
    case SpanKind::kEvaluate:
      break;
  }
  return TimelineChart::tr("Evaluate");
}

// As the phases of a step have them; both passes are computing, the way back darker.
QColor spanColor(SpanKind kind, bool dark) {
  switch (kind) {
    case SpanKind::kData:
      return phaseColor(0, dark);
    case SpanKind::kForward:
      return mixed(phaseColor(1, dark), Qt::white, 0.3);
    case SpanKind::kBackward:
      return mixed(phaseColor(1, dark), Qt::black, 0.3);
    case SpanKind::kEncode:
      return phaseColor(2, dark);
    case SpanKind::kExchange:
      return phaseColor(3, dark);
    case SpanKind::kDecode:
      return phaseColor(4, dark);
    case SpanKind::kUpdate:
      return phaseColor(5, dark);
    case SpanKind::kWait:
      return phaseColor(6, dark);
    case SpanKind::kCheckpoint:
      return seriesColor(3, dark);
    case SpanKind::kEvaluate:
      break;
  }
  return seriesColor(6, dark);
}

TimelineChart::TimelineChart(QWidget* parent) : QWidget(parent) {
  shown_.fill(true);
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
  setAccessibleName(tr("Timeline of the ranks"));
}

void TimelineChart::setTimeline(const std::shared_ptr<const Timeline>& timeline) {
  timeline_ = timeline;
  chosen_ = std::clamp(chosen_, 0, std::max(0, int(timeline_->lanes.size()) - 1));
  rows_.assign(timeline_->lanes.size(), {});
  from_ = 0;
  to_ = timeline_->end_seconds;
  updateGeometry();
  readOut();
  emit rangeChanged(from_, to_);
}

void TimelineChart::setKindShown(SpanKind kind, bool shown) {
  shown_[static_cast<size_t>(kind)] = shown;
  forgetRows();
}

void TimelineChart::setEmptyText(const QString& text) {
  empty_text_ = text;
  update();
}

void TimelineChart::forgetRows() {
  for (Row& row : rows_) row = {};
  update();
}

void TimelineChart::zoomTo(double from, double to) {
  const double end = timeline_->end_seconds;
  if (!(end > 0)) return;
  const double length = std::clamp(to - from, std::min(end, kShortestSeconds), end);
  from = std::clamp(from, 0.0, end - length);
  if (from == from_ && from + length == to_) return;
  from_ = from;
  to_ = from + length;
  readOut();
  emit rangeChanged(from_, to_);
}

void TimelineChart::zoomBy(double factor) {
  const double middle = (from_ + to_) / 2, half = (to_ - from_) / 2 / factor;
  zoomTo(middle - half, middle + half);
}

void TimelineChart::resetZoom() { zoomTo(0, timeline_->end_seconds); }
bool TimelineChart::isZoomed() const { return to_ - from_ < timeline_->end_seconds * (1 - 1e-9); }

int TimelineChart::line() const { return QFontMetrics(font()).height(); }
int TimelineChart::axisHeight() const { return qRound(line() * 1.6); }
int TimelineChart::labelWidth() const {
  const int last = timeline_->lanes.empty() ? 0 : timeline_->lanes.back().rank;
  return QFontMetrics(font()).horizontalAdvance(tr("Rank %1").arg(last)) + line();
}

QRectF TimelineChart::plotRect(const QSize& size) const {
  return QRectF(labelWidth(), axisHeight(), std::max(1, size.width() - labelWidth() - line() / 2),
                std::max(0, size.height() - axisHeight()));
}

QRectF TimelineChart::rowRect(int lane, const QSize& size) const {
  const QRectF plot = plotRect(size);
  double top = plot.top();
  for (int i = 0; i <= lane && i < int(timeline_->lanes.size()); ++i) {
    const TimelineLane& each = timeline_->lanes[size_t(i)];
    if (each.row == SpanRow::kStep && i > 0) top += line() * kRankGapLines;
    const double height = heightOf(each, line());
    if (i == lane) return {plot.left(), top, plot.width(), height};
    top += height + 1;
  }
  return {};
}
QRectF TimelineChart::rowRect(int lane) const { return rowRect(lane, size()); }

QSize TimelineChart::sizeHint() const {
  double height = axisHeight() + line() * 0.5;
  if (timeline_->lanes.empty()) height += line() * 6;
  for (const TimelineLane& lane : timeline_->lanes)
    height += heightOf(lane, line()) + 1 + (lane.row == SpanRow::kStep ? line() * kRankGapLines : 0);
  return {QFontMetrics(font()).averageCharWidth() * 90, qRound(height)};
}
QSize TimelineChart::minimumSizeHint() const {
  return {QFontMetrics(font()).averageCharWidth() * 40, sizeHint().height()};
}

double TimelineChart::secondsAt(double x) const {
  const QRectF plot = plotRect(size());
  return from_ + (x - plot.left()) / plot.width() * (to_ - from_);
}

int TimelineChart::laneAt(double y) const {
  for (int lane = 0; lane < int(timeline_->lanes.size()); ++lane) {
    const QRectF row = rowRect(lane);
    if (y >= row.top() && y < row.bottom() + 1) return lane;
  }
  return -1;
}

const TimelineChart::Row& TimelineChart::rowOf(int lane, int columns) {
  Row& row = rows_[size_t(lane)];
  if (row.from == from_ && row.to == to_ && row.columns == columns) return row;
  row = {.from = from_, .to = to_, .columns = columns, .cells = {}, .image = {}};
  row.cells = CellsOf(timeline_->lanes[size_t(lane)], from_, to_, columns, shown_);
  row.image = QImage(columns, 1, QImage::Format_ARGB32_Premultiplied);
  row.image.fill(Qt::transparent);
  auto* pixels = reinterpret_cast<QRgb*>(row.image.bits());
  const bool dark = onDarkGround(palette());
  for (const TimelineCell& cell : row.cells) {
    QColor color = spanColor(cell.kind, dark);
    // What is there at all is seen, however thin.
    color.setAlphaF(float(std::clamp(cell.coverage, 0.25, 1.0)));
    std::fill(pixels + cell.first, pixels + cell.last, qPremultiply(color.rgba()));
  }
  return row;
}

void TimelineChart::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  paint(painter, size(), event->rect(), /*vectors=*/false);
}

void TimelineChart::paintTo(QPainter& painter, const QSize& size) {
  paint(painter, size, QRect(QPoint(0, 0), size), /*vectors=*/true);
}

void TimelineChart::paint(QPainter& painter, const QSize& size, const QRect& seen, bool vectors) {
  if (timeline_->is_empty() || !(from_ < to_)) {
    painter.setPen(quietTextColor(palette()));
    painter.drawText(QRect(QPoint(0, 0), size), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  paintAxis(painter, size);
  for (int lane = 0; lane < int(timeline_->lanes.size()); ++lane) {
    const QRectF row = rowRect(lane, size);
    if (!row.adjusted(-labelWidth(), 0, 0, 1).intersects(QRectF(seen))) continue;
    painter.fillRect(row, gridColor(palette()));
    paintRow(painter, lane, size, vectors);
    const TimelineLane& of = timeline_->lanes[size_t(lane)];
    if (of.row == SpanRow::kStep) {
      painter.setPen(palette().color(QPalette::Text));
      painter.drawText(QRectF(0, row.top(), labelWidth() - line() / 2.0, row.height()),
                       Qt::AlignRight | Qt::AlignVCenter, tr("Rank %1").arg(of.rank));
    }
    if (hasFocus() && lane == chosen_ && !vectors) {
      painter.setPen(palette().color(QPalette::Highlight));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(row.adjusted(0.5, 0.5, -0.5, -0.5));
    }
  }
}

void TimelineChart::paintAxis(QPainter& painter, const QSize& size) const {
  const QRectF plot = plotRect(size);
  const QFontMetrics metrics(font());
  const SecondsScale scale = secondsScale(to_ - from_);
  const int wanted = std::max(2, int(plot.width()) / (metrics.averageCharWidth() * 14));
  const Ticks ticks = linearTicks(from_, to_, wanted, scale.factor);
  painter.setPen(quietTextColor(palette()));
  painter.drawText(QRectF(0, 0, labelWidth() - line() / 2.0, axisHeight()), Qt::AlignRight | Qt::AlignVCenter,
                   scale.unit);
  for (qsizetype i = 0; i < ticks.values.size(); ++i) {
    const double x = plot.left() + (ticks.values[i] - from_) / (to_ - from_) * plot.width();
    painter.setPen(gridColor(palette()));
    painter.drawLine(QPointF(x, axisHeight() - line() * 0.2), QPointF(x, size.height()));
    painter.setPen(quietTextColor(palette()));
    const double wide = metrics.horizontalAdvance(ticks.labels[i]);
    const double left = std::clamp(x - wide / 2, plot.left(), std::max(plot.left(), size.width() - wide));
    painter.drawText(QPointF(left, axisHeight() - line() * 0.45), ticks.labels[i]);
  }
}

void TimelineChart::paintRow(QPainter& painter, int lane, const QSize& size, bool vectors) {
  const QRectF row = rowRect(lane, size);
  const int columns = std::max(1, qRound(row.width() * (vectors ? 1 : devicePixelRatioF())));
  const Row& made = rowOf(lane, columns);
  const double pixel = row.width() / columns;
  const bool dark = onDarkGround(palette());
  if (!vectors) painter.drawImage(row, made.image);
  QFont small = font();
  if (small.pointSizeF() > 0) small.setPointSizeF(small.pointSizeF() * 0.85);
  const QFontMetrics metrics(small);
  const std::vector<Span>& bars = timeline_->lanes[size_t(lane)].bars;
  for (const TimelineCell& cell : made.cells) {
    const QRectF place(row.left() + cell.first * pixel, row.top(), (cell.last - cell.first) * pixel,
                       row.height());
    const QColor color = spanColor(cell.kind, dark);
    if (vectors) {
      QColor faint = color;
      faint.setAlphaF(float(std::clamp(cell.coverage, 0.25, 1.0)));
      painter.fillRect(place, faint);
    }
    if (cell.bar < 0 || place.width() < line() / 3.0) continue;
    // Neighbours of one kind are told apart: micro-batches follow one another without a gap.
    painter.fillRect(QRectF(place.left(), place.top(), 1, place.height()), palette().color(QPalette::Base));
    const Span& bar = bars[size_t(cell.bar)];
    const QString number = bar.number < 0 ? QString() : QString::number(bar.number);
    if (number.isEmpty() || row.height() < metrics.height() ||
        metrics.horizontalAdvance(number) + line() / 3.0 > place.width())
      continue;
    painter.setFont(small);
    painter.setPen(color.lightnessF() > 0.5 ? Qt::black : Qt::white);
    painter.drawText(place, Qt::AlignCenter, number);
    painter.setFont(font());
  }
}

QString TimelineChart::textOf(int lane, int bar) const {
  if (lane < 0 || bar < 0) return {};
  const TimelineLane& of = timeline_->lanes[size_t(lane)];
  const Span& span = of.bars[size_t(bar)];
  //: %1 is a rank, %2 what it does
  QString text = tr("Rank %1: %2").arg(of.rank).arg(spanKindText(span.kind));
  const bool is_pass = span.kind == SpanKind::kForward || span.kind == SpanKind::kBackward;
  if (span.number >= 0)
    text += QStringLiteral(", ") +
            (is_pass ? tr("micro-batch %1").arg(span.number) : tr("number %1").arg(span.number));
  text += QLatin1Char('\n') + tr("step %1, %2 long, at %3")
                                  .arg(formatCount(span.step),
                                       formatDuration(span.end_seconds - span.begin_seconds),
                                       formatDuration(span.begin_seconds));
  if (span.bytes > 0) text += QLatin1Char('\n') + formatBytes(double(span.bytes));
  return text;
}

QString TimelineChart::textAt(const QPointF& position) const {
  const QRectF plot = plotRect(size());
  const int lane = laneAt(position.y());
  if (lane < 0 || position.x() < plot.left() || position.x() > plot.right()) return {};
  const double reach = 2 / plot.width() * (to_ - from_);  // a thin bar is hit beside it, too
  return textOf(lane, BarAt(timeline_->lanes[size_t(lane)], secondsAt(position.x()), reach, shown_));
}

void TimelineChart::readOut() {
  update();
  if (timeline_->is_empty()) return setAccessibleDescription(empty_text_);
  const double middle = (from_ + to_) / 2;
  const int bar = BarAt(timeline_->lanes[size_t(chosen_)], middle, (to_ - from_) / 2, shown_);
  //: the two ends of what is in sight, and the bar in its middle
  setAccessibleDescription(
      tr("%1 to %2. %3").arg(formatDuration(from_), formatDuration(to_), textOf(chosen_, bar)));
}

void TimelineChart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) forgetRows();
  if (event->type() == QEvent::FontChange) {
    forgetRows();
    updateGeometry();
  }
}

}  // namespace concertina::ui
