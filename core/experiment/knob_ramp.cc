// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_ramp.cc: see knob_ramp.h.
#include "core/experiment/knob_ramp.h"

#include <algorithm>

#include "fmt/format.h"

namespace concertina {

absl::Status KnobRamp::Check(const Params& params) {
  if (!params.Has("end_step") || params.Integer("end_step") >= params.Integer("begin_step"))
    return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("an end_step of {} or more, where it begins: found {}",
                                                params.Integer("begin_step"), params.Integer("end_step")));
}

KnobRamp::KnobRamp(const Params& params)
    : from_(params.Number("from")),
      to_(params.Number("to")),
      begin_step_(params.Integer("begin_step")),
      every_steps_(params.Integer("every_steps")),
      end_step_(params.Has("end_step") ? std::optional(params.Integer("end_step")) : std::nullopt) {}

KnobTurn KnobRamp::At(int64_t step, int64_t total_steps) const {
  const int64_t end = std::max(begin_step_, end_step_.value_or(total_steps - 1));
  if (step >= end) return {.value = to_};
  const int64_t turns = std::max<int64_t>(0, step - begin_step_) / every_steps_;
  if (turns == 0) return {.value = from_};
  const auto share = static_cast<double>(turns * every_steps_) / static_cast<double>(end - begin_step_);
  return {.value = Between(share), .is_marked = turns == 1};  // there it begins
}

std::vector<ParamSpec> KnobRamp::RampParams(double lowest) {
  return {{.name = "from",
           .minimum = lowest,
           .doc = "The setting until begin_step, whatever the experiment says elsewhere."},
          {.name = "to", .minimum = lowest, .doc = "The setting from end_step on."},
          {.name = "begin_step",
           .type = ParamType::kInteger,
           .unit = "steps",
           .default_value = 0,
           .minimum = 0,
           .maximum = 1e12,
           .doc = "From here on it changes."},
          {.name = "end_step",
           .type = ParamType::kInteger,
           .unit = "steps",
           .minimum = 0,
           .maximum = 1e12,
           .doc = "Here it has arrived. Left out: at the run's last step.",
           .optional = true},
          {.name = "every_steps",
           .type = ParamType::kInteger,
           .unit = "steps",
           .default_value = 10,
           .minimum = 1,
           .maximum = 1e9,
           .doc = "Steps from one small turn to the next. A turn checks the whole experiment, for some "
                  "tenths of a millisecond."}};
}

}  // namespace concertina
