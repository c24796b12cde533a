// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_convolution.cc: convolutions of whole numbers (see kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/integer_convolution.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/edge/integer_sums-inl.h"
#include "core/edge/kernels.h"
#include "core/edge/pixel_groups-inl.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// Of whole numbers two thirds where the compiler joins product and sum: it copies each sum once (six rows
// were spilt to memory, and no faster than floats).
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX2
inline constexpr int kIntegerRows = kRows;  // AddProducts has no sum copied
#else
inline constexpr int kIntegerRows = kRows / 3 * 2;
#endif

HWY_ATTR int64_t RowsOfIntegers() { return kIntegerRows; }

template <class Run>
HWY_INLINE void WithIntegerRows(int64_t rows, Run run) {
  if (rows <= kIntegerRows / 2) return run(std::integral_constant<int, kIntegerRows / 2>());
  run(std::integral_constant<int, kIntegerRows>());
}

// Of whole numbers, in pairs: on x86 a product of pairs is summed at once, and `other` stays as it is.
template <int R>
HWY_INLINE void IntegerTile(const int16_t* packed, const int32_t* offsets, int64_t pairs, const int16_t* x0,
                            const int16_t* x1, IntV (&sum)[R][kVectors], IntV (&other)[R][kVectors]) {
  for (int64_t k = 0; k < pairs; ++k) {
    const IntV b0 = LoadPairs(x0 + 2 * static_cast<int64_t>(offsets[k]));
    const IntV b1 = LoadPairs(x1 + 2 * static_cast<int64_t>(offsets[k]));
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const IntV a = SetPairs(packed + (k * kIntegerRows + r) * 2);
      AddProducts(a, b0, sum[r][0], other[r][0]);
      AddProducts(a, b1, sum[r][1], other[r][1]);
    }
  }
}

template <int R>
HWY_INLINE void IntegerRows(int64_t rows, const ConvolutionShape& s, const int16_t* packed,
                            const int32_t* offsets, int64_t pairs, const int16_t* prepared,
                            const IntegerTail& tail, int64_t row, uint8_t* y_bytes, float* y_floats) {
  const Ints d;
  const PixelGroups groups = GroupsOf(s);
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t g = 0; g < groups.count; g += kVectors) {
    const PixelGroup first = GroupAt(s, groups, g);
    const bool has_second = g + 1 < groups.count;
    const PixelGroup second = has_second ? GroupAt(s, groups, g + 1) : first;
    const int16_t* const x0 = prepared + 2 * first.from;
    const int16_t* const x1 = prepared + 2 * second.from;
    IntV sum[R][kVectors], other[R][kVectors];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = other[r][0] = other[r][1] = hn::Zero(d);
    IntegerTile<R>(packed, offsets, pairs, x0, x1, sum, other);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      if (r >= rows) break;
      const IntV bias = hn::Set(d, tail.bias[row + r]);
      const FloatV multiplier = hn::Set(Floats(), tail.multiplier[row + r]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        if (v == 1 && !has_second) break;
        const PixelGroup& group = v == 0 ? first : second;
        const IntV total = hn::Add(hn::RearrangeToOddPlusEven(sum[r][v], other[r][v]), bias);
        if (y_bytes != nullptr) {
          StoreGroup(Requantized(total, multiplier, tail), s, groups, group, y_bytes + (row + r) * plane);
        } else {
          const FloatV value = hn::Mul(hn::ConvertTo(Floats(), total), multiplier);
          StoreGroup(tail.rectifies ? Positive(value) : value, s, groups, group,
                     y_floats + (row + r) * plane);
        }
      }
    }
  }
}

HWY_ATTR void ConvolutionOfIntegers(const ConvolutionShape& s, const int16_t* packed, const IntegerTaps& taps,
                                    const int16_t* prepared, const IntegerTail& tail, uint8_t* y_bytes,
                                    float* y_floats) {
  const auto pairs = static_cast<int64_t>(taps.offsets.size());
  for (int64_t row = 0; row < s.out_channels; row += kIntegerRows) {
    const int64_t rows = std::min<int64_t>(kIntegerRows, s.out_channels - row);
    WithIntegerRows(rows, [&](auto r) HWY_ATTR {
      IntegerRows<r()>(rows, s, packed + row * pairs * 2, taps.offsets.data(), pairs, prepared, tail, row,
                       y_bytes, y_floats);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(RowsOfIntegers);
HWY_EXPORT(ConvolutionOfIntegers);

}  // namespace

IntegerTaps PairTaps(const ConvolutionShape& s) {
  IntegerTaps taps;
  taps.pair_channels = (s.in_channels + 1) / 2;
  ForEachPairedTap(s, [&](int64_t /*pair*/, int which, int64_t channel, int64_t ky, int64_t kx) {
    if (which == 0)
      taps.offsets.push_back(static_cast<int32_t>(s.TapOffset(taps.pair_channels, channel / 2, ky, kx)));
  });
  return taps;
}

std::vector<int16_t> PackConvolutionInteger(std::span<const int8_t> weight, const ConvolutionShape& s) {
  const int64_t rows = HWY_DYNAMIC_DISPATCH(RowsOfIntegers)(), taps = s.taps();
  const auto pairs = static_cast<int64_t>(PairTaps(s).offsets.size());
  std::vector<int16_t> packed(static_cast<size_t>((s.out_channels + rows - 1) / rows * rows * pairs * 2));
  for (int64_t o = 0; o < s.out_channels; ++o)
    ForEachPairedTap(s, [&](int64_t pair, int which, int64_t channel, int64_t ky, int64_t kx) {
      packed[static_cast<size_t>((o / rows * rows * pairs + pair * rows + o % rows) * 2 + which)] =
          weight[static_cast<size_t>(o * taps + (channel * s.kernel_height + ky) * s.kernel_width + kx)];
    });
  return packed;
}

void ConvolutionInteger(const ConvolutionShape& shape, const int16_t* packed, const IntegerTaps& taps,
                        const int16_t* prepared, const IntegerTail& tail, uint8_t* y_bytes, float* y_floats) {
  HWY_DYNAMIC_DISPATCH(ConvolutionOfIntegers)(shape, packed, taps, prepared, tail, y_bytes, y_floats);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
