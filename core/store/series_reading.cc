// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_reading.cc: chunks and what is newer than they, read as one series (see series_impl.h).
#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "core/store/series_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::StatusOr<Pyramid::Points> PointsOfChunk(const SeriesKey& key, int64_t first,
                                              std::span<const uint8_t> data) {
  absl::StatusOr<Pyramid::Points> points = DecodePoints(data);
  if (!points.ok()) return DamagedChunk(key, 0, first, std::string(points.status().message()));
  return points;
}

absl::StatusOr<std::vector<SeriesBucket>> BucketsOfChunk(const SeriesKey& key, int level, int64_t first,
                                                         std::span<const uint8_t> data) {
  absl::StatusOr<std::vector<SeriesBucket>> buckets = DecodeBuckets(data);
  if (!buckets.ok()) return DamagedChunk(key, level, first, std::string(buckets.status().message()));
  return buckets;
}

}  // namespace

absl::Status SeriesTable::ChunkSource::Read(int level, int64_t begin, int64_t end,
                                            std::vector<SeriesBucket>& buckets) {
  const int64_t in_memory = state_.pyramid.first(level);
  if (begin < std::min(end, in_memory))
    RETURN_IF_ERROR(ReadRows(level, begin, std::min(end, in_memory), buckets));
  if (end > in_memory) return state_.pyramid.Read(level, std::max(begin, in_memory), end, buckets);
  return absl::OkStatus();
}

