// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_recorder.cc: a ring of rows between the step thread and the engine link (see step_recorder.h).
#include "core/worker/step_recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace concertina {

namespace {

proto::Fold WireFold(RankFold fold) {
  switch (fold) {
    case RankFold::kSum:
      return proto::SUM;
    case RankFold::kMax:
      return proto::MAX;
    case RankFold::kMean:
      break;
  }
  return proto::MEAN;
}

}  // namespace

StepRecorder::Series StepRecorder::Open(std::string_view name, std::string_view unit, RankFold fold) {
  absl::MutexLock lock(&mutex_);
  for (const auto& series : declared_)
    if (series.name() == name) return static_cast<Series>(series.id());
  proto::SeriesDeclaration series;
  series.set_id(static_cast<uint32_t>(declared_.size()));
  series.set_name(std::string(name));
  series.set_unit(std::string(unit));
  series.set_fold(WireFold(fold));
  declared_.push_back(std::move(series));
  declared_count_ = declared_.size();
  return static_cast<Series>(declared_.size() - 1);
}

void StepRecorder::BeginRow(int64_t step) {
  if (row_.size() != declared_.size()) {  // the first row, or the first after a late Open
    row_.resize(declared_.size());
    absl::MutexLock lock(&mutex_);
    std::vector<double> wider(kMaxRows * row_.size(), std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < count_; ++i)
      std::copy_n(&ring_[(first_ + i) % kMaxRows * width_], width_,
                  &wider[(first_ + i) % kMaxRows * row_.size()]);
    ring_ = std::move(wider);
    width_ = row_.size();
    steps_.resize(kMaxRows);
    seconds_.resize(kMaxRows);
  }
  std::fill(row_.begin(), row_.end(), std::numeric_limits<double>::quiet_NaN());
  row_step_ = step;
}

void StepRecorder::Record(Series series, int64_t /*step*/, double value) {
  row_[static_cast<size_t>(series)] = value;
}

void StepRecorder::CommitRow(double seconds) {
  absl::MutexLock lock(&mutex_);
  if (count_ == kMaxRows) {
    first_ = (first_ + 1) % kMaxRows;
    --count_;
    ++dropped_;
  }
  const size_t at = (first_ + count_) % kMaxRows;
  std::copy(row_.begin(), row_.end(), ring_.begin() + static_cast<std::ptrdiff_t>(at * width_));
  steps_[at] = row_step_;
  seconds_[at] = seconds;
  ++count_;
}

void StepRecorder::AddEvaluation(int64_t step, double seconds,
                                 const std::vector<std::pair<Series, double>>& values) {
  absl::MutexLock lock(&mutex_);
  evaluations_.push_back({step, seconds, values});
}

bool StepRecorder::Take(proto::MetricBatch& batch) {
  batch.Clear();
  absl::MutexLock lock(&mutex_);
  if (count_ == 0 && evaluations_.empty()) return false;
  batch.set_rank(rank_);
  for (; declared_taken_ < declared_count_; ++declared_taken_)
    *batch.add_declared() = declared_[declared_taken_];
  if (count_ > 0) {
    proto::MetricTable& table = *batch.add_tables();
    for (size_t i = 0; i < count_; ++i) {
      table.add_steps(steps_[(first_ + i) % kMaxRows]);
      table.add_seconds(seconds_[(first_ + i) % kMaxRows]);
    }
    for (size_t column = 0; column < width_; ++column) {
      const auto value = [&](size_t i) { return ring_[(first_ + i) % kMaxRows * width_ + column]; };
      bool any = false;
      for (size_t i = 0; i < count_ && !any; ++i) any = !std::isnan(value(i));
      if (!any) continue;
      proto::MetricTable::Column& out = *table.add_columns();
      out.set_series(static_cast<uint32_t>(column));
      out.mutable_values()->Reserve(static_cast<int>(count_));
      for (size_t i = 0; i < count_; ++i) out.add_values(value(i));
    }
    first_ = 0;
    count_ = 0;
  }
  for (const Evaluation& evaluation : evaluations_) {
    proto::MetricTable& table = *batch.add_tables();
    table.add_steps(evaluation.step);
    table.add_seconds(evaluation.seconds);
    for (const auto& [series, value] : evaluation.values) {
      proto::MetricTable::Column& out = *table.add_columns();
      out.set_series(static_cast<uint32_t>(series));
      out.add_values(value);
    }
  }
  evaluations_.clear();
  batch.set_dropped(dropped_);
  dropped_ = 0;
  return true;
}

}  // namespace concertina
