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
#include <array>
#include <cstring>
#include <iterator>

#include "core/edge/integer_sums-inl.h"
#include "core/edge/kernels.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// Of each byte the numbers of its bits that are set, in their order. (Highway's own Compress copies its table
// for each vector that it is asked for: GCC 12 puts it on the stack.)
inline constexpr auto kBitsOf = [] {
  std::array<std::array<uint8_t, 8>, 256> bits{};
  for (size_t byte = 0; byte < bits.size(); ++byte)
    for (size_t bit = 0, set = 0; bit < 8; ++bit)
      if ((byte >> bit & 1) != 0) bits[byte][set++] = static_cast<uint8_t>(bit);
  return bits;
}();
using Eight = hn::CappedTag<int32_t, 8>;
inline constexpr int64_t kEight = hn::MaxLanes(Eight());  // of a narrower vector fewer

// Adds to the `found` indices those of the lanes that are not zero, of a vector that begins at element
// `first` (a number that is none is not zero): one element after the other this took a fifth of a layer's
// time. What it writes behind them stays below first + kEight.
template <class D>
HWY_INLINE int64_t StoreNonzeros(D d, hn::Vec<D> x, int64_t first, int64_t found, int32_t* nonzero) {
  const Eight di;
  const auto is_nonzero = hn::Not(hn::Eq(x, hn::Zero(d)));
  uint8_t bits[8] = {};
  hn::StoreMaskBits(d, is_nonzero, bits);
  const hn::Rebind<uint8_t, Eight> d8;
  const auto places = hn::PromoteTo(di, hn::LoadU(d8, kBitsOf[bits[0]].data()));
  hn::StoreU(hn::Add(places, hn::Set(di, static_cast<int32_t>(first))), di, nonzero + found);
  return found + __builtin_popcount(bits[0]);
}

HWY_INLINE int64_t FindNonzeros(const float* x, int64_t count, int32_t* nonzero) {
  const hn::Rebind<float, Eight> d;
  int64_t found = 0, k = 0;
  for (; k + kEight <= count; k += kEight) found = StoreNonzeros(d, hn::LoadU(d, x + k), k, found, nonzero);
  for (; k < count; ++k) {
    nonzero[found] = static_cast<int32_t>(k);
    found += x[k] != 0 ? 1 : 0;
  }
  return found;
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
  const int64_t nonzeros = FindNonzeros(x, inputs, nonzero);
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

// Each sum waits in the cache for the next input that has a block there. Four blocks of an input are apart,
// so all are read before one is written.
HWY_ATTR void DenseOfFew(const SparseDense& packed, const float* weights, int64_t inputs, int64_t outputs,
                         const float* x, int32_t* nonzero, const FloatTail& tail, float* y) {
  const int32_t* const begin = packed.begin.data();
  const uint16_t* const output = packed.output.data();
  const hn::CappedTag<float, kSparseBlock> d;
  constexpr int64_t kPart = hn::MaxLanes(d), kParts = kSparseBlock / kPart;
  const int64_t end = (outputs + kSparseBlock - 1) / kSparseBlock * kSparseBlock;
  for (int64_t o = 0; o < end; o += kPart)
    hn::StoreU(tail.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, tail.bias + o), d, y + o);
  std::fill_n(y + end, kSparseBlock, 0.0F);  // what only fills a group of blocks ends there
  const int64_t nonzeros = FindNonzeros(x, inputs, nonzero);
  for (int64_t n = 0; n < nonzeros; ++n) {
    const int64_t k = nonzero[n];
    const auto factor = hn::Set(d, x[k]);
    const int64_t last = begin[k + 1];
    for (int64_t block = begin[k]; block < last; block += kSparseGroup) {
      const float* const weight = weights + block * kSparseBlock;
      float* to[kSparseGroup];
      hn::Vec<decltype(d)> sum[kSparseGroup][kParts];
#pragma GCC unroll 4
      for (int64_t b = 0; b < kSparseGroup; ++b) {
        to[b] = y + output[block + b];
#pragma GCC unroll 8
        for (int64_t part = 0; part < kParts; ++part)
          sum[b][part] = hn::MulAdd(factor, hn::LoadU(d, weight + b * kSparseBlock + part * kPart),
                                    hn::LoadU(d, to[b] + part * kPart));
      }
#pragma GCC unroll 4
      for (int64_t b = 0; b < kSparseGroup; ++b)
#pragma GCC unroll 8
        for (int64_t part = 0; part < kParts; ++part) hn::StoreU(sum[b][part], d, to[b] + part * kPart);
    }
  }
  if (!tail.rectifies) return;
  for (int64_t o = 0; o < end; o += kPart) hn::StoreU(hn::Max(hn::LoadU(d, y + o), hn::Zero(d)), d, y + o);
}

