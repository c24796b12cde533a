// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_timeline.cc: see monitor_timeline.h.
#include "ui/pages/monitor_timeline.h"

#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/charts/chart_card.h"
#include "ui/charts/flow_layout.h"
#include "ui/charts/picture_export.h"
#include "ui/charts/timeline_chart.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_card.h"
#include "ui/pages/monitor_recording_bar.h"

namespace concertina::ui {
namespace {

constexpr int kUsualRecordedSteps = 20, kMostRecordedSteps = 1000;
constexpr double kButtonZoom = 2;
constexpr int kFiguresPauseMs = 60;  // while a hand drags

QString timelinePercent(double share) {
  return MonitorTimeline::tr("%1 %").arg(formatNumber(100 * share, 3));
}

}  // namespace

QVector<TimelineFigure> timelineFigures(const Timeline& timeline, const TimelineShares& shares,
                                        const PipelineShape& pipeline) {
  QVector<TimelineFigure> figures;
  if (timeline.is_empty() || !(shares.rank_seconds > 0)) return figures;
  figures.push_back(
      {timelinePercent(shares.compute_share), MonitorTimeline::tr("of the ranks' time is computing")});
  figures.push_back({timelinePercent(shares.seconds[size_t(SpanKind::kWait)] / shares.rank_seconds),
                     MonitorTimeline::tr("is waiting")});
  figures.push_back({shares.exchange_seconds > 0 ? timelinePercent(shares.hidden_share()) : notMeasured(),
                     MonitorTimeline::tr("of the exchange is hidden behind computing")});
  if (pipeline.stages > 1) {
    figures.push_back({std::isfinite(shares.bubble) ? timelinePercent(shares.bubble) : notMeasured(),
                       MonitorTimeline::tr("bubble of whole steps in sight")});
    const QString turns = pipeline.chunks > 1
                              ? QStringLiteral("%1·%2").arg(pipeline.micro_batches).arg(pipeline.chunks)
                              : QString::number(pipeline.micro_batches);
    //: %1 is the number of stages, %2 that of micro-batches
    figures.push_back({timelinePercent(pipeline.expected_bubble()),
                       MonitorTimeline::tr("expected, (p − 1)/(m + p − 1) with p = %1 and m = %2")
                           .arg(pipeline.stages)
                           .arg(turns)});
  }
  return figures;
}

MonitorTimeline::MonitorTimeline(QWidget* parent)
    : QWidget(parent),
      chart_(new TimelineChart),
      bar_(new RecordingBar(
          {.record = "recordButton", .recordings = "timelineRecordings", .more = "timelineMore"}, this)),
      record_(bar_->record()),
      recordings_(bar_->recordings()),
      more_(bar_->more()),
      menu_(bar_->menu()),
      steps_(new QSpinBox(this)),
      nearer_(new QToolButton(this)),
      farther_(new QToolButton(this)),
      all_(new QToolButton(this)),
      legend_(nullptr),
      scroll_(new QScrollArea(this)),
      figures_(new QWidget(this)),
      note_(new QLabel(this)) {
  const int unit = rhythmUnit(this);
  auto* column = cardColumn(this, 1, 1);

  chart_->setObjectName(QStringLiteral("monitorPage.timelineChart"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setWidget(chart_);
  scroll_->viewport()->setAutoFillBackground(false);
  chart_->setAutoFillBackground(false);
  auto* figures_row = new FlowLayout(figures_, unit * 2);
  Q_UNUSED(figures_row);
  note_->setObjectName(QStringLiteral("monitorPage.timelineNote"));
  note_->setWordWrap(true);
  setTone(note_, "quiet");
  legend_ = makeLegend();
  column->addWidget(makeControls());
  column->addWidget(legend_);
  column->addWidget(scroll_, 1);
  column->addWidget(figures_);
  column->addWidget(note_);

  figures_timer_.setSingleShot(true);
  figures_timer_.setInterval(kFiguresPauseMs);
  connect(&figures_timer_, &QTimer::timeout, this, &MonitorTimeline::showFigures);
  connect(chart_, &TimelineChart::rangeChanged, this, [this] {
    if (!figures_timer_.isActive()) figures_timer_.start();
    updateButtons();
  });
  connect(chart_, &TimelineChart::contextMenuRequested, menu_,
          [this](const QPoint& at) { menu_->popup(at); });
  show(std::make_shared<Timeline>(), {}, {});
  setRecordable(false, false);
}

QWidget* MonitorTimeline::makeControls() {
  steps_->setObjectName(QStringLiteral("monitorPage.timelineSteps"));
  steps_->setRange(1, kMostRecordedSteps);
  steps_->setValue(kUsualRecordedSteps);
  steps_->setAccessibleName(tr("Steps to record"));
  steps_->setButtonSymbols(QAbstractSpinBox::NoButtons);  // the arrow keys turn it
  record_->setProperty("primary", true);
  recordings_->setAccessibleName(tr("Recording"));
  const auto tool = [&](QToolButton* button, const char* name, const QString& text, const QString& tip) {
    button->setObjectName(QLatin1String("monitorPage.") + QLatin1String(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoRaise(true);
  };
  tool(nearer_, "timelineNearer", QStringLiteral("+"), tr("Zoom in"));
  tool(farther_, "timelineFarther", QStringLiteral("−"), tr("Zoom out"));
  tool(all_, "timelineAll", tr("Show All"), tr("Show the whole recording"));
  more_->setToolTip(tr("Save the timeline"));
  more_->setAccessibleName(more_->toolTip());
  menu_->addAction(tr("Save as PNG…"), this, [this] { save(QStringLiteral("png")); });
  menu_->addAction(tr("Save as SVG…"), this, [this] { save(QStringLiteral("svg")); });
  menu_->addAction(tr("Save as PDF…"), this, [this] { save(QStringLiteral("pdf")); });
  menu_->addAction(tr("Save Data as CSV…"), this, [this] { save(QStringLiteral("csv")); });
  menu_->addAction(tr("Save as Trace for Perfetto…"), this, [this] { save(QStringLiteral("json")); });
  bar_->arrange({record_, steps_, nullptr, recordings_}, {farther_, nearer_, all_, more_});

  connect(steps_, &QSpinBox::valueChanged, this, &MonitorTimeline::updateButtons);
  connect(record_, &QPushButton::clicked, this, [this] { emit recordRequested(steps_->value()); });
  connect(recordings_, &QComboBox::activated, this,
          [this](int index) { emit recordingChosen(recordings_->itemData(index).toLongLong()); });
  connect(nearer_, &QToolButton::clicked, chart_, [this] { chart_->zoomBy(kButtonZoom); });
  connect(farther_, &QToolButton::clicked, chart_, [this] { chart_->zoomBy(1 / kButtonZoom); });
  connect(all_, &QToolButton::clicked, chart_, &TimelineChart::resetZoom);
  return bar_;
}

QWidget* MonitorTimeline::makeLegend() {
  auto* legend = new QWidget(this);
  auto* entries = new FlowLayout(legend, rhythmUnit(this) / 2);
  for (int i = 0; i < kSpanKinds; ++i) {
    const auto kind = static_cast<SpanKind>(i);
    ChartCurve entry;
    entry.id = QLatin1String(kSpanKindNames[size_t(i)]);
    entry.label = spanKindText(kind);
    entry.light = spanColor(kind, false);
    entry.dark = spanColor(kind, true);
    auto* button = new LegendButton(entry, /*area=*/true, legend);
    button->setObjectName(QStringLiteral("monitorPage.timelineLegend.%1").arg(entry.id));
    connect(button, &LegendButton::toggled, this,
            [this, kind](bool shown) { chart_->setKindShown(kind, shown); });
    connect(button, &LegendButton::isolated, this,
            [legend, button] { isolate(legend->findChildren<LegendButton*>(), button); });
    entries->addWidget(button);
  }
  return legend;
}

void MonitorTimeline::show(const std::shared_ptr<const Timeline>& timeline, const QVector<qint64>& recordings,
                           const PipelineShape& pipeline) {
  pipeline_ = pipeline;
  showRecordings(recordings);
  const bool is_other = &chart_->timeline() != timeline.get();
  if (is_other) chart_->setTimeline(timeline);
  const bool seen = !timeline->is_empty();
  legend_->setVisible(seen);
  figures_->setVisible(seen);
  const qint64 dropped = static_cast<qint64>(timeline->dropped);
  note_->setText(
      !seen ? QString()
            : tr("Steps %1 to %2.").arg(formatCount(timeline->first_step), formatCount(timeline->last_step)) +
                  (dropped > 0 ? QLatin1Char(' ') + tr("%1 spans, the oldest, found no room: record "
                                                       "fewer steps.")
                                                        .arg(formatCount(dropped))
                               : QString()));
  note_->setVisible(seen);
  showFigures();
  updateButtons();
  updateEmptyText();
}

void MonitorTimeline::showRecordings(const QVector<qint64>& recordings) {
  if (recordings != shown_recordings_) {
    shown_recordings_ = recordings;
    bar_->setRecordings(recordings);
  }
  const int at = recordings_->findData(static_cast<qint64>(chart_->timeline().recording));
  if (at >= 0) recordings_->setCurrentIndex(at);
  recordings_->setVisible(!recordings.isEmpty());
}

void MonitorTimeline::setRecordable(bool can_record, bool is_recording) {
  can_record_ = can_record;
  is_recording_ = is_recording;
  updateButtons();
  updateEmptyText();
}

void MonitorTimeline::updateButtons() {
  bar_->showRecord(steps_->value(), can_record_, is_recording_,
                   tr("Every rank writes down what it does when, for so many steps"));
  steps_->setEnabled(can_record_ && !is_recording_);
  const bool seen = !chart_->timeline().is_empty();
  for (QToolButton* button : {nearer_, more_}) button->setEnabled(seen);
  for (QToolButton* button : {farther_, all_}) button->setEnabled(seen && chart_->isZoomed());
}

void MonitorTimeline::updateEmptyText() {
  chart_->setEmptyText(
      is_recording_ ? tr("Recording: it appears here once the steps are made.")
      : can_record_ ? tr("Nothing recorded yet. “Record” writes down, for a few steps, what every rank does "
                         "from when to when: passes, exchanges and waits, side by side.")
                    : tr("Nothing was recorded. Steps are recorded while a run trains."));
}

void MonitorTimeline::showFigures() {
  const Timeline& timeline = chart_->timeline();
  const QVector<TimelineFigure> figures =
      timelineFigures(timeline, SharesOf(timeline, chart_->from(), chart_->to()), pipeline_);
  auto labels = figures_->findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly);
  while (labels.size() < figures.size()) {
    auto* label = new QLabel(figures_);
    label->setTextFormat(Qt::RichText);
    label->setObjectName(QStringLiteral("monitorPage.timelineFigure%1").arg(labels.size()));
    figures_->layout()->addWidget(label);
    labels << label;
  }
  for (qsizetype i = 0; i < labels.size(); ++i) {
    labels[i]->setVisible(i < figures.size());
    if (i < figures.size())
      labels[i]->setText(QStringLiteral("<b>%1</b> %2")
                             .arg(figures[i].value.toHtmlEscaped(), figures[i].caption.toHtmlEscaped()));
  }
}

void MonitorTimeline::save(const QString& suffix) {
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save the Timeline"),
                                         .start = QStringLiteral("timeline.") + suffix,
                                         .filter = tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
                                         .suffix = suffix});
  if (path.isEmpty()) return;
  const PictureSource picture{
      .title = tr("Timeline of the ranks"),
      .size = chart_->paintedSize(),
      .ground = palette().color(QPalette::Base),
      .paint = [this](QPainter& painter) { chart_->paintTo(painter, chart_->paintedSize()); }};
  const Timeline& timeline = chart_->timeline();
  emit saved(suffix == QLatin1String("png")   ? savePicturePng(picture, path)
             : suffix == QLatin1String("svg") ? savePictureSvg(picture, path)
             : suffix == QLatin1String("pdf") ? savePicturePdf(picture, path)
             : suffix == QLatin1String("csv")
                 ? saveFile(path, QByteArray::fromStdString(TimelineCsv(timeline)))
                 : saveFile(path, QByteArray::fromStdString(ChromeTraceJson(timeline, {}))));
}

}  // namespace concertina::ui
