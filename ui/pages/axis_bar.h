// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// axis_bar.h: the buttons that choose what all charts of a page are drawn against: how far the run was, or
// another series; linear or logarithmic. On the way of the data: pages/monitor_charts.h,
// pages/compare_curves.h -> here -> charts/series_chart.h.
#pragma once

#include <QJsonObject>
#include <QStringList>
#include <QWidget>

#include "ui/client/metric_model.h"

class QButtonGroup;
class QMenu;
class QToolButton;

namespace concertina::ui {

class AxisBar : public QWidget {
  Q_OBJECT
 public:
  // Its buttons are called PAGE.BUTTONS.step and so on, its entries PAGE.x.SERIES, and PAGE.logX is the
  // scale.
  AxisBar(const QString& page, const QString& buttons, QWidget* parent = nullptr);

  XAxis axis() const { return axis_; }
  const QString& xSeries() const { return x_series_; }  // "" unless the axis is a series
  bool logX() const;
  void setAxis(XAxis axis);  // not kSeries
  void setXSeries(const QString& series);
  void setLogX(bool log);
  // What the menu of series has, in any order; also the series that is the axis now.
  void offerSeries(QStringList names);
  // "axis", "x_series" and "log_x". What a state does not say, or says of what there is not, is passed over.
  QJsonObject saveState() const;
  void restoreState(const QJsonObject& state);
  void reset();  // steps, linear

 signals:
  void axisChanged();  // which, or which series
  void logXChanged(bool log);
  void menuOpens();  // for those whose series come and go unheard: what is offered now is seen

 private:
  void change(XAxis axis, const QString& series);
  void fillMenu();

  const QString page_;
  XAxis axis_ = XAxis::kStep;
  QString x_series_;
  QStringList names_;
  QButtonGroup* axes_;
  QToolButton* x_button_;  // opens the menu of series
  QMenu* menu_;
  QToolButton* log_x_;
};

}  // namespace concertina::ui
