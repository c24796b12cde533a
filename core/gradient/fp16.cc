// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fp16.cc: sends the gradient as IEEE 754 binary16, rounded to the nearest, ties to even.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   |x - half(x)| <= max(2^-11 |x|, 2^-25)   for |x| <= 65504
// Larger magnitudes become 65504: a clipped gradient trains on, an infinite one ends the run. A sum of halves
// over ranks can still overflow; Decode refuses it. Payload, little endian: d values f16. Payloads are summed
// as halves.
#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/half.h"
#include "core/gradient/sparsifier.h"

namespace concertina {
namespace {

class Fp16 final : public Codec, public TakesAnyLength {
 public:
  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    payload.resize(2 * gradient.size());
    return FloatsToHalves(gradient, payload.data()) ? absl::OkStatus() : NotFiniteError(gradient);
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckSize(payload, gradient));
    return HalvesToFloats(payload.data(), gradient) ? absl::OkStatus() : Damaged(payload);
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckSize(payload, gradient));
    return AddHalves(payload.data(), gradient) ? absl::OkStatus() : Damaged(payload);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 2 * d; }
  Sum sum() const override { return Sum::kFloat16; }
  void ForgetLength() override { length_.Forget(); }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("fp16", state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }

 private:
  absl::Status CheckSize(std::span<const uint8_t> payload, std::span<float> gradient) const {
    const auto d = static_cast<int64_t>(gradient.size());
    return CheckPayloadSize("fp16", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d);
  }
  static absl::Status Damaged(std::span<const uint8_t> payload) {
    return Annotate(DamagedElementError(
                        "fp16", FirstNotFiniteHalf(payload.data(), static_cast<int64_t>(payload.size() / 2))),
                    "the payload is damaged, or the ranks' sum is beyond 65504");
  }

  BucketLength length_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "fp16",
         .title = "Half precision",
         .summary = "Sends each element in 2 bytes, rounded to 11 bits; magnitudes above 65504 become 65504.",
         .citation = "Micikevicius et al. Mixed Precision Training. ICLR 2018"}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Codec>> { return std::make_unique<Fp16>(); });

}  // namespace
}  // namespace concertina
