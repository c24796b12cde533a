// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_hub.cc: see metric_hub.h.
#include "core/engine/metric_hub.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kNotDeclared = -2;
constexpr size_t kHistory = 8192;  // steps whose bytes are remembered for rows that come late (evaluations)

bool IsSeriesName(std::string_view name) {
  if (name.empty() || name.size() > 100) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '.';
  });
}

}  // namespace

void MetricHub::Lane::Append(std::span<const int64_t> s, std::span<const double> t,
                             std::span<const double> v) {
  steps.insert(steps.end(), s.begin(), s.end());
  seconds.insert(seconds.end(), t.begin(), t.end());
  values.insert(values.end(), v.begin(), v.end());
}

void MetricHub::Lane::Clear() {
  steps.clear();
  seconds.clear();
  values.clear();
  shown = 0;
}

MetricHub::MetricHub(int world_size, RunMeter& meter)
    : meter_(meter), ranks_(static_cast<size_t>(world_size)) {}

absl::Status MetricHub::Check(int rank, const proto::MetricBatch& batch) const {
  const auto broken = [rank](std::string what) {
    return absl::InvalidArgumentError(
        fmt::format("rank {}: its measurements cannot be read: {}", rank, what));
  };
  size_t declared = ranks_[static_cast<size_t>(rank)].series.size();
  for (const proto::SeriesDeclaration& declaration : batch.declared()) {
    if (declaration.id() != declared)
      return broken(fmt::format("series number {} was declared, {} was next", declaration.id(), declared));
    if (!IsSeriesName(declaration.name())) return broken("a series has no proper name");
    if (++declared > kMaxSeries) return broken(fmt::format("more than {} series", kMaxSeries));
  }
  for (const proto::MetricTable& table : batch.tables()) {
    if (table.seconds_size() != table.steps_size())
      return broken(
          fmt::format("{} steps and {} times in a table", table.steps_size(), table.seconds_size()));
    int64_t last = -1;
    for (const int64_t step : table.steps()) {
      if (step <= last || step > (int64_t{1} << 53))
        return broken(fmt::format("step {} follows step {} in a table", step, last));
      last = step;
    }
    for (const double second : table.seconds())
      if (!std::isfinite(second)) return broken("a time is not finite");
    for (const proto::MetricTable::Column& column : table.columns()) {
      if (column.series() >= declared)
        return broken(fmt::format("series {} was not declared", column.series()));
      if (column.values_size() != table.steps_size())
        return broken(fmt::format("a column of {} values in a table of {} steps", column.values_size(),
                                  table.steps_size()));
    }
  }
  return absl::OkStatus();
}

absl::Status MetricHub::Add(int rank, const proto::MetricBatch& batch) {
  RETURN_IF_ERROR(Check(rank, batch));
  RankState& state = ranks_[static_cast<size_t>(rank)];
  for (const proto::SeriesDeclaration& declaration : batch.declared())
    Declare(state, static_cast<size_t>(rank), declaration);
  for (const proto::MetricTable& table : batch.tables()) {
    if (table.steps_size() == 0) continue;
    for (const proto::MetricTable::Column& column : table.columns())
      AddColumn(static_cast<size_t>(rank), *series_[static_cast<size_t>(state.series[column.series()])],
                table, column.values().data());
    state.last_step = std::max(state.last_step, table.steps(table.steps_size() - 1));
  }
  dropped_ += batch.dropped();
  FoldReady();
  if (held_values_ > kMaxHeldValues) Forget();
  return absl::OkStatus();
}

void MetricHub::Declare(RankState& state, size_t rank, const proto::SeriesDeclaration& declaration) {
  auto found = by_name_.find(declaration.name());
  if (found == by_name_.end()) {
    found = by_name_.emplace(declaration.name(), static_cast<int>(series_.size())).first;
    auto series = std::make_unique<Series>();
    series->name = declaration.name();
    series->unit = CutUtf8(declaration.unit(), 40);
    series->fold = declaration.fold();
    series->figure = RunMeter::FigureOf(declaration.name());
    series->window.resize(ranks_.size());
    series->reported.assign(ranks_.size(), kNotDeclared);
    series->lanes.resize(ranks_.size());
    series->last.assign(ranks_.size(), kNothing);
    GoOnFromPast(*series);
    series_.push_back(std::move(series));
  }
  state.series.push_back(found->second);
  int64_t& reported = series_[static_cast<size_t>(found->second)]->reported[rank];
  reported = std::max<int64_t>(reported, -1);
}

