// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_curves_axes.cc: the curves of several runs follow what they are drawn against (axis_bar.h), and
// that and the rest of what a person chose is kept.
#include <QJsonArray>

#include "ui/pages/axis_bar.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostCharts = 64;  // of what a file of settings says
constexpr qsizetype kLongestSeriesName = 200;

}  // namespace

void CompareCurves::followAxis() {
  // What another axis asked for has another x: its curves are none of this one.
  request();
  for (ChartCard* card : std::as_const(cards_)) {
    showAxis(card->chart());
    card->chart().startAnew();
  }
}

void CompareCurves::showAxis(SeriesChart& chart) const {
  const QString& series = axes_->xSeries();
  if (axes_->axis() == XAxis::kSeries)
    chart.setXSeries(series, seriesTitle(series), unitOfSeries(series, comparison_));
  else
    chart.setXAxis(axes_->axis());
}

QJsonObject CompareCurves::saveState() const {
  QStringList logarithmic;
  for (qsizetype i = 0; i < cards_.size(); ++i)
    if (cards_[i]->chart().logY()) logarithmic << shown_[i];
  QJsonObject state = axes_->saveState();
  state.insert(QStringLiteral("smoothing"), smoothing_->value());
  state.insert(QStringLiteral("average"), smoothing_->kindWord());
  state.insert(QStringLiteral("series"), QJsonArray::fromStringList(shown_));
  state.insert(QStringLiteral("logarithmic"), QJsonArray::fromStringList(logarithmic));
  return state;
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
  axes_->restoreState(state);
  smoothing_->setValue(state.value(QLatin1String("smoothing")).toInt(smoothing_->value()));
  smoothing_->setKindWord(state.value(QLatin1String("average")).toString());
}

void CompareCurves::resetLayout() {
  setShown(firstShown());
  for (ChartCard* card : std::as_const(cards_)) card->setLogY(false);
  smoothing_->setValue(0);
  smoothing_->setKind(Smoothing::Kind::kExponential);
  axes_->reset();
}

}  // namespace concertina::ui
