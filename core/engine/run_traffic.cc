// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_traffic.cc: how each worker of a run is now, and how fast it sends to whom (see run.h).
// On the way of the data: engine/traffic_meter.h, engine/metric_hub.h -> here -> concertinactl traffic, and
// the desktop's Mesh panel.
#include <algorithm>
#include <cmath>

#include "core/engine/run.h"

namespace concertina {
namespace {

// Workers say something every kHeartbeatSeconds.
constexpr double kSilentSeconds = 4 * kHeartbeatSeconds;

}  // namespace

const char* Run::StateNow(const Seat& seat) const {
  if (!seat.launched) return "";
  if (seat.given_up) return "lost";
  if (seat.finished) return seat.rank < 0 ? "left" : "finished";
  if (seat.failed) return "failed";  // and said why: often that another one is gone
  if (seat.exited) return seat.terminated > 0 || seat.killed > 0 ? "ended" : "lost";
  if (seat.thaws > 0) return "frozen";
  if (!seat.joined) return "joining";
  if (now() - seat.heard > kSilentSeconds) return "silent";
  if (seat.waits || seat.parted) return "waiting";
  if (!seat.ready) return "joining";
  if (!peers_sent_) return "ready";
  if (state() == proto::PAUSED || seat.phase == "paused") return "paused";
  return seat.phase == "wait" ? "waiting" : "running";
}

void Run::FillTraffic(proto::TrafficReply& reply) const {
  const auto set_if_any = [](double value, const auto& set) {
    if (std::isfinite(value)) set(value);
  };
  for (size_t index = 0; index < seats_.size(); ++index) {
    const Seat& seat = seats_[index];
    proto::TrafficReply::Rank& rank = *reply.add_ranks();
    rank.set_rank(static_cast<uint32_t>(index));
    rank.set_state(StateNow(seat));
    if (seat.joined) rank.set_heard_seconds(std::max(0.0, now() - seat.heard));
    const auto last = [&](const char* series) { return hub_.last_of(series, static_cast<int>(index)); };
    set_if_any(last("train/samples_per_second"), [&](double value) { rank.set_samples_per_second(value); });
    set_if_any(last("memory/resident_bytes"), [&](double value) { rank.set_memory_bytes(value); });
    for (const TrafficMeter::Link& link : seat.traffic.Links(summary_.incarnation(), now())) {
      if (link.to >= group_.size()) continue;
      proto::TrafficReply::Link& said = *rank.add_links();
      said.set_to(static_cast<uint32_t>(group_[link.to]));
      said.set_bytes_sent(link.bytes_sent);
      if (link.bytes_per_second) said.set_bytes_per_second(*link.bytes_per_second);
    }
  }
}

}  // namespace concertina
