// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared_image.cc: the padded copy of an image that a convolution reads (see kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/prepared_image.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/edge/kernels.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// step<N>(i) for N neighbours at a time, from 0 to `count`; the last may do again what is done.
template <class Step>
HWY_INLINE void InSteps(int64_t count, Step step) {
  const auto all = [&](auto n) HWY_ATTR {
    int64_t i = 0;
    for (; i + n() <= count; i += n()) step(n, i);
    if (i < count) step(n, count - n());
  };
  if (count >= 8) return all(std::integral_constant<int64_t, 8>());
  if (count >= 4) return all(std::integral_constant<int64_t, 4>());
  all(std::integral_constant<int64_t, 1>());
}

// Where the columns 0, 2, 4 … of a row go when the stride is 2, and the columns 1, 3, 5 …; null: nobody reads
// them.
template <class T>
struct Halves {
  T* even = nullptr;
  T* odd = nullptr;
};
// `planes`: how many a phase has; `each`: elements a pixel.
template <class T>
HWY_INLINE Halves<T> HalvesOf(const ConvolutionShape& s, int64_t planes, int64_t plane, int64_t y,
                              int64_t each, T* prepared) {
  const auto of = [&](int64_t first) HWY_ATTR -> T* {
    const int64_t phase = first % 2;
    if (phase >= s.kernel_width) return nullptr;
    return prepared +
           each * (((y % 2 * 2 + phase) * planes + plane) * s.plane() + y / 2 * s.phase_width() + first / 2);
  };
  return {of(s.padding), of(s.padding + 1)};
}

HWY_ATTR void PrepareOfFloats(const ConvolutionShape& s, const float* x, float* prepared) {
  const int64_t width = s.phase_width();
  for (int64_t c = 0; c < s.in_channels; ++c)
    for (int64_t row = 0; row < s.height; ++row) {
      const int64_t y = row + s.padding;
      if (y % s.stride >= s.kernel_height) continue;  // no tap reads it
      const float* const from = x + (c * s.height + row) * s.width;
      if (s.stride == 1) {
        float* const to = prepared + c * s.plane() + y * width + s.padding;
        InSteps(s.width,
                [&](auto n, int64_t i) HWY_ATTR { std::memcpy(to + i, from + i, n() * sizeof(float)); });
        continue;
      }
      if (s.stride == 2) {
        const Halves<float> to = HalvesOf(s, s.in_channels, c, y, 1, prepared);
        InSteps(s.width / 2, [&](auto n, int64_t i) HWY_ATTR {
          const hn::CappedTag<float, std::min<int64_t>(n(), 4)> d;
          for (int64_t at = i; at < i + n(); at += static_cast<int64_t>(hn::Lanes(d))) {
            hn::Vec<decltype(d)> even, odd;
            hn::LoadInterleaved2(d, from + 2 * at, even, odd);
            if (to.even != nullptr) hn::StoreU(even, d, to.even + at);
            if (to.odd != nullptr) hn::StoreU(odd, d, to.odd + at);
          }
        });
        if (s.width % 2 != 0 && to.even != nullptr) to.even[s.width / 2] = from[s.width - 1];
        continue;
      }
      for (int64_t phase = 0; phase < std::min(s.stride, s.kernel_width); ++phase) {
        float* const to = prepared + ((y % s.stride * s.stride + phase) * s.in_channels + c) * s.plane() +
                          y / s.stride * width;
        const int64_t first = ((phase - s.padding) % s.stride + s.stride) % s.stride;
        for (int64_t column = first; column < s.width; column += s.stride)
          to[(column + s.padding) / s.stride] = from[column];
      }
    }
}

// The pixels of two channels (b null: of one) side by side: to[2 i] = a[i] - zero, to[2 i + 1] = b[i] - zero.
// Where there are no vectors of N, in several.
template <class N>
HWY_INLINE void PairPixels(N n, const uint8_t* a, const uint8_t* b, int16_t zero, int16_t* to) {
  const hn::CappedTag<uint8_t, n()> d8;
  const hn::Rebind<int16_t, decltype(d8)> d;
  const auto zeros = hn::Set(d, zero);
  for (int64_t at = 0; at < n(); at += static_cast<int64_t>(hn::Lanes(d8))) {
    const auto first = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, a + at)), zeros);
    const auto second = b == nullptr ? hn::Zero(d) : hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, b + at)), zeros);
    hn::StoreInterleaved2(first, second, d, to + 2 * at);
  }
}

