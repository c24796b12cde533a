// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_map.h: who sends what to whom, read from a plan and put into few words: "each rank to the next"
// says more than sixteen rows that are alike. On the way of the data: experiment/plan.h's JSON -> here ->
// concertinactl plan, ui/pages/mesh_picture.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace concertina {

inline constexpr std::array<const char*, 3> kMeshAxes = {"data", "pipeline", "tensor"};

struct TrafficRank {
  int rank = 0;
  std::array<int, 3> axis = {};  // on kMeshAxes
  bool server = false;           // serves parameters and trains nothing; its place on the mesh means nothing
};

// All that one rank sends to another, on average over the steps of a run.
struct TrafficFlow {
  int from = 0, to = 0;
  double bytes = 0, messages = 0;  // a step
  double bandwidth_mbit = 0;       // of the emulated link; 0: free
  double latency_ms = 0;           // one way
  double mean_delay_ms = 0;        // with jitter and loss; 0: as latency_ms

  // That the link needs at least: its latency once, since messages may fly together.
  double LinkSeconds() const;
  std::string LinkText() const;  // "10 Mbit/s, 5 ms", "…, 7 ms on average"; "free"
  double delay_ms() const { return mean_delay_ms > 0 ? mean_delay_ms : latency_ms; }
};

// Flows that are alike: to the same neighbour as seen from each rank, with the same bytes but for rounding.
struct TrafficGroup {
  enum class Kind {
    kNext,  // each rank to the next on `axis`, round the end where it is a ring
    kPrevious,
    kOther,       // each of two on `axis` to the other
    kOffset,      // each rank to the one `distance` further on `axis`
    kPartner,     // each rank to the one whose number differs by the bit `distance`
    kEveryOther,  // each rank to all others of its `axis`
    kToHub,       // all others to rank `hub`; of a divided model, those with the same part of it
    kFromHub,
    kPair,  // rank `from` to rank `to`
  };
  Kind kind = Kind::kPair;
  int axis = 0;  // of kMeshAxes
  int distance = 0, hub = 0, from = 0, to = 0;
  double bytes = 0, messages = 0;  // of one flow, the mean
  int flows = 1;
};

struct TrafficMap {
  std::vector<TrafficRank> ranks;  // ascending
  std::array<int, 3> lengths = {1, 1, 1};
  std::vector<TrafficFlow> flows;  // between ranks of `ranks`, the busiest first
  double rounds = 0;

  double BytesOut(int rank) const;
  double BytesIn(int rank) const;
  double MessagesOut(int rank) const;
  double MessagesIn(int rank) const;
  double total_bytes() const;
  // What of a step's flows waits for one another, each taken as `of_flow` says (bytes, seconds on its link):
  //   max(R max_r (sum of_flow / sum messages), max_f of_flow)     R: rounds; sums over what rank r sends
  double InTurn(absl::FunctionRef<double(const TrafficFlow&)> of_flow) const;
  // The flow whose link needs most, where links are not all alike; else null.
  const TrafficFlow* SlowestFlow() const;
};

// What the plan does not say is left out; what contradicts itself (a flow of a rank that is not there, a
// number that is none) too: an older or newer engine may have made it.
TrafficMap TrafficMapOf(const std::string& plan_json);

// All flows, each in one group; the busiest first. One axis longer than 1: the others are not meant.
std::vector<TrafficGroup> TrafficGroupsOf(const TrafficMap& map);

}  // namespace concertina
