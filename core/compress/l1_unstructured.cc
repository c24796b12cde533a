// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// l1_unstructured.cc: the smallest weights of each layer become zero [cited below].
//   w_i <- 0 where |w_i| is among the amount n least of the layer's n weights; of equals the first go
// On the way of the data: experiment/spec.h's recipe -> here (pruning_mask.h) -> edge/model_file.h, and
// retraining, which keeps the zeros (nn/held_optimizer.h).
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"

namespace concertina {
namespace {

class L1Unstructured final : public Compressor {
 public:
  L1Unstructured(double amount, std::string layers) : amount_(amount), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    Graph pruned = graph;
    for (const PrunableWeight& each : weights) PruneSmallest(pruned, {each}, amount_);
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
         .kind = "prune-l1",
         .title = "Prune the smallest weights",
         .summary =
             "Of each layer the smallest weights become zero, and stay so while it retrains: they "
             "matter least to its sums. The file shrinks with the zeros; time does only where "
             "sparse kernels take over, from about 70 % (beyond 95 % of a dense layer). Half can go at once, "
             "more in steps with "
             "retraining between.",
         .citation = "Han, Pool, Tran, Dally. Learning both Weights and Connections for Efficient Neural "
                     "Networks. NIPS 2015",
         .params = {AmountParam("each layer's weights"), LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<L1Unstructured>(params.Number("amount"), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
