// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_events.cc: what hands do to a SeriesChart: zoom, move along, read off.
#include <QChart>
#include <QContextMenuEvent>
#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/charts/series_chart_picture.h"

namespace concertina::ui {
namespace {

constexpr double kKeyPan = 0.2;  // of the visible range
constexpr double kKeyZoom = 0.7;
constexpr int kShortestDrag = 6;    // px; less is a click
constexpr int kLevelReach = 5;      // px from the level within which it is taken hold of
constexpr double kKeyLevel = 0.01;  // of the visible range

}  // namespace

void SeriesChart::paintEvent(QPaintEvent* event) {
  const double before = cpuMs();
  QChartView::paintEvent(event);
  picture_->paint_ms += cpuMs() - before;
  if (behind_) schedule();  // scrolled or raised into sight
}

void SeriesChart::resizeEvent(QResizeEvent* event) {
  QChartView::resizeEvent(event);
  renderNow();  // at once: a stretched picture while resizing would shimmer
}

void SeriesChart::showEvent(QShowEvent* event) {
  QChartView::showEvent(event);
  renderNow();
}

void SeriesChart::changeEvent(QEvent* event) {
  QChartView::changeEvent(event);
  if (picture_ == nullptr) return;
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
      event->type() == QEvent::StyleChange || event->type() == QEvent::LocaleChange) {
    applyColors();
    drawn_axes_.clear();
    if (isVisible()) renderNow();
  }
}

double SeriesChart::valueAt(const QPoint& position) const {
  return xScale().toValue(position.x() - chart()->plotArea().left());
}

void SeriesChart::zoomTo(double from, double to) {
  if (log_x_ && from <= 0) from = leastShownX();
  if (!(to > from) || !std::isfinite(from) || !std::isfinite(to)) return;
  if (zoomed_ && x_range_ == ValueRange{from, to}) return;
  zoomed_ = true;
  x_range_ = {from, to};
  if (isVisible()) renderNow();
  emit zoomChanged(from, to, true);
}

void SeriesChart::resetZoom() {
  if (!zoomed_) return;
  zoomed_ = false;
  if (isVisible()) renderNow();
  emit zoomChanged(x_range_.from, x_range_.to, false);
}

void SeriesChart::zoomAround(double x, double scale) {
  if (log_x_)
    zoomTo(x * std::pow(x_range_.from / x, scale), x * std::pow(x_range_.to / x, scale));
  else
    zoomTo(x - (x - x_range_.from) * scale, x + (x_range_.to - x) * scale);
}

ValueRange SeriesChart::moved(const ValueRange& range, double share) const {
  if (log_x_) {
    const double times = std::pow(range.to / range.from, share);
    return {range.from * times, range.to * times};
  }
  const double shift = (range.to - range.from) * share;
  return {range.from + shift, range.to + shift};
}

void SeriesChart::pan(double share) {
  const ValueRange range = moved(x_range_, share);
  zoomTo(range.from, range.to);
}

bool SeriesChart::isOnLevel(const QPoint& position) const {
  const QRectF area = chart()->plotArea();
  return std::isfinite(level_) && hasData() && area.contains(position) &&
         std::abs(yScale().toPixel(level_) + area.top() - position.y()) <= kLevelReach;
}

void SeriesChart::moveLevel(double value) {
  setLevel(value);
  emit levelMoved(level_);
}

void SeriesChart::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  picture_->press = picture_->at = event->pos();
  const bool pan =
      event->button() == Qt::MiddleButton ||
      (event->button() == Qt::LeftButton && (event->modifiers() & (Qt::ShiftModifier | Qt::AltModifier)));
  if (pan && hasData()) {
    picture_->drag = Picture::Drag::kPan;
    picture_->pan_start = x_range_;
    setCursor(Qt::ClosedHandCursor);
  } else if (event->button() == Qt::LeftButton && isOnLevel(event->pos())) {
    picture_->drag = Picture::Drag::kLevel;
  } else if (event->button() == Qt::LeftButton && hasData() && chart()->plotArea().contains(event->pos())) {
    picture_->drag = Picture::Drag::kZoom;
  }
  event->accept();
}

