// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pyramid.h: a growing series at any zoom: every point, and above it buckets of 8, 64, 512, … points with
// their mean, minimum and maximum, so that a chart reads as many buckets as it has columns, not the series.
// On the way of the data: store/series.h appends and keeps the levels on disk -> here -> ui/charts.
//
// Everything is by index: bucket i of level k is of the points [i 8^k, (i + 1) 8^k). Only complete buckets
// exist; the points behind the last complete one are answered from the finer levels, at most 7 of each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"

namespace concertina {

inline constexpr int64_t kPyramidFactor = 8;

// Neighbouring points as one. Step and seconds are the mean over all points, so a straight line stays one;
// mean, min and max are of the points that were measured: NaN is "not measured", and is NaN only where
// none of them was.
struct SeriesBucket {
  double step = 0;
  double seconds = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
  int64_t points = 1;
  int64_t count = 1;  // points that are not NaN
};
// Not a struct of this name: parallel/bucket.h has one, and two of a name in one program are one to the
// linker.
using Bucket = SeriesBucket;
SeriesBucket BucketOf(int64_t step, double seconds, double value);
// `neighbours` is not empty.
SeriesBucket MergeBuckets(std::span<const SeriesBucket> neighbours);

// How the points [begin, end) are shown in at most max_points (>= 1) buckets: in blocks of `block` points,
// a power of two, aligned to multiples of it. So a block that is complete never changes while the series
// grows, and at least half of max_points are used. `level` is the coarsest that block is made of.
struct Zoom {
  int64_t block = 1;
  int level = 0;
};
Zoom PickZoom(int64_t begin, int64_t end, int64_t max_points);

// Where complete buckets are read from: memory (Pyramid) or the disk (store/series_reading.cc).
class BucketSource {
 public:
  virtual ~BucketSource() = default;
  virtual int64_t size(int level) const = 0;  // complete buckets; 0 for levels that there are not
  // Appends the buckets [begin, end) of `level`, which exist, to `buckets`.
  virtual absl::Status Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) = 0;
};

// The points [begin, end) of `source` in at most max_points buckets; 0: every point. Exact: minimum, maximum
// and count are those of the points, also at the ragged ends. Reads at most 4 max_points buckets and 14 a
// level.
absl::StatusOr<std::vector<SeriesBucket>> ReadZoomed(BucketSource& source, int64_t begin, int64_t end,
                                                     int64_t max_points);

// The levels in memory, whole or only their newest part: what has been put away elsewhere may be forgotten
// from the front of each level. Append costs O(1) a point (an eighth of a merge). One owner, one thread.
class Pyramid final : public BucketSource {
 public:
  struct Points {
    std::vector<int64_t> steps;
    std::vector<double> seconds;
    std::vector<double> values;
  };

  // The three spans are of one length.
  void Append(std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values);

  int64_t size(int level) const override;
  absl::Status Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) override;
  // Levels with at least one bucket, 0 for an empty series.
  int levels() const;

  // What is kept: points()[i] is point first(0) + i, buckets(k)[i] is bucket first(k) + i of level k >= 1.
  int64_t first(int level) const;
  const Points& points() const { return points_; }
  const std::vector<SeriesBucket>& buckets(int level) const {
    return upper_[static_cast<size_t>(level - 1)].buckets;
  }

  // Forgets the front of a level, up to but not with index `before`, a multiple of kPyramidFactor.
  void Forget(int level, int64_t before);
  // Puts back what was put away: the newest part of a level, beginning at index `first` (a multiple of
  // kPyramidFactor). Call for level 0 first, then upward; then CatchUp.
  void RestorePoints(int64_t first, Points points);
  void RestoreBuckets(int level, int64_t first, std::vector<SeriesBucket> buckets);
  // Completes the upper levels after Restore*, reading from `below` what is missing here.
  absl::Status CatchUp(BucketSource& below);

 private:
  struct Level {
    int64_t first = 0;
    std::vector<SeriesBucket> buckets;
    int64_t size() const { return first + static_cast<int64_t>(buckets.size()); }
  };
  void Climb();
  Level& At(int level);

  int64_t first_point_ = 0;
  Points points_;
  std::vector<Level> upper_;  // [0] is level 1
};

}  // namespace concertina
