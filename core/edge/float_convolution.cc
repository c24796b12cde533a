// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// float_convolution.cc: convolutions of floats, dense and of few weights, with pixels as lanes (see
// kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/float_convolution.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/edge/kernels.h"
#include "core/edge/pixel_groups-inl.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

HWY_ATTR int64_t Rows() { return kRows; }

template <int R>
HWY_INLINE void FloatTile(const float* packed, const int32_t* offsets, int64_t taps, const float* x0,
                          const float* x1, FloatV (&sum)[R][kVectors]) {
  const Floats d;
  for (int64_t k = 0; k < taps; ++k) {
    const FloatV b0 = hn::LoadU(d, x0 + offsets[k]);
    const FloatV b1 = hn::LoadU(d, x1 + offsets[k]);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const FloatV a = hn::Set(d, packed[k * kRows + r]);
      sum[r][0] = hn::MulAdd(a, b0, sum[r][0]);
      sum[r][1] = hn::MulAdd(a, b1, sum[r][1]);
    }
  }
}

// `rows` of R: the others' weights are zero, and nobody has room for their outputs.
template <int R>
HWY_INLINE void FloatRows(int64_t rows, const ConvolutionShape& s, const float* packed,
                          const int32_t* offsets, int64_t taps, const float* prepared, const float* bias,
                          bool rectifies, float* y) {
  const Floats d;
  const PixelGroups groups = GroupsOf(s);
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t g = 0; g < groups.count; g += kVectors) {
    const PixelGroup first = GroupAt(s, groups, g);
    const bool has_second = g + 1 < groups.count;
    const PixelGroup second = has_second ? GroupAt(s, groups, g + 1) : first;
    FloatV sum[R][kVectors];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
      sum[r][0] = sum[r][1] = bias == nullptr || r >= rows ? hn::Zero(d) : hn::Set(d, bias[r]);
    FloatTile<R>(packed, offsets, taps, prepared + first.from, prepared + second.from, sum);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      if (r >= rows) break;
      float* const to = y + r * plane;
      StoreGroup(rectifies ? Positive(sum[r][0]) : sum[r][0], s, groups, first, to);
      if (has_second) StoreGroup(rectifies ? Positive(sum[r][1]) : sum[r][1], s, groups, second, to);
    }
  }
}

// Few forms of the inner loop: R is the smallest of kRows, two thirds and a third of it that takes `rows`.
template <class Run>
HWY_INLINE void WithRows(int64_t rows, Run run) {
  if (rows <= kRows / 3) return run(std::integral_constant<int, kRows / 3>());
  if (rows <= kRows / 3 * 2) return run(std::integral_constant<int, kRows / 3 * 2>());
  run(std::integral_constant<int, kRows>());
}

HWY_ATTR void Convolution(const ConvolutionShape& s, const float* packed, const int32_t* offsets,
                          const float* prepared, const FloatTail& tail, float* y) {
  const int64_t taps = s.taps();
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t row = 0; row < s.out_channels; row += kRows) {
    const int64_t rows = std::min<int64_t>(kRows, s.out_channels - row);
    WithRows(rows, [&](auto r) HWY_ATTR {
      FloatRows<r()>(rows, s, packed + row * taps, offsets, taps, prepared,
                     tail.bias == nullptr ? nullptr : tail.bias + row, tail.rectifies, y + row * plane);
    });
  }
}

// Six vectors of pixels share each weight.
HWY_ATTR void ConvolutionOfFew(const ConvolutionShape& s, const SparseConvolution& packed,
                               const float* prepared, const FloatTail& tail, float* y) {
  const Floats d;
  constexpr int kGroups = 6;
  const PixelGroups groups = GroupsOf(s);
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t g = 0; g < groups.count; g += kGroups) {
    PixelGroup group[kGroups];
    const float* from[kGroups];
    for (int v = 0; v < kGroups; ++v) {
      group[v] = GroupAt(s, groups, std::min(g + v, groups.count - 1));
      from[v] = prepared + group[v].from;
    }
    for (int64_t o = 0; o < s.out_channels; ++o) {
      FloatV sum[kGroups];
      const FloatV start = hn::Set(d, tail.bias == nullptr ? 0.0F : tail.bias[o]);
#pragma GCC unroll 8
      for (int v = 0; v < kGroups; ++v) sum[v] = start;
      const int32_t end = packed.begin[static_cast<size_t>(o) + 1];
      for (int32_t n = packed.begin[static_cast<size_t>(o)]; n < end; ++n) {
        const FloatV weight = hn::Set(d, packed.weight[static_cast<size_t>(n)]);
        const int32_t offset = packed.offset[static_cast<size_t>(n)];
#pragma GCC unroll 8
        for (int v = 0; v < kGroups; ++v) sum[v] = hn::MulAdd(weight, hn::LoadU(d, from[v] + offset), sum[v]);
      }
#pragma GCC unroll 8
      for (int v = 0; v < kGroups; ++v)
        if (g + v < groups.count)
          StoreGroup(tail.rectifies ? Positive(sum[v]) : sum[v], s, groups, group[v], y + o * plane);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(Rows);
HWY_EXPORT(Convolution);
HWY_EXPORT(ConvolutionOfFew);

}  // namespace

int64_t ConvolutionRows() { return HWY_DYNAMIC_DISPATCH(Rows)(); }

std::vector<float> PackConvolution(std::span<const float> weight, const ConvolutionShape& s) {
  const int64_t rows = ConvolutionRows(), taps = s.taps();
  std::vector<float> packed(static_cast<size_t>((s.out_channels + rows - 1) / rows * rows * taps));
  for (int64_t o = 0; o < s.out_channels; ++o)
    for (int64_t k = 0; k < taps; ++k)
      packed[static_cast<size_t>(o / rows * rows * taps + k * rows + o % rows)] =
          weight[static_cast<size_t>(o * taps + k)];
  return packed;
}

std::vector<int32_t> TapOffsets(const ConvolutionShape& s) {
  std::vector<int32_t> offsets;
  for (int64_t c = 0; c < s.in_channels; ++c)
    for (int64_t ky = 0; ky < s.kernel_height; ++ky)
      for (int64_t kx = 0; kx < s.kernel_width; ++kx)
        offsets.push_back(static_cast<int32_t>(s.TapOffset(s.in_channels, c, ky, kx)));
  return offsets;
}

void ConvolutionFloat(const ConvolutionShape& shape, const float* packed, const int32_t* offsets,
                      const float* prepared, const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(Convolution)(shape, packed, offsets, prepared, tail, y);
}

SparseConvolution PackSparseConvolution(std::span<const float> weight, const ConvolutionShape& s) {
  const std::vector<int32_t> offsets = TapOffsets(s);
  SparseConvolution packed;
  packed.begin.push_back(0);
  for (int64_t o = 0; o < s.out_channels; ++o) {
    for (size_t k = 0; k < offsets.size(); ++k) {
      const float w = weight[static_cast<size_t>(o) * offsets.size() + k];
      if (w == 0) continue;
      packed.offset.push_back(offsets[k]);
      packed.weight.push_back(w);
    }
    packed.begin.push_back(static_cast<int32_t>(packed.weight.size()));
  }
  return packed;
}

void ConvolutionSparse(const ConvolutionShape& shape, const SparseConvolution& packed, const float* prepared,
                       const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(ConvolutionOfFew)(shape, packed, prepared, tail, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
