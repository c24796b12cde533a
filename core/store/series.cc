// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series.cc: see series.h.
// Journal row: for each series with new points: series id i64 | first index i64 | bytes u32 | points
// (chunk.h).
#include "core/store/series.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "core/base/log.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kPointsPerChunk = 1024;
constexpr int64_t kBucketsPerChunk = 256;
constexpr int64_t kMinStep = std::numeric_limits<int64_t>::min();

int64_t ChunkSize(int level) { return level == 0 ? kPointsPerChunk : kBucketsPerChunk; }
int64_t RoundDown(int64_t index, int64_t size) { return index / size * size; }

std::string NameOf(const SeriesKey& key) {
  return key.rank == kWholeRun ? fmt::format("run {}, series {}", key.run, key.name)
                               : fmt::format("run {}, series {} of rank {}", key.run, key.name, key.rank);
}

absl::Status Damaged(const SeriesKey& key, int level, int64_t first, std::string_view what) {
  return absl::DataLossError(
      fmt::format("{}: the stored chunk {} of level {} is damaged ({}); the other series can "
                  "still be read, and deleting the run removes this one",
                  NameOf(key), first / ChunkSize(level), level, what));
}

}  // namespace

struct SeriesTable::State {
  SeriesKey key;
  std::string unit;
  int64_t id = 0;     // 0: has no row yet
  Pyramid pyramid;    // the newest part; what is before it stands in full chunks
  int64_t saved = 0;  // points on disk, in chunks or in the journal
  int64_t last_step = kMinStep;
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

  absl::Status Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) override {
    const int64_t in_memory = state_.pyramid.first(level);
    if (begin < std::min(end, in_memory))
      RETURN_IF_ERROR(ReadRows(level, begin, std::min(end, in_memory), buckets));
    if (end > in_memory) return state_.pyramid.Read(level, std::max(begin, in_memory), end, buckets);
    return absl::OkStatus();
  }

 private:
  absl::Status ReadRows(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) {
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
      if (query.Integer(0) != expected) return Damaged(state_.key, level, expected, "it is missing");
      const std::span<const uint8_t> data = query.Blob(2);
      if (Crc32c(data) != query.Integer(1))
        return Damaged(state_.key, level, expected, "its checksum differs");
      const auto from = static_cast<size_t>(std::max(begin, expected) - expected);
      const auto to = static_cast<size_t>(std::min(end, expected + size) - expected);
      if (level == 0) {
        const absl::StatusOr<Pyramid::Points> points = DecodePoints(data);
        if (!points.ok()) return Damaged(state_.key, level, expected, std::string(points.status().message()));
        if (points->steps.size() < to) return Damaged(state_.key, level, expected, "it is short");
        for (size_t i = from; i < to; ++i)
          buckets.push_back(BucketOf(points->steps[i], points->seconds[i], points->values[i]));
      } else {
        const absl::StatusOr<std::vector<SeriesBucket>> read = DecodeBuckets(data);
        if (!read.ok()) return Damaged(state_.key, level, expected, std::string(read.status().message()));
        if (read->size() < to) return Damaged(state_.key, level, expected, "it is short");
        buckets.insert(buckets.end(), read->begin() + static_cast<std::ptrdiff_t>(from),
                       read->begin() + static_cast<std::ptrdiff_t>(to));
      }
    }
    if (expected < end) return Damaged(state_.key, level, expected, "it is missing");
    return absl::OkStatus();
  }

  SeriesTable& table_;
  State& state_;
};

