// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_collective.cc: times collectives as one rank of a benchmark (see bench_collective.h).
// On the way of the data: app/ctl's `bench collective` -> here -> comm/communicator.h.
#include "core/comm/bench_collective.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "absl/strings/str_join.h"
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

constexpr std::string_view kHalves = "-fp16";

// What is timed: an all-reduce along some way, of floats or halves, or another collective.
struct Collective {
  std::string name;
  std::optional<AllReduceWay> way;
  bool is_half = false;
};

Collective CollectiveNamed(const std::string& name, int group) {
  Collective collective{.name = name};
  collective.is_half = name.ends_with(kHalves);
  const auto algorithm =
      AllReduceAlgorithmNamed(collective.is_half ? name.substr(0, name.size() - kHalves.size()) : name);
  if (algorithm) collective.way = {.algorithm = *algorithm, .group = group};
  return collective;
}

absl::Status RunOnce(Communicator& ranks, const Collective& collective, std::vector<float>& values,
                     const std::vector<size_t>& bounds, std::vector<std::vector<uint8_t>>& gathered) {
  const Deadline deadline = Deadline::After(60);
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(values));
  if (collective.way && collective.is_half)
    return ranks.AllReduceSumHalf({reinterpret_cast<uint16_t*>(bytes.data()), bytes.size() / 2}, deadline,
                                  *collective.way);
  if (collective.way) return ranks.AllReduceSum(values, deadline, 1, *collective.way);
  if (collective.name == "reduce-scatter") return ranks.ReduceScatterSum(values, bounds, deadline);
  if (collective.name == "all-gather")
    return ranks.AllGather({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, bytes.size(),
                           gathered, deadline);
  return ranks.Broadcast(bytes, 0, deadline);
}

absl::StatusOr<Json> CollectiveBenchRank(Transport& transport, const Json& job) {
  std::vector<int> members(static_cast<size_t>(transport.size()));
  std::iota(members.begin(), members.end(), 0);
  Communicator ranks(transport, members, 1);
  const Collective collective = CollectiveNamed(job.value("algorithm", "ring"), job.value("group", 2));
  const bool chooses = collective.way && collective.way->algorithm == AllReduceAlgorithm::kAuto;
  if (chooses) RETURN_IF_ERROR(ranks.PrepareAuto(collective.way->group, Deadline::After(120)));
  Json results = Json::array();
  for (const int64_t bytes : job.value("bytes", std::vector<int64_t>())) {
    std::vector<float> values(static_cast<size_t>(bytes) / sizeof(float));
    std::vector<size_t> bounds;
    for (size_t r = 0; r <= members.size(); ++r) bounds.push_back(values.size() * r / members.size());
    std::vector<std::vector<uint8_t>> gathered;
    std::vector<double> seconds;
    float goes_on = 1;
    double spent = 0;
    // Rank 0 says when it is enough, so that all do the same number.
    for (int repetition = 0; goes_on != 0; ++repetition) {
      std::fill(values.begin(), values.end(), 0.0f);
      RETURN_IF_ERROR(ranks.Barrier(Deadline::After(60)));
      const double before = Clock::Real().SteadySeconds();
      RETURN_IF_ERROR(RunOnce(ranks, collective, values, bounds, gathered));
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
    if (chooses && !ranks.table().empty())
      results.back()["chosen"] = NameOf(ranks.table().Choose(static_cast<uint64_t>(bytes)));
  }
  return results;
}

[[maybe_unused]] const bool added = AddBenchJob("collective", CollectiveBenchRank);

}  // namespace

std::vector<std::string> BenchCollectiveAlgorithms() {
  std::vector<std::string> names = AllReduceNames();
  for (const std::string& name : AllReduceNames()) names.push_back(name + std::string(kHalves));
  for (const char* name : {"reduce-scatter", "all-gather", "broadcast"}) names.emplace_back(name);
  return names;
}

absl::StatusOr<Json> BenchCollective(int ranks, const std::string& algorithm,
                                     const std::vector<int64_t>& bytes, int group, const std::string& kind) {
  const auto algorithms = BenchCollectiveAlgorithms();
  if (std::find(algorithms.begin(), algorithms.end(), algorithm) == algorithms.end())
    return absl::InvalidArgumentError(fmt::format("algorithm {}: {} expected", algorithm,
                                                  NearestName(algorithm, algorithms).empty()
                                                      ? "one of " + absl::StrJoin(algorithms, ", ")
                                                      : NearestName(algorithm, algorithms)));
  if (ranks < 1 || ranks > 64)
    return absl::InvalidArgumentError(fmt::format("{} ranks: 1 to 64 expected", ranks));
  for (const int64_t size : bytes)
    if (size < 4 || size > kMostBytes || size % 4 != 0)
      return absl::InvalidArgumentError(
          fmt::format("{} bytes: a multiple of 4 from 4 to {} expected", size, kMostBytes));
  if (group < 1 || group > 64)
    return absl::InvalidArgumentError(fmt::format("groups of {} ranks: 1 to 64 expected", group));
  const Json job = {{"algorithm", algorithm}, {"bytes", bytes}, {"group", group}};
  ASSIGN_OR_RETURN(const Json results,
                   RunBenchRanks("collective", ranks, job, 120 + 30.0 * bytes.size(), kind));
  return Json{{"ranks", ranks}, {"algorithm", algorithm}, {"transport", kind}, {"results", results}};
}

}  // namespace concertina
