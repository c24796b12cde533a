// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_confusion.h: what a model answers to samples of each class, as a matrix of colours: before, now,
// or how the two differ. On the way of the data: analysis/step_detail.h -> here -> the eye.
//
// A count's depth of colour is the square root of its share of the largest, so that ten of a thousand are
// seen. Differences are blue where there are more and orange where there are fewer (Okabe and Ito's, which
// every eye tells apart), and have their sign where there is room for numbers.
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

#include "core/analysis/step_detail.h"

namespace concertina::ui {

class CompressConfusion : public QWidget {
  Q_OBJECT
 public:
  enum View { kDifference, kBefore, kNow };

  explicit CompressConfusion(QWidget* parent = nullptr);

  // `before` may be null: then only "now" has anything.
  void setSteps(const StepDetail* before, const StepDetail* now);
  void setView(View view);
  View view() const { return view_; }

  int classes() const { return int(classes_.size()); }
  qint64 value(int label, int answer) const;  // in this view
  QColor colorOf(int label, int answer) const;
  QRectF cellOf(int label, int answer) const;
  QString textOf(int label, int answer) const;    // "Shirt, taken for Coat: 41 before, 67 now"
  QString textAt(const QPointF& position) const;  // "" beside the cells

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void cellChosen(const QString& text);  // with the arrow keys, or the pointer

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  QRectF field() const;  // of all cells
  void choose(int label, int answer);
  void paintScale(QPainter& painter) const;
  QColor colorFor(double share) const;  // -1 to 1

  QStringList classes_;
  QVector<qint64> before_, now_;
  View view_ = kNow;
  qint64 most_ = 0;             // magnitude, in this view
  int label_ = 0, answer_ = 0;  // where the keys are
};

}  // namespace concertina::ui