absl::Status SeriesTable::ChunkSource::ReadRows(int level, int64_t begin, int64_t end,
                                                std::vector<SeriesBucket>& buckets) {
  const int64_t size = ChunkSize(level);
  int64_t expected = RoundDown(begin, size);
  Query query = table_.connection_.Ask(
      "SELECT first, crc, data FROM chunks WHERE series = ? AND level = ? AND first >= ? AND first < ? "
      "ORDER BY first");
  query.Bind(state_.id).Bind(level).Bind(expected).Bind(end);
  for (;; expected += size) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    ++table_.rows_read_;
    if (query.Integer(0) != expected) return DamagedChunk(state_.key, level, expected, "it is missing");
    const std::span<const uint8_t> data = query.Blob(2);
    if (Crc32c(data) != query.Integer(1))
      return DamagedChunk(state_.key, level, expected, "its checksum differs");
    const auto from = static_cast<size_t>(std::max(begin, expected) - expected);
    const auto to = static_cast<size_t>(std::min(end, expected + size) - expected);
    if (level == 0) {
      ASSIGN_OR_RETURN(const Pyramid::Points points, PointsOfChunk(state_.key, expected, data));
      if (points.steps.size() < to) return DamagedChunk(state_.key, level, expected, "it is short");
      for (size_t i = from; i < to; ++i)
        buckets.push_back(BucketOf(points.steps[i], points.seconds[i], points.values[i]));
    } else {
      ASSIGN_OR_RETURN(const std::vector<SeriesBucket> read,
                       BucketsOfChunk(state_.key, level, expected, data));
      if (read.size() < to) return DamagedChunk(state_.key, level, expected, "it is short");
      buckets.insert(buckets.end(), read.begin() + static_cast<std::ptrdiff_t>(from),
                     read.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  if (expected < end) return DamagedChunk(state_.key, level, expected, "it is missing");
  return absl::OkStatus();
}

absl::StatusOr<SeriesTable::State*> SeriesTable::Find(const SeriesKey& key) {
  const auto found = states_.find(key);
  if (found != states_.end()) {
    found->second->used = flushes_;
    return found->second.get();
  }
  auto state = std::make_unique<State>();
  {
    Query query = connection_.Ask("SELECT id, unit FROM series WHERE run = ? AND name = ? AND rank = ?");
    query.Bind(key.run).Bind(key.name).Bind(key.rank);
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return nullptr;
    state->id = query.Integer(0);
    state->unit = query.Text(1);
  }
  state->key = key;
  state->used = flushes_;
  RETURN_IF_ERROR(Load(*state));
  return states_.emplace(key, std::move(state)).first->second.get();
}

// Brings the newest chunk of each level into memory.
absl::Status SeriesTable::Load(State& state) {
  for (int level = 0;; ++level) {
    Query query = connection_.Ask(
        "SELECT first, count, crc, data FROM chunks WHERE series = ? AND level = ? ORDER BY first DESC LIMIT "
        "1");
    query.Bind(state.id).Bind(level);
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    ++rows_read_;
    const int64_t first = query.Integer(0);
    const int64_t count = query.Integer(1);
    const std::span<const uint8_t> data = query.Blob(3);
    if (Crc32c(data) != query.Integer(2))
      return DamagedChunk(state.key, level, first, "its checksum differs");
    const bool is_full = count == ChunkSize(level);
    if (first < 0 || first % ChunkSize(level) != 0 || count < 1 || count > ChunkSize(level))
      return DamagedChunk(state.key, level, first, fmt::format("it stands at {} with {}", first, count));
    if (level == 0) {
      ASSIGN_OR_RETURN(Pyramid::Points points, PointsOfChunk(state.key, first, data));
      if (static_cast<int64_t>(points.steps.size()) != count)
        return DamagedChunk(state.key, level, first, "it is short");
      state.last_step = points.steps.back();
      state.pyramid.RestorePoints(is_full ? first + count : first,
                                  is_full ? Pyramid::Points{} : std::move(points));
    } else {
      ASSIGN_OR_RETURN(std::vector<SeriesBucket> buckets, BucketsOfChunk(state.key, level, first, data));
      if (static_cast<int64_t>(buckets.size()) != count)
        return DamagedChunk(state.key, level, first, "it is short");
      state.pyramid.RestoreBuckets(level, is_full ? first + count : first,
                                   is_full ? std::vector<SeriesBucket>{} : std::move(buckets));
    }
  }
  state.saved = state.pyramid.size(0);
  // Full point chunks are written before the level above them is flushed: that level is completed from them.
  ChunkSource below(*this, state);
  return state.pyramid.CatchUp(below);
}

absl::StatusOr<Pyramid::Points> SeriesTable::ReadPointChunk(const State& state, int64_t number) {
  const int64_t first = number * kPointsPerChunk;
  Query query = connection_.Ask("SELECT crc, data FROM chunks WHERE series = ? AND level = 0 AND first = ?");
  ASSIGN_OR_RETURN(const bool row, query.Bind(state.id).Bind(first).Step());
  if (!row) return DamagedChunk(state.key, 0, first, "it is missing");
  ++rows_read_;
  if (Crc32c(query.Blob(1)) != query.Integer(0))
    return DamagedChunk(state.key, 0, first, "its checksum differs");
  return PointsOfChunk(state.key, first, query.Blob(1));
}

// The index of the first point whose step is at least `step`; the number of points if there is none.
absl::StatusOr<int64_t> SeriesTable::LowerBound(State& state, int64_t step) {
  const Pyramid::Points& newest = state.pyramid.points();
  const int64_t in_memory = state.pyramid.first(0);
  const auto index_in = [&](const std::vector<int64_t>& steps) {
    return static_cast<int64_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
  };
  if (in_memory == 0 || (!newest.steps.empty() && newest.steps.front() < step))
    return in_memory + index_in(newest.steps);
  // The last full chunk that begins below `step`, by bisection over their first steps: one row a halving.
  int64_t low = 0, high = in_memory / kPointsPerChunk;  // chunks below `low` begin below `step`
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    Query query =
        connection_.Ask("SELECT first_step FROM chunks WHERE series = ? AND level = 0 AND first = ?");
    ASSIGN_OR_RETURN(const bool row, query.Bind(state.id).Bind(middle * kPointsPerChunk).Step());
    if (!row) return DamagedChunk(state.key, 0, middle * kPointsPerChunk, "it is missing");
    ++rows_read_;
    if (query.Integer(0) < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return 0;
  ASSIGN_OR_RETURN(const Pyramid::Points points, ReadPointChunk(state, low - 1));
  return (low - 1) * kPointsPerChunk + index_in(points.steps);
}

absl::StatusOr<std::vector<SeriesPoint>> SeriesTable::Read(const SeriesKey& key, int64_t from_step,
                                                           int64_t to_step, int max_points) {
  if (max_points < 0)
    return absl::InvalidArgumentError(
        fmt::format("max_points: found {}, expected 0 (all) or more", max_points));
  ASSIGN_OR_RETURN(State* const state, Find(key));
  if (state == nullptr) {
    ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, List(key.run));
    std::vector<std::string> names;
    bool has_name = false;
    for (const SeriesDescription& series : all) {
      names.push_back(series.name);
      has_name |= series.name == key.name;
    }
    const std::string nearest = has_name ? "" : NearestName(key.name, names);
    return absl::NotFoundError(
        fmt::format("{}: there is no such series{}{}", SeriesText(key),
                    has_name ? " of this rank; other ranks have it" : "",
                    nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
  }
  RETURN_IF_ERROR(state->damage);
  std::vector<SeriesPoint> points;
  if (from_step >= to_step || state->pyramid.size(0) == 0) return points;
  ASSIGN_OR_RETURN(const int64_t begin, LowerBound(*state, from_step));
  ASSIGN_OR_RETURN(const int64_t end, LowerBound(*state, to_step));
  ChunkSource source(*this, *state);
  ASSIGN_OR_RETURN(const std::vector<SeriesBucket> buckets, ReadZoomed(source, begin, end, max_points));
  points.reserve(buckets.size());
  for (const SeriesBucket& bucket : buckets)
    points.push_back({.step = bucket.step,
                      .seconds = bucket.seconds,
                      .mean = bucket.mean,
                      .min = bucket.min,
                      .max = bucket.max,
                      .count = bucket.count});
  return points;
}

absl::StatusOr<std::vector<SeriesDescription>> SeriesTable::List(const std::string& run) {
  std::vector<SeriesDescription> all;
  Query query = connection_.Ask(
      "SELECT name, rank, unit, coalesce((SELECT first + count FROM chunks WHERE series = series.id "
      "AND level = 0 ORDER BY first DESC LIMIT 1), 0) FROM series WHERE run = ? ORDER BY name, rank");
  query.Bind(run);
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    SeriesDescription series{.name = query.Text(0),
                             .unit = query.Text(2),
                             .rank = static_cast<int>(query.Integer(1)),
                             .points = query.Integer(3)};
    const auto state = states_.find({run, series.name, series.rank});
    if (state != states_.end() && state->second->damage.ok()) series.points = state->second->pyramid.size(0);
    all.push_back(std::move(series));
  }
  // Those that could not be stored yet.
  for (auto at = states_.lower_bound({run, "", std::numeric_limits<int>::min()});
       at != states_.end() && at->first.run == run; ++at)
    if (at->second->id == 0 && at->second->damage.ok())
      all.push_back({at->first.name, at->second->unit, at->first.rank, at->second->pyramid.size(0)});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.name != b.name ? a.name < b.name : a.rank < b.rank;
  });
  return all;
}

}  // namespace concertina
