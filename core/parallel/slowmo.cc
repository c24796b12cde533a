// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slowmo.cc: local SGD whose averages carry a momentum of their own.
//   u <- beta u + (x_ref - mean_i x_i) / lr;   x_ref <- x_ref - alpha lr u
// [Wang, Tantia, Ballas, Rabbat. SlowMo: Improving Communication-Efficient Distributed SGD with Slow
// Momentum. ICLR 2020]. The inner optimiser's own state is kept from period to period ("maintain"). On the
// way of the data: worker/step_loop.cc -> parallel/periodic_averaging.h.
#include "core/base/registry.h"
#include "core/parallel/periodic_averaging.h"

namespace concertina {
namespace {

OuterStep SlowMoOuter(const Params& params) {
  return {.learning_rate = params.Number("slow_learning_rate"),
          .momentum = params.Number("slow_momentum"),
          .scales_by_learning_rate = true};
}

std::vector<ParamSpec> SlowMoParams() {
  std::vector<ParamSpec> params = PeriodicAveraging::CommonParams(12);
  params.push_back({.name = "slow_momentum",
                    .default_value = 0.6,
                    .minimum = 0,
                    .maximum = 0.999,
                    .doc = "beta: how much of the last averages' direction is kept. 0 is plain local SGD."});
  params.push_back({.name = "slow_learning_rate",
                    .default_value = 1.0,
                    .minimum = 1e-6,
                    .maximum = 10,
                    .doc = "alpha: how far to go towards, or past, the average. 1 in the paper."});
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "slowmo",
         .title = "SlowMo",
         .summary = "Local SGD with a slow momentum across the averages: wins back the accuracy that long "
                    "periods lose, at no more traffic and one more vector of memory.",
         .citation = "Wang, Tantia, Ballas, Rabbat. SlowMo: Improving Communication-Efficient Distributed "
                     "SGD with Slow Momentum. ICLR 2020",
         .params = SlowMoParams()}),
    [](const Params& params) { return PeriodicAveraging::Create(params, SlowMoOuter(params)); });

}  // namespace
}  // namespace concertina
