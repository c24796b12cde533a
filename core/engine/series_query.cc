// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_query.cc: see series_query.h.
#include "core/engine/series_query.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/engine/joined_series.h"
#include "core/engine/metric_hub.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kAllSteps = std::numeric_limits<int64_t>::max();
// Points of a map from x to steps. A range that is cut out of it is taken a little too wide, and trimmed.
constexpr int kMapPoints = 4000;

// What the store said of a series: x of each of its points.
using XOf = double (*)(const SeriesPoint&);

// The steps between which x goes from x_from to x_to, by a coarse map: [first, last).
void StepsOfRange(const std::vector<SeriesPoint>& map, XOf x_of, double x_from, double x_to, int64_t& first,
                  int64_t& last) {
  // The mean of a bucket lies within it, so the bucket before and the one after are taken too.
  const auto below = std::partition_point(map.begin(), map.end(),
                                          [&](const SeriesPoint& point) { return x_of(point) < x_from; });
  const auto above =
      std::partition_point(below, map.end(), [&](const SeriesPoint& point) { return x_of(point) <= x_to; });
  first = below - map.begin() >= 2 ? static_cast<int64_t>(std::floor((below - 2)->step)) : 0;
  last = map.end() - above >= 2 ? static_cast<int64_t>(std::ceil((above + 1)->step)) + 1 : kAllSteps;
}

// bytes_total at `step`, between the points of the map.
double Interpolate(const std::vector<SeriesPoint>& map, double step) {
  if (map.empty()) return 0;
  const auto after = std::partition_point(map.begin(), map.end(),
                                          [&](const SeriesPoint& point) { return point.step <= step; });
  if (after == map.begin()) return map.front().mean;
  if (after == map.end()) return map.back().mean;
  const SeriesPoint& before = *(after - 1);
  const double share = (step - before.step) / (after->step - before.step);
  return before.mean + share * (after->mean - before.mean);
}

// Of a logarithmic axis most points of an even curve would lie in its last tenth, and its beginning be one
// bucket. So the steps are halved until what is left is known point by point, each half with its share.
absl::StatusOr<std::vector<SeriesPoint>> ReadByDoublings(Store& store, const proto::GetSeriesRequest& request,
                                                         int64_t first, int64_t last) {
  const int max_points = request.max_points();
  ASSIGN_OR_RETURN(std::vector<SeriesPoint> even,
                   store.ReadSeries(request.run(), request.name(), request.rank(), first, last, max_points));
  if (even.empty() || even.front().count == 1) return even;  // nothing at the beginning was merged
  const auto end = std::min(last, static_cast<int64_t>(even.back().step) + 1);
  std::vector<int64_t> edges = {end};  // descending
  constexpr int kMostHalves = 40;
  while (static_cast<int>(edges.size()) < kMostHalves &&
         edges.back() - first > std::max<int64_t>(1, max_points / static_cast<int64_t>(edges.size() + 1)))
    edges.push_back(first + (edges.back() - first) / 2);
  const int share = std::max(1, max_points / static_cast<int>(edges.size()));
  edges.front() = last;  // the last bucket reaches beyond its mean
  std::vector<SeriesPoint> points;
  int64_t from = first;
  for (auto edge = edges.rbegin(); edge != edges.rend(); from = *edge++) {
    ASSIGN_OR_RETURN(const std::vector<SeriesPoint> part,
                     store.ReadSeries(request.run(), request.name(), request.rank(), from, *edge, share));
    points.insert(points.end(), part.begin(), part.end());
  }
  return points;
}

absl::StatusOr<std::string> UnitOf(Store& store, const proto::GetSeriesRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(request.run()));
  for (const SeriesDescription& series : all)
    if (series.name == request.name()) return series.unit;
  return std::string();
}

}  // namespace

void AddValues(const SeriesPoint& point, bool with_counts, proto::GetSeriesReply& reply) {
  reply.add_mean(point.mean);
  reply.add_min(point.min);
  reply.add_max(point.max);
  if (with_counts) {
    reply.add_counts(point.count);
    reply.add_seconds(point.seconds);
  }
  reply.set_total_points(reply.total_points() + point.count);
}

