// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// linear_policy.cc: a knob that goes in a straight line.
//   v(t) = from + (to - from) (t - begin) / (end - begin)
// On the way of the data: experiment/knob_ramp.h -> here -> worker/knob_turns.h.
#include <limits>
#include <memory>

#include "core/base/registry.h"
#include "core/experiment/knob_ramp.h"

namespace concertina {
namespace {

class LinearPolicy final : public KnobRamp {
 public:
  using KnobRamp::KnobRamp;

 private:
  double Between(double share) const override { return from() + (to() - from()) * share; }
};

REGISTER_COMPONENT(
    KnobPolicy,
    Descriptor({.category = "knob-policy",
                .kind = "linear",
                .title = "In a straight line",
                .summary = "The setting goes from one value to another by equal differences.",
                .citation = "Goyal et al. Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. 2017, "
                            "section 2.2 (of the learning rate)",
                .params = KnobRamp::RampParams(-std::numeric_limits<double>::infinity())}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<KnobPolicy>> {
      RETURN_IF_ERROR(KnobRamp::Check(params));
      return std::make_unique<LinearPolicy>(params);
    });

}  // namespace
}  // namespace concertina
