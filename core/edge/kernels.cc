// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kernels.cc: see kernels.h. The loops stand here once and are compiled for SSE2, AVX2, AVX-512 and AVX-512
// with VNNI (NEON on arm), and the best that the processor has is taken when the program runs.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/kernels.cc"
// Of SVE the length of a vector is not known when this is compiled, and there are no arrays of them.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#define HWY_WANT_AVX3_DL  // or Highway leaves it out
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/edge/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatV = hn::Vec<Floats>;
using Ints = hn::ScalableTag<int32_t>;
using IntV = hn::Vec<Ints>;
using Shorts = hn::ScalableTag<int16_t>;
using ShortV = hn::Vec<Shorts>;
inline constexpr int64_t kLanes = hn::MaxLanes(Floats());

// 32 registers hold 24 sums, 16 hold 12, in two vectors of pixels.
// Of whole numbers two thirds where the compiler joins product and sum: it copies each sum once (six rows
// were spilt to memory, and no faster than floats).
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kRows = 12;
#else
inline constexpr int kRows = 6;
#endif
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX2
inline constexpr int kIntegerRows = kRows;  // AddProducts has no sum copied
#else
inline constexpr int kIntegerRows = kRows / 3 * 2;
#endif
inline constexpr int kVectors = 2;

HWY_ATTR int64_t Rows() { return kRows; }
HWY_ATTR int64_t RowsOfIntegers() { return kIntegerRows; }

// sum += the products of pairs of 16 bits; with VNNI in one instruction (vpdpwssd), which this version of
// Highway does not use; with AVX2 in two that GCC does not take apart; else spread over two sums as is best
// there (RearrangeToOddPlusEven joins them). Local variables, since an operand within an array keeps all of
// the array in memory.
HWY_INLINE void AddProducts(ShortV a, ShortV b, IntV& sum, IntV& other) {
#if HWY_TARGET == HWY_AVX3_DL
  __m512i total = sum.raw;
  __asm__("vpdpwssd %2, %1, %0" : "+v"(total) : "v"(a.raw), "v"(b.raw));
  sum = IntV{total};
  (void)other;
#elif HWY_TARGET == HWY_AVX2
  __m256i product, total = sum.raw;
  __asm__("vpmaddwd %2, %1, %0" : "=x"(product) : "x"(a.raw), "x"(b.raw));
  __asm__("vpaddd %1, %0, %0" : "+x"(total) : "x"(product));
  sum = IntV{total};
  (void)other;
#else
  sum = hn::ReorderWidenMulAccumulate(Ints(), a, b, sum, other);
#endif
}

HWY_INLINE FloatV Positive(FloatV x) { return hn::Max(x, hn::Zero(Floats())); }

// The first `count` lanes.
HWY_INLINE void StoreSome(FloatV v, int64_t count, float* to) {
  if (count >= kLanes) {
    hn::StoreU(v, Floats(), to);
  } else {
    HWY_ALIGN float lanes[kLanes];
    hn::Store(v, Floats(), lanes);
    std::memcpy(to, lanes, static_cast<size_t>(count) * sizeof(float));
  }
}

HWY_INLINE void StoreSomeBytes(IntV v, int64_t count, uint8_t* to) {
  const hn::Rebind<uint8_t, Ints> d;
  HWY_ALIGN uint8_t lanes[kLanes * 4];
  hn::StoreU(hn::DemoteTo(d, v), d, lanes);
  std::memcpy(to, lanes, static_cast<size_t>(std::min(count, kLanes)));
}

HWY_INLINE IntV Requantized(IntV sum, FloatV multiplier, const IntegerTail& tail) {
  const IntV q = hn::Add(hn::NearestInt(hn::Mul(hn::ConvertTo(Floats(), sum), multiplier)),
                         hn::Set(Ints(), tail.zero_point));
  return hn::Min(hn::Max(q, hn::Set(Ints(), tail.least)), hn::Set(Ints(), tail.most));
}

