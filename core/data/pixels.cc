// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pixels.cc: Highway kernels, chosen for the processor when they run (see pixels.h).
#include "core/data/pixels.h"

#include <bit>

#include "core/tensor/highway_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/data/pixels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 1/255 = kHigh + kLow. x kHigh + x kLow with one rounding (a fused multiply-add) is x / 255 correctly
// rounded for all 256 x: the test tries them all. A division costs five times as much. Without a fused one,
// divide.
constexpr float kHigh = 1.0F / 255.0F;
constexpr float kLow = static_cast<float>(1.0 / 255.0 - static_cast<double>(kHigh));

template <class D>
HWY_INLINE void Convert(D d, const uint8_t* HWY_RESTRICT from, float* HWY_RESTRICT to) {
  const hn::Rebind<uint8_t, D> d8;
  const hn::RebindToSigned<D> d32;
  const auto x = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, from)));
#if HWY_NATIVE_FMA
  hn::StoreU(hn::MulAdd(x, hn::Set(d, kHigh), hn::Mul(x, hn::Set(d, kLow))), d, to);
#else
  hn::StoreU(hn::Div(x, hn::Set(d, 255.0F)), d, to);
#endif
}

void PixelsToFloats(const uint8_t* HWY_RESTRICT from, size_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    Convert(d, from + i, to + i);
    Convert(d, from + i + lanes, to + i + lanes);
  }
  for (; i < count; ++i) to[i] = static_cast<float>(from[i]) / 255.0F;
}

void BigEndianToFloats(const uint8_t* HWY_RESTRICT from, size_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<uint32_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto* words = reinterpret_cast<const uint32_t*>(from);
  const auto middle = hn::Set(d, 0xff00);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto x = hn::LoadU(d, words + i);
    const auto outer = hn::Or(hn::ShiftLeft<24>(x), hn::ShiftRight<24>(x));
    const auto inner = hn::Or(hn::ShiftLeft<8>(hn::And(x, middle)), hn::And(hn::ShiftRight<8>(x), middle));
    hn::StoreU(hn::BitCast(hn::RebindToFloat<decltype(d)>(), hn::Or(outer, inner)),
               hn::RebindToFloat<decltype(d)>(), to + i);
  }
  for (; i < count; ++i) to[i] = std::bit_cast<float>(__builtin_bswap32(words[i]));
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(PixelsToFloats);
HWY_EXPORT(BigEndianToFloats);

void PixelsToFloats(const uint8_t* from, size_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(PixelsToFloats)(from, count, to);
}
void BigEndianToFloats(const uint8_t* from, size_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(BigEndianToFloats)(from, count, to);
}

}  // namespace concertina
#endif
