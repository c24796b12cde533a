// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// latency.h: how long one answer takes: warmed up, many queries one after the other, percentiles.
// On the way of the data: edge/runtime.h -> here -> worker/recipe_loop.h, app/edge.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace concertina {

struct Latency {
  int64_t queries = 0;
  double p50_seconds = 0, p90_seconds = 0, p99_seconds = 0, mean_seconds = 0;
};

// Runs `query` (with the query's number) for a tenth of the queries first, untimed; then `queries` times,
// timed one by one: 1,024 is what MLPerf's single-stream scenario asks for at least [Reddi et al. MLPerf
// Inference Benchmark. ISCA 2020].
Latency MeasureLatency(int64_t queries, const std::function<void(int64_t)>& query);

// Of queries that were timed one by one.
Latency LatencyOf(const std::vector<double>& seconds);

// The value that a share `share` of the values does not exceed (nearest rank); 0 for none.
double Percentile(std::vector<double> values, double share);

}  // namespace concertina
