// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// latency.cc: see latency.h.
#include "core/edge/latency.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace concertina {

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(values.size())) - 1;
  const auto place = static_cast<size_t>(std::clamp(rank, 0.0, static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}

Latency LatencyOf(const std::vector<double>& seconds) {
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return {.queries = static_cast<int64_t>(seconds.size()),
          .p50_seconds = Percentile(seconds, 0.5),
          .p90_seconds = Percentile(seconds, 0.9),
          .p99_seconds = Percentile(seconds, 0.99),
          .mean_seconds = seconds.empty() ? 0 : sum / static_cast<double>(seconds.size())};
}

Latency MeasureLatency(int64_t queries, const std::function<void(int64_t)>& query) {
  using Steady = std::chrono::steady_clock;
  for (int64_t i = 0; i < std::max<int64_t>(queries / 10, 1); ++i) query(i);
  std::vector<double> seconds;
  seconds.reserve(static_cast<size_t>(queries));
  for (int64_t i = 0; i < queries; ++i) {
    const Steady::time_point begin = Steady::now();
    query(i);
    seconds.push_back(std::chrono::duration<double>(Steady::now() - begin).count());
  }
  return LatencyOf(seconds);
}

}  // namespace concertina
