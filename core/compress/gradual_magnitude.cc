// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradual_magnitude.cc: the smallest weights go little by little while the model trains, many at first and
// few towards the end, when there is little left that could make up for them [cited below].
//   s_t = s_f + (s_i - s_f) (1 - (t - t_0) / (n dt))^3,    t = t_0 + dt, …, t_0 + n dt
// n are the rounds, and dt is what each trains: the first prunes at t_0 + dt, since at t_0 the model has s_i
// already, and the last to s_f just. Masks nest: what is zero stays so, and counts.
// On the way of the data: experiment/spec.h's recipe -> here (pruning_mask.h) -> worker/recipe_loop.cc trains
// between the rounds (nn/held_optimizer.h keeps the zeros) -> edge/model_file.h.
#include <cmath>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"
#include "fmt/format.h"

namespace concertina {
namespace {

struct GradualOptions {
  double amount = 0.9, initial = 0;
  int rounds = 10;
  std::string scope;
  double epochs = 1, learning_rate_factor = 0.1;
  std::string layers;
};

class GradualMagnitude final : public Compressor {
 public:
  explicit GradualMagnitude(GradualOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, options_.layers));
    const double passed = static_cast<double>(context.round + 1) / options_.rounds;
    const double amount = options_.amount + (options_.initial - options_.amount) * std::pow(1 - passed, 3);
    Graph pruned = graph;
    for (const std::vector<PrunableWeight>& group : RankedTogether(weights, options_.scope))
      PruneSmallest(pruned, group, amount);
    return pruned;
  }
  int rounds() const override { return options_.rounds; }
  double retrain_epochs() const override { return options_.epochs; }
  double retrain_learning_rate_factor() const override { return options_.learning_rate_factor; }

 private:
  const GradualOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-gradual",
         .title = "Prune gradually",
         .summary = "The smallest weights become zero in many small rounds with training between, many at "
                    "first and few at the end: more can go than at once, for the same training.",
         .citation = "Zhu, Gupta. To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model "
                     "Compression. 2017",
         .params = {{.name = "amount",
                     .default_value = 0.9,
                     .minimum = 0,
                     .maximum = 1,
                     .doc = "Share of the weights that is zero afterwards; what is zero already counts."},
                    {.name = "initial",
                     .default_value = 0.0,
                     .minimum = 0,
                     .maximum = 1,
                     .doc = "The share that the schedule begins from; at most the amount. That of a model "
                            "that was pruned before, else 0."},
                    {.name = "rounds",
                     .type = ParamType::kInteger,
                     .unit = "rounds",
                     .default_value = 10,
                     .minimum = 1,
                     .maximum = 1000,
                     .doc = "How often some weights go."},
                    {.name = "epochs",
                     .unit = "epochs",
                     .default_value = 2.0,
                     .minimum = 1e-6,
                     .maximum = 100000,
                     .doc = "Passes over the training samples in all, the same part of them after each "
                            "round, by the experiment's optimiser (begun anew each time)."},
                    {.name = "learning_rate_factor",
                     .default_value = 0.3,
                     .minimum = 1e-6,
                     .maximum = 1000,
                     .doc = "Of the experiment's learning rate. Too small, and the model cannot make up for "
                            "what went; the paper warns of pruning when it has decayed."},
                    ScopeParam(),
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      GradualOptions options{.amount = params.Number("amount"),
                             .initial = params.Number("initial"),
                             .rounds = static_cast<int>(params.Integer("rounds")),
                             .scope = params.Text("scope"),
                             .epochs = params.Number("epochs"),
                             .learning_rate_factor = params.Number("learning_rate_factor"),
                             .layers = params.Text("layers")};
      if (options.initial > options.amount)
        return absl::InvalidArgumentError(
            fmt::format("initial: {} of the weights would be zero at the beginning and {} (amount) at the "
                        "end, expected initial to be at most amount",
                        options.initial, options.amount));
      return std::make_unique<GradualMagnitude>(std::move(options));
    });

}  // namespace
}  // namespace concertina