template <int V>
HWY_INLINE void DenseBlock(const float* weights, int64_t stride, const float* x, const int32_t* nonzero,
                           int64_t nonzeros, const float* bias, bool rectifies, float* y) {
  const Floats d;
  FloatV sum[V];
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) sum[v] = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias + v * kLanes);
  for (int64_t n = 0; n < nonzeros; ++n) {
    const int64_t k = nonzero[n];
    const FloatV factor = hn::Set(d, x[k]);
    const float* const row = weights + k * stride;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) sum[v] = hn::MulAdd(factor, hn::LoadU(d, row + v * kLanes), sum[v]);
  }
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) hn::StoreU(rectifies ? Positive(sum[v]) : sum[v], d, y + v * kLanes);
}

HWY_ATTR void Dense(const float* packed, int64_t inputs, int64_t outputs, const float* x, int32_t* nonzero,
                    const FloatTail& tail, float* y) {
  int64_t nonzeros = 0;
  for (int64_t k = 0; k < inputs; ++k) {
    nonzero[nonzeros] = static_cast<int32_t>(k);
    nonzeros += x[k] != 0 ? 1 : 0;
  }
  const int64_t padded = (outputs + kDenseLanes - 1) / kDenseLanes * kDenseLanes;
  for (int64_t first = 0; first < padded; first += kDenseBlock) {
    const int64_t width = std::min(kDenseBlock, padded - first);
    const float* const weights = packed + first * inputs;
    const float* const bias = tail.bias == nullptr ? nullptr : tail.bias + first;
    if (width == kDenseBlock) {
      DenseBlock<kDenseBlock / kLanes>(weights, width, x, nonzero, nonzeros, bias, tail.rectifies, y + first);
      continue;
    }
    for (int64_t at = 0; at < width; at += kDenseLanes)
      DenseBlock<kDenseLanes / kLanes>(weights + at, width, x, nonzero, nonzeros,
                                       bias == nullptr ? nullptr : bias + at, tail.rectifies, y + first + at);
  }
}

HWY_ATTR void DenseOfFew(const SparseDense& packed, int64_t inputs, int64_t outputs, const float* x,
                         const FloatTail& tail, float* y) {
  for (int64_t o = 0; o < outputs; ++o) y[o] = tail.bias == nullptr ? 0 : tail.bias[o];
  const uint16_t* const output = packed.output.data();
  const float* const weight = packed.weight.data();
  for (int64_t k = 0; k < inputs; ++k) {
    const float factor = x[k];
    if (factor == 0) continue;
    const int64_t end = packed.begin[static_cast<size_t>(k) + 1];
    // No output is read twice by one input, so the four are apart.
    int64_t n = packed.begin[static_cast<size_t>(k)];
    for (; n + 4 <= end; n += 4) {
      float* const y0 = y + output[n];
      float* const y1 = y + output[n + 1];
      float* const y2 = y + output[n + 2];
      float* const y3 = y + output[n + 3];
      const float s0 = std::fma(factor, weight[n], *y0), s1 = std::fma(factor, weight[n + 1], *y1),
                  s2 = std::fma(factor, weight[n + 2], *y2), s3 = std::fma(factor, weight[n + 3], *y3);
      *y0 = s0;
      *y1 = s1;
      *y2 = s2;
      *y3 = s3;
    }
    for (; n < end; ++n) y[output[n]] = std::fma(factor, weight[n], y[output[n]]);
  }
  if (tail.rectifies)
    for (int64_t o = 0; o < outputs; ++o) y[o] = std::max(y[o], 0.0F);
}

