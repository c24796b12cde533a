// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts.cc: see monitor_charts.h.
#include "ui/pages/monitor_charts.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/chart_export.h"
#include "ui/charts/palette.h"
#include "ui/client/core_words.h"
#include "ui/client/series_names.h"
#include "ui/forms/ask.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/axis_bar.h"
#include "ui/pages/coarse_note.h"
#include "ui/pages/series_search.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

// The loss is what people wait for; the others may follow at leisure. Together under 3 % of a core.
constexpr double kLossBudget = 0.008, kOtherBudget = 0.0015;
constexpr int kFirstSmoothing = 60;  // percent of the slider

ChartCurve curveOf(const QString& id, const QString& label, int color, Curve data) {
  return {id, label, seriesColor(color, false), seriesColor(color, true), std::move(data)};
}

QColor markColor(const QString& kind, bool dark) {
  if (kind == QLatin1String("knob")) return seriesColor(3, dark);
  if (kind == QLatin1String("group")) return seriesColor(4, dark);
  if (kind == QLatin1String("worker-lost") || kind == QLatin1String("fault"))
    return stateColor(proto::FAILED, dark);
  if (kind == QLatin1String("paused") || kind == QLatin1String("resumed") ||
      kind == QLatin1String("resuming"))
    return stateColor(proto::PAUSED, dark);
  return stateColor(proto::STOPPED, dark);
}

}  // namespace

CardGrid cardGrid(int width, int view_height, int least_width, int least_height, int spacing, int cards) {
  CardGrid grid;
  grid.columns =
      std::clamp((width + spacing) / std::max(1, least_width + spacing), 1, std::max(1, std::min(cards, 3)));
  grid.card_width = (width - (grid.columns - 1) * spacing) / grid.columns;
  grid.card_height = std::max(least_height, (view_height - spacing) / 2);
  return grid;
}

