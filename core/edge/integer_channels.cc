// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_channels.cc: convolutions of whole numbers with output channels as lanes, and which convolutions
// gain by it (see kernels.h): channel_convolution.cc for bytes. Products of pairs are summed pixel by pixel,
// and the sums become bytes on the way to their places.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/integer_channels.cc"
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

// Pixels whose sums stay in registers, each in at most two vectors of channels; half of them where a sum is
// in two.
#if HWY_TARGET == HWY_AVX3_DL
inline constexpr int kIntegerTile = 12;
#elif HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
inline constexpr int kIntegerTile = 6;
#else
inline constexpr int kIntegerTile = 3;
#endif
inline constexpr int64_t kIntegerChannels = 2 * kLanes;
// Pixels whose sums wait, in the nearest cache, to be turned.
inline constexpr int64_t kIntegerPanel = 96;

HWY_ATTR int64_t ChannelsOfIntegers() { return kIntegerChannels; }

// Of P pixels, of which `count` are wanted: sums[pixel][channel].
template <int V, int P>
HWY_NOINLINE HWY_ATTR void IntegerChannelTile(const int16_t* packed, const int32_t* offsets, int64_t pairs,
                                              const int16_t* const* pixels, int64_t count,
                                              const int32_t* bias, int32_t* sums) {
  const Ints d;
  IntV sum[P][V], other[P][V];
  const int16_t* from[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    from[p] = pixels[p];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sum[p][v] = other[p][v] = hn::Zero(d);
  }
  for (int64_t k = 0; k < pairs; ++k) {
    const int64_t offset = 2 * static_cast<int64_t>(offsets[k]);
    IntV weight[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) weight[v] = LoadPairs(packed + (k * V + v) * 2 * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const IntV x = SetPairs(from[p] + offset);
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) AddProducts(weight[v], x, sum[p][v], other[p][v]);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    if (p >= count) break;
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      const IntV total = hn::RearrangeToOddPlusEven(sum[p][v], other[p][v]);
      hn::StoreU(hn::Add(total, hn::LoadU(d, bias + v * kLanes)), d, sums + (p * V + v) * kLanes);
    }
  }
}

// Few forms of the inner loop: P is the smaller of kIntegerTile and two thirds of it that takes `count`.
template <class Run>
HWY_INLINE void WithIntegerTile(int64_t count, Run run) {
  if (count <= kIntegerTile / 3 * 2) return run(std::integral_constant<int, kIntegerTile / 3 * 2>());
  run(std::integral_constant<int, kIntegerTile>());
}

// to[channel][pixel] of bytes[pixel][channel], rows of bytes `row` apart, planes of `plane` pixels.
HWY_INLINE void TurnBytes(const uint8_t* bytes, int64_t row, int64_t pixels, int64_t channels, int64_t plane,
                          uint8_t* to) {
  int64_t channel = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<uint8_t, 16> d;
  const hn::Half<decltype(d)> half;
  using V = hn::Vec<decltype(d)>;
  for (; pixels >= 8 && channel + 16 <= channels; channel += 16)
    for (int64_t next = 0; next < pixels; next += 8) {
      const int64_t pixel = std::min(next, pixels - 8);  // the last may do again what is done
      V turned[8];
#pragma GCC unroll 8
      for (int64_t i = 0; i < 8; ++i) turned[i] = hn::LoadU(d, bytes + (pixel + i) * row + channel);
        // Three times a vector and the one four further, byte by byte in turn: then each has two channels of
        // 8 pixels.
#pragma GCC unroll 3
      for (int round = 0; round < 3; ++round) {
        V mixed[8];
#pragma GCC unroll 4
        for (int64_t i = 0; i < 4; ++i) {
          mixed[2 * i] = hn::InterleaveLower(d, turned[i], turned[i + 4]);
          mixed[2 * i + 1] = hn::InterleaveUpper(d, turned[i], turned[i + 4]);
        }
#pragma GCC unroll 8
        for (int64_t i = 0; i < 8; ++i) turned[i] = mixed[i];
      }
#pragma GCC unroll 8
      for (int64_t i = 0; i < 8; ++i) {
        uint8_t* const first = to + (channel + 2 * i) * plane + pixel;
        hn::StoreU(hn::LowerHalf(half, turned[i]), half, first);
        hn::StoreU(hn::UpperHalf(half, turned[i]), half, first + plane);
      }
    }
#endif
  for (; channel < channels; ++channel)
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      to[channel * plane + pixel] = bytes[pixel * row + channel];
}

