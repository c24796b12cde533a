// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_bar.cc: what stands above the charts of a run: against what they are drawn, how smooth,
// which of them are looked for and which are there (see monitor_charts.h).
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QToolButton>

#include "ui/charts/flow_layout.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/axis_bar.h"
#include "ui/pages/coarse_note.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/series_search.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {

// What the charts are drawn against, how smooth, and which of them.
QLayout* MonitorCharts::makeBar() {
  const int unit = rhythmUnit(this);
  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(0, unit, 0, unit / 2);
  bar->setSpacing(unit / 2);
  // In a narrow panel they take a second line.
  auto* tools = new QWidget(this);
  auto* flow = new FlowLayout(tools, unit * 2);
  auto* against = new QWidget(tools);
  auto* beside = new QHBoxLayout(against);
  beside->setContentsMargins(0, 0, 0, 0);
  beside->setSpacing(unit / 2);
  auto* axis_label = new QLabel(tr("Against"), against);
  setTone(axis_label, "quiet");
  beside->addWidget(axis_label);
  beside->addWidget(axes_);
  for (QWidget* tool : {against, static_cast<QWidget*>(smoothing_), static_cast<QWidget*>(search_)})
    flow->addWidget(tool);
  connect(search_, &SeriesSearch::changed, this, &MonitorCharts::placeCards);
  bar->addWidget(tools, 1);
  bar->addWidget(coarse_);
  charts_->setObjectName(QStringLiteral("monitorPage.chartsButton"));
  charts_->setText(tr("Charts"));
  charts_->setToolTip(tr("Which charts are shown; a chart is moved by its title"));
  charts_->setPopupMode(QToolButton::InstantPopup);
  charts_->setMenu(new QMenu(charts_));
  connect(charts_->menu(), &QMenu::aboutToShow, this, &MonitorCharts::fillChartsMenu);
  bar->addWidget(charts_);
  knobs_->setObjectName(QStringLiteral("monitorPage.knobsButton"));
  knobs_->setText(tr("Knobs"));
  knobs_->setIcon(lineIcon(QStringLiteral("preferences")));
  knobs_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  knobs_->setCheckable(true);
  knobs_->setToolTip(tr("Settings that may change while the run goes on"));
  bar->addWidget(knobs_);
  return bar;
}

// By its title or by one of its series.
bool MonitorCharts::isFound(ChartCard* card) const {
  return search_->finds(series_of_.value(card) + QStringList{card->chart().title()});
}

// In the place of charts, where there are none of that name.
void MonitorCharts::showNothingFound(bool is_nothing) {
  is_nothing = is_nothing && search_->isOn();
  if (is_nothing) {
    nothing_found_->setText(tr("No chart has a title or a series that “%1” finds. Charts → Add a Series has "
                               "those of the run that "
                               "it finds; Esc in the box shows all charts.")
                                .arg(search_->foundBy()));
    nothing_found_->setGeometry(QRect(QPoint(0, 0), scroll_->viewport()->size()));
  }
  nothing_found_->setVisible(is_nothing);
}

}  // namespace concertina::ui