void SeriesChart::mouseMoveEvent(QMouseEvent* event) {
  const QRectF area = chart()->plotArea();
  if (picture_->drag == Picture::Drag::kPan) {
    const ValueRange range =
        moved(picture_->pan_start, (picture_->press.x() - event->pos().x()) / area.width());
    zoomTo(range.from, range.to);
    return;
  }
  if (picture_->drag == Picture::Drag::kLevel) {
    moveLevel(std::clamp(yScale().toValue(event->pos().y() - area.top()), y_range_.from, y_range_.to));
    return;
  }
  if (picture_->drag == Picture::Drag::kNone && std::isfinite(level_))
    setCursor(isOnLevel(event->pos()) ? Qt::SizeVerCursor : Qt::ArrowCursor);
  if (picture_->drag == Picture::Drag::kZoom) {
    const double a = std::clamp<double>(picture_->press.x() - area.left(), 0, area.width());
    const double b = std::clamp<double>(event->pos().x() - area.left(), 0, area.width());
    picture_->overlay->setSelection(std::min(a, b), std::max(a, b));
  }
  if (picture_->drag == Picture::Drag::kNone && curves_.size() > 1) pointAt(curveAt(event->pos()));
  const double x = !area.contains(event->pos()) ? qQNaN()
                   : isPath()                   ? stepNear(event->pos())
                                                : valueAt(event->pos());
  picture_->at = event->pos();
  showCrossHair(x);
  if (picture_->drag == Picture::Drag::kZoom) picture_->overlay->setReadOut(readOut());
  emit crossHairMoved(x);
}

void SeriesChart::mouseReleaseEvent(QMouseEvent* event) {
  const auto drag = std::exchange(picture_->drag, Picture::Drag::kNone);
  unsetCursor();
  if (drag != Picture::Drag::kZoom) return;
  picture_->overlay->setSelection(0, 0);
  if (std::abs(event->pos().x() - picture_->press.x()) < kShortestDrag) return;
  const double a = valueAt(picture_->press), b = valueAt(event->pos());
  zoomTo(std::max(x_range_.from, std::min(a, b)), std::min(x_range_.to, std::max(a, b)));
}

void SeriesChart::mouseDoubleClickEvent(QMouseEvent*) { resetZoom(); }

void SeriesChart::wheelEvent(QWheelEvent* event) {
  // Without Ctrl, or Alt as in TensorBoard, the wheel belongs to the page, which scrolls. With Alt Qt turns
  // it sideways.
  const int turned = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
  if (!(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) || !hasData() || turned == 0) {
    event->ignore();
    return;
  }
  zoomAround(valueAt(event->position().toPoint()), turned > 0 ? 0.8 : 1.25);
  event->accept();
}

void SeriesChart::leaveEvent(QEvent* event) {
  QChartView::leaveEvent(event);
  pointAt({});
  showCrossHair(qQNaN());
  emit crossHairMoved(qQNaN());
}

void SeriesChart::keyPressEvent(QKeyEvent* event) {
  const double middle = xScale().toValue(chart()->plotArea().width() / 2);
  if (event->matches(QKeySequence::Copy)) return copyReadOut();
  const bool is_reading = event->modifiers() == Qt::ControlModifier;
  if (is_reading && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right))
    return stepCrossHair(event->key() == Qt::Key_Right ? 1 : -1);
  switch (event->key()) {
    case Qt::Key_Left:
      pan(-kKeyPan);
      return;
    case Qt::Key_Right:
      pan(kKeyPan);
      return;
    case Qt::Key_Up:
    case Qt::Key_Down:
      if (!std::isfinite(level_) || !hasData()) break;
      moveLevel(level_ + (event->key() == Qt::Key_Up ? 1 : -1) * kKeyLevel * (y_range_.to - y_range_.from));
      return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      zoomAround(middle, kKeyZoom);
      return;
    case Qt::Key_Minus:
      zoomAround(middle, 1 / kKeyZoom);
      return;
    case Qt::Key_X:
      if (event->modifiers() != Qt::NoModifier) break;
      setLogX(!log_x_);
      return;
    case Qt::Key_Y:
      if (event->modifiers() != Qt::NoModifier || stacked()) break;
      setLogY(!log_y_);
      return;
    case Qt::Key_Home:
      resetZoom();
      return;
    case Qt::Key_Escape:
      if (zoomed_) {
        resetZoom();
        return;
      }
      break;
    case Qt::Key_Menu:
      emit contextMenuRequested(mapToGlobal(rect().center()));
      return;
    default:
      break;
  }
  event->ignore();  // to the page: Tab, shortcuts, Esc with nothing to undo
}

void SeriesChart::contextMenuEvent(QContextMenuEvent* event) {
  emit contextMenuRequested(event->globalPos());
  event->accept();
}

void SeriesChart::focusInEvent(QFocusEvent* event) {
  QChartView::focusInEvent(event);
  // A ring only for those who came by keyboard; a click shows where it was by itself.
  picture_->overlay->setFocused(event->reason() == Qt::TabFocusReason ||
                                event->reason() == Qt::BacktabFocusReason);
}

void SeriesChart::focusOutEvent(QFocusEvent* event) {
  QChartView::focusOutEvent(event);
  picture_->overlay->setFocused(false);
}

}  // namespace concertina::ui
