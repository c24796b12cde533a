// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_unstructured.cc: weights drawn by chance become zero: what every other choice has to beat.
//   of each layer's n weights, amount n are drawn without replacement, and w_i <- 0
// On the way of the data: experiment/spec.h's recipe -> here (pruning_mask.h) -> edge/model_file.h, and
// retraining, which keeps the zeros (nn/held_optimizer.h).
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"

namespace concertina {
namespace {

class RandomUnstructured final : public Compressor {
 public:
  RandomUnstructured(double amount, std::string layers) : amount_(amount), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    Graph pruned = graph;
    for (const PrunableWeight& each : weights) {
      // By the parameter's name, as its first values are drawn: whichever other layers were chosen.
      Rng rng(context.seed, "prune-random " + graph.value(each.weight).name,
              static_cast<uint64_t>(context.step_index));
      std::vector<float> scores(GivenOf(graph, each.weight).size());
      for (float& score : scores) score = static_cast<float>(rng.Uniform());
      PruneTogether(pruned, {each}, {std::move(scores)}, amount_);
    }
    return pruned;
  }

 private:
  const double amount_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor({.category = "compressor",
                .kind = "prune-random",
                .title = "Prune weights by chance",
                .summary = "Of each layer, weights drawn by chance become zero. Not to be used, but to be "
                           "compared with: a choice of weights is worth what it gains over this.",
                .citation = "Blalock, Gonzalez Ortiz, Frankle, Guttag. What Is the State of Neural Network "
                            "Pruning? MLSys 2020",
                .params = {AmountParam("each layer's weights"), LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<RandomUnstructured>(params.Number("amount"), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
