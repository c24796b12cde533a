// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// int8.cc: weights and activations in 8 bits after training, and the arithmetic with them.
//   x ~ s_x (q_x - z),  w ~ s_w q_w:    sum w x = s_x s_w sum q_w (q_x - z),   whole numbers up to the last
//   product
// [Jacob et al. Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference.
// CVPR 2018] On the way of the data: experiment/spec.h's recipe -> here (calibration.h, weight_grid.h) ->
// edge/runtime.h, which computes with bytes, and edge/onnx_writer.h, which writes QuantizeLinear and
// DequantizeLinear.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/registry.h"
#include "core/compress/calibration.h"
#include "core/compress/equalize_layers.h"
#include "core/compress/layer_choice.h"
#include "core/compress/weight_grid.h"
#include "core/graph/fold_batch_norm.h"

namespace concertina {
namespace {

struct Int8Options {
  bool per_channel = true;
  RangeRule rule = RangeRule::kLeastSquares;
  double percentile = 99.99;
  int64_t samples = 512;
  bool corrects_bias = false, equalizes = false;
  std::string layers;
};

// The value whose elements these are, before they were flattened.
ValueId SourceOf(const Graph& graph, ValueId id) {
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
    if (node->output == id && (node->kind == OpKind::kReshape || node->kind == OpKind::kDropout))
      id = node->inputs[0];
  return id;
}

// b <- b - E[(w' - w) x], so that what rounding adds on average is taken off again [Nagel et al. Data-Free
// Quantization Through Weight Equalization and Bias Correction. ICCV 2019, section 4.2; with measured means
// here].
void CorrectBias(Graph& graph, const Node& node, const std::vector<float>& before,
                 const std::vector<double>& mean) {
  if (node.inputs.size() < 3) return;
  const std::vector<float>& after = GivenOf(graph, node.inputs[1]);
  const Shape& weight = graph.value(node.inputs[1]).shape;
  const int64_t outputs = weight[0], inputs = ElementCount(weight) / outputs;
  // Of a convolution the mean of a channel stands for all of its taps.
  std::vector<double> x(static_cast<size_t>(inputs));
  if (weight.size() == 2) {
    x = mean;
  } else {
    const auto plane = mean.size() / static_cast<size_t>(weight[1]),
               taps = static_cast<size_t>(weight[2] * weight[3]);
    for (size_t i = 0; i < x.size(); ++i)
      for (size_t pixel = 0; pixel < plane; ++pixel)
        x[i] += mean[i / taps * plane + pixel] / static_cast<double>(plane);
  }
  std::vector<float> bias = GivenOf(graph, node.inputs[2]);
  for (int64_t o = 0; o < outputs; ++o) {
    double shift = 0;
    for (int64_t i = 0; i < inputs; ++i) {
      const auto at = static_cast<size_t>(o * inputs + i);
      shift += (static_cast<double>(after[at]) - before[at]) * x[static_cast<size_t>(i)];
    }
    bias[static_cast<size_t>(o)] -= static_cast<float>(shift);
  }
  Give(graph, node.inputs[2], std::move(bias));
}

class Int8 final : public Compressor {
 public:
  explicit Int8(Int8Options options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& original, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(Graph graph, FoldBatchNorm(WithoutActivationGrids(original)));
    if (options_.equalizes) RETURN_IF_ERROR(EqualizeLayers(graph));
    // As the runtime sees it: an activation in the layer before it, and values that nobody reads gone.
    graph = Fuse(graph);
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, options_.layers));
    for (const int layer : chosen) {
      const Node& node = graph.nodes()[static_cast<size_t>(layer)];
      RETURN_IF_ERROR(CheckFiniteWeight(node.name, GivenOf(graph, node.inputs[1])));
    }
    const std::map<ValueId, int> group_of = ActivationGroups(graph, chosen);
    ASSIGN_OR_RETURN(const auto ranges, ObserveRanges(graph, group_of, context, options_.samples));
    std::map<ValueId, std::vector<double>> means;
    if (options_.corrects_bias) {
      std::vector<ValueId> read;
      for (const int layer : chosen)
        read.push_back(SourceOf(graph, graph.nodes()[static_cast<size_t>(layer)].inputs[0]));
      ASSIGN_OR_RETURN(means, ObserveMeans(graph, read, context, options_.samples));
    }
    for (const int layer : chosen) {
      const Node node = graph.nodes()[static_cast<size_t>(layer)];
      const ValueId id = node.inputs[1];
      if (graph.value(id).quantization && graph.value(id).quantization->is_signed)
        continue;  // few bits already
      const std::vector<float> before = GivenOf(graph, id);
      Quantization grid =
          FitWeightGrid(before, graph.value(id).shape[0], 8, options_.per_channel, GridFit::kLargest);
      Give(graph, id, OnGrid(before, grid));
      graph.mutable_value(id).quantization = std::move(grid);
      graph.mutable_value(id).hold = HoldOnGrid(graph.value(id).hold);
      if (const auto mean = means.find(SourceOf(graph, node.inputs[0])); mean != means.end())
        CorrectBias(graph, node, before, mean->second);
    }
    for (const auto& [value, group] : group_of)
      graph.mutable_value(value).quantization =
          ByteGridFor(ranges.at(group), options_.rule, options_.percentile);
    return graph;
  }

 private:
  const Int8Options options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "int8",
         .title = "8 bits, weights and activations",
         .summary =
             "After training: weights and activations on grids of 8 bits, whose ranges are seen on training "
             "samples; the runtime then multiplies whole numbers. A quarter of the bytes, and faster where "
             "the "
             "processor has instructions for it.",
         .citation = "Jacob et al. Quantization and Training of Neural Networks for Efficient "
                     "Integer-Arithmetic-Only Inference. CVPR 2018",
         .params =
             {{.name = "calibration",
               .type = ParamType::kChoice,
               .default_value = "mse",
               .choices = {"min-max", "percentile", "entropy", "mse"},
               .doc = "How much of the range that was seen a grid takes in: all; all but a share at either "
                      "end; what "
                      "keeps most of the distribution's entropy; or what has the least squared error."},
              {.name = "percentile",
               .unit = "%",
               .default_value = 99.99,
               .minimum = 90,
               .maximum = 100,
               .doc = "Of the calibration \"percentile\": the share that is not clipped at either end."},
              {.name = "samples",
               .type = ParamType::kInteger,
               .unit = "samples",
               .default_value = 512,
               .minimum = 1,
               .maximum = 100000,
               .doc = "Training samples that are run to see the ranges."},
              {.name = "per_channel",
               .type = ParamType::kBoolean,
               .default_value = true,
               .doc = "A scale for each output channel of a weight; else one for the whole layer."},
              {.name = "bias_correction",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "Takes off the biases what the rounding of weights adds on average."},
              {.name = "equalize",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "First scales each channel between two layers so that both use their ranges alike; for "
                      "per_channel false."},
              LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      static const std::map<std::string, RangeRule> kRules = {{"min-max", RangeRule::kMinMax},
                                                              {"percentile", RangeRule::kPercentile},
                                                              {"entropy", RangeRule::kEntropy},
                                                              {"mse", RangeRule::kLeastSquares}};
      return std::make_unique<Int8>(Int8Options{.per_channel = params.Boolean("per_channel"),
                                                .rule = kRules.at(params.Text("calibration")),
                                                .percentile = params.Number("percentile"),
                                                .samples = params.Integer("samples"),
                                                .corrects_bias = params.Boolean("bias_correction"),
                                                .equalizes = params.Boolean("equalize"),
                                                .layers = params.Text("layers")});
    });

}  // namespace
}  // namespace concertina
