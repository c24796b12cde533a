// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// choco_exchange.cc: gossip that any contractive codec may serve, CHOCO-SGD [cited below], with the step
// towards the neighbours set by hand. The method is parallel/public_copy_exchange.h.
#include "core/base/registry.h"
#include "core/parallel/bucket.h"
#include "core/parallel/public_copy_exchange.h"

namespace concertina {
namespace {

class ChocoExchange final : public PublicCopyExchange {
 public:
  ChocoExchange(MixingGraphChoice choice, double gamma, double bucket_mib)
      : PublicCopyExchange(std::move(choice), bucket_mib), gamma_(gamma) {}

  absl::Status Fits(const Circumstances& circumstances) const override {
    // With an unbiased codec that expands it is for the user to find a gamma, if there is one.
    Circumstances allowed = circumstances;
    allowed.codec_expands = false;
    RETURN_IF_ERROR(FitsDifferences("choco-sgd", allowed));
    return MixingExchange::Fits(circumstances);
  }

  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    std::vector<std::string> warnings = MixingExchange::Warnings(circumstances);
    for (std::string& warning : DifferenceWarnings("choco-sgd", circumstances))
      warnings.push_back(std::move(warning));
    return warnings;
  }

  absl::Status Change(const Params& params) override {
    gamma_ = params.Number("gamma");
    return absl::OkStatus();
  }

 private:
  double gamma() const override { return gamma_; }

  double gamma_;
};

std::vector<ParamSpec> ChocoParams() {
  std::vector<ParamSpec> params = MixingGraphChoice::ParamSpecs(/*with_exponential=*/false);
  params.push_back(
      {.name = "gamma",
       .default_value = 0.2,
       .minimum = 1e-6,
       .maximum = 1,
       .live = true,
       .doc = "The consensus step size: how far a step goes towards the neighbours. The coarser the "
              "codec, the smaller it must be, or differences grow instead of shrinking: 1 without a "
              "codec (that is gossip), 0.2 for top-k of 10 %, 0.02 for 1 %."});
  params.push_back(
      BucketMibParam("Parameters are compressed in groups of at least this size, each with a codec of its "
                     "own."));
  return params;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "choco-sgd",
         .title = "Compressed gossip (CHOCO-SGD)",
         .summary = "Gossip where workers send compressed changes of a public copy of their parameters; "
                    "what a codec holds back comes later.",
         .citation = "Koloskova, Stich, Jaggi. Decentralized Stochastic Optimization and Gossip Algorithms "
                     "with Compressed Communication. ICML 2019",
         .params = ChocoParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<ChocoExchange>(MixingGraphChoice::From(params), params.Number("gamma"),
                                             params.Number("bucket_mib"));
    });

}  // namespace
}  // namespace concertina
