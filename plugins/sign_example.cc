// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sign_example.cc: a gradient codec as a plugin, to copy: one bit an element and one scale, with error
// feedback. On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   C(x) = s sign(x),  s = ||x||_1 / d        ||x - C(x)||^2 = ||x||^2 - ||x||_1^2 / d <= (1 - 1/d) ||x||^2
// Payload, little endian: s f32 | ceil(d / 8) bytes, element i is bit i % 8 of byte i / 8, 1 for negative.
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/error_feedback.h"

namespace concertina {
namespace {

class SignExample final : public Codec {
 public:
  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(feedback_.Correct(gradient));  // x = g + e, checked for NaN and infinity
    const std::span<float> x = feedback_.corrected();
    double sum = 0;
    for (const float value : x) sum += std::abs(value);
    const auto scale = static_cast<float>(sum / static_cast<double>(x.size()));
    payload.assign(static_cast<size_t>(MaxPayloadBytes(static_cast<int64_t>(x.size()))), 0);
    std::memcpy(payload.data(), &scale, 4);
    for (size_t i = 0; i < x.size(); ++i) {
      const bool negative = std::signbit(x[i]);
      payload[4 + i / 8] |= static_cast<uint8_t>(negative << (i % 8));
      x[i] -= negative ? -scale : scale;  // what is sent leaves the residual
    }
    feedback_.Commit();
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    return DecodeAdd(payload, gradient);
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(
        CheckPayloadSize("sign-example", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
    float scale = 0;
    std::memcpy(&scale, payload.data(), 4);
    if (!std::isfinite(scale) || std::signbit(scale))
      return absl::DataLossError("sign-example payload: the scale is not a finite number of at least 0");
    if (d % 8 != 0 && payload.back() >> (d % 8) != 0)
      return absl::DataLossError("sign-example payload: there are signs beyond the last element");
    for (size_t i = 0; i < gradient.size(); ++i)
      gradient[i] += (payload[4 + i / 8] >> (i % 8) & 1) != 0 ? -scale : scale;
    return absl::OkStatus();
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 + (d + 7) / 8; }
  double ErrorBound(int64_t d) const override { return 1 - 1 / static_cast<double>(d); }
  Sum sum() const override { return Sum::kGathered; }
  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }
  void SaveState(std::vector<uint8_t>& state) const override { feedback_.SaveState(state); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return feedback_.LoadState(state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }  // nothing is live

 private:
  ErrorFeedback feedback_;
};

}  // namespace
}  // namespace concertina

CONCERTINA_PLUGIN(
    concertina::Codec,
    concertina::Descriptor({.category = "gradient-codec",
                            .kind = "sign-example",
                            .title = "Scaled sign (example plugin)",
                            .summary = "Sends each element's sign, and one scale for all.",
                            .citation = "Karimireddy et al. Error Feedback Fixes SignSGD. ICML 2019"}),
    [](const concertina::Params&) -> absl::StatusOr<std::unique_ptr<concertina::Codec>> {
      return std::make_unique<concertina::SignExample>();
    })
