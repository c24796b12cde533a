// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_live.h: what the mesh picture says of a run that goes: how each worker is, what goes over each link,
// and the sentences of both. What was not measured has no figure. On the way of the data:
// core/proto/engine.proto TrafficReply, RunSummary -> here -> ui/pages/mesh_picture.h.
#pragma once

#include <QHash>
#include <QSet>
#include <QString>
#include <QVector>

#include "core/analysis/traffic_map.h"
#include "core/proto/engine.pb.h"
#include "ui/pages/mesh_layout.h"

namespace concertina::ui {

// In the order of the legend. Each has a colour, a stroke and a mark.
enum class WorkerLook { kRunning, kWaiting, kPaused, kSilent, kFinished, kLeft, kLost, kLooks };
QString workerLookText(WorkerLook look);

struct MeshLive {
  QHash<int, WorkerLook> looks;        // by rank
  QHash<int, QString> sentences;       // of the rank: host, process, state, figures
  MeshRates rates;                     // of all links that have a figure, drawn or not
  QSet<std::pair<int, int>> strained;  // links that are full, or the slowest of all
  QString summary;                     // of all workers
  bool isAnyAlive() const;
};

// The engine's own word where there is one, else what the summary knows: an engine may be older, and of a run
// that has ended it says nothing. `died`: ranks that the engine has called lost before the run ended.
QHash<int, WorkerLook> workerLooks(const proto::RunSummary& run, const proto::TrafficReply& traffic,
                                   const QSet<int>& died);

// The plan's ranks and flows; besides, workers that have joined since, and links that carry a hundredth of
// the busiest or more though the plan does not name them.
TrafficMap liveTrafficMap(const TrafficMap& plan, const proto::RunSummary& run,
                          const proto::TrafficReply& traffic);

MeshLive meshLive(const TrafficMap& map, const proto::RunSummary& run, const proto::TrafficReply& traffic,
                  const QSet<int>& died);

}  // namespace concertina::ui
