// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// direct_gather.cc: a convolution's forward pass and input gradient as sums over windows.
// On the way of the data: tensor/convolution.cc -> here -> tensor/register_tile-inl.h.
//
// With 64 lanes the elements that a tile reads are 256 bytes apart: they meet in a quarter of a cache's sets,
// and a quarter of the cache holds them. So the source is first laid out by blocks of lanes, and the windows
// are summed a few channels at a time, whose rows stay in the first-level cache for all tiles.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/direct_gather.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include <algorithm>

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

constexpr int64_t kBlockLanes = kTileVectors * kVectorLanes;

// A block of the source's lanes as PackBlocks lays it out, one element after the other.
HWY_INLINE float* PackedBlock(const GatherJob& job, int64_t block) {
  return job.scratch + job.weight_floats() + block * job.plan->source().elements() * job.plan->source().lanes;
}

// One tile of target channels over one row of positions, for some of the source's channels.
struct GatherRow {
  struct Place {
    int64_t y;
    int64_t block;
    int64_t first_channel, last_channel;
  };
  template <int R, int C>
  HWY_INLINE void Run(int64_t row, Place place) const {
    const GatherPlan& plan = *job.plan;
    const int64_t plane = plan.height() * plan.width() * job.lanes;
    const float* packed = job.scratch + row * job.depth;
    const float* source = job.blocks() == 1 ? job.source : PackedBlock(job, place.block);
    float* target =
        job.target + row * plane + place.y * plan.width() * job.lanes + place.block * plan.source().lanes;
    const bool first = place.first_channel == 0;
    const bool last = place.last_channel == plan.source().channels;
    for (int64_t x = 0; x < plan.width(); ++x, target += job.lanes) {
      const std::vector<GatherTap>& taps = plan.taps(place.y, x);
      const int64_t taps_of_channel = static_cast<int64_t>(taps.size()) / plan.source().channels;
      const GatherTap* tap = taps.data() + place.first_channel * taps_of_channel;
      FloatVector sum[R][C];
      if (job.accumulate || !first) {
        LoadTile(target, plane, sum);
      } else {
        StartTileWithBias(job.bias == nullptr ? nullptr : job.bias + row, sum);
      }
      MultiplyTile(TapsOfA<R>{packed, tap}, TapsOfB{source + plan.base(place.y, x), tap},
                   (place.last_channel - place.first_channel) * taps_of_channel, sum);
      if (job.rectify && last) RectifyTile(sum);
      StoreTile(sum, target, plane);
    }
  }
  const GatherJob& job;
};

// An item is one row of positions and one block of lanes.
struct GatherRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const RowTiles tiles(job.rows, kTileRows);
    const GatherPlan::Layout& source = job.plan->source();
    constexpr int64_t kNearFloats = 4096;  // half of a first-level cache of 32 KiB; the rest holds weights
    const int64_t near_channels =
        std::max<int64_t>(1, kNearFloats / (source.kernel_height * source.source_width * source.lanes));
    const GatherRow row{job};
    for (int64_t item = begin; item < end; ++item) {
      GatherRow::Place place{item % job.plan->height(), item / job.plan->height(), 0, 0};
      const bool whole = (place.block + 1) * source.lanes <= job.lanes && source.lanes == kBlockLanes;
      for (; place.first_channel < source.channels; place.first_channel = place.last_channel) {
        place.last_channel = std::min(source.channels, place.first_channel + near_channels);
        for (int64_t tile = 0; tile < tiles.count; ++tile) {
          if (whole) {
            RunTile<kTileVectors, kTileRows>(row, tiles.Rows(tile), tiles.First(tile), place);
          } else {
            RunTile<1, kTileRows>(row, tiles.Rows(tile), tiles.First(tile), place);
          }
        }
      }
    }
  }
  const GatherJob& job;
};

struct PackBlocks {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const GatherPlan::Layout& source = job.plan->source();
    const int64_t plane = source.source_height * source.source_width;
    for (int64_t item = begin; item < end; ++item) {
      const int64_t channel = item / job.blocks();
      const int64_t block = item % job.blocks();
      const int64_t lanes = std::min(source.lanes, job.lanes - block * source.lanes);
      const float* from = job.source + channel * plane * job.lanes + block * source.lanes;
      float* to = PackedBlock(job, block) + channel * plane * source.lanes;
      for (int64_t p = 0; p < plane; ++p, from += job.lanes, to += source.lanes)
        for (int64_t lane = 0; lane < lanes; lane += kVectorLanes)
          hn::StoreU(hn::LoadU(d, from + lane), d, to + lane);
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
  if (job.blocks() > 1) ParallelFor(job.threads, job.plan->source().channels * job.blocks(), PackBlocks{job});
  ParallelFor(job.threads, job.blocks() * job.plan->height(), GatherRange{job});
}

int64_t BlockLanes(int64_t lanes) { return std::min(lanes, kBlockLanes); }

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(Gather);
HWY_EXPORT(BlockLanes);
}  // namespace

int64_t GatherBlockLanes(int64_t lanes) { return HWY_DYNAMIC_DISPATCH(BlockLanes)(lanes); }

void RunGather(const GatherJob& job) { HWY_DYNAMIC_DISPATCH(Gather)(job); }

}  // namespace concertina
#endif  // HWY_ONCE
