// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// steps_policy.cc: a knob that is multiplied every so many steps, as the ratio of deep gradient compression
// is at every epoch of its warm-up: 0.25, 0.0625, 0.0156, 0.004, 0.001 [cited below, section 3.3].
//   v(t) = from factor^floor(t / every), no further than to
// On the way of the data: experiment/knob_policy.h -> here -> worker/knob_turns.h.
#include <algorithm>
#include <cmath>
#include <memory>

#include "core/base/registry.h"
#include "core/experiment/knob_policy.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kLeastValue = 1e-12;  // of what is multiplied

class StepsPolicy final : public KnobPolicy {
 public:
  explicit StepsPolicy(const Params& params)
      : from_(params.Number("from")),
        to_(params.Number("to")),
        factor_(params.Number("factor")),
        every_steps_(params.Integer("every_steps")) {}

  std::vector<std::string> values() const override { return {"from", "to"}; }
  KnobTurn At(int64_t step, int64_t /*total_steps*/) const override {
    const double value = from_ * std::pow(factor_, static_cast<double>(step / every_steps_));
    return {.value = factor_ < 1 ? std::max(value, to_) : std::min(value, to_)};
  }

 private:
  const double from_, to_, factor_;
  const int64_t every_steps_;
};

REGISTER_COMPONENT(
    KnobPolicy,
    Descriptor(
        {.category = "knob-policy",
         .kind = "steps",
         .title = "In steps",
         .summary = "Every so many steps the setting is multiplied by a factor, up to a last value.",
         .citation = "Lin, Han, Mao, Wang, Dally. Deep Gradient Compression. ICLR 2018",
         .params = {{.name = "from",
                     .minimum = kLeastValue,
                     .doc = "The setting at first, whatever the experiment says elsewhere."},
                    {.name = "to", .minimum = kLeastValue, .doc = "The last value: it goes no further."},
                    {.name = "factor",
                     .default_value = 0.25,
                     .minimum = 1e-6,
                     .maximum = 1e6,
                     .doc = "What it is multiplied by; below 1 it falls, above 1 it rises."},
                    {.name = "every_steps",
                     .type = ParamType::kInteger,
                     .unit = "steps",
                     .default_value = 100,
                     .minimum = 1,
                     .maximum = 1e9,
                     .doc = "Steps from one multiplication to the next."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<KnobPolicy>> {
      const double from = params.Number("from"), to = params.Number("to"), factor = params.Number("factor");
      if ((factor < 1 && to > from) || (factor > 1 && to < from))
        return absl::InvalidArgumentError(
            fmt::format("a factor {} 1, which leads from {:g} to {:g}: found {:g}",
                        to > from ? "above" : "below", from, to, factor));
      return std::make_unique<StepsPolicy>(params);
    });

}  // namespace
}  // namespace concertina
