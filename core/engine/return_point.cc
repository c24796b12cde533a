// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// return_point.cc: see return_point.h.
#include "core/engine/return_point.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/engine/metric_hub.h"
#include "core/engine/run_preparation.h"

namespace concertina {
namespace {

constexpr int64_t kBehindAll = int64_t{1} << 53;  // more steps than any run makes
// A series that is no longer is read as a whole; of a longer one its end, which holds all that can be
// unfolded but for ranks that are further apart.
constexpr int64_t kShortPoints = 16384;
constexpr int64_t kTailSteps = 16384;

absl::StatusOr<std::vector<SeriesPoint>> Tail(Store& store, const std::string& run,
                                              const SeriesDescription& series, int64_t steps) {
  const int64_t from = series.points <= kShortPoints ? 0 : std::max<int64_t>(0, steps - kTailSteps);
  ASSIGN_OR_RETURN(std::vector<SeriesPoint> points,
                   store.ReadSeries(run, series.name, series.rank, from, kBehindAll, 0));
  if (points.empty() && from > 0) {
    ASSIGN_OR_RETURN(points, store.ReadSeries(run, series.name, series.rank, 0, kBehindAll, 0));
  }
  return points;
}

int64_t StepOfPoint(const SeriesPoint& point) { return static_cast<int64_t>(point.step); }

KeptSeries::Points PointsBehind(const std::vector<SeriesPoint>& points, int64_t step) {
  KeptSeries::Points behind;
  for (const SeriesPoint& point : points) {
    if (StepOfPoint(point) <= step) continue;
    behind.steps.push_back(StepOfPoint(point));
    behind.seconds.push_back(point.seconds);
    behind.values.push_back(point.mean);
  }
  return behind;
}

}  // namespace

std::string MarkOfEvent(const std::string& kind, const std::string& json) {
  // Of those alone that say at which step they were: another one is of another step.
  static constexpr const char* kKinds[] = {"checkpoint", "knob", "recipe", "fault", "histogram"};
  const bool has_step =
      std::any_of(std::begin(kKinds), std::end(kKinds), [&](const char* each) { return kind == each; });
  return has_step && !json.empty() ? kind + " " + json : std::string();
}

absl::StatusOr<ReturnPoint> FindReturnPoint(Store& store, const proto::RunSummary& summary) {
  const std::string& run = summary.run();
  ReturnPoint point;
  point.at_work = summary.at_work();
  ASSIGN_OR_RETURN(ResumePoint all, ResumePointAt(store, run, kBehindAll));
  point.totals = all.totals;
  point.totals.steps = 0;
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> listed, store.ListSeries(run));
  std::map<std::string, std::vector<std::pair<int, std::vector<SeriesPoint>>>> ends;  // by name; by rank
  for (const SeriesDescription& series : listed) {
    ASSIGN_OR_RETURN(std::vector<SeriesPoint> points, Tail(store, run, series, summary.steps()));
    if (!points.empty()) ends[series.name].emplace_back(series.rank, std::move(points));
  }
  for (const auto& [name, of_ranks] : ends) {
    if (name == kBytesTotalSeries) continue;
    KeptSeries kept{.name = name};
    for (const auto& [rank, points] : of_ranks) {
      if (rank != kWholeRun) continue;
      kept.last_step = StepOfPoint(points.back());
      kept.last_seconds = points.back().seconds;
    }
    for (const auto& [rank, points] : of_ranks) {
      if (rank == kWholeRun) continue;
      kept.ranks.push_back({.rank = rank,
                            .last_step = StepOfPoint(points.back()),
                            .unfolded = PointsBehind(points, kept.last_step)});
    }
    if (RunMeter::FigureOf(name) == RunMeter::Figure::kTrainLoss) point.totals.steps = kept.last_step + 1;
    point.series.push_back(std::move(kept));
  }
  int64_t counted_to = -1;
  for (const auto& [rank, points] : ends[kBytesTotalSeries]) {
    counted_to = StepOfPoint(points.back());
    point.bytes_total.last_value = points.back().mean;
  }
  for (const auto& [name, of_ranks] : ends)
    if (RunMeter::FigureOf(name) == RunMeter::Figure::kBytesSent)
      for (const auto& [rank, points] : of_ranks)
        if (rank == kWholeRun) point.bytes_total.bytes_sent = PointsBehind(points, counted_to);
  ASSIGN_OR_RETURN(const std::vector<StoredEvent> events, store.Events(run));
  for (const StoredEvent& event : events)
    if (std::string mark = MarkOfEvent(event.kind, event.json); !mark.empty())
      point.marks.insert(std::move(mark));
  return point;
}

}  // namespace concertina
