// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pyramid.cc: merges buckets, picks the zoom, and covers a range with few buckets (see pyramid.h).
#include "core/analysis/pyramid.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace concertina {
namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

int64_t PointsOf(int level) {
  int64_t points = 1;
  for (int i = 0; i < level; ++i) points *= kPyramidFactor;
  return points;
}

// The sums behind a bucket. Kept apart from SeriesBucket, so that a merge of many rounds each mean once.
class Merger {
 public:
  void Add(const SeriesBucket& bucket) {
    const auto points = static_cast<double>(bucket.points);
    step_sum_ += bucket.step * points;
    seconds_sum_ += bucket.seconds * points;
    points_ += bucket.points;
    if (bucket.count == 0) return;
    value_sum_ += bucket.mean * static_cast<double>(bucket.count);
    count_ += bucket.count;
    min_ = std::min(min_, bucket.min);
    max_ = std::max(max_, bucket.max);
  }
  SeriesBucket Result() const {
    const auto points = static_cast<double>(points_);
    SeriesBucket result{
        .step = step_sum_ / points, .seconds = seconds_sum_ / points, .points = points_, .count = count_};
    result.mean = count_ == 0 ? kNotMeasured : value_sum_ / static_cast<double>(count_);
    // A sum rounds: the mean of equal values must not leave [min, max].
    if (count_ > 0 && std::isfinite(result.mean)) result.mean = std::clamp(result.mean, min_, max_);
    result.min = count_ == 0 ? kNotMeasured : min_;
    result.max = count_ == 0 ? kNotMeasured : max_;
    return result;
  }

 private:
  double step_sum_ = 0, seconds_sum_ = 0, value_sum_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  int64_t points_ = 0, count_ = 0;
};

int64_t BlocksOver(int64_t begin, int64_t end, int64_t block) {
  return (end - 1) / block - begin / block + 1;
}

}  // namespace

SeriesBucket BucketOf(int64_t step, double seconds, double value) {
  return {.step = static_cast<double>(step),
          .seconds = seconds,
          .mean = value,
          .min = value,
          .max = value,
          .points = 1,
          .count = std::isnan(value) ? 0 : 1};
}

SeriesBucket MergeBuckets(std::span<const SeriesBucket> neighbours) {
  assert(!neighbours.empty());
  if (neighbours.size() == 1) return neighbours.front();
  Merger merger;
  for (const SeriesBucket& bucket : neighbours) merger.Add(bucket);
  return merger.Result();
}

Zoom PickZoom(int64_t begin, int64_t end, int64_t max_points) {
  assert(max_points >= 1);
  Zoom zoom;
  if (begin >= end) return zoom;
  while (BlocksOver(begin, end, zoom.block) > max_points) zoom.block *= 2;
  while (PointsOf(zoom.level + 1) <= zoom.block) ++zoom.level;
  return zoom;
}

absl::StatusOr<std::vector<SeriesBucket>> ReadZoomed(BucketSource& source, int64_t begin, int64_t end,
                                                     int64_t max_points) {
  begin = std::max<int64_t>(begin, 0);
  end = std::min(end, source.size(0));
  std::vector<SeriesBucket> pieces;
  if (begin >= end) return pieces;
  const Zoom zoom = max_points == 0 ? Zoom{} : PickZoom(begin, end, max_points);

  // Cover [begin, end) with complete buckets, climbing at the left edge and descending at the right one.
  int level = 0;
  int64_t at = begin;
  while (at < end) {
    int64_t width = PointsOf(level);
    // Climb while the next level's bucket begins here, exists, and is not wider than wanted.
    while (level < zoom.level && at % (width * kPyramidFactor) == 0 && at + width * kPyramidFactor <= end &&
           at / (width * kPyramidFactor) < source.size(level + 1)) {
      ++level;
      width *= kPyramidFactor;
    }
    while (level > 0 && (at + width > end || at / width >= source.size(level))) {
      --level;
      width /= kPyramidFactor;
    }
    const int64_t first = at / width;
    int64_t last = std::min(end / width, source.size(level));
    // Below the wanted level only as far as the next climb.
    if (level < zoom.level) last = std::min(last, (first / kPyramidFactor + 1) * kPyramidFactor);
    RETURN_IF_ERROR(source.Read(level, first, last, pieces));
    at = last * width;
  }
  if (zoom.block == 1) return pieces;

  // Blocks are aligned, so the pieces of one block stand together.
  std::vector<SeriesBucket> blocks;
  Merger merger;
  int64_t index = begin;
  for (size_t i = 0; i < pieces.size(); ++i) {
    merger.Add(pieces[i]);
    const int64_t block = index / zoom.block;
    index += pieces[i].points;
    if (i + 1 == pieces.size() || index / zoom.block != block) {
      blocks.push_back(merger.Result());
      merger = {};
    }
  }
  return blocks;
}

