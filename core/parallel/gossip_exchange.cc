// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip_exchange.cc: decentralised parallel SGD, D-PSGD: each rank mixes with its neighbours alone.
//   x_i <- sum_j W_ij x_j - lr g_i(x_i)
// One exchange of n bytes with each neighbour a step, hidden behind the gradient. Ranks' parameters differ,
// the more the smaller the spectral gap; Settle averages them in the end.
#include "core/base/registry.h"
#include "core/parallel/mixing_exchange.h"

namespace concertina {
namespace {

class GossipExchange final : public MixingExchange {
 public:
  using MixingExchange::MixingExchange;

  absl::Status Fits(const Circumstances& circumstances) const override {
    if (circumstances.has_codec)
      return absl::InvalidArgumentError(
          "/exchange/kind: gossip sends whole parameters, which a codec of gradients would damage at every "
          "step; take choco-sgd, which compresses what has changed, or leave /gradient out");
    return MixingExchange::Fits(circumstances);
  }
  Pattern PatternOf(const Traffic& traffic) const override {
    return PatternOfMixing(traffic, sizeof(float) * static_cast<double>(traffic.floats), 1);
  }
  // All there is to know stands in the parameters and the number of the step.
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    return state.empty() ? absl::OkStatus()
                         : absl::DataLossError("gossip has no state, found " + std::to_string(state.size()) +
                                               " bytes: another exchange's?");
  }
  absl::Status ChangeCodec(const Params&) override { return absl::OkStatus(); }

 private:
  absl::Status Ready() override {
    if (!context().make_codec) return absl::OkStatus();
    return Fits({.ranks = graph().ranks(), .has_codec = true});
  }
  absl::Status Mix(int64_t step) override { return MixWhole(step, 1); }
  void TakeMixed(int64_t offset, int64_t count) override { TakeWhole(offset, count); }
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "gossip",
         .title = "Gossip (D-PSGD)",
         .summary = "Each worker averages its parameters with its neighbours' and takes its own step; "
                    "nobody waits for all.",
         .citation = "Lian et al. Can Decentralized Algorithms Outperform Centralized Algorithms? A Case "
                     "Study for Decentralized Parallel Stochastic Gradient Descent. NIPS 2017",
         .params = MixingGraphChoice::ParamSpecs(/*with_exponential=*/true)}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<GossipExchange>(MixingGraphChoice::From(params));
    });

}  // namespace
}  // namespace concertina
