// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fedadam_exchange.cc: the server adapts the length of its step to each parameter [cited below, algorithm 2].
//   m = b1 m + (1 - b1) Delta
//   v = b2 v + (1 - b2) Delta^2                            FedAdam
//       v - (1 - b2) Delta^2 sign(v - Delta^2)             FedYogi
//       v + Delta^2                                        FedAdagrad
//   w += eta m / (sqrt(v) + tau)
// Before the first round m = 0 and v = tau^2, and as in the paper neither moment is corrected for that.
#include <cmath>

#include "core/base/registry.h"
#include "core/parallel/federated_exchange.h"

namespace concertina {
namespace {

class FedAdam final : public FederatedExchange {
 public:
  explicit FedAdam(const Params& params)
      : FederatedExchange(params),
        rule_(params.Text("second_moment")),
        beta1_(static_cast<float>(params.Number("beta1"))),
        beta2_(static_cast<float>(params.Number("beta2"))),
        tau_(static_cast<float>(params.Number("tau"))) {}

 private:
  absl::Status Ready(const ExchangeContext&) override {
    AddServerVector(0);
    AddServerVector(tau_ * tau_);
    return absl::OkStatus();
  }

  void ServerStep(const Answers& answers, std::span<float> parameters) override {
    const float rest = 1 - beta2_;
    if (rule_ == "yogi")
      return Step(answers.change, parameters, [rest](float v, float square) {
        return v > square ? v - rest * square : v < square ? v + rest * square : v;
      });
    if (rule_ == "adagrad")
      return Step(answers.change, parameters, [](float v, float square) { return v + square; });
    Step(answers.change, parameters,
         [this, rest](float v, float square) { return beta2_ * v + rest * square; });
  }

  template <class SecondMoment>
  void Step(std::span<const float> change, std::span<float> parameters, SecondMoment second_moment) {
    const auto rate = static_cast<float>(server_learning_rate());
    float* const m = ServerVector(0).data();
    float* const v = ServerVector(1).data();
    float* const w = parameters.data();
    for (size_t i = 0; i < parameters.size(); ++i) {
      m[i] = beta1_ * m[i] + (1 - beta1_) * change[i];
      v[i] = second_moment(v[i], change[i] * change[i]);
      w[i] += rate * m[i] / (std::sqrt(v[i]) + tau_);
    }
  }
  double OwnVectors(const Circumstances&) const override { return 2; }

  const std::string rule_;
  const float beta1_, beta2_, tau_;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "fedadam",
         .title = "Adaptive server (FedAdam, FedYogi, FedAdagrad)",
         .summary = "Federated averaging whose server takes the clients' mean change as a gradient for Adam: "
                    "m = b1 m + "
                    "(1 - b1) Delta, v = b2 v + (1 - b2) Delta^2, w += eta m / (sqrt(v) + tau). Parameters "
                    "that change "
                    "seldom (rare words, rare classes) take longer steps. Costs two vectors of memory on the "
                    "server and "
                    "no byte. The server learning rate is now the length of a step of each parameter: begin "
                    "near 0.01, "
                    "and tune it together with the clients'.",
         .citation = "Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan. Adaptive Federated "
                     "Optimization. ICLR 2021",
         .params = FederatedParams(
             0.01,
             {{.name = "second_moment",
               .type = ParamType::kChoice,
               .default_value = "adam",
               .choices = {"adam", "yogi", "adagrad"},
               .doc = "adam: a moving mean of Delta^2. yogi: moves towards Delta^2 by steps that do not grow "
                      "with their distance. adagrad: the sum of all, so that steps only get shorter."},
              {.name = "beta1",
               .default_value = 0.9,
               .minimum = 0,
               .maximum = 0.9999,
               .doc = "Share of the old mean of the changes that is kept."},
              {.name = "beta2",
               .default_value = 0.99,
               .minimum = 0,
               .maximum = 0.999999,
               .doc = "Share of the old mean of their squares that is kept; not used by adagrad."},
              {.name = "tau",
               .default_value = 0.001,
               .minimum = 1e-12,
               .maximum = 1,
               .doc = "Added to the root of v: how little it adapts. Large tau comes near to FedAvgM."}})}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<FedAdam>(params);
    });

}  // namespace
}  // namespace concertina
