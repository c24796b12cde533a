// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_series.cc: see joined_series.h.
#include "core/engine/joined_series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/series_query.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kEndOfSteps = std::numeric_limits<int64_t>::max();
constexpr double kInfinite = std::numeric_limits<double>::infinity();
// Of x over the whole run. A series of so few points is known by it exactly.
constexpr int kOverviewPoints = 4000;
// Steps that are read point by point around one that is looked up, so that its neighbours need no reading.
constexpr int64_t kStepsBefore = 64, kStepsAfter = 1024;

using Points = std::vector<SeriesPoint>;

// The last point at or before `step`; points.end() if there is none.
Points::const_iterator LastUntil(const Points& points, double step) {
  const auto after = std::partition_point(points.begin(), points.end(),
                                          [step](const SeriesPoint& p) { return p.step <= step; });
  return after == points.begin() ? points.end() : after - 1;
}

struct XValue {
  double mean = 0, least = 0, largest = 0;
};

// The series that is x, in bounded memory: an overview of the run, and the points around the last look-up.
class EarlierValues {
 public:
  static absl::StatusOr<EarlierValues> Create(Store& store, const proto::GetSeriesRequest& request) {
    EarlierValues values(store, request);
    const int points = std::max(kOverviewPoints, 2 * std::clamp(request.max_points(), 0, 1 << 20));
    auto overview =
        store.ReadSeries(request.run(), request.x_series(), request.rank(), 0, kEndOfSteps, points);
    if (absl::IsNotFound(overview.status()) && request.rank() != kWholeRun) {
      values.rank_ = kWholeRun;
      overview = store.ReadSeries(request.run(), request.x_series(), kWholeRun, 0, kEndOfSteps, points);
    }
    if (!overview.ok()) return Annotate(overview.status(), "x_series");
    values.overview_ = *std::move(overview);
    values.is_exact_ = std::all_of(values.overview_.begin(), values.overview_.end(),
                                   [](const SeriesPoint& point) { return point.count == 1; });
    return values;
  }

  // Of one step. Look-ups in ascending order read nothing twice.
  absl::StatusOr<std::optional<XValue>> At(double step) {
    if (is_exact_) return ValueOf(overview_, step);
    const auto first = static_cast<int64_t>(step);
    if (first < near_from_ || first >= near_to_) {
      RETURN_IF_ERROR(Read(std::max<int64_t>(0, first - kStepsBefore), first + kStepsAfter));
    }
    if (const std::optional<XValue> found = ValueOf(near_, step)) return found;
    // It is recorded more seldom than that: between the point of the overview before this one, and here.
    auto before = LastUntil(overview_, step);
    if (before != overview_.end() && before->count == 1)
      return XValue{before->mean, before->min, before->max};
    const bool has_more = before != overview_.end() && before != overview_.begin();
    RETURN_IF_ERROR(Read(has_more ? static_cast<int64_t>((before - 1)->step) : 0, first + 1));
    return ValueOf(near_, step);
  }

  // Of all steps in (from, to]; the nearest earlier one if there is none among them.
  std::optional<XValue> Over(double from, double to) const {
    const auto begin = std::partition_point(overview_.begin(), overview_.end(),
                                            [from](const SeriesPoint& p) { return p.step <= from; });
    double sum = 0, count = 0;
    XValue value{0, kInfinite, -kInfinite};
    for (auto point = begin; point != overview_.end() && point->step <= to; ++point) {
      if (!std::isfinite(point->mean)) continue;
      const auto weight = static_cast<double>(point->count);
      sum += weight * point->mean;
      count += weight;
      value.least = std::min(value.least, point->min);
      value.largest = std::max(value.largest, point->max);
    }
    if (count == 0) return ValueOf(overview_, from);
    value.mean = sum / count;
    return value;
  }

 private:
  EarlierValues(Store& store, const proto::GetSeriesRequest& request)
      : store_(&store), run_(request.run()), name_(request.x_series()), rank_(request.rank()) {}

  static std::optional<XValue> ValueOf(const Points& points, double step) {
    const auto found = LastUntil(points, step);
    if (found == points.end()) return std::nullopt;
    return XValue{found->mean, found->min, found->max};
  }

  absl::Status Read(int64_t from, int64_t to) {
    ASSIGN_OR_RETURN(near_, store_->ReadSeries(run_, name_, rank_, from, to, 0));
    near_from_ = from;
    near_to_ = to;
    return absl::OkStatus();
  }

  Store* store_;
  std::string run_, name_;
  int rank_;
  Points overview_, near_;
  int64_t near_from_ = 0, near_to_ = 0;  // the steps of near_: [from, to)
  bool is_exact_ = false;                // the overview has every point
};

}  // namespace

absl::StatusOr<proto::GetSeriesReply> QueryJoinedSeries(Store& store,
                                                        const proto::GetSeriesRequest& request) {
  if (!request.x().empty())
    return absl::InvalidArgumentError(fmt::format("x is \"{}\" and x_series \"{}\"; it can be one of them",
                                                  request.x(), request.x_series()));
  if (request.x_from() < request.x_to())
    return absl::InvalidArgumentError(fmt::format(
        "a range of \"{}\" is none of steps, for it may go back; ask for all of it", request.x_series()));
  ASSIGN_OR_RETURN(EarlierValues x, EarlierValues::Create(store, request));
  ASSIGN_OR_RETURN(const Points points, store.ReadSeries(request.run(), request.name(), request.rank(), 0,
                                                         kEndOfSteps, std::max(0, request.max_points())));
  proto::GetSeriesReply reply;
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(request.run()));
  for (const SeriesDescription& series : all) {
    if (series.name == request.name()) reply.set_unit(series.unit);
    if (series.name == request.x_series()) reply.set_x_unit(series.unit);
  }
  for (size_t i = 0; i < points.size(); ++i) {
    const SeriesPoint& point = points[i];
    std::optional<XValue> at;
    if (point.count == 1) {
      ASSIGN_OR_RETURN(at, x.At(point.step));
    } else {
      // The steps that were merged are not told one by one: up to halfway to the neighbours.
      const double from = i == 0 ? -kInfinite : (points[i - 1].step + point.step) / 2;
      const double to = i + 1 == points.size() ? kInfinite : (point.step + points[i + 1].step) / 2;
      at = x.Over(from, to);
    }
    if (!at || !std::isfinite(at->mean)) continue;
    if (reply.x_size() > 0 && at->mean < reply.x(reply.x_size() - 1)) reply.set_x_goes_back(true);
    reply.add_x(at->mean);
    reply.add_x_min(at->least);
    reply.add_x_max(at->largest);
    reply.add_steps(point.step);
    AddValues(point, request.with_counts(), reply);
  }
  return reply;
}

}  // namespace concertina
