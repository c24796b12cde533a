// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// channel_convolution.cc: convolutions of floats with output channels as lanes, and which convolutions gain
// by it (see kernels.h). Where rows are short, vectors of pixels are partly empty; vectors of 16, 32 or 64
// channels are not.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/channel_convolution.cc"
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

// Pixels whose sums stay in registers, each in at most two vectors of channels.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr int kTile = 12;
#else
inline constexpr int kTile = 6;
#endif
inline constexpr int64_t kChannels = 2 * kLanes;
// Pixels whose sums wait, in the nearest cache, to be turned.
inline constexpr int64_t kPanel = 96;

HWY_ATTR int64_t ChannelsOfBlock() { return kChannels; }

// Of P pixels, of which `count` are wanted: sums[pixel][channel]. Rectified later, and a function of its own:
// among others the compiler spills one of the sums, which costs more than vectors of pixels do.
template <int V, int P>
HWY_NOINLINE HWY_ATTR void ChannelTile(const float* packed, const int32_t* offsets, int64_t taps,
                                       const float* const* pixels, int64_t count, const float* bias,
                                       float* sums) {
  const Floats d;
  FloatV sum[P][V];
  const float* from[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    from[p] = pixels[p];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sum[p][v] = hn::LoadU(d, bias + v * kLanes);
  }
#pragma GCC unroll 2
  for (int64_t k = 0; k < taps; ++k) {
    const int64_t offset = offsets[k];
    FloatV weight[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) weight[v] = hn::LoadU(d, packed + (k * V + v) * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const FloatV x = hn::Set(d, from[p][offset]);
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sum[p][v] = hn::MulAdd(weight[v], x, sum[p][v]);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    if (p >= count) break;
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) hn::StoreU(sum[p][v], d, sums + (p * V + v) * kLanes);
  }
}

// Few forms of the inner loop: P is the smallest of kTile, five sixths and two thirds of it that takes
// `count`.
template <class Run>
HWY_INLINE void WithTile(int64_t count, Run run) {
  if (count <= kTile / 6 * 4) return run(std::integral_constant<int, kTile / 6 * 4>());
  if (count <= kTile / 6 * 5) return run(std::integral_constant<int, kTile / 6 * 5>());
  run(std::integral_constant<int, kTile>());
}

// to[channel][pixel] = sums[pixel][channel], rectified or not, with planes of `plane` pixels and rows of sums
// of V vectors.
template <int V>
HWY_INLINE void TurnSums(const float* sums, int64_t pixels, int64_t channels, int64_t plane, bool rectifies,
                         float* to) {
  constexpr int64_t kRow = V * kLanes;
  int64_t channel = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<float, 4> d;
  const auto row_of = [&](const float* from) HWY_ATTR {
    const auto row = hn::LoadU(d, from);
    return rectifies ? hn::Max(row, hn::Zero(d)) : row;
  };
  for (; pixels >= 4 && channel + 4 <= channels; channel += 4)
    for (int64_t next = 0; next < pixels; next += 4) {
      const int64_t pixel = std::min(next, pixels - 4);  // the last may do again what is done
      const float* const from = sums + pixel * kRow + channel;
      const auto a = row_of(from), b = row_of(from + kRow), c = row_of(from + 2 * kRow),
                 e = row_of(from + 3 * kRow);
      const auto ac = hn::InterleaveLower(d, a, c), be = hn::InterleaveLower(d, b, e);
      const auto ac_upper = hn::InterleaveUpper(d, a, c), be_upper = hn::InterleaveUpper(d, b, e);
      float* const first = to + channel * plane + pixel;
      hn::StoreU(hn::InterleaveLower(d, ac, be), d, first);
      hn::StoreU(hn::InterleaveUpper(d, ac, be), d, first + plane);
      hn::StoreU(hn::InterleaveLower(d, ac_upper, be_upper), d, first + 2 * plane);
      hn::StoreU(hn::InterleaveUpper(d, ac_upper, be_upper), d, first + 3 * plane);
    }
#endif
  for (; channel < channels; ++channel)
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      const float sum = sums[pixel * kRow + channel];
      to[channel * plane + pixel] = rectifies ? std::max(sum, 0.0F) : sum;
    }
}

