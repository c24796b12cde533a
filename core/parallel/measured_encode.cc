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

constexpr int64_t kErrorPeriodSteps = 16;  // measuring the error costs a copy and a decode

}  // namespace

absl::Status MeasuredEncode(Codec& codec, std::span<float> gradient, std::span<float> before, int64_t step,
                            std::vector<uint8_t>& payload, ExchangeCost& cost) {
  const bool measure = step % kErrorPeriodSteps == 0;
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
  double error = 0, norm = 0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    const double difference = static_cast<double>(before[i]) - gradient[i];
    error += difference * difference;
    norm += static_cast<double>(before[i]) * before[i];
  }
  cost.error_squared += error;
  cost.gradient_squared += norm;
  cost.error_measured = true;
  return absl::OkStatus();
}

}  // namespace concertina
