// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// average_in_rounds.cc: see average_in_rounds.h.
#include "core/parallel/average_in_rounds.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/parallel/measured_encode.h"

namespace concertina {

absl::Status AverageInRounds(Codec& codec, const RoundsOfSums& sums, std::span<float> gradient,
                             std::span<float> before, int64_t step, ExchangeCost& cost,
                             const MeteredPlace& place) {
  SummedRounds& rounds = *codec.summed_rounds();
  const float share = 1.0F / static_cast<float>(sums.data.size());
  const bool measures = MeasuresError(step, place.every_steps);
  if (measures) {
    std::copy(gradient.begin(), gradient.end(), before.begin());
    if (place.meter != nullptr) place.meter->AddGradient(place.offset, gradient, codec.residual());
  }
  double last = Clock::Real().SteadySeconds();
  const auto add_time_to = [&last](double& seconds) {
    const double now = Clock::Real().SteadySeconds();
    seconds += now - last;
    last = now;
  };
  const int count = rounds.round_count();
  size_t payload_bytes = 0;
  cost.dense_bytes += gradient.size_bytes();
  for (int round = 0; round < count; ++round) {
    ASSIGN_OR_RETURN(const std::span<float> payload,
                     round == 0 ? rounds.Begin(gradient, step) : rounds.Next());
    add_time_to(cost.encode_seconds);
    cost.encoded_bytes += payload.size_bytes();
    payload_bytes += payload.size_bytes();
    if (measures && round + 1 == count) {
      RETURN_IF_ERROR(rounds.DecodeOwn(gradient));
      AddError(before, gradient, place, cost);
      if (place.meter != nullptr) place.meter->AddPayload(place.offset, gradient, payload_bytes, false);
      last = Clock::Real().SteadySeconds();  // to measure is no part of the exchange
    }
    if (payload.empty()) continue;  // of a bucket of vectors only the first round has anything
    RETURN_IF_ERROR(sums.data.AllReduceSum(payload, sums.deadline, share, sums.way));
    add_time_to(cost.exchange_seconds);
  }
  RETURN_IF_ERROR(rounds.Finish(gradient));
  add_time_to(cost.decode_seconds);
  cost.residual_squared += codec.ResidualNormSquared();
  return absl::OkStatus();
}

}  // namespace concertina
