// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense.cc: dense layers as products of register tiles, and as oneDNN's sgemm.
// On the way of the data: graph/dense_operator.cc -> here -> tensor/register_tile-inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/dense.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include <algorithm>

#include "core/tensor/batch_lanes.h"
#include "core/tensor/dense.h"
#include "core/tensor/parallel_for.h"
#include "core/tensor/row_tiles.h"
#include "core/tensor/transpose.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

// y[row..][lane..] = bias + w x, one tile.
struct ForwardJob {
  template <int R, int C>
  HWY_INLINE void Run(int64_t row, int64_t lane) const {
    FloatVector sum[R][C];
    StartTileWithBias(bias == nullptr ? nullptr : bias + row, sum);
    MultiplyTile(RowsOfA(weight + row * shape.in, shape.in), RowsOfB{x + lane, shape.lanes}, shape.in, sum);
    if (rectify) RectifyTile(sum);
    StoreTile(sum, y + row * shape.lanes + lane, shape.lanes);
  }
  const DenseShape& shape;
  const float *x, *weight, *bias;
  bool rectify;
  float* y;
};

// dx[row..][lane..] = w^T dy, one tile: a row is an input feature.
struct InputGradientJob {
  template <int R, int C>
  HWY_INLINE void Run(int64_t row, int64_t lane) const {
    float* target = dx + row * shape.lanes + lane;
    FloatVector sum[R][C];
    if (accumulate) {
      LoadTile(target, shape.lanes, sum);
    } else {
      ClearTile(sum);
    }
    MultiplyTile(ColumnsOfA{weight + row, shape.in}, RowsOfB{dy + lane, shape.lanes}, shape.out, sum);
    StoreTile(sum, target, shape.lanes);
  }
  const DenseShape& shape;
  const float *dy, *weight;
  bool accumulate;
  float* dx;
};

template <class Job>
HWY_INLINE void RunOverLanes(const Job& job, const DenseShape& shape, const RowTiles& tiles, int64_t tile) {
  const int64_t vectors = shape.lanes / kVectorLanes;
  int64_t v = 0;
  for (; v + kTileVectors <= vectors; v += kTileVectors)
    RunTile<kTileVectors, kTileRows>(job, tiles.Rows(tile), tiles.First(tile), v * kVectorLanes);
  for (; v < vectors; ++v) RunTile<1, kTileRows>(job, tiles.Rows(tile), tiles.First(tile), v * kVectorLanes);
}

struct ForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    for (int64_t tile = begin; tile < end; ++tile) RunOverLanes(job, job.shape, tiles, tile);
  }
  const ForwardJob job;
  const RowTiles tiles;
};

HWY_ATTR void TiledForward(const DenseShape& shape, const float* x, const float* weight, const float* bias,
                           bool rectify, float* y) {
  const RowTiles tiles(shape.out, kTileRows);
  ParallelFor(shape.threads, tiles.count, ForwardRange{{shape, x, weight, bias, rectify, y}, tiles});
}

struct InputGradientRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    for (int64_t tile = begin; tile < end; ++tile) RunOverLanes(job, job.shape, tiles, tile);
  }
  const InputGradientJob job;
  const RowTiles tiles;
};

HWY_ATTR void TiledInputGradient(const DenseShape& shape, const float* dy, const float* weight,
                                 bool accumulate, float* dx) {
  const RowTiles tiles(shape.in, kTileRows);
  ParallelFor(shape.threads, tiles.count, InputGradientRange{{shape, dy, weight, accumulate, dx}, tiles});
}

inline constexpr int64_t kPanelWidth = kWideTileVectors * kVectorLanes;

// dw[row..][one panel of inputs] = dy x^T, one tile: depth runs over samples, vectors over inputs.
struct WeightGradientJob {
  struct Place {
    const float* panel;  // lanes x kPanelWidth
    int64_t first_input;
    int64_t inputs;  // of this panel; less than its vectors hold in the last one
  };
  template <int R, int C>
  HWY_INLINE void Run(int64_t row, Place place) const {
    FloatVector sum[R][C];
    ClearTile(sum);
    MultiplyTile(RowsOfA(dy + row * shape.lanes, shape.lanes), RowsOfB{place.panel, kPanelWidth}, shape.lanes,
                 sum);
    float* target = dweight + row * shape.in + place.first_input;
    if (place.inputs == C * kVectorLanes && !accumulate) return StoreTile(sum, target, shape.in);
    HWY_ALIGN float block[R * C * kVectorLanes];
    StoreTile(sum, block, C * kVectorLanes);
    for (int64_t r = 0; r < R; ++r) {
      for (int64_t i = 0; i < place.inputs; ++i) {
        float& element = target[r * shape.in + i];
        element = (accumulate ? element : 0.0F) + block[r * C * kVectorLanes + i];
      }
    }
  }
  const DenseShape& shape;
  const float* dy;
  bool accumulate;
  float* dweight;
};

template <int C>
HWY_INLINE void RunPanel(const WeightGradientJob& job, int64_t vectors, int64_t rows, int64_t row,
                         WeightGradientJob::Place place) {
  if (vectors == C) {
    RunTile<C, kWideTileRows>(job, rows, row, place);
  } else if constexpr (C > 1) {
    RunPanel<C - 1>(job, vectors, rows, row, place);
  }
}

