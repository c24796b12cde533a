// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_recorder.h: keeps one row of measurements a step until the engine link takes them, without allocating.
// On the way of the data: worker/step_loop.cc -> here -> worker/engine_link.cc -> engine/metric_hub.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/recorder.h"
#include "core/proto/run.pb.h"

namespace concertina {

// Rows are committed by the step thread and taken by the link's thread. When the link is slow and the buffer
// is full the oldest rows go, and their number is told: measurements never make training wait.
class StepRecorder final : public Recorder {
 public:
  static constexpr size_t kMaxRows = 8192;

  explicit StepRecorder(uint32_t rank) : rank_(rank) {}

  // All series of a table are opened before its first row.
  Series Open(std::string_view name, std::string_view unit, RankFold fold) override;

  // A row is begun, filled and committed by the step thread; what was not recorded in it is NaN. `seconds` is
  // when the step ended.
  void BeginRow(int64_t step);
  void Record(Series series, int64_t step, double value) override;
  void CommitRow(double seconds);

  // Evaluations come at their own pace, in a table of their own.
  void AddEvaluation(int64_t step, double seconds, const std::vector<std::pair<Series, double>>& values);

  // Everything committed since the last call, as the wire wants it; false if there is nothing.
  bool Take(proto::MetricBatch& batch);

 private:
  struct Evaluation {
    int64_t step;
    double seconds;
    std::vector<std::pair<Series, double>> values;
  };

  const uint32_t rank_;
  std::vector<proto::SeriesDeclaration> declared_;  // step thread; final once the first row is begun
  std::vector<double> row_;                         // step thread
  int64_t row_step_ = 0;

  absl::Mutex mutex_;
  size_t declared_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t declared_count_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t width_ ABSL_GUARDED_BY(mutex_) = 0;          // columns of the ring
  std::vector<double> ring_ ABSL_GUARDED_BY(mutex_);  // kMaxRows x width_
  std::vector<int64_t> steps_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> seconds_ ABSL_GUARDED_BY(mutex_);
  size_t first_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Evaluation> evaluations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace concertina
