// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_impl.h: the insides of the table of series, which stand in three files: series.cc (points into
// memory, the journal and chunks), series_reading.cc (and back), and series_cutting.cc (what a resumed run
// forgets).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/pyramid.h"
#include "core/store/series.h"

namespace concertina {

constexpr int64_t kPointsPerChunk = 1024;
constexpr int64_t kBucketsPerChunk = 256;

inline int64_t ChunkSize(int level) { return level == 0 ? kPointsPerChunk : kBucketsPerChunk; }
inline int64_t RoundDown(int64_t index, int64_t size) { return index / size * size; }

// "run …, series … of rank …"
std::string SeriesText(const SeriesKey& key);
absl::Status DamagedChunk(const SeriesKey& key, int level, int64_t first, std::string_view what);

struct SeriesTable::State {
  SeriesKey key;
  std::string unit;
  int64_t id = 0;     // 0: has no row yet
  Pyramid pyramid;    // the newest part; what is before it stands in full chunks
  int64_t saved = 0;  // points on disk, in chunks or in the journal
  int64_t last_step = std::numeric_limits<int64_t>::min();
  int64_t used = 0;         // flushes_ when it was last used
  bool is_unsaved = false;  // stands in unsaved_
  bool has_told = false;    // the log knows that points were dropped
  absl::Status damage;      // its newest chunk cannot be read: nothing can be appended
};

// Chunks on disk, and behind them what is in memory.
class SeriesTable::ChunkSource final : public BucketSource {
 public:
  ChunkSource(SeriesTable& table, State& state) : table_(table), state_(state) {}

  int64_t size(int level) const override { return state_.pyramid.size(level); }
  absl::Status Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) override;

 private:
  absl::Status ReadRows(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets);

  SeriesTable& table_;
  State& state_;
};

}  // namespace concertina