// In vectors of the dense kernel, for an input that is not zero. A block takes a load and a store more than
// such a vector, and an input's last block some cycles to be foretold. Inputs with many weights are seldom
// zero (a layer keeps its weights where its inputs speak), so each counts by its weights.
HWY_ATTR bool FewAreFaster(const SparseDense& packed, int64_t outputs) {
  constexpr double kBlock = 1.5, kInput = 6, kVectorsOfBlock = std::max<int64_t>(kSparseBlock / kLanes, 1);
  double blocks = 0, weighted = 0;
  for (size_t k = 0; k + 1 < packed.begin.size(); ++k) {
    const double of_input = packed.begin[k + 1] - packed.begin[k];
    blocks += of_input;
    weighted += of_input * of_input;
  }
  if (blocks == 0) return true;
  const double of_few = kBlock * kVectorsOfBlock * weighted / blocks + kInput;
  const double of_all = static_cast<double>((outputs + kDenseLanes - 1) / kDenseLanes * kDenseLanes / kLanes);
  // Measured on AVX2 alone; elsewhere it takes more to believe it.
#if HWY_TARGET == HWY_AVX2
  return of_few < of_all;
#else
  return of_few < of_all - of_all / 8;
#endif
}

// Pairs of 16 bits, each looked at as one number.
HWY_INLINE int64_t FindNonzeroPairs(const int16_t* x, int64_t pairs, int32_t* nonzero) {
  int64_t found = 0, k = 0;
#if HWY_TARGET != HWY_SCALAR
  const Eight d;
  const hn::Repartition<int16_t, Eight> d16;
  for (; k + kEight <= pairs; k += kEight)
    found = StoreNonzeros(d, hn::BitCast(d, hn::LoadU(d16, x + 2 * k)), k, found, nonzero);
#endif
  for (; k < pairs; ++k) {
    nonzero[found] = static_cast<int32_t>(k);
    found += (x[2 * k] | x[2 * k + 1]) != 0 ? 1 : 0;
  }
  return found;
}

template <int V>
HWY_INLINE void IntegerBlock(const int8_t* weights, int64_t stride, const int16_t* x, const int32_t* nonzero,
                             int64_t nonzeros, int32_t* sums) {
  const Ints d;
  IntV even[V], odd[V];
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) even[v] = odd[v] = hn::Zero(d);
  for (int64_t n = 0; n < nonzeros; ++n) {
    const int64_t pair = nonzero[n];
    const IntV factor = SetPairs(x + 2 * pair);
    const int8_t* const row = weights + pair * stride * 2;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v)
      // Few sums: each must be ready for the next product at once, which vpdpwssd is not.
      AddProductsInTwo(factor, LoadPairs(row + v * 2 * kLanes), even[v], odd[v]);
  }
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) hn::StoreU(hn::RearrangeToOddPlusEven(even[v], odd[v]), d, sums + v * kLanes);
}

HWY_ATTR void DenseOfIntegers(const int8_t* packed, int64_t inputs, int64_t outputs, const int16_t* x,
                              int32_t* nonzero, int32_t* sums, const IntegerTail& tail, uint8_t* y_bytes,
                              float* y_floats) {
  const int64_t pairs = (inputs + 1) / 2;
  const int64_t nonzeros = FindNonzeroPairs(x, pairs, nonzero);
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
HWY_EXPORT(FewAreFaster);
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
  const int64_t end = (outputs + kSparseBlock - 1) / kSparseBlock * kSparseBlock;
  SparseDense packed;
  packed.begin.push_back(0);
  for (int64_t k = 0; k < inputs; ++k) {
    for (int64_t first = 0; first < end; first += kSparseBlock) {
      float block[kSparseBlock] = {};
      for (int64_t o = first; o < std::min(first + kSparseBlock, outputs); ++o)
        block[o - first] = weight[static_cast<size_t>(o * inputs + k)];
      if (std::all_of(std::begin(block), std::end(block), [](float w) { return w == 0; })) continue;
      packed.output.push_back(static_cast<uint16_t>(first));
      packed.weight.insert(packed.weight.end(), std::begin(block), std::end(block));
    }
    for (; packed.output.size() % kSparseGroup != 0; packed.output.push_back(static_cast<uint16_t>(end)))
      packed.weight.insert(packed.weight.end(), kSparseBlock, 0.0F);
    packed.begin.push_back(static_cast<int32_t>(packed.output.size()));
  }
  return packed;
}

bool FavoursSparse(const SparseDense& packed, int64_t outputs) {
  return HWY_DYNAMIC_DISPATCH(FewAreFaster)(packed, outputs);
}

void DenseSparse(const SparseDense& packed, const float* weights, int64_t inputs, int64_t outputs,
                 const float* x, int32_t* nonzero, const FloatTail& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(DenseOfFew)(packed, weights, inputs, outputs, x, nonzero, tail, y);
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
