// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// signs.cc: one bit an element (see signs.h).
// On the way of the data: signsgd.cc, onebit.cc, natural.cc -> here.
#include "core/gradient/signs.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/signs.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// mask_at(i) for each vector of a whole number of 64 elements, and its bits stored. 64, since a store of a
// mask may take 8 bytes.
template <class D, class MaskAt>
HWY_INLINE int64_t StoreMasks(D d, int64_t n, uint8_t* bits, MaskAt mask_at) {
  constexpr auto kLanes = static_cast<int64_t>(hn::MaxLanes(D()));
  int64_t i = 0;
  if constexpr (kLanes >= 8) {
    for (; i + 64 <= n; i += 64)
      for (int64_t j = i; j < i + 64; j += kLanes) hn::StoreMaskBits(d, mask_at(j), bits + j / 8);
  } else if constexpr (kLanes == 4) {
    for (; i + 8 <= n; i += 8) {
      uint8_t low[8], high[8];
      hn::StoreMaskBits(d, mask_at(i), low);
      hn::StoreMaskBits(d, mask_at(i + 4), high);
      bits[i / 8] = static_cast<uint8_t>((low[0] & 15) | high[0] << 4);
    }
  }
  return i;
}

// take(i, mask) for each vector of a whole number of 64 elements.
template <class D, class Take>
HWY_INLINE int64_t LoadMasks(D d, int64_t n, const uint8_t* bits, Take take) {
  constexpr auto kLanes = static_cast<int64_t>(hn::MaxLanes(D()));
  int64_t i = 0;
  if constexpr (kLanes >= 8) {
    for (; i + 64 <= n; i += 64) {
      uint8_t word[16] = {};  // so that 8 bytes can be read from the last
      std::memcpy(word, bits + i / 8, 8);
      for (int64_t j = 0; j < 64; j += kLanes) take(i + j, hn::LoadMaskBits(d, word + j / 8));
    }
  } else if constexpr (kLanes == 4) {
    for (; i + 8 <= n; i += 8) {
      const uint8_t low[8] = {bits[i / 8]};
      const uint8_t high[8] = {static_cast<uint8_t>(bits[i / 8] >> 4)};
      take(i, hn::LoadMaskBits(d, low));
      take(i + 4, hn::LoadMaskBits(d, high));
    }
  }
  return i;
}

// What is left of fewer than 64, from a multiple of 8 on.
template <class IsNegative>
HWY_INLINE void StoreRest(int64_t i, int64_t n, uint8_t* bits, IsNegative is_negative) {
  for (; i < n; i += 8) {
    unsigned byte = 0;
    for (int64_t j = 0; j < 8 && i + j < n; ++j) byte |= static_cast<unsigned>(is_negative(i + j)) << j;
    bits[i / 8] = static_cast<uint8_t>(byte);
  }
}

void SignsOfAny(const float* x, int64_t n, uint8_t* bits) {
  const hn::ScalableTag<float> d;
  const auto zero = hn::Zero(d);
  const int64_t done =
      StoreMasks(d, n, bits, [&](int64_t i) HWY_ATTR { return hn::Lt(hn::LoadU(d, x + i), zero); });
  StoreRest(done, n, bits, [&](int64_t i) { return x[i] < 0; });
}

void TakeSignsAny(float* x, int64_t n, float positive, float negative, uint8_t* bits) {
  const hn::ScalableTag<float> d;
  const auto zero = hn::Zero(d), p = hn::Set(d, positive), q = hn::Set(d, negative);
  const int64_t done = StoreMasks(d, n, bits, [&](int64_t i) HWY_ATTR {
    const auto v = hn::LoadU(d, x + i);
    const auto mask = hn::Lt(v, zero);
    hn::StoreU(hn::Sub(v, hn::IfThenElse(mask, q, p)), d, x + i);
    return mask;
  });
  StoreRest(done, n, bits, [&](int64_t i) {
    const bool is_negative = x[i] < 0;
    x[i] -= is_negative ? negative : positive;
    return is_negative;
  });
}

void SignsToFloatsAny(const uint8_t* bits, int64_t n, float positive, float negative, float* x) {
  const hn::ScalableTag<float> d;
  const auto p = hn::Set(d, positive), q = hn::Set(d, negative);
  int64_t i = LoadMasks(
      d, n, bits, [&](int64_t at, auto mask) HWY_ATTR { hn::StoreU(hn::IfThenElse(mask, q, p), d, x + at); });
  for (; i < n; ++i) x[i] = (bits[i / 8] >> (i % 8) & 1) != 0 ? negative : positive;
}

void SumBySignAny(const float* x, int64_t n, double* sums, int64_t* negatives) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> df;
  const auto zero = hn::Zero(d);
  auto positive0 = zero, positive1 = zero, negative0 = zero, negative1 = zero;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  size_t count = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto v0 = hn::PromoteTo(d, hn::LoadU(df, x + i)),
               v1 = hn::PromoteTo(d, hn::LoadU(df, x + i + lanes));
    positive0 = hn::Add(positive0, hn::Max(v0, zero));
    positive1 = hn::Add(positive1, hn::Max(v1, zero));
    negative0 = hn::Add(negative0, hn::Min(v0, zero));
    negative1 = hn::Add(negative1, hn::Min(v1, zero));
    count += hn::CountTrue(d, hn::Lt(v0, zero)) + hn::CountTrue(d, hn::Lt(v1, zero));
  }
  sums[0] = hn::GetLane(hn::SumOfLanes(d, hn::Add(positive0, positive1)));
  sums[1] = hn::GetLane(hn::SumOfLanes(d, hn::Add(negative0, negative1)));
  for (; i < n; ++i) {
    sums[x[i] < 0 ? 1 : 0] += static_cast<double>(x[i]);
    count += x[i] < 0 ? 1 : 0;
  }
  *negatives = static_cast<int64_t>(count);
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(SignsOfAny);
HWY_EXPORT(TakeSignsAny);
HWY_EXPORT(SignsToFloatsAny);
HWY_EXPORT(SumBySignAny);

void SignsOf(std::span<const float> x, uint8_t* bits) {
  HWY_DYNAMIC_DISPATCH(SignsOfAny)(x.data(), static_cast<int64_t>(x.size()), bits);
}

void TakeSigns(std::span<float> x, TwoValues values, uint8_t* bits) {
  HWY_DYNAMIC_DISPATCH(TakeSignsAny)
  (x.data(), static_cast<int64_t>(x.size()), values.positive, values.negative, bits);
}

void SignsToFloats(const uint8_t* bits, TwoValues values, std::span<float> x) {
  HWY_DYNAMIC_DISPATCH(SignsToFloatsAny)
  (bits, static_cast<int64_t>(x.size()), values.positive, values.negative, x.data());
}

SumsBySign SumBySign(std::span<const float> x) {
  SumsBySign result;
  double sums[2] = {};
  HWY_DYNAMIC_DISPATCH(SumBySignAny)(x.data(), static_cast<int64_t>(x.size()), sums, &result.negatives);
  result.positive = sums[0];
  result.negative = sums[1];
  return result;
}

}  // namespace concertina
#endif  // HWY_ONCE
