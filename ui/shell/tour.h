// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tour.h: the window in a few steps: everything is dimmed but the widget that a step is about, and a card
// beside it says what it is for. Next, Back and Skip are buttons; Return presses them, Esc skips.
#pragma once

#include <QPointer>
#include <QVector>
#include <QWidget>
#include <functional>

class QLabel;
class QFrame;
class QPushButton;

namespace concertina::ui {

struct TourStep {
  QString title, text;
  std::function<QWidget*()> target;  // asked when the step is shown; null, or hidden: the card stands alone
};

// Lies over the whole window and deletes itself at the end.
class Tour : public QWidget {
  Q_OBJECT
 public:
  Tour(const QVector<TourStep>& steps, QWidget* window);
  int step() const { return step_; }
  QRect hole() const { return hole_; }  // what is not dimmed, in the window's coordinates
  void go(int step);                    // past the last: the end

 signals:
  void ended();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool focusNextPrevChild(bool next) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void place();
  void end();

  const QVector<TourStep> steps_;
  int step_ = -1;
  QRect hole_;
  QPointer<QWidget> focus_before_;
  QFrame* card_;
  QLabel *title_, *text_, *count_;
  QPushButton *skip_, *back_, *next_;
};

}  // namespace concertina::ui
