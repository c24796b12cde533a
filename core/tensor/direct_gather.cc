// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// direct_gather.cc: a convolution's forward pass and input gradient as sums over windows.
// On the way of the data: tensor/convolution.cc -> here -> tensor/register_tile-inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/direct_gather.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include "core/tensor/direct_gather.h"
#include "core/tensor/parallel_for.h"
#include "core/tensor/row_tiles.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

template <int Rows>
struct TapsOfA {
  template <int R>
  HWY_INLINE float At() const {
    return packed[tap->weight * Rows + R];
  }
  HWY_INLINE void Next() { ++tap; }
  const float* packed;
  const GatherTap* tap;
};

struct TapsOfB {
  HWY_INLINE const float* Current() const { return base + tap->offset; }
  HWY_INLINE void Next() { ++tap; }
  const float* base;
  const GatherTap* tap;
};

// One tile of channels over one row of positions.
struct GatherRow {
  struct Place {
    int64_t y;
    int64_t lane;
  };
  template <int R, int C>
  HWY_INLINE void Run(int64_t row, Place place) const {
    const GatherPlan& plan = *job.plan;
    const int64_t plane = plan.height() * plan.width() * job.lanes;
    const float* packed = job.scratch + row * job.depth;
    float* target = job.target + row * plane + place.y * plan.width() * job.lanes + place.lane;
    for (int64_t x = 0; x < plan.width(); ++x, target += job.lanes) {
      const std::vector<GatherTap>& taps = plan.taps(place.y, x);
      FloatVector sum[R][C];
      if (job.accumulate) {
        LoadTile(target, plane, sum);
      } else {
        StartTileWithBias(job.bias == nullptr ? nullptr : job.bias + row, sum);
      }
      MultiplyTile(TapsOfA<R>{packed, taps.data()},
                   TapsOfB{job.source + plan.base(place.y, x) + place.lane, taps.data()},
                   static_cast<int64_t>(taps.size()), sum);
      if (job.rectify) RectifyTile(sum);
      StoreTile(sum, target, plane);
    }
  }
  const GatherJob& job;
};

// An item is one row of positions and one block of lanes: all channels, so that the row's windows are read
// from near memory after the first tile.
struct GatherRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const RowTiles tiles(job.rows, kTileRows);
    const int64_t vectors = job.lanes / kVectorLanes;
    const GatherRow row{job};
    for (int64_t item = begin; item < end; ++item) {
      const int64_t y = item % job.plan->height();
      const int64_t v = item / job.plan->height() * kTileVectors;
      for (int64_t tile = 0; tile < tiles.count; ++tile) {
        if (v + kTileVectors <= vectors) {
          RunTile<kTileVectors, kTileRows>(row, tiles.Rows(tile), tiles.First(tile),
                                           GatherRow::Place{y, v * kVectorLanes});
        } else {
          RunTile<1, kTileRows>(row, tiles.Rows(tile), tiles.First(tile),
                                GatherRow::Place{y, v * kVectorLanes});
        }
      }
    }
  }
  const GatherJob& job;
};

// scratch[first row of tile * depth + k * rows of tile + r] = weight(first row + r, k).
HWY_ATTR void PackWeights(const GatherJob& job) {
  const RowTiles tiles(job.rows, kTileRows);
  for (int64_t tile = 0; tile < tiles.count; ++tile) {
    const int64_t rows = tiles.Rows(tile);
    const float* from = job.weight + tiles.First(tile) * job.row_stride;
    float* to = job.scratch + tiles.First(tile) * job.depth;
    for (int64_t outer = 0; outer < job.depth / job.inner; ++outer)
      for (int64_t inner = 0; inner < job.inner; ++inner, to += rows)
        for (int64_t r = 0; r < rows; ++r)
          to[r] = from[r * job.row_stride + outer * job.outer_stride + inner];
  }
}

HWY_ATTR void Gather(const GatherJob& job) {
  PackWeights(job);
  const int64_t blocks = (job.lanes / kVectorLanes + kTileVectors - 1) / kTileVectors;
  ParallelFor(job.threads, blocks * job.plan->height(), GatherRange{job});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(Gather);
}  // namespace

void RunGather(const GatherJob& job) { HWY_DYNAMIC_DISPATCH(Gather)(job); }

}  // namespace concertina
#endif  // HWY_ONCE
