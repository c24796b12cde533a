// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page.cc: see monitor_page.h. Lays out and connects; the parts are in monitor_*.h.
#include "ui/pages/monitor_page.h"

#include <google/protobuf/util/message_differencer.h>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <optional>

#include "core/analysis/layer_table.h"
#include "nlohmann/json.hpp"
#include "ui/client/analysis_words.h"
#include "ui/client/blame_feed.h"
#include "ui/client/join_past.h"
#include "ui/client/live_knobs.h"
#include "ui/client/motion_feed.h"
#include "ui/client/run_state.h"
#include "ui/client/series_names.h"
#include "ui/client/series_zoom.h"
#include "ui/client/timeline_feed.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_blame.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/monitor_figures.h"
#include "ui/pages/monitor_fork.h"
#include "ui/pages/monitor_header.h"
#include "ui/pages/monitor_knobs.h"
#include "ui/pages/monitor_layers.h"
#include "ui/pages/monitor_log.h"
#include "ui/pages/monitor_motion.h"
#include "ui/pages/monitor_start_lines.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/monitor_tables.h"
#include "ui/pages/monitor_timeline.h"

namespace concertina::ui {
namespace {

constexpr int kPastPoints = 2000;  // of each curve on opening a run: more than a chart has pixels

void setColumns(QTableView* table, std::initializer_list<int> characters) {
  int column = 0;
  for (const int wide : characters) table->setColumnWidth(column++, charactersWide(table, wide));
}

bool sameMessage(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace

struct MonitorPage::Impl {
  Impl(MonitorPage& page, EngineClient& client)
      : page(page),
        client(client),
        zoom(client),
        blame_feed(client),
        timeline_feed(client),
        motion_feed(client) {}

  void build();
  void showRun(const QString& run);
  void summaryArrived(const proto::RunSummary& summary);
  void refresh();
  void fetchPast();
  void fetchSeries(const QString& name);
  void fetchAxes();
  void updateKnobs();
  void refreshLayers();
  void changeCodec();
  void addEvent(const proto::RunEvent& event);
  void showHistogram();
  void fork();
  void connectMotion();

  MonitorPage& page;
  EngineClient& client;
  QString run;
  proto::RunSummary summary;
  QString forked;  // the run that Compare waits for, beside this one
  QJsonObject describe;
  MetricModel metrics;
  SeriesZoom zoom;
  WorkersModel workers;
  EventsModel events;
  // What has come since the stream began, until the past is there.
  std::optional<QVector<proto::RunEvent>> live_events;
  std::optional<QVector<proto::RankLog>> live_lines;
  BlameFeed blame_feed;
  TimelineFeed timeline_feed;
  MotionFeed motion_feed;
  // The newest loss ten times a second, as fast as one can read; what changes slowly twice a second. Painting
  // text costs more than anything else here.
  QTimer loss_timer, refresh_timer;

  QStackedLayout* stack = nullptr;
  MonitorHeader* header = nullptr;
  MonitorFigures* figures = nullptr;
  DockPanels* panels = nullptr;
  MonitorCharts* charts = nullptr;
  MonitorKnobs* knobs = nullptr;
  MonitorBlame* blame = nullptr;
  MonitorTimeline* timeline = nullptr;
  MonitorMotion* motion = nullptr;
  MonitorLayers* layers = nullptr;
  QStringList layer_series;  // whose past nobody has looked at yet
  MonitorLog* log = nullptr;
  QWidget *workers_panel = nullptr, *events_panel = nullptr;
};

void MonitorPage::Impl::build() {
  const int unit = rhythmUnit(&page);
  auto* empty = new QWidget(&page);
  empty->setObjectName(QStringLiteral("monitorPage.emptyState"));
  auto* picture = new QLabel(empty);
  picture->setPixmap(
      lineIcon(QStringLiteral("monitor"), QPalette::PlaceholderText).pixmap(unit * 7, unit * 7));
  auto* title = new QLabel(tr("Nothing to watch yet"), empty);
  title->setFont(scaledFont(page.font(), 1.5, QFont::DemiBold));
  auto* lead = new QLabel(
      tr("Launch an experiment, and its curves, bytes and workers appear here while it runs."), empty);
  setTone(lead, "quiet");
  auto* design = new QPushButton(tr("Design an Experiment"), empty);
  design->setObjectName(QStringLiteral("monitorPage.designButton"));
  design->setProperty("primary", true);
  auto* column = new QVBoxLayout(empty);
  column->setSpacing(unit * 3 / 2);
  column->addStretch(2);
  for (QWidget* widget : std::initializer_list<QWidget*>{picture, title, lead, design})
    column->addWidget(widget, 0, Qt::AlignHCenter);
  column->addStretch(3);
  connect(design, &QPushButton::clicked, &page, &MonitorPage::designRequested);

  auto* body = new QWidget(&page);
  header = new MonitorHeader(body);
  figures = new MonitorFigures(body);
  charts = new MonitorCharts(metrics, body);
  charts->setZoom(&zoom);
  knobs = new MonitorKnobs(body);
  blame = new MonitorBlame(body);
  blame->setObjectName(QStringLiteral("monitorPage.blame"));
  timeline = new MonitorTimeline(body);
  timeline->setObjectName(QStringLiteral("monitorPage.timeline"));
  motion = new MonitorMotion(body);
  motion->setObjectName(QStringLiteral("monitorPage.motion"));
  layers = new MonitorLayers(metrics, body);
  layers->setObjectName(QStringLiteral("monitorPage.layers"));
  log = new MonitorLog(body);
  log->setObjectName(QStringLiteral("monitorPage.log"));
  knobs->setMinimumWidth(charactersWide(&page, 30));

  panels = new DockPanels(QStringLiteral("monitorPage"), body);
  auto* workers_table = makeTable(QStringLiteral("monitorPage.workersTable"), &workers, 3.5, body);
  setColumns(workers_table, {8, 12, 14, 12, 10, 12, 20});
  auto* events_table = makeTable(QStringLiteral("monitorPage.eventsTable"), &events, 3.5, body);
  setColumns(events_table, {14, 12, 20});
  const auto padded = [&](QTableView* table) {  // a card a little below the tabs
    auto* around = new QWidget(body);
    auto* inside = new QVBoxLayout(around);
    inside->setContentsMargins(0, unit * 3 / 2, 0, unit);
    inside->addWidget(inCard(table, around));
    return around;
  };
  workers_panel = padded(workers_table);
  events_panel = padded(events_table);
  // In this order: earlier versions kept the number of the front tab.
  panels->add(QStringLiteral("charts"), tr("Charts"), charts);
  panels->add(QStringLiteral("workers"), tr("Workers"), workers_panel);
  panels->add(QStringLiteral("events"), tr("Events"), events_panel);
  panels->add(QStringLiteral("blame"), tr("Blame"), blame);
  panels->add(QStringLiteral("timeline"), tr("Timeline"), timeline);
  panels->add(QStringLiteral("layers"), tr("Layers"), layers);
  panels->add(QStringLiteral("log"), tr("Log"), log);
  panels->add(QStringLiteral("motion"), tr("Slow Motion"), motion);
  panels->add(QStringLiteral("knobs"), tr("Knobs"), knobs, DockPanels::Place::kBeside);
  panels->arrange();

  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit);
  layout->setSpacing(unit * 3 / 2);
  layout->addWidget(header);
  layout->addWidget(figures);
  layout->addWidget(panels, 1);
  stack = new QStackedLayout(&page);
  stack->addWidget(empty);
  stack->addWidget(body);

  refresh_timer.setSingleShot(true);
  refresh_timer.setInterval(500);
  connect(&refresh_timer, &QTimer::timeout, &page, [this] { refresh(); });
  loss_timer.setSingleShot(true);
  loss_timer.setInterval(100);
  connect(&loss_timer, &QTimer::timeout, &page, [this] { figures->showLoss(summary, metrics); });
  connect(&metrics, &MetricModel::curvesChanged, &page, [this] {
    charts->invalidate();
    if (!loss_timer.isActive()) loss_timer.start();
    if (!refresh_timer.isActive()) refresh_timer.start();
  });
  connect(header, &MonitorHeader::requested, &page, [this](proto::ControlRunRequest::Action action) {
    header->showProblem({});
    client.control(&page, run, action, [this](int, const QString& error) { header->showProblem(error); });
  });
  connect(panels, &DockPanels::sightChanged, &page, [this] {
    blame_feed.setActive(panels->isInSight(blame));
    timeline_feed.setActive(panels->isInSight(timeline) || panels->isInSight(motion));
    motion_feed.setActive(panels->isInSight(motion));
    charts->knobsButton()->setChecked(panels->isOpen(knobs));
    refreshLayers();
  });
  connect(charts->knobsButton(), &QToolButton::toggled, &page, [this](bool opens) {
    if (opens == panels->isOpen(knobs)) return;
    if (opens)
      panels->openPanel(knobs);
    else
      panels->closePanel(knobs);
  });
  connect(&blame_feed, &BlameFeed::changed, &page,
          [this] { blame->show(blame_feed.blame(), blame_feed.isAnswered(), blame_feed.obstacle()); });
  connect(header, &MonitorHeader::forkRequested, &page, [this] { fork(); });
  connect(header, &MonitorHeader::startLinesRequested, &page,
          [this] { (new MonitorStartLines(client, run, &page))->open(); });
  connect(&timeline_feed, &TimelineFeed::changed, &page, [this] {
    timeline->setRecordable(timeline_feed.canRecord(), timeline_feed.isRecording());
    timeline->show(timeline_feed.timeline(), timeline_feed.recordings(), timeline_feed.pipeline());
    motion->setRecordable(timeline_feed.canRecord(), timeline_feed.isRecording());
    motion->showRecording(timeline_feed.replay(), timeline_feed.recordings());
  });
  connect(&timeline_feed, &TimelineFeed::failed, header, &MonitorHeader::showProblem);
  connect(timeline, &MonitorTimeline::saved, header, &MonitorHeader::showProblem);
  connect(timeline, &MonitorTimeline::recordRequested, &page, [this](int steps) {
    header->showProblem({});
    timeline_feed.record(steps);
  });
  connect(timeline, &MonitorTimeline::recordingChosen, &timeline_feed, &TimelineFeed::show);
  connectMotion();
  connect(header, &MonitorHeader::logRequested, &page, [this] { panels->openPanel(log); });
  connect(charts, &MonitorCharts::saved, header, &MonitorHeader::showProblem);
  connect(layers, &MonitorLayers::saved, header, &MonitorHeader::showProblem);
  connect(layers, &MonitorLayers::changeRequested, &page, [this] { changeCodec(); });
  connect(layers, &MonitorLayers::histogramRequested, &page, [this] {
    client.control(&page, run, proto::ControlRunRequest::HISTOGRAM,
                   [this](int, const QString& error) { header->showProblem(error); });
  });
  connect(knobs, &MonitorKnobs::turned, &page, [this](const QString& pointer, const QString& json) {
    client.setKnob(&page, run, pointer, json, [this, pointer, of = run](qint64 step, const QString& error) {
      if (of == run) knobs->showAnswer(pointer, step, error);
    });
  });

  connect(&client, &EngineClient::runChanged, &page, [this](const proto::RunSummary& changed) {
    if (!run.isEmpty() && changed.run() == run.toStdString()) summaryArrived(changed);
    if (!forked.isEmpty() && changed.run() == forked.toStdString()) {
      forked.clear();
      emit page.compareRequested({summary, changed});
    }
  });
  connect(&client, &EngineClient::runRemoved, &page, [this](const QString& removed) {
    if (removed == run) showRun({});
  });
  connect(&client, &EngineClient::watchOpened, &page, [this](const QString& watched) {
    if (watched != run) return;
    live_events.emplace();
    live_lines.emplace();
    fetchPast();
  });
  connect(&client, &EngineClient::metricsArrived, &page,
          [this](const QString& of, const proto::MetricUpdate& update) {
            if (of == run) metrics.append(update);
          });
  connect(&client, &EngineClient::eventArrived, &page,
          [this](const QString& of, const proto::RunEvent& event) {
            if (of == run) addEvent(event);
          });
  connect(&client, &EngineClient::logArrived, &page, [this](const QString& of, const proto::RankLog& line) {
    if (of != run) return;
    if (live_lines) live_lines->push_back(line);
    log->append(line);
    workers.setLastWords(line.rank(), QString::fromStdString(line.line()));
  });
}

void MonitorPage::Impl::connectMotion() {
  connect(&motion_feed, &MotionFeed::changed, &page, [this] { motion->showLive(motion_feed); });
  connect(&motion_feed, &MotionFeed::failed, header, &MonitorHeader::showProblem);
  connect(motion, &MonitorMotion::saved, header, &MonitorHeader::showProblem);
  connect(motion, &MonitorMotion::recordRequested, &page, [this](int steps) {
    header->showProblem({});
    timeline_feed.record(steps);
  });
  connect(motion, &MonitorMotion::recordingChosen, &timeline_feed, &TimelineFeed::show);
  connect(motion, &MonitorMotion::beginRequested, &page, [this] {
    header->showProblem({});
    motion_feed.begin();
  });
  connect(motion, &MonitorMotion::leaveRequested, &motion_feed, &MotionFeed::leave);
  connect(motion, &MonitorMotion::nextRequested, &motion_feed, &MotionFeed::next);
  connect(motion, &MonitorMotion::stepRequested, &motion_feed, &MotionFeed::finishStep);
}

void MonitorPage::Impl::showRun(const QString& next) {
  if (next == run) return;
  run = next;
  forked.clear();
  summary.Clear();
  summary.set_run(run.toStdString());
  metrics.clear();
  charts->setRun(run);
  layer_series.clear();
  workers.clear();
  events.setEvents({});
  charts->setEvents({});
  log->setLines({});
  header->showProblem({});
  header->showRun(summary);
  blame_feed.setRun(summary);
  motion->setRun(summary);
  timeline_feed.setRun(summary);
  motion_feed.setRun(summary);
  updateKnobs();
  refresh();
  stack->setCurrentIndex(run.isEmpty() ? 0 : 1);
  if (run.isEmpty())
    client.unwatch();
  else
    client.watch(run);  // its first message is the summary; watchOpened() asks for the past
}

void MonitorPage::Impl::summaryArrived(const proto::RunSummary& next) {
  const bool other_spec = next.spec_json() != summary.spec_json(),
             other_state = next.state() != summary.state();
  summary = next;
  if (other_spec) charts->setFacts(runFacts(summary.spec_json()));
  if (other_spec || other_state) updateKnobs();
  log->setRanks(summary.workers_size());
  blame_feed.setRun(summary);
  motion->setRun(summary);
  timeline_feed.setRun(summary);
  motion_feed.setRun(summary);
  if (other_spec || other_state)
    refresh();
  else if (!refresh_timer.isActive())
    refresh_timer.start();
}

void MonitorPage::Impl::refresh() {
  header->showRun(summary);
  figures->update(summary, metrics);
  workers.setWorkers(summary.workers());
  panels->setTitle(workers_panel, summary.workers_size() > 0 ? tr("Workers (%1)").arg(summary.workers_size())
                                                             : tr("Workers"));
  refreshLayers();
  panels->setTitle(events_panel,
                   events.rowCount() > 0 ? tr("Events (%1)").arg(events.rowCount()) : tr("Events"));
}

// What was before the stream began. Answers to an older question are for another run, and are left lying.
void MonitorPage::Impl::fetchPast() {
  const QString of = run;
  client.listSeries(&page, of, [this, of](const QVector<proto::SeriesInfo>& known, const QString& error) {
    if (of != run || !error.isEmpty()) return;
    bool axes = false;
    for (const proto::SeriesInfo& info : known) {
      if (std::find(info.ranks().begin(), info.ranks().end(), MetricModel::kWholeRun) == info.ranks().end())
        continue;
      axes |= info.name() == kTrainLoss;
      const QString name = QString::fromStdString(info.name());
      if (ParseLayerSeries(info.name()))  // hundreds, which few look at
        layer_series.push_back(name);
      else
        fetchSeries(name);
    }
    refreshLayers();
    if (axes) fetchAxes();
  });
  client.events(&page, of, [this, of](const QVector<proto::RunEvent>& past, const QString& error) {
    if (of != run) return;
    if (!error.isEmpty()) return live_events.reset();  // there is nothing to join them to, ever
    events.setEvents(joinPast(past, live_events.value_or(QVector<proto::RunEvent>()), sameMessage));
    live_events.reset();
    charts->setEvents(events.events());
    showHistogram();
    refresh();
  });
  client.log(&page, of, MetricModel::kWholeRun,
             [this, of](const QVector<proto::RankLog>& lines, const QString& error) {
               if (of != run) return;
               if (!error.isEmpty()) return live_lines.reset();
               log->setLines(joinPast(lines, live_lines.value_or(QVector<proto::RankLog>()), sameMessage));
               live_lines.reset();
               for (const proto::RankLog& line : lines)
                 workers.setLastWords(line.rank(), QString::fromStdString(line.line()));
             });
  if (describe.isEmpty())
    client.describe(&page, [this](const QJsonObject& components, const QString& error) {
      if (!error.isEmpty()) return;
      describe = components;
      updateKnobs();
    });
}

void MonitorPage::Impl::fetchSeries(const QString& name) {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(name.toStdString());
  request.set_rank(MetricModel::kWholeRun);
  request.set_x("step");
  request.set_max_points(kPastPoints);
  client.series(&page, request, [this, of = run, name](const SeriesData& past, const QString& error) {
    if (of == run && error.isEmpty()) metrics.fill(name, MetricModel::kWholeRun, past);
  });
}

// One dense series over every axis tells at which second, epoch and byte each step was.
void MonitorPage::Impl::fetchAxes() {
  proto::GetSeriesRequest request;
  request.set_run(run.toStdString());
  request.set_name(kTrainLoss);
  request.set_rank(MetricModel::kWholeRun);
  request.set_max_points(kPastPoints);
  request.set_x("step");
  client.series(
      &page, request, [this, of = run, request](const SeriesData& over_steps, const QString& error) {
        if (of != run || !error.isEmpty()) return;
        for (const XAxis axis : {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes}) {
          proto::GetSeriesRequest other = request;
          other.set_x(xAxisWord(axis).toStdString());
          client.series(&page, other,
                        [this, of, axis, over_steps](const SeriesData& over_axis, const QString& fault) {
                          if (of != run || !fault.isEmpty()) return;
                          metrics.fillAxis(axis, over_steps, over_axis);
                          charts->setEvents(events.events());  // their places are known now
                        });
        }
      });
}

void MonitorPage::Impl::refreshLayers() {
  if (!panels->isInSight(layers)) return;
  for (const QString& name : std::as_const(layer_series)) fetchSeries(name);
  layer_series.clear();
  const Json spec = Json::parse(summary.spec_json(), nullptr, false);
  layers->refresh(spec.is_object() ? analysisSentence(QString::fromStdString(LayerObstacle(spec)))
                                   : QString());
}

// One chain is for all layers: its knobs are where what a layer suffers from can be changed.
void MonitorPage::Impl::changeCodec() {
  panels->openPanel(knobs);
  knobs->focusOn(QStringLiteral("/gradient"));
}

void MonitorPage::Impl::updateKnobs() {
  knobs->setKnobs(liveKnobs(describe, runFacts(summary.spec_json()).spec));
  const bool turnable = summary.state() == proto::RUNNING || summary.state() == proto::PAUSED;
  knobs->setTurnable(turnable);
  layers->setCountable(summary.state() == proto::RUNNING);
  layers->setChangeable(!turnable ? tr("Only while the run goes on")
                        : !knobs->has(QStringLiteral("/gradient"))
                            ? tr("Nothing of this codec can be changed while the run goes on")
                            : QString());
}

void MonitorPage::Impl::fork() {
  auto* dialog =
      new MonitorFork(client, summary, liveKnobs(describe, runFacts(summary.spec_json()).spec), &page);
  connect(dialog, &MonitorFork::forked, &page, [this, of = run](const QString& child) {
    if (of != run) return;
    forked = child;      // its summary may be here already, or comes
    client.listAgain();  // tells every run once more
  });
  dialog->open();
}

void MonitorPage::Impl::showHistogram() {
  const auto& all = events.events();
  const auto newest = std::find_if(all.rbegin(), all.rend(),
                                   [](const proto::RunEvent& event) { return event.kind() == "histogram"; });
  if (newest == all.rend())
    layers->setHistogram({}, -1);
  else
    layers->setHistogram(ReadOctaves(newest->json()), newest->step());
}

void MonitorPage::Impl::addEvent(const proto::RunEvent& event) {
  if (live_events) live_events->push_back(event);
  events.append(event);
  if (event.kind() == "histogram") showHistogram();
  if (event.kind() == "timeline") timeline_feed.recorded();
  charts->setEvents(events.events());
  if (!refresh_timer.isActive()) refresh_timer.start();
}

MonitorPage::MonitorPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("monitorPage"));
  impl_->build();
}

