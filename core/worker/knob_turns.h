// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_turns.h: the policies of /knobs of one rank, and what has been measured for them.
// On the way of the data: worker/step_loop.cc's costs -> here (experiment/knob_policy.h) ->
// worker/step_loop_requests.cc, which turns the knob as if a person had.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/experiment/knob_policy.h"
#include "core/experiment/spec.h"

namespace concertina {

class KnobTurns {
 public:
  static absl::StatusOr<KnobTurns> Create(const Spec& spec);
  bool empty() const { return held_.empty(); }

  // What a step cost this rank.
  void Add(const KnobMeasure& cost);

  struct Turn {
    std::string pointer;
    std::string json;
    bool is_marked = true;
  };
  // Replaces this rank's figures by the sum of all ranks', the same on all of them.
  using Sum = absl::FunctionRef<absl::Status(std::span<float> figures)>;
  // What is to be turned before `step`, of knobs that are as `spec` says. All ranks call it at the same
  // steps, and `sum` is called by all of them alike; with nothing to turn nothing is allocated.
  absl::StatusOr<std::vector<Turn>> Before(int64_t step, int64_t total_steps, const Spec& spec, Sum sum);

  // Live knobs of the policies themselves.
  absl::Status Change(const Spec& spec);
  // By policy: what was measured since its last turn, four f64, and its own state.
  void SaveState(std::vector<uint8_t>& state) const;
  absl::Status LoadState(std::span<const uint8_t> state);

 private:
  struct Held {
    std::string pointer;
    bool is_whole = false;  // a knob of whole numbers
    std::unique_ptr<KnobPolicy> policy;
    KnobMeasure since;  // its last turn
    double value = 0;   // that the policy asked for last; not yet if NaN
  };
  std::vector<Held> held_;
};

}  // namespace concertina
