// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fedavgm_exchange.cc: federated averaging with momentum on the server [cited below].
//   v = beta v + Delta;  w += eta v
#include "core/base/registry.h"
#include "core/parallel/federated_exchange.h"

namespace concertina {
namespace {

class FedAvgM final : public FederatedExchange {
 public:
  explicit FedAvgM(const Params& params) : FederatedExchange(params) { TakeOwn(params); }

 private:
  void TakeOwn(const Params& params) override {
    beta_ = static_cast<float>(params.Number("server_momentum"));
  }
  absl::Status Ready(const ExchangeContext&) override {
    AddServerVector(0);
    return absl::OkStatus();
  }
  void ServerStep(const Answers& answers, std::span<float> parameters) override {
    const auto rate = static_cast<float>(server_learning_rate());
    float* const v = ServerVector(0).data();
    float* const w = parameters.data();
    for (size_t i = 0; i < parameters.size(); ++i) {
      v[i] = beta_ * v[i] + answers.change[i];
      w[i] += rate * v[i];
    }
  }
  double OwnVectors(const Circumstances&) const override { return 1; }

  float beta_ = 0;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "fedavgm",
         .title = "FedAvg with server momentum (FedAvgM)",
         .summary =
             "Federated averaging whose server takes the clients' mean change Delta as a gradient and keeps "
             "a "
             "velocity of it: v = beta v + Delta, w += eta v. Where a round's few clients hold few classes, "
             "their mean jumps from round to round, and the velocity averages over rounds. Costs one vector "
             "of "
             "memory on the server and no byte. beta = 0 is FedAvg; with a large beta take a smaller server "
             "learning rate, since the velocity grows to 1 / (1 - beta) times the change.",
         .citation = "Hsu, Qi, Brown. Measuring the Effects of Non-Identical Data Distribution for Federated "
                     "Visual Classification. 2019 (arXiv 1909.06335)",
         .params = FederatedParams(1.0,
                                   {{.name = "server_momentum",
                                     .default_value = 0.9,
                                     .minimum = 0,
                                     .maximum = 0.9999,
                                     .live = true,
                                     .doc = "beta, the share of the last round's velocity that is kept."}})}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<FedAvgM>(params);
    });

}  // namespace
}  // namespace concertina
