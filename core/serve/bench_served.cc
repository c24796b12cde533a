// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_served.cc: see bench_served.h.
#include "core/serve/bench_served.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "fmt/format.h"

namespace concertina {
absl::StatusOr<ServedLatency> BenchServed(ModelClient& client, const ServedBench& bench,
                                          std::span<const float> samples) {
  using Steady = std::chrono::steady_clock;
  const int64_t most = client.description().most_samples();
  if (bench.queries < 1 || bench.batch < 1 || bench.batch > most)
    return absl::InvalidArgumentError(
        fmt::format("found {} queries of {} samples, expected at least 1 of 1 to {} (what the model takes in "
                    "one call)",
                    bench.queries, bench.batch, most));
  const int64_t elements = client.elements(), count = static_cast<int64_t>(samples.size()) / elements;
  if (count < 1 || count * elements != static_cast<int64_t>(samples.size()))
    return absl::InvalidArgumentError(
        fmt::format("{} floats are no samples of {} elements", samples.size(), elements));

  std::vector<float> batch(static_cast<size_t>(bench.batch * elements));
  std::vector<double> call_seconds, model_seconds;
  call_seconds.reserve(static_cast<size_t>(bench.queries));
  model_seconds.reserve(static_cast<size_t>(bench.queries));
  const int64_t warm_up = std::max<int64_t>(bench.queries / 10, 1);
  int64_t next = 0;
  for (int64_t query = -warm_up; query < bench.queries; ++query) {
    for (int64_t i = 0; i < bench.batch; ++i, next = (next + 1) % count)
      std::copy_n(samples.begin() + next * elements, elements, batch.begin() + i * elements);
    const Steady::time_point begin = Steady::now();
    ASSIGN_OR_RETURN(const proto::ClassifyReply reply, client.Classify(batch, {}));
    const double seconds = std::chrono::duration<double>(Steady::now() - begin).count();
    if (query < 0) continue;
    double inside = 0;
    for (const proto::ClassifiedSample& sample : reply.samples()) inside += sample.model_seconds();
    call_seconds.push_back(seconds);
    model_seconds.push_back(inside);
  }
  ServedLatency latency = {.call = LatencyOf(call_seconds), .model = LatencyOf(model_seconds)};
  if (latency.call.mean_seconds > 0)
    latency.samples_per_second = static_cast<double>(bench.batch) / latency.call.mean_seconds;
  return latency;
}

}  // namespace concertina
