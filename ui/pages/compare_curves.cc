// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_curves.cc: see compare_curves.h; what they are drawn against is in compare_curves_axes.cc.
#include "ui/pages/compare_curves.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "ui/charts/flow_layout.h"
#include "ui/charts/palette.h"
#include "ui/charts/smoothing.h"
#include "ui/client/series_names.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/axis_bar.h"
#include "ui/pages/coarse_note.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui {
namespace {

constexpr double kCurvesBudget = 0.05;  // of a core; the page is looked at, not glanced at
constexpr int kLeastColumns = 256;
constexpr int kLegendCharacters = 40;  // the rest of a long name stands in the tooltip

struct KnownSeries {
  const char* series;
  const char* title;
};
constexpr KnownSeries kKnownSeries[] = {
    {kTestAccuracy, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Test accuracy")},
    {kTrainLoss, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Train loss")},
    {kTestLoss, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Test loss")},
    {kCompressionRatio, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Compression ratio")},
    {kBytesSent, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Bytes of a step")},
    {kStepTime, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Time of a step")},
    {kSamplesPerSecond, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Samples per second")},
    {kRelativeError, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Relative error of the gradient")},
    {kLearningRate, QT_TRANSLATE_NOOP("concertina::ui::CompareCurves", "Learning rate")},
};

}  // namespace

QString unitOfSeries(const QString& series, const RunComparison& comparison) {
  if (series == QLatin1String(kTestAccuracy)) return QStringLiteral("%");
  if (series == QLatin1String(kCompressionRatio)) return QStringLiteral("×");
  return comparison.unit(series);
}

QString seriesTitle(const QString& series) {
  for (const KnownSeries& known : kKnownSeries)
    if (series == QLatin1String(known.series)) return CompareCurves::tr(known.title);
  return series;
}

CompareCurves::CompareCurves(RunComparison& comparison, QWidget* parent)
    : QWidget(parent),
      comparison_(comparison),
      axes_(new AxisBar(QStringLiteral("compareRuns"), QStringLiteral("axis"), this)),
      smoothing_(new QSlider(Qt::Horizontal, this)),
      menu_(new QMenu(this)),
      legend_(new QWidget(this)),
      scroll_(new QScrollArea(this)),
      canvas_(new QWidget) {
  const int unit = rhythmUnit(this);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit / 2);
  bar->addWidget(axes_);
  bar->addSpacing(unit * 2);
  auto* label = new QLabel(tr("S&moothing"), this);
  setTone(label, "quiet");
  label->setBuddy(smoothing_);
  smoothing_->setObjectName(QStringLiteral("compareRuns.smoothingSlider"));
  smoothing_->setAccessibleName(tr("Smoothing"));
  smoothing_->setRange(0, 100);
  smoothing_->setFixedWidth(charactersWide(this, 20));
  smoothing_->setToolTip(tr("Exponential moving average; what was measured stays behind it, fainter"));
  bar->addWidget(label);
  bar->addWidget(smoothing_);
  bar->addStretch(1);
  auto* coarse = new CoarseNote(QStringLiteral("compareRuns.coarse"), this);
  connect(&comparison_, &RunComparison::zoomObstacleChanged, coarse,
          [this, coarse] { coarse->setObstacle(comparison_.zoomObstacle()); });
  bar->addWidget(coarse);
  auto* series = new QToolButton(this);
  series->setObjectName(QStringLiteral("compareRuns.seriesButton"));
  series->setText(tr("Charts"));
  series->setIcon(lineIcon(QStringLiteral("add")));
  series->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  series->setToolTip(tr("Which series are drawn"));
  series->setPopupMode(QToolButton::InstantPopup);
  series->setMenu(menu_);
  menu_->setObjectName(QStringLiteral("compareRuns.seriesMenu"));
  bar->addWidget(series);

  legend_layout_ = new FlowLayout(legend_, unit / 2);
  legend_->setObjectName(QStringLiteral("compareRuns.legend"));
  scroll_->setObjectName(QStringLiteral("compareRuns.chartsArea"));
  scroll_->setAccessibleName(tr("Charts"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
  scroll_->setWidget(canvas_);
  scroll_->viewport()->installEventFilter(this);
  scroll_->viewport()->setBackgroundRole(QPalette::Window);
  canvas_->setAutoFillBackground(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, unit, 0, 0);
  layout->setSpacing(unit / 2);
  layout->addLayout(bar);
  layout->addWidget(legend_);
  layout->addWidget(scroll_, 1);

  connect(axes_, &AxisBar::axisChanged, this, &CompareCurves::followAxis);
  connect(axes_, &AxisBar::logXChanged, this, [this](bool log) {
    for (ChartCard* card : std::as_const(cards_)) card->setLogX(log);
    comparison_.setLogX(log);
  });
  connect(smoothing_, &QSlider::valueChanged, this, [this](int percent) {
    for (ChartCard* card : std::as_const(cards_)) card->chart().setSmoothing(smoothingOf(percent));
  });
  connect(&comparison_, &RunComparison::groupsChanged, this, [this] {
    rebuildLegend();
    invalidate();
  });
  connect(&comparison_, &RunComparison::curvesChanged, this, &CompareCurves::invalidate);
  connect(&comparison_, &RunComparison::figuresChanged, this, &CompareCurves::showTarget);
  connect(&comparison_, &RunComparison::seriesChanged, this, [this] {
    rebuildMenu();
    axes_->offerSeries(comparison_.seriesNames());
    for (qsizetype i = 0; i < cards_.size(); ++i)
      cards_[i]->chart().setYUnit(unitOfSeries(shown_[i], comparison_));
    for (ChartCard* card : std::as_const(cards_)) showAxis(card->chart());
  });
  setShown(firstShown());
  rebuildLegend();
}

QStringList CompareCurves::firstShown() {
  return {QLatin1String(kTestAccuracy), QLatin1String(kTrainLoss), QLatin1String(kCompressionRatio),
          QLatin1String(kStepTime)};
}

ChartCard* CompareCurves::makeCard(const QString& series) {
  QString name = series;
  name.replace(QLatin1Char('/'), QLatin1Char('.'));
  auto* card = new ChartCard(QStringLiteral("compareRuns.chart.") + name, seriesTitle(series), canvas_);
  card->setLegendShown(false);
  SeriesChart* chart = &card->chart();
  chart->setYUnit(unitOfSeries(series, comparison_));
  showAxis(*chart);
  card->setLogX(axes_->logX());
  chart->setBudget(kCurvesBudget);
  chart->setSmoothing(smoothingOf(smoothing_->value()));
  chart->setEmptyText(tr("None of the runs has measured this yet"));
  for (const QString& id : std::as_const(hidden_)) chart->setCurveShown(id, false);
  chart->setSource([this, series] { return curvesOf(series); });
  connect(card, &ChartCard::saveRequested, this, [this, card](ChartCard::Save what) {
    if (const std::optional<QString> error = MonitorCharts::saveChart(this, card, what)) emit saved(*error);
  });
  connect(chart, &SeriesChart::zoomChanged, this, [this, chart](double from, double to, bool zoomed) {
    for (ChartCard* other : std::as_const(cards_)) {
      if (&other->chart() == chart) continue;
      if (zoomed)
        other->chart().zoomTo(from, to);
      else
        other->chart().resetZoom();
    }
    comparison_.setRange(zoomed ? from : 0, zoomed ? to : 0);
  });
  connect(chart, &SeriesChart::crossHairMoved, this, [this, chart](double x) {
    for (ChartCard* other : std::as_const(cards_))
      if (&other->chart() != chart) other->chart().showCrossHair(x);
  });
  connect(chart, &SeriesChart::logXChanged, axes_, &AxisBar::setLogX);
  connect(chart, &SeriesChart::curvePointedAt, this, &CompareCurves::highlight);
  if (series == QLatin1String(kTestAccuracy)) {
    chart->setToolTip(tr("Drag the dashed line, or move it with the keys up and down: the target accuracy"));
    connect(chart, &SeriesChart::levelMoved, this,
            [this](double value) { comparison_.setTarget(std::clamp(value, 0.0, 1.0)); });
  }
  card->show();
  return card;
}

void CompareCurves::setShown(const QStringList& series) {
  QVector<ChartCard*> cards;
  for (const QString& name : series) {
    const qsizetype at = shown_.indexOf(name);
    cards << (at >= 0 ? cards_[at] : makeCard(name));
  }
  for (ChartCard* card : std::as_const(cards_))
    if (!cards.contains(card)) card->deleteLater();
  cards_ = cards;
  shown_ = series;
  showTarget();
  rebuildMenu();
  place();
  request();
}

void CompareCurves::rebuildMenu() {
  qDeleteAll(menu_->findChildren<QMenu*>());
  menu_->clear();
  QStringList names = comparison_.seriesNames();
  for (const QString& name : std::as_const(shown_))
    if (!names.contains(name)) names << name;
  std::sort(names.begin(), names.end());
  QMenu* parts = nullptr;  // what there may be hundreds of has a menu of its own
  for (const QString& name : std::as_const(names)) {
    const bool is_part = name.startsWith(QLatin1String("layer/"));
    if (is_part && parts == nullptr) parts = new QMenu(tr("Layers"), menu_);
    QAction* action = (is_part ? parts : menu_)->addAction(seriesTitle(name));
    action->setObjectName(QStringLiteral("compareRuns.series.") + name);
    action->setCheckable(true);
    action->setChecked(shown_.contains(name));
    connect(action, &QAction::toggled, this, [this, name](bool shown) {
      QStringList series = shown_;
      if (shown)
        series << name;
      else
        series.removeAll(name);
      // The menu of the action that is at work is made anew, so not before it has finished.
      QMetaObject::invokeMethod(
          this, [this, series] { setShown(series); }, Qt::QueuedConnection);
    });
  }
  if (parts != nullptr) menu_->addMenu(parts);
}

QVector<ChartCurve> CompareCurves::curvesOf(const QString& series) const {
  const bool is_evaluated = series.startsWith(QLatin1String("test/"));
  // A schedule is no measurement: smoothed it would be another one.
  const bool is_smooth = !is_evaluated && series != QLatin1String(kLearningRate);
  QVector<ChartCurve> curves;
  for (size_t g = 0; g < comparison_.groups().size(); ++g) {
    const RunGroup& group = comparison_.groups()[g];
    const RunColor color = comparison_.colors()[g];
    if (axes_->axis() == XAxis::kSeries) {  // each seed has a path of its own
      for (size_t seed = 0; seed < group.runs.size(); ++seed) {
        const ComparedRun& run = comparison_.runs()[group.runs[seed]];
        const QString label = QString::fromStdString(group.label);
        curves.push_back(
            {.id = QString::fromStdString(comparison_.runs()[group.runs[0]].id),
             //: an entry of a read-out: a name, and which of several runs with other seeds
             .label = group.runs.size() == 1 ? label : tr("%1, seed %2").arg(label).arg(seed + 1),
             .light = seriesColor(color.place, false),
             .dark = seriesColor(color.place, true),
             .data = comparison_.curveOfRun(group.runs[seed], series),
             .smoothable = is_smooth,
             .dots = is_evaluated,
             .dashed = color.is_shared,
             .source = QString::fromStdString(run.id)});
      }
      continue;
    }
    curves.push_back({.id = QString::fromStdString(comparison_.runs()[group.runs[0]].id),
                      .label = QString::fromStdString(group.label),
                      .light = seriesColor(color.place, false),
                      .dark = seriesColor(color.place, true),
                      .data = comparison_.curve(g, series),
                      .smoothable = is_smooth,
                      .dots = is_evaluated,
                      .dashed = color.is_shared});
  }
  return curves;
}

void CompareCurves::rebuildLegend() {
  highlight({});  // an entry that goes does not tell that the pointer has left it
  qDeleteAll(legend_->findChildren<LegendButton*>());
  for (size_t g = 0; g < comparison_.groups().size(); ++g) {
    const RunGroup& group = comparison_.groups()[g];
    const RunColor color = comparison_.colors()[g];
    ChartCurve curve{.id = QString::fromStdString(comparison_.runs()[group.runs[0]].id),
                     .label = QString::fromStdString(group.label),
                     .light = seriesColor(color.place, false),
                     .dark = seriesColor(color.place, true),
                     .data = {},
                     .dashed = color.is_shared};
    //: an entry of a legend: a name, and how many seeds it is the mean of, two or more
    if (group.seeds > 1) curve.label = tr("%1 (%2 seeds)").arg(curve.label).arg(group.seeds);
    const QString whole = curve.label;
    curve.label = fontMetrics().elidedText(whole, Qt::ElideMiddle, charactersWide(this, kLegendCharacters));
    auto* button = new LegendButton(curve, false, legend_);
    if (curve.label != whole) button->setToolTip(whole + QLatin1Char('\n') + button->toolTip());
    button->setAccessibleName(whole);
    button->setObjectName(QStringLiteral("compareRuns.legend.") + curve.id);
    button->setChecked(!hidden_.contains(curve.id));
    connect(button, &LegendButton::toggled, this,
            [this, id = curve.id](bool shown) { hideOrShow(id, shown); });
    connect(button, &LegendButton::pointedAt, this,
            [this, id = curve.id](bool is_here) { highlight(is_here ? id : QString()); });
    connect(button, &LegendButton::isolated, this,
            [this, button] { isolate(legend_->findChildren<LegendButton*>(), button); });
    legend_layout_->addWidget(button);
    button->show();
  }
}

void CompareCurves::hideOrShow(const QString& id, bool shown) {
  if (shown)
    hidden_.remove(id);
  else
    hidden_.insert(id);
  for (ChartCard* card : std::as_const(cards_)) card->chart().setCurveShown(id, shown);
}

// In every chart, and its name in the legend.
void CompareCurves::highlight(const QString& id) {
  for (ChartCard* card : std::as_const(cards_)) card->chart().setHighlighted(id);
  for (LegendButton* button : legend_->findChildren<LegendButton*>()) button->setLit(button->curve() == id);
}

void CompareCurves::showOnly(const QStringList& runs) {
  for (LegendButton* button : legend_->findChildren<LegendButton*>())
    button->setChecked(runs.contains(button->curve()));
}

void CompareCurves::invalidate() {
  for (ChartCard* card : std::as_const(cards_)) card->chart().invalidate();
}

void CompareCurves::showTarget() {
  const qsizetype at = shown_.indexOf(QLatin1String(kTestAccuracy));
  if (at >= 0) cards_[at]->chart().setLevel(comparison_.target());
}

// Two points a pixel column are all that a chart draws.
void CompareCurves::request() {
  const int wide = cards_.isEmpty() ? 0 : int(cards_.first()->width() * devicePixelRatioF());
  comparison_.setShown(shown_, axes_->axis(), std::max(kLeastColumns, wide), axes_->xSeries());
}

void CompareCurves::place() {
  const int unit = rhythmUnit(this), spacing = unit * 3 / 2;
  const QSize view = scroll_->viewport()->size();
  const CardGrid grid =
      cardGrid(view.width(), view.height(), charactersWide(this, 50), unit * 25, spacing, int(cards_.size()));
  for (int i = 0; i < cards_.size(); ++i)
    cards_[i]->setGeometry(i % grid.columns * (grid.card_width + spacing),
                           i / grid.columns * (grid.card_height + spacing), grid.card_width,
                           grid.card_height);
  const int rows = (int(cards_.size()) + grid.columns - 1) / grid.columns;
  canvas_->resize(view.width(), rows * (grid.card_height + spacing));
}

void CompareCurves::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  place();
  request();
}

bool CompareCurves::eventFilter(QObject* watched, QEvent* event) {
  if (watched == scroll_->viewport() && event->type() == QEvent::Resize) {
    place();
    if (isVisible()) request();
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace concertina::ui
