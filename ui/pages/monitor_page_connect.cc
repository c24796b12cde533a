// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page_connect.cc: who hears of whom on the Monitor: the run's stream, what its parts ask for, and
// which of them are looked at (see monitor_page_impl.h).
#include <QToolButton>

#include "ui/pages/monitor_page_impl.h"
#include "ui/pages/monitor_start_lines.h"

namespace concertina::ui {

void MonitorPage::Impl::connectAll() {
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
  connect(&blame_feed, &BlameFeed::changed, &page,
          [this] { blame->show(blame_feed.blame(), blame_feed.isAnswered(), blame_feed.obstacle()); });
  connect(&arrival_feed, &ArrivalFeed::changed, &page,
          [this] { blame->showCollectives(arrival_feed.blame()); });
  connect(staleness, &MonitorStaleness::sightChanged, &staleness_feed, &StalenessFeed::setActive);
  connect(&staleness_feed, &StalenessFeed::changed, &page, [this] {
    staleness->show(staleness_feed.counts(), staleness_feed.steps(), staleness_feed.isOfWorkers());
  });
  connect(header, &MonitorHeader::forkRequested, &page, [this] { fork(); });
  connect(header, &MonitorHeader::startLinesRequested, &page,
          [this] { (new MonitorStartLines(client, run, &page))->open(); });
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
  connect(workers_bar, &MonitorWorkersBar::changeRequested, &page, [this](int change) {
    client.changeWorkers(&page, run, change, [this, of = run](int count, const QString& error) {
      if (of == run) workers_bar->showAnswer(count, error);
    });
  });
  connect(harm, &MonitorHarm::answered, header, &MonitorHeader::showProblem);
  connectPanels();
  connectTimeline();
  connectMotion();
  connectMesh();
  connectClient();
}

void MonitorPage::Impl::connectPanels() {
  connect(panels, &DockPanels::sightChanged, &page, [this] {
    blame_feed.setActive(panels->isInSight(blame));
    arrival_feed.setActive(panels->isInSight(blame));
    timeline_feed.setActive(panels->isInSight(timeline) || panels->isInSight(motion));
    motion_feed.setActive(panels->isInSight(motion));
    traffic_feed.setActive(panels->isInSight(mesh));
    charts->knobsButton()->setChecked(panels->isOpen(knobs));
    refreshLayers();
    refreshMesh();
  });
  connect(charts->knobsButton(), &QToolButton::toggled, &page, [this](bool opens) {
    if (opens == panels->isOpen(knobs)) return;
    if (opens)
      panels->openPanel(knobs);
    else
      panels->closePanel(knobs);
  });
}

void MonitorPage::Impl::connectTimeline() {
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

void MonitorPage::Impl::connectMesh() {
  connect(&traffic_feed, &TrafficFeed::planChanged, &page, [this] {
    mesh->setPlan(traffic_feed.plan());
    refreshMesh();
  });
  connect(&traffic_feed, &TrafficFeed::trafficChanged, &page, [this] { refreshMesh(); });
  connect(mesh, &MonitorMesh::rankChosen, log, &MonitorLog::showRank);
  connect(mesh, &MonitorMesh::logRequested, &page, [this](int rank) {
    log->showRank(rank);
    panels->openPanel(log);
  });
}

void MonitorPage::Impl::connectClient() {
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

}  // namespace concertina::ui
