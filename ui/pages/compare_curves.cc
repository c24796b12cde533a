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
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "ui/charts/flow_layout.h"
#include "ui/charts/palette.h"
#include "ui/client/series_names.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/axis_bar.h"
#include "ui/pages/coarse_note.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/series_search.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

constexpr double kCurvesBudget = 0.05;  // of a core; the page is looked at, not glanced at
constexpr int kLeastColumns = 256;

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
      smoothing_(new SmoothingChoice(QStringLiteral("compareRuns"), this)),
      search_(new SeriesSearch(QStringLiteral("compareRuns"), this)),
      menu_(new QMenu(this)),
      table_(new QToolButton(this)),
      legend_(new QWidget(this)),
      scroll_(new QScrollArea(this)),
      canvas_(new QWidget),
      nothing_found_(new QLabel(canvas_)) {
  const int unit = rhythmUnit(this);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit / 2);
  // In a narrow window they take a second line.
  auto* tools = new QWidget(this);
  auto* flow = new FlowLayout(tools, unit * 2);
  for (QWidget* tool :
       {static_cast<QWidget*>(axes_), static_cast<QWidget*>(smoothing_), static_cast<QWidget*>(search_)})
    flow->addWidget(tool);
  bar->addWidget(tools, 1);
  auto* coarse = new CoarseNote(QStringLiteral("compareRuns.coarse"), this);
  connect(&comparison_, &RunComparison::zoomObstacleChanged, coarse,
          [this, coarse] { coarse->setObstacle(comparison_.zoomObstacle()); });
  bar->addWidget(coarse, 0, Qt::AlignTop);
  auto* series = new QToolButton(this);
  series->setObjectName(QStringLiteral("compareRuns.seriesButton"));
  series->setText(tr("Charts"));
  series->setIcon(lineIcon(QStringLiteral("add")));
  series->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  series->setToolTip(tr("Which series are drawn"));
  series->setPopupMode(QToolButton::InstantPopup);
  series->setMenu(menu_);
  menu_->setObjectName(QStringLiteral("compareRuns.seriesMenu"));
  bar->addWidget(series, 0, Qt::AlignTop);
  table_->setObjectName(QStringLiteral("compareRuns.besideButton"));
  table_->setText(tr("Runs"));
  table_->setCheckable(true);
  table_->setChecked(true);
  table_->setToolTip(tr("The runs and what came of them, beside their curves"));
  bar->addWidget(table_, 0, Qt::AlignTop);

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
  nothing_found_->setObjectName(QStringLiteral("compareRuns.nothingFound"));
  nothing_found_->setAlignment(Qt::AlignCenter);
  nothing_found_->setWordWrap(true);
  nothing_found_->setTextFormat(Qt::PlainText);
  setTone(nothing_found_, "quiet");
  nothing_found_->hide();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, unit, 0, 0);
  layout->setSpacing(unit / 2);
  layout->addLayout(bar);
  layout->addWidget(search_->faultLabel());
  layout->addWidget(legend_);
  layout->addWidget(scroll_, 1);

  connect(axes_, &AxisBar::axisChanged, this, &CompareCurves::followAxis);
  connect(axes_, &AxisBar::logXChanged, this, [this](bool log) {
    for (ChartCard* card : std::as_const(cards_)) card->setLogX(log);
    comparison_.setLogX(log);
  });
  connect(search_, &SeriesSearch::changed, this, [this] {
    rebuildMenu();
    place();
  });
  connect(smoothing_, &SmoothingChoice::changed, this, [this] {
    for (ChartCard* card : std::as_const(cards_)) card->chart().setSmoothing(smoothing_->smoothing());
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
  chart->setSmoothing(smoothing_->smoothing());
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
  if (search_->isOn()) menu_->addAction(tr("Found by “%1”").arg(search_->foundBy()))->setEnabled(false);
  QMenu* parts = nullptr;  // what there may be hundreds of has a menu of its own
  for (const QString& name : std::as_const(names)) {
    if (!search_->finds({name, seriesTitle(name)})) continue;
    if (name.startsWith(QLatin1String("arrival/"))) continue;  // moments, not curves
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

void CompareCurves::invalidate() {
  for (ChartCard* card : std::as_const(cards_)) card->chart().invalidate();
}

void CompareCurves::findSeries() { search_->focusToWrite(); }

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
  QVector<ChartCard*> found;
  for (qsizetype i = 0; i < cards_.size(); ++i) {
    const bool is_found = search_->finds({shown_[i], seriesTitle(shown_[i])});
    cards_[i]->setVisible(is_found);
    if (is_found) found << cards_[i];
  }
  const CardGrid grid =
      cardGrid(view.width(), view.height(), charactersWide(this, 50), unit * 25, spacing, int(found.size()));
  for (int i = 0; i < found.size(); ++i)
    found[i]->setGeometry(i % grid.columns * (grid.card_width + spacing),
                          i / grid.columns * (grid.card_height + spacing), grid.card_width, grid.card_height);
  const int rows = (int(found.size()) + grid.columns - 1) / grid.columns;
  const bool is_nothing = found.isEmpty() && search_->isOn();
  nothing_found_->setText(tr("No chart has a title or a series that “%1” finds. Charts has the series of the "
                             "runs that it finds; Esc in the box shows all charts.")
                              .arg(search_->foundBy()));
  nothing_found_->setGeometry(QRect(QPoint(0, 0), view));
  nothing_found_->setVisible(is_nothing);
  canvas_->resize(view.width(), is_nothing ? view.height() : rows * (grid.card_height + spacing));
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
