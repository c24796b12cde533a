// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mutual_learning.cc: two models learn together, each from the labels and from what the other answers at this
// very step; no teacher was trained before. Both stand in one graph on every rank and are trained by whatever
// exchange the experiment has, which is the same mathematics as one of them on each of two workers. The first
// is kept.
//   L1 = (1 - s) CE(z1, label) + s T^2 KL(p2 || p1),   L2 the same the other way round, p the other's, as
//   given
// [Zhang, Xiang, Hospedales, Lu. Deep Mutual Learning. CVPR 2018, equations 3 to 7, where s = 1/2 but for a
// factor of the learning rate, and T = 1]
// On the way of the data: experiment/spec.h's recipe -> here -> worker/recipe_loop.cc -> Finish.
#include <utility>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/first_values.h"
#include "core/compress/training_params.h"
#include "core/graph/beside.h"
#include "core/graph/executor.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr char kTwinPrefix[] = "twin/";
constexpr uint64_t kTwinSeed = 0x7477696e;  // so that the two begin with different values

class MutualLearning final : public Compressor {
 public:
  MutualLearning(double epochs, double temperature, double share, double factor)
      : epochs_(epochs), temperature_(temperature), share_(share), factor_(factor) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    for (const ValueId id : graph.kept())
      if (graph.value(id).hold != Hold::kNothing || graph.value(id).quantization)
        return absl::InvalidArgumentError(
            fmt::format("\"{}\" was compressed already: two that learn together both begin with first values",
                        graph.value(id).name));
    Graph twin = graph;
    for (const ValueId id : twin.kept()) twin.mutable_value(id).given = nullptr;
    GiveInitializers(twin);
    ASSIGN_OR_RETURN(Graph both, PredictionOf(twin));
    GiveFirstValues(both, context.seed);
    GiveFirstValues(twin, context.seed ^ kTwinSeed);
    ASSIGN_OR_RETURN(const std::vector<ValueId> beside,
                     PutBeside(both, twin, GuestRole::kTrains, kTwinPrefix));
    ASSIGN_OR_RETURN(
        const ValueId loss,
        both.AddNode(OpKind::kDistillation, "loss", {both.prediction(), beside[IndexOf(twin.prediction())]},
                     {.temperature = temperature_, .teacher_share = share_}));
    both.SetOutputs(both.prediction(), loss);
    return both;
  }

  absl::StatusOr<Graph> Finish(const Graph& trained) const override {
    ASSIGN_OR_RETURN(Graph first, PredictionOf(trained));
    RETURN_IF_ERROR(AddCrossEntropy(first));
    return first;
  }
  bool trains_whole() const override { return true; }
  double retrain_epochs() const override { return epochs_; }
  double retrain_learning_rate_factor() const override { return factor_; }

 private:
  const double epochs_, temperature_, share_, factor_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "mutual-learning",
         .title = "Two learn from each other",
         .summary =
             "The model and a twin with other first values begin anew and train together, each learning from "
             "the other's answers besides the labels; the twin then goes.",
         .citation = "Zhang, Xiang, Hospedales, Lu. Deep Mutual Learning. CVPR 2018",
         .params = {EpochsParam(),
                    {.name = "temperature",
                     .default_value = 1.0,
                     .minimum = 0.01,
                     .maximum = 1000,
                     .doc = "Divides the logits of both."},
                    {.name = "share",
                     .default_value = 0.5,
                     .minimum = 0,
                     .maximum = 1,
                     .doc = "Of the loss that is the other's answer; the labels have the rest."},
                    LearningRateFactorParam(1.0)}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<MutualLearning>(params.Number("epochs"), params.Number("temperature"),
                                              params.Number("share"), params.Number("learning_rate_factor"));
    });

}  // namespace
}  // namespace concertina