template <int V>
HWY_INLINE void IntegerBlock(const int8_t* weights, int64_t stride, const int16_t* x, const int32_t* nonzero,
                             int64_t nonzeros, int32_t* sums) {
  const Ints d;
  const Shorts d16;
  const hn::Rebind<int8_t, Shorts> d8;
  IntV even[V], odd[V];
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) even[v] = odd[v] = hn::Zero(d);
  for (int64_t n = 0; n < nonzeros; ++n) {
    const int64_t pair = nonzero[n];
    int32_t both;
    std::memcpy(&both, x + 2 * pair, sizeof(both));
    const ShortV factor = hn::BitCast(d16, hn::Set(d, both));
    const int8_t* const row = weights + pair * stride * 2;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v)
      // Few sums: each must be ready for the next product at once, which vpdpwssd is not.
      even[v] = hn::ReorderWidenMulAccumulate(
          d, factor, hn::PromoteTo(d16, hn::LoadU(d8, row + v * 2 * kLanes)), even[v], odd[v]);
  }
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) hn::StoreU(hn::RearrangeToOddPlusEven(even[v], odd[v]), d, sums + v * kLanes);
}

HWY_ATTR void DenseOfIntegers(const int8_t* packed, int64_t inputs, int64_t outputs, const int16_t* x,
                              int32_t* nonzero, int32_t* sums, const IntegerTail& tail, uint8_t* y_bytes,
                              float* y_floats) {
  const int64_t pairs = (inputs + 1) / 2;
  int64_t nonzeros = 0;
  for (int64_t k = 0; k < pairs; ++k) {
    nonzero[nonzeros] = static_cast<int32_t>(k);
    nonzeros += (x[2 * k] | x[2 * k + 1]) != 0 ? 1 : 0;
  }
  const int64_t padded = (outputs + kDenseLanes - 1) / kDenseLanes * kDenseLanes;
  constexpr int64_t kHalf = kDenseBlock / 2;  // two sums each: half as many outputs fit the registers
  for (int64_t first = 0; first < padded; first += kDenseBlock) {
    const int64_t width = std::min(kDenseBlock, padded - first);
    const int8_t* const weights = packed + first * pairs * 2;
    int64_t at = 0;
    for (; at + kHalf <= width; at += kHalf)
      IntegerBlock<kHalf / kLanes>(weights + at * 2, width, x, nonzero, nonzeros, sums + first + at);
    for (; at < width; at += kDenseLanes)
      IntegerBlock<kDenseLanes / kLanes>(weights + at * 2, width, x, nonzero, nonzeros, sums + first + at);
  }
  const Ints d;
  const Floats df;
  for (int64_t o = 0; o < outputs; o += kLanes) {
    const int64_t count = std::min(kLanes, outputs - o);
    const IntV sum = hn::Add(hn::LoadU(d, sums + o), hn::LoadU(d, tail.bias + o));
    const FloatV multiplier = hn::LoadU(df, tail.multiplier + o);
    if (y_bytes != nullptr) {
      StoreSomeBytes(Requantized(sum, multiplier, tail), count, y_bytes + o);
    } else {
      const FloatV value = hn::Mul(hn::ConvertTo(df, sum), multiplier);
      StoreSome(tail.rectifies ? Positive(value) : value, count, y_floats + o);
    }
  }
}

// The outputs of one channel, in vectors: each within a row, or, where that makes fewer, across the ends of
// rows as the prepared pixels stand there. Then the lanes between two rows are nobody's.
struct PixelGroups {
  int64_t per_row = 1, count = 0;
  bool across = false;
};
HWY_INLINE PixelGroups GroupsOf(const ConvolutionShape& s) {
  const int64_t per_row = (s.out_width + kLanes - 1) / kLanes, within = per_row * s.out_height;
  const int64_t across = ((s.out_height - 1) * s.phase_width() + s.out_width + kLanes - 1) / kLanes;
  constexpr int64_t kWorthIt = 8;  // one vector in so many: what crosses a row is stored in two parts
  if (within - across > within / kWorthIt) return {per_row, across, true};
  return {per_row, within, false};
}