// `channels` of the V vectors: the others' weights are zero, and nobody has room for their outputs.
template <int V>
HWY_INLINE void ChannelBlock(const ConvolutionShape& s, const float* packed, const int32_t* offsets,
                             int64_t taps, const float* padded, const float* bias, int64_t channels,
                             bool rectifies, float* y) {
  constexpr int64_t kRow = V * kLanes;
  const int64_t plane = s.out_height * s.out_width, row = s.Unstrided().phase_width();
  HWY_ALIGN float start[kRow] = {};
  if (bias != nullptr) std::memcpy(start, bias, static_cast<size_t>(channels) * sizeof(float));
  HWY_ALIGN float sums[kPanel * kRow];
  const float* pixels[kPanel + kTile];
  const float* pixel = padded;
  int64_t column = 0;
  for (int64_t first = 0; first < plane; first += kPanel) {
    const int64_t count = std::min(kPanel, plane - first);
    for (int64_t i = 0; i < count; ++i) {
      pixels[i] = pixel;
      pixel += s.stride;
      if (++column < s.out_width) continue;
      column = 0;
      pixel += s.stride * (row - s.out_width);
    }
    // What a tile has more than is wanted reads the last pixel again.
    std::fill_n(pixels + count, kTile, pixels[count - 1]);
    const int64_t tiles = (count + kTile - 1) / kTile;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const int64_t at = tile * count / tiles, wanted = (tile + 1) * count / tiles - at;
      WithTile(wanted, [&](auto p) HWY_ATTR {
        ChannelTile<V, p()>(packed, offsets, taps, pixels + at, wanted, start, sums + at * kRow);
      });
    }
    TurnSums<V>(sums, count, channels, plane, rectifies, y + first);
  }
}

HWY_ATTR void ChannelConvolution(const ConvolutionShape& s, const float* packed, const int32_t* offsets,
                                 const float* padded, const FloatTail& tail, float* y) {
  const int64_t taps = s.taps();
  const int64_t plane = s.out_height * s.out_width;
  for (int64_t first = 0; first < s.out_channels; first += kChannels) {
    const int64_t channels = std::min(kChannels, s.out_channels - first);
    const float* const weights = packed + first * taps;
    const float* const bias = tail.bias == nullptr ? nullptr : tail.bias + first;
    float* const to = y + first * plane;
    if (channels > kLanes)
      ChannelBlock<2>(s, weights, offsets, taps, padded, bias, channels, tail.rectifies, to);
    else
      ChannelBlock<1>(s, weights, offsets, taps, padded, bias, channels, tail.rectifies, to);
  }
}

// What a tap takes either way, in cycles of two multiply-adds, each of which waits four for the one before
// it; and what it takes to turn sums, and to store vectors of pixels that end within a row.
HWY_ATTR bool ChannelsAreFaster(const ConvolutionShape& s) {
  if (kLanes == 1) return false;
  constexpr int64_t kLatency = 4;
  const int64_t taps = s.taps();
  const int64_t plane = s.out_height * s.out_width;
  const int64_t vectors = GroupsOf(s).count, groups = (vectors + kVectors - 1) / kVectors;
  int64_t of_pixels = s.out_channels / kRows * kRows * groups;
  if (const int64_t rows = s.out_channels % kRows; rows > 0) {
    constexpr int64_t kForm = kRows / 3;
    of_pixels += std::max((rows + kForm - 1) / kForm * kForm, kLatency) * groups;
  }
  const int64_t tiles = (plane + kTile - 1) / kTile, rest = s.out_channels % kChannels;
  int64_t of_channels = s.out_channels / kChannels * plane;
  if (rest > kLanes)
    of_channels += plane;
  else if (rest > 0)
    of_channels += std::max(plane / 2, tiles * kLatency);
  const int64_t by_channels = of_channels * taps + plane * s.out_channels / 4;
  const int64_t by_pixels = of_pixels * taps + 2 * vectors * s.out_channels;
  // Measured on AVX2 alone; elsewhere it takes more to believe it.
#if HWY_TARGET == HWY_AVX2
  return by_channels < by_pixels;
#else
  return by_channels < by_pixels - by_pixels / 8;
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(ChannelsOfBlock);
HWY_EXPORT(ChannelConvolution);
HWY_EXPORT(ChannelsAreFaster);

}  // namespace

bool FavoursChannels(const ConvolutionShape& s) { return HWY_DYNAMIC_DISPATCH(ChannelsAreFaster)(s); }

std::vector<float> PackConvolutionByChannels(std::span<const float> weight, const ConvolutionShape& s) {
  const int64_t block = HWY_DYNAMIC_DISPATCH(ChannelsOfBlock)();
  const int64_t taps = s.taps();
  std::vector<float> packed(static_cast<size_t>((s.out_channels + block - 1) / block * block * taps));
  for (int64_t o = 0; o < s.out_channels; ++o) {
    const int64_t first = o / block * block, left = s.out_channels - first;
    const int64_t width = left > block / 2 ? block : block / 2;  // of one vector where that takes them all
    for (int64_t k = 0; k < taps; ++k)
      packed[static_cast<size_t>(first * taps + k * width + o - first)] =
          weight[static_cast<size_t>(o * taps + k)];
  }
  return packed;
}

void ConvolutionByChannels(const ConvolutionShape& shape, const float* packed, const int32_t* offsets,
                           const float* padded, const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(ChannelConvolution)(shape, packed, offsets, padded, tail, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
