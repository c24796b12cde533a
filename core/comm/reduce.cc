// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// reduce.cc: the adding loops, compiled for every vector width and chosen when the program runs (see
// reduce.h). On the way of the data: comm/transport.h's pieces -> here -> the caller's vector.
#include "core/comm/reduce.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/comm/reduce.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void AddFloatsHere(float* HWY_RESTRICT sums, const void* addends, size_t count, float scale) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const auto* from = static_cast<const float*>(addends);  // only ever loaded unaligned
  const auto factor = hn::Set(d, scale);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::Mul(hn::Add(hn::LoadU(d, sums + i), hn::LoadU(d, from + i)), factor), d, sums + i);
  for (; i < count; ++i) {
    float addend;
    std::memcpy(&addend, static_cast<const std::byte*>(addends) + i * sizeof addend, sizeof addend);
    sums[i] = (sums[i] + addend) * scale;
  }
}

// Without the hardware's conversions Highway's rounds towards zero, so the bits are worked out here: the same
// on every machine. Round to nearest, ties to even.
inline uint16_t HalfOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000)  // infinity stays, NaN stays a (quiet) NaN
    return static_cast<uint16_t>(sign | 0x7c00 |
                                 (magnitude > 0x7f800000 ? 0x200 | ((magnitude >> 13) & 0x3ff) : 0));
  if (magnitude >= 0x477ff000)
    return static_cast<uint16_t>(sign | 0x7c00);  // 65520 and more round to infinity
  if (magnitude < 0x38800000) {                   // subnormal, or zero
    float small;
    std::memcpy(&small, &magnitude, sizeof small);
    small += 0.5f;  // aligns 2^-24 with the last bit of 0.5's mantissa, and rounds
    uint32_t aligned;
    std::memcpy(&aligned, &small, sizeof aligned);
    return static_cast<uint16_t>(sign | (aligned - 0x3f000000));
  }
  const uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

inline float FloatOf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 31;
  const uint32_t mantissa = half & 0x3ff;
  uint32_t bits;
  if (exponent == 31) {
    bits = sign | 0x7f800000 | (mantissa << 13) | (mantissa != 0 ? 0x400000 : 0);
  } else if (exponent != 0) {
    bits = sign | ((exponent + 112) << 23) | (mantissa << 13);
  } else {
    const float value = static_cast<float>(mantissa) * 0x1.0p-24f;
    std::memcpy(&bits, &value, sizeof bits);
    bits |= sign;
  }
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void AddHalvesHere(uint16_t* HWY_RESTRICT sums, const void* addends, size_t count) {
  size_t i = 0;
#if HWY_TARGET <= HWY_AVX2 && !defined(HWY_DISABLE_F16C)
  const hn::ScalableTag<float> d;
  const hn::Rebind<hwy::float16_t, decltype(d)> dh;
  const size_t lanes = hn::Lanes(d);
  auto* into = reinterpret_cast<hwy::float16_t*>(sums);
  const auto* from = static_cast<const hwy::float16_t*>(addends);
  for (; i + lanes <= count; i += lanes) {
    const auto sum =
        hn::Add(hn::PromoteTo(d, hn::LoadU(dh, into + i)), hn::PromoteTo(d, hn::LoadU(dh, from + i)));
    hn::StoreU(hn::DemoteTo(dh, sum), dh, into + i);
  }
#endif
  for (; i < count; ++i) {
    uint16_t addend;
    std::memcpy(&addend, static_cast<const std::byte*>(addends) + i * sizeof addend, sizeof addend);
    sums[i] = HalfOf(FloatOf(sums[i]) + FloatOf(addend));
  }
}

void ScaleFloatsHere(float* HWY_RESTRICT values, size_t count, float scale) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, values + i), factor), d, values + i);
  for (; i < count; ++i) values[i] *= scale;
}

}  // namespace concertina::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(AddFloatsHere);
HWY_EXPORT(AddHalvesHere);
HWY_EXPORT(ScaleFloatsHere);

void AddFloats(float* sums, const void* addends, size_t count, float scale) {
  HWY_DYNAMIC_DISPATCH(AddFloatsHere)(sums, addends, count, scale);
}
void AddHalves(uint16_t* sums, const void* addends, size_t count) {
  HWY_DYNAMIC_DISPATCH(AddHalvesHere)(sums, addends, count);
}
void ScaleFloats(std::span<float> values, float scale) {
  HWY_DYNAMIC_DISPATCH(ScaleFloatsHere)(values.data(), values.size(), scale);
}

}  // namespace concertina
#endif  // HWY_ONCE
