// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// momentum_correction.cc: momentum before a codec instead of in the optimiser, so that what a codec delays
// arrives with the velocity that it would have had [cited below].
// On the way of the data: a gradient -> here -> the inner codec.
//   u_t = m u_(t-1) + g_t,   x_t = v_t + u_t,   payload = C(x_t),   v_(t+1) = x_t - Decode(payload)
// and, with masking, u = 0 where elements were sent: their past has left with them.
// Of a codec that sends all elements nothing is delayed, and nothing is masked.
#include <algorithm>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/state_parts.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class MomentumCorrection final : public Wrapper {
 public:
  MomentumCorrection(double momentum, bool masking)
      : Wrapper("momentum-correction"), momentum_(static_cast<float>(momentum)), masking_(masking) {}
  Place place() const override { return Place::kFirst; }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    velocity_.resize(gradient.size());
    next_velocity_.resize(gradient.size());
    for (size_t i = 0; i < gradient.size(); ++i) next_velocity_[i] = momentum_ * velocity_[i] + gradient[i];
    RETURN_IF_ERROR(feedback_.Correct(next_velocity_));
    const std::span<float> x = feedback_.corrected();
    RETURN_IF_ERROR(inner().Encode(x, step, payload));
    ASSIGN_OR_RETURN(const Rest rest, SubtractSent(payload, feedback_.corrected_norm_squared(), x));
    feedback_.Commit(rest.norm_squared);
    std::swap(velocity_, next_velocity_);
    if (masking_ && rest.sent != nullptr)
      for (const uint32_t index : rest.sent->sent_indices()) velocity_[index] = 0;
    return absl::OkStatus();
  }

  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    AppendStatePart({reinterpret_cast<const uint8_t*>(velocity_.data()), 4 * velocity_.size()}, state);
    AppendStateOf(feedback_, state);
    AppendStateOf(inner(), state);
  }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> velocity, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> residual, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> of_inner, TakeStatePart(state));
    RETURN_IF_ERROR(CheckNoState("momentum-correction", state));
    const auto d = static_cast<int64_t>(velocity.size() / 4);
    if (velocity.size() != residual.size() || velocity.size() % 4 != 0 ||
        FirstNotFinite(velocity.data(), d) >= 0)
      return absl::DataLossError(
          fmt::format("momentum-correction state: a velocity of {} bytes beside a residual of {}, expected "
                      "as many finite floats",
                      velocity.size(), residual.size()));
    return LoadStateAnd(inner(), of_inner, [&] {
      RETURN_IF_ERROR(feedback_.LoadState(residual));
      if (d != 0) velocity_.resize(static_cast<size_t>(d));
      std::fill(velocity_.begin(), velocity_.end(), 0.0F);
      if (d != 0) std::memcpy(velocity_.data(), velocity.data(), velocity.size());
      return absl::OkStatus();
    });
  }

 private:
  absl::Status ChangeOwn(const Params& params) override {
    momentum_ = static_cast<float>(params.Number("momentum"));
    masking_ = params.Boolean("masking");
    return absl::OkStatus();
  }

  float momentum_;
  bool masking_;
  BucketLength length_;
  ErrorFeedback feedback_;       // v
  std::vector<float> velocity_;  // u
  std::vector<float> next_velocity_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "momentum-correction",
         .title = "Momentum correction",
         .summary = "Momentum before the codecs behind it, which remembers what they lose; the first of a "
                    "chain. The optimiser's own momentum belongs at 0 then.",
         .citation = "Lin et al. Deep Gradient Compression. ICLR 2018",
         .params = {{.name = "momentum",
                     .default_value = 0.9,
                     .minimum = 0,
                     .maximum = 0.9999,
                     .live = true,
                     .doc = "m: how much of the velocity a step keeps."},
                    {.name = "masking",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .live = true,
                     .doc = "Stops the velocity of elements that were sent, so that stale momentum does not "
                            "carry them on. Only codecs that choose elements leave others unsent."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<MomentumCorrection>(params.Number("momentum"), params.Boolean("masking"));
    });

}  // namespace
}  // namespace concertina
