// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fp8.cc: 8-bit floats, E4M3 or E5M2, of a block that is scaled to their range, rounded to the nearest even.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   m = max |x_i| of the block,  value = fp8(x_i F / m) m / F,   F = 448 for E4M3, 57344 for E5M2
//   |y - fp8(y)| <= max(2^-(M+1) |y|, 2^-(B+M))    M bits of mantissa, bias B: 3 and 7, or 2 and 15
// E4M3 [Micikevicius et al. 2022] has no infinity, and one NaN; E5M2 is half precision's upper byte. Beside
// int8, small elements of a block keep their relative precision, and large ones have less.
//   Payload: block_codec.h's, one scale m, codes of 8 bits: the floats. 1 + 4 / b bytes an element.
#include <bit>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/fp8.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/levels.h"
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr float PowerOfTwo(int exponent) {  // of a normal float
  return std::bit_cast<float>(static_cast<uint32_t>(exponent + 127) << 23);
}

// y = x lift inverse, as 8-bit floats of kMantissa bits and a bias of kBias; magnitudes beyond `most` become
// that.
template <int kMantissa, int kBias>
void ToFp8(const float* x, int64_t n, InverseStep step, float most, uint8_t* codes) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  constexpr int kDropped = 23 - kMantissa;
  const auto lift = hn::Set(d, step.lift), inverse = hn::Set(d, step.inverse), greatest = hn::Set(d, most);
  const auto one = hn::Set(du, 1U), half_less_one = hn::Set(du, (1U << (kDropped - 1)) - 1);
  const auto bias = hn::Set(du, static_cast<uint32_t>(127 - kBias) << 23);
  // Subnormal codes are multiples of 2^(1 - kBias - kMantissa). So are floats of 2^(24 - kBias - kMantissa)
  // and a little more: adding that rounds to them.
  const auto magic = hn::Set(d, PowerOfTwo(24 - kBias - kMantissa));
  const auto least_normal = hn::Set(d, PowerOfTwo(1 - kBias));
  const auto convert = [&](auto v) HWY_ATTR {
    const auto y = hn::Min(hn::Mul(hn::Mul(hn::Abs(v), lift), inverse), greatest);
    const auto bits = hn::BitCast(du, y);
    const auto lowest = hn::And(hn::ShiftRight<kDropped>(bits), one);
    const auto rounded = hn::Sub(hn::Add(bits, hn::Add(lowest, half_less_one)), bias);
    const auto normal = hn::ShiftRight<kDropped>(rounded);
    const auto subnormal = hn::Sub(hn::BitCast(du, hn::Add(y, magic)), hn::BitCast(du, magic));
    const auto is_subnormal = hn::RebindMask(du, hn::Lt(y, least_normal));
    const auto sign = hn::ShiftLeft<7>(hn::ShiftRight<31>(hn::BitCast(du, v)));
    const auto code = hn::Or(hn::IfThenElse(is_subnormal, subnormal, normal), sign);
    return hn::DemoteTo(d8, hn::BitCast(di, code));
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d, x + i)), d8, codes + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d8, convert(LoadPart(d, x + i, count)), codes + i, count); });
}

// False if a magnitude is beyond `most`, as a code: NaN or infinite.
template <int kMantissa, int kBias>
bool FromFp8(const uint8_t* codes, int64_t n, Step step, int most, float* values) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const auto size = hn::Set(d, step.size), unscale = hn::Set(d, step.unscale);
  const auto magnitude_mask = hn::Set(di, 0x7f), bias = hn::Set(di, (127 - kBias) << 23);
  const auto least_normal = hn::Set(di, 1 << kMantissa);
  const auto unit = hn::Set(d, PowerOfTwo(1 - kBias - kMantissa));
  auto largest = hn::Zero(di);
  const auto convert = [&](auto v8) HWY_ATTR {
    const auto code = hn::PromoteTo(di, v8);
    const auto magnitude = hn::And(code, magnitude_mask);
    largest = hn::Max(largest, magnitude);
    const auto normal = hn::BitCast(d, hn::Add(hn::ShiftLeft<23 - kMantissa>(magnitude), bias));
    const auto subnormal = hn::Mul(hn::ConvertTo(d, magnitude), unit);
    const auto y = hn::IfThenElse(hn::RebindMask(d, hn::Lt(magnitude, least_normal)), subnormal, normal);
    const auto sign = hn::BitCast(d, hn::ShiftLeft<24>(hn::AndNot(magnitude_mask, code)));
    return hn::Or(hn::Mul(hn::Mul(y, size), unscale), sign);
  };
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { hn::StoreU(convert(hn::LoadU(d8, codes + i)), d, values + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { StorePart(d, convert(LoadPart(d8, codes + i, count)), values + i, count); });
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, most + 1)));
}

