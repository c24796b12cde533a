// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exponential_policy.cc: a knob that changes by equal factors, as the ratio of a sparsifier does in a warm-up
// [cited below, section 3.3].
//   v(t) = from (to / from)^((t - begin) / (end - begin))
// On the way of the data: experiment/knob_ramp.h -> here -> worker/knob_turns.h.
#include <cmath>
#include <memory>

#include "core/base/registry.h"
#include "core/experiment/knob_ramp.h"

namespace concertina {
namespace {

class ExponentialPolicy final : public KnobRamp {
 public:
  using KnobRamp::KnobRamp;

 private:
  double Between(double share) const override { return from() * std::pow(to() / from(), share); }
};

REGISTER_COMPONENT(KnobPolicy,
                   Descriptor({.category = "knob-policy",
                               .kind = "exponential",
                               .title = "By equal factors",
                               .summary = "The setting goes from one value to another by equal factors.",
                               .citation = "Lin, Han, Mao, Wang, Dally. Deep Gradient Compression. ICLR 2018",
                               .params = KnobRamp::RampParams(1e-12)}),
                   [](const Params& params) -> absl::StatusOr<std::unique_ptr<KnobPolicy>> {
                     RETURN_IF_ERROR(KnobRamp::Check(params));
                     return std::make_unique<ExponentialPolicy>(params);
                   });

}  // namespace
}  // namespace concertina