// Where a group begins among the prepared pixels and among the outputs, and how many of its lanes are outputs
// of that row, if the row has as many.
struct PixelGroup {
  int64_t from, to, count;
};
HWY_INLINE PixelGroup GroupAt(const ConvolutionShape& s, const PixelGroups& groups, int64_t group) {
  const int64_t first = group * kLanes, width = s.phase_width();
  const int64_t row = groups.across ? first / width : group / groups.per_row;
  const int64_t column = groups.across ? first % width : group % groups.per_row * kLanes;
  return {row * width + column, row * s.out_width + column, s.out_width - column};
}

HWY_INLINE void StoreLanes(FloatV v, float* to) { hn::StoreU(v, Floats(), to); }
HWY_INLINE void StoreLanes(IntV v, uint8_t* to) {
  const hn::Rebind<uint8_t, Ints> d;
  hn::StoreU(hn::DemoteTo(d, v), d, to);
}

// A group to its outputs. Groups are stored in their order, so what a whole vector writes too far is written
// over by the next; at the end of the plane there is no next.
template <class V, class T>
HWY_INLINE void StoreGroup(V v, const ConvolutionShape& s, const PixelGroups& groups, const PixelGroup& group,
                           T* plane) {
  const int64_t end = s.out_height * s.out_width;
  if ((!groups.across || group.count >= kLanes) && group.to + kLanes <= end)
    return StoreLanes(v, plane + group.to);
  HWY_ALIGN T lanes[2 * kLanes];
  StoreLanes(v, lanes);
  int64_t to = group.to, count = group.count;
  for (int64_t lane = 0; lane < kLanes && to < end;) {
    if (to + kLanes <= end)
      std::memcpy(plane + to, lanes + lane, kLanes * sizeof(T));
    else if (count > 0)
      std::memcpy(plane + to, lanes + lane, static_cast<size_t>(std::min(count, kLanes - lane)) * sizeof(T));
    if (!groups.across) return;
    lane += count + s.phase_width() - s.out_width;
    to += count;
    count = s.out_width;
  }
}

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
template <class N>
HWY_INLINE void PairPixels(N n, const uint8_t* a, const uint8_t* b, int16_t zero, int16_t* to) {
  const hn::CappedTag<uint8_t, n()> d8;
  const hn::Rebind<int16_t, decltype(d8)> d;
  const auto zeros = hn::Set(d, zero);
  const auto first = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, a)), zeros);
  const auto second = b == nullptr ? hn::Zero(d) : hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, b)), zeros);
  hn::StoreInterleaved2(first, second, d, to);
}

