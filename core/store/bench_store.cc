// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_store.cc: see bench_store.h.
#include "core/store/bench_store.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/store/store.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int64_t kSeries = 64;
constexpr int64_t kPointsPerCall = 16;

double ProcessCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class RemovedAtTheEnd {
 public:
  explicit RemovedAtTheEnd(std::string path) : path_(std::move(path)) {}
  ~RemovedAtTheEnd() {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + ending, ignored);
  }
  const std::string& path() const { return path_; }
  int64_t bytes() const {
    std::error_code error;
    int64_t sum = 0;
    for (const char* ending : {"", "-wal"}) {
      const auto size = std::filesystem::file_size(path_ + ending, error);
      if (!error) sum += static_cast<int64_t>(size);
    }
    return sum;
  }

 private:
  std::string path_;
};

}  // namespace

absl::StatusOr<Json> BenchStore(const std::string& folder, int64_t points) {
  if (points < kSeries * kPointsPerCall)
    return absl::InvalidArgumentError(
        fmt::format("points: found {}, expected at least {}", points, kSeries * kPointsPerCall));
  const RemovedAtTheEnd file(fmt::format("{}/bench-store-{}.sqlite", folder, getpid()));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(file.path()));
  store->PutRun({.id = "bench", .name = "bench", .state = "running", .spec_json = "{}"});
  RETURN_IF_ERROR(store->Sync());

  // Values as they come: half of the series are floats (losses), half are times (doubles).
  Rng rng(1, "bench-store");
  std::vector<std::string> names;
  for (int64_t i = 0; i < kSeries; ++i) names.push_back(fmt::format("bench/series_{}", i));
  std::vector<int64_t> steps(kPointsPerCall);
  std::vector<double> seconds(kPointsPerCall), values(kPointsPerCall);
  const int64_t rounds = points / (kSeries * kPointsPerCall);
  const double cpu_before = ProcessCpuSeconds();
  const double wall_before = Clock::Real().SteadySeconds();
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < kPointsPerCall; ++i) {
      const auto at = static_cast<size_t>(i);
      steps[at] = round * kPointsPerCall + i;
      seconds[at] = 0.001 * static_cast<double>(steps[at]) + 1e-5 * rng.Uniform();
    }
    for (int64_t series = 0; series < kSeries; ++series) {
      for (double& value : values)
        value = series % 2 == 0 ? static_cast<double>(static_cast<float>(rng.Uniform())) : rng.Uniform();
      store->Append("bench", names[static_cast<size_t>(series)], 0, "", steps, seconds, values);
    }
  }
  RETURN_IF_ERROR(store->Sync());
  const double wall = Clock::Real().SteadySeconds() - wall_before;
  const double cpu = ProcessCpuSeconds() - cpu_before;
  const auto written = static_cast<double>(rounds * kSeries * kPointsPerCall);

  double read_seconds = 1e300;
  size_t read_points = 0;
  for (int i = 0; i < 20; ++i) {
    const double before = Clock::Real().SteadySeconds();
    ASSIGN_OR_RETURN(const auto series,
                     store->ReadSeries("bench", names[0], 0, 0, rounds * kPointsPerCall, 1000));
    read_seconds = std::min(read_seconds, Clock::Real().SteadySeconds() - before);
    read_points = series.size();
  }
  store.reset();
  const int64_t bytes = file.bytes();
  const double open_before = Clock::Real().SteadySeconds();
  ASSIGN_OR_RETURN(store, Store::Open(file.path()));
  const double open_seconds = Clock::Real().SteadySeconds() - open_before;

  return Json{{"points", static_cast<int64_t>(written)},
              {"series", kSeries},
              {"append_cpu_seconds_per_million_points", 1e6 * cpu / written},
              {"append_wall_seconds", wall},
              {"points_per_cpu_second", written / cpu},
              {"core_share_at_80000_points_per_second", 80000 * cpu / written},
              {"bytes_per_point", static_cast<double>(bytes) / written},
              {"read_thinned_seconds", read_seconds},
              {"read_thinned_points", read_points},
              {"open_seconds", open_seconds}};
}

}  // namespace concertina
