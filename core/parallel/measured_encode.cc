// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// measured_encode.cc: see measured_encode.h.
#include "core/parallel/measured_encode.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/gradient/integrator.h"

namespace concertina {

bool MeasuresError(int64_t step, int64_t every_steps) { return step % every_steps == 0; }

void AddError(std::span<const float> before, std::span<const float> decoded, const MeteredPlace& place,
              ExchangeCost& cost) {
  Agreement agreed;
  if (place.meter != nullptr)
    place.meter->AddAgreement(place.offset, before, decoded, agreed);
  else
    agreed = AgreementOf(before, decoded);
  cost.error_squared += agreed.error_squared;
  cost.gradient_squared += agreed.gradient_squared;
  cost.decoded_squared += agreed.decoded_squared;
  cost.product += agreed.product;
  cost.error_measured = true;
}

absl::Status MeasuredEncode(Codec& codec, std::span<float> gradient, std::span<float> before, int64_t step,
                            std::vector<uint8_t>& payload, ExchangeCost& cost, const MeteredPlace& place) {
  const bool measure = MeasuresError(step, place.every_steps);
  if (measure) {
    std::copy(gradient.begin(), gradient.end(), before.begin());
    if (place.meter != nullptr)
      place.meter->AddGradient(place.offset, gradient, codec.residual(), place.scaled_by);
  }
  const double begin = Clock::Real().SteadySeconds();
  const absl::Status status = codec.Encode(gradient, step, payload);
  cost.encode_seconds += Clock::Real().SteadySeconds() - begin;
  RETURN_IF_ERROR(status);
  cost.dense_bytes += gradient.size_bytes();
  cost.encoded_bytes += payload.size();
  cost.residual_squared += codec.ResidualNormSquared();
  if (!measure) return absl::OkStatus();
  // What the others will make of it; the gradient itself is overwritten by the average anyway.
  const auto* integrator = dynamic_cast<const Integrator*>(&codec);
  const bool integrates = integrator != nullptr && integrator->integrates();
  const bool is_chosen = codec.sends_chosen();
  if (!integrates || (is_chosen && place.meter != nullptr)) RETURN_IF_ERROR(codec.Decode(payload, gradient));
  if (place.meter != nullptr) place.meter->AddPayload(place.offset, gradient, payload.size(), is_chosen);
  if (integrates) {
    const std::span<const float> sent = integrator->sent_so_far();
    std::copy(sent.begin(), sent.end(), gradient.begin());
  }
  AddError(before, gradient, place, cost);
  return absl::OkStatus();
}

}  // namespace concertina
