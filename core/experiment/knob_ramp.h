// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_ramp.h: what the policies share that go from one value to another between two steps, in small turns.
// On the way of the data: experiment/knob_policy.h -> here -> linear_policy.cc, exponential_policy.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/experiment/knob_policy.h"

namespace concertina {

class KnobRamp : public KnobPolicy {
 public:
  // kInvalidArgument if it ends before it begins.
  static absl::Status Check(const Params& params);
  // Of parameters that Check has taken.
  explicit KnobRamp(const Params& params);

  std::vector<std::string> values() const final { return {"from", "to"}; }
  KnobTurn At(int64_t step, int64_t total_steps) const final;

  // "from" and "to" with that lowest value, "begin_step", "end_step", "every_steps".
  static std::vector<ParamSpec> RampParams(double lowest);

 protected:
  // The value at `share` of the way, 0 < share < 1.
  virtual double Between(double share) const = 0;
  double from() const { return from_; }
  double to() const { return to_; }

 private:
  const double from_, to_;
  const int64_t begin_step_, every_steps_;
  const std::optional<int64_t> end_step_;  // nothing: the run's last step
};

}  // namespace concertina