void MetricHub::AddColumn(size_t rank, Series& series, const proto::MetricTable& table,
                          const double* values) {
  const int64_t* steps = table.steps().data();
  const double* seconds = table.seconds().data();
  auto count = static_cast<size_t>(table.steps_size());
  // Rows that this rank has reported before are not taken twice; those that were folded without it come late
  // for the run, but are still the rank's own.
  const size_t known =
      static_cast<size_t>(std::upper_bound(steps, steps + count, series.reported[rank]) - steps);
  steps += known, seconds += known, values += known, count -= known;
  if (count == 0) return;
  series.reported[rank] = steps[count - 1];
  if (series.figure == RunMeter::Figure::kTrainLoss) {  // rows without one are not steps of training
    size_t trained = count;
    while (trained > 0 && std::isnan(values[trained - 1])) --trained;
    if (trained > 0) ranks_[rank].steps = steps[trained - 1] + 1;
  }

  // The rank's own series: without the rows where nothing was measured.
  Lane& lane = series.lanes[rank];
  const size_t lane_size = lane.values.size();
  bool all = true;
  for (size_t i = 0; i < count; ++i) all &= values[i] == values[i];
  if (all) {
    lane.Append({steps, count}, {seconds, count}, {values, count});
  } else {
    for (size_t i = 0; i < count; ++i) {
      if (std::isnan(values[i])) continue;
      lane.steps.push_back(steps[i]);
      lane.seconds.push_back(seconds[i]);
      lane.values.push_back(values[i]);
    }
  }
  held_values_ += lane.values.size() - lane_size;
  if (lane.values.size() > lane_size) series.last[rank] = lane.values.back();

  size_t late = 0;
  while (late < count && steps[late] < series.base) ++late;
  steps += late, seconds += late, values += late, count -= late;
  if (count == 0) return;
  // After a long silence (evaluations, a resumed run) the window begins anew. After a short one it does not:
  // another rank may still have those steps, if this one lost them.
  constexpr int64_t kLongSilenceSteps = 1024;
  if (series.length == 0 && steps[0] - series.base > kLongSilenceSteps) series.base = steps[0];
  std::vector<double>& window = series.window[rank];
  for (size_t i = 0; i < count;) {
    if (steps[i] - series.base >= kMaxWindowSteps) {
      // The slowest is too far behind to be waited for.
      FoldBefore(series, steps[i] - kMaxWindowSteps / 2);
      if (series.length == 0) series.base = steps[i];
    }
    // Steps that follow each other without a gap are copied as one.
    const auto at = static_cast<size_t>(steps[i] - series.base);
    const size_t room = static_cast<size_t>(kMaxWindowSteps) - at;
    size_t run = 1;
    while (run < room && i + run < count && steps[i + run] == steps[i] + static_cast<int64_t>(run)) ++run;
    if (at + run > series.length) {
      series.length = at + run;
      series.clock.resize(series.length, -std::numeric_limits<double>::infinity());
    }
    if (at + run > window.size()) window.resize(at + run, kNothing);
    std::copy(values + i, values + i + run, window.begin() + static_cast<ptrdiff_t>(at));
    for (size_t j = 0; j < run; ++j) series.clock[at + j] = std::max(series.clock[at + j], seconds[i + j]);
    i += run;
  }
}

void MetricHub::RankEnded(int rank) {
  ranks_[static_cast<size_t>(rank)].ended = true;
  FoldReady();
}

void MetricHub::RankBegan(int rank, int64_t step) {
  const auto index = static_cast<size_t>(rank);
  if (index == ranks_.size()) {
    ranks_.emplace_back();
    for (const std::unique_ptr<Series>& series : series_) {
      series->window.emplace_back();
      series->reported.push_back(kNotDeclared);
      series->lanes.emplace_back();
      series->last.push_back(kNothing);
    }
  }
  for (const std::unique_ptr<Series>& series : series_) series->last[index] = kNothing;  // another worker's
  RankState& state = ranks_[index];
  state.series.clear();
  state.last_step = step;  // the steps before are folded without it
  state.ended = false;
}

double MetricHub::last_of(std::string_view series, int rank) const {
  const auto found = by_name_.find(series);
  if (found == by_name_.end()) return kNothing;
  return series_[static_cast<size_t>(found->second)]->last[static_cast<size_t>(rank)];
}

int64_t MetricHub::ReadyBefore(const Series& series) const {
  int64_t before = std::numeric_limits<int64_t>::max();
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    if (ranks_[rank].ended) continue;
    before = std::min(before, std::max(series.reported[rank] + 1, ranks_[rank].last_step));
  }
  return before;
}

