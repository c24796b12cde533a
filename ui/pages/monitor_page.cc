// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page.cc: see monitor_page.h. Lays out and connects; what is drawn comes from the models.
#include "ui/pages/monitor_page.h"

#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedLayout>
#include <QVBoxLayout>

#include "ui/charts/palette.h"
#include "ui/client/metric_model.h"
#include "ui/client/run_state.h"
#include "ui/client/series_names.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/monitor_header.h"
#include "ui/pages/monitor_side.h"

namespace concertina::ui {
namespace {

constexpr int kHistoryPoints = 2000;  // of each series, when a run is opened: about the width of a screen

}  // namespace

struct MonitorPage::Impl {
  Impl(MonitorPage& p, EngineClient& c) : page(p), client(c) {}

  QWidget* makeEmptyState();
  void opened();  // the stream stands: ask for what came before
  void fetchSeries(const QString& name);
  void fetchAxis(XAxis axis);
  void fetchEventsAndLog();
  void show(const proto::RunSummary& summary);
  void event(const proto::RunEvent& event);

  MonitorPage& page;
  EngineClient& client;
  MetricModel model;
  QString run;
  proto::RunSummary summary;
  int64_t newest_event_ms = 0;
  QStackedLayout* stack = nullptr;
  QWidget* empty = nullptr;
  QWidget* full = nullptr;
  MonitorHeader* header = nullptr;
  MonitorCharts* charts = nullptr;
  MonitorSide* side = nullptr;
};

MonitorPage::MonitorPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  Impl& d = *impl_;
  d.stack = new QStackedLayout(this);
  d.empty = d.makeEmptyState();
  d.stack->addWidget(d.empty);

  d.full = new QWidget;
  auto* column = new QVBoxLayout(d.full);
  setRhythm(column, this, 2, 2, 2, 1, 1.5);
  d.header = new MonitorHeader;
  column->addWidget(d.header);
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setObjectName("monitorPage.splitter");
  splitter->setChildrenCollapsible(false);
  d.charts = new MonitorCharts(d.model);
  d.side = new MonitorSide;
  d.side->setMinimumWidth(charactersWide(this, 36));
  splitter->addWidget(d.charts);
  splitter->addWidget(d.side);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 0);
  splitter->setSizes({charactersWide(this, 130), charactersWide(this, 38)});
  column->addWidget(splitter, 1);
  d.stack->addWidget(d.full);

  connect(d.header, &MonitorHeader::commanded, this, [&d, this](proto::ControlRunRequest::Action action) {
    d.client.control(this, d.run, action, [&d](int, const QString& error) { d.header->showTrouble(error); });
  });
  connect(d.side, &MonitorSide::knobTurned, this, [&d, this](const QString& pointer, const QString& json) {
    d.client.setKnob(this, d.run, pointer, json,
                     [&d, pointer](qint64, const QString& error) { d.side->showKnobAnswer(pointer, error); });
  });
  connect(&client, &EngineClient::runChanged, this, [&d](const proto::RunSummary& summary) {
    if (QString::fromStdString(summary.run()) == d.run) d.show(summary);
  });
  connect(&client, &EngineClient::metricsArrived, this,
          [&d](const QString& run, const proto::MetricUpdate& metrics) {
            if (run == d.run) d.model.append(metrics);
          });
  connect(&client, &EngineClient::eventArrived, this, [&d](const QString& run, const proto::RunEvent& event) {
    if (run == d.run) d.event(event);
  });
  connect(&client, &EngineClient::logArrived, this, [&d](const QString& run, const proto::RankLog& line) {
    if (run == d.run) d.side->addLine(line);
  });
  connect(&client, &EngineClient::watchOpened, this, [&d](const QString& run) {
    if (run == d.run) d.opened();
  });
  connect(&client, &EngineClient::stateChanged, this, [&d, this](EngineClient::State state, const QString&) {
    if (state != EngineClient::State::kConnected) return;
    d.client.describe(this, [&d](const QJsonObject& describe, const QString& error) {
      if (error.isEmpty()) d.side->setDescriptors(describe);
      if (!d.run.isEmpty() && d.summary.run() == d.run.toStdString()) d.show(d.summary);
    });
  });
  if (client.state() == EngineClient::State::kConnected)
    client.describe(this, [&d](const QJsonObject& describe, const QString& error) {
      if (error.isEmpty()) d.side->setDescriptors(describe);
    });
}

MonitorPage::~MonitorPage() = default;

