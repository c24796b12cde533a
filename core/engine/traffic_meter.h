// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_meter.h: how fast one worker sends to each of its group now, from the last two times that it said
// how much it had sent.
// On the way of the data: comm/transport.h CountSent() -> worker/engine_link.h -> here ->
// engine/run_traffic.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/proto/home.pb.h"

namespace concertina {

// Owned by the engine loop.
class TrafficMeter {
 public:
  // A worker that counts after each step says the same for as long as the step takes. After twice that, and
  // at least so long, what it said is no figure of now any more.
  static constexpr double kFreshSeconds = 3;

  // What a worker says; `incarnation` of the group of `ranks` that it is in, `now` on the engine's clock.
  // What makes no sense (another number of ranks, a clock that goes back, fewer bytes than before) begins
  // anew or is left out.
  void Take(const proto::Traffic& said, uint32_t incarnation, size_t ranks, double now);

  struct Link {
    size_t to = 0;  // rank in that group
    uint64_t bytes_sent = 0;
    std::optional<double> bytes_per_second;
  };
  // Those over which anything was sent, in the group of that incarnation.
  std::vector<Link> Links(uint32_t incarnation, double now) const;

 private:
  uint32_t incarnation_ = 0;
  std::vector<uint64_t> sent_, before_;      // by rank; before_ is empty after the first time
  double seconds_ = 0, before_seconds_ = 0;  // on the worker's clock
  double taken_ = 0;                         // on the engine's
};

}  // namespace concertina
