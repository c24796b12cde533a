// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_list_grip.h: what an entry of a list is dragged by, up and down among the others.
#pragma once

#include <QPoint>
#include <QWidget>

namespace concertina::ui {

// Tells where the pointer is once it was pressed and moved far enough to mean it; moves nothing itself. Esc,
// or that the window loses the focus, ends it without a drop.
class ComponentListGrip : public QWidget {
  Q_OBJECT
 public:
  explicit ComponentListGrip(QWidget* parent);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  void dragged(const QPoint& global);
  void dropped(const QPoint& global);
  void cancelled();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void cancel();
  QPoint pressed_at_;
  bool is_pressed_ = false, is_dragging_ = false;
};

}  // namespace concertina::ui