MonitorPage::~MonitorPage() {
  // The views first: they look at models that live in impl_.
  qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
}

QString MonitorPage::run() const { return impl_->run; }

void MonitorPage::showRun(const QString& run) { impl_->showRun(run); }

QByteArray MonitorPage::saveState() const {
  const QJsonObject state{{"charts", impl_->charts->saveState()},
                          {"panels", QString::fromLatin1(impl_->panels->saveArrangement().toBase64())}};
  return QJsonDocument(state).toJson(QJsonDocument::Compact);
}

void MonitorPage::restoreState(const QByteArray& kept) {
  const QJsonObject state = QJsonDocument::fromJson(kept).object();
  if (state.isEmpty()) return;
  impl_->charts->restoreState(state.value(QLatin1String("charts")).toObject());
  if (state.contains(QLatin1String("panels")))
    return impl_->panels->restoreArrangement(
        QByteArray::fromBase64(state.value(QLatin1String("panels")).toString().toLatin1()));
  // Of a version whose tabs stood still.
  impl_->charts->knobsButton()->setChecked(state.value(QLatin1String("knobs")).toBool());
  impl_->panels->openPanelAt(state.value(QLatin1String("tab")).toInt());
}

void MonitorPage::resetLayout() {
  impl_->charts->resetLayout();
  impl_->panels->reset();
}

DockPanels& MonitorPage::panels() { return *impl_->panels; }

}  // namespace concertina::ui
