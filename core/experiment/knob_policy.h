// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_policy.h: turns a live knob while the run goes, instead of a person. Category "knob-policy".
// On the way of the data: experiment/spec.h's knobs, and what the steps cost -> here ->
// worker/knob_turns.h, between two steps.
//
// Every rank has a policy of its own and asks it at the same steps; since all are told the same, all turn to
// the same value. A policy knows no types: who asks it rounds for a knob of whole numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// What the steps since the last turn cost all workers together.
struct KnobMeasure {
  double bytes = 0;             // sent, with all that surrounds the payload
  double seconds = 0;           // of steps: N workers that all step for a second have N
  double error_squared = 0;     // sum ||x - Decode(Encode(x))||^2, of the steps that measure it
  double gradient_squared = 0;  // sum ||x||^2 of the same
};

// What a policy makes of a moment.
struct KnobTurn {
  double value = 0;
  bool is_marked = true;  // on the charts: where a knob changes all the time, only the first and the last are
};

class KnobPolicy {
 public:
  virtual ~KnobPolicy() = default;

  // Of its own parameters, those that are values of the knob, and must lie in its range.
  virtual std::vector<std::string> values() const = 0;
  // Whether it turns by what was measured (Turn), every `every_steps()` steps. Else by the step alone (At).
  virtual bool measures() const { return false; }
  virtual int64_t every_steps() const { return 1; }

  // The knob before `step` of `total_steps`: of the step alone, so that it is the same on every rank, and
  // after a resume. O(1), allocates nothing.
  virtual KnobTurn At(int64_t /*step*/, int64_t /*total_steps*/) const { return {}; }
  // The next value of a knob that is `value`, by what was measured since the last turn. Nothing: it stays.
  virtual std::optional<double> Turn(double /*value*/, const KnobMeasure& /*measured*/) {
    return std::nullopt;
  }

  // What it remembers, for checkpoints: the same bytes give the same future.
  virtual void SaveState(std::vector<uint8_t>& state) const { state.clear(); }
  virtual absl::Status LoadState(std::span<const uint8_t> state) {
    return state.empty() ? absl::OkStatus()
                         : absl::DataLossError("a policy that remembers nothing has a state");
  }
  // Live knobs of its own: the new, checked parameters.
  virtual absl::Status Change(const Params& /*params*/) { return absl::OkStatus(); }
};

}  // namespace concertina
