// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_meter.h: the figures of a run's summary, kept up to date as the folded rows come.
// On the way of the data: engine/metric_hub.cc -> here -> proto::RunSummary.
//
//   totals              sums over all steps of what all workers counted
//   samples_per_second  median over windows of at least kWindowSeconds of training, the first tenth of the
//                       windows (warm-up, at most kWarmUpWindows) left out; a window's rate is its samples
//                       over the time from step to step, evaluations, checkpoints and pauses aside
//   time                mean over the steps after the first kWarmUpSteps (over all, in a run that short)
//   compression_ratio   dense bytes over payload bytes, both summed; 1 where nothing was sent
// After a resume the totals go on; rate and times are those of the steps since then.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/proto/run.pb.h"

namespace concertina {

// What a resumed run begins with: the sums over the steps that its checkpoint holds.
struct RunTotals {
  int64_t steps = 0;
  double seconds = 0;
  double bytes_sent = 0, bytes_received = 0, payload_bytes_sent = 0, messages_sent = 0;
  double dense_bytes = 0, encoded_bytes = 0;  // of the steps whose compression was measured
};

// Owned by the engine loop.
class RunMeter {
 public:
  static constexpr int64_t kWarmUpSteps = 10;
  static constexpr double kWindowSeconds = 0.25;
  static constexpr size_t kWarmUpWindows = 8;

  RunMeter(int64_t global_batch_size, double steps_per_epoch, const RunTotals& before = {});
  // From `step` on, with `epochs` behind it, the group is of another size.
  void SetGroup(int64_t step, double epochs, int64_t global_batch_size, double steps_per_epoch);
  // That lie behind `step`; 0 while it cannot be known.
  double EpochsAt(int64_t step) const;

  // Rows of one series of the whole run (rank -1), steps ascending; for each name once a step.
  enum class Figure {
    kNone,
    kTrainLoss,
    kTestLoss,
    kTestAccuracy,
    kRate,
    kBytesSent,
    kBytesReceived,
    kPayloadSent,
    kMessages,
    kRatio,
    kData,
    kCompute,
    kEncode,
    kExchange,
    kDecode,
    kUpdate,
    kWait,
    kMemory
  };
  static Figure FigureOf(std::string_view series);
  void Add(Figure figure, std::span<const int64_t> steps, std::span<const double> seconds,
           std::span<const double> values);

  // Fills in all fields that are measured.
  void Fill(proto::RunSummary& summary) const;

  // Steps that were made; 0 before the first.
  int64_t steps() const { return totals_.steps; }
  double seconds() const { return totals_.seconds; }
  double bytes_sent() const { return totals_.bytes_sent; }
  // Of about the last second; 0 while it cannot be known.
  double steps_per_second() const;

 private:
  struct Mean {
    double all = 0, warm = 0;
    int64_t all_count = 0, warm_count = 0;
    void Add(int64_t step, double value, int64_t first_warm_step);
    double value() const;
  };
  void AddRates(std::span<const int64_t> steps, std::span<const double> seconds,
                std::span<const double> values);

  // What every group of the run began with, and how it goes on from there.
  struct Group {
    int64_t step = 0, samples = 0;
    double epochs = 0;
    int64_t global_batch_size = 0;
    double steps_per_epoch = 0;
  };
  const Group& GroupAt(int64_t step) const;

  std::vector<Group> groups_;  // never empty
  RunTotals totals_;
  int64_t first_step_ = -1;  // that this meter saw
  std::optional<double> train_loss_, test_loss_, test_accuracy_;
  double peak_memory_ = 0;
  Mean data_, compute_, encode_, exchange_, decode_, update_, wait_;

  // Windows of samples_per_second. When there are too many, neighbours are merged and windows get longer.
  double window_seconds_ = kWindowSeconds;
  double open_seconds_ = 0, open_samples_ = 0;
  double rate_seconds_ = 0;  // the clock at the last step whose rate came
  int64_t rate_step_ = -2;
  std::vector<double> window_rates_;

  // The last rows' (seconds, steps), about a second apart.
  double mark_seconds_ = 0, last_mark_seconds_ = 0;
  int64_t mark_steps_ = 0, last_mark_steps_ = 0;

  // Ratio and payload of the same steps come one after the other.
  std::vector<int64_t> ratio_steps_;
  std::vector<double> ratios_;
  std::vector<int64_t> payload_steps_;
  std::vector<double> payloads_;
  void MatchRatios();
};

}  // namespace concertina
