// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_live.cc: see mesh_live.h.
#include "ui/pages/mesh_live.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

// Of an emulated link's bandwidth: what is sent in bursts never fills it wholly.
constexpr double kFullShare = 0.8;
constexpr double kWorthAnArrow = 0.01;  // of what the busiest link carries

class MeshLiveWords {
  Q_DECLARE_TR_FUNCTIONS(MeshLiveWords)
};

const proto::TrafficReply::Rank* rankOf(const proto::TrafficReply& traffic, int rank) {
  for (const proto::TrafficReply::Rank& one : traffic.ranks())
    if (static_cast<int>(one.rank()) == rank) return &one;
  return nullptr;
}

WorkerLook lookOf(const std::string& state) {
  if (state == "running") return WorkerLook::kRunning;
  if (state == "paused") return WorkerLook::kPaused;
  if (state == "silent" || state == "frozen") return WorkerLook::kSilent;
  if (state == "finished" || state == "failed" || state == "ended" || state == "gone")
    return WorkerLook::kFinished;
  if (state == "left") return WorkerLook::kLeft;
  if (state == "lost") return WorkerLook::kLost;
  return WorkerLook::kWaiting;  // "joining", "ready", "waiting", and what a newer engine may say
}

// "running", "frozen by a fault of the experiment".
QString stateText(const std::string& state, WorkerLook look) {
  if (look == WorkerLook::kLost) return MeshLiveWords::tr("lost");
  if (state == "running") return MeshLiveWords::tr("running");
  if (state == "paused") return MeshLiveWords::tr("paused");
  if (state == "silent") return MeshLiveWords::tr("silent");
  if (state == "frozen") return MeshLiveWords::tr("frozen by a fault of the experiment");
  if (state == "failed") return MeshLiveWords::tr("has failed");
  if (state == "finished" || state == "ended" || state == "gone") return MeshLiveWords::tr("ended");
  if (state == "left") return MeshLiveWords::tr("has left");
  if (state == "joining") return MeshLiveWords::tr("joining");
  if (state == "ready") return MeshLiveWords::tr("ready");
  if (state == "waiting") return MeshLiveWords::tr("waiting");
  return state.empty() ? MeshLiveWords::tr("not started") : QString::fromStdString(state);
}

QString agoText(double seconds) {
  return seconds < 1 ? MeshLiveWords::tr("heard of less than a second ago")
                     //: %1 is a time with its unit
                     : MeshLiveWords::tr("heard of %1 ago").arg(formatDuration(std::floor(seconds), true));
}

// What a rank sends, or gets, over the links that have a figure; NaN where none has.
double rateOf(const MeshRates& rates, int rank, bool sends) {
  double sum = qQNaN();
  for (auto it = rates.cbegin(); it != rates.cend(); ++it)
    if ((sends ? it.key().first : it.key().second) == rank) sum = (std::isnan(sum) ? 0 : sum) + it.value();
  return sum;
}

QString sentenceOf(const proto::Worker& worker, const proto::TrafficReply::Rank* said, WorkerLook look,
                   const MeshRates& rates) {
  const auto rank = static_cast<int>(worker.rank());
  QStringList parts;
  const std::string state = said != nullptr ? said->state() : worker.state();
  //: %2 is a state like "running"
  parts << MeshLiveWords::tr("Rank %1: %2").arg(rank).arg(stateText(state, look));
  if (!worker.host().empty()) parts << QString::fromStdString(worker.host());
  if (worker.pid() > 0) parts << MeshLiveWords::tr("process %1").arg(worker.pid());
  if (worker.step() > 0) parts << MeshLiveWords::tr("step %1").arg(formatCount(worker.step()));
  const bool is_alive = look == WorkerLook::kRunning || look == WorkerLook::kWaiting ||
                        look == WorkerLook::kPaused || look == WorkerLook::kSilent;
  if (said != nullptr && is_alive && said->has_samples_per_second())
    parts << MeshLiveWords::tr("%1 in its newest step").arg(formatSamplesRate(said->samples_per_second()));
  if (said != nullptr && is_alive && said->has_memory_bytes())
    parts << MeshLiveWords::tr("%1 of memory").arg(formatBytes(said->memory_bytes()));
  if (const double out = rateOf(rates, rank, true); !std::isnan(out))
    parts << MeshLiveWords::tr("sends %1").arg(formatRate(out));
  if (const double in = rateOf(rates, rank, false); !std::isnan(in))
    parts << MeshLiveWords::tr("gets %1").arg(formatRate(in));
  if (said != nullptr && said->has_heard_seconds()) parts << agoText(said->heard_seconds());
  return parts.join(QStringLiteral(" · "));
}

