// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_recorder.h: keeps one row of measurements a step until the engine link takes them, without allocating.
// On the way of the data: worker/step_loop.cc -> here -> worker/engine_link.cc -> engine/metric_hub.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
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
  static constexpr size_t kMaxApartRows = 512;

  explicit StepRecorder(uint32_t rank) : rank_(rank) {}

  // All series of a table are opened before its first row.
  Series Open(std::string_view name, std::string_view unit, RankFold fold) override;

  // A row is begun, filled and committed by the step thread; what was not recorded in it is NaN. `seconds` is
  // when the step ended.
  // From now on so many steps are added to those that are named here: a recipe trains in stretches.
  void SetFirstStep(int64_t first_step) { first_step_ = first_step; }
  int64_t first_step() const { return first_step_; }
  void BeginRow(int64_t step);
  void Record(Series series, int64_t step, double value) override;
  void CommitRow(double seconds);

  // Evaluations come at their own pace, in a table of their own.
  void AddEvaluation(int64_t step, double seconds, const std::vector<std::pair<Series, double>>& values);

  // A series that is not in the rows of steps but in rows of its own, of the series opened so one after
  // another: what is measured now and then would take its room in every row. All of a table are opened before
  // its first row.
  enum class Apart { kLayers, kArrivals };
  Series OpenApart(std::string_view name, std::string_view unit, RankFold fold, Apart table = Apart::kLayers);
  // Where in a row of its table the series is, and how many there are: a recipe's next stretch opens others
  // besides.
  size_t PlaceOf(Series series) const { return static_cast<size_t>(column_of_[static_cast<size_t>(series)]); }
  size_t WidthOf(Apart table);
  // Rows of those, values in the order of their opening; NaN is "not measured". On the step thread.
  void AddApart(int64_t step, double seconds, std::span<const double> values, Apart table = Apart::kLayers);

  // All series that batches have declared so far, for a reader that has not seen them.
  void DeclareAgain(proto::MetricBatch& batch);

  // Everything committed since the last call, as the wire wants it; false if there is nothing.
  bool Take(proto::MetricBatch& batch);

 private:
  struct Evaluation {
    int64_t step;
    double seconds;
    std::vector<std::pair<Series, double>> values;
  };

  // The newest rows of some series, without allocating once it has its width.
  class Ring {
   public:
    explicit Ring(size_t rows) : rows_(rows), steps_(rows), seconds_(rows) {}
    size_t width() const { return width_; }
    void Widen(size_t width);  // rows that are there keep their values
    // Whether the oldest row had to go.
    bool Add(int64_t step, double seconds, std::span<const double> values);
    // Appends all rows to a table of the batch, columns under the numbers of their series, and forgets them.
    void Take(std::span<const uint32_t> series, proto::MetricBatch& batch);
    bool is_empty() const { return count_ == 0; }

   private:
    const size_t rows_;
    size_t width_ = 0, first_ = 0, count_ = 0;
    std::vector<double> values_;  // rows_ x width_
    std::vector<int64_t> steps_;
    std::vector<double> seconds_;
  };
  Series Declare(std::string_view name, std::string_view unit, RankFold fold, std::vector<uint32_t>& columns)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint32_t rank_;
  std::vector<proto::SeriesDeclaration> declared_;  // step thread; final once the first row is begun
  std::vector<int> column_of_;                      // by series, in the rows of steps; step thread
  std::vector<double> row_;                         // step thread
  size_t seen_ = 0;                                 // declared when the last row was begun; step thread
  int64_t row_step_ = 0;
  int64_t first_step_ = 0;  // step thread

  absl::Mutex mutex_;
  size_t declared_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t declared_count_ ABSL_GUARDED_BY(mutex_) = 0;
  static constexpr size_t kAparts = 2;                     // of Apart
  std::vector<uint32_t> columns_ ABSL_GUARDED_BY(mutex_);  // series
  std::array<std::vector<uint32_t>, kAparts> apart_columns_ ABSL_GUARDED_BY(mutex_);
  Ring ring_ ABSL_GUARDED_BY(mutex_){kMaxRows};
  std::array<Ring, kAparts> aparts_ ABSL_GUARDED_BY(mutex_){Ring(kMaxApartRows), Ring(kMaxApartRows)};
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Evaluation> evaluations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace concertina
