// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// learned_step.cc: training goes on with weights and activations rounded to grids, and the steps of the grids
// learn with them. Weights: nn/held_optimizer.h (Hold::kLearnedGrid). Activations: an operator after each
// that a layer reads (graph/fake_quantize_operator.cc), which Finish takes away again, leaving its step as
// the grid. [Esser, McKinstry, Bablani, Appuswamy, Modha. Learned Step Size Quantization. ICLR 2020] Ours
// differs: batch norm is folded into the layers before (as the device computes), the steps begin with least
// squared error instead of 2 mean|w| / sqrt(P), and first and last layer have as few bits as the others
// unless `layers` leaves them out; what comes in keeps 8. An activation of fewer bits is a byte that stays
// small: the file has its bits, and the runtime clamps to them (edge/kernels.h). On the way of the data:
// experiment/spec.h's recipe -> here (calibration.h) -> worker/recipe_loop.cc -> Finish -> edge/runtime.h,
// which computes with bytes.
#include <algorithm>
#include <map>
#include <utility>

#include "core/base/registry.h"
#include "core/compress/calibration.h"
#include "core/compress/layer_choice.h"
#include "core/compress/rewrite.h"
#include "core/compress/training_params.h"
#include "core/compress/weight_grid.h"
#include "core/graph/beside.h"
#include "core/graph/fold_batch_norm.h"
#include "fmt/format.h"

namespace concertina {
namespace {

struct LearnedStepOptions {
  int bits = 4, activation_bits = 8;
  bool per_channel = false, activations = true;
  int64_t samples = 512;
  double epochs = 1, learning_rate_factor = 0.1;
  std::string layers;
};

// Grids spread from the values that have one over their groups.
void ShareGrids(Graph& graph, const std::map<ValueId, int>& group_of) {
  std::map<int, Quantization> grid_of;
  for (const auto& [value, group] : group_of)
    if (graph.value(value).quantization) grid_of.try_emplace(group, *graph.value(value).quantization);
  for (const auto& [value, group] : group_of)
    if (const auto grid = grid_of.find(group); grid != grid_of.end())
      graph.mutable_value(value).quantization = grid->second;
}

class LearnedStep final : public Compressor {
 public:
  explicit LearnedStep(LearnedStepOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& original, const CompressContext& context) const override {
    // Grids are in the way of folding and fusing; without activations to learn, those of before stay.
    ASSIGN_OR_RETURN(Graph graph,
                     FoldBatchNorm(options_.activations ? WithoutActivationGrids(original) : original));
    graph = Fuse(graph);
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, options_.layers));
    for (const int layer : chosen) {
      const ValueId id = graph.nodes()[static_cast<size_t>(layer)].inputs[1];
      Value& value = graph.mutable_value(id);
      RETURN_IF_ERROR(CheckFiniteWeight(graph.nodes()[static_cast<size_t>(layer)].name, GivenOf(graph, id)));
      if (HoldOnGrid(value.hold) == Hold::kSparseGrid)
        return absl::InvalidArgumentError(fmt::format(
            "layer \"{}\": its weight is pruned or shared, and would not stay so on a grid that learns; "
            "use quantize-weights or int8 after pruning",
            graph.nodes()[static_cast<size_t>(layer)].name));
      Quantization grid = FitWeightGrid(GivenOf(graph, id), value.shape[0], options_.bits,
                                        options_.per_channel, GridFit::kLeastSquares);
      Give(graph, id, OnGrid(GivenOf(graph, id), grid));
      value.quantization = std::move(grid);
      value.hold = Hold::kLearnedGrid;
    }
    return options_.activations ? WithSteps(graph, chosen, context) : graph;
  }

