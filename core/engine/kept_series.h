// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kept_series.h: how far the store has got with one series of a run whose engine was killed: what a new one
// needs to go on with it, each step once.
// On the way of the data: engine/return_point.cc -> here -> engine/metric_hub_past.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace concertina {

struct KeptSeries {
  struct Points {
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
  };
  struct OfRank {
    int rank = 0;
    int64_t last_step = -1;
    // Behind the last step that was folded to the run's: the workers may not have them any more, and need not
    // say them again.
    Points unfolded;
  };
  std::string name;
  int64_t last_step = -1;  // of the run's own, -1: none
  double last_seconds = 0;
  std::vector<OfRank> ranks;
};

// The bytes that all workers had sent in all, which follow from another series and are stored behind it.
struct KeptBytesTotal {
  double last_value = 0;          // at the last step that is stored
  KeptSeries::Points bytes_sent;  // of the run's own, behind that step
};

}  // namespace concertina
