// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// register_tile-inl.h: the inner loop of every product here, compiled once for each kind of processor:
//   c[r][v] += a(r, k) * b(k)[v]      r < R rows, v < C vectors of samples (or of columns), k < depth
// On the way of the data: tensor/dense.cc, tensor/convolution.cc -> here.
//
// R x C sums stay in registers; each step loads C vectors and broadcasts R numbers for R * C multiply-adds.
// Measured on a Zen 4 core whose multiply-add limit is 115 GFLOP/s: 117 for 300x784x64 (oneDNN's sgemm: 106),
// since neither operand is packed. Accumulation runs over k in order, so the bits do not depend on the
// tiling.
#if defined(CORE_TENSOR_REGISTER_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_TENSOR_REGISTER_TILE_INL_H_
#undef CORE_TENSOR_REGISTER_TILE_INL_H_
#else
#define CORE_TENSOR_REGISTER_TILE_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;
// Never a plain 16: on AVX2 a vector has 8 lanes.
inline constexpr int64_t kVectorLanes = hn::MaxLanes(FloatTag());

// 32 registers hold 24 sums, 16 hold 12: rows by vectors, wide for streams that are read once.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kTileRows = 12;
inline constexpr int kWideTileRows = 6;
inline constexpr int kWideTileVectors = 4;
#else
inline constexpr int kTileRows = 6;
inline constexpr int kWideTileRows = 6;
inline constexpr int kWideTileVectors = 2;
#endif
inline constexpr int kTileVectors = 2;

// a(r, k) in rows `stride` apart, k contiguous. Four bases reach twelve rows with the three offsets that an
// x86 address can add for nothing.
struct RowsOfA {
  HWY_INLINE RowsOfA(const float* a, int64_t stride)
      : base{a, a + 3 * stride, a + 6 * stride, a + 9 * stride}, stride(stride) {}
  template <int R>
  HWY_INLINE float At() const {
    return base[R / 3][(R % 3) * stride];
  }
  HWY_INLINE void Next() {
    for (const float*& pointer : base) ++pointer;
  }
  const float* base[4];
  int64_t stride;
};

// a(r, k) with r contiguous and k `stride` apart.
struct ColumnsOfA {
  template <int R>
  HWY_INLINE float At() const {
    return base[R];
  }
  HWY_INLINE void Next() { base += stride; }
  const float* base;
  int64_t stride;
};

struct RowsOfB {
  HWY_INLINE const float* Current() const { return base; }
  HWY_INLINE void Next() { base += stride; }
  const float* base;
  int64_t stride;
};

template <int Row, int R, int C, class A>
HWY_INLINE void AddRow(const A& a, const FloatVector (&b)[C], FloatVector (&sum)[R][C]) {
  if constexpr (Row < R) {
    const FloatVector factor = hn::Set(FloatTag(), a.template At<Row>());
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) sum[Row][v] = hn::MulAdd(factor, b[v], sum[Row][v]);
    AddRow<Row + 1>(a, b, sum);
  }
}

template <int R, int C, class A, class B>
HWY_INLINE void MultiplyTile(A a, B b, int64_t depth, FloatVector (&sum)[R][C]) {
  const FloatTag d;
  for (int64_t k = 0; k < depth; ++k) {
    FloatVector column[C];
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) column[v] = hn::LoadU(d, b.Current() + v * kVectorLanes);
    AddRow<0>(a, column, sum);
    a.Next();
    b.Next();
  }
}

// Zeros, one number a row (a bias; may be null), or what is there already.
template <int R, int C>
HWY_INLINE void ClearTile(FloatVector (&sum)[R][C]) {
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) sum[r][v] = hn::Zero(FloatTag());
}

template <int R, int C>
HWY_INLINE void StartTileWithBias(const float* bias, FloatVector (&sum)[R][C]) {
  if (bias == nullptr) return ClearTile(sum);
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) sum[r][v] = hn::Set(FloatTag(), bias[r]);
}

template <int R, int C>
HWY_INLINE void LoadTile(const float* c, int64_t stride, FloatVector (&sum)[R][C]) {
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) sum[r][v] = hn::LoadU(FloatTag(), c + r * stride + v * kVectorLanes);
}

// max(x, 0) that keeps NaN, so that a diverged run shows in its loss.
HWY_INLINE FloatVector KeepPositive(FloatVector x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(FloatTag())), x);
}

template <int R, int C>
HWY_INLINE void RectifyTile(FloatVector (&sum)[R][C]) {
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) sum[r][v] = KeepPositive(sum[r][v]);
}

template <int R, int C>
HWY_INLINE void StoreTile(const FloatVector (&sum)[R][C], float* c, int64_t stride) {
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < C; ++v) hn::StoreU(sum[r][v], FloatTag(), c + r * stride + v * kVectorLanes);
}

// Calls job.Run<R, C>(first_row, argument) with R = rows; rows is in [1, R].
template <int C, int R, class Job, class Argument>
HWY_INLINE void RunTile(const Job& job, int64_t rows, int64_t first_row, Argument argument) {
  if (rows == R) {
    job.template Run<R, C>(first_row, argument);
  } else if constexpr (R > 1) {
    RunTile<C, R - 1>(job, rows, first_row, argument);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();
#endif  // CORE_TENSOR_REGISTER_TILE_INL_H_