  absl::StatusOr<Graph> Finish(const Graph& trained) const override {
    RewriteHooks hooks;
    hooks.node = [&](Rewriter& rewriter, int n) -> absl::StatusOr<ValueId> {
      const Node& node = trained.nodes()[static_cast<size_t>(n)];
      if (node.kind != OpKind::kFakeQuantize) return rewriter.Copy(node, node.attributes);
      return rewriter.At(node.inputs[0]);
    };
    // What stands for the output of such a node is its input, which thereby gets the grid that is put here.
    Graph marked = trained;
    for (const Node& node : trained.nodes())
      if (node.kind == OpKind::kFakeQuantize)
        marked.mutable_value(node.output).quantization =
            Quantization{.bits = static_cast<int>(node.attributes.bits),
                         .is_signed = false,
                         .scales = {std::max(GivenOf(trained, node.inputs[1])[0], 1e-8F)},
                         .zero_point = static_cast<int32_t>(node.attributes.zero_point)};
    ASSIGN_OR_RETURN(const Graph without, RewriteGraph(marked, hooks));
    ASSIGN_OR_RETURN(Graph alone, PredictionOf(without));  // the steps are read by nobody now
    RETURN_IF_ERROR(AddCrossEntropy(alone));
    for (const ValueId id : alone.kept())
      if (alone.value(id).hold == Hold::kLearnedGrid) alone.mutable_value(id).hold = Hold::kGrid;
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(alone, options_.layers));
    if (options_.activations) ShareGrids(alone, ActivationGroups(alone, chosen));
    return alone;
  }
  bool trains_whole() const override { return true; }
  double retrain_epochs() const override { return options_.epochs; }
  double retrain_learning_rate_factor() const override { return options_.learning_rate_factor; }

 private:
  // A step for each group of activations, and its operator behind the value that the group begins with.
  absl::StatusOr<Graph> WithSteps(Graph graph, const std::vector<int>& chosen,
                                  const CompressContext& context) const {
    const std::map<ValueId, int> group_of = ActivationGroups(graph, chosen);
    ASSIGN_OR_RETURN(const auto ranges, ObserveRanges(graph, group_of, context, options_.samples));
    // What comes in is what it is: its grid does not learn, and has the 256 levels that pixels have.
    if (const auto in = group_of.find(graph.input()); in != group_of.end())
      for (const auto& [value, group] : group_of)
        if (group == in->second)
          graph.mutable_value(value).quantization = ByteGridFor(ranges.at(group), RangeRule::kMinMax, 100);
    std::map<int, Quantization> begins;
    for (const auto& [group, range] : ranges)
      begins[group] = ByteGridFor(range, RangeRule::kLeastSquares, 100, options_.activation_bits);

    std::map<int, ValueId> step_of;  // by group, in the new graph
    RewriteHooks hooks;
    hooks.node = [&](Rewriter& rewriter, int n) -> absl::StatusOr<ValueId> {
      const Node& node = graph.nodes()[static_cast<size_t>(n)];
      ASSIGN_OR_RETURN(const ValueId output, rewriter.Copy(node, node.attributes));
      const auto group = group_of.find(node.output);
      if (group == group_of.end() || graph.value(node.output).quantization) return output;
      const auto before = group_of.find(node.inputs[0]);
      if (before != group_of.end() && before->second == group->second) return output;  // only moves elements
      const Quantization& grid = begins.at(group->second);
      auto step = step_of.find(group->second);
      if (step == step_of.end()) {
        Value value{
            .role = ValueRole::kParameter, .name = node.name + ".step", .shape = {1}, .decays = false};
        value.given = std::make_shared<const std::vector<float>>(1, grid.scales[0]);
        step = step_of.emplace(group->second, rewriter.Put(std::move(value))).first;
      }
      return rewriter.Add(OpKind::kFakeQuantize, node.name + ".grid", {output, step->second},
                          {.bits = options_.activation_bits, .zero_point = grid.zero_point});
    };
    return RewriteGraph(graph, hooks);
  }

  const LearnedStepOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "lsq",
         .title = "Train on grids whose steps learn",
         .summary =
             "Trains on with weights and activations of few bits, the steps of their grids learning with "
             "them: fewer bits at less loss than rounding after training, and the runtime multiplies whole "
             "numbers.",
         .citation = "Esser, McKinstry, Bablani, Appuswamy, Modha. Learned Step Size Quantization. ICLR 2020",
         .params = {{.name = "bits",
                     .type = ParamType::kInteger,
                     .unit = "bits",
                     .default_value = 4,
                     .minimum = 2,
                     .maximum = 8,
                     .doc = "Of each weight."},
                    EpochsParam(),
                    LearningRateFactorParam(0.1),
                    {.name = "per_channel",
                     .type = ParamType::kBoolean,
                     .default_value = false,
                     .doc = "A step for each output channel of a weight; else one for the whole layer."},
                    {.name = "activations",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "Activations on grids too, whose steps learn; else they stay floats."},
                    {.name = "activation_bits",
                     .type = ParamType::kInteger,
                     .unit = "bits",
                     .default_value = 8,
                     .minimum = 2,
                     .maximum = 8,
                     .doc =
                         "Of each activation, where they have grids; the model's input keeps 8. The runtime "
                         "computes fewer than 8 as bytes: accuracy is then what the bits give, and the time "
                         "is that of 8."},
                    {.name = "samples",
                     .type = ParamType::kInteger,
                     .unit = "samples",
                     .default_value = 512,
                     .minimum = 1,
                     .maximum = 100000,
                     .doc = "Training samples that are run to find where the steps of activations begin."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<LearnedStep>(
          LearnedStepOptions{.bits = static_cast<int>(params.Integer("bits")),
                             .activation_bits = static_cast<int>(params.Integer("activation_bits")),
                             .per_channel = params.Boolean("per_channel"),
                             .activations = params.Boolean("activations"),
                             .samples = params.Integer("samples"),
                             .epochs = params.Number("epochs"),
                             .learning_rate_factor = params.Number("learning_rate_factor"),
                             .layers = params.Text("layers")});
    });

}  // namespace
}  // namespace concertina