void Pyramid::Append(std::span<const int64_t> steps, std::span<const double> seconds,
                     std::span<const double> values) {
  assert(steps.size() == seconds.size() && steps.size() == values.size());
  points_.steps.insert(points_.steps.end(), steps.begin(), steps.end());
  points_.seconds.insert(points_.seconds.end(), seconds.begin(), seconds.end());
  points_.values.insert(points_.values.end(), values.begin(), values.end());
  Climb();
}

// Completes what the newest points complete. Everything needed is in memory: a level forgets only up to a
// multiple of the factor, and only after this ran.
void Pyramid::Climb() {
  for (int level = 1; size(level - 1) / kPyramidFactor > size(level); ++level) {
    Level& upper = At(level);
    for (int64_t next = upper.size(); next < size(level - 1) / kPyramidFactor; ++next) {
      Merger merger;
      if (level == 1) {
        const auto from = static_cast<size_t>(next * kPyramidFactor - first_point_);
        for (size_t i = from; i < from + kPyramidFactor; ++i)
          merger.Add(BucketOf(points_.steps[i], points_.seconds[i], points_.values[i]));
      } else {
        const Level& lower = upper_[static_cast<size_t>(level - 2)];
        const auto from = static_cast<size_t>(next * kPyramidFactor - lower.first);
        for (size_t i = from; i < from + kPyramidFactor; ++i) merger.Add(lower.buckets[i]);
      }
      upper.buckets.push_back(merger.Result());
    }
  }
}

Pyramid::Level& Pyramid::At(int level) {
  if (static_cast<size_t>(level) > upper_.size()) upper_.resize(static_cast<size_t>(level));
  return upper_[static_cast<size_t>(level - 1)];
}

int64_t Pyramid::size(int level) const {
  if (level == 0) return first_point_ + static_cast<int64_t>(points_.steps.size());
  return static_cast<size_t>(level) <= upper_.size() ? upper_[static_cast<size_t>(level - 1)].size() : 0;
}

int Pyramid::levels() const {
  if (size(0) == 0) return 0;
  int levels = 1;
  while (size(levels) > 0) ++levels;
  return levels;
}

int64_t Pyramid::first(int level) const {
  if (level == 0) return first_point_;
  return static_cast<size_t>(level) <= upper_.size() ? upper_[static_cast<size_t>(level - 1)].first : 0;
}

absl::Status Pyramid::Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) {
  assert(begin >= first(level) && end <= size(level));
  const auto from = static_cast<size_t>(begin - first(level));
  const auto to = static_cast<size_t>(end - first(level));
  if (level == 0) {
    for (size_t i = from; i < to; ++i)
      buckets.push_back(BucketOf(points_.steps[i], points_.seconds[i], points_.values[i]));
  } else {
    const std::vector<SeriesBucket>& kept = this->buckets(level);
    buckets.insert(buckets.end(), kept.begin() + static_cast<std::ptrdiff_t>(from),
                   kept.begin() + static_cast<std::ptrdiff_t>(to));
  }
  return absl::OkStatus();
}

void Pyramid::Forget(int level, int64_t before) {
  assert(before % kPyramidFactor == 0 && before <= size(level));
  const auto count = static_cast<std::ptrdiff_t>(before - first(level));
  if (count <= 0) return;
  if (level == 0) {
    points_.steps.erase(points_.steps.begin(), points_.steps.begin() + count);
    points_.seconds.erase(points_.seconds.begin(), points_.seconds.begin() + count);
    points_.values.erase(points_.values.begin(), points_.values.begin() + count);
    first_point_ = before;
  } else {
    Level& upper = At(level);
    upper.buckets.erase(upper.buckets.begin(), upper.buckets.begin() + count);
    upper.first = before;
  }
}

void Pyramid::RestorePoints(int64_t first, Points points) {
  assert(first % kPyramidFactor == 0);
  first_point_ = first;
  points_ = std::move(points);
  upper_.clear();
}

void Pyramid::RestoreBuckets(int level, int64_t first, std::vector<SeriesBucket> buckets) {
  assert(first % kPyramidFactor == 0);
  At(level) = {.first = first, .buckets = std::move(buckets)};
}

absl::Status Pyramid::CatchUp(BucketSource& below) {
  std::vector<SeriesBucket> group;
  for (int level = 1; size(level - 1) / kPyramidFactor > size(level) || size(level) > 0; ++level) {
    while (size(level) < size(level - 1) / kPyramidFactor) {
      const int64_t from = size(level) * kPyramidFactor;
      group.clear();
      if (from >= first(level - 1)) {
        RETURN_IF_ERROR(Read(level - 1, from, from + kPyramidFactor, group));
      } else {
        RETURN_IF_ERROR(below.Read(level - 1, from, from + kPyramidFactor, group));
      }
      At(level).buckets.push_back(MergeBuckets(group));
    }
  }
  return absl::OkStatus();
}

}  // namespace concertina
