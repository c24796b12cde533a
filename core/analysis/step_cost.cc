// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_cost.cc: the sums (see step_cost.h, which has the formulas).
#include "core/analysis/step_cost.h"

#include <algorithm>

namespace concertina {
namespace {

constexpr double kLeastSpeed = 1e-3;

// Seconds, and how much of them grows with bytes; the rest are waits for one another.
struct Way {
  double rounds_seconds = 0, bytes_seconds = 0;
  double seconds() const { return rounds_seconds + bytes_seconds; }
};

Way LinkWay(const TrafficMap& traffic) {
  double delay_ms = 0;
  for (const TrafficFlow& flow : traffic.flows)
    if (flow.messages > 0) delay_ms = std::max(delay_ms, flow.delay_ms());
  return {.rounds_seconds = traffic.rounds * delay_ms * 1e-3,
          .bytes_seconds = traffic.InTurn([](const TrafficFlow& flow) {
            return flow.bandwidth_mbit > 0 ? flow.bytes * 8e-6 / flow.bandwidth_mbit : 0;
          })};
}

Way MachineWay(const TrafficMap& traffic, const StepWork& work, const MachineCost& machine) {
  double busiest = 0, here_bytes = 0, here = 0;
  for (const TrafficRank& rank : traffic.ranks) {
    const double out = traffic.BytesOut(rank.rank), in = traffic.BytesIn(rank.rank);
    busiest = std::max({busiest, out, in});
    if (static_cast<size_t>(rank.rank) < work.ranks.size() &&
        !work.ranks[static_cast<size_t>(rank.rank)].is_here)
      continue;
    here_bytes += out;
    ++here;
  }
  return {.rounds_seconds = machine.alpha_seconds * traffic.rounds * std::max(1.0, here / machine.cores),
          .bytes_seconds = machine.beta_seconds_per_byte * std::max(busiest, here_bytes / machine.cores)};
}

}  // namespace

StepSeconds EstimateStep(const StepWork& work, const TrafficMap& traffic, const MachineCost& given) {
  MachineCost machine = given;
  machine.cores = std::max(1, machine.cores);
  double slowest = 1, busy_threads = 0, here_threads = 0;
  for (const TrafficRank& rank : traffic.ranks) {
    const StepRank own = static_cast<size_t>(rank.rank) < work.ranks.size()
                             ? work.ranks[static_cast<size_t>(rank.rank)]
                             : StepRank{};
    if (rank.server) continue;
    const double speed = std::clamp(own.speed, kLeastSpeed, 1.0);
    slowest = std::min(slowest, speed);
    if (!own.is_here) continue;
    busy_threads += speed * work.threads;
    here_threads += work.threads;
  }
  const double shared = std::max(1.0, busy_threads / machine.cores);
  StepSeconds step;
  step.codec = work.codec_seconds * shared;
  step.compute = work.compute_seconds * shared * work.slowest_part /
                 (slowest * (1 - std::clamp(work.bubble, 0.0, 0.999)));
  if (traffic.flows.empty()) {
    step.exposed = step.codec;
    step.total = step.compute + step.exposed;
    step.dominated_by = step.compute >= step.codec ? "compute" : "codec";
    return step;
  }
  const Way by_machine = MachineWay(traffic, work, machine), by_link = LinkWay(traffic);
  const Way& way = by_machine.seconds() > by_link.seconds() ? by_machine : by_link;
  step.communication = way.seconds();
  const double buckets = std::max(1, work.buckets);
  const double both = step.communication + step.codec;
  const double beside = work.beside_share * both;
  step.exposed =
      both - beside +
      std::max(beside / buckets, beside - work.beside_passes * step.compute * (buckets - 1) / buckets);
  if (here_threads >= machine.cores) step.exposed = std::max(step.exposed, by_machine.seconds() + step.codec);
  step.total = step.compute + step.exposed;
  step.dominated_by = step.compute >= step.exposed              ? "compute"
                      : step.codec > step.communication         ? "codec"
                      : way.bytes_seconds >= way.rounds_seconds ? "bandwidth"
                                                                : "latency";
  return step;
}

}  // namespace concertina