QString summaryOf(const MeshLive& live, const TrafficMap& map) {
  QStringList sentences, counts;
  for (int look = 0; look < static_cast<int>(WorkerLook::kLooks); ++look) {
    const auto count = std::count(live.looks.cbegin(), live.looks.cend(), static_cast<WorkerLook>(look));
    if (count > 0)
      counts << formatCount(count) + QLatin1Char(' ') +
                    workerLookText(static_cast<WorkerLook>(look)).toLower();
  }
  if (!counts.isEmpty())
    sentences << MeshLiveWords::tr("Workers: %1.").arg(counts.join(QStringLiteral(", ")));
  double sum = 0, most = -1;
  std::pair<int, int> busiest;
  for (auto it = live.rates.cbegin(); it != live.rates.cend(); ++it) {
    sum += it.value();
    if (it.value() > most || (it.value() == most && it.key() < busiest)) {
      most = it.value();
      busiest = it.key();
    }
  }
  if (most < 0) {
    if (live.isAnyAlive() && live.looks.size() > 1)
      sentences << MeshLiveWords::tr("What goes over the links is not measured now.");
    return sentences.join(QLatin1Char(' '));
  }
  sentences << MeshLiveWords::tr("Together they send %1.").arg(formatRate(sum));
  if (most > 0)
    sentences << MeshLiveWords::tr("The busiest link is that from rank %1 to %2, with %3.")
                     .arg(busiest.first)
                     .arg(busiest.second)
                     .arg(formatRate(most));
  if (const TrafficFlow* slowest = map.SlowestFlow())
    //: %3 is a link like "10 Mbit/s, 5 ms"
    sentences << MeshLiveWords::tr(
                     "The slowest link, as the experiment has it, is that from rank %1 to %2 (%3).")
                     .arg(slowest->from)
                     .arg(slowest->to)
                     .arg(QString::fromStdString(slowest->LinkText()));
  return sentences.join(QLatin1Char(' '));
}

}  // namespace

QString workerLookText(WorkerLook look) {
  switch (look) {
    case WorkerLook::kRunning:
      return MeshLiveWords::tr("Running");
    case WorkerLook::kWaiting:
      return MeshLiveWords::tr("Waiting");
    case WorkerLook::kPaused:
      return MeshLiveWords::tr("Paused");
    case WorkerLook::kSilent:
      return MeshLiveWords::tr("Silent");
    case WorkerLook::kFinished:
      return MeshLiveWords::tr("Ended");
    case WorkerLook::kLeft:
      return MeshLiveWords::tr("Gone");
    default:
      return MeshLiveWords::tr("Lost");
  }
}

bool MeshLive::isAnyAlive() const {
  return std::any_of(looks.cbegin(), looks.cend(), [](WorkerLook look) {
    return look != WorkerLook::kFinished && look != WorkerLook::kLeft && look != WorkerLook::kLost;
  });
}

QHash<int, WorkerLook> workerLooks(const proto::RunSummary& run, const proto::TrafficReply& traffic,
                                   const QSet<int>& died) {
  QHash<int, WorkerLook> looks;
  for (const proto::Worker& worker : run.workers()) {
    const auto rank = static_cast<int>(worker.rank());
    const proto::TrafficReply::Rank* said = rankOf(traffic, rank);
    // A summary that calls a worker gone is newer than an answer that has it alive.
    WorkerLook look = lookOf(worker.state());
    if (said != nullptr && (look != WorkerLook::kFinished || lookOf(said->state()) >= WorkerLook::kFinished))
      look = lookOf(said->state());
    if (run.state() == proto::PAUSED && look == WorkerLook::kRunning) look = WorkerLook::kPaused;
    if (died.contains(rank) && look == WorkerLook::kFinished) look = WorkerLook::kLost;
    looks.insert(rank, look);
  }
  return looks;
}

