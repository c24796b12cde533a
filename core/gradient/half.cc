// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half.cc: arrays of floats as IEEE 754 binary16, and back (see half.h).
// On the way of the data: gradient/fp16.cc -> here, and back.
// From AVX2 on the processor converts. Before, integers do, here rather than in Highway, whose own form for
// those processors cuts off instead of rounding.
#include "core/gradient/half.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/half.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET <= HWY_AVX2
#define CONCERTINA_HALF_IN_HARDWARE 1
#else
#define CONCERTINA_HALF_IN_HARDWARE 0
#endif

// N floats, magnitudes at most 65504, to N halves.
template <class DF, class VF = hn::Vec<DF>>
HWY_INLINE auto ToHalf(DF d, VF v) {
  const hn::Rebind<uint16_t, DF> d16;
#if CONCERTINA_HALF_IN_HARDWARE
  return hn::BitCast(d16, hn::DemoteTo(hn::Rebind<hwy::float16_t, DF>(), v));
  (void)d;
#else
  const hn::RebindToUnsigned<DF> du;
  const hn::RebindToSigned<DF> di;
  const auto bits = hn::BitCast(du, v);
  const auto magnitude = hn::And(bits, hn::Set(du, 0x7fffffffU));
  const auto sign = hn::ShiftRight<16>(hn::Xor(bits, magnitude));
  // Normal halves: 13 bits of mantissa go. Half a unit less one, plus the bit that stays lowest, carries up
  // where nearest-even does; the exponent's bias goes from 127 to 15.
  const auto lowest = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(du, 1U));
  const auto rounded = hn::Add(magnitude, hn::Add(lowest, hn::Set(du, 0xfffU)));
  const auto normal = hn::ShiftRight<13>(hn::Sub(rounded, hn::Set(du, 112U << 23)));
  // Subnormal halves are multiples of 2^-24, and so are the floats from 0.5 to 1: adding 0.5 rounds to them.
  const auto half = hn::Set(d, 0.5F);
  const auto shifted = hn::BitCast(du, hn::Add(hn::BitCast(d, magnitude), half));
  const auto subnormal = hn::Sub(shifted, hn::BitCast(du, half));
  const auto is_normal = hn::Gt(hn::BitCast(di, magnitude), hn::Set(di, (113 << 23) - 1));
  const auto out = hn::Or(sign, hn::IfThenElse(hn::RebindMask(du, is_normal), normal, subnormal));
  return hn::DemoteTo(d16, hn::BitCast(di, out));
#endif
}

// N finite halves to N floats.
template <class DF, class V16>
HWY_INLINE hn::Vec<DF> FromHalf(DF d, V16 halves) {
#if CONCERTINA_HALF_IN_HARDWARE
  return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, DF>(), halves));
#else
  const hn::RebindToUnsigned<DF> du;
  const hn::RebindToSigned<DF> di;
  const auto bits = hn::PromoteTo(du, halves);
  const auto magnitude = hn::And(bits, hn::Set(du, 0x7fffU));
  const auto sign = hn::ShiftLeft<16>(hn::Xor(bits, magnitude));
  const auto normal = hn::Add(hn::ShiftLeft<13>(magnitude), hn::Set(du, 112U << 23));
  const auto subnormal = hn::BitCast(
      du, hn::Mul(hn::ConvertTo(d, hn::BitCast(di, magnitude)), hn::Set(d, 1.0F / 16777216)));  // 2^-24
  const auto is_normal = hn::Gt(hn::BitCast(di, magnitude), hn::Set(di, 0x3ff));
  return hn::BitCast(d, hn::Or(sign, hn::IfThenElse(hn::RebindMask(du, is_normal), normal, subnormal)));
#endif
}

bool FloatsToHalvesAny(const float* values, uint8_t* halves, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::Rebind<uint16_t, decltype(df)> d16;
  const hn::RebindToSigned<decltype(df)> di;
  auto* target = reinterpret_cast<uint16_t*>(halves);  // only ever stored unaligned, unless it is aligned
  const auto high = hn::Set(df, kLargestHalf);
  const auto low = hn::Set(df, -kLargestHalf);
  const auto magnitude_mask = hn::Set(di, 0x7fffffff);
  auto largest = hn::Zero(di);
  const auto convert = [&](auto v) HWY_ATTR {
    largest = hn::Max(largest, hn::And(hn::BitCast(di, v), magnitude_mask));
    return ToHalf(df, hn::Min(hn::Max(v, low), high));
  };
  const auto part = [&](int64_t i, int64_t count) HWY_ATTR {
    StorePart(d16, convert(LoadPart(df, values + i, count)), target + i, count);
  };
#if CONCERTINA_HALF_IN_HARDWARE  // before, half a vector is too short to be streamed
  if (StreamsTo(halves, 2, n)) {
    ForEachVector(
        df, n, ElementsToAlignment(d16, halves),
        [&](int64_t i) HWY_ATTR { hn::Stream(convert(hn::LoadU(df, values + i)), d16, target + i); }, part);
    hwy::FlushStream();
    return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 0x7f800000)));
  }
#endif
  ForEachVector(
      df, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(df, values + i)), d16, target + i); },
      part);
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 0x7f800000)));
}

template <bool kAdd>
bool FromHalvesAny(const uint8_t* halves, float* values, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::Rebind<uint16_t, decltype(df)> d16;
  const hn::RebindToSigned<decltype(d16)> di16;
  const auto* source = reinterpret_cast<const uint16_t*>(halves);  // only ever loaded unaligned
  const auto magnitude_mask = hn::Set(di16, 0x7fff);
  auto largest = hn::Zero(di16);
  const auto convert = [&](auto v16) HWY_ATTR {
    largest = hn::Max(largest, hn::And(hn::BitCast(di16, v16), magnitude_mask));
    return FromHalf(df, v16);
  };
  WidenAll<kAdd>(source, values, n, convert);
  return hn::AllTrue(di16, hn::Lt(largest, hn::Set(di16, 0x7c00)));
}

bool HalvesToFloatsAny(const uint8_t* halves, float* values, int64_t n) {
  return FromHalvesAny<false>(halves, values, n);
}
bool AddHalvesAny(const uint8_t* halves, float* values, int64_t n) {
  return FromHalvesAny<true>(halves, values, n);
}

#undef CONCERTINA_HALF_IN_HARDWARE

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(FloatsToHalvesAny);
HWY_EXPORT(HalvesToFloatsAny);
HWY_EXPORT(AddHalvesAny);

bool FloatsToHalves(std::span<const float> values, uint8_t* halves) {
  return HWY_DYNAMIC_DISPATCH(FloatsToHalvesAny)(values.data(), halves, static_cast<int64_t>(values.size()));
}

bool HalvesToFloats(const uint8_t* halves, std::span<float> values) {
  return HWY_DYNAMIC_DISPATCH(HalvesToFloatsAny)(halves, values.data(), static_cast<int64_t>(values.size()));
}

bool AddHalves(const uint8_t* halves, std::span<float> values) {
  return HWY_DYNAMIC_DISPATCH(AddHalvesAny)(halves, values.data(), static_cast<int64_t>(values.size()));
}

int64_t FirstNotFiniteHalf(const uint8_t* halves, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    if ((halves[2 * i + 1] & 0x7c) == 0x7c) return i;
  return -1;
}

}  // namespace concertina
#endif  // HWY_ONCE
