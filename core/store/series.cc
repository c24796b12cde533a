// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series.cc: points into memory, and from there into the journal and chunks (see series.h, series_impl.h).
// Journal row: for each series with new points: series id i64 | first index i64 | bytes u32 | points
// (chunk.h).
#include "core/store/series.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/log.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "core/store/series_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kJournalHead = 20;  // bytes before the points of a series

}  // namespace

std::string SeriesText(const SeriesKey& key) {
  return key.rank == kWholeRun ? fmt::format("run {}, series {}", key.run, key.name)
                               : fmt::format("run {}, series {} of rank {}", key.run, key.name, key.rank);
}

absl::Status DamagedChunk(const SeriesKey& key, int level, int64_t first, std::string_view what) {
  return absl::DataLossError(
      fmt::format("{}: the stored chunk {} of level {} is damaged ({}); the other series can "
                  "still be read, and deleting the run removes this one",
                  SeriesText(key), first / ChunkSize(level), level, what));
}

SeriesTable::SeriesTable(Connection& connection) : connection_(connection) {}
SeriesTable::~SeriesTable() = default;

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
      spdlog::error("{}: steps go back after {}; such points are dropped", SeriesText(key), state->last_step);
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
      "ON CONFLICT (series, level, first) DO UPDATE SET count = excluded.count, "
      "first_step = excluded.first_step, crc = excluded.crc, data = excluded.data");
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
          spdlog::error("{}: there is no such run; its points are dropped", SeriesText(state->key));
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
    journal_.resize(at + kJournalHead);
    EncodePoints(std::span(points.steps).subspan(from), std::span(points.seconds).subspan(from),
                 std::span(points.values).subspan(from), journal_);
    const auto bytes = static_cast<uint32_t>(journal_.size() - at - kJournalHead);
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

void SeriesTable::RolledBack() {
  for (State* state : inserted_) state->id = 0;
  inserted_.clear();
  truncated_.clear();
  journal_bytes_added_ = 0;
  flushed_ = false;
}

void SeriesTable::Trim() {
  constexpr size_t kMany = 4096;  // about 40 kB each; a run of 64 ranks has about 1,500 series
  if (states_.size() <= kMany) return;
  std::erase_if(states_, [&](const auto& entry) {
    State* state = entry.second.get();
    return !state->is_unsaved && !unflushed_.contains(state);
  });
}

void SeriesTable::Forget(const std::string& run) {
  for (auto at = states_.lower_bound({run, "", std::numeric_limits<int>::min()});
       at != states_.end() && at->first.run == run;) {
    std::erase(unsaved_, at->second.get());
    unflushed_.erase(at->second.get());
    at = states_.erase(at);
  }
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
    if (data.size() < kJournalHead) return absl::DataLossError("cut off");
    std::memcpy(&id, data.data(), 8);
    std::memcpy(&first, data.data() + 8, 8);
    std::memcpy(&bytes, data.data() + 16, 4);
    if (data.size() - kJournalHead < bytes) return absl::DataLossError("cut off");
    ASSIGN_OR_RETURN(const Pyramid::Points points, DecodePoints(data.subspan(kJournalHead, bytes)));
    data = data.subspan(kJournalHead + bytes);

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
                    SeriesText(key), -skipped, row);
      continue;
    }
    if (skipped >= static_cast<int64_t>(points.steps.size())) continue;
    const auto from = static_cast<size_t>(skipped);
    Append(key, unit, std::span(points.steps).subspan(from), std::span(points.seconds).subspan(from),
           std::span(points.values).subspan(from));
  }
  return absl::OkStatus();
}

}  // namespace concertina
