// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// none.cc: sends the gradient as it is.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
// Payload, little endian: d values f32. Lossless; payloads are summed as floats.
#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/sparsifier.h"

namespace concertina {
namespace {

class None final : public Codec, public TakesAnyLength {
 public:
  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    payload.resize(gradient.size_bytes());
    if (CopyFinite(reinterpret_cast<const uint8_t*>(gradient.data()), payload.data(), Size(gradient)))
      return absl::OkStatus();
    return NotFiniteError(gradient);
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckPayloadSize("none", Size(payload), MaxPayloadBytes(Size(gradient)), Size(gradient)));
    if (CopyFinite(payload.data(), reinterpret_cast<uint8_t*>(gradient.data()), Size(gradient)))
      return absl::OkStatus();
    return DamagedElementError("none", FirstNotFinite(payload.data(), Size(gradient)));
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(CheckPayloadSize("none", Size(payload), MaxPayloadBytes(Size(gradient)), Size(gradient)));
    if (AddFinite(payload.data(), gradient.data(), Size(gradient))) return absl::OkStatus();
    return DamagedElementError("none", FirstNotFinite(payload.data(), Size(gradient)));
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 * d; }
  double ErrorBound(int64_t) const override { return 0; }
  Sum sum() const override { return Sum::kFloat32; }
  void ForgetLength() override { length_.Forget(); }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("none", state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }

 private:
  template <class T>
  static int64_t Size(std::span<T> items) {
    return static_cast<int64_t>(items.size());
  }

  BucketLength length_;
};

REGISTER_COMPONENT(Codec,
                   Descriptor({.category = "gradient-codec",
                               .kind = "none",
                               .title = "None",
                               .summary = "Sends the gradient as it is, 4 bytes an element.",
                               .citation = ""}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Codec>> {
                     return std::make_unique<None>();
                   });

}  // namespace
}  // namespace concertina
