// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip_exchange.cc: decentralised parallel SGD, D-PSGD: each rank mixes with its neighbours alone.
//   x_i <- sum_j W_ij x_j - lr g_i(x_i)
// One exchange of n bytes with each neighbour a step, hidden behind the gradient. Ranks' parameters differ,
// the more the smaller the spectral gap; Settle averages them in the end.
// With a codec Q differences to public copies h are sent, as DCD-PSGD does [Tang et al. Communication
// Compression for Decentralized Training. NeurIPS 2018], and what Q held back stays in them:
//   q_i = Q(x_i - h_i),  h_j <- h_j + q_j,  x_i <- x_i + gamma sum_j W_ij (h_j - h_i) - lr g_i
// Why so, and what was worse, says parallel/public_copy_exchange.h. choco-sgd is the same with a gamma of its
// own; here it follows the codec: 1, D-PSGD's whole step, where each element is sent, and else the share of
// the bytes, 2 k / d with top-k (Koloskova et al. 2019 tune it to about that).
#include "core/base/registry.h"
#include "core/parallel/bucket.h"
#include "core/parallel/public_copy_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class GossipExchange final : public PublicCopyExchange {
 public:
  GossipExchange(MixingGraphChoice choice, double gamma, double bucket_mib)
      : PublicCopyExchange(std::move(choice), bucket_mib), gamma_(gamma) {}

  absl::Status Fits(const Circumstances& circumstances) const override {
    RETURN_IF_ERROR(FitsDifferences("gossip", circumstances));
    ASSIGN_OR_RETURN(const MixingGraph graph, MixingGraph::Create(choice(), circumstances.ranks));
    if (circumstances.has_codec && graph.period() > 1)
      return absl::InvalidArgumentError(fmt::format(
          "/exchange/graph: {} has other neighbours at each step, who do not know the public copies "
          "that a codec's differences are added to; take ring, torus, hypercube or complete, or "
          "leave /gradient out",
          choice().kind));
    return absl::OkStatus();
  }
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    std::vector<std::string> warnings = MixingExchange::Warnings(circumstances);
    for (std::string& warning : DifferenceWarnings("gossip", circumstances))
      warnings.push_back(std::move(warning));
    return warnings;
  }
  absl::Status Change(const Params& params) override {
    gamma_ = params.Number("gamma");
    return absl::OkStatus();
  }

 private:
  absl::Status Ready() override {
    RETURN_IF_ERROR(Fits({.ranks = graph().ranks(), .has_codec = context().make_codec != nullptr}));
    return PublicCopyExchange::Ready();
  }
  double gamma() const override { return !has_codec() ? 1 : gamma_ > 0 ? gamma_ : sent_share(); }

  double gamma_;
};

std::vector<ParamSpec> GossipParams() {
  std::vector<ParamSpec> params = MixingGraphChoice::ParamSpecs(/*with_exponential=*/true);
  params.push_back(
      {.name = "gamma",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 1,
       .live = true,
       .doc =
           "With a codec: how far a step goes towards the neighbours' public copies. 0: by the codec, 1 "
           "where it sends each element (fp16, int8, signs), else the share of the bytes that it sends (0.2 "
           "for top-k of 10 %). Smaller, if the consensus distance grows. Without a codec it is 1."});
  params.push_back(
      BucketMibParam("With a codec: parameters are compressed in groups of at least this size, each with a "
                     "codec of its own."));
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "gossip",
         .title = "Gossip (D-PSGD)",
         .summary =
             "Each worker averages its parameters with its neighbours' and takes its own step; "
             "nobody waits for all. With a codec it sends what has changed (Tang et al., NeurIPS 2018).",
         .citation = "Lian et al. Can Decentralized Algorithms Outperform Centralized Algorithms? A Case "
                     "Study for Decentralized Parallel Stochastic Gradient Descent. NIPS 2017",
         .params = GossipParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<GossipExchange>(MixingGraphChoice::From(params), params.Number("gamma"),
                                              params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
