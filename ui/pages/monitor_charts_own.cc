// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_own.cc: charts that a person asked for, of any series that the run records, those of
// plug-ins too: each is shown while the run that is watched has its series (see monitor_charts.h).
#include <QJsonArray>
#include <QMenu>
#include <QScrollArea>
#include <QTimer>
#include <QToolButton>
#include <algorithm>

#include "ui/client/series_names.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/series_search.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostOwn = 32;
constexpr qsizetype kLongestName = 200;
constexpr char kArrivals[] = "arrival/";  // moments, not curves; Blame has what they come to
constexpr char kLayers[] = "layer/";      // hundreds; the Layers panel has their curves

// A schedule is no measurement: smoothed it would be another one. Evaluations are few.
bool isSmoothable(const QString& series) {
  return series != QLatin1String(kLearningRate) && !series.startsWith(QLatin1String("test/"));
}

}  // namespace

void MonitorCharts::addOwnChart(const QString& series) {
  const bool is_there =
      std::any_of(own_.begin(), own_.end(), [&](const OwnChart& own) { return own.series == series; });
  if (is_there || own_.size() >= kMostOwn || series.isEmpty() || series.size() > kLongestName) return;
  QString name = series;
  name.replace(QLatin1Char('/'), QLatin1Char('.'));
  ChartCard* card =
      addCard(QStringLiteral("monitorPage.series.") + name, seriesTitle(series), {}, [this, series] {
        ChartCurve curve = seriesCurve(series, seriesTitle(series), 0);
        curve.smoothable = isSmoothable(series);
        curve.dots = series.startsWith(QLatin1String("test/"));
        return QVector<ChartCurve>{curve};
      });
  series_of_[card] = {series};
  SeriesChart& chart = card->chart();
  showAxis(chart);
  chart.setSmoothing(smoothing_->smoothing());
  const SeriesChart& first = cards_.first()->chart();
  if (first.isZoomed()) chart.zoomTo(first.xRange().from, first.xRange().to);
  card->hide();
  unmeasured_.insert(card);
  own_.push_back({series, card, {}});
}

void MonitorCharts::removeOwnChart(ChartCard* card) {
  const auto found =
      std::find_if(own_.begin(), own_.end(), [card](const OwnChart& own) { return own.card == card; });
  if (found == own_.end()) return;
  own_.erase(found);
  if (dragged_ == card) dragged_ = nullptr;
  if (alone_ == card) alone_ = nullptr;
  cards_.removeAll(card);
  series_of_.remove(card);
  unmeasured_.remove(card);
  arrangement_.remove(card->chart().objectName());
  card->hide();
  card->deleteLater();  // the menu that asked for it is its own
  placeCards();
}

bool MonitorCharts::isOwnChart(const ChartCard* card) const {
  return std::any_of(own_.begin(), own_.end(), [card](const OwnChart& own) { return own.card == card; });
}

bool MonitorCharts::showOwnMeasured() {
  bool changed = false;
  for (OwnChart& own : own_) {
    const bool measured = metrics_.has(own.series);
    if (const QString unit = metrics_.unit(own.series); measured && unit != own.unit) {
      own.unit = unit;
      own.card->chart().setYUnit(unit);
    }
    if (measured != unmeasured_.contains(own.card)) continue;
    changed = true;
    if (measured)
      unmeasured_.remove(own.card);
    else
      unmeasured_.insert(own.card);
  }
  return changed;
}

// By the parts of their names: "comm/…", "time/…".
void MonitorCharts::fillSeriesMenu(QMenu* menu) {
  QStringList names = metrics_.seriesNames();
  names.sort();
  if (search_->isOn()) menu->addAction(tr("Found by “%1”").arg(search_->foundBy()))->setEnabled(false);
  bool is_any = false;
  QHash<QString, QMenu*> parts;
  for (const QString& series : std::as_const(names)) {
    const bool is_shown =
        std::any_of(own_.begin(), own_.end(), [&](const OwnChart& own) { return own.series == series; });
    if (is_shown || series.startsWith(QLatin1String(kLayers)) || series.startsWith(QLatin1String(kArrivals)))
      continue;
    if (!search_->finds({series, seriesTitle(series)})) continue;
    is_any = true;
    const QString part =
        series.contains(QLatin1Char('/')) ? series.section(QLatin1Char('/'), 0, 0) : QString();
    QMenu*& into = parts[part];
    if (into == nullptr) into = part.isEmpty() ? menu : menu->addMenu(part);
    const QString title = seriesTitle(series);
    QAction* action =
        into->addAction(title == series ? series : QStringLiteral("%1 (%2)").arg(title, series));
    action->setObjectName(QStringLiteral("monitorPage.addSeries.") + series);
    connect(action, &QAction::triggered, this, [this, series] {
      addOwnChart(series);
      showWhatIsMeasured();
      invalidate();
      placeMarks();
      if (!own_.isEmpty() && own_.last().series == series) scroll_->ensureWidgetVisible(own_.last().card);
    });
  }
  menu->setEnabled(is_any && own_.size() < kMostOwn);
}

QJsonArray MonitorCharts::saveOwn() const {
  QJsonArray series;
  for (const OwnChart& own : own_) series.push_back(own.series);
  return series;
}

void MonitorCharts::restoreOwn(const QJsonArray& series) {
  for (const QJsonValue& name : series) addOwnChart(name.toString());
  showWhatIsMeasured();
}

}  // namespace concertina::ui
