// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_replay.cc: see message_replay.h.
#include "core/analysis/message_replay.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// How many of `came`, all ascending, are of messages that were sent before the first of `sent`.
size_t CameOfEarlier(const std::vector<double>& came, const std::vector<const MovedMessage*>& sent,
                     double origin) {
  for (size_t earlier = 0; earlier < came.size(); ++earlier) {
    bool fits = true;
    for (size_t i = 0; fits && i < sent.size() && earlier + i < came.size(); ++i)
      fits = came[earlier + i] >= sent[i]->begin_seconds - origin;
    if (fits) return earlier;
  }
  return came.size();
}

}  // namespace

ReplayMessage LivedMessage(const WaitingMessage& message, double order) {
  ReplayMessage shown;
  shown.from = message.from;
  shown.to = message.to;
  shown.note = message.note;
  shown.bytes = message.bytes;
  shown.step = message.step;
  shown.sent_seconds = order;
  return shown;
}

std::pair<size_t, size_t> MessageReplay::StepOf(size_t at) const {
  const auto of_step = [&](const ReplayMessage& message) { return message.step == messages[at].step; };
  size_t first = at, last = at;
  while (first > 0 && of_step(messages[first - 1])) --first;
  while (last < messages.size() && of_step(messages[last])) ++last;
  return {first, last};
}

MessageReplay MakeReplay(const std::vector<RankSpans>& ranks) {
  MessageReplay replay;
  if (ranks.empty()) return replay;
  const RankSpans& lowest = *std::min_element(
      ranks.begin(), ranks.end(), [](const RankSpans& a, const RankSpans& b) { return a.rank < b.rank; });
  const auto origin_of = [&](const RankSpans& rank) {  // as MakeTimeline has it
    return rank.host == lowest.host ? rank.first_seconds : rank.own_seconds;
  };
  using Way = std::tuple<int, int, uint32_t>;  // from, to, tag
  std::map<Way, std::vector<double>> came;
  for (const RankSpans& rank : ranks) {
    replay.recording = rank.recording;
    replay.dropped += rank.dropped_messages;
    replay.ranks = std::max(replay.ranks, rank.rank + 1);
    for (const MovedMessage& message : rank.messages)
      if (message.is_received)
        came[{message.peer, rank.rank, message.tag}].push_back(message.end_seconds - origin_of(rank));
  }
  for (const RankSpans& rank : ranks) {
    const double origin = origin_of(rank);
    std::map<Way, std::vector<const MovedMessage*>> sent;
    for (const MovedMessage& message : rank.messages)
      if (!message.is_received) sent[{rank.rank, message.peer, message.tag}].push_back(&message);
    for (const auto& [way, messages] : sent) {
      const std::vector<double>& arrivals = came[way];
      const size_t earlier = CameOfEarlier(arrivals, messages, origin);
      for (size_t i = 0; i < messages.size(); ++i) {
        const MovedMessage& message = *messages[i];
        ReplayMessage& shown = replay.messages.emplace_back();
        shown.from = rank.rank;
        shown.to = message.peer;
        shown.tag = message.tag;
        shown.note = message.note;
        shown.bytes = message.bytes;
        shown.step = message.step;
        shown.sent_seconds = message.begin_seconds - origin;
        if (earlier + i < arrivals.size()) shown.arrived_seconds = arrivals[earlier + i];
        replay.ranks = std::max(replay.ranks, message.peer + 1);
      }
    }
  }
  // Ranks are not all at the same step at once; here a step is in one piece.
  std::stable_sort(replay.messages.begin(), replay.messages.end(),
                   [](const ReplayMessage& a, const ReplayMessage& b) {
                     return a.step != b.step ? a.step < b.step : a.sent_seconds < b.sent_seconds;
                   });
  return replay;
}

std::string MessageText(const MessageNote& note) {
  std::string text;
  switch (note.kind) {
    case MessageKind::kReduce:
      text = note.part >= 0 ? "reduce-scatter" : "reduce";
      break;
    case MessageKind::kSpread:
      text = note.part >= 0 ? "all-gather" : "spread of the sum";
      break;
    case MessageKind::kPush:
      text = "gradient to the server";
      break;
    case MessageKind::kFetch:
      text = "asks for parameters";
      break;
    case MessageKind::kAnswer:
      text = "the server's answer";
      break;
    case MessageKind::kOther:
      text = "message";
      break;
    default:
      text = kMessageKindNames[static_cast<size_t>(note.kind)];
  }
  if (note.micro_batch >= 0) text += fmt::format(" of micro-batch {}", note.micro_batch);
  if (note.part >= 0 && note.parts > 1) text += fmt::format(", segment {} of {}", note.part + 1, note.parts);
  if (note.version >= 0) text += fmt::format(", made at step {}", note.version);
  if (note.staleness >= 0)
    text += fmt::format(", {} update{} late", note.staleness, note.staleness == 1 ? "" : "s");
  return text;
}

std::vector<std::array<double, 2>> RankPlaces(int ranks, const std::vector<std::array<int, 3>>& axes) {
  std::vector<std::array<double, 2>> places(static_cast<size_t>(std::max(0, ranks)));
  int stages = 1;
  for (const auto& axis : axes) stages = std::max(stages, axis[1] + 1);
  if (stages == 1 || axes.size() < places.size()) {
    for (size_t rank = 0; rank < places.size(); ++rank) {
      const double turn =
          2 * std::numbers::pi * static_cast<double>(rank) / static_cast<double>(places.size());
      places[rank] = {0.5 + 0.5 * std::sin(turn), 0.5 - 0.5 * std::cos(turn)};
    }
    return places;
  }
  std::vector<int> in_stage(static_cast<size_t>(stages)), put(static_cast<size_t>(stages));
  for (size_t rank = 0; rank < places.size(); ++rank) ++in_stage[static_cast<size_t>(axes[rank][1])];
  for (size_t rank = 0; rank < places.size(); ++rank) {
    const auto stage = static_cast<size_t>(axes[rank][1]);
    places[rank] = {static_cast<double>(stage) / (stages - 1), (put[stage]++ + 0.5) / in_stage[stage]};
  }
  return places;
}

Json ReplayJson(const MessageReplay& replay, const std::string& run) {
  Json messages = Json::array();
  for (const ReplayMessage& message : replay.messages) {
    Json json = {{"step", message.step},
                 {"from", message.from},
                 {"to", message.to},
                 {"kind", kMessageKindNames[static_cast<size_t>(message.note.kind)]},
                 {"text", MessageText(message.note)},
                 {"bytes", message.bytes},
                 {"tag", message.tag}};
    const auto put = [&](const char* name, int32_t value) {
      if (value >= 0) json[name] = value;
    };
    put("part", message.note.part);
    put("parts", message.note.parts);
    put("micro_batch", message.note.micro_batch);
    put("version", message.note.version);
    put("staleness", message.note.staleness);
    if (replay.recording != 0) {
      json["sent_seconds"] = message.sent_seconds;
      json["arrived_seconds"] =
          std::isfinite(message.arrived_seconds) ? Json(message.arrived_seconds) : Json();
    }
    messages.push_back(std::move(json));
  }
  return {{"run", run},
          {"recording", replay.recording},
          {"ranks", replay.ranks},
          {"dropped", replay.dropped},
          {"messages", std::move(messages)}};
}

}  // namespace concertina
