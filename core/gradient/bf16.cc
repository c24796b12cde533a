// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bf16.cc: sends the upper half of each float, rounded to the nearest, ties to even.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   |x - bf16(x)| <= 2^-8 |x|   for |x| >= 2^-126
// A bfloat16 has a float's 8 bits of exponent and 8 of significand: nothing overflows that was not about to,
// and nothing is lost below half precision's 2^-24. Magnitudes that would round to infinity become the
// largest finite one. Payloads are gathered: all-reduce sums halves of the other kind.
//   Payload, little endian: d values bf16
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/bf16.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // one lane has no other to be paired with

bool FloatsToBf16Any(const float* values, uint8_t* halves, int64_t n) {
  uint32_t largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t magnitude = bits & 0x7fffffffU;
    largest = std::max(largest, magnitude);
    const uint32_t finite = std::min(magnitude, 0x7f7f7fffU);
    const auto upper =
        static_cast<uint16_t>((finite + 0x7fffU + (finite >> 16 & 1U)) >> 16 | bits >> 31 << 15);
    std::memcpy(halves + 2 * i, &upper, 2);
  }
  return largest < 0x7f800000U;
}

#else

bool FloatsToBf16Any(const float* values, uint8_t* halves, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::RebindToUnsigned<decltype(df)> du;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::Repartition<uint16_t, decltype(df)> d16;  // a vector of which takes two of floats
  auto* target = reinterpret_cast<uint16_t*>(halves);
  const auto magnitude_mask = hn::Set(di, 0x7fffffff);
  const auto most = hn::Set(di, 0x7f7f7fff);  // the greatest magnitude that does not round to infinity
  const auto half_less_one = hn::Set(du, 0x7fffU), one = hn::Set(du, 1U);
  auto largest = hn::Zero(di);
  // The 16 bits that stay are the upper ones.
  const auto rounded = [&](auto v) HWY_ATTR {
    const auto bits = hn::BitCast(di, v);
    const auto magnitude = hn::And(bits, magnitude_mask);
    largest = hn::Max(largest, magnitude);
    const auto finite = hn::BitCast(du, hn::Or(hn::Min(magnitude, most), hn::AndNot(magnitude_mask, bits)));
    // Half a unit less one, plus the bit that stays lowest, carries up where nearest-even does.
    const auto lowest = hn::And(hn::ShiftRight<16>(finite), one);
    return hn::BitCast(d16, hn::Add(finite, hn::Add(lowest, half_less_one)));
  };
  const auto lanes = static_cast<int64_t>(hn::Lanes(df));
  const auto convert = [&](int64_t i) HWY_ATTR {
    const auto low = rounded(hn::LoadU(df, values + i)), high = rounded(hn::LoadU(df, values + i + lanes));
    return hn::ConcatOdd(d16, high, low);
  };
  const auto part = [&](int64_t i, int64_t count) HWY_ATTR {
    HWY_ALIGN float ends[2 * hn::MaxLanes(df)] = {};
    std::memcpy(ends, values + i, static_cast<size_t>(count) * sizeof(float));
    const auto low = rounded(hn::Load(df, ends)), high = rounded(hn::Load(df, ends + lanes));
    StorePart(d16, hn::ConcatOdd(d16, high, low), target + i, count);
  };
  if (StreamsTo(halves, 2, n)) {
    ForEachVector(
        d16, n, ElementsToAlignment(d16, halves),
        [&](int64_t i) HWY_ATTR { hn::Stream(convert(i), d16, target + i); }, part);
    hwy::FlushStream();
  } else {
    ForEachVector(
        d16, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(i), d16, target + i); }, part);
  }
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 0x7f800000)));
}

#endif

template <bool kAdd>
bool FromBf16(const uint8_t* halves, float* values, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::RebindToUnsigned<decltype(df)> du;
  const hn::Rebind<uint16_t, decltype(df)> d16;
  const hn::RebindToSigned<decltype(d16)> di16;
  const auto* source = reinterpret_cast<const uint16_t*>(halves);  // only ever loaded unaligned
  const auto magnitude_mask = hn::Set(di16, 0x7fff);
  auto largest = hn::Zero(di16);
  const auto convert = [&](auto v16) HWY_ATTR {
    largest = hn::Max(largest, hn::And(hn::BitCast(di16, v16), magnitude_mask));
    return hn::BitCast(df, hn::ShiftLeft<16>(hn::PromoteTo(du, v16)));
  };
  WidenAll<kAdd>(source, values, n, convert);
  return hn::AllTrue(di16, hn::Lt(largest, hn::Set(di16, 0x7f80)));
}

bool Bf16ToFloatsAny(const uint8_t* halves, float* values, int64_t n) {
  return FromBf16<false>(halves, values, n);
}
bool AddBf16Any(const uint8_t* halves, float* values, int64_t n) { return FromBf16<true>(halves, values, n); }

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/sparsifier.h"

namespace concertina {

HWY_EXPORT(FloatsToBf16Any);
HWY_EXPORT(Bf16ToFloatsAny);
HWY_EXPORT(AddBf16Any);

namespace {

class Bf16 final : public Codec, public TakesAnyLength {
 public:
  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    payload.resize(2 * gradient.size());
    return HWY_DYNAMIC_DISPATCH(FloatsToBf16Any)(gradient.data(), payload.data(),
                                                 static_cast<int64_t>(gradient.size()))
               ? absl::OkStatus()
               : NotFiniteError(gradient);
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckSize(payload, gradient));
    return HWY_DYNAMIC_DISPATCH(Bf16ToFloatsAny)(payload.data(), gradient.data(),
                                                 static_cast<int64_t>(gradient.size()))
               ? absl::OkStatus()
               : Damaged(payload);
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckSize(payload, gradient));
    return HWY_DYNAMIC_DISPATCH(AddBf16Any)(payload.data(), gradient.data(),
                                            static_cast<int64_t>(gradient.size()))
               ? absl::OkStatus()
               : Damaged(payload);
  }

  // ErrorBound stays 1: 2^-16 but for subnormal elements, which keep fewer bits or none.
  int64_t MaxPayloadBytes(int64_t d) const override { return 2 * d; }
  Sum sum() const override { return Sum::kGathered; }
  void ForgetLength() override { length_.Forget(); }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("bf16", state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }

 private:
  absl::Status CheckSize(std::span<const uint8_t> payload, std::span<float> gradient) const {
    const auto d = static_cast<int64_t>(gradient.size());
    return CheckPayloadSize("bf16", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d);
  }
  static absl::Status Damaged(std::span<const uint8_t> payload) {
    int64_t index = 0;  // the exponent lies across the two bytes
    while ((payload[2 * static_cast<size_t>(index) + 1] & 0x7f) != 0x7f ||
           (payload[2 * static_cast<size_t>(index)] & 0x80) == 0)
      ++index;
    return DamagedElementError("bf16", index);
  }

  BucketLength length_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor({.category = "gradient-codec",
                .kind = "bf16",
                .title = "bfloat16",
                .summary = "Sends each element in 2 bytes, with a float's range and 8 bits of precision: "
                           "take it where fp16 would overflow or lose small elements. Payloads are gathered, "
                           "so above 4 workers an all-reduce of fp16 moves less.",
                .citation = "Kalamkar et al. A Study of BFLOAT16 for Deep Learning Training. 2019"}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Codec>> { return std::make_unique<Bf16>(); });

}  // namespace
}  // namespace concertina
#endif  // HWY_ONCE
