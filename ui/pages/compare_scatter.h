// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_scatter.h: variants by accuracy and what it cost, and the front of those that none beats in both.
// On the way of the data: core/analysis/pareto.h, ui/client/comparison_model.h -> here -> the eye.
#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

namespace concertina::ui {

struct ScatterDot {
  QString label;
  double x = 0, accuracy = 0;  // not finite: left out
  int path = -1;               // those of one path are joined, in their order
  bool is_quiet = false;       // a dot without a name
  int step = -1;               // not negative: one may be chosen, with the pointer or the arrow keys
};

class CompareScatter : public QWidget {
  Q_OBJECT
 public:
  explicit CompareScatter(QWidget* parent = nullptr);
  void setPoints(const QVector<ScatterDot>& points, const QString& x_unit);  // "B", "s", "" for a number
  QStringList front() const;                                                 // labels, from the cheapest on
  void setChosen(int step);                                                  // has a ring; -1: none
  int chosen() const { return chosen_; }

 signals:
  void stepChosen(int step);  // by a person

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;  // the tooltip names what is under the pointer
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QString cost(double x) const;
  struct Place {
    QPointF at;
    qsizetype point;
  };
  const Place* nearestTo(const QPointF& position) const;  // null: none within reach
  QVector<ScatterDot> points_;
  QVector<bool> on_front_;
  QString x_unit_;
  QVector<Place> places_;  // as last painted
  int chosen_ = -1;
};

}  // namespace concertina::ui
