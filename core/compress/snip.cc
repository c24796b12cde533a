// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// snip.cc: weights without which the loss would hardly change become zero [cited below].
//   L(c . w), c = 1:   dL/dc_i = w_i dL/dw_i,   s_i = |w_i g_i|;   of all weights together the least s_i go
// g is the gradient of the mean loss over the samples: one number for each weight, before there is any
// training. With batch norm the statistics are those of each batch.
// Kernels add in different orders (graph/kernel_choice.h), and no file of choices is known here: two machines
// may see scores that differ in the last bits, and then part where two weights are all but equal.
// On the way of the data: experiment/spec.h's recipe -> here (graph/executor.h, pruning_mask.h) ->
// edge/model_file.h, and retraining, which keeps the zeros (nn/held_optimizer.h).
#include <algorithm>
#include <cmath>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"
#include "core/graph/executor.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kSnipBatch = 64;

class Snip final : public Compressor {
 public:
  Snip(double amount, int64_t samples, std::string layers)
      : amount_(amount), samples_(samples), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    if (graph.loss() < 0)
      return absl::InvalidArgumentError("prune-snip: the model has no loss, expected a whole model");
    if (context.train == nullptr || context.train->size() == 0)
      return absl::FailedPreconditionError(
          "prune-snip needs training samples for the gradient, and there are none");
    ASSIGN_OR_RETURN(const std::vector<double> gradient, MeanGradient(graph, context));
    const std::vector<ValueId> parameters = graph.parameters();
    const std::vector<ParameterSlot> slots = SlotsOf(graph, parameters);
    std::vector<std::vector<float>> scores;
    for (const PrunableWeight& each : weights) {
      const auto index = std::find(parameters.begin(), parameters.end(), each.weight) - parameters.begin();
      const double* const g = gradient.data() + slots[static_cast<size_t>(index)].offset;
      std::vector<float>& score = scores.emplace_back();
      for (const float w : GivenOf(graph, each.weight)) {
        const double product = std::abs(w * g[score.size()]);
        if (!std::isfinite(product))
          return absl::InvalidArgumentError(fmt::format(
              "layer \"{}\": weight {} is {}, and its gradient {}, expected numbers; the training "
              "has diverged, lower the learning rate",
              each.layer, score.size(), w, g[score.size()]));
        score.push_back(static_cast<float>(product));
      }
    }
    Graph pruned = graph;
    PruneTogether(pruned, weights, scores, amount_);
    return pruned;
  }

 private:
  // Over batches of samples that are drawn without replacement; the last may be smaller.
  absl::StatusOr<std::vector<double>> MeanGradient(const Graph& graph, const CompressContext& context) const {
    std::vector<int64_t> order(static_cast<size_t>(context.train->size()));
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
    Rng rng(context.seed, "prune-snip", static_cast<uint64_t>(context.step_index));
    rng.Shuffle(std::span(order));
    order.resize(static_cast<size_t>(std::min(samples_, context.train->size())));
    const auto total = static_cast<int64_t>(order.size()), batch = std::min(kSnipBatch, total);
    ASSIGN_OR_RETURN(const std::unique_ptr<Executor> executor,
                     Executor::Create(graph, {.batch_size = batch, .seed = context.seed}));
    Initialize(graph, context.seed, executor->parameters(), executor->buffers());
    std::vector<double> gradient(executor->gradients().size());
    for (int64_t begin = 0; begin < total; begin += batch) {
      const int64_t count = std::min(batch, total - begin);
      // What a last batch lacks is filled with copies, which have no weight (StepPart).
      std::vector<int64_t> indices;
      for (int64_t i = 0; i < batch; ++i)
        indices.push_back(order[static_cast<size_t>(begin + std::min(i, count - 1))]);
      context.train->ReadBatch(indices, executor->input());
      for (size_t i = 0; i < indices.size(); ++i) executor->labels()[i] = context.train->label(indices[i]);
      RETURN_IF_ERROR(context.Tell(
          fmt::format("the gradient of samples {} to {} of {}", begin + 1, begin + count, total)));
      executor->StepPart(begin / batch, count, [](int /*parameter*/) {});
      RETURN_IF_ERROR(executor->status());
      const double share = static_cast<double>(count) / static_cast<double>(total);
      for (size_t i = 0; i < gradient.size(); ++i) gradient[i] += share * executor->gradients()[i];
    }
    return gradient;
  }

  const double amount_;
  const int64_t samples_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-snip",
         .title = "Prune by connection sensitivity (SNIP)",
         .summary = "Weights whose product with their gradient is smallest become zero: the loss hardly "
                    "feels them. Needs no training before it: as the first step of a recipe it prunes "
                    "the initial weights, and the model is trained once, sparse. Costs a forward and "
                    "backward pass over a few samples.",
         .citation = "Lee, Ajanthan, Torr. SNIP: Single-shot Network Pruning based on Connection "
                     "Sensitivity. ICLR 2019",
         .params = {AmountParam("all weights of the chosen layers"),
                    {.name = "samples",
                     .type = ParamType::kInteger,
                     .unit = "samples",
                     .default_value = 512,
                     .minimum = 1,
                     .maximum = 1000000,
                     .doc = "Training samples that the gradient is a mean over, drawn by chance. The "
                            "paper takes one batch of about a hundred."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Snip>(params.Number("amount"), params.Integer("samples"),
                                    params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
