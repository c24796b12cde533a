// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// iterative_magnitude.cc: how lottery tickets are found: prune a little, go back to the beginning, train
// again, and so on [cited below].
//   n rounds:   of the weights that are left in each layer the share p of least magnitude goes,
//               w_i <- m_i w_i(0), and the model trains              (1 - p)^n of the weights are left
// The layer that gives the prediction is small and needed: the paper prunes it at half the rate. Without
// rewinding it is iterative pruning [Han, Pool, Tran, Dally. NIPS 2015].
// 15 rounds of 0.2, 0.1 of the last layer, leave 3.6 % of LeNet-300-100. Each round is a whole training: this
// is how to find out, not how to save time.
// The first values are the experiment's, before its own training: see rewind.cc for models from a file.
// On the way of the data: experiment/spec.h's recipe -> here (pruning_mask.h, first_values.h) ->
// worker/recipe_loop.cc trains after each round (nn/held_optimizer.h keeps the zeros) -> edge/model_file.h.
#include <algorithm>
#include <cmath>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/first_values.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"

namespace concertina {
namespace {

struct IterativeOptions {
  double share = 0.2, output_share = 0.1;
  int rounds = 15;
  bool rewinds = true;
  std::string scope;
  double epochs_per_round = 1, learning_rate_factor = 1;
  std::string layers;
};

class IterativeMagnitude final : public Compressor {
 public:
  explicit IterativeMagnitude(IterativeOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, options_.layers));
    ASSIGN_OR_RETURN(const std::vector<int> layers, ChooseLayers(graph, "*"));
    const ValueId last = graph.nodes()[static_cast<size_t>(layers.back())].inputs[1];
    Graph pruned = graph;
    for (const std::vector<PrunableWeight>& group : RankedTogether(weights, options_.scope)) {
      const bool is_output = options_.scope == "layer" && group[0].weight == last;
      int64_t zeros = 0, count = 0;
      for (const PrunableWeight& each : group) {
        const std::vector<float>& weight = GivenOf(graph, each.weight);
        zeros += std::count(weight.begin(), weight.end(), 0.0F);
        count += std::ssize(weight);
      }
      const int64_t go = PrunedCount(is_output ? options_.output_share : options_.share, count - zeros);
      PruneSmallest(pruned, group, static_cast<double>(zeros + go) / static_cast<double>(count));
    }
    if (!options_.rewinds) return pruned;
    if (context.first == nullptr)
      return absl::FailedPreconditionError(
          "prune-iterative: the model's first values were not kept; take "
          "\"rewind\": false to go on from those it has");
    RETURN_IF_ERROR(RewindTo(pruned, *context.first, "prune-iterative"));
    return pruned;
  }
  int rounds() const override { return options_.rounds; }
  double retrain_epochs() const override { return options_.rounds * options_.epochs_per_round; }
  double retrain_learning_rate_factor() const override { return options_.learning_rate_factor; }

 private:
  const IterativeOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-iterative",
         .title = "Find a lottery ticket",
         .summary = "In each round a share of the weights that are left becomes zero, the others go back to "
                    "the values that they began with, and the model trains anew. What is left at the end, a "
                    "few weights in a hundred, learns as well as the whole did, if the ticket wins. "
                    "Give the experiment its own training before: a model from a file has lost its first "
                    "values.",
         .citation = "Frankle, Carbin. The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural "
                     "Networks. ICLR 2019",
         .params =
             {{.name = "share",
               .default_value = 0.2,
               .minimum = 0,
               .maximum = 1,
               .doc = "Of the weights that are left: so many go in each round."},
              {.name = "output_share",
               .default_value = 0.1,
               .minimum = 0,
               .maximum = 1,
               .doc = "The same of the layer that gives the prediction, where the scope is \"layer\"."},
              {.name = "rounds",
               .type = ParamType::kInteger,
               .unit = "rounds",
               .default_value = 15,
               .minimum = 1,
               .maximum = 1000,
               .doc = "How often; with a share of 0.2, 15 leave 3.5 % and 10 leave 11 %."},
              {.name = "epochs_per_round",
               .unit = "epochs",
               .default_value = 1.0,
               .minimum = 1e-6,
               .maximum = 100000,
               .doc = "Passes over the training samples after each round, as many as the whole model had, by "
                      "the experiment's optimiser (begun anew)."},
              {.name = "learning_rate_factor",
               .default_value = 1.0,
               .minimum = 1e-6,
               .maximum = 1000,
               .doc = "Of the experiment's learning rate; 1 where the model begins anew."},
              {.name = "rewind",
               .type = ParamType::kBoolean,
               .default_value = true,
               .doc = "Back to the first values in each round; else the weights that are left train on."},
              ScopeParam(),
              LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<IterativeMagnitude>(
          IterativeOptions{.share = params.Number("share"),
                           .output_share = params.Number("output_share"),
                           .rounds = static_cast<int>(params.Integer("rounds")),
                           .rewinds = params.Boolean("rewind"),
                           .scope = params.Text("scope"),
                           .epochs_per_round = params.Number("epochs_per_round"),
                           .learning_rate_factor = params.Number("learning_rate_factor"),
                           .layers = params.Text("layers")});
    });

}  // namespace
}  // namespace concertina