MonitorCharts::MonitorCharts(const MetricModel& metrics, QWidget* parent)
    : QWidget(parent),
      metrics_(metrics),
      axes_(new AxisBar(QStringLiteral("monitorPage"), QStringLiteral("xAxis"), this)),
      smoothing_(new SmoothingChoice(QStringLiteral("monitorPage"), this)),
      search_(new SeriesSearch(QStringLiteral("monitorPage"), this)),
      coarse_(new CoarseNote(QStringLiteral("monitorPage.coarse"), this)),
      charts_(new QToolButton(this)),
      knobs_(new QToolButton(this)),
      scroll_(new QScrollArea(this)),
      canvas_(new QWidget),
      nothing_found_(new QLabel(canvas_)) {
  scroll_->setObjectName(QStringLiteral("monitorPage.chartsArea"));
  scroll_->setAccessibleName(tr("Charts"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setVerticalScrollBarPolicy(
      Qt::ScrollBarAlwaysOn);  // a bar that comes and goes would move every chart
  scroll_->setWidget(canvas_);
  scroll_->viewport()->installEventFilter(this);
  scroll_->viewport()->setBackgroundRole(QPalette::Window);
  canvas_->setAutoFillBackground(false);
  nothing_found_->setObjectName(QStringLiteral("monitorPage.nothingFound"));
  nothing_found_->setAlignment(Qt::AlignCenter);
  nothing_found_->setWordWrap(true);
  nothing_found_->setTextFormat(Qt::PlainText);
  setTone(nothing_found_, "quiet");
  nothing_found_->hide();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(rhythmUnit(this) / 2);
  layout->addLayout(makeBar());
  layout->addWidget(search_->faultLabel());
  layout->addWidget(scroll_, 1);

  addCards();
  addStrategyCards();

  connect(axes_, &AxisBar::axisChanged, this, &MonitorCharts::followAxis);
  connect(axes_, &AxisBar::menuOpens, this, [this] { axes_->offerSeries(metrics_.seriesNames()); });
  connect(axes_, &AxisBar::logXChanged, this, [this](bool log) {
    for (ChartCard* card : std::as_const(cards_)) card->setLogX(log);
  });
  connect(smoothing_, &SmoothingChoice::changed, this, &MonitorCharts::smooth);
  connect(&metrics_, &QAbstractItemModel::modelReset, this, [this] {  // another run is looked at
    drawSoon();
  });
  smoothing_->setValue(kFirstSmoothing);
}

// Those of every run.
void MonitorCharts::addCards() {
  const auto series = [this](const char* name, const QString& label, int color, bool smoothable = true) {
    ChartCurve curve = curveOf(QLatin1String(name), label, color, fineCurve(QLatin1String(name)));
    curve.smoothable = smoothable;
    curve.dots = !smoothable;
    return curve;
  };
  ChartCard* loss = addCard(QStringLiteral("monitorPage.lossChart"), tr("Loss"), {}, [=, this] {
    return QVector<ChartCurve>{series(kTrainLoss, tr("Train"), 0), series(kTestLoss, tr("Test"), 1, false)};
  });
  series_of_[loss] = {QLatin1String(kTrainLoss), QLatin1String(kTestLoss)};
  loss->chart().setBudget(kLossBudget);
  ChartCard* accuracy =
      addCard(QStringLiteral("monitorPage.accuracyChart"), tr("Test Accuracy"), QStringLiteral("%"),
              [=] { return QVector<ChartCurve>{series(kTestAccuracy, tr("Test"), 2, false)}; });
  series_of_[accuracy] = {QLatin1String(kTestAccuracy)};
  ChartCard* time =
      addCard(QStringLiteral("monitorPage.timeChart"), tr("Time per Step"), QStringLiteral("s"), [this] {
        const QString labels[] = {tr("Data"),   tr("Compute"), tr("Encode"), tr("Exchange"),
                                  tr("Decode"), tr("Update"),  tr("Wait")};
        QVector<ChartCurve> phases;
        for (int phase = 0; phase < int(kPhases.size()); ++phase)
          phases.push_back({phaseSeries(phase), labels[phase], phaseColor(phase, false),
                            phaseColor(phase, true), fineCurve(phaseSeries(phase))});
        return phases;
      });
  time->chart().setStacked(true);
  for (int phase = 0; phase < int(kPhases.size()); ++phase) series_of_[time] << phaseSeries(phase);
  ChartCard* rate =
      addCard(QStringLiteral("monitorPage.rateChart"), tr("Bytes per Second"), QStringLiteral("B/s"), [this] {
        return QVector<ChartCurve>{curveOf(QStringLiteral("bytes_per_second"), tr("Sent"), 0, fineRates())};
      });
  rate->chart().setFromZero(true);
  ChartCard* sent =
      addCard(QStringLiteral("monitorPage.sentChart"), tr("Bytes Sent"), QStringLiteral("B"), [this] {
        ChartCurve curve = curveOf(QStringLiteral("bytes_sent"), tr("Sent"), 0, fineBytes());
        curve.smoothable = false;
        return QVector<ChartCurve>{curve};
      });
  for (ChartCard* card : {rate, sent}) series_of_[card] = {QLatin1String(kBytesTotal)};
  const auto addFromZero = [&](const char* name, const QString& title, const QString& unit,
                               const char* of_series, const QString& label, int color) {
    ChartCard* card = addCard(QLatin1String(name), title, unit,
                              [=] { return QVector<ChartCurve>{series(of_series, label, color)}; });
    card->chart().setFromZero(true);
    series_of_[card] = {QLatin1String(of_series)};
  };
  addFromZero("monitorPage.ratioChart", tr("Compression Ratio"), QStringLiteral("×"), kCompressionRatio,
              tr("Dense / sent"), 3);
  addFromZero("monitorPage.errorChart", tr("Relative Error of the Gradient"), {}, kRelativeError,
              tr("Relative error"), 1);
  addFromZero("monitorPage.speedChart", tr("Samples per Second"), QStringLiteral("samples/s"),
              kSamplesPerSecond, tr("All workers"), 2);
}

ChartCard* MonitorCharts::addCard(const QString& name, const QString& title, const QString& unit,
                                  std::function<QVector<ChartCurve>()> source) {
  auto* card = new ChartCard(name, title, canvas_);
  SeriesChart* chart = &card->chart();
  chart->setYUnit(unit);
  chart->setBudget(kOtherBudget);
  chart->setSource(std::move(source));
  connect(card, &ChartCard::saveRequested, this, [this, card](ChartCard::Save what) { save(card, what); });
  // One zoom and one cross-hair for all: a spike in one chart is looked up in the others.
  connect(chart, &SeriesChart::zoomChanged, this, [this, chart](double from, double to, bool zoomed) {
    for (ChartCard* other : std::as_const(cards_)) {
      if (&other->chart() == chart) continue;
      if (zoomed)
        other->chart().zoomTo(from, to);
      else
        other->chart().resetZoom();
    }
    zoomInto(zoomed ? from : 0, zoomed ? to : 0);
  });
  connect(chart, &SeriesChart::crossHairMoved, this, [this, chart](double x) {
    for (ChartCard* other : std::as_const(cards_))
      if (&other->chart() != chart) other->chart().showCrossHair(x);
  });
  card->setLogX(axes_->logX());
  connect(chart, &SeriesChart::logXChanged, axes_, &AxisBar::setLogX);
  cards_.push_back(card);
  arrangement_.add(name);
  makeArrangeable(card);
  return card;
}

void MonitorCharts::setZoom(SeriesZoom* zoom) {
  zoom_ = zoom;
  connect(zoom_, &SeriesZoom::moved, this, &MonitorCharts::drawSoon);
  connect(zoom_, &SeriesZoom::arrived, this, &MonitorCharts::drawSoon);
  connect(zoom_, &SeriesZoom::obstacleChanged, coarse_, [this] { coarse_->setObstacle(zoom_->obstacle()); });
}

void MonitorCharts::setRun(const QString& run) {
  run_ = run;
  if (zoom_ != nullptr) zoom_->clear();
}

void MonitorCharts::zoomInto(double from, double to) {
  // A range of a series is none of steps: what is there is drawn larger.
  if (zoom_ == nullptr || (xAxis() == XAxis::kSeries && from < to)) return;
  const bool was_zoomed = zoom_->isZoomed();
  int columns = 0;
  for (ChartCard* card : std::as_const(cards_)) columns = std::max(columns, card->chart().columns());
  zoom_->setRange(xAxis() == XAxis::kSeries ? XAxis::kStep : xAxis(), from, to, columns);
  if (was_zoomed && !zoom_->isZoomed()) drawSoon();  // the overview again
}

// What is in sight asks for its curves, and these for what they miss (fineCurve).
void MonitorCharts::drawSoon() {
  for (ChartCard* card : std::as_const(cards_)) card->chart().startAnew();
}

Curve MonitorCharts::refined(const QString& series, const Curve& overview, bool is_measured) const {
  if (zoom_ == nullptr || !zoom_->isZoomed()) return overview;
  if (is_measured) zoom_->want(run_, series, overview);
  return zoom_->curve(run_, series, overview);
}

Curve MonitorCharts::fineCurve(const QString& series) const {
  if (xAxis() == XAxis::kSeries) return againstSeries(metrics_.curve(series, XAxis::kStep));
  return refined(series, metrics_.curve(series, xAxis()), metrics_.has(series));
}

Curve MonitorCharts::fineBytes() const {
  if (xAxis() == XAxis::kSeries) return againstSeries(metrics_.bytesSent(XAxis::kStep));
  const Curve overview = metrics_.bytesSent(xAxis());
  return refined(QLatin1String(kBytesTotal), overview, !overview.isEmpty());
}

// Of the finer bytes, where they are here.
Curve MonitorCharts::fineRates() const {
  if (xAxis() == XAxis::kSeries) return againstSeries(metrics_.bytesPerSecond(XAxis::kStep));
  const Curve overview = metrics_.bytesPerSecond(xAxis());
  if (zoom_ == nullptr || !zoom_->isZoomed()) return overview;
  if (!overview.isEmpty()) zoom_->want(run_, QLatin1String(kBytesTotal), metrics_.bytesSent(xAxis()));
  const SeriesData* const bytes = zoom_->window(run_, QLatin1String(kBytesTotal));
  if (bytes == nullptr || bytes->seconds.size() != bytes->x.size()) return overview;
  return spliced(overview, ratesOf(bytes->x, bytes->seconds, bytes->mean));
}

ChartCurve MonitorCharts::seriesCurve(const QString& series, const QString& label, int color) const {
  return curveOf(series, label, color, fineCurve(series));
}

void MonitorCharts::setFacts(const RunFacts& facts) {
  const auto chart = [this](const char* name) -> SeriesChart& {
    return *canvas_->findChild<SeriesChart*>(QLatin1String(name));
  };
  const bool alone = facts.workers == 1, plain = facts.codec == QLatin1String("none");
  const QString waiting = tr("Nothing measured yet");
  const QString sends = alone ? tr("A single worker sends nothing.") : waiting;
  chart("monitorPage.rateChart").setEmptyText(sends);
  chart("monitorPage.sentChart").setEmptyText(sends);
  chart("monitorPage.ratioChart").setEmptyText(sends);
  chart("monitorPage.errorChart")
      .setEmptyText(plain ? tr("No codec: gradients are sent as they are.") : sends);
  chart("monitorPage.accuracyChart").setEmptyText(tr("No evaluation yet"));
}

void MonitorCharts::setEvents(const QVector<proto::RunEvent>& events) {
  events_ = events;
  placeMarks();
}

void MonitorCharts::placeMarks() {
  const bool dark = onDarkGround(palette());
  QVector<ChartMark> marks;
  for (const proto::RunEvent& event : std::as_const(events_)) {
    if (xAxis() == XAxis::kSeries) break;  // at one x the run was many times
    const QString kind = QString::fromStdString(event.kind());
    if (event.step() <= 0 || kind == QLatin1String("state")) continue;  // beginnings and ends are seen anyway
    const double x = metrics_.position(double(event.step()), xAxis());
    if (!std::isnan(x)) marks.push_back({x, coreText(event.message()), markColor(kind, dark)});
  }
  for (ChartCard* card : std::as_const(cards_)) card->chart().setMarks(marks);
}

void MonitorCharts::invalidate() {
  showWhatIsMeasured();
  if (xAxis() == XAxis::kSeries)
    for (ChartCard* card : std::as_const(cards_)) showAxis(card->chart());  // its unit has come
  const double newest = metrics_.lastPosition(xAxis());
  for (ChartCard* card : std::as_const(cards_)) {
    card->chart().setExtent(0, std::isnan(newest) ? 0 : newest);
    card->chart().invalidate();
  }
}

void MonitorCharts::smooth() {
  for (ChartCard* card : std::as_const(cards_)) card->chart().setSmoothing(smoothing_->smoothing());
}

void MonitorCharts::placeCards() {
  const int unit = rhythmUnit(this), spacing = unit * 3 / 2;
  const QSize view = scroll_->viewport()->size();
  const QVector<ChartCard*> shown = shownCards();
  if (alone_ != nullptr && !shown.contains(alone_)) alone_ = nullptr;  // another run has no such chart
  if (alone_ != nullptr) {
    for (ChartCard* card : std::as_const(cards_)) card->setVisible(card == alone_);
    canvas_->resize(view);
    alone_->setGeometry(0, 0, view.width(), std::max(1, view.height() - spacing));
    return;
  }
  showNothingFound(shown.isEmpty());
  for (ChartCard* card : std::as_const(cards_)) card->setVisible(shown.contains(card));
  const CardGrid grid =
      cardGrid(view.width(), view.height(), charactersWide(this, 50), unit * 25, spacing, int(shown.size()));
  for (int i = 0; i < shown.size(); ++i)
    shown[i]->setGeometry(i % grid.columns * (grid.card_width + spacing),
                          i / grid.columns * (grid.card_height + spacing), grid.card_width, grid.card_height);
  const int rows = (int(shown.size()) + grid.columns - 1) / grid.columns;
  canvas_->resize(view.width(), shown.isEmpty() ? view.height() : rows * (grid.card_height + spacing));
}

bool MonitorCharts::eventFilter(QObject* watched, QEvent* event) {
  if (watched == scroll_->viewport() && event->type() == QEvent::Resize) placeCards();
  if (watched == alone_ && alone_ != nullptr && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Escape) setAlone(nullptr);
    if (key == Qt::Key_PageDown || key == Qt::Key_PageUp) showNext(key == Qt::Key_PageDown ? 1 : -1);
    if (key == Qt::Key_Escape || key == Qt::Key_PageDown || key == Qt::Key_PageUp) return true;
  }
  if (auto* card = qobject_cast<ChartCard*>(watched))
    if (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseMove ||
        event->type() == QEvent::MouseButtonRelease)
      return dragCard(card, *static_cast<QMouseEvent*>(event));
  return QWidget::eventFilter(watched, event);
}

void MonitorCharts::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) placeMarks();
  if (event->type() == QEvent::FontChange) placeCards();
}