// Rows outermost: dw is written once, in order (94 to 103 GFLOP/s for 4096x4096x32, against 78 to 88 with
// panels outermost), and the panels of x stay in the second-level cache.
struct WeightGradientRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const DenseShape& shape = job.shape;
    for (int64_t tile = begin; tile < end; ++tile) {
      for (int64_t input = 0; input < shape.in; input += kPanelWidth) {
        const int64_t inputs = std::min(kPanelWidth, shape.in - input);
        RunPanel<kWideTileVectors>(job, (inputs + kVectorLanes - 1) / kVectorLanes, tiles.Rows(tile),
                                   tiles.First(tile), {panels + input * shape.lanes, input, inputs});
      }
    }
  }
  const WeightGradientJob job;
  const RowTiles tiles;
  const float* panels;
};

HWY_ATTR void TiledWeightGradient(const DenseShape& shape, const float* x, const float* dy, bool accumulate,
                                  float* dweight, float* scratch) {
  TransposeToPanels(shape.threads, x, shape.in, shape.lanes, kPanelWidth, scratch);
  const RowTiles tiles(shape.out, kWideTileRows);
  ParallelFor(shape.threads, tiles.count,
              WeightGradientRange{{shape, dy, accumulate, dweight}, tiles, scratch});
}

struct SumRowsRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    for (int64_t row = begin; row < end; ++row) {
      const float* p = x + row * columns;
      FloatVector a = hn::Zero(d);
      FloatVector b = hn::Zero(d);
      int64_t i = 0;
      for (; i + 2 * kVectorLanes <= columns; i += 2 * kVectorLanes) {
        a = hn::Add(a, hn::LoadU(d, p + i));
        b = hn::Add(b, hn::LoadU(d, p + i + kVectorLanes));
      }
      for (; i < columns; i += kVectorLanes) a = hn::Add(a, hn::LoadU(d, p + i));
      const float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
      sums[row] = (accumulate ? sums[row] : 0.0F) + sum;
    }
  }
  int64_t columns;
  const float* x;
  bool accumulate;
  float* sums;
};

HWY_ATTR void VectorSumRows(int threads, int64_t rows, int64_t columns, const float* x, bool accumulate,
                            float* sums) {
  ParallelFor(threads, rows, SumRowsRange{columns, x, accumulate, sums});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/tensor/activation.h"
#include "core/tensor/sgemm.h"

namespace concertina {
namespace {
HWY_EXPORT(TiledForward);
HWY_EXPORT(TiledInputGradient);
HWY_EXPORT(TiledWeightGradient);
HWY_EXPORT(VectorSumRows);
}  // namespace

void DenseForward(DenseKernel kernel, const DenseShape& shape, const float* x, const float* weight,
                  const float* bias, bool rectify, float* y) {
  if (kernel == DenseKernel::kTiles)
    return HWY_DYNAMIC_DISPATCH(TiledForward)(shape, x, weight, bias, rectify, y);
  if (bias != nullptr)
    for (int64_t o = 0; o < shape.out; ++o) std::fill_n(y + o * shape.lanes, shape.lanes, bias[o]);
  Sgemm({.rows = shape.out, .columns = shape.lanes, .depth = shape.in, .threads = shape.threads}, weight, x,
        bias != nullptr, y);
  if (rectify) Relu(shape.threads, shape.out * shape.lanes, y, y);
}

void DenseInputGradient(DenseKernel kernel, const DenseShape& shape, const float* dy, const float* weight,
                        bool accumulate, float* dx) {
  if (kernel == DenseKernel::kTiles)
    return HWY_DYNAMIC_DISPATCH(TiledInputGradient)(shape, dy, weight, accumulate, dx);
  Sgemm({.rows = shape.in,
         .columns = shape.lanes,
         .depth = shape.out,
         .transpose_a = true,
         .threads = shape.threads},
        weight, dy, accumulate, dx);
}

void DenseWeightGradient(DenseKernel kernel, const DenseShape& shape, const float* x, const float* dy,
                         bool accumulate, float* dweight, float* scratch) {
  if (kernel == DenseKernel::kTiles)
    return HWY_DYNAMIC_DISPATCH(TiledWeightGradient)(shape, x, dy, accumulate, dweight, scratch);
  Sgemm({.rows = shape.out,
         .columns = shape.in,
         .depth = shape.lanes,
         .transpose_b = true,
         .threads = shape.threads},
        dy, x, accumulate, dweight);
}

int64_t DenseWeightScratch(const DenseShape& shape) {
  constexpr int64_t kWidestPanel = 4 * kBatchLanes;
  return (shape.in + kWidestPanel - 1) / kWidestPanel * kWidestPanel * shape.lanes;
}

void SumRows(int threads, int64_t rows, int64_t columns, const float* x, bool accumulate, float* sums) {
  HWY_DYNAMIC_DISPATCH(VectorSumRows)(threads, rows, columns, x, accumulate, sums);
}

}  // namespace concertina
#endif  // HWY_ONCE
