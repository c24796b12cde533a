// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_interval.h: how often a run that may fail at any time keeps its state, so that keeping it and
// making lost work again cost least together.
// On the way of the data: experiment/plan.cc, experiment/calibration.h (the disk) -> here -> Plan::json.
//   C: seconds that a checkpoint takes; M: mean seconds between failures of the whole run
//   Young:  T = sqrt(2 C M)
//   Daly:   T = sqrt(2 C M) (1 + 1/3 sqrt(C / 2M) + 1/9 (C / 2M)) - C  where C < 2 M; else M
// [Young. A First Order Approximation to the Optimum Checkpoint Interval. CACM 17(9), 1974; Daly. A Higher
// Order Estimate of the Optimum Checkpoint Interval for Restart Dumps. FGCS 22(3), 2006, equation 37]
#pragma once

#include "nlohmann/json.hpp"

namespace concertina {

double YoungInterval(double checkpoint_seconds, double mtbf_seconds);
double DalyInterval(double checkpoint_seconds, double mtbf_seconds);

// What a disk of these days writes and flushes at the least, until this one was measured.
inline constexpr double kAssumedDiskBytesPerSecond = 200e6;

struct CheckpointCost {
  double bytes = 0;  // of all workers' parts, which go to one disk
  double disk_bytes_per_second = kAssumedDiskBytesPerSecond;
  bool is_measured = false;      // the disk
  double worker_mtbf_hours = 0;  // of each of `workers`; one that fails ends the run
  double workers = 1;
};

// {bytes, disk_bytes_per_second, measured, seconds, worker_mtbf_hours, mtbf_seconds, young_seconds,
// interval_seconds (Daly's)}.
nlohmann::ordered_json CheckpointJson(const CheckpointCost& cost);

}  // namespace concertina
