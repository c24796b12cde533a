// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_list_grip.cc: see component_list_grip.h.
#include "ui/pages/component_list_grip.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "ui/charts/palette.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {

ComponentListGrip::ComponentListGrip(QWidget* parent) : QWidget(parent) {
  setCursor(Qt::OpenHandCursor);
  setFocusPolicy(Qt::ClickFocus);  // for Esc; by keyboard an entry is moved from any of its fields
}

QSize ComponentListGrip::sizeHint() const {
  return {2 * rhythmUnit(this), fontMetrics().height() + rhythmUnit(this)};
}

void ComponentListGrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(is_dragging_ || underMouse() ? palette().color(QPalette::WindowText)
                                                : quietTextColor(palette()));
  const double dot = fontMetrics().height() / 9.0, apart = fontMetrics().height() / 3.0;
  const QPointF middle = QRectF(rect()).center();
  for (int row = -1; row <= 1; ++row)
    for (const double side : {-0.5, 0.5})
      painter.drawEllipse(middle + QPointF(side * apart, row * apart), dot, dot);
}

void ComponentListGrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_at_ = event->pos();
  is_pressed_ = true;
  event->accept();
}

void ComponentListGrip::mouseMoveEvent(QMouseEvent* event) {
  if (!is_pressed_) return;
  if (!is_dragging_ && (event->pos() - pressed_at_).manhattanLength() < QApplication::startDragDistance())
    return;
  is_dragging_ = true;
  setCursor(Qt::ClosedHandCursor);
  emit dragged(event->globalPosition().toPoint());
}

void ComponentListGrip::mouseReleaseEvent(QMouseEvent* event) {
  const bool was_dragging = is_dragging_;
  is_pressed_ = is_dragging_ = false;
  setCursor(Qt::OpenHandCursor);
  update();
  if (was_dragging) emit dropped(event->globalPosition().toPoint());
}

void ComponentListGrip::keyPressEvent(QKeyEvent* event) {
  if (is_dragging_ && event->key() == Qt::Key_Escape) return cancel();
  QWidget::keyPressEvent(event);
}

void ComponentListGrip::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  cancel();
}

void ComponentListGrip::cancel() {
  const bool was_dragging = is_dragging_;
  is_pressed_ = is_dragging_ = false;
  setCursor(Qt::OpenHandCursor);
  update();
  if (was_dragging) emit cancelled();
}

}  // namespace concertina::ui
