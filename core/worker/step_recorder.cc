// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_recorder.cc: a ring of rows between the step thread and the engine link (see step_recorder.h).
#include "core/worker/step_recorder.h"

#include <algorithm>
#include <cassert>
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

void StepRecorder::Ring::Widen(size_t width) {
  std::vector<double> wider(rows_ * width, std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < count_; ++i)
    std::copy_n(&values_[(first_ + i) % rows_ * width_], width_, &wider[(first_ + i) % rows_ * width]);
  values_ = std::move(wider);
  width_ = width;
}

bool StepRecorder::Ring::Add(int64_t step, double seconds, std::span<const double> values) {
  const bool is_full = count_ == rows_;
  if (is_full) {
    first_ = (first_ + 1) % rows_;
    --count_;
  }
  const size_t at = (first_ + count_) % rows_;
  std::copy(values.begin(), values.end(), values_.begin() + static_cast<std::ptrdiff_t>(at * width_));
  steps_[at] = step;
  seconds_[at] = seconds;
  ++count_;
  return is_full;
}

void StepRecorder::Ring::Take(std::span<const uint32_t> series, proto::MetricBatch& batch) {
  if (count_ == 0) return;
  proto::MetricTable& table = *batch.add_tables();
  for (size_t i = 0; i < count_; ++i) {
    table.add_steps(steps_[(first_ + i) % rows_]);
    table.add_seconds(seconds_[(first_ + i) % rows_]);
  }
  for (size_t column = 0; column < width_; ++column) {
    const auto value = [&](size_t i) { return values_[(first_ + i) % rows_ * width_ + column]; };
    bool any = false;
    for (size_t i = 0; i < count_ && !any; ++i) any = !std::isnan(value(i));
    if (!any) continue;
    proto::MetricTable::Column& out = *table.add_columns();
    out.set_series(series[column]);
    out.mutable_values()->Reserve(static_cast<int>(count_));
    for (size_t i = 0; i < count_; ++i) out.add_values(value(i));
  }
  first_ = 0;
  count_ = 0;
}

StepRecorder::Series StepRecorder::Declare(std::string_view name, std::string_view unit, RankFold fold,
                                           std::vector<uint32_t>& columns) {
  for (const auto& series : declared_)
    if (series.name() == name) return static_cast<Series>(series.id());
  proto::SeriesDeclaration series;
  series.set_id(static_cast<uint32_t>(declared_.size()));
  series.set_name(std::string(name));
  series.set_unit(std::string(unit));
  series.set_fold(WireFold(fold));
  column_of_.push_back(static_cast<int>(columns.size()));
  columns.push_back(series.id());
  declared_.push_back(std::move(series));
  declared_count_ = declared_.size();
  return static_cast<Series>(declared_.size() - 1);
}

StepRecorder::Series StepRecorder::Open(std::string_view name, std::string_view unit, RankFold fold) {
  absl::MutexLock lock(&mutex_);
  return Declare(name, unit, fold, columns_);
}

StepRecorder::Series StepRecorder::OpenApart(std::string_view name, std::string_view unit, RankFold fold,
                                             Apart table) {
  absl::MutexLock lock(&mutex_);
  return Declare(name, unit, fold, apart_columns_[static_cast<size_t>(table)]);
}

size_t StepRecorder::WidthOf(Apart table) {
  absl::MutexLock lock(&mutex_);
  return apart_columns_[static_cast<size_t>(table)].size();
}

void StepRecorder::BeginRow(int64_t step) {
  if (declared_.size() != seen_) {  // the first row, or the first after a late Open
    seen_ = declared_.size();
    absl::MutexLock lock(&mutex_);
    row_.resize(columns_.size());
    ring_.Widen(columns_.size());
  }
  std::fill(row_.begin(), row_.end(), std::numeric_limits<double>::quiet_NaN());
  row_step_ = first_step_ + step;
}

void StepRecorder::Record(Series series, int64_t /*step*/, double value) {
  row_[static_cast<size_t>(column_of_[static_cast<size_t>(series)])] = value;
}

void StepRecorder::CommitRow(double seconds) {
  absl::MutexLock lock(&mutex_);
  if (ring_.Add(row_step_, seconds, row_)) ++dropped_;
}

void StepRecorder::AddApart(int64_t step, double seconds, std::span<const double> values, Apart table) {
  absl::MutexLock lock(&mutex_);
  assert(values.size() == apart_columns_[static_cast<size_t>(table)].size());
  Ring& rows = aparts_[static_cast<size_t>(table)];
  if (rows.width() != values.size()) rows.Widen(values.size());
  if (rows.Add(first_step_ + step, seconds, values)) ++dropped_;
}

void StepRecorder::AddEvaluation(int64_t step, double seconds,
                                 const std::vector<std::pair<Series, double>>& values) {
  absl::MutexLock lock(&mutex_);
  evaluations_.push_back({first_step_ + step, seconds, values});
}

void StepRecorder::DeclareAgain(proto::MetricBatch& batch) {
  absl::MutexLock lock(&mutex_);
  batch.set_rank(rank_);
  for (size_t i = 0; i < declared_taken_; ++i) *batch.add_declared() = declared_[i];
}

bool StepRecorder::Take(proto::MetricBatch& batch) {
  batch.Clear();
  absl::MutexLock lock(&mutex_);
  const bool is_none_apart =
      std::all_of(aparts_.begin(), aparts_.end(), [](const Ring& rows) { return rows.is_empty(); });
  if (ring_.is_empty() && is_none_apart && evaluations_.empty()) return false;
  batch.set_rank(rank_);
  for (; declared_taken_ < declared_count_; ++declared_taken_)
    *batch.add_declared() = declared_[declared_taken_];
  ring_.Take(columns_, batch);
  for (size_t i = 0; i < kAparts; ++i) aparts_[i].Take(apart_columns_[i], batch);
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
