// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// break_even.cc: see break_even.h, which has the formulas.
#include "core/analysis/break_even.h"

#include <algorithm>
#include <cmath>

namespace concertina {

double StepSecondsOn(const MeasuredStep& step, const LinkSpeed& link) {
  const double sending = link.bandwidth_mbit > 0 ? step.bytes * 8e-6 / link.bandwidth_mbit : 0;
  return step.compute_seconds + step.codec_seconds + step.rounds * link.latency_ms * 1e-3 + sending;
}

const char* PaysName(BreakEven::Pays pays) {
  switch (pays) {
    case BreakEven::Pays::kAlways:
      return "always";
    case BreakEven::Pays::kNever:
      return "never";
    case BreakEven::Pays::kBelow:
      return "below";
    case BreakEven::Pays::kAbove:
      return "above";
    case BreakEven::Pays::kUnknown:
      break;
  }
  return "unknown";
}

BreakEven FindBreakEven(const MeasuredStep& dense, const MeasuredStep& compressed, double latency_ms) {
  const double saved_mbit = 8e-6 * (dense.bytes - compressed.bytes);
  const double lost_seconds = (compressed.codec_seconds - dense.codec_seconds) +
                              (compressed.rounds - dense.rounds) * latency_ms * 1e-3;
  if (!std::isfinite(saved_mbit) || !std::isfinite(lost_seconds)) return {};
  if (saved_mbit > 0)
    return lost_seconds > 0 ? BreakEven{BreakEven::Pays::kBelow, saved_mbit / lost_seconds}
                            : BreakEven{BreakEven::Pays::kAlways};
  if (lost_seconds >= 0) return {BreakEven::Pays::kNever};
  return saved_mbit < 0 ? BreakEven{BreakEven::Pays::kAbove, saved_mbit / lost_seconds}
                        : BreakEven{BreakEven::Pays::kAlways};
}

std::optional<StepOnLinks> StepOf(const std::string& plan_json, double sent_bytes, double compute_seconds,
                                  double codec_seconds) {
  const TrafficMap traffic = TrafficMapOf(plan_json);
  const double planned = traffic.total_bytes();
  if (!(planned > 0)) return std::nullopt;  // one worker, or no plan
  StepOnLinks measured{.step = {.compute_seconds = compute_seconds,
                                .codec_seconds = codec_seconds,
                                .rounds = traffic.rounds,
                                .bytes = BytesInTurn(traffic) * sent_bytes / planned}};
  for (const TrafficFlow& flow : traffic.flows)
    measured.latency_ms = std::max(measured.latency_ms, flow.latency_ms);
  return measured;
}

double BytesInTurn(const TrafficMap& traffic) {
  return traffic.InTurn([](const TrafficFlow& flow) { return flow.bytes; });
}

}  // namespace concertina