SeriesTable::SeriesTable(Connection& connection) : connection_(connection) {}
SeriesTable::~SeriesTable() = default;

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
    if (Crc32c(data) != query.Integer(2)) return Damaged(state.key, level, first, "its checksum differs");
    const bool is_full = count == ChunkSize(level);
    if (first < 0 || first % ChunkSize(level) != 0 || count < 1 || count > ChunkSize(level))
      return Damaged(state.key, level, first, fmt::format("it stands at {} with {}", first, count));
    if (level == 0) {
      absl::StatusOr<Pyramid::Points> points = DecodePoints(data);
      if (!points.ok()) return Damaged(state.key, level, first, std::string(points.status().message()));
      if (static_cast<int64_t>(points->steps.size()) != count)
        return Damaged(state.key, level, first, "it is short");
      state.last_step = points->steps.back();
      state.pyramid.RestorePoints(is_full ? first + count : first,
                                  is_full ? Pyramid::Points{} : *std::move(points));
    } else {
      absl::StatusOr<std::vector<SeriesBucket>> buckets = DecodeBuckets(data);
      if (!buckets.ok()) return Damaged(state.key, level, first, std::string(buckets.status().message()));
      if (static_cast<int64_t>(buckets->size()) != count)
        return Damaged(state.key, level, first, "it is short");
      state.pyramid.RestoreBuckets(level, is_full ? first + count : first,
                                   is_full ? std::vector<SeriesBucket>{} : *std::move(buckets));
    }
  }
  state.saved = state.pyramid.size(0);
  // Full point chunks are written before the level above them is flushed: that level is completed from them.
  ChunkSource below(*this, state);
  return state.pyramid.CatchUp(below);
}

void SeriesTable::Append(const SeriesKey& key, const std::string& unit, std::span<const int64_t> steps,
                         std::span<const double> seconds, std::span<const double> values) {
  absl::StatusOr<State*> found = Find(key);
  State* state = nullptr;
  if (found.ok()) {
    state = *found;
  } else {
    auto damaged = std::make_unique<State>();
    damaged->key = key;
    damaged->damage = found.status();
    state = states_.insert_or_assign(key, std::move(damaged)).first->second.get();
  }
  if (state == nullptr) {
    auto fresh = std::make_unique<State>();
    fresh->key = key;
    fresh->unit = unit;
    state = states_.emplace(key, std::move(fresh)).first->second.get();
  }
  state->used = flushes_;
  if (!state->damage.ok()) {
    if (!std::exchange(state->has_told, true))
      spdlog::error("{}; what is new of it is not stored", std::string(state->damage.message()));
    return;
  }
  if (state->unit.empty()) state->unit = unit;

  // Usually all of them ascend; else the good ones go one by one.
  bool ascends = true;
  int64_t last = state->last_step;
  for (const int64_t step : steps) {
    ascends &= step >= last;
    last = step;
  }
  if (ascends) {
    state->pyramid.Append(steps, seconds, values);
    if (!steps.empty()) state->last_step = last;
  } else {
    if (!std::exchange(state->has_told, true))
      spdlog::error("{}: steps go back after {}; such points are dropped", NameOf(key), state->last_step);
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i] < state->last_step) continue;
      state->pyramid.Append(steps.subspan(i, 1), seconds.subspan(i, 1), values.subspan(i, 1));
      state->last_step = steps[i];
    }
  }
  if (!std::exchange(state->is_unsaved, true)) unsaved_.push_back(state);
}

absl::Status SeriesTable::InsertRow(State& state) {
  Query query = connection_.Ask("INSERT INTO series (run, name, rank, unit) VALUES (?, ?, ?, ?)");
  RETURN_IF_ERROR(query.Bind(state.key.run).Bind(state.key.name).Bind(state.key.rank).Bind(state.unit).Run());
  state.id = connection_.last_insert_id();
  inserted_.push_back(&state);
  return absl::OkStatus();
}

absl::Status SeriesTable::WriteChunk(int64_t series, const Pyramid& pyramid, int level, int64_t first,
                                     int64_t end) {
  chunk_.clear();
  int64_t first_step = 0;
  const auto from = static_cast<size_t>(first - pyramid.first(level));
  const auto count = static_cast<size_t>(end - first);
  if (level == 0) {
    const Pyramid::Points& points = pyramid.points();
    first_step = points.steps[from];
    EncodePoints(std::span(points.steps).subspan(from, count), std::span(points.seconds).subspan(from, count),
                 std::span(points.values).subspan(from, count), chunk_);
  } else {
    EncodeBuckets(std::span(pyramid.buckets(level)).subspan(from, count), chunk_);
  }
  Query query = connection_.Ask(
      "INSERT INTO chunks (series, level, first, count, first_step, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (series, level, first) DO UPDATE SET count = excluded.count, first_step = "
      "excluded.first_step, "
      "crc = excluded.crc, data = excluded.data");
  return query.Bind(series)
      .Bind(level)
      .Bind(first)
      .Bind(end - first)
      .Bind(first_step)
      .Bind(static_cast<int64_t>(Crc32c(chunk_)))
      .Bind(std::span<const uint8_t>(chunk_))
      .Run();
}

