// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_axes.cc: the charts of a run follow what they are drawn against (axis_bar.h).
#include "ui/client/joined_curve.h"
#include "ui/pages/axis_bar.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui {

XAxis MonitorCharts::xAxis() const { return axes_->axis(); }

void MonitorCharts::followAxis() {
  for (ChartCard* card : std::as_const(cards_)) showAxis(card->chart());  // a range of steps is none here
  zoomInto(0, 0);
  invalidate();
  placeMarks();
}

void MonitorCharts::showAxis(SeriesChart& chart) const {
  const QString& series = axes_->xSeries();
  if (xAxis() == XAxis::kSeries)
    chart.setXSeries(series, seriesTitle(series), metrics_.unit(series));
  else
    chart.setXAxis(xAxis());
}

Curve MonitorCharts::againstSeries(const Curve& over_steps) const {
  return joinedBySteps(over_steps, metrics_.curve(axes_->xSeries(), XAxis::kStep));
}

}  // namespace concertina::ui
