// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// measured_encode.cc: see measured_encode.h.
#include "core/parallel/measured_encode.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/gradient/integrator.h"

namespace concertina {
namespace {

constexpr int64_t kErrorPeriodSteps = 16;

}  // namespace

bool MeasuresError(int64_t step) { return step % kErrorPeriodSteps == 0; }

void AddError(std::span<const float> before, std::span<const float> decoded, ExchangeCost& cost) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const double difference = static_cast<double>(before[i]) - decoded[i];
    error += difference * difference;
    norm += static_cast<double>(before[i]) * before[i];
  }
  cost.error_squared += error;
  cost.gradient_squared += norm;
  cost.error_measured = true;
}

absl::Status MeasuredEncode(Codec& codec, std::span<float> gradient, std::span<float> before, int64_t step,
                            std::vector<uint8_t>& payload, ExchangeCost& cost) {
  const bool measure = MeasuresError(step);
  if (measure) std::copy(gradient.begin(), gradient.end(), before.begin());
  const double begin = Clock::Real().SteadySeconds();
  const absl::Status status = codec.Encode(gradient, step, payload);
  cost.encode_seconds += Clock::Real().SteadySeconds() - begin;
  RETURN_IF_ERROR(status);
  cost.dense_bytes += gradient.size_bytes();
  cost.encoded_bytes += payload.size();
  cost.residual_squared += codec.ResidualNormSquared();
  if (!measure) return absl::OkStatus();
  // What the others will make of it; the gradient itself is overwritten by the average anyway.
  if (const auto* integrator = dynamic_cast<const Integrator*>(&codec);
      integrator != nullptr && integrator->integrates()) {
    const std::span<const float> sent = integrator->sent_so_far();
    std::copy(sent.begin(), sent.end(), gradient.begin());
  } else {
    RETURN_IF_ERROR(codec.Decode(payload, gradient));
  }
  AddError(before, gradient, cost);
  return absl::OkStatus();
}

}  // namespace concertina