// The same of the columns 2 i and 2 i + 1, each to its half.
template <class N>
HWY_INLINE void PairHalves(N n, const uint8_t* a, const uint8_t* b, int16_t zero, const Halves<int16_t>& to,
                           int64_t i) {
  const hn::CappedTag<uint8_t, n()> d8;
  const hn::Rebind<int16_t, decltype(d8)> d;
  const auto zeros = hn::Set(d, zero);
  hn::Vec<decltype(d8)> a_even, a_odd, b_even, b_odd;
  hn::LoadInterleaved2(d8, a + 2 * i, a_even, a_odd);
  hn::LoadInterleaved2(d8, (b == nullptr ? a : b) + 2 * i, b_even, b_odd);
  const auto value = [&](auto bytes) HWY_ATTR { return hn::Sub(hn::PromoteTo(d, bytes), zeros); };
  if (to.even != nullptr)
    hn::StoreInterleaved2(value(a_even), b == nullptr ? hn::Zero(d) : value(b_even), d, to.even + 2 * i);
  if (to.odd != nullptr)
    hn::StoreInterleaved2(value(a_odd), b == nullptr ? hn::Zero(d) : value(b_odd), d, to.odd + 2 * i);
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

template <class Run>
HWY_INLINE void WithIntegerRows(int64_t rows, Run run) {
  if (rows <= kIntegerRows / 2) return run(std::integral_constant<int, kIntegerRows / 2>());
  run(std::integral_constant<int, kIntegerRows>());
}

HWY_ATTR void Convolution(const ConvolutionShape& s, const float* packed, const int32_t* offsets,
                          const float* prepared, const FloatTail& tail, float* y) {
  const int64_t taps = s.in_channels * s.kernel_height * s.kernel_width;
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

// Of whole numbers, in pairs: on x86 a product of pairs is summed at once, and `other` stays as it is.
template <int R>
HWY_INLINE void IntegerTile(const int16_t* packed, const int32_t* offsets, int64_t pairs, const int16_t* x0,
                            const int16_t* x1, IntV (&sum)[R][kVectors], IntV (&other)[R][kVectors]) {
  const Ints d;
  const Shorts d16;
  for (int64_t k = 0; k < pairs; ++k) {
    const ShortV b0 = hn::LoadU(d16, x0 + 2 * static_cast<int64_t>(offsets[k]));
    const ShortV b1 = hn::LoadU(d16, x1 + 2 * static_cast<int64_t>(offsets[k]));
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      int32_t both;
      std::memcpy(&both, packed + (k * kIntegerRows + r) * 2, sizeof(both));
      const ShortV a = hn::BitCast(d16, hn::Set(d, both));
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

HWY_ATTR void Quantize(const float* x, int64_t n, float scale, int32_t zero_point, int32_t most, uint8_t* q) {
  const Floats d;
  const FloatV inverse = hn::Set(d, 1.0F / scale);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    // Bounded first: what is beyond int32 has no nearest whole number.
    const FloatV scaled =
        hn::Min(hn::Max(hn::Mul(hn::LoadU(d, x + i), inverse), hn::Set(d, -1e6F)), hn::Set(d, 1e6F));
    const IntV sum = hn::Add(hn::NearestInt(scaled), hn::Set(Ints(), zero_point));
    StoreSomeBytes(hn::Min(hn::Max(sum, hn::Zero(Ints())), hn::Set(Ints(), most)), kLanes, q + i);
  }
  for (; i < n; ++i) {
    const float scaled = std::min(std::max(x[i] * (1.0F / scale), -1e6F), 1e6F);
    q[i] =
        static_cast<uint8_t>(std::clamp(static_cast<int32_t>(std::nearbyint(scaled)) + zero_point, 0, most));
  }
}

HWY_ATTR void Dequantize(const uint8_t* q, int64_t n, float scale, int32_t zero_point, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = scale * static_cast<float>(static_cast<int32_t>(q[i]) - zero_point);
}

HWY_ATTR void Pair(const uint8_t* q, int64_t n, int32_t zero_point, int16_t* pairs) {
  for (int64_t i = 0; i < n; ++i) pairs[i] = static_cast<int16_t>(static_cast<int32_t>(q[i]) - zero_point);
  if (n % 2 != 0) pairs[n] = 0;
}

HWY_ATTR void Pool2Float(int64_t channels, int64_t height, int64_t width, const float* x, float* y) {
  const Floats d;
  const int64_t out_height = height / 2, out_width = width / 2;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t row = 0; row < out_height; ++row) {
      const float* const above = x + (c * height + 2 * row) * width;
      const float* const below = above + width;
      float* const to = y + (c * out_height + row) * out_width;
      int64_t i = 0;
      for (; i + kLanes <= out_width; i += kLanes) {
        FloatV a0, a1, b0, b1;
        hn::LoadInterleaved2(d, above + 2 * i, a0, a1);
        hn::LoadInterleaved2(d, below + 2 * i, b0, b1);
        hn::StoreU(hn::Max(hn::Max(a0, a1), hn::Max(b0, b1)), d, to + i);
      }
      for (; i < out_width; ++i)
        to[i] = std::max(std::max(above[2 * i], above[2 * i + 1]), std::max(below[2 * i], below[2 * i + 1]));
    }
}

HWY_ATTR void Pool2Bytes(int64_t channels, int64_t height, int64_t width, const uint8_t* x, uint8_t* y) {
  const hn::CappedTag<uint8_t, 16> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t out_height = height / 2, out_width = width / 2;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t row = 0; row < out_height; ++row) {
      const uint8_t* const above = x + (c * height + 2 * row) * width;
      const uint8_t* const below = above + width;
      uint8_t* const to = y + (c * out_height + row) * out_width;
      int64_t i = 0;
      for (; i + lanes <= out_width; i += lanes) {
        hn::Vec<decltype(d)> a0, a1, b0, b1;
        hn::LoadInterleaved2(d, above + 2 * i, a0, a1);
        hn::LoadInterleaved2(d, below + 2 * i, b0, b1);
        hn::StoreU(hn::Max(hn::Max(a0, a1), hn::Max(b0, b1)), d, to + i);
      }
      for (; i < out_width; ++i)
        to[i] = std::max(std::max(above[2 * i], above[2 * i + 1]), std::max(below[2 * i], below[2 * i + 1]));
    }
}

HWY_ATTR void SumFloat(const float* a, const float* b, int64_t n, bool rectifies, float* y) {
  if (rectifies) {
    for (int64_t i = 0; i < n; ++i) y[i] = std::max(a[i] + b[i], 0.0F);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
  }
}

HWY_ATTR void SumBytes(const uint8_t* a, const uint8_t* b, int64_t n, const AddGrids& g, uint8_t* y) {
  const Floats df;
  const Ints d;
  const hn::Rebind<uint8_t, Ints> d8;
  const auto value = [&](const uint8_t* from, int32_t zero, float scale) HWY_ATTR {
    const IntV q = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, from)), hn::Set(d, zero));
    return hn::Mul(hn::ConvertTo(df, q), hn::Set(df, scale));
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const FloatV sum = hn::Add(value(a + i, g.a_zero, g.a_scale), value(b + i, g.b_zero, g.b_scale));
    const IntV q = hn::Add(hn::NearestInt(sum), hn::Set(d, g.zero_point));
    StoreSomeBytes(hn::Min(hn::Max(q, hn::Set(d, g.least)), hn::Set(d, g.most)), kLanes, y + i);
  }
  for (; i < n; ++i) {
    const float left = static_cast<float>(static_cast<int32_t>(a[i]) - g.a_zero) * g.a_scale;
    const float right = static_cast<float>(static_cast<int32_t>(b[i]) - g.b_zero) * g.b_scale;
    const auto q = static_cast<int32_t>(std::nearbyint(left + right)) + g.zero_point;
    y[i] = static_cast<uint8_t>(std::clamp(q, g.least, g.most));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(Rows);
HWY_EXPORT(RowsOfIntegers);
HWY_EXPORT(Dense);
HWY_EXPORT(DenseOfFew);
HWY_EXPORT(DenseOfIntegers);
HWY_EXPORT(PrepareOfFloats);
HWY_EXPORT(PrepareOfIntegers);
HWY_EXPORT(Convolution);
HWY_EXPORT(ConvolutionOfFew);
HWY_EXPORT(ConvolutionOfIntegers);
HWY_EXPORT(Quantize);
HWY_EXPORT(Dequantize);
HWY_EXPORT(Pair);
HWY_EXPORT(Pool2Float);
HWY_EXPORT(Pool2Bytes);
HWY_EXPORT(SumFloat);
HWY_EXPORT(SumBytes);

int64_t Padded(int64_t outputs) { return (outputs + kDenseLanes - 1) / kDenseLanes * kDenseLanes; }

// Calls place(output, input, its block's first output, the block's width), in the order in which a packed
// block is written: what is read in columns then comes from a few rows at a time.
template <class Place>
void ForEachWeight(int64_t inputs, int64_t outputs, Place place) {
  for (int64_t first = 0; first < outputs; first += kDenseBlock) {
    const int64_t width = std::min(kDenseBlock, Padded(outputs) - first);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t o = first; o < std::min(first + width, outputs); ++o) place(o, k, first, width);
  }
}

