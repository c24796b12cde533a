// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_curves_axes.cc: what the curves of several runs are drawn against: how far the run was, or another
// series; linear or logarithmic.
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QMenu>
#include <QToolButton>
#include <algorithm>

#include "ui/forms/rhythm.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostCharts = 64;  // of what a file of settings says
constexpr qsizetype kLongestSeriesName = 200;

}  // namespace

void CompareCurves::addAxisButtons(QHBoxLayout* bar) {
  for (const XAxis axis : kXAxes) {
    auto* button = new QToolButton(this);
    button->setObjectName(QStringLiteral("compareRuns.axis.%1").arg(xAxisWord(axis)));
    button->setText(xAxisTitle(axis));
    button->setCheckable(true);
    button->setChecked(axis == axis_);
    button->setToolTip(tr("Draw every chart against this"));
    axes_->addButton(button, int(axis));
    bar->addWidget(button);
  }
  x_button_->setObjectName(QStringLiteral("compareRuns.axis.series"));
  x_button_->setText(tr("Series"));
  x_button_->setCheckable(true);
  x_button_->setToolTip(
      tr("Draw every chart against a series: joined in the order of steps, each point with the nearest "
         "earlier value"));
  x_button_->setPopupMode(QToolButton::InstantPopup);
  x_button_->setMenu(x_menu_);
  x_menu_->setObjectName(QStringLiteral("compareRuns.axisMenu"));
  axes_->addButton(x_button_, int(XAxis::kSeries));
  bar->addWidget(x_button_);
  log_x_->setObjectName(QStringLiteral("compareRuns.logX"));
  log_x_->setText(tr("Log"));
  log_x_->setAccessibleName(tr("Logarithmic x axis"));
  log_x_->setCheckable(true);
  log_x_->setToolTip(tr("A logarithmic x axis of every chart; what is at 0 or below is left out"));
  connect(log_x_, &QToolButton::toggled, this, &CompareCurves::setLogX);
  bar->addWidget(log_x_);
  connect(axes_, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
    if (!checked) return;
    if (XAxis(id) != XAxis::kSeries)
      setAxis(XAxis(id));
    else if (axis_ != XAxis::kSeries)  // by the space bar, and no series was chosen
      axes_->button(int(axis_))->setChecked(true);
  });
}

void CompareCurves::rebuildAxisMenu() {
  qDeleteAll(x_menu_->findChildren<QMenu*>());
  x_menu_->clear();
  QStringList names = comparison_.seriesNames();
  if (axis_ == XAxis::kSeries && !names.contains(x_series_)) names << x_series_;
  std::sort(names.begin(), names.end());
  if (names.isEmpty()) x_menu_->addAction(tr("None of the runs has measured this yet"))->setEnabled(false);
  QMenu* parts = nullptr;  // what there may be hundreds of has a menu of its own
  for (const QString& name : std::as_const(names)) {
    const bool is_part = name.startsWith(QLatin1String("layer/"));
    if (is_part && parts == nullptr) parts = new QMenu(tr("Layers"), x_menu_);
    QAction* action = (is_part ? parts : x_menu_)->addAction(seriesTitle(name));
    action->setObjectName(QStringLiteral("compareRuns.x.") + name);
    action->setCheckable(true);
    action->setChecked(axis_ == XAxis::kSeries && name == x_series_);
    // The menu of the action that is at work is made anew, so not before it has finished.
    connect(action, &QAction::triggered, this, [this, name] {
      QMetaObject::invokeMethod(
          this, [this, name] { setXSeries(name); }, Qt::QueuedConnection);
    });
  }
  if (parts != nullptr) x_menu_->addMenu(parts);
}

void CompareCurves::setLogX(bool log) {
  log_x_->setChecked(log);
  for (ChartCard* card : std::as_const(cards_)) card->setLogX(log);
  comparison_.setLogX(log);
}

void CompareCurves::setAxis(XAxis axis) {
  if (axis == axis_) return;
  axis_ = axis;
  if (axis != XAxis::kSeries) x_series_.clear();
  axes_->button(int(axis))->setChecked(true);
  x_button_->setText(
      axis == XAxis::kSeries
          ? fontMetrics().elidedText(seriesTitle(x_series_), Qt::ElideMiddle, charactersWide(this, 24))
          : tr("Series"));
  // What another axis asked for has another x: its curves are none of this one.
  request();
  for (ChartCard* card : std::as_const(cards_)) {
    showAxis(card->chart());
    card->chart().startAnew();
  }
  rebuildAxisMenu();
}

void CompareCurves::setXSeries(const QString& series) {
  if (axis_ == XAxis::kSeries && series == x_series_) return rebuildAxisMenu();  // it stays checked
  x_series_ = series;
  axis_ = XAxis::kStep;  // so that it is another one in any case
  setAxis(XAxis::kSeries);
}

void CompareCurves::showAxis(SeriesChart& chart) const {
  if (axis_ == XAxis::kSeries)
    chart.setXSeries(x_series_, seriesTitle(x_series_), unitOfSeries(x_series_, comparison_));
  else
    chart.setXAxis(axis_);
}

QJsonObject CompareCurves::saveState() const {
  QStringList logarithmic;
  for (qsizetype i = 0; i < cards_.size(); ++i)
    if (cards_[i]->chart().logY()) logarithmic << shown_[i];
  return {{"axis", xAxisWord(axis_)},
          {"x_series", x_series_},
          {"log_x", log_x_->isChecked()},
          {"smoothing", smoothing_->value()},
          {"average", smoothing_->kindWord()},
          {"series", QJsonArray::fromStringList(shown_)},
          {"logarithmic", QJsonArray::fromStringList(logarithmic)}};
}

void CompareCurves::restoreState(const QJsonObject& state) {
  QStringList series;
  for (const QJsonValue& value : state.value(QLatin1String("series")).toArray()) {
    const QString name = value.toString();
    if (!name.isEmpty() && name.size() <= kLongestSeriesName && series.size() < kMostCharts &&
        !series.contains(name))
      series << name;
  }
  if (!series.isEmpty()) setShown(series);
  const QJsonArray logarithmic = state.value(QLatin1String("logarithmic")).toArray();
  for (qsizetype i = 0; i < cards_.size(); ++i) cards_[i]->setLogY(logarithmic.contains(shown_[i]));
  log_x_->setChecked(state.value(QLatin1String("log_x")).toBool());
  smoothing_->setValue(state.value(QLatin1String("smoothing")).toInt(smoothing_->value()));
  smoothing_->setKindWord(state.value(QLatin1String("average")).toString());
  const QString axis = state.value(QLatin1String("axis")).toString();
  const QString x_series = state.value(QLatin1String("x_series")).toString();
  for (const XAxis known : kXAxes)
    if (axis == xAxisWord(known)) setAxis(known);
  if (axis == xAxisWord(XAxis::kSeries) && !x_series.isEmpty() && x_series.size() <= kLongestSeriesName)
    setXSeries(x_series);
}

void CompareCurves::resetLayout() {
  setShown(firstShown());
  for (ChartCard* card : std::as_const(cards_)) card->setLogY(false);
  log_x_->setChecked(false);
  smoothing_->setValue(0);
  smoothing_->setKind(Smoothing::Kind::kExponential);
  setAxis(XAxis::kStep);
}

}  // namespace concertina::ui