absl::StatusOr<proto::GetSeriesReply> QuerySeries(Store& store, const proto::GetSeriesRequest& request,
                                                  double steps_per_epoch) {
  if (!request.x_series().empty()) return QueryJoinedSeries(store, request);
  const std::string& run = request.run();
  const std::string x = request.x().empty() ? "step" : request.x();
  if (x != "step" && x != "epoch" && x != "seconds" && x != "bytes")
    return absl::InvalidArgumentError(
        fmt::format("x is \"{}\"; it can be step, epoch, seconds or bytes (or x_series a series)", x));
  if (x == "epoch" && steps_per_epoch <= 0)
    return absl::InvalidArgumentError("how many steps an epoch has is not known of this run; use another x");
  const int max_points = std::max(0, request.max_points());
  const bool whole = request.x_from() >= request.x_to();
  const double x_from = whole ? -std::numeric_limits<double>::infinity() : request.x_from();
  const double x_to = whole ? std::numeric_limits<double>::infinity() : request.x_to();

  int64_t first = 0, last = kAllSteps;
  const double scale = x == "epoch" ? steps_per_epoch : 1;
  if (!whole && (x == "step" || x == "epoch")) {
    constexpr double kLargest = 9e15;  // of a double that is a whole number, and of a step
    first = static_cast<int64_t>(std::clamp(std::ceil(x_from * scale - 1e-9), 0.0, kLargest));
    last = static_cast<int64_t>(std::clamp(std::floor(x_to * scale + 1e-9), -1.0, kLargest)) + 1;
  } else if (!whole && x == "seconds") {
    ASSIGN_OR_RETURN(const std::vector<SeriesPoint> map,
                     store.ReadSeries(run, request.name(), request.rank(), 0, kAllSteps, kMapPoints));
    StepsOfRange(
        map, [](const SeriesPoint& p) { return p.seconds; }, x_from, x_to, first, last);
  }
  std::vector<SeriesPoint> bytes;
  if (x == "bytes") {
    proto::GetSeriesRequest of_bytes = request;
    of_bytes.set_name(kBytesTotalSeries);
    of_bytes.set_rank(kWholeRun);
    of_bytes.set_max_points(kMapPoints);
    absl::StatusOr<std::vector<SeriesPoint>> map =
        request.log_x() && max_points > 0 ? ReadByDoublings(store, of_bytes, 0, kAllSteps)
                                          : store.ReadSeries(run, kBytesTotalSeries, kWholeRun, 0, kAllSteps,
                                                             max_points == 0 ? 0 : kMapPoints);
    if (!map.ok() && map.status().code() != absl::StatusCode::kNotFound) return map.status();
    if (map.ok()) bytes = *std::move(map);
    if (!whole)
      StepsOfRange(
          bytes, [](const SeriesPoint& p) { return p.mean; }, x_from, x_to, first, last);
    // Near enough the range is read again, as finely as the curve itself.
    if (!whole && max_points > 0) {
      ASSIGN_OR_RETURN(bytes, store.ReadSeries(run, kBytesTotalSeries, kWholeRun, first, last, kMapPoints));
    }
  }

  ASSIGN_OR_RETURN(const std::vector<SeriesPoint> points,
                   request.log_x() && max_points > 0
                       ? ReadByDoublings(store, request, first, last)
                       : store.ReadSeries(run, request.name(), request.rank(), first, last, max_points));
  proto::GetSeriesReply reply;
  ASSIGN_OR_RETURN(*reply.mutable_unit(), UnitOf(store, request));
  for (const SeriesPoint& point : points) {
    const double at = x == "seconds" ? point.seconds
                      : x == "bytes" ? Interpolate(bytes, point.step)
                                     : point.step / scale;
    if (at < x_from || at > x_to) continue;
    reply.add_x(at);
    AddValues(point, request.with_counts(), reply);
  }
  return reply;
}

}  // namespace concertina
