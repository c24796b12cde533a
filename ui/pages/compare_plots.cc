// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_plots.cc: see compare_plots.h.
#include "ui/pages/compare_plots.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "ui/charts/palette.h"
#include "ui/charts/parallel_axes.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/compare_bars.h"
#include "ui/pages/compare_scatter.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

QComboBox* figureBox(const char* name, const QString& what, RunFigure chosen, QWidget* parent) {
  auto* box = new QComboBox(parent);
  box->setObjectName(QStringLiteral("compareRuns.") + QLatin1String(name));
  box->setAccessibleName(what);
  for (int f = 0; f < kRunFigures; ++f) box->addItem(figureTitle(RunFigure(f)), f);
  box->setCurrentIndex(int(chosen));
  return box;
}

RunFigure figureOf(const QComboBox* box) { return RunFigure(box->currentData().toInt()); }

// Bytes and seconds span powers of ten; an accuracy does not.
ScatterAxis axisOf(RunFigure figure) {
  const FigureInfo& info = InfoOf(figure);
  const QString unit = QLatin1String(info.unit);
  const bool has_unit = unit == QLatin1String("B") || unit == QLatin1String("s");
  return {figureTitle(figure), has_unit ? unit : QString(), info.more_is_better, has_unit};
}

// A part of a JSON pointer that says enough: "ratio" of "/gradient/0/ratio", "optimizer kind" of
// "/optimizer/kind".
QString shortPointer(const QString& pointer) {
  const QStringList parts = pointer.split(QLatin1Char('/'), Qt::SkipEmptyParts);
  if (parts.size() < 2) return parts.join(QLatin1Char('/'));
  return parts.last() == QLatin1String("kind") ? parts[0] + QLatin1Char(' ') + parts.last() : parts.last();
}

}  // namespace

ComparePlots::ComparePlots(const RunComparison& comparison, const SpecDifferenceModel& settings,
                           QWidget* parent)
    : QWidget(parent),
      comparison_(comparison),
      settings_(settings),
      scatter_x_(figureBox("scatterX", tr("Figure across"), RunFigure::kBytesSent, this)),
      scatter_y_(figureBox("scatterY", tr("Figure upwards"), RunFigure::kFinalAccuracy, this)),
      bars_figure_(figureBox("barsFigure", tr("Figure of the bars"), RunFigure::kFinalAccuracy, this)),
      axes_figure_(figureBox("axesFigure", tr("Result of the runs"), RunFigure::kFinalAccuracy, this)),
      scatter_(new CompareScatter(this)),
      bars_(new CompareBars(this)),
      axes_(new ParallelAxes(this)) {
  const int unit = rhythmUnit(this);
  scatter_->setObjectName(QStringLiteral("compareRuns.scatter"));
  axes_->setObjectName(QStringLiteral("compareRuns.parallelAxes"));
  axes_->setEmptyText(tr("Runs with different settings are needed to draw lines from setting to result."));
  const auto card = [&](const QVector<QWidget*>& heading, QWidget* picture, const QString& name,
                        std::function<TextTable()> numbers) {
    auto* frame = new QFrame(this);
    frame->setProperty("card", true);
    auto* column = new QVBoxLayout(frame);
    setRhythm(column, this, 1.5, 1, 1.5, 1, 0.5);
    auto* row = new QHBoxLayout;
    row->setSpacing(unit);
    for (QWidget* widget : heading) row->addWidget(widget);
    row->addStretch(1);
    row->addWidget(makePictureButton(
        picture->objectName() + QStringLiteral("Menu"),
        {.title = name,
         .widget = picture,
         .numbers = std::move(numbers),
         .tell = [this](const QString& message, bool is_problem) { emit saved(message, is_problem); }},
        frame));
    column->addLayout(row);
    column->addWidget(picture, 1);
    return frame;
  };
  const auto title = [&](const QString& text) {
    auto* label = new QLabel(text, this);
    label->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
    return label;
  };
  auto* upper = new QHBoxLayout;
  upper->setSpacing(unit * 3 / 2);
  upper->addWidget(card({scatter_y_, title(tr("against")), scatter_x_}, scatter_, tr("Two figures"),
                        [this] { return scatter_->numbers(); }),
                   1);
  upper->addWidget(card({title(tr("Against the baseline")), bars_figure_}, bars_, tr("Against the baseline"),
                        [this] { return bars_->numbers(); }),
                   1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, unit * 3 / 2, 0, unit);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(upper, 3);
  layout->addWidget(card({title(tr("Settings and")), axes_figure_}, axes_, tr("Settings and result"),
                         [this] { return axes_->numbers(); }),
                    2);

  for (QComboBox* box : {scatter_x_, scatter_y_})
    connect(box, &QComboBox::currentIndexChanged, this, &ComparePlots::showScatter);
  connect(bars_figure_, &QComboBox::currentIndexChanged, this, &ComparePlots::showBars);
  connect(axes_figure_, &QComboBox::currentIndexChanged, this, &ComparePlots::showAxes);
  connect(&comparison_, &RunComparison::figuresChanged, this, [this] {
    if (isVisible()) refresh();
  });
  connect(axes_, &ParallelAxes::brushed, this, [this] {
    QStringList runs;
    for (size_t g = 0; g < comparison_.groups().size(); ++g)
      if (axes_->isKept(int(g)))
        runs << QString::fromStdString(comparison_.runs()[comparison_.groups()[g].runs[0]].id);
    emit kept(runs);
  });
}