TrafficMap liveTrafficMap(const TrafficMap& plan, const proto::RunSummary& run,
                          const proto::TrafficReply& traffic) {
  TrafficMap map = plan;
  QSet<int> ranks;
  for (const TrafficRank& rank : map.ranks) ranks.insert(rank.rank);
  for (const proto::Worker& worker : run.workers()) {
    const auto rank = static_cast<int>(worker.rank());
    if (ranks.contains(rank)) continue;
    ranks.insert(rank);
    TrafficRank joined{.rank = rank, .axis = {rank, 0, 0}, .server = false};
    if (worker.axis_size() == 3)
      for (int axis = 0; axis < 3; ++axis)
        joined.axis[static_cast<size_t>(axis)] = static_cast<int>(std::min(worker.axis(axis), 4096U));
    for (size_t axis = 0; axis < 3; ++axis)
      map.lengths[axis] = std::max(map.lengths[axis], joined.axis[axis] + 1);
    map.ranks.push_back(joined);
  }
  std::sort(map.ranks.begin(), map.ranks.end(),
            [](const TrafficRank& a, const TrafficRank& b) { return a.rank < b.rank; });
  // Where the plan's links are all alike, one that it does not name is as they are; else nobody knows.
  const TrafficFlow like =
      map.flows.empty() || map.SlowestFlow() != nullptr ? TrafficFlow{} : map.flows.front();
  QSet<std::pair<int, int>> drawn;
  for (const TrafficFlow& flow : map.flows) drawn.insert({flow.from, flow.to});
  double busiest = 0;
  for (const proto::TrafficReply::Rank& rank : traffic.ranks())
    for (const proto::TrafficReply::Link& link : rank.links())
      busiest = std::max(busiest, static_cast<double>(link.bytes_sent()));
  // By all that went over it so far: by what goes now arrows would come and go.
  for (const proto::TrafficReply::Rank& rank : traffic.ranks())
    for (const proto::TrafficReply::Link& link : rank.links()) {
      const std::pair<int, int> way(static_cast<int>(rank.rank()), static_cast<int>(link.to()));
      if (drawn.contains(way) || way.first == way.second || !ranks.contains(way.first) ||
          !ranks.contains(way.second) || static_cast<double>(link.bytes_sent()) < kWorthAnArrow * busiest)
        continue;
      drawn.insert(way);
      TrafficFlow& flow = map.flows.emplace_back(like);
      flow.from = way.first;
      flow.to = way.second;
      flow.bytes = flow.messages = 0;  // a step: that the plan knows nothing of
    }
  return map;
}

MeshLive meshLive(const TrafficMap& map, const proto::RunSummary& run, const proto::TrafficReply& traffic,
                  const QSet<int>& died) {
  MeshLive live;
  live.looks = workerLooks(run, traffic, died);
  QHash<std::pair<int, int>, const TrafficFlow*> flows;
  for (const TrafficFlow& flow : map.flows) flows.insert({flow.from, flow.to}, &flow);
  const auto is_alive = [&](int rank) {
    const WorkerLook look = live.looks.value(rank, WorkerLook::kLost);
    return look < WorkerLook::kFinished;
  };
  for (const proto::TrafficReply::Rank& rank : traffic.ranks())
    for (const proto::TrafficReply::Link& link : rank.links()) {
      const std::pair<int, int> way(static_cast<int>(rank.rank()), static_cast<int>(link.to()));
      if (!link.has_bytes_per_second() || !std::isfinite(link.bytes_per_second()) ||
          link.bytes_per_second() < 0 || !is_alive(way.first))
        continue;
      live.rates.insert(way, link.bytes_per_second());
      const TrafficFlow* const flow = flows.value(way, nullptr);
      const double mbit = flow == nullptr ? 0 : flow->bandwidth_mbit;
      if (mbit > 0 && link.bytes_per_second() * 8e-6 >= kFullShare * mbit) live.strained.insert(way);
    }
  if (const TrafficFlow* slowest = map.SlowestFlow()) live.strained.insert({slowest->from, slowest->to});
  for (const proto::Worker& worker : run.workers()) {
    const auto rank = static_cast<int>(worker.rank());
    live.sentences.insert(rank,
                          sentenceOf(worker, rankOf(traffic, rank), live.looks.value(rank), live.rates));
  }
  live.summary = summaryOf(live, map);
  return live;
}

}  // namespace concertina::ui
