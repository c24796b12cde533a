// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// vectors-inl.h: the vectors of the edge runtime's kernels, for every instruction set. On the way of the
// data: the files of this folder's kernels include it, once for each instruction set.

#if defined(CONCERTINA_EDGE_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CONCERTINA_EDGE_VECTORS_INL_H
#undef CONCERTINA_EDGE_VECTORS_INL_H
#else
#define CONCERTINA_EDGE_VECTORS_INL_H
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/edge/kernels.h"
#include "hwy/highway.h"

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

// q + zero_point, within `least` … `most`. Bounded before the sum: what is beyond int32 was cut to its ends,
// and would come out at the other end of the grid.
HWY_INLINE IntV WithinGrid(IntV q, int32_t zero_point, int32_t least, int32_t most) {
  const Ints d;
  const IntV bounded = hn::Min(hn::Max(q, hn::Set(d, least - zero_point)), hn::Set(d, most - zero_point));
  return hn::Add(bounded, hn::Set(d, zero_point));
}

HWY_INLINE IntV Requantized(IntV sum, FloatV multiplier, const IntegerTail& tail) {
  return WithinGrid(hn::NearestInt(hn::Mul(hn::ConvertTo(Floats(), sum), multiplier)), tail.zero_point,
                    tail.least, tail.most);
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each instruction set