// The taps of a convolution as pairs, in the order of PairTaps: calls place(pair, first or second, tap's
// channel, ky, kx). A second that is not there is not called for.
template <class Place>
void ForEachPairedTap(const ConvolutionShape& s, Place place) {
  int64_t pair = 0;
  if (s.in_channels == 1 && s.stride == 1) {
    for (int64_t ky = 0; ky < s.kernel_height; ++ky)
      for (int64_t kx = 0; kx < s.kernel_width; kx += 2, ++pair) {
        place(pair, 0, int64_t{0}, ky, kx);
        if (kx + 1 < s.kernel_width) place(pair, 1, int64_t{0}, ky, kx + 1);
      }
    return;
  }
  for (int64_t c = 0; c < s.in_channels; c += 2)
    for (int64_t ky = 0; ky < s.kernel_height; ++ky)
      for (int64_t kx = 0; kx < s.kernel_width; ++kx, ++pair) {
        place(pair, 0, c, ky, kx);
        if (c + 1 < s.in_channels) place(pair, 1, c + 1, ky, kx);
      }
}

}  // namespace

int64_t ConvolutionRows() { return HWY_DYNAMIC_DISPATCH(Rows)(); }

std::vector<float> PackDense(std::span<const float> weight, int64_t inputs, int64_t outputs) {
  std::vector<float> packed(static_cast<size_t>(Padded(outputs) * inputs + kSlack));
  ForEachWeight(inputs, outputs, [&](int64_t o, int64_t k, int64_t first, int64_t width) {
    packed[static_cast<size_t>(first * inputs + k * width + o - first)] =
        weight[static_cast<size_t>(o * inputs + k)];
  });
  return packed;
}