absl::Status SeriesTable::WriteFullChunks(const State& state) {
  const Pyramid& pyramid = state.pyramid;
  for (int level = 0; level < pyramid.levels(); ++level) {
    const int64_t full = RoundDown(pyramid.size(level), ChunkSize(level));
    for (int64_t first = pyramid.first(level); first < full; first += ChunkSize(level))
      RETURN_IF_ERROR(WriteChunk(state.id, pyramid, level, first, first + ChunkSize(level)));
  }
  return absl::OkStatus();
}

absl::Status SeriesTable::WritePartialChunks(const State& state, const Pyramid& pyramid) {
  for (int level = 0; level < pyramid.levels(); ++level) {
    const int64_t size = pyramid.size(level);
    const int64_t first = RoundDown(size, ChunkSize(level));
    if (first < size) RETURN_IF_ERROR(WriteChunk(state.id, pyramid, level, first, size));
  }
  return absl::OkStatus();
}

absl::Status SeriesTable::Save() {
  journal_.clear();
  for (State* state : unsaved_) {
    if (state->id == 0) {
      const absl::Status inserted = InsertRow(*state);
      if (absl::IsInvalidArgument(inserted)) {  // no such run: it was deleted, or never put
        if (unknown_runs_.insert(state->key.run).second)
          spdlog::error("{}: there is no such run; its points are dropped", NameOf(state->key));
        continue;
      }
      RETURN_IF_ERROR(inserted);
    }
    RETURN_IF_ERROR(WriteFullChunks(*state));
    const int64_t size = state->pyramid.size(0);
    const int64_t first = std::max(state->saved, RoundDown(size, kPointsPerChunk));
    if (first >= size) continue;
    const auto from = static_cast<size_t>(first - state->pyramid.first(0));
    const Pyramid::Points& points = state->pyramid.points();
    const size_t at = journal_.size();
    journal_.resize(at + 20);
    EncodePoints(std::span(points.steps).subspan(from), std::span(points.seconds).subspan(from),
                 std::span(points.values).subspan(from), journal_);
    const auto bytes = static_cast<uint32_t>(journal_.size() - at - 20);
    std::memcpy(journal_.data() + at, &state->id, 8);
    std::memcpy(journal_.data() + at + 8, &first, 8);
    std::memcpy(journal_.data() + at + 16, &bytes, 4);
  }
  if (journal_.empty()) return absl::OkStatus();
  journal_bytes_added_ = static_cast<int64_t>(journal_.size());
  Query query = connection_.Ask("INSERT INTO journal (crc, data) VALUES (?, ?)");
  return query.Bind(static_cast<int64_t>(Crc32c(journal_))).Bind(std::span<const uint8_t>(journal_)).Run();
}

absl::Status SeriesTable::Flush() {
  std::set<State*> states = unflushed_;
  states.insert(unsaved_.begin(), unsaved_.end());
  for (State* state : states)
    if (state->id != 0) RETURN_IF_ERROR(WritePartialChunks(*state, state->pyramid));
  RETURN_IF_ERROR(connection_.Execute("DELETE FROM journal"));
  flushed_ = true;
  return absl::OkStatus();
}

void SeriesTable::Committed() {
  for (auto& [state, cut] : truncated_) {
    state->pyramid = std::move(cut->pyramid);
    state->saved = state->pyramid.size(0);
    state->last_step = cut->last_step;
  }
  truncated_.clear();
  for (State* state : unsaved_) {
    state->is_unsaved = false;
    if (state->id == 0) {  // of no run
      states_.erase(SeriesKey(state->key));
      continue;
    }
    state->saved = state->pyramid.size(0);
    for (int level = 0; level < state->pyramid.levels(); ++level)
      state->pyramid.Forget(level, RoundDown(state->pyramid.size(level), ChunkSize(level)));
    unflushed_.insert(state);
  }
  unsaved_.clear();
  inserted_.clear();
  journal_bytes_ += std::exchange(journal_bytes_added_, 0);
  if (!std::exchange(flushed_, false)) return;
  journal_bytes_ = 0;
  unflushed_.clear();
  // Whatever nobody used since the last flush is whole on disk, and leaves memory.
  std::erase_if(states_, [&](const auto& entry) { return entry.second->used < flushes_; });
  ++flushes_;
}

