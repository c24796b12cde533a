// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// movement.cc: weights that training moved towards zero become zero, however large they are [cited below].
//   S_i = - sum_t w_i(t) dL/dw_i(t);    of all chosen weights those of least S_i go
// Nothing is summed here while the model trains. Under plain SGD, w(t+1) - w(t) = - eta dL/dw(t), so
//   eta S = sum_t w(t) (w(t+1) - w(t)) = (w(T)^2 - w(0)^2) / 2 - sum_t (w(t+1) - w(t))^2 / 2,
// and the last sum is of second order in eta: for small steps the values before and after the training are
// enough, and they are what the score is here, (w_after^2 - w_before^2) / 2. Its limits:
//   momentum         gives the same up to a factor, but for what its last steps still owe
//   weight decay     is a movement towards zero, of large weights most
//   schedules        count each gradient by the learning rate that it had
//   Adam and alike   scale each weight's gradient by its own history: the score is then of what the weight
//   did,
//                    and no more of what the loss asked of it
//   the paper        lets masked weights come back while it trains; here what is zero stays zero
// "After" is the model as this step finds it. So the retrain step stands right before it: what other steps
// did to the weights in between would count as movement.
// On the way of the data: experiment/spec.h's recipe -> here (first_values.h, pruning_mask.h) ->
// edge/model_file.h, and retraining, which keeps the zeros (nn/held_optimizer.h).
#include <cmath>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/first_values.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Movement final : public Compressor {
 public:
  Movement(double amount, std::string scope, std::string layers)
      : amount_(amount), scope_(std::move(scope)), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    if (context.before == nullptr)
      return absl::FailedPreconditionError(
          "prune-movement: the model has not been trained in this run, and no weight has moved; a retrain "
          "step must come before it");
    Graph pruned = graph;
    for (const std::vector<PrunableWeight>& group : RankedTogether(weights, scope_)) {
      std::vector<std::vector<float>> scores;
      for (const PrunableWeight& each : group) {
        ASSIGN_OR_RETURN(scores.emplace_back(), ScoresOf(graph, *context.before, each));
      }
      PruneTogether(pruned, group, scores, amount_);
    }
    return pruned;
  }

 private:
  static absl::StatusOr<std::vector<float>> ScoresOf(const Graph& graph, const Graph& before,
                                                     const PrunableWeight& weight) {
    ASSIGN_OR_RETURN(const ValueId then,
                     SameIn(before, graph, weight.weight,
                            {.name = "before it was last trained",
                             .remedy = "let a retrain step come between the step that changed it and "
                                       "prune-movement"}));
    const std::vector<float>&was = GivenOf(before, then), &is = GivenOf(graph, weight.weight);
    std::vector<float> scores;
    for (size_t i = 0; i < is.size(); ++i) {
      const double a = was[i], b = is[i];
      const auto score = static_cast<float>((b - a) * (b + a) / 2);
      if (!std::isfinite(score))
        return absl::InvalidArgumentError(
            fmt::format("layer \"{}\": element {} of its weight was {} and is {}, expected numbers of "
                        "which one can take the square; the training has diverged, lower the learning rate",
                        weight.layer, i, a, b));
      scores.push_back(score);
    }
    return scores;
  }

  const double amount_;
  const std::string scope_, layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-movement",
         .title = "Prune what moved towards zero",
         .summary = "Weights that the last training moved towards zero become zero, and those that it moved "
                    "away stay, small or large: for a trained model that is trained on for other data, "
                    "where magnitudes are still those of the old. A retrain step must come before it, and "
                    "another one after it.",
         .citation = "Sanh, Wolf, Rush. Movement Pruning: Adaptive Sparsity by Fine-Tuning. NeurIPS 2020",
         .params = {AmountParam("the weights"), ScopeParam(), LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Movement>(params.Number("amount"), params.Text("scope"), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
