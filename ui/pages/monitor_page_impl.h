// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page_impl.h: what the parts of the Monitor page share: how it is put together and what it shows
// (monitor_page.cc), who hears of whom (monitor_page_connect.cc), and what was before the stream
// (monitor_page_past.cc).
#pragma once

#include <QJsonObject>
#include <QStackedLayout>
#include <QTimer>
#include <optional>

#include "ui/client/arrival_feed.h"
#include "ui/client/blame_feed.h"
#include "ui/client/motion_feed.h"
#include "ui/client/series_zoom.h"
#include "ui/client/staleness_feed.h"
#include "ui/client/timeline_feed.h"
#include "ui/client/traffic_feed.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_blame.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/monitor_figures.h"
#include "ui/pages/monitor_harm.h"
#include "ui/pages/monitor_header.h"
#include "ui/pages/monitor_knobs.h"
#include "ui/pages/monitor_layers.h"
#include "ui/pages/monitor_log.h"
#include "ui/pages/monitor_mesh.h"
#include "ui/pages/monitor_motion.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/monitor_staleness.h"
#include "ui/pages/monitor_tables.h"
#include "ui/pages/monitor_timeline.h"
#include "ui/pages/monitor_workers_bar.h"

namespace concertina::ui {

struct MonitorPage::Impl {
  Impl(MonitorPage& page, EngineClient& client)
      : page(page),
        client(client),
        zoom(client),
        blame_feed(client),
        arrival_feed(client),
        staleness_feed(client),
        timeline_feed(client),
        motion_feed(client),
        traffic_feed(client) {}

  // monitor_page.cc
  void build();
  void addPanels(QWidget* body);
  void showRun(const QString& run);
  void summaryArrived(const proto::RunSummary& summary);
  void refresh();
  void updateKnobs();
  void refreshLayers();
  void refreshMesh();
  void changeCodec();
  void addEvent(const proto::RunEvent& event);
  void showHistogram();
  void fork();

  // monitor_page_connect.cc
  void connectAll();
  void connectPanels();
  void connectTimeline();
  void connectMotion();
  void connectMesh();
  void connectClient();

  // monitor_page_past.cc
  void fetchPast();
  void fetchSeries(const QString& name);
  void fetchAxes();

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
  ArrivalFeed arrival_feed;
  StalenessFeed staleness_feed;
  TimelineFeed timeline_feed;
  MotionFeed motion_feed;
  TrafficFeed traffic_feed;
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
  MonitorStaleness* staleness = nullptr;
  MonitorTimeline* timeline = nullptr;
  MonitorMotion* motion = nullptr;
  MonitorMesh* mesh = nullptr;
  MonitorLayers* layers = nullptr;
  QStringList layer_series;  // whose past nobody has looked at yet
  MonitorLog* log = nullptr;
  MonitorWorkersBar* workers_bar = nullptr;
  MonitorHarm* harm = nullptr;
  QWidget *workers_panel = nullptr, *events_panel = nullptr;
};

}  // namespace concertina::ui