QString MonitorPage::run() const { return impl_->run; }

void MonitorPage::showRun(const QString& run) {
  Impl& d = *impl_;
  d.stack->setCurrentWidget(run.isEmpty() ? d.empty : d.full);
  if (run == d.run) return;
  d.run = run;
  d.summary.Clear();
  d.newest_event_ms = 0;
  d.model.clear();
  d.charts->clear();
  d.side->clear();
  if (run.isEmpty()) {
    d.client.unwatch();
  } else {
    d.client.watch(run);
  }
}

QWidget* MonitorPage::Impl::makeEmptyState() {
  auto* widget = new QWidget;
  auto* column = new QVBoxLayout(widget);
  setRhythm(column, &page, 4, 4, 4, 4, 1.5);
  auto* title = new QLabel(tr("No run to watch"));
  title->setFont(scaledFont(page.font(), 1.5, QFont::DemiBold));
  auto* text = new QLabel(
      tr("Design an experiment and launch it, or open one from Runs. Its loss, its bytes on the wire and "
         "where its time goes show here while it trains."));
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignHCenter);
  text->setMaximumWidth(charactersWide(&page, 64));
  setTone(text, "quiet");
  auto* button = new QPushButton(tr("Design an Experiment"));
  button->setObjectName("monitorPage.designButton");
  QObject::connect(button, &QPushButton::clicked, &page, &MonitorPage::designRequested);
  column->addStretch(2);
  column->addWidget(title, 0, Qt::AlignHCenter);
  column->addWidget(text, 0, Qt::AlignHCenter);
  column->addWidget(button, 0, Qt::AlignHCenter);
  column->addStretch(3);
  return widget;
}

void MonitorPage::Impl::opened() {
  for (const QString& name : MonitorCharts::shownSeries()) fetchSeries(name);
  for (const XAxis axis : {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes}) fetchAxis(axis);
  fetchEventsAndLog();
}

void MonitorPage::Impl::fetchSeries(const QString& name) {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(name.toStdString());
  request.set_rank(MetricModel::kWholeRun);
  request.set_x("step");
  request.set_max_points(kHistoryPoints);
  client.series(&page, request, [this, name, of = run](const SeriesData& data, const QString& error) {
    if (error.isEmpty() && of == run) model.fill(name, MetricModel::kWholeRun, data);
  });
}

// The loss is there at every step, so it carries each axis: once over steps, once over the axis, thinned
// alike.
void MonitorPage::Impl::fetchAxis(XAxis axis) {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(kTrainLoss);
  request.set_rank(MetricModel::kWholeRun);
  request.set_x("step");
  request.set_max_points(kHistoryPoints);
  client.series(&page, request,
                [this, axis, request, of = run](const SeriesData& over_steps, const QString& error) mutable {
                  if (!error.isEmpty() || of != run) return;
                  request.set_x(xAxisWord(axis).toStdString());
                  client.series(
                      &page, request,
                      [this, axis, over_steps, of](const SeriesData& over_axis, const QString& failed) {
                        if (failed.isEmpty() && of == run && over_axis.x.size() == over_steps.x.size())
                          model.fillAxis(axis, over_steps, over_axis);
                      });
                });
}

void MonitorPage::Impl::fetchEventsAndLog() {
  client.events(&page, run, [this, of = run](const QVector<proto::RunEvent>& events, const QString& error) {
    if (!error.isEmpty() || of != run) return;
    for (const proto::RunEvent& each : events) event(each);
  });
  client.log(&page, run, -1, [this, of = run](const QVector<proto::RankLog>& lines, const QString& error) {
    if (!error.isEmpty() || of != run) return;
    for (const proto::RankLog& line : lines) side->addLine(line);
  });
}

void MonitorPage::Impl::show(const proto::RunSummary& changed) {
  summary = changed;
  header->showRun(summary, model.lastBytesPerSecond());
  side->showRun(summary);
}

void MonitorPage::Impl::event(const proto::RunEvent& happened) {
  if (happened.unix_ms() <= newest_event_ms) return;  // the list and the stream both tell of it
  newest_event_ms = happened.unix_ms();
  side->addEvent(happened);
  if (happened.kind() == "knob" || happened.kind() == "worker-lost" || happened.kind() == "paused" ||
      happened.kind() == "resumed")
    charts->addMark(happened.step(), QString::fromStdString(happened.message()),
                    seriesColor(happened.kind() == "knob" ? 2 : 4, onDarkGround(page.palette())));
}

}  // namespace concertina::ui
