// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page.cc: how the Monitor page is put together and what it shows (see monitor_page_impl.h; its parts
// are in monitor_*.h).
#include "ui/pages/monitor_page.h"

#include <QJsonDocument>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/analysis/layer_table.h"
#include "nlohmann/json.hpp"
#include "ui/client/analysis_words.h"
#include "ui/client/live_knobs.h"
#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/empty_state.h"
#include "ui/pages/monitor_fork.h"
#include "ui/pages/monitor_page_impl.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

void setColumns(QTableView* table, std::initializer_list<int> characters) {
  int column = 0;
  for (const int wide : characters) table->setColumnWidth(column++, charactersWide(table, wide));
}

}  // namespace

void MonitorPage::Impl::build() {
  const int unit = rhythmUnit(&page);
  QPushButton* design = nullptr;
  QWidget* const empty = makeEmptyState(
      {.icon = QStringLiteral("monitor"),
       .title = tr("Nothing to watch yet"),
       .lead = tr("Launch an experiment, and its curves, bytes and workers appear here while it runs."),
       .button = tr("Design an Experiment"),
       .button_name = QStringLiteral("monitorPage.designButton")},
      &page, &design);
  empty->setObjectName(QStringLiteral("monitorPage.emptyState"));
  connect(design, &QPushButton::clicked, &page, &MonitorPage::designRequested);

  auto* body = new QWidget(&page);
  header = new MonitorHeader(body);
  figures = new MonitorFigures(body);
  charts = new MonitorCharts(metrics, body);
  charts->setZoom(&zoom);
  knobs = new MonitorKnobs(body);
  staleness = new MonitorStaleness(charts);
  charts->placeBeside(QStringLiteral("monitorPage.stalenessChart"), staleness);
  blame = new MonitorBlame(body);
  blame->setObjectName(QStringLiteral("monitorPage.blame"));
  timeline = new MonitorTimeline(body);
  timeline->setObjectName(QStringLiteral("monitorPage.timeline"));
  motion = new MonitorMotion(body);
  motion->setObjectName(QStringLiteral("monitorPage.motion"));
  mesh = new MonitorMesh(body);
  mesh->setObjectName(QStringLiteral("monitorPage.mesh"));
  layers = new MonitorLayers(metrics, body);
  layers->setObjectName(QStringLiteral("monitorPage.layers"));
  log = new MonitorLog(body);
  log->setObjectName(QStringLiteral("monitorPage.log"));
  knobs->setMinimumWidth(charactersWide(&page, 30));
  addPanels(body);

  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit);
  layout->setSpacing(unit * 3 / 2);
  layout->addWidget(header);
  layout->addWidget(figures);
  layout->addWidget(panels, 1);
  stack = new QStackedLayout(&page);
  stack->addWidget(empty);
  stack->addWidget(body);

  connectAll();
}

void MonitorPage::Impl::addPanels(QWidget* body) {
  const int unit = rhythmUnit(&page);
  panels = new DockPanels(QStringLiteral("monitorPage"), body);
  auto* workers_table = makeTable(QStringLiteral("monitorPage.workersTable"), &workers, 3.5, body);
  setColumns(workers_table, {8, 12, 14, 12, 10, 12, 20});
  auto* events_table = makeTable(QStringLiteral("monitorPage.eventsTable"), &events, 3.5, body);
  setColumns(events_table, {14, 12, 20});
  const auto padded = [&](QTableView* table, QWidget* above = nullptr) {  // a card a little below the tabs
    auto* around = new QWidget(body);
    auto* inside = new QVBoxLayout(around);
    inside->setContentsMargins(0, unit * 3 / 2, 0, unit);
    if (above != nullptr) inside->addWidget(above);
    inside->addWidget(inCard(table, around));
    return around;
  };
  harm = new MonitorHarm(client, workers, workers_table);
  workers_bar = new MonitorWorkersBar(body);
  workers_panel = padded(workers_table, workers_bar);
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
  panels->add(QStringLiteral("mesh"), tr("Mesh"), mesh);
  panels->add(QStringLiteral("knobs"), tr("Knobs"), knobs, DockPanels::Place::kBeside);
  panels->arrange();
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
  arrival_feed.setRun(summary);
  staleness_feed.setRun(summary);
  motion->setRun(summary);
  timeline_feed.setRun(summary);
  motion_feed.setRun(summary);
  traffic_feed.setRun(summary);
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
  arrival_feed.setRun(summary);
  staleness_feed.setRun(summary);
  motion->setRun(summary);
  timeline_feed.setRun(summary);
  motion_feed.setRun(summary);
  traffic_feed.setRun(summary);
  if (other_spec || other_state)
    refresh();
  else if (!refresh_timer.isActive())
    refresh_timer.start();
}

void MonitorPage::Impl::refresh() {
  header->showRun(summary);
  figures->update(summary, metrics);
  workers.setWorkers(summary.workers());
  workers_bar->setRun(summary);
  harm->setRun(summary);
  panels->setTitle(workers_panel, summary.workers_size() > 0 ? tr("Workers (%1)").arg(summary.workers_size())
                                                             : tr("Workers"));
  refreshLayers();
  refreshMesh();
  panels->setTitle(events_panel,
                   events.rowCount() > 0 ? tr("Events (%1)").arg(events.rowCount()) : tr("Events"));
}

void MonitorPage::Impl::refreshLayers() {
  if (!panels->isInSight(layers)) return;
  for (const QString& name : std::as_const(layer_series)) fetchSeries(name);
  layer_series.clear();
  const Json spec = Json::parse(summary.spec_json(), nullptr, false);
  layers->refresh(spec.is_object() ? analysisSentence(QString::fromStdString(LayerObstacle(spec)))
                                   : QString());
}

void MonitorPage::Impl::refreshMesh() {
  if (panels->isInSight(mesh)) mesh->show(traffic_feed, summary, lostRanks(events.events(), summary));
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

void MonitorPage::findInLog() {
  impl_->panels->openPanel(impl_->log);
  impl_->log->focusFilter();
}

void MonitorPage::resetLayout() {
  impl_->charts->resetLayout();
  impl_->panels->reset();
}

DockPanels& MonitorPage::panels() { return *impl_->panels; }

}  // namespace concertina::ui
