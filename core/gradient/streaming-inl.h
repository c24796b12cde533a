// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// streaming-inl.h: the shape of a loop over memory, for every instruction set: whole vectors, and an end that
// goes through the same operations in a padded vector, so that no element rounds otherwise than its
// neighbours. On the way of the data: the vector files of this folder include it, once for each instruction
// set.

#if defined(CONCERTINA_STREAMING_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CONCERTINA_STREAMING_INL_H
#undef CONCERTINA_STREAMING_INL_H
#else
#define CONCERTINA_STREAMING_INL_H
#endif

#include <cstdint>
#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

// Writing past the cache saves the read that a store to a fresh line costs, a third of a copy's traffic. It
// pays where the result would not stay in the cache anyway, and hurts where the next reader wants it there.
constexpr int64_t kStreamBytes = int64_t{4} << 20;

inline bool StreamsTo(const void* target, int64_t element_bytes, int64_t n) {
  return n * element_bytes >= kStreamBytes && reinterpret_cast<uintptr_t>(target) % element_bytes == 0;
}

// How many elements lie before the first whole vector at an aligned address.
template <class D>
int64_t ElementsToAlignment(D d, const void* target) {
  const size_t vector_bytes = hwy::HWY_NAMESPACE::Lanes(d) * sizeof(hwy::HWY_NAMESPACE::TFromD<D>);
  const size_t past = reinterpret_cast<uintptr_t>(target) % vector_bytes;
  return past == 0 ? 0 : static_cast<int64_t>((vector_bytes - past) / sizeof(hwy::HWY_NAMESPACE::TFromD<D>));
}

// part(0, head); whole(i) for each full vector; part(i, count) for what is left, count < lanes. head < lanes.
template <class D, class Whole, class Part>
HWY_INLINE void ForEachVector(D d, int64_t n, int64_t head, Whole whole, Part part) {
  const auto lanes = static_cast<int64_t>(hwy::HWY_NAMESPACE::Lanes(d));
  int64_t i = head < n ? head : n;
  if (i > 0) part(int64_t{0}, i);
  for (; i + lanes <= n; i += lanes) whole(i);
  if (i < n) part(i, n - i);
}

// A vector of `count` elements and zeros.
template <class D, typename T = hwy::HWY_NAMESPACE::TFromD<D>>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> LoadPart(D d, const T* from, int64_t count) {
  HWY_ALIGN T lanes[hwy::HWY_NAMESPACE::MaxLanes(d)] = {};
  std::memcpy(lanes, from, static_cast<size_t>(count) * sizeof(T));
  return hwy::HWY_NAMESPACE::Load(d, lanes);
}

template <class D, typename T = hwy::HWY_NAMESPACE::TFromD<D>>
HWY_INLINE void StorePart(D d, hwy::HWY_NAMESPACE::Vec<D> v, T* to, int64_t count) {
  HWY_ALIGN T lanes[hwy::HWY_NAMESPACE::MaxLanes(d)];
  hwy::HWY_NAMESPACE::Store(v, d, lanes);
  std::memcpy(to, lanes, static_cast<size_t>(count) * sizeof(T));
}

// values[i] = widen(source[i]), or with kAdd values[i] += widen(source[i]), for n elements of 16 bits.
// `widen` makes a vector of floats of a vector of half as many bits.
template <bool kAdd, class Widen>
HWY_INLINE void WidenAll(const uint16_t* source, float* values, int64_t n, Widen widen) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> df;
  const hn::Rebind<uint16_t, decltype(df)> d16;
  const auto part = [&](int64_t i, int64_t count) HWY_ATTR {
    auto v = widen(LoadPart(d16, source + i, count));
    if constexpr (kAdd) v = hn::Add(LoadPart(df, values + i, count), v);
    StorePart(df, v, values + i, count);
  };
  if (!kAdd && StreamsTo(values, 4, n)) {
    ForEachVector(
        df, n, ElementsToAlignment(df, values),
        [&](int64_t i) HWY_ATTR { hn::Stream(widen(hn::LoadU(d16, source + i)), df, values + i); }, part);
    hwy::FlushStream();
  } else {
    ForEachVector(
        df, n, 0,
        [&](int64_t i) HWY_ATTR {
          auto v = widen(hn::LoadU(d16, source + i));
          if constexpr (kAdd) v = hn::Add(hn::LoadU(df, values + i), v);
          hn::StoreU(v, df, values + i);
        },
        part);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each instruction set
