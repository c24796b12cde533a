// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// global_magnitude.cc: the smallest weights of all layers together become zero [cited below].
//   w_i <- 0 where |w_i| is among the amount n least of all n weights of the chosen layers
// Layers of small weights lose more than others, which on the whole costs less accuracy than the same share
// of each; but a layer can be emptied, and the model is then a constant: look at the layers at large amounts.
// On the way of the data: experiment/spec.h's recipe -> here (pruning_mask.h) -> edge/model_file.h, and
// retraining, which keeps the zeros (nn/held_optimizer.h).
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"

namespace concertina {
namespace {

class GlobalMagnitude final : public Compressor {
 public:
  GlobalMagnitude(double amount, std::string layers) : amount_(amount), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    Graph pruned = graph;
    PruneSmallest(pruned, weights, amount_);
    return pruned;
  }

 private:
  const double amount_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-global",
         .title = "Prune the smallest weights of the model",
         .summary = "The weights of least magnitude become zero, ranked over all layers at once: layers "
                    "that have much to spare give more. Better than the same share of each layer, but a "
                    "layer of small weights may be emptied. Retrain afterwards.",
         .citation = "Han, Pool, Tran, Dally. Learning both Weights and Connections for Efficient Neural "
                     "Networks. NIPS 2015; Blalock et al. What Is the State of Neural Network Pruning? "
                     "MLSys 2020",
         .params = {AmountParam("all weights of the chosen layers"), LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<GlobalMagnitude>(params.Number("amount"), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