void DenseFloat(const float* packed, int64_t inputs, int64_t outputs, const float* x, int32_t* nonzero,
                const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(Dense)(packed, inputs, outputs, x, nonzero, tail, y);
}

SparseDense PackSparseDense(std::span<const float> weight, int64_t inputs, int64_t outputs) {
  SparseDense packed;
  packed.begin.push_back(0);
  for (int64_t k = 0; k < inputs; ++k) {
    for (int64_t o = 0; o < outputs; ++o) {
      const float w = weight[static_cast<size_t>(o * inputs + k)];
      if (w == 0) continue;
      packed.output.push_back(static_cast<uint16_t>(o));
      packed.weight.push_back(w);
    }
    packed.begin.push_back(static_cast<int32_t>(packed.weight.size()));
  }
  return packed;
}

void DenseSparse(const SparseDense& packed, int64_t inputs, int64_t outputs, const float* x,
                 const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(DenseOfFew)(packed, inputs, outputs, x, tail, y);
}

std::vector<int8_t> PackDenseInteger(std::span<const int8_t> weight, int64_t inputs, int64_t outputs) {
  const int64_t pairs = (inputs + 1) / 2;
  std::vector<int8_t> packed(static_cast<size_t>(Padded(outputs) * pairs * 2 + kSlack));
  ForEachWeight(inputs, outputs, [&](int64_t o, int64_t k, int64_t first, int64_t width) {
    packed[static_cast<size_t>(first * pairs * 2 + (k / 2 * width + o - first) * 2 + k % 2)] =
        weight[static_cast<size_t>(o * inputs + k)];
  });
  return packed;
}

void DenseInteger(const int8_t* packed, int64_t inputs, int64_t outputs, const int16_t* x, int32_t* nonzero,
                  int32_t* sums, const IntegerTail& tail, uint8_t* y_bytes, float* y_floats) {
  HWY_DYNAMIC_DISPATCH(DenseOfIntegers)(packed, inputs, outputs, x, nonzero, sums, tail, y_bytes, y_floats);
}

void PrepareFloat(const ConvolutionShape& s, const float* x, float* prepared) {
  HWY_DYNAMIC_DISPATCH(PrepareOfFloats)(s, x, prepared);
}

