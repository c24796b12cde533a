// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_collective.cc: times collectives as one rank of a benchmark (see bench_collective.h).
// On the way of the data: app/ctl's `bench collective` -> here -> comm/communicator.h.
#include "core/comm/bench_collective.h"

#include <algorithm>
#include <numeric>

#include "core/base/clock.h"
#include "core/comm/bench_ranks.h"
#include "core/comm/communicator.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int64_t kMostBytes = int64_t{4} << 30;
constexpr double kSecondsASize = 1;
constexpr int kWarmUps = 2;

absl::Status RunOnce(Communicator& ranks, const std::string& algorithm, std::vector<float>& values,
                     std::vector<std::vector<uint8_t>>& gathered) {
  const Deadline deadline = Deadline::After(60);
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(values));
  if (algorithm == "ring") return ranks.AllReduceSum(values, deadline);
  if (algorithm == "ring-fp16")
    return ranks.AllReduceSumHalf({reinterpret_cast<uint16_t*>(bytes.data()), bytes.size() / 2}, deadline);
  if (algorithm == "all-gather")
    return ranks.AllGather({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, bytes.size(),
                           gathered, deadline);
  return ranks.Broadcast(bytes, 0, deadline);
}

absl::StatusOr<Json> BenchRank(Transport& transport, const Json& job) {
  std::vector<int> members(static_cast<size_t>(transport.size()));
  std::iota(members.begin(), members.end(), 0);
  Communicator ranks(transport, members, 1);
  const std::string algorithm = job.value("algorithm", "ring");
  Json results = Json::array();
  for (const int64_t bytes : job.value("bytes", std::vector<int64_t>())) {
    std::vector<float> values(static_cast<size_t>(bytes) / sizeof(float));
    std::vector<std::vector<uint8_t>> gathered;
    std::vector<double> seconds;
    float goes_on = 1;
    double spent = 0;
    // Rank 0 says when it is enough, so that all do the same number.
    for (int repetition = 0; goes_on != 0; ++repetition) {
      std::fill(values.begin(), values.end(), 0.0f);
      RETURN_IF_ERROR(ranks.Barrier(Deadline::After(60)));
      const double before = Clock::Real().SteadySeconds();
      RETURN_IF_ERROR(RunOnce(ranks, algorithm, values, gathered));
      const double took = Clock::Real().SteadySeconds() - before;
      if (repetition >= kWarmUps) seconds.push_back(took);
      spent += took;
      goes_on = seconds.size() < 5 || (spent < kSecondsASize && seconds.size() < 300) ? 1 : 0;
      RETURN_IF_ERROR(
          ranks.Broadcast(std::as_writable_bytes(std::span(&goes_on, 1)), 0, Deadline::After(60)));
    }
    const double median = Median(seconds);
    results.push_back({{"bytes", bytes},
                       {"median_seconds", median},
                       {"bytes_per_second", static_cast<double>(bytes) / median},
                       {"best_seconds", *std::min_element(seconds.begin(), seconds.end())},
                       {"repetitions", seconds.size()}});
  }
  return results;
}

[[maybe_unused]] const bool added = AddBenchJob("collective", BenchRank);

}  // namespace

std::vector<std::string> BenchCollectiveAlgorithms() {
  return {"ring", "ring-fp16", "all-gather", "broadcast"};
}

absl::StatusOr<Json> BenchCollective(int ranks, const std::string& algorithm,
                                     const std::vector<int64_t>& bytes) {
  const auto algorithms = BenchCollectiveAlgorithms();
  if (std::find(algorithms.begin(), algorithms.end(), algorithm) == algorithms.end())
    return absl::InvalidArgumentError(fmt::format("algorithm {}: {} expected", algorithm,
                                                  NearestName(algorithm, algorithms).empty()
                                                      ? "ring, ring-fp16, all-gather or broadcast"
                                                      : NearestName(algorithm, algorithms)));
  if (ranks < 1 || ranks > 64)
    return absl::InvalidArgumentError(fmt::format("{} ranks: 1 to 64 expected", ranks));
  for (const int64_t size : bytes)
    if (size < 4 || size > kMostBytes || size % 4 != 0)
      return absl::InvalidArgumentError(
          fmt::format("{} bytes: a multiple of 4 from 4 to {} expected", size, kMostBytes));
  const Json job = {{"algorithm", algorithm}, {"bytes", bytes}};
  ASSIGN_OR_RETURN(const Json results, RunBenchRanks("collective", ranks, job, 60 + 30.0 * bytes.size()));
  return Json{{"ranks", ranks}, {"algorithm", algorithm}, {"transport", "grpc"}, {"results", results}};
}

}  // namespace concertina
