// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_scatter.h: variants by two figures, accuracy and what it cost unless told otherwise, and the front
// of those that none beats in both.
// On the way of the data: core/analysis/pareto.h, ui/client/comparison_model.h -> here -> the eye.
#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

#include "core/analysis/table_text.h"

namespace concertina::ui {

struct ScatterDot {
  QString label;
  double x = 0, accuracy = 0;  // not finite: left out
  int path = -1;               // those of one path are joined, in their order
  bool is_quiet = false;       // a dot without a name
  int step = -1;               // not negative: one may be chosen, with the pointer or the arrow keys
};

struct ScatterAxis {
  QString title;  // "" for the usual: accuracy, cost
  QString unit;   // "B", "s", "" for a number
  bool more_is_better = false;
  bool is_logarithmic = true;  // of x; then only what is above zero is shown
};

class CompareScatter : public QWidget {
  Q_OBJECT
 public:
  explicit CompareScatter(QWidget* parent = nullptr);
  void setPoints(const QVector<ScatterDot>& points, const QString& x_unit);  // "B", "s", "" for a number
  void setAxes(const ScatterAxis& x, const ScatterAxis& y);                  // before the points
  const QVector<ScatterDot>& points() const { return points_; }              // those that are shown
  TextTable numbers() const;  // a point a row, with what it is called
  QStringList front() const;  // labels, from the cheapest on
  void setChosen(int step);   // has a ring; -1: none
  int chosen() const { return chosen_; }

 signals:
  void stepChosen(int step);  // by a person

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;  // the tooltip names what is under the pointer
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  static QString valueText(double value, const ScatterAxis& axis);
  QString yText(double y) const;
  bool isBetterByX(const ScatterDot& a, const ScatterDot& b) const;
  struct Place {
    QPointF at;
    qsizetype point;
  };
  const Place* nearestTo(const QPointF& position) const;  // null: none within reach
  QVector<ScatterDot> points_;
  QVector<bool> on_front_;
  ScatterAxis x_, y_{{}, {}, true, false};
  QVector<Place> places_;  // as last painted
  int chosen_ = -1;
};

}  // namespace concertina::ui