void ComparePlots::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  refresh();
}

void ComparePlots::refresh() {
  showScatter();
  showBars();
  showAxes();
}

void ComparePlots::showScatter() {
  const ScatterAxis x = axisOf(figureOf(scatter_x_)), y = axisOf(figureOf(scatter_y_));
  QVector<ScatterDot> points;
  for (size_t g = 0; g < comparison_.groups().size(); ++g)
    points.push_back({QString::fromStdString(comparison_.groups()[g].label),
                      comparison_.figure(g, figureOf(scatter_x_)).sample.mean,
                      comparison_.figure(g, figureOf(scatter_y_)).sample.mean});
  scatter_->setAxes(x, y);
  scatter_->setPoints(points, x.unit);
}

void ComparePlots::showBars() {
  const RunFigure which = figureOf(bars_figure_);
  const size_t baseline = comparison_.baselineGroup();
  QVector<DifferenceBar> bars;
  for (size_t g = 0; g < comparison_.groups().size(); ++g) {
    if (g == baseline) continue;
    const GroupFigure base = comparison_.figure(baseline, which);
    const FigureDifference difference = DifferenceOf(base, comparison_.figure(g, which));
    DifferenceBar bar;
    bar.label = QString::fromStdString(comparison_.groups()[g].label);
    bar.percent = 100 * difference.relative;
    if (difference.interval.is_known()) {
      bar.low = 100 * difference.interval.low / std::abs(base.sample.mean);
      bar.high = 100 * difference.interval.high / std::abs(base.sample.mean);
    }
    bar.is_better = (difference.absolute > 0) == InfoOf(which).more_is_better;
    bars << bar;
  }
  bars_->setBars(bars, comparison_.groups().size() < 2 ? tr("There is nothing to hold against the baseline.")
                                                       : tr("Nothing measured yet"));
}

void ComparePlots::showAxes() {
  QVector<ParallelAxis> axes;
  QVector<ParallelLine> lines;
  const std::vector<RunGroup>& groups = comparison_.groups();
  for (size_t g = 0; g < groups.size(); ++g) {
    const int place = comparison_.colors()[g].place;
    lines.push_back(
        {QString::fromStdString(groups[g].label), seriesColor(place, false), seriesColor(place, true)});
  }
  for (const SpecDifference& difference : settings_.differences()) {
    QVector<double> numbers;
    QStringList texts;
    bool is_numeric = true;
    for (const Json& value : difference.values) {
      is_numeric &= value.is_number() || value.is_null();
      numbers << (value.is_number() ? value.get<double>() : qQNaN());
      texts << (value.is_null() ? QString() : QString::fromStdString(SettingText(value)));
    }
    const QString title = shortPointer(QString::fromStdString(difference.pointer));
    axes << (is_numeric ? numberAxis(title, numbers, texts) : textAxis(title, texts));
  }
  if (!axes.isEmpty()) {
    const RunFigure which = figureOf(axes_figure_);
    QVector<double> numbers;
    QStringList texts;
    for (size_t g = 0; g < groups.size(); ++g) {
      const GroupFigure figure = comparison_.figure(g, which);
      numbers << figure.sample.mean;
      texts << (figure.sample.count == 0 ? QString() : figureText(figure, which));
    }
    axes << numberAxis(figureTitle(which), numbers, texts);
  }
  axes_->setAxes(axes, lines);
}

}  // namespace concertina::ui
