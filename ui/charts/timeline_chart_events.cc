// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_chart_events.cc: what a hand does to the timeline (see timeline_chart.h).
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/charts/timeline_chart.h"

namespace concertina::ui {
namespace {

constexpr double kKeyShare = 0.15;  // of what is in sight, an arrow moves
constexpr double kZoomStep = 1.5;

}  // namespace

void TimelineChart::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || timeline_->is_empty()) return event->ignore();
  is_dragged_ = true;
  press_x_ = event->position().x();
  press_from_ = from_;
  if (const int lane = laneAt(event->position().y()); lane >= 0) chosen_ = lane;
  setCursor(Qt::ClosedHandCursor);
  readOut();
}

void TimelineChart::mouseMoveEvent(QMouseEvent* event) {
  if (!is_dragged_) return QWidget::mouseMoveEvent(event);
  const double length = to_ - from_;
  const double from = press_from_ - (event->position().x() - press_x_) / plotRect(size()).width() * length;
  zoomTo(from, from + length);
}

void TimelineChart::mouseReleaseEvent(QMouseEvent*) {
  is_dragged_ = false;
  unsetCursor();
}

void TimelineChart::mouseDoubleClickEvent(QMouseEvent*) { resetZoom(); }

void TimelineChart::wheelEvent(QWheelEvent* event) {
  const int turned = event->angleDelta().y();
  // With Shift it is the page's: more ranks than fit.
  if (turned == 0 || event->modifiers().testFlag(Qt::ShiftModifier) || timeline_->is_empty())
    return event->ignore();
  const double at = secondsAt(event->position().x());
  const double factor = std::pow(kZoomStep, -turned / 120.0);
  zoomTo(at - (at - from_) * factor, at + (to_ - at) * factor);
  event->accept();
}

void TimelineChart::keyPressEvent(QKeyEvent* event) {
  const double move = (to_ - from_) * kKeyShare;
  switch (event->key()) {
    case Qt::Key_Left:
      return zoomTo(from_ - move, to_ - move);
    case Qt::Key_Right:
      return zoomTo(from_ + move, to_ + move);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kZoomStep);
    case Qt::Key_Minus:
      return zoomBy(1 / kZoomStep);
    case Qt::Key_Home:
      return resetZoom();
    case Qt::Key_Up:
    case Qt::Key_Down:
      chosen_ = std::clamp(chosen_ + (event->key() == Qt::Key_Down ? 1 : -1), 0,
                           std::max(0, int(timeline_->lanes.size()) - 1));
      return readOut();
    case Qt::Key_Escape:
      if (!isZoomed()) break;
      return resetZoom();
    default:
      break;
  }
  event->ignore();
}

void TimelineChart::contextMenuEvent(QContextMenuEvent* event) {
  emit contextMenuRequested(event->globalPos());
}

void TimelineChart::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  readOut();
}

void TimelineChart::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

bool TimelineChart::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QString text = textAt(help->pos());
  if (text.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), text, this);
  return true;
}

}  // namespace concertina::ui
