// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// direct_weight_gradient.cc: a convolution's weight gradient as sums of products over positions and samples.
// On the way of the data: tensor/convolution.cc -> here.
//
// A tile is R output channels by S elements of the window; its R x S sums are vectors over samples, added up
// across at the end. oneDNN vectorises over channels instead, and reaches 49 GFLOP/s for 20 -> 50 channels
// 5 x 5 where a product reaches 105.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/direct_weight_gradient.cc"
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

// Positions x samples of `steps` columns, where each pointer moves by its own step.
template <int R, int S>
HWY_INLINE void AddColumns(const WeightGradientJob& job, const float* dy, int64_t dy_stride,
                           const float* (&x)[S], const int64_t (&step)[S], int64_t columns,
                           FloatVector (&sum)[R][S]) {
  const FloatTag d;
  for (int64_t column = 0; column < columns; ++column, dy += job.lanes) {
    for (int64_t lane = 0; lane < job.lanes; lane += kVectorLanes) {
      FloatVector window[S];
#pragma GCC unroll 8
      for (int s = 0; s < S; ++s) window[s] = hn::LoadU(d, x[s] + lane);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const FloatVector gradient = hn::LoadU(d, dy + r * dy_stride + lane);
#pragma GCC unroll 8
        for (int s = 0; s < S; ++s) sum[r][s] = hn::MulAdd(gradient, window[s], sum[r][s]);
      }
    }
#pragma GCC unroll 8
    for (int s = 0; s < S; ++s) x[s] += step[s];
  }
}

// Rows [first_y, last_y) of the output.
struct Rows {
  int64_t first_y, last_y;
  bool first;  // of the job: writes where later ones add
};

template <int R, int S>
HWY_NOINLINE void AddTile(const WeightGradientJob& job, int64_t row, int64_t first_tap, const Rows& rows) {
  const int64_t plane = job.out_height * job.out_width * job.lanes;
  const int64_t taps = job.kernel_height * job.kernel_width;
  FloatVector sum[R][S];
  ClearTile(sum);
  for (int64_t y = rows.first_y; y < rows.last_y; ++y) {
    const float* dy = job.dy + row * plane + y * job.out_width * job.lanes;
    const float* line[S];  // where column 0 of the window would be; null where the tap is on padding
    int64_t from[S];       // the columns that meet the image
    int64_t to[S];
    int64_t inner_from = 0;
    int64_t inner_to = job.out_width;
    for (int s = 0; s < S; ++s) {
      const int64_t tap = first_tap + s;
      const int64_t channel = tap / taps;
      const int64_t iy = y * job.stride - job.padding + tap % taps / job.kernel_width;
      const int64_t ix = tap % job.kernel_width - job.padding;
      const bool inside = iy >= 0 && iy < job.height;
      line[s] = inside ? job.x + ((channel * job.height + iy) * job.width + ix) * job.lanes : nullptr;
      from[s] = ix >= 0 ? 0 : (-ix + job.stride - 1) / job.stride;
      to[s] = std::min(job.out_width, ix >= job.width ? 0 : (job.width - 1 - ix) / job.stride + 1);
      if (!inside) continue;
      inner_from = std::max(inner_from, from[s]);
      inner_to = std::min(inner_to, to[s]);
    }
    inner_to = std::max(inner_from, inner_to);
    for (int64_t column = 0; column < job.out_width;) {
      // All taps of the interior meet the image; a border column is a run of its own.
      const bool inner = column >= inner_from && column < inner_to;
      const int64_t columns = inner ? inner_to - column : 1;
      const float* x[S];
      int64_t step[S];
      for (int s = 0; s < S; ++s) {
        const bool meets = line[s] != nullptr && column >= from[s] && column < to[s];
        x[s] = meets ? line[s] + column * job.stride * job.lanes : job.zeros;
        step[s] = meets ? job.stride * job.lanes : 0;
      }
      AddColumns<R, S>(job, dy + column * job.lanes, plane, x, step, columns, sum);
      column += columns;
    }
  }
  const int64_t depth = job.in_channels * taps;
  for (int r = 0; r < R; ++r)
    for (int s = 0; s < S; ++s) {
      float& element = job.dweight[(row + r) * depth + first_tap + s];
      const float total = hn::GetLane(hn::SumOfLanes(FloatTag(), sum[r][s]));
      element = (rows.first && !job.accumulate ? 0.0F : element) + total;
    }
}

template <int R, int S>
HWY_INLINE void AddTileOf(const WeightGradientJob& job, int64_t rows, int64_t taps, int64_t row, int64_t tap,
                          const Rows& range) {
  if (rows == R && taps == S) {
    AddTile<R, S>(job, row, tap, range);
  } else if (taps < S) {
    if constexpr (S > 1) AddTileOf<R, S - 1>(job, rows, taps, row, tap, range);
  } else {
    if constexpr (R > 1) AddTileOf<R - 1, S>(job, rows, taps, row, tap, range);
  }
}

// All rows of the output in pieces that stay in the second-level cache together with their windows, and are
// long enough that adding up the lanes (about 10 instructions a sum) is little beside them.
template <int R, int S>
struct TileRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const RowTiles taps(job.in_channels * job.kernel_height * job.kernel_width, S);
    constexpr int64_t kShortestRun = 256;
    const int64_t vectors_of_row = job.out_width * job.lanes / kVectorLanes;
    const int64_t piece = std::max<int64_t>(1, (kShortestRun + vectors_of_row - 1) / vectors_of_row);
    const int64_t pieces = std::max<int64_t>(1, job.out_height / piece);
    for (int64_t p = 0; p < pieces; ++p) {
      const Rows range{job.out_height * p / pieces, job.out_height * (p + 1) / pieces, p == 0};
      for (int64_t item = begin; item < end; ++item)
        for (int64_t t = 0; t < taps.count; ++t)
          AddTileOf<R, S>(job, rows.Rows(item), taps.Rows(t), rows.First(item), taps.First(t), range);
    }
  }
  const WeightGradientJob& job;
  const RowTiles rows;
};

template <int R, int S>
HWY_ATTR void RunTiles(const WeightGradientJob& job) {
  const RowTiles rows(job.out_channels, R);
  ParallelFor(job.threads, rows.count, TileRange<R, S>{job, rows});
}

// Sums that R x S tiles compute, the idle ones of ragged tiles included.
HWY_INLINE int64_t SumsOf(const WeightGradientJob& job, int64_t r, int64_t s) {
  const int64_t depth = job.in_channels * job.kernel_height * job.kernel_width;
  return RowTiles(job.out_channels, r).count * RowTiles(depth, s).count * r * s;
}

HWY_ATTR void WeightGradient(const WeightGradientJob& job) {
#if HWY_TARGET <= HWY_AVX3
  // 5 x 5 fits odd channels and kernels, 8 x 3 powers of two and 3 x 3.
  if (SumsOf(job, 8, 3) * 25 < SumsOf(job, 5, 5) * 24) return RunTiles<8, 3>(job);
  RunTiles<5, 5>(job);
#else
  RunTiles<4, 3>(job);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(WeightGradient);
}  // namespace

void RunWeightGradient(const WeightGradientJob& job) { HWY_DYNAMIC_DISPATCH(WeightGradient)(job); }

}  // namespace concertina
#endif  // HWY_ONCE