void SeriesTable::Trim() {
  constexpr size_t kMany = 4096;  // about 40 kB each; a run of 64 ranks has about 1,500 series
  if (states_.size() <= kMany) return;
  std::erase_if(states_, [&](const auto& entry) {
    State* state = entry.second.get();
    return !state->is_unsaved && !unflushed_.contains(state);
  });
}

void SeriesTable::RolledBack() {
  for (State* state : inserted_) state->id = 0;
  inserted_.clear();
  truncated_.clear();
  journal_bytes_added_ = 0;
  flushed_ = false;
}

absl::Status SeriesTable::Recover() {
  Query query = connection_.Ask("SELECT id, crc, data FROM journal ORDER BY id");
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    const std::span<const uint8_t> data = query.Blob(2);
    journal_bytes_ += static_cast<int64_t>(data.size());
    const absl::Status replayed = Crc32c(data) == query.Integer(1)
                                      ? ReplayJournalRow(query.Integer(0), data)
                                      : absl::DataLossError("its checksum differs");
    // The newest seconds of some series are not worth refusing the whole file.
    if (absl::IsDataLoss(replayed)) {
      spdlog::error("{}: row {} of the journal is damaged ({}); the points in it are lost",
                    connection_.path(), query.Integer(0), std::string(replayed.message()));
    } else {
      RETURN_IF_ERROR(replayed);
    }
  }
}

absl::Status SeriesTable::ReplayJournalRow(int64_t row, std::span<const uint8_t> data) {
  while (!data.empty()) {
    int64_t id = 0, first = 0;
    uint32_t bytes = 0;
    if (data.size() < 20) return absl::DataLossError("cut off");
    std::memcpy(&id, data.data(), 8);
    std::memcpy(&first, data.data() + 8, 8);
    std::memcpy(&bytes, data.data() + 16, 4);
    if (data.size() - 20 < bytes) return absl::DataLossError("cut off");
    ASSIGN_OR_RETURN(const Pyramid::Points points, DecodePoints(data.subspan(20, bytes)));
    data = data.subspan(20 + bytes);

    SeriesKey key;
    std::string unit;
    {
      Query query = connection_.Ask("SELECT run, name, rank, unit FROM series WHERE id = ?");
      ASSIGN_OR_RETURN(const bool is_there, query.Bind(id).Step());
      if (!is_there) continue;  // deleted since
      key = {.run = query.Text(0), .name = query.Text(1), .rank = static_cast<int>(query.Integer(2))};
      unit = query.Text(3);
    }
    const absl::StatusOr<State*> state = Find(key);
    if (absl::IsDataLoss(state.status())) {
      spdlog::error("{}", std::string(state.status().message()));
      continue;
    }
    RETURN_IF_ERROR(state.status());
    // Part of it may stand in a chunk that was filled later.
    const int64_t skipped = (*state)->pyramid.size(0) - first;
    if (skipped < 0) {
      spdlog::error("{}: {} points before row {} of the journal are missing; those in it are lost",
                    NameOf(key), -skipped, row);
      continue;
    }
    if (skipped >= static_cast<int64_t>(points.steps.size())) continue;
    const auto from = static_cast<size_t>(skipped);
    Append(key, unit, std::span(points.steps).subspan(from), std::span(points.seconds).subspan(from),
           std::span(points.values).subspan(from));
  }
  return absl::OkStatus();
}