void ToE4M3Any(const float* x, int64_t n, InverseStep step, float most, uint8_t* codes) {
  ToFp8<3, 7>(x, n, step, most, codes);
}
void ToE5M2Any(const float* x, int64_t n, InverseStep step, float most, uint8_t* codes) {
  ToFp8<2, 15>(x, n, step, most, codes);
}
bool FromE4M3Any(const uint8_t* codes, int64_t n, Step step, int most, float* values) {
  return FromFp8<3, 7>(codes, n, step, most, values);
}
bool FromE5M2Any(const uint8_t* codes, int64_t n, Step step, int most, float* values) {
  return FromFp8<2, 15>(codes, n, step, most, values);
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/norms.h"

namespace concertina {

HWY_EXPORT(ToE4M3Any);
HWY_EXPORT(ToE5M2Any);
HWY_EXPORT(FromE4M3Any);
HWY_EXPORT(FromE5M2Any);

namespace {

class Fp8 final : public BlockCodec {
 public:
  Fp8(int64_t block, bool is_e4m3)
      : BlockCodec({.kind = "fp8", .block = block, .bits = 8}), is_e4m3_(is_e4m3) {}

  double ErrorBound(int64_t d) const override {
    const auto others = static_cast<double>(BlockOf(d) - 1);  // each at most a subnormal's half step off
    return is_e4m3_ ? 0x1p-8 + others * std::pow(0x1p-10 / most(), 2)
                    : 0x1p-6 + others * std::pow(0x1p-17 / most(), 2);
  }

 private:
  float most() const { return is_e4m3_ ? 448.0F : 57344.0F; }

  bool EncodeBlock(std::span<const float> x, int64_t, float* scales, uint8_t* packed) override {
    scales[0] = MaxMagnitude(x);
    if (!std::isfinite(scales[0])) return false;
    const auto to = is_e4m3_ ? HWY_DYNAMIC_DISPATCH(ToE4M3Any) : HWY_DYNAMIC_DISPATCH(ToE5M2Any);
    to(x.data(), static_cast<int64_t>(x.size()), InverseStepOf(scales[0], most()), most(), packed);
    return true;
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    const auto from = is_e4m3_ ? HWY_DYNAMIC_DISPATCH(FromE4M3Any) : HWY_DYNAMIC_DISPATCH(FromE5M2Any);
    return from(packed, static_cast<int64_t>(values.size()), StepOf(scales[0], most()),
                is_e4m3_ ? 0x7e : 0x7b, values.data());
  }

  const bool is_e4m3_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor({.category = "gradient-codec",
                .kind = "fp8",
                .title = "8-bit floating point",
                .summary = "Sends each element as an 8-bit float, scaled so that the largest magnitude of "
                           "its block just fits. A quarter of the bytes; better than int8 where a block's "
                           "elements differ by orders of magnitude, worse where they do not.",
                .citation = "Micikevicius et al. FP8 Formats for Deep Learning. 2022",
                .params = {{.name = "format",
                            .type = ParamType::kChoice,
                            .default_value = "e4m3",
                            .choices = {"e4m3", "e5m2"},
                            .doc = "e4m3: 4 bits of exponent, relative error up to 1/16 over a range of 2^15 "
                                   "to 1. e5m2: up to 1/8, over 2^30 to 1."},
                           {.name = "block",
                            .type = ParamType::kInteger,
                            .unit = "elements",
                            .default_value = 1024,
                            .minimum = BlockCodec::kBlockUnit,
                            .maximum = BlockCodec::kLargestBlock,
                            .doc = "Elements that share one scale, a multiple of 64."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      return std::make_unique<Fp8>(params.Integer("block"), params.Text("format") == "e4m3");
    });

}  // namespace
}  // namespace concertina
#endif  // HWY_ONCE