void MonitorCharts::save(ChartCard* card, ChartCard::Save what) {
  if (const std::optional<QString> error = saveChart(this, card, what)) emit saved(*error);
}

std::optional<QString> MonitorCharts::saveChart(QWidget* parent, ChartCard* card, ChartCard::Save what) {
  const QString suffix = what == ChartCard::Save::kPng   ? QStringLiteral("png")
                         : what == ChartCard::Save::kSvg ? QStringLiteral("svg")
                         : what == ChartCard::Save::kPdf ? QStringLiteral("pdf")
                                                         : QStringLiteral("csv");
  const QString path = askForFile(
      parent, {.what = FileQuestion::What::kSaveFile,
               .title = tr("Save “%1”").arg(card->chart().title()),
               .start = card->chart().title().toLower().replace(QLatin1Char(' '), QLatin1Char('-')) +
                        QLatin1Char('.') + suffix,
               .filter = tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
               .suffix = suffix});
  if (path.isEmpty()) return std::nullopt;
  return what == ChartCard::Save::kPng   ? saveChartPng(card->chart(), path)
         : what == ChartCard::Save::kSvg ? saveChartSvg(card->chart(), path)
         : what == ChartCard::Save::kPdf ? saveChartPdf(card->chart(), path)
                                         : saveChartCsv(card->chart(), path);
}

}  // namespace concertina::ui