std::vector<float> PackConvolution(std::span<const float> weight, const ConvolutionShape& s) {
  const int64_t rows = ConvolutionRows(), taps = s.in_channels * s.kernel_height * s.kernel_width;
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

IntegerTaps PairTaps(const ConvolutionShape& s) {
  IntegerTaps taps;
  taps.pair_channels = (s.in_channels + 1) / 2;
  ForEachPairedTap(s, [&](int64_t /*pair*/, int which, int64_t channel, int64_t ky, int64_t kx) {
    if (which == 0)
      taps.offsets.push_back(static_cast<int32_t>(s.TapOffset(taps.pair_channels, channel / 2, ky, kx)));
  });
  return taps;
}

void PrepareInteger(const ConvolutionShape& s, const uint8_t* x, int32_t zero_point, int16_t* prepared) {
  HWY_DYNAMIC_DISPATCH(PrepareOfIntegers)(s, x, zero_point, prepared);
}

std::vector<int16_t> PackConvolutionInteger(std::span<const int8_t> weight, const ConvolutionShape& s) {
  const int64_t rows = HWY_DYNAMIC_DISPATCH(RowsOfIntegers)(),
                taps = s.in_channels * s.kernel_height * s.kernel_width;
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

// Few multiplications for each float that is read: plain loops, and the compiler's vectors along a row.
void DepthwiseFloat(const ConvolutionShape& s, const float* weight, const float* x, float* y) {
  for (int64_t c = 0; c < s.out_channels; ++c)
    for (int64_t row = 0; row < s.out_height; ++row) {
      float* const to = y + (c * s.out_height + row) * s.out_width;
      std::fill_n(to, s.out_width, 0.0F);
      for (int64_t ky = 0; ky < s.kernel_height; ++ky) {
        const int64_t from_row = row * s.stride - s.padding + ky;
        if (from_row < 0 || from_row >= s.height) continue;
        for (int64_t kx = 0; kx < s.kernel_width; ++kx) {
          const float w = weight[(c * s.kernel_height + ky) * s.kernel_width + kx];
          // Of the outputs those whose tap meets the image.
          const int64_t shift = kx - s.padding, begin = shift >= 0 ? 0 : (-shift + s.stride - 1) / s.stride;
          const int64_t room = s.width - 1 - shift;
          const int64_t end = room < 0 ? 0 : std::min(s.out_width, room / s.stride + 1);
          const float* const from = x + (c * s.height + from_row) * s.width;
          if (s.stride == 1) {
            for (int64_t column = begin; column < end; ++column) to[column] += w * from[column + shift];
          } else {
            for (int64_t column = begin; column < end; ++column) to[column] += w * from[column * s.stride + shift];
          }
        }
      }
    }
}

void QuantizeBytes(std::span<const float> x, float scale, int32_t zero_point, int32_t most, uint8_t* q) {
  HWY_DYNAMIC_DISPATCH(Quantize)(x.data(), static_cast<int64_t>(x.size()), scale, zero_point, most, q);
}
void DequantizeBytes(std::span<const uint8_t> q, float scale, int32_t zero_point, float* x) {
  HWY_DYNAMIC_DISPATCH(Dequantize)(q.data(), static_cast<int64_t>(q.size()), scale, zero_point, x);
}
void PairBytes(std::span<const uint8_t> q, int32_t zero_point, int16_t* pairs) {
  HWY_DYNAMIC_DISPATCH(Pair)(q.data(), static_cast<int64_t>(q.size()), zero_point, pairs);
}
void MaxPool2Float(int64_t channels, int64_t height, int64_t width, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Pool2Float)(channels, height, width, x, y);
}
void MaxPool2Bytes(int64_t channels, int64_t height, int64_t width, const uint8_t* x, uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(Pool2Bytes)(channels, height, width, x, y);
}
void AddFloat(std::span<const float> a, const float* b, bool rectifies, float* y) {
  HWY_DYNAMIC_DISPATCH(SumFloat)(a.data(), b, static_cast<int64_t>(a.size()), rectifies, y);
}
void AddBytes(std::span<const uint8_t> a, const uint8_t* b, const AddGrids& grids, uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(SumBytes)(a.data(), b, static_cast<int64_t>(a.size()), grids, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