void MetricHub::FoldReady() {
  for (const std::unique_ptr<Series>& series : series_)
    if (series->length > 0) FoldBefore(*series, ReadyBefore(*series));
}

void MetricHub::FoldBefore(Series& series, int64_t step) {
  if (step <= series.base) return;
  const size_t n =
      static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(series.length), step - series.base));
  const double start = series.fold == proto::MAX ? -std::numeric_limits<double>::infinity() : 0;
  sums_.assign(n, start);
  counts_.assign(n, 0);
  for (std::vector<double>& window : series.window) {
    const size_t m = std::min(n, window.size());
    // Plain loops over columns: the compiler makes vectors of them.
    if (series.fold == proto::MAX) {
      for (size_t i = 0; i < m; ++i) sums_[i] = window[i] > sums_[i] ? window[i] : sums_[i];
    } else {
      for (size_t i = 0; i < m; ++i) sums_[i] += window[i] == window[i] ? window[i] : 0;
    }
    for (size_t i = 0; i < m; ++i) counts_[i] += window[i] == window[i] ? 1 : 0;
    window.erase(window.begin(), window.begin() + static_cast<ptrdiff_t>(m));
  }
  emitted_steps_.clear();
  emitted_seconds_.clear();
  emitted_values_.clear();
  for (size_t i = 0; i < n; ++i) {
    if (counts_[i] == 0) continue;
    emitted_steps_.push_back(series.base + static_cast<int64_t>(i));
    emitted_seconds_.push_back(series.clock[i]);
    emitted_values_.push_back(series.fold == proto::MEAN ? sums_[i] / counts_[i] : sums_[i]);
  }
  series.clock.erase(series.clock.begin(), series.clock.begin() + static_cast<ptrdiff_t>(n));
  series.base += static_cast<int64_t>(n);
  series.length -= n;
  // A rank's clock starts at its own first step: across ranks time may seem to go back by a hair.
  for (double& seconds : emitted_seconds_)
    seconds = series.last_seconds = std::max(seconds, series.last_seconds);
  series.whole.Append(emitted_steps_, emitted_seconds_, emitted_values_);
  held_values_ += emitted_values_.size();

  const double bytes_before = meter_.bytes_sent();
  meter_.Add(series.figure, emitted_steps_, emitted_seconds_, emitted_values_);
  if (series.figure != RunMeter::Figure::kBytesSent) return;
  double total = bytes_before;
  for (double& value : emitted_values_) value = total += value;
  bytes_total_.Append(emitted_steps_, emitted_seconds_, emitted_values_);
  held_values_ += emitted_values_.size();
  history_steps_.insert(history_steps_.end(), emitted_steps_.begin(), emitted_steps_.end());
  history_bytes_.insert(history_bytes_.end(), emitted_values_.begin(), emitted_values_.end());
  if (history_steps_.size() > 2 * kHistory) {
    history_steps_.erase(history_steps_.begin(), history_steps_.end() - kHistory);
    history_bytes_.erase(history_bytes_.begin(), history_bytes_.end() - kHistory);
  }
}

double MetricHub::BytesAt(int64_t step) const {
  if (history_steps_.empty()) return meter_.bytes_sent();
  const auto after = std::upper_bound(history_steps_.begin(), history_steps_.end(), step);
  return history_bytes_[static_cast<size_t>(std::max<ptrdiff_t>(0, after - history_steps_.begin() - 1))];
}

