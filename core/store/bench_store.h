// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_store.h: what storing and reading measurements costs, for `concertinactl bench store`.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/descriptor.h"

namespace concertina {

// Writes `points` points to a new database in `folder` (removed afterwards), as an engine with 64 series
// does, 16 points a call, and reads them back. Seconds are of the processor, of all threads of the process,
// so that a shared machine does not disturb them:
//   points, series, append_cpu_seconds_per_million_points (posting, storing and the last sync together),
//   append_wall_seconds, points_per_cpu_second, core_share_at_80000_points_per_second,
//   bytes_per_point (file and log), read_thinned_seconds (1,000 buckets of one series, best of 20),
//   read_thinned_points, open_seconds
absl::StatusOr<Json> BenchStore(const std::string& folder, int64_t points);

}  // namespace concertina