// The same of the columns 2 i and 2 i + 1, each to its half.
template <class N>
HWY_INLINE void PairHalves(N n, const uint8_t* a, const uint8_t* b, int16_t zero, const Halves<int16_t>& to,
                           int64_t i) {
  const hn::CappedTag<uint8_t, n()> d8;
  const hn::Rebind<int16_t, decltype(d8)> d;
  const auto zeros = hn::Set(d, zero);
  const auto value = [&](auto bytes) HWY_ATTR { return hn::Sub(hn::PromoteTo(d, bytes), zeros); };
  for (int64_t at = i; at < i + n(); at += static_cast<int64_t>(hn::Lanes(d8))) {
    hn::Vec<decltype(d8)> a_even, a_odd, b_even, b_odd;
    hn::LoadInterleaved2(d8, a + 2 * at, a_even, a_odd);
    hn::LoadInterleaved2(d8, (b == nullptr ? a : b) + 2 * at, b_even, b_odd);
    if (to.even != nullptr)
      hn::StoreInterleaved2(value(a_even), b == nullptr ? hn::Zero(d) : value(b_even), d, to.even + 2 * at);
    if (to.odd != nullptr)
      hn::StoreInterleaved2(value(a_odd), b == nullptr ? hn::Zero(d) : value(b_odd), d, to.odd + 2 * at);
  }
}

// Of a single channel, a pixel and its right neighbour.
HWY_INLINE void PrepareNeighbours(const ConvolutionShape& s, const uint8_t* x, int32_t zero_point,
                                  int16_t* prepared) {
  for (int64_t row = 0; row < s.height; ++row) {
    const uint8_t* const from = x + row * s.width;
    int16_t* const to = prepared + 2 * ((row + s.padding) * s.phase_width() + s.padding);
    for (int64_t column = 0; column < s.width; ++column) {
      const auto value = static_cast<int16_t>(static_cast<int32_t>(from[column]) - zero_point);
      to[2 * column] = value;
      if (column + s.padding > 0) to[2 * column - 1] = value;
    }
  }
}

HWY_ATTR void PrepareOfIntegers(const ConvolutionShape& s, const uint8_t* x, int32_t zero_point,
                                int16_t* prepared) {
  if (s.in_channels == 1 && s.stride == 1) return PrepareNeighbours(s, x, zero_point, prepared);
  const int64_t width = s.phase_width(), pair_channels = (s.in_channels + 1) / 2;
  const auto zero = static_cast<int16_t>(zero_point);
  for (int64_t c = 0; c < s.in_channels; c += 2)
    for (int64_t row = 0; row < s.height; ++row) {
      const int64_t y = row + s.padding;
      if (y % s.stride >= s.kernel_height) continue;  // no tap reads it
      const uint8_t* const a = x + (c * s.height + row) * s.width;
      const uint8_t* const b = c + 1 < s.in_channels ? a + s.height * s.width : nullptr;
      if (s.stride == 1) {
        int16_t* const to = prepared + 2 * (c / 2 * s.plane() + y * width + s.padding);
        InSteps(s.width, [&](auto n, int64_t i)
                             HWY_ATTR { PairPixels(n, a + i, b == nullptr ? b : b + i, zero, to + 2 * i); });
        continue;
      }
      if (s.stride == 2) {
        const Halves<int16_t> to = HalvesOf(s, pair_channels, c / 2, y, 2, prepared);
        InSteps(s.width / 2, [&](auto n, int64_t i) HWY_ATTR { PairHalves(n, a, b, zero, to, i); });
        if (s.width % 2 != 0 && to.even != nullptr) {
          const int64_t last = s.width - 1;
          to.even[last] = static_cast<int16_t>(static_cast<int32_t>(a[last]) - zero_point);
          to.even[last + 1] =
              b == nullptr ? int16_t{0} : static_cast<int16_t>(static_cast<int32_t>(b[last]) - zero_point);
        }
        continue;
      }
      for (int64_t phase = 0; phase < std::min(s.stride, s.kernel_width); ++phase) {
        int16_t* const to =
            prepared + 2 * (((y % s.stride * s.stride + phase) * pair_channels + c / 2) * s.plane() +
                            y / s.stride * width);
        const int64_t first = ((phase - s.padding) % s.stride + s.stride) % s.stride;
        for (int64_t column = first; column < s.width; column += s.stride) {
          int16_t* const pair = to + 2 * ((column + s.padding) / s.stride);
          pair[0] = static_cast<int16_t>(static_cast<int32_t>(a[column]) - zero_point);
          if (b != nullptr) pair[1] = static_cast<int16_t>(static_cast<int32_t>(b[column]) - zero_point);
        }
      }
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(PrepareOfFloats);
HWY_EXPORT(PrepareOfIntegers);

}  // namespace

void PrepareFloat(const ConvolutionShape& s, const float* x, float* prepared) {
  HWY_DYNAMIC_DISPATCH(PrepareOfFloats)(s, x, prepared);
}

void PrepareInteger(const ConvolutionShape& s, const uint8_t* x, int32_t zero_point, int16_t* prepared) {
  HWY_DYNAMIC_DISPATCH(PrepareOfIntegers)(s, x, zero_point, prepared);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