std::unique_ptr<proto::MetricUpdate> MetricHub::TakeUpdate(bool ranks) {
  struct Shown {
    Lane* lane;
    const std::string* name;
    const std::string* unit;
    int rank;
  };
  static const std::string kBytesName = kBytesTotalSeries, kBytesUnit = "B";
  std::vector<Shown> shown;
  const auto offer = [&](Lane& lane, const std::string& name, const std::string& unit, int rank) {
    if (lane.shown < lane.values.size()) shown.push_back({&lane, &name, &unit, rank});
  };
  for (const std::unique_ptr<Series>& series : series_) {
    offer(series->whole, series->name, series->unit, kWholeRun);
    for (size_t rank = 0; rank < series->lanes.size(); ++rank) {
      Lane& lane = series->lanes[rank];
      if (ranks)
        offer(lane, series->name, series->unit, static_cast<int>(rank));
      else
        lane.shown = lane.values.size();
    }
  }
  offer(bytes_total_, kBytesName, kBytesUnit, kWholeRun);
  if (shown.empty()) return nullptr;

  // One axis for all columns: the union of their steps, which mostly are the same.
  std::vector<int64_t> axis, merged;
  std::vector<double> clock, merged_clock;
  for (const Shown& one : shown) {
    const std::span<const int64_t> steps = std::span(one.lane->steps).subspan(one.lane->shown);
    const std::span<const double> seconds = std::span(one.lane->seconds).subspan(one.lane->shown);
    if (std::equal(axis.begin(), axis.end(), steps.begin(), steps.end())) continue;
    merged.clear(), merged_clock.clear();
    size_t a = 0, s = 0;
    while (a < axis.size() || s < steps.size()) {
      const bool from_axis = s == steps.size() || (a < axis.size() && axis[a] <= steps[s]);
      const bool from_steps = a == axis.size() || (s < steps.size() && steps[s] <= axis[a]);
      merged.push_back(from_axis ? axis[a] : steps[s]);
      merged_clock.push_back(from_axis ? clock[a] : seconds[s]);
      a += from_axis, s += from_steps;
    }
    axis.swap(merged), clock.swap(merged_clock);
  }

  auto update = std::make_unique<proto::MetricUpdate>();
  update->mutable_steps()->Add(axis.begin(), axis.end());
  update->mutable_seconds()->Add(clock.begin(), clock.end());
  update->mutable_epochs()->Reserve(static_cast<int>(axis.size()));
  update->mutable_bytes()->Reserve(static_cast<int>(axis.size()));
  for (const int64_t step : axis) {
    update->add_epochs(meter_.EpochsAt(step));
    update->add_bytes(BytesAt(step));
  }
  for (const Shown& one : shown) {
    proto::MetricUpdate::Column& column = *update->add_columns();
    column.set_series(*one.name);
    column.set_unit(*one.unit);
    column.set_rank(one.rank);
    const std::span<const int64_t> steps = std::span(one.lane->steps).subspan(one.lane->shown);
    const double* values = one.lane->values.data() + one.lane->shown;
    if (steps.size() == axis.size()) {
      column.mutable_values()->Add(values, values + steps.size());
    } else {
      column.mutable_values()->Reserve(static_cast<int>(axis.size()));
      size_t s = 0;
      for (const int64_t step : axis) {
        const bool here = s < steps.size() && steps[s] == step;
        column.add_values(here ? values[s] : kNothing);
        s += here;
      }
    }
    one.lane->shown = one.lane->values.size();
  }
  update->set_dropped(dropped_ - dropped_shown_);
  dropped_shown_ = dropped_;
  return update;
}

template <class Write>
void MetricHub::WriteEach(const Write& write_lane) {
  size_t left = 0;
  const auto write = [&](Lane& lane, const std::string& name, const std::string& unit, int rank) {
    if (lane.values.empty() || write_lane(lane, name, unit, rank))
      lane.Clear();
    else
      left += lane.values.size();
  };
  for (const std::unique_ptr<Series>& series : series_) {
    write(series->whole, series->name, series->unit, kWholeRun);
    for (size_t rank = 0; rank < series->lanes.size(); ++rank)
      write(series->lanes[rank], series->name, series->unit, static_cast<int>(rank));
  }
  write(bytes_total_, kBytesTotalSeries, "B", kWholeRun);
  held_values_ = left;
}

void MetricHub::WriteTo(Store& store, const std::string& run) {
  WriteEach([&](Lane& lane, const std::string& name, const std::string& unit, int rank) {
    // After a disk that was full for long there is more than the store's queue takes, and this loop must not
    // wait for it.
    if (!store.HasRoom()) return false;
    store.Append(run, name, rank, unit, lane.steps, lane.seconds, lane.values);
    return true;
  });
}

std::vector<MetricHub::Rows> MetricHub::TakeRows() {
  std::vector<Rows> all;
  WriteEach([&](Lane& lane, const std::string& name, const std::string& unit, int rank) {
    all.push_back({.series = name,
                   .unit = unit,
                   .rank = rank,
                   .steps = std::move(lane.steps),
                   .seconds = std::move(lane.seconds),
                   .values = std::move(lane.values)});
    return true;
  });
  return all;
}

// The disk has been full for long: the ranks' own values are given up first, and told as lost; the run's own
// are kept, a fraction of them.
void MetricHub::Forget() {
  for (const std::unique_ptr<Series>& series : series_) {
    for (Lane& lane : series->lanes) {
      held_values_ -= lane.values.size();
      dropped_ += lane.values.size();
      lane.Clear();
    }
  }
}

}  // namespace concertina
