// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// diloco.cc: hundreds of AdamW steps alone, then one Nesterov step together on what was moved.
//   D = x_ref - mean_i x_i;   u <- mu u + D;   x_ref <- x_ref - lr_outer (D + mu u)
// [Douillard et al. DiLoCo: Distributed Low-Communication Training of Language Models. 2023,
// arXiv:2311.08105] On the way of the data: worker/step_loop.cc -> parallel/periodic_averaging.h.
#include "core/base/registry.h"
#include "core/parallel/periodic_averaging.h"

namespace concertina {
namespace {

OuterStep DiLoCoOuter(const Params& params) {
  return {.learning_rate = params.Number("outer_learning_rate"),
          .momentum = params.Number("outer_momentum"),
          .is_nesterov = true};
}

std::vector<ParamSpec> DiLoCoParams() {
  std::vector<ParamSpec> params = PeriodicAveraging::CommonParams(100);
  params.push_back({.name = "outer_learning_rate",
                    .default_value = 0.7,
                    .minimum = 1e-6,
                    .maximum = 10,
                    .doc = "Of the step together. 0.7 in the paper."});
  params.push_back({.name = "outer_momentum",
                    .default_value = 0.9,
                    .minimum = 0,
                    .maximum = 0.999,
                    .doc = "mu of the Nesterov step together. 0.9 in the paper."});
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "diloco",
         .title = "DiLoCo",
         .summary = "Workers train alone for a hundred steps or more with AdamW, then take one Nesterov "
                    "step together on what they moved. For workers that are far apart: 1/H of the "
                    "traffic; set /optimizer to adamw.",
         .citation = "Douillard et al. DiLoCo: Distributed Low-Communication Training of Language Models. "
                     "2023, arXiv:2311.08105",
         .params = DiLoCoParams()}),
    [](const Params& params) { return PeriodicAveraging::Create(params, DiLoCoOuter(params)); });

}  // namespace
}  // namespace concertina
