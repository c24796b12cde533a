// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// retrain.cc: the step of a recipe that trains on, with whatever strategy the experiment has.
// On the way of the data: experiment/spec.h's recipe -> here says how long -> worker/recipe_loop.cc.
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/training_params.h"

namespace concertina {
namespace {

class Retrain final : public Compressor {
 public:
  Retrain(double epochs, double factor) : epochs_(epochs), factor_(factor) {}
  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    return graph;
  }
  double retrain_epochs() const override { return epochs_; }
  double retrain_learning_rate_factor() const override { return factor_; }

 private:
  double epochs_, factor_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "retrain",
         .title = "Retrain",
         .summary =
             "Trains on, so that what a step before took away is made good: what was pruned stays zero, "
             "what shares a value goes on sharing it, what lies on a grid stays there.",
         .citation = "Han, Pool, Tran, Dally. Learning both Weights and Connections for Efficient Neural "
                     "Networks. NIPS 2015",
         .params = {EpochsParam(), LearningRateFactorParam(0.1)}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Retrain>(params.Number("epochs"), params.Number("learning_rate_factor"));
    });

}  // namespace
}  // namespace concertina
