// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// levels.cc: a block of floats as whole multiples of a scale's s-th part (see levels.h).
// On the way of the data: int8.cc, terngrad.cc, qsgd.cc -> here -> packed_codes.h.
#include "core/gradient/levels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/levels.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/draws-inl.h"
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void NearestAny(const float* x, int64_t n, InverseStep step, int s, uint8_t* codes) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const auto lift = hn::Set(d, step.lift), inverse = hn::Set(d, step.inverse);
  const auto most = hn::Set(d, static_cast<float>(s)), least = hn::Set(d, -static_cast<float>(s));
  const auto shift = hn::Set(di, s);
  const auto convert = [&](auto v) HWY_ATTR {
    const auto y = hn::Mul(hn::Mul(v, lift), inverse);
    return hn::DemoteTo(d8, hn::Add(hn::NearestInt(hn::Max(hn::Min(y, most), least)), shift));
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d, x + i)), d8, codes + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d8, convert(LoadPart(d, x + i, count)), codes + i, count); });
}

void AtRandomAny(const float* x, int64_t n, InverseStep step, int s, DrawKey key, uint32_t first,
                 uint8_t* codes) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const Draws<decltype(du)> draws(du, key);
  const auto lift = hn::Set(d, step.lift), inverse = hn::Set(d, step.inverse);
  const auto ulp = hn::Set(d, 1.0F / 16777216);                // 2^-24
  const auto most = hn::Set(d, static_cast<float>(s) + 0.5F);  // whole parts of at most s, rounding or not
  const auto shift = hn::Set(di, s);
  const auto convert = [&](auto v, int64_t i) HWY_ATTR {
    const auto u = hn::Mul(
        hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(draws.At(first + static_cast<uint32_t>(i))))),
        ulp);
    const auto y = hn::Mul(hn::Mul(hn::Abs(v), lift), inverse);
    const auto k = hn::ConvertTo(di, hn::Min(hn::Add(y, u), most));  // cut off, and so floor
    const auto negative = hn::BroadcastSignBit(hn::BitCast(di, v));
    return hn::DemoteTo(d8, hn::Add(hn::Sub(hn::Xor(k, negative), negative), shift));
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d, x + i), i), d8, codes + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d8, convert(LoadPart(d, x + i, count), i), codes + i, count); });
}

bool ToFloatsAny(const uint8_t* codes, int64_t n, Step step, int s, float* values) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const auto size = hn::Set(d, step.size), unscale = hn::Set(d, step.unscale);
  const auto shift = hn::Set(di, s);
  auto largest = hn::Zero(di);
  const auto convert = [&](auto v8) HWY_ATTR {
    const auto code = hn::PromoteTo(di, v8);
    largest = hn::Max(largest, code);
    return hn::Mul(hn::Mul(hn::ConvertTo(d, hn::Sub(code, shift)), size), unscale);
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d8, codes + i)), d, values + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d, convert(LoadPart(d8, codes + i, count)), values + i, count); });
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 2 * s + 1)));
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace concertina {

HWY_EXPORT(NearestAny);
HWY_EXPORT(AtRandomAny);
HWY_EXPORT(ToFloatsAny);

namespace {
constexpr float kTiny = 0x1p-100F;
}

Step StepOf(float scale, float most) {
  if (scale < kTiny) return {.size = scale * 0x1p100F / most, .unscale = 0x1p-100F};
  float size = scale / most;
  // Exact in double: 24 bits times at most 24.
  if (static_cast<double>(size) * most > scale) size = std::nextafterf(size, 0);
  return {.size = size};
}

InverseStep InverseStepOf(float scale, float most) {
  if (scale == 0) return {};
  if (scale < kTiny) return {.lift = 0x1p100F, .inverse = most / (scale * 0x1p100F)};
  return {.inverse = most / scale};
}

void LevelsToNearest(std::span<const float> x, float scale, int s, uint8_t* codes) {
  HWY_DYNAMIC_DISPATCH(NearestAny)
  (x.data(), static_cast<int64_t>(x.size()), InverseStepOf(scale, static_cast<float>(s)), s, codes);
}

void LevelsAtRandom(std::span<const float> x, float scale, int s, DrawKey key, uint32_t first,
                    uint8_t* codes) {
  HWY_DYNAMIC_DISPATCH(AtRandomAny)
  (x.data(), static_cast<int64_t>(x.size()), InverseStepOf(scale, static_cast<float>(s)), s, key, first,
   codes);
}

bool LevelsToFloats(const uint8_t* codes, float scale, int s, std::span<float> values) {
  return HWY_DYNAMIC_DISPATCH(ToFloatsAny)(codes, static_cast<int64_t>(values.size()),
                                           StepOf(scale, static_cast<float>(s)), s, values.data());
}

}  // namespace concertina
#endif  // HWY_ONCE