absl::StatusOr<Pyramid::Points> SeriesTable::ReadPointChunk(const State& state, int64_t number) {
  const int64_t first = number * kPointsPerChunk;
  Query query = connection_.Ask("SELECT crc, data FROM chunks WHERE series = ? AND level = 0 AND first = ?");
  ASSIGN_OR_RETURN(const bool row, query.Bind(state.id).Bind(first).Step());
  if (!row) return Damaged(state.key, 0, first, "it is missing");
  ++rows_read_;
  if (Crc32c(query.Blob(1)) != query.Integer(0)) return Damaged(state.key, 0, first, "its checksum differs");
  absl::StatusOr<Pyramid::Points> points = DecodePoints(query.Blob(1));
  if (!points.ok()) return Damaged(state.key, 0, first, std::string(points.status().message()));
  return points;
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
    if (!row) return Damaged(state.key, 0, middle * kPointsPerChunk, "it is missing");
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
    return absl::NotFoundError(fmt::format(
        "{}: there is no such series{}{}", NameOf(key), has_name ? " of this rank; other ranks have it" : "",
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
      "SELECT name, rank, unit, coalesce((SELECT first + count FROM chunks WHERE series = series.id AND "
      "level = 0 "
      "ORDER BY first DESC LIMIT 1), 0) FROM series WHERE run = ? ORDER BY name, rank");
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

absl::Status SeriesTable::Truncate(const std::string& run, int64_t step) {
  assert(unsaved_.empty());
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, List(run));
  for (const SeriesDescription& series : all) {
    const absl::StatusOr<State*> state = Find({run, series.name, series.rank});
    if (absl::IsDataLoss(state.status())) continue;  // told when it is read
    RETURN_IF_ERROR(state.status());
    if (*state == nullptr || !(*state)->damage.ok()) continue;
    absl::StatusOr<std::unique_ptr<State>> cut = CutAt(**state, step);
    // One that is damaged must not keep the others from going on.
    if (absl::IsDataLoss(cut.status())) {
      spdlog::error("{}; it keeps its points from step {} on", std::string(cut.status().message()), step);
      continue;
    }
    RETURN_IF_ERROR(cut.status());
    if (*cut != nullptr) RETURN_IF_ERROR(WriteCut(**state, *std::move(cut)));
  }
  return absl::OkStatus();
}

// What becomes of it; null: it stays as it is. Reads only, so that damage is found before anything is
// changed.
absl::StatusOr<std::unique_ptr<SeriesTable::State>> SeriesTable::CutAt(State& state, int64_t step) {
  ASSIGN_OR_RETURN(const int64_t size, LowerBound(state, step));
  if (size == state.pyramid.size(0)) return nullptr;
  auto cut = std::make_unique<State>();
  ChunkSource source(*this, state);
  if (size > 0) {
    std::vector<SeriesBucket> last;
    RETURN_IF_ERROR(source.Read(0, size - 1, size, last));
    cut->last_step = static_cast<int64_t>(last.front().step);
  }
  int64_t level_size = size;
  for (int level = 0; level < state.pyramid.levels(); ++level, level_size /= kPyramidFactor) {
    const int64_t first = RoundDown(level_size, ChunkSize(level));
    std::vector<SeriesBucket> kept;
    RETURN_IF_ERROR(source.Read(level, first, level_size, kept));
    if (level == 0) {
      Pyramid::Points points;
      for (const SeriesBucket& point : kept) {
        points.steps.push_back(static_cast<int64_t>(point.step));
        points.seconds.push_back(point.seconds);
        points.values.push_back(point.mean);
      }
      cut->pyramid.RestorePoints(first, std::move(points));
    } else {
      cut->pyramid.RestoreBuckets(level, first, std::move(kept));
    }
  }
  return cut;
}

absl::Status SeriesTable::WriteCut(State& state, std::unique_ptr<State> cut) {
  for (int level = 0; level < state.pyramid.levels(); ++level) {
    Query query = connection_.Ask("DELETE FROM chunks WHERE series = ? AND level = ? AND first >= ?");
    RETURN_IF_ERROR(query.Bind(state.id).Bind(level).Bind(cut->pyramid.first(level)).Run());
  }
  RETURN_IF_ERROR(WritePartialChunks(state, cut->pyramid));
  truncated_.emplace_back(&state, std::move(cut));
  return absl::OkStatus();
}

void SeriesTable::Forget(const std::string& run) {
  for (auto at = states_.lower_bound({run, "", std::numeric_limits<int>::min()});
       at != states_.end() && at->first.run == run;) {
    std::erase(unsaved_, at->second.get());
    unflushed_.erase(at->second.get());
    at = states_.erase(at);
  }
}

}  // namespace concertina
