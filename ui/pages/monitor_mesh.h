// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_mesh.h: the workers of the watched run on their mesh: how each is, and what goes over each link
// now. On the way of the data: ui/client/traffic_feed.h, RunSummary -> mesh_live.h -> here -> mesh_picture.h.
#pragma once

#include <QJsonObject>
#include <QSet>
#include <QVector>
#include <QWidget>
#include <string>

#include "core/analysis/traffic_map.h"
#include "core/proto/engine.pb.h"

class QLabel;

namespace concertina::ui {

class MeshPicture;
class TrafficFeed;

// The ranks that events call lost, since the run last went on after a failure.
QSet<int> lostRanks(const QVector<proto::RunEvent>& events, const proto::RunSummary& run);

class MonitorMesh : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorMesh(QWidget* parent = nullptr);

  void setPlan(const QJsonObject& plan);
  // `lost`: as lostRanks() says; what the engine calls lost while one looks is remembered besides.
  void show(const TrafficFeed& feed, const proto::RunSummary& run, const QSet<int>& lost);

 signals:
  void rankChosen(int rank);    // by a click; -1: none
  void logRequested(int rank);  // by a double click, or Enter

 private:
  MeshPicture* picture_;
  QLabel* caption_;
  QLabel* note_;
  QLabel* nothing_;
  TrafficMap plan_;
  std::string run_;
  uint32_t attempt_ = 0;
  QSet<int> lost_;
};

}  // namespace concertina::ui
