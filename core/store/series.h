// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series.h: the series of all runs: their newest part in memory, the rest in chunks on disk.
// On the way of the data: store/store.cc, batch by batch -> here -> analysis/pyramid.h answers at any zoom.
//
// Three places hold a point, one after the other. Memory: from Append until it stands in a full chunk.
// Journal: one row a commit with what is new of all series; a commit costs one row however many series there
// are. Chunks: 1,024 points, or 256 buckets of a pyramid level, a row; the last of each level is partial and
// is written only now and then (Flush, which empties the journal).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/pyramid.h"
#include "core/store/connection.h"
#include "core/store/store.h"

namespace concertina {

struct SeriesKey {
  std::string run, name;
  int rank = kWholeRun;
  auto operator<=>(const SeriesKey&) const = default;
};

// Owned by the writer thread. What changes the database is called inside a transaction of the caller, who
// then says Committed or RolledBack; memory follows the disk only after Committed.
class SeriesTable {
 public:
  explicit SeriesTable(Connection& connection);
  ~SeriesTable();

  // Takes what a crash left in the journal into memory. Once, before anything else, followed by a Flush.
  absl::Status Recover();

  // Into memory. Points whose step is below the last one's, and points of a run that there is not, are
  // dropped and told to the log: the mistake of a caller must not stop the others' writes.
  void Append(const SeriesKey& key, const std::string& unit, std::span<const int64_t> steps,
              std::span<const double> seconds, std::span<const double> values);
  bool has_unsaved() const { return !unsaved_.empty(); }
  bool has_unflushed() const { return journal_bytes_ > 0; }
  int64_t journal_bytes() const { return journal_bytes_; }

  // Writes full chunks, and the rest that is new to the journal.
  absl::Status Save();
  // After Save in the same transaction: writes the partial chunks and empties the journal.
  absl::Status Flush();
  void Committed();
  void RolledBack();

  // Nothing may be unsaved. `run` keeps its points before `step`. In a transaction, as above.
  absl::Status Truncate(const std::string& run, int64_t step);
  // After the run's rows are gone.
  void Forget(const std::string& run);
  // Frees what is whole on disk, once it is much.
  void Trim();

  absl::StatusOr<std::vector<SeriesDescription>> List(const std::string& run);
  absl::StatusOr<std::vector<SeriesPoint>> Read(const SeriesKey& key, int64_t from_step, int64_t to_step,
                                                int max_points);
  // Rows of chunks that reads have touched, ever.
  int64_t rows_read() const { return rows_read_; }

 private:
  struct State;
  class ChunkSource;

  absl::StatusOr<State*> Find(const SeriesKey& key);  // null: no such series
  absl::Status Load(State& state);
  absl::StatusOr<int64_t> LowerBound(State& state, int64_t step);
  absl::StatusOr<Pyramid::Points> ReadPointChunk(const State& state, int64_t number);
  absl::Status InsertRow(State& state);
  absl::Status WriteFullChunks(const State& state);
  absl::Status WritePartialChunks(const State& state, const Pyramid& pyramid);
  absl::Status WriteChunk(int64_t series, const Pyramid& pyramid, int level, int64_t first, int64_t end);
  absl::StatusOr<std::unique_ptr<State>> CutAt(State& state, int64_t step);
  absl::Status WriteCut(State& state, std::unique_ptr<State> cut);
  absl::Status ReplayJournalRow(int64_t row, std::span<const uint8_t> data);

  Connection& connection_;
  std::map<SeriesKey, std::unique_ptr<State>> states_;
  std::vector<State*> unsaved_;   // have points that are not on disk
  std::set<State*> unflushed_;    // have points in the journal
  std::vector<State*> inserted_;  // got their row in this transaction
  std::vector<std::pair<State*, std::unique_ptr<State>>>
      truncated_;                    // in this transaction, and what becomes of them
  std::vector<uint8_t> chunk_;       // scratch
  std::vector<uint8_t> journal_;     // scratch
  int64_t journal_bytes_ = 0;        // on disk
  int64_t journal_bytes_added_ = 0;  // in this transaction
  bool flushed_ = false;             // in this transaction
  int64_t flushes_ = 0;
  std::set<std::string> unknown_runs_;  // told to the log
  int64_t rows_read_ = 0;
};

}  // namespace concertina
