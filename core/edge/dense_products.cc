// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_products.cc: dense layers of floats, of few weights and of whole numbers (see kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/dense_products.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/edge/kernels.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

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

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(Dense);
HWY_EXPORT(DenseOfFew);
HWY_EXPORT(DenseOfIntegers);

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

}  // namespace

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

}  // namespace concertina::edge
#endif  // HWY_ONCE
