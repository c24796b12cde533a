// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_strategy.cc: the charts of what a strategy records beside what every run does: staleness,
// consensus, bubbles and their like, each shown once the run has measured it (see monitor_charts.h).
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ui/client/number_format.h"
#include "ui/client/series_names.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui {
namespace {

// A row a chart, shown once the run has one of its series.
struct StrategyCurve {
  const char* series;  // of a name that ends in "*": all that begin and end alike, "memory/*_bytes"
  const char* label;   // "" for the rest of the series' own name
};
struct StrategyChart {
  const char* name;
  const char* title;
  const char* unit;
  enum Axis { kFromZero, kFree, kLogarithmic } axis;
  std::array<StrategyCurve, 3> curves;
  const char* note_series = "";  // a figure that stays the same, beside the title
  const char* note = "";
};
constexpr StrategyChart kStrategyCharts[] = {
    {"staleness",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Staleness"),
     "",
     StrategyChart::kFromZero,
     {{{kStaleness, QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Steps behind")}}}},
    {"consensus",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Consensus Distance"),
     "",
     StrategyChart::kLogarithmic,
     {{{"gossip/consensus_distance", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Distance")}}},
     "gossip/spectral_gap",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "spectral gap %1")},
    {"drift",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Drift of Local Steps"),
     "",
     StrategyChart::kFromZero,
     {{{"local/drift", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Drift")}}}},
    {"bubble",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Pipeline Bubble"),
     "%",
     StrategyChart::kFromZero,
     {{{"pipeline/bubble", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Measured")},
       {"pipeline/expected_bubble", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Expected")},
       {"pipeline/imbalance", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Unequal stages")}}}},
    {"clients",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Clients of a Round"),
     "",
     StrategyChart::kFromZero,
     {{{"federated/clients", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Taking part")},
       {"federated/dropped", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Dropped out")}}}},
    {"upload",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Bytes of a Round"),
     "B",
     StrategyChart::kFromZero,
     {{{"federated/upload_bytes", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Up")},
       {"federated/download_bytes", QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Down")}}}},
    {"memory",
     QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Memory of a Worker"),
     "B",
     StrategyChart::kFromZero,
     {{{"memory/*_bytes", ""}}}},
};

// The run's series that a curve of the table stands for.
QStringList seriesOf(const StrategyCurve& curve, const MetricModel& metrics) {
  if (curve.series == nullptr) return {};
  const QString name = QLatin1String(curve.series);
  const qsizetype star = name.indexOf(QLatin1Char('*'));
  if (star < 0) return metrics.has(name) ? QStringList{name} : QStringList();
  QStringList found;
  for (const QString& series : metrics.seriesNames())
    if (series.size() >= name.size() && series.startsWith(name.left(star)) &&
        series.endsWith(name.mid(star + 1)) && metrics.has(series))
      found << series;
  return found;
}

// Own labels that a translation has; another is shown as it is.
[[maybe_unused]] constexpr const char* kOwnLabels[] = {
    QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Resident"),
    QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Parameters"),
    QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Gradients"),
    QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Optimizer"),
    QT_TRANSLATE_NOOP("concertina::ui::MonitorCharts", "Activations"),
};

// "memory/optimizer_bytes" as people say it: "Optimizer".
QString ownLabel(const StrategyCurve& curve, const QString& series) {
  const QString name = QLatin1String(curve.series);
  const qsizetype star = name.indexOf(QLatin1Char('*'));
  QString label =
      series.mid(star).chopped(name.size() - star - 1).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!label.isEmpty()) label[0] = label[0].toUpper();
  return MonitorCharts::tr(label.toUtf8().constData());
}

}  // namespace

void MonitorCharts::addStrategyCards() {
  for (const StrategyChart& row : kStrategyCharts) {
    ChartCard* card =
        addCard(QStringLiteral("monitorPage.%1Chart").arg(QLatin1String(row.name)), tr(row.title),
                QLatin1String(row.unit), [this, &row] {
                  QVector<ChartCurve> curves;
                  for (const StrategyCurve& curve : row.curves)
                    for (const QString& series : seriesOf(curve, metrics_)) {
                      const bool named = *curve.label != '\0';
                      curves.push_back(seriesCurve(series, named ? tr(curve.label) : ownLabel(curve, series),
                                                   static_cast<int>(curves.size())));
                    }
                  return curves;
                });
    card->chart().setFromZero(row.axis == StrategyChart::kFromZero);
    if (row.axis == StrategyChart::kLogarithmic) card->setLogY(true);
    for (const StrategyCurve& curve : row.curves)
      if (curve.series != nullptr) series_of_[card] << QLatin1String(curve.series);
    card->hide();
    unmeasured_.insert(card);
    strategy_cards_.push_back(card);
  }
}

void MonitorCharts::placeBeside(const QString& chart, QWidget* widget) {
  constexpr int kBesideCharacters = 28;
  for (ChartCard* card : std::as_const(strategy_cards_))
    if (card->chart().objectName() == chart) card->setBeside(widget, charactersWide(this, kBesideCharacters));
}

void MonitorCharts::showWhatIsMeasured() {
  bool changed = showOwnMeasured();
  for (qsizetype i = 0; i < strategy_cards_.size(); ++i) {
    const StrategyChart& row = kStrategyCharts[i];
    const bool measured =
        std::any_of(row.curves.begin(), row.curves.end(),
                    [this](const StrategyCurve& curve) { return !seriesOf(curve, metrics_).isEmpty(); });
    if (measured == unmeasured_.contains(strategy_cards_[i])) {
      changed = true;
      if (measured)
        unmeasured_.remove(strategy_cards_[i]);
      else
        unmeasured_.insert(strategy_cards_[i]);
    }
    if (*row.note == '\0') continue;
    const double figure = metrics_.last(QLatin1String(row.note_series));
    strategy_cards_[i]->setNote(std::isnan(figure) ? QString() : tr(row.note).arg(formatNumber(figure)));
  }
  if (changed) placeCards();
}

}  // namespace concertina::ui
