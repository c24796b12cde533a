// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// memory_store.h: a store that keeps everything in memory and thins nothing, for tests of what is put into
// it.
#pragma once

#include <map>
#include <tuple>

#include "core/store/store.h"

namespace concertina {

class MemoryStore : public Store {
 public:
  struct Kept {
    std::string unit;
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
  };
  std::map<std::pair<std::string, int>, Kept> series;
  std::map<std::string, StoredRun> runs;  // as they were put last
  absl::Status health;
  int room = 1 << 30;       // appends that are taken
  int64_t points_read = 0;  // by all ReadSeries, after thinning

  bool HasRoom() const override { return room > 0; }
  absl::Status Health() const override { return health; }
  absl::Status Sync() override { return health; }
  void PutRun(StoredRun run) override { runs[run.id] = run; }
  void PutMarks(const std::string&, StoredMarks) override {}
  absl::StatusOr<std::vector<StoredRun>> Runs() override { return std::vector<StoredRun>(); }
  absl::StatusOr<StoredRun> Run(const std::string&) override { return absl::NotFoundError("no runs here"); }
  absl::Status DeleteRun(const std::string&) override { return absl::OkStatus(); }
  void AddEvent(const std::string&, StoredEvent) override {}
  absl::StatusOr<std::vector<StoredEvent>> Events(const std::string&) override {
    return std::vector<StoredEvent>();
  }
  void Append(const std::string&, const std::string& name, int rank, const std::string& unit,
              std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values) override {
    --room;
    Kept& kept = series[{name, rank}];
    kept.unit = unit;
    kept.steps.insert(kept.steps.end(), steps.begin(), steps.end());
    kept.seconds.insert(kept.seconds.end(), seconds.begin(), seconds.end());
    kept.values.insert(kept.values.end(), values.begin(), values.end());
  }
  void TruncateSeries(const std::string&, int64_t) override {}
  absl::StatusOr<std::vector<SeriesDescription>> ListSeries(const std::string&) override {
    std::vector<SeriesDescription> all;
    for (const auto& [key, kept] : series)
      all.push_back({key.first, kept.unit, key.second, static_cast<int64_t>(kept.steps.size())});
    return all;
  }
  absl::StatusOr<std::vector<SeriesPoint>> ReadSeries(const std::string&, const std::string& name, int rank,
                                                      int64_t from, int64_t to, int max_points) override {
    const auto found = series.find({name, rank});
    if (found == series.end()) return absl::NotFoundError("no series " + name);
    const Kept& kept = found->second;
    std::vector<SeriesPoint> points;
    for (size_t i = 0; i < kept.steps.size(); ++i) {
      if (kept.steps[i] < from || kept.steps[i] >= to) continue;
      const double v = kept.values[i];
      points.push_back({static_cast<double>(kept.steps[i]), kept.seconds[i], v, v, v, 1});
    }
    // Buckets of equal counts, as a thinned curve has them.
    const size_t limit = max_points <= 0 ? points.size() : static_cast<size_t>(max_points);
    while (points.size() > limit) {
      std::vector<SeriesPoint> merged;
      for (size_t i = 0; i < points.size(); i += 2) {
        SeriesPoint a = points[i];
        if (i + 1 < points.size()) {
          const SeriesPoint& b = points[i + 1];
          const double n = static_cast<double>(a.count), m = static_cast<double>(b.count);
          a = {(a.step * n + b.step * m) / (n + m),
               (a.seconds * n + b.seconds * m) / (n + m),
               (a.mean * n + b.mean * m) / (n + m),
               std::min(a.min, b.min),
               std::max(a.max, b.max),
               a.count + b.count};
        }
        merged.push_back(a);
      }
      points = std::move(merged);
    }
    points_read += static_cast<int64_t>(points.size());
    return points;
  }
  void PutArtefact(const std::string&, const std::string&, const std::string&, uint64_t,
                   const std::string&) override {}
  absl::StatusOr<std::vector<Artefact>> Artefacts(const std::string&) override {
    return std::vector<Artefact>();
  }
};

}  // namespace concertina