// `channels` of the V vectors: the others' weights are zero, and nobody has room for their outputs.
template <int V>
HWY_INLINE void IntegerChannelBlock(const ConvolutionShape& s, const int16_t* packed, const int32_t* offsets,
                                    int64_t pairs, const int16_t* padded, const IntegerTail& tail,
                                    int64_t channels, uint8_t* y) {
  constexpr int64_t kRow = V * kLanes;
  const Ints d;
  const Floats df;
  const int64_t plane = s.out_height * s.out_width, row = s.Unstrided().phase_width();
  HWY_ALIGN int32_t start[kRow] = {};
  HWY_ALIGN float multipliers[kRow] = {};
  std::memcpy(start, tail.bias, static_cast<size_t>(channels) * sizeof(int32_t));
  std::memcpy(multipliers, tail.multiplier, static_cast<size_t>(channels) * sizeof(float));
  HWY_ALIGN int32_t sums[kIntegerPanel * kRow];
  HWY_ALIGN uint8_t bytes[kIntegerPanel * kRow + kSlack];
  const int16_t* pixels[kIntegerPanel + kIntegerTile];
  const int16_t* pixel = padded;
  int64_t column = 0;
  for (int64_t first = 0; first < plane; first += kIntegerPanel) {
    const int64_t count = std::min(kIntegerPanel, plane - first);
    for (int64_t i = 0; i < count; ++i) {
      pixels[i] = pixel;
      pixel += 2 * s.stride;
      if (++column < s.out_width) continue;
      column = 0;
      pixel += 2 * s.stride * (row - s.out_width);
    }
    // What a tile has more than is wanted reads the last pixel again.
    std::fill_n(pixels + count, kIntegerTile, pixels[count - 1]);
    const int64_t tiles = (count + kIntegerTile - 1) / kIntegerTile;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const int64_t at = tile * count / tiles, wanted = (tile + 1) * count / tiles - at;
      WithIntegerTile(wanted, [&](auto p) HWY_ATTR {
        IntegerChannelTile<V, p()>(packed, offsets, pairs, pixels + at, wanted, start, sums + at * kRow);
      });
    }
    for (int64_t i = 0; i < count; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) {
        const IntV sum = hn::Load(d, sums + i * kRow + v * kLanes);
        const hn::Rebind<uint8_t, Ints> d8;
        hn::StoreU(hn::DemoteTo(d8, Requantized(sum, hn::Load(df, multipliers + v * kLanes), tail)), d8,
                   bytes + i * kRow + v * kLanes);
      }
    TurnBytes(bytes, kRow, count, channels, plane, y + first);
  }
}

HWY_ATTR void IntegerChannelConvolution(const ConvolutionShape& s, const int16_t* packed,
                                        const IntegerTaps& taps, const int16_t* padded,
                                        const IntegerTail& tail, uint8_t* y) {
  const auto pairs = static_cast<int64_t>(taps.offsets.size());
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t first = 0; first < s.out_channels; first += kIntegerChannels) {
    const int64_t channels = std::min(kIntegerChannels, s.out_channels - first);
    const int16_t* const weights = packed + first * pairs * 2;
    IntegerTail rest = tail;
    rest.bias += first;
    rest.multiplier += first;
    if (channels > kLanes)
      IntegerChannelBlock<2>(s, weights, taps.offsets.data(), pairs, padded, rest, channels,
                             y + first * plane);
    else
      IntegerChannelBlock<1>(s, weights, taps.offsets.data(), pairs, padded, rest, channels,
                             y + first * plane);
  }
}

// What a pair of taps takes either way, in products of vectors; and what it takes to turn sums, and to store
// vectors of pixels that end within a row.
HWY_ATTR bool IntegerChannelsAreFaster(const ConvolutionShape& s) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3_DL
  const auto pairs = static_cast<int64_t>(PairTaps(s).offsets.size());
  const int64_t plane = s.out_height * s.out_width, vectors = GroupsOf(s).count;
  const int64_t groups = (vectors + kVectors - 1) / kVectors;
  const int64_t rows = s.out_channels / kRows * kRows, left = s.out_channels - rows;
  const int64_t of_rows = rows + (left == 0 ? 0 : left <= kRows / 2 ? kRows / 2 : kRows);
  const int64_t by_pixels = of_rows * groups * kVectors * pairs + 2 * vectors * s.out_channels;
  const int64_t of_channels = (s.out_channels + kLanes - 1) / kLanes;
  const int64_t by_channels = of_channels * plane * pairs + plane * s.out_channels / 4;
  // Measured on AVX2 alone; elsewhere it takes more to believe it.
  return HWY_TARGET == HWY_AVX2 ? by_channels < by_pixels : by_channels < by_pixels - by_pixels / 8;
#else
  (void)s;
  return false;
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(ChannelsOfIntegers);
HWY_EXPORT(IntegerChannelConvolution);
HWY_EXPORT(IntegerChannelsAreFaster);

}  // namespace

bool IntegersFavourChannels(const ConvolutionShape& s) {
  return HWY_DYNAMIC_DISPATCH(IntegerChannelsAreFaster)(s);
}

std::vector<int16_t> PackIntegersByChannels(std::span<const int8_t> weight, const ConvolutionShape& s) {
  const int64_t block = HWY_DYNAMIC_DISPATCH(ChannelsOfIntegers)(), taps = s.taps();
  const ConvolutionShape unstrided = s.Unstrided();
  const auto pairs = static_cast<int64_t>(PairTaps(unstrided).offsets.size());
  std::vector<int16_t> packed(static_cast<size_t>((s.out_channels + block - 1) / block * block * pairs * 2));
  for (int64_t o = 0; o < s.out_channels; ++o) {
    const int64_t first = o / block * block, left = s.out_channels - first;
    const int64_t width = left > block / 2 ? block : block / 2;  // of one vector where that takes them all
    ForEachPairedTap(unstrided, [&](int64_t pair, int which, int64_t channel, int64_t ky, int64_t kx) {
      packed[static_cast<size_t>((first * pairs + pair * width + o - first) * 2 + which)] =
          weight[static_cast<size_t>(o * taps + (channel * s.kernel_height + ky) * s.kernel_width + kx)];
    });
  }
  return packed;
}

void IntegersByChannels(const ConvolutionShape& shape, const int16_t* packed, const IntegerTaps& taps,
                        const int16_t* padded, const IntegerTail& tail, uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(IntegerChannelConvolution)(shape, packed, taps, padded, tail, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
