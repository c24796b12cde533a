// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fedprox_exchange.cc: federated averaging whose clients are held near the server's parameters, and that
// takes what a slow client has done by the deadline [cited below].
//   client k minimises F_k(w) + mu / 2 ||w - w_t||^2:  g += mu (w - w_t) at every local step
// w_t are the parameters that the round began with, not those of the local step before.
#include "core/base/registry.h"
#include "core/parallel/federated_exchange.h"

namespace concertina {
namespace {

class FedProx final : public FederatedExchange {
 public:
  explicit FedProx(const Params& params) : FederatedExchange(params) { TakeOwn(params); }

 private:
  void TakeOwn(const Params& params) override {
    mu_ = static_cast<float>(params.Number("mu"));
    partial_work_ = params.Boolean("partial_work");
  }
  bool takes_partial_work() const override { return partial_work_; }
  absl::Status BeginClient(LocalTraining& local) override {
    local.proximal = mu_;
    return absl::OkStatus();
  }

  float mu_ = 0;
  bool partial_work_ = true;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "fedprox",
         .title = "FedProx",
         .summary = "Federated averaging with a proximal term: client k minimises F_k(w) + mu/2 ||w - "
                    "w_t||^2, so that "
                    "its local steps pull back towards the server's w_t. It holds clients together where "
                    "their samples "
                    "differ or they do unequal work, and takes what a slow client has done by the deadline "
                    "instead of "
                    "leaving it out. Costs one more pass over the parameters a local step and no byte more. "
                    "mu = 0 is "
                    "FedAvg; no value of mu suits all data: try 0.001, 0.01, 0.1, 1.",
         .citation = "Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith. Federated Optimization in Heterogeneous "
                     "Networks. MLSys 2020",
         .params = FederatedParams(
             1.0,
             {{.name = "mu",
               .default_value = 0.01,
               .minimum = 0,
               .maximum = 1000,
               .live = true,
               .doc =
                   "Weight of the proximal term. Too large holds the clients where they are; 0 is FedAvg."},
              {.name = "partial_work",
               .type = ParamType::kBoolean,
               .default_value = true,
               .live = true,
               .doc = "What a client has done by /exchange/round_deadline_seconds counts, with the weight of "
                      "all its samples; otherwise it is left out of the round."}})}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<FedProx>(params);
    });

}  // namespace
}  // namespace concertina
