// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fedavg_exchange.cc: the server takes the mean of the clients' parameters [cited below].
//   w_(t+1) = w_t + eta Delta, eta = 1: sum_k n_k w_k / sum_k n_k over the clients that took part
#include "core/base/registry.h"
#include "core/parallel/federated_exchange.h"

namespace concertina {
namespace {

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "fedavg",
         .title = "Federated averaging (FedAvg)",
         .summary =
             "Each round a few of many clients train on their own samples for E epochs, with a fresh "
             "optimiser, "
             "and the server takes the mean of their parameters, weighted by their numbers of samples n_k: "
             "w = sum n_k w_k / sum n_k. Samples never leave their client, and communication is paid once a "
             "round instead of once a step: 4d bytes down and up for each client. It wants few rounds where "
             "the "
             "clients' samples look alike; where they do not, clients drift to their own optima, and more "
             "local "
             "work helps less (see fedprox and scaffold).",
         .citation =
             "McMahan, Moore, Ramage, Hampson, Agüera y Arcas. Communication-Efficient Learning of Deep "
             "Networks from Decentralized Data. AISTATS 2017",
         .params = FederatedParams(1.0)}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<FederatedExchange>(params);
    });

}  // namespace
}  // namespace concertina
