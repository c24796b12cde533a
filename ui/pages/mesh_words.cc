// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_words.cc: see mesh_words.h.
#include "ui/pages/mesh_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

using Kind = TrafficGroup::Kind;

constexpr size_t kMostSentences = 4;

class MeshWords {
  Q_DECLARE_TR_FUNCTIONS(MeshWords)
};

bool hasSeveralAxes(const TrafficMap& map) {
  return std::count_if(map.lengths.begin(), map.lengths.end(), [](int length) { return length > 1; }) > 1;
}

const TrafficRank* find(const TrafficMap& map, int rank) {
  const auto found = std::find_if(map.ranks.begin(), map.ranks.end(),
                                  [rank](const TrafficRank& one) { return one.rank == rank; });
  return found == map.ranks.end() ? nullptr : &*found;
}

QString amount(double bytes, double messages) {
  // On average over a run's steps it may be a fraction: 0.2 of a message a step.
  const QString count =
      messages == std::floor(messages) ? formatCount(qint64(messages)) : formatNumber(messages);
  //: %1 is an amount of bytes with its unit, %2 a number that need not be whole
  return messages == 1 ? MeshWords::tr("%1 in one message").arg(formatBytes(bytes))
                       : MeshWords::tr("%1 in %2 messages").arg(formatBytes(bytes), count);
}

QString sentence(const TrafficGroup& group, const TrafficMap& map) {
  const QString what = amount(group.bytes, group.messages);
  const bool several = hasSeveralAxes(map);
  const bool parts = map.lengths[1] * map.lengths[2] > 1;  // the model is divided
  const TrafficRank* hub = find(map, group.hub);
  const bool server = hub != nullptr && hub->server;
  switch (group.kind) {
    case Kind::kNext:
      if (group.axis == 1) return MeshWords::tr("Each stage sends %1 to the next stage.").arg(what);
      if (group.axis == 2)
        return MeshWords::tr("Each rank sends %1 to the next of its tensor group.").arg(what);
      return several ? MeshWords::tr("Each rank sends %1 to the next replica.").arg(what)
                     : MeshWords::tr("Each rank sends %1 to the next.").arg(what);
    case Kind::kPrevious:
      if (group.axis == 1) return MeshWords::tr("Each stage sends %1 back to the stage before.").arg(what);
      if (group.axis == 2)
        return MeshWords::tr("Each rank sends %1 to the one before it in its tensor group.").arg(what);
      return several ? MeshWords::tr("Each rank sends %1 to the replica before.").arg(what)
                     : MeshWords::tr("Each rank sends %1 to the one before.").arg(what);
    case Kind::kOther:
      if (group.axis == 2)
        return MeshWords::tr("Each rank sends %1 to the other of its tensor group.").arg(what);
      return several ? MeshWords::tr("Each rank sends %1 to the other replica.").arg(what)
                     : MeshWords::tr("Each rank sends %1 to the other.").arg(what);
    case Kind::kOffset:
      return MeshWords::tr("Each rank sends %1 to the one %2 further.").arg(what).arg(group.distance);
    case Kind::kPartner:
      return MeshWords::tr("Each rank sends %1 to its partner at distance %2.").arg(what).arg(group.distance);
    case Kind::kEveryOther:
      if (group.axis == 2)
        return MeshWords::tr("Each rank sends %1 to every other of its tensor group.").arg(what);
      return several ? MeshWords::tr("Each rank sends %1 to every other replica.").arg(what)
                     : MeshWords::tr("Each rank sends %1 to every other.").arg(what);
    case Kind::kToHub:
      if (parts)
        return server ? MeshWords::tr("Each worker with that part sends %1 to server %2.")
                            .arg(what)
                            .arg(group.hub)
                      : MeshWords::tr("Each worker with that part sends %1 to rank %2.")
                            .arg(what)
                            .arg(group.hub);
      return server ? MeshWords::tr("Each worker sends %1 to server %2.").arg(what).arg(group.hub)
                    : MeshWords::tr("Each worker sends %1 to rank %2.").arg(what).arg(group.hub);
    case Kind::kFromHub:
      if (parts)
        return server
                   ? MeshWords::tr("Server %2 sends %1 to each worker with its part.")
                         .arg(what)
                         .arg(group.hub)
                   : MeshWords::tr("Rank %2 sends %1 to each other with its part.").arg(what).arg(group.hub);
      return server ? MeshWords::tr("Server %2 sends %1 to each worker.").arg(what).arg(group.hub)
                    : MeshWords::tr("Rank %2 sends %1 to each other.").arg(what).arg(group.hub);
    case Kind::kPair:
      break;
  }
  return MeshWords::tr("Rank %1 sends %3 to rank %2.").arg(group.from).arg(group.to).arg(what);
}

}  // namespace

