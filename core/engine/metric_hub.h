// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_hub.h: the ledger of one run: what each rank measured, folded to what the run measured.
// On the way of the data: worker/step_recorder.h, engine/worker_link.h -> here -> store/store.h,
// engine/watch.h.
//
// A series has one value a step and rank, and folds them to the run's (rank -1) by its declared Fold, in the
// order of the ranks, so that the same values always give the same bits. A step is folded when no rank can
// report it any more: each has reported that series up to it, or something later, or has ended. Values are
// kept and handed on as columns; there is no per-value map, lock or allocation. "comm/bytes_total" is made
// here: what all workers had sent up to a step, the x axis "bytes".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/engine/kept_series.h"
#include "core/engine/run_meter.h"
#include "core/proto/engine.pb.h"
#include "core/store/store.h"

namespace concertina {

inline constexpr char kBytesTotalSeries[] = "comm/bytes_total";

// Owned by the engine loop.
class MetricHub {
 public:
  static constexpr size_t kMaxSeries = 1024;         // of a run
  static constexpr int64_t kMaxWindowSteps = 65536;  // the fastest rank may be ahead of the slowest
  static constexpr size_t kMaxHeldValues = 1
                                           << 22;  // while the store cannot write; then ranks' own values go

  MetricHub(int world_size, RunMeter& meter);

  // metric_hub_past.cc: goes on where the ledger of an earlier engine ended, whose workers declare their
  // series anew. Before anything else.
  void TakeUp(std::vector<KeptSeries> past, const KeptBytesTotal& bytes_total);

  // kInvalidArgument if the batch breaks the rules of run.proto (it says how): nothing of it is kept. Rows at
  // or before the rank's last of a series are ignored.
  absl::Status Add(int rank, const proto::MetricBatch& batch);
  // Nobody waits for this rank any more.
  void RankEnded(int rank);
  // Another worker reports as this rank (one more than there are, or one that has ended) from `step` on, and
  // declares its series anew.
  void RankBegan(int rank, int64_t step);

  // What was folded (and, for `ranks`, reported) since the last call, as watchers get it; null if nothing
  // was.
  std::unique_ptr<proto::MetricUpdate> TakeUpdate(bool ranks);
  // Appends to the store what is new since the last call, and what it has room for: the rest is held for the
  // next one. TakeUpdate first: what was not taken by then is not shown to watchers (they can read it from
  // the store).
  void WriteTo(Store& store, const std::string& run);
  // The same, for whoever may wait for the store where this loop may not.
  struct Rows {
    std::string series, unit;
    int rank = 0;
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
  };
  std::vector<Rows> TakeRows();
  // Values that wait for WriteTo.
  size_t held_values() const { return held_values_; }

  // Steps that this rank has reported: its last one with a training loss, and one.
  int64_t steps_of(int rank) const { return ranks_[static_cast<size_t>(rank)].steps; }
  // The newest value that this rank has reported of a series; NaN: none.
  double last_of(std::string_view series, int rank) const;
  uint64_t dropped() const { return dropped_; }

 private:
  struct Lane {  // columns of one series of one rank, waiting
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
    size_t shown = 0;  // the first so many were given to watchers
    void Append(std::span<const int64_t> s, std::span<const double> t, std::span<const double> v);
    void Clear();
  };
  struct RankState {
    std::vector<int> series;  // by the rank's own id
    int64_t last_step = -1;   // of any table
    int64_t steps = 0;        // of training
    bool ended = false;
  };
  struct Series {
    std::string name, unit;
    proto::Fold fold = proto::MEAN;
    RunMeter::Figure figure = RunMeter::Figure::kNone;
    // Steps [base, base + length) that are not folded yet: values by rank and the latest of the ranks'
    // clocks.
    int64_t base = 0;
    size_t length = 0;
    std::vector<std::vector<double>> window;  // by rank; NaN where nothing is
    std::vector<double> clock;
    double last_seconds = 0;
    std::vector<int64_t> reported;  // by rank: its last step here, -1: none, -2: not declared
    Lane whole;
    std::vector<Lane> lanes;   // by rank
    std::vector<double> last;  // by rank; NaN: nothing yet
  };

  absl::Status Check(int rank, const proto::MetricBatch& batch) const;
  void Declare(RankState& state, size_t rank, const proto::SeriesDeclaration& declaration);
  void GoOnFromPast(Series& series);
  void AddColumn(size_t rank, Series& series, const proto::MetricTable& table, const double* values);
  void FoldReady();
  int64_t ReadyBefore(const Series& series) const;
  void FoldBefore(Series& series, int64_t step);
  void Forget();
  template <class Write>
  void WriteEach(const Write& write_lane);
  double BytesAt(int64_t step) const;

  RunMeter& meter_;
  std::vector<RankState> ranks_;
  std::vector<std::unique_ptr<Series>> series_;
  std::map<std::string, int, std::less<>> by_name_;
  std::map<std::string, KeptSeries, std::less<>> past_;  // of series that nobody has declared again yet
  Lane bytes_total_;
  std::vector<int64_t> history_steps_;  // of bytes_total_, the recent part
  std::vector<double> history_bytes_;
  size_t held_values_ = 0;
  uint64_t dropped_ = 0, dropped_shown_ = 0;

  // Scratch of FoldBefore.
  std::vector<double> sums_, emitted_values_, emitted_seconds_;
  std::vector<int32_t> counts_;
  std::vector<int64_t> emitted_steps_;
};

}  // namespace concertina
