// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// break_even.h: from how slow a link on a gradient codec pays, worked out from what two runs measured.
// On the way of the data: figures of runs, analysis/traffic_map.h -> here -> `concertinactl sweep`,
// ui/client/comparison_model.h.
//
// The alpha-beta model of step_cost.h [Thakur, Rabenseifner, Gropp. Optimization of Collective Communication
// Operations in MPICH. IJHPCA 2005], every link alike, with the codec's own time beside the communication:
//
//   T(b, l) = c + x(b, l),   x(b, l) = e + R l + 8 n / b
//
// c: computing; e: encode and decode, measured; R: messages of a step that wait for one another; n: bytes
// that wait for one another, as they were counted; b, l: bandwidth and latency of a link. Of dense (0) and
// compressed (1) at the same l, x_1 < x_0 where
//
//   8 (n_0 - n_1) / b > D,   D = (e_1 - e_0) + (R_1 - R_0) l
//
// so the codec pays below b* = 8 (n_0 - n_1) / D where it saves bytes and costs time; always if it costs
// none; and where it sends more, but in fewer rounds, above b*. PowerSGD's second round, and a gathered
// codec's single one, are in R. Computing is left out: a codec leaves the model's arithmetic as it is, and
// c_1 - c_0 is noise. Overlap with the backward pass moves nothing: what a step waits for grows with x by one
// rule for both (step_cost.h's "exposed"), so who has the smaller x has the shorter step, or none has.
//
// Each pair of ranks has a link of its own, as the emulation has it: who sends to all others at once sends
// through all of them. Where a rank's links share a cable, a gathered codec puts N - 1 payloads through it,
// and pays from a slower link on than b* says.
//
// Not in it: what the machine itself takes to send bytes, which counts on a link near its own speed; and that
// ranks without a core each slow one another's encoding: then e is that of the machine as it was measured.
#pragma once

#include <optional>
#include <string>

#include "core/analysis/traffic_map.h"

namespace concertina {

struct MeasuredStep {
  double compute_seconds = 0;
  double codec_seconds = 0;  // encode and decode
  double rounds = 0;         // R
  double bytes = 0;          // n
};

struct LinkSpeed {
  double bandwidth_mbit = 0;  // 0: free
  double latency_ms = 0;
};

// T. Without overlap.
double StepSecondsOn(const MeasuredStep& step, const LinkSpeed& link);

struct BreakEven {
  enum class Pays { kAlways, kNever, kBelow, kAbove, kUnknown };
  Pays pays = Pays::kUnknown;  // a figure is not finite
  double bandwidth_mbit = 0;   // b* of kBelow and kAbove
};
const char* PaysName(BreakEven::Pays pays);  // "always", "never", "below", "above", "unknown"

// On links of that latency.
BreakEven FindBreakEven(const MeasuredStep& dense, const MeasuredStep& compressed, double latency_ms);

// A step on the links that it was measured on.
struct StepOnLinks {
  MeasuredStep step;
  double latency_ms = 0;  // of the slowest link
};
// `plan_json`: the run's plan, whose rounds and flows these are. `sent_bytes`: counted, a step, of all ranks'
// payloads. Nothing where nothing is sent, or the plan is not known ("").
std::optional<StepOnLinks> StepOf(const std::string& plan_json, double sent_bytes, double compute_seconds,
                                  double codec_seconds);

// n as the plan's flows have it, in bytes a step (TrafficMap::InTurn); 0 where nothing is sent.
double BytesInTurn(const TrafficMap& traffic);

}  // namespace concertina
