// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// store.h: runs, specs, series, events and artefacts in one SQLite file, written by one thread.
// On the way of the data: engine/metric_hub.h -> here -> analysis/pyramid.h answers at any zoom.
//
// Writes are posted to the store's own thread and return at once (a bounded queue; full, the poster waits);
// transactions are batched (at most every 200 ms). Reads run on the caller's thread through posting and
// waiting on the same connection, so a read sees every write posted before it. WAL, synchronous=NORMAL;
// acknowledged means Sync() returned.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

inline constexpr int kWholeRun = -1;  // the rank of a run's own series

// What people say about a run. A run without any has these.
struct StoredMarks {
  std::vector<std::string> tags;  // each once
  std::string note;
  int color = 0;
  bool is_pinned = false;  // of one run at most
  int64_t deleted_unix_ms = 0;
};

struct StoredRun {
  std::string id;  // "20261124-031500-a1b2c3": sortable, unique
  std::string name;
  std::string state;  // "queued", … as in the contract
  std::string spec_json;
  std::string summary;  // proto::RunSummary, serialised; the store does not look inside
  int64_t created_unix_ms = 0;
  StoredMarks marks;  // written by PutMarks, never by PutRun
};

struct StoredEvent {
  int64_t step = 0;
  double seconds = 0;
  int64_t unix_ms = 0;
  std::string kind, message, json;
};

struct SeriesPoint {  // one bucket of neighbouring points; min = mean = max where it is one point
  double step = 0, seconds = 0;
  double mean = 0, min = 0, max = 0;
  int64_t count = 1;
};

struct SeriesDescription {
  std::string name, unit;
  int rank = kWholeRun;
  int64_t points = 0;
};

class Store {
 public:
  // Opens or makes `path`, migrating older schemas (a copy is kept beside it first). kFailedPrecondition:
  // made by a newer version (untouched); kDataLoss: damaged (untouched, says what to do); kPermissionDenied,
  // kResourceExhausted as they are.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path);
  virtual ~Store() = default;  // writes out what is queued

  // The first write that failed (disk full), kept until all that waited for it has been written; the queue
  // keeps trying, nothing is lost.
  virtual absl::Status Health() const = 0;
  // Everything posted before is on disk. An error: not all of it, and what came through is.
  virtual absl::Status Sync() = 0;
  // A number of what has been posted so far, for IsCommitted. Any thread.
  virtual uint64_t posted() const { return 0; }
  // Whether all of that is in the database: there for the next engine, whatever ends this one, though perhaps
  // not after a power cut. Any thread, at no cost.
  virtual bool IsCommitted(uint64_t /*posted*/) const { return Health().ok(); }
  // Whether much can be posted without a wait. Any thread.
  virtual bool HasRoom() const { return true; }
  // From now on a poster does not wait where the queue is full: whoever ends does not want to wait for a disk
  // to have room. Any thread.
  virtual void EndWaiting() {}

  virtual void PutRun(StoredRun run) = 0;                            // insert or replace
  // In place of what was said before. Pinning one run unpins the one that was.
  virtual void PutMarks(const std::string& run, StoredMarks marks) = 0;
  virtual absl::StatusOr<std::vector<StoredRun>> Runs() = 0;         // all, newest first
  virtual absl::StatusOr<StoredRun> Run(const std::string& id) = 0;  // kNotFound
  virtual absl::Status DeleteRun(const std::string& id) = 0;         // with all that belongs to it; waits

  virtual void AddEvent(const std::string& run, StoredEvent event) = 0;
  virtual absl::StatusOr<std::vector<StoredEvent>> Events(const std::string& run) = 0;

  // Appends points; steps ascend within a series (a resumed run first calls TruncateSeries).
  virtual void Append(const std::string& run, const std::string& series, int rank, const std::string& unit,
                      std::span<const int64_t> steps, std::span<const double> seconds,
                      std::span<const double> values) = 0;
  // Forgets points with step >= `step` in all series of the run.
  virtual void TruncateSeries(const std::string& run, int64_t step) = 0;
  virtual absl::StatusOr<std::vector<SeriesDescription>> ListSeries(const std::string& run) = 0;
  // Points with step in [from, to) thinned to at most max_points buckets (0: every point); a bounded number
  // of rows is read whatever the length. kNotFound if there is no such series (the message names the
  // nearest).
  virtual absl::StatusOr<std::vector<SeriesPoint>> ReadSeries(const std::string& run,
                                                              const std::string& series, int rank,
                                                              int64_t from_step, int64_t to_step,
                                                              int max_points) = 0;

  virtual void PutArtefact(const std::string& run, const std::string& name, const std::string& path,
                           uint64_t bytes, const std::string& sha256) = 0;
  struct Artefact {
    std::string name, path, sha256;
    uint64_t bytes = 0;
  };
  virtual absl::StatusOr<std::vector<Artefact>> Artefacts(const std::string& run) = 0;
};

}  // namespace concertina
