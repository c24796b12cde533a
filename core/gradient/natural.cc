// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// natural.cc: natural compression: each element becomes one of the two powers of two around it, at random.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   C(x) = sign(x) 2^a or sign(x) 2^(a+1),  2^a <= |x| < 2^(a+1),  P(the greater) = |x| / 2^a - 1
//   E C(x) = x,   E ||C(x) - x||^2 <= 1/8 ||x||^2,   and whatever is drawn |C(x) - x| <= |x|
// |x| / 2^a - 1 is the 23 bits of x's fraction over 2^23: with 23 random bits added to the float as an
// integer, a carry into the exponent is the draw. Two ends are biased: subnormal elements become 0 (rounded
// up to 2^-126 they would err by more than themselves), and nothing is rounded up to 2^128.
//   Payload: d bytes of exponent, 0 for zero, else a + 127 from 1 to 254 | d bits of sign. 9 bits an element.
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/natural.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/draws-inl.h"
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// False if an element is NaN or infinite. x[0] is element `first`.
bool ExponentsOfAny(const float* x, int64_t n, DrawKey key, uint32_t first, uint8_t* exponents) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const Draws<decltype(du)> draws(du, key);
  const auto magnitude_mask = hn::Set(di, 0x7fffffff), most = hn::Set(di, 254),
             normal = hn::Set(di, 0x7fffff);
  auto largest = hn::Zero(di);
  const auto convert = [&](auto v, int64_t i) HWY_ATTR {
    const auto magnitude = hn::And(hn::BitCast(di, v), magnitude_mask);
    largest = hn::Max(largest, magnitude);
    const auto random = hn::BitCast(di, hn::ShiftRight<9>(draws.At(first + static_cast<uint32_t>(i))));
    // Not beyond 2^31: what is finite has an exponent of at most 254.
    const auto exponent = hn::Min(hn::ShiftRight<23>(hn::Add(magnitude, random)), most);
    return hn::DemoteTo(d8, hn::IfThenElseZero(hn::Gt(magnitude, normal), exponent));
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d, x + i), i), d8, exponents + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d8, convert(LoadPart(d, x + i, count), i), exponents + i, count); });
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 0x7f800000)));
}

// x holds +-1 and is multiplied by 2^(exponent - 127), or 0. False if an exponent is 255.
bool ScaleByExponentsAny(const uint8_t* exponents, int64_t n, float* x) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const auto sign_mask = hn::Set(di, INT32_MIN);
  auto largest = hn::Zero(di);
  const auto convert = [&](auto v8, auto v) HWY_ATTR {
    const auto exponent = hn::PromoteTo(di, v8);
    largest = hn::Max(largest, exponent);
    return hn::BitCast(d, hn::Or(hn::And(hn::BitCast(di, v), sign_mask), hn::ShiftLeft<23>(exponent)));
  };
  ForEachVector(
      d, n, 0,
      [&](int64_t i)
          HWY_ATTR { hn::StoreU(convert(hn::LoadU(d8, exponents + i), hn::LoadU(d, x + i)), d, x + i); },
      [&](int64_t i, int64_t count) HWY_ATTR {
        StorePart(d, convert(LoadPart(d8, exponents + i, count), LoadPart(d, x + i, count)), x + i, count);
      });
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 255)));
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

#include "core/base/registry.h"
#include "core/gradient/blocks.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/packed_codes.h"
#include "core/gradient/signs.h"
#include "core/gradient/sparsifier.h"

namespace concertina {

HWY_EXPORT(ExponentsOfAny);
HWY_EXPORT(ScaleByExponentsAny);

namespace {

constexpr int64_t kBlock = 4096;  // elements, 16 KiB: stays in the nearest cache

class Natural final : public Codec, public TakesAnyLength {
 public:
  explicit Natural(uint64_t seed) : own_seed_(seed), seed_(seed) {}

  void SeedDraws(uint64_t run_seed, int rank) override { seed_ = SeedOfRank(own_seed_, run_seed, rank); }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
    const DrawKey key = MakeDrawKey(seed_, step, gradient);
    for (int64_t at = 0; at < d; at += kBlock) {
      const auto block =
          gradient.subspan(static_cast<size_t>(at), static_cast<size_t>(std::min(kBlock, d - at)));
      if (!HWY_DYNAMIC_DISPATCH(ExponentsOfAny)(block.data(), static_cast<int64_t>(block.size()), key,
                                                static_cast<uint32_t>(at), payload.data() + at))
        return NotFiniteError(block, at);
      SignsOf(block, payload.data() + d + at / 8);
    }
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeTo<false>(payload, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeTo<true>(payload, gradient);
  }

  // ErrorBound is 1, as by default: a number just above a power of two may be drawn up to the next.
  int64_t MaxPayloadBytes(int64_t d) const override { return d + PackedBytes(d, 1); }
  Sum sum() const override { return Sum::kGathered; }
  void ForgetLength() override { length_.Forget(); }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("natural", state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }

 private:
  template <bool kAdd>
  absl::Status DecodeTo(std::span<const uint8_t> payload, std::span<float> gradient) const {
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(CheckPayloadSize("natural", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
    RETURN_IF_ERROR(CheckPadding("natural", payload.subspan(gradient.size()), d, 1));
    alignas(64) float scratch[kBlock];
    const bool streams = !kAdd && IsLong(d);
    for (int64_t at = 0; at < d; at += kBlock) {
      const int64_t count = std::min(kBlock, d - at);
      float* const values = kAdd || streams ? scratch : gradient.data() + at;
      const std::span<float> block(values, static_cast<size_t>(count));
      SignsToFloats(payload.data() + d + at / 8, {1, -1}, block);
      if (!HWY_DYNAMIC_DISPATCH(ScaleByExponentsAny)(payload.data() + at, count, values))
        return DamagedElementError("natural",
                                   std::find(payload.begin() + at, payload.end(), 255) - payload.begin());
      if (kAdd) AddBlock(block, gradient.data() + at);
      if (streams) StreamBlock(block, gradient.data() + at);
    }
    if (streams) FinishStreams();
    return absl::OkStatus();
  }

  const uint64_t own_seed_;
  uint64_t seed_;  // of the draws
  BucketLength length_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "natural",
         .title = "Natural compression",
         .summary = "Sends sign and exponent of each element, 9 bits, rounded at random to one of the "
                    "two powers of two around it: unbiased, at most an eighth more variance, no scale "
                    "to share. A safe choice where elements differ by orders of magnitude.",
         .citation = "Horvath et al. Natural Compression for Distributed Deep Learning. MSML 2022",
         .params = {{.name = "seed",
                     .type = ParamType::kInteger,
                     .default_value = 0,
                     .minimum = 0,
                     .maximum = 1e9,
                     .doc = "Of the draws, with that of the run; they also depend on rank, step, element "
                            "and the gradient's signs: the same run twice, or resumed, draws the "
                            "same."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<Natural>(static_cast<uint64_t>(params.Integer("seed")));
    });

}  // namespace
}  // namespace concertina
#endif  // HWY_ONCE
