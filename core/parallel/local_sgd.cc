// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_sgd.cc: every worker trains alone for H steps, then all take the mean of their parameters.
//   x_i <- x_i - lr g_i(x_i)   H times;   x_i = mean_j x_j      [Stich. Local SGD Converges Fast. ICLR 2019]
// On the way of the data: worker/step_loop.cc -> parallel/periodic_averaging.h.
#include "core/base/registry.h"
#include "core/parallel/periodic_averaging.h"

namespace concertina {
namespace {

REGISTER_COMPONENT(
    Exchange,
    Descriptor({.category = "exchange",
                .kind = "local-sgd",
                .title = "Local SGD",
                .summary = "Workers train alone for H steps and then average their parameters: a H-th of the "
                           "traffic. For slow links; evaluations between averages are of each worker's own "
                           "parameters.",
                .citation = "Stich. Local SGD Converges Fast and Communicates Little. ICLR 2019",
                .params = PeriodicAveraging::CommonParams(8)}),
    [](const Params& params) { return PeriodicAveraging::Create(params, {}); });

}  // namespace
}  // namespace concertina