QStringList trafficSentences(const TrafficMap& map) {
  QStringList sentences;
  if (map.ranks.size() == 1) return {MeshWords::tr("One worker: nothing is sent.")};
  const std::vector<TrafficGroup> groups = TrafficGroupsOf(map);
  if (groups.empty()) return {MeshWords::tr("Nothing is sent.")};
  for (size_t i = 0; i < std::min(kMostSentences, groups.size()); ++i) sentences << sentence(groups[i], map);
  if (groups.size() > kMostSentences) {
    double bytes = 0;
    int flows = 0;
    for (size_t i = kMostSentences; i < groups.size(); ++i) {
      bytes += groups[i].bytes * groups[i].flows;
      flows += groups[i].flows;
    }
    sentences << MeshWords::tr("%n more flow(s) carry %1 together.", nullptr, flows).arg(formatBytes(bytes));
  }
  if (const TrafficFlow* slowest = map.SlowestFlow())
    //: %3 is a link like "10 Mbit/s, 5 ms", %4 a time with its unit
    sentences << MeshWords::tr("The slowest link is that from rank %1 to %2 (%3): at least %4 a step.")
                     .arg(slowest->from)
                     .arg(slowest->to)
                     .arg(QString::fromStdString(slowest->LinkText()),
                          formatDuration(slowest->LinkSeconds()));
  return sentences;
}

QString rankSentence(const TrafficMap& map, int rank) {
  const TrafficRank* found = find(map, rank);
  if (found == nullptr) return {};
  QString name = found->server ? MeshWords::tr("Server %1").arg(rank) : MeshWords::tr("Rank %1").arg(rank);
  if (!found->server && hasSeveralAxes(map)) {
    QStringList places;
    if (map.lengths[0] > 1) places << MeshWords::tr("replica %1").arg(found->axis[0]);
    if (map.lengths[1] > 1) places << MeshWords::tr("stage %1").arg(found->axis[1]);
    if (map.lengths[2] > 1) places << MeshWords::tr("tensor part %1").arg(found->axis[2]);
    name += QStringLiteral(" (%1)").arg(places.join(QStringLiteral(", ")));
  }
  const double out = map.BytesOut(rank), in = map.BytesIn(rank);
  if (out + in + map.MessagesOut(rank) + map.MessagesIn(rank) <= 0)
    return MeshWords::tr("%1 neither sends nor gets anything.").arg(name);
  //: %1 is a rank; %2 and %3 are like "2.59 MB in 12 messages"
  return MeshWords::tr("%1 sends %2 and gets %3 a step.")
      .arg(name, amount(out, map.MessagesOut(rank)), amount(in, map.MessagesIn(rank)));
}

QString flowKindText(int kind) {
  switch (kind) {
    case 0:
      return MeshWords::tr("Replicas");
    case 1:
      return MeshWords::tr("Stages");
    case 2:
      return MeshWords::tr("Tensor groups");
    default:
      return MeshWords::tr("Servers");
  }
}

}  // namespace concertina::ui
