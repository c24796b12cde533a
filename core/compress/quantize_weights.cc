// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// quantize_weights.cc: weights alone on a grid of few bits; activations stay floats.
//   w' = s clamp(round(w / s), -(2^(b-1) - 1), 2^(b-1) - 1);      b = 2: -s, 0, s;      b = 1: -s, s
// On the way of the data: experiment/spec.h's recipe -> here -> edge/model_file.h (b bits a weight), and
// retraining with the straight-through estimator (nn/held_optimizer.h).
#include <algorithm>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/weight_grid.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class QuantizeWeights final : public Compressor {
 public:
  QuantizeWeights(int bits, bool per_channel, GridFit fit, std::string layers)
      : bits_(bits), per_channel_(per_channel), fit_(fit), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, layers_));
    Graph compressed = graph;
    for (size_t place = 0; place < chosen.size(); ++place) {
      const Node& node = graph.nodes()[static_cast<size_t>(chosen[place])];
      RETURN_IF_ERROR(context.Tell(LayerText(place, chosen.size(), node.name)));
      const ValueId id = node.inputs[1];
      const std::vector<float>& weight = GivenOf(graph, id);
      RETURN_IF_ERROR(CheckFiniteWeight(node.name, weight));
      if (bits_ == 1 && HoldOnGrid(graph.value(id).hold) == Hold::kSparseGrid &&
          std::count(weight.begin(), weight.end(), 0.0F) > 0)
        return absl::InvalidArgumentError(fmt::format(
            "layer \"{}\": its weight is pruned, and a grid of one bit has no zero; take 2 bits, or "
            "choose other layers",
            node.name));
      Quantization grid = FitWeightGrid(weight, graph.value(id).shape[0], bits_, per_channel_, fit_);
      Give(compressed, id, OnGrid(weight, grid));
      Value& value = compressed.mutable_value(id);
      value.quantization = std::move(grid);
      value.hold = HoldOnGrid(graph.value(id).hold);
    }
    return compressed;
  }

 private:
  const int bits_;
  const bool per_channel_;
  const GridFit fit_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "quantize-weights",
         .title = "Few bits a weight",
         .summary = "Rounds weights to a grid of few whole numbers: 8, 4, 2 (ternary) or 1 bit (binary). The "
                    "file becomes smaller; the arithmetic becomes int8 only where activations have a grid "
                    "too (int8). From 4 bits down, retrain afterwards.",
         .citation = "Li, Zhang, Liu. Ternary Weight Networks. 2016; Rastegari et al. XNOR-Net. ECCV 2016; "
                     "Courbariaux, Bengio, David. BinaryConnect. NIPS 2015",
         .params = {{.name = "bits",
                     .type = ParamType::kInteger,
                     .unit = "bits",
                     .default_value = 4,
                     .minimum = 1,
                     .maximum = 8,
                     .doc = "Of each weight: 2 are minus one, nought and one times a scale, 1 is its sign."},
                    {.name = "per_channel",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "A scale for each output channel; else one for the whole layer."},
                    {.name = "fit",
                     .type = ParamType::kChoice,
                     .default_value = "mse",
                     .choices = {"max", "mse"},
                     .doc =
                         "What the scale is fitted to: the largest weight (nothing is clipped), or the least "
                         "squared error."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<QuantizeWeights>(
          static_cast<int>(params.Integer("bits")), params.Boolean("per_channel"),
          params.Text("fit") == "max" ? GridFit::kLargest : GridFit::kLeastSquares, params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
