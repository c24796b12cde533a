// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_axes.cc: what the charts of a run are drawn against: how far it was, or another series of
// it; linear or logarithmic.
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

#include "ui/client/joined_curve.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui {

void MonitorCharts::addAxisButtons(QHBoxLayout* bar) {
  for (const XAxis axis : kXAxes) {
    auto* button = new QToolButton(this);
    button->setObjectName(QStringLiteral("monitorPage.xAxis.%1").arg(xAxisWord(axis)));
    button->setText(xAxisTitle(axis));
    button->setCheckable(true);
    button->setChecked(axis == axis_);
    button->setToolTip(tr("Draw every chart against this"));
    axes_->addButton(button, int(axis));
    bar->addWidget(button);
  }
  x_button_->setObjectName(QStringLiteral("monitorPage.xAxis.series"));
  x_button_->setText(tr("Series"));
  x_button_->setCheckable(true);
  x_button_->setToolTip(
      tr("Draw every chart against a series: joined in the order of steps, each point with the nearest "
         "earlier value"));
  x_button_->setPopupMode(QToolButton::InstantPopup);
  x_button_->setMenu(new QMenu(x_button_));
  connect(x_button_->menu(), &QMenu::aboutToShow, this, &MonitorCharts::fillAxisMenu);
  // Made before the others, it would come before them: whichever of a group has the keyboard keeps Tab for
  // itself.
  setTabOrder(axes_->buttons().last(), x_button_);
  axes_->addButton(x_button_, int(XAxis::kSeries));
  bar->addWidget(x_button_);
  log_x_->setObjectName(QStringLiteral("monitorPage.logX"));
  log_x_->setText(tr("Log"));
  log_x_->setAccessibleName(tr("Logarithmic x axis"));
  log_x_->setCheckable(true);
  log_x_->setToolTip(tr("A logarithmic x axis of every chart; what is at 0 or below is left out"));
  connect(log_x_, &QToolButton::toggled, this, &MonitorCharts::setLogX);
  setTabOrder(x_button_, log_x_);
  bar->addWidget(log_x_);
  connect(axes_, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
    if (!checked) return;
    if (XAxis(id) != XAxis::kSeries)
      setAxis(XAxis(id));
    else if (axis_ != XAxis::kSeries)  // by the space bar, and no series was chosen
      axes_->button(int(axis_))->setChecked(true);
  });
}

void MonitorCharts::fillAxisMenu() {
  QMenu* menu = x_button_->menu();
  qDeleteAll(menu->findChildren<QMenu*>());
  menu->clear();
  QStringList names = metrics_.seriesNames();
  names.sort();
  if (names.isEmpty()) menu->addAction(tr("Nothing measured yet"))->setEnabled(false);
  QMenu* parts = nullptr;  // what there may be hundreds of has a menu of its own
  for (const QString& name : std::as_const(names)) {
    const bool is_part = name.startsWith(QLatin1String("layer/"));
    if (is_part && parts == nullptr) parts = new QMenu(tr("Layers"), menu);
    QAction* action = (is_part ? parts : menu)->addAction(seriesTitle(name));
    action->setObjectName(QStringLiteral("monitorPage.x.") + name);
    action->setCheckable(true);
    action->setChecked(name == x_series_);
    connect(action, &QAction::triggered, this, [this, name] { setXSeries(name); });
  }
  if (parts != nullptr) menu->addMenu(parts);
}

void MonitorCharts::setAxis(XAxis axis) {
  if (axis == axis_) return;
  axis_ = axis;
  if (axis != XAxis::kSeries) x_series_.clear();
  axes_->button(int(axis))->setChecked(true);
  x_button_->setText(
      axis == XAxis::kSeries
          ? fontMetrics().elidedText(seriesTitle(x_series_), Qt::ElideMiddle, charactersWide(this, 24))
          : tr("Series"));
  for (ChartCard* card : std::as_const(cards_)) showAxis(card->chart());  // a range of steps is none here
  zoomInto(0, 0);
  invalidate();
  placeMarks();
}

// They share their x axis, so its scale, too.
void MonitorCharts::setLogX(bool log) {
  log_x_->setChecked(log);
  for (ChartCard* card : std::as_const(cards_)) card->setLogX(log);
}

void MonitorCharts::setXSeries(const QString& series) {
  if (series == x_series_) return;
  x_series_ = series;
  axis_ = XAxis::kStep;  // so that it is another one in any case
  setAxis(XAxis::kSeries);
}

void MonitorCharts::showAxis(SeriesChart& chart) const {
  if (axis_ == XAxis::kSeries)
    chart.setXSeries(x_series_, seriesTitle(x_series_), metrics_.unit(x_series_));
  else
    chart.setXAxis(axis_);
}

Curve MonitorCharts::againstSeries(const Curve& over_steps) const {
  return joinedBySteps(over_steps, metrics_.curve(x_series_, XAxis::kStep));
}

}  // namespace concertina::ui
