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
};

class CompareScatter : public QWidget {
  Q_OBJECT
 public:
  explicit CompareScatter(QWidget* parent = nullptr);
  void setPoints(const QVector<ScatterDot>& points, const QString& x_unit);  // "B", "s", "" for a number
  QStringList front() const;                                                 // labels, from the cheapest on

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;  // the tooltip names what is under the pointer

 private:
  QString cost(double x) const;
  struct Place {
    QPointF at;
    qsizetype point;
  };
  QVector<ScatterDot> points_;
  QVector<bool> on_front_;
  QString x_unit_;
  QVector<Place> places_;  // as last painted
};

}  // namespace concertina::ui
