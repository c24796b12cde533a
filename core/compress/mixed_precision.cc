// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixed_precision.cc: weights on grids of few bits, more of them for the layers whose rounding the loss
// feels.
//   minimise  sum_l d_l(b_l)   over b_l in {2, 3, 4, 6, 8}   with   sum_l n_l b_l <= b sum_l n_l
// d_l(b) is how much the mean loss of training samples rises if layer l alone, of n_l weights, is rounded to
// b bits. The paper ranks layers by the largest eigenvalue of the loss's Hessian, and picks bits in that
// order by hand [cited below]. Ours differs: the increase is measured, by the device's runtime, which needs
// no second derivatives and sees clipping and dead units that a curvature at the trained weights does not;
// and the bits are the best for the budget, found by dynamic programming. In common is the assumption that
// layers' increases add up, which holds the less the larger they are. A rise below 1e-6 is rounding of sums,
// and differs from machine to machine: it counts as none.
// Cost: 5 runs over the samples for each layer (ResNet-20 with 256: about half a minute).
// On the way of the data: experiment/spec.h's recipe -> here (sensitivity.h, weight_grid.h) ->
// edge/model_file.h (b bits a weight), and retraining with the straight-through estimator
// (nn/held_optimizer.h).
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/sensitivity.h"
#include "core/compress/weight_grid.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::array<int, 5> kBitChoices = {2, 3, 4, 6, 8};
constexpr double kLeastRise = 1e-6;
// Of the budget above 2 bits each. What layers' sizes have in common is one unit, so that this is exact but
// for models of very uneven layers, where a layer counts up to a unit more than it takes.
constexpr int64_t kMostUnits = 1 << 18;

struct MixedLayer {
  std::string name;  // of the first that has the weight
  ValueId weight = -1;
  std::array<Quantization, kBitChoices.size()> grids;
  std::array<double, kBitChoices.size()> rises = {};
};

// The choice for each layer, an index into kBitChoices: of least sum of rises, and where sums are equal of
// fewer bits for the later layers. `extra_bits` may be spent beyond 2 bits for every weight.
std::vector<int> BestChoices(const std::vector<MixedLayer>& layers, const std::vector<int64_t>& sizes,
                             int64_t extra_bits) {
  int64_t unit = 0;
  for (const int64_t size : sizes) unit = std::gcd(unit, size);
  unit = std::max(unit, (extra_bits + kMostUnits - 1) / kMostUnits);
  const auto budget = static_cast<size_t>(extra_bits / unit);
  std::vector<double> best(budget + 1, 0.0);  // of the layers so far, by what they may spend
  std::vector<std::vector<uint8_t>> chosen(layers.size(), std::vector<uint8_t>(budget + 1));
  for (size_t l = 0; l < layers.size(); ++l) {
    std::vector<double> with(budget + 1, std::numeric_limits<double>::infinity());
    for (size_t c = 0; c < kBitChoices.size(); ++c) {
      const auto cost = static_cast<size_t>((sizes[l] * (kBitChoices[c] - 2) + unit - 1) / unit);
      for (size_t spent = cost; spent <= budget; ++spent) {
        const double sum = best[spent - cost] + layers[l].rises[c];
        if (c > 0 && sum >= with[spent]) continue;
        with[spent] = sum;
        chosen[l][spent] = static_cast<uint8_t>(c);
      }
    }
    best = std::move(with);
  }
  std::vector<int> choices(layers.size());
  size_t left = budget;
  for (size_t l = layers.size(); l-- > 0;) {
    choices[l] = chosen[l][left];
    left -= static_cast<size_t>((sizes[l] * (kBitChoices[static_cast<size_t>(choices[l])] - 2) + unit - 1) /
                                unit);
  }
  return choices;
}

class MixedPrecision final : public Compressor {
 public:
  MixedPrecision(double bits, int64_t samples, bool per_channel, std::string layers)
      : bits_(bits), samples_(samples), per_channel_(per_channel), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    ASSIGN_OR_RETURN(std::vector<MixedLayer> layers, LayersOf(graph));
    if (context.train == nullptr || context.train->size() == 0)
      return absl::FailedPreconditionError(
          "mixed-precision needs training samples to measure layers by, and there are none");
    std::string at = "the model as it is";
    const auto go_on = [&] { return context.Tell(at).ok(); };
    ASSIGN_OR_RETURN(const AnswerFigures whole, AnswersTo(graph, *context.train, samples_, go_on));
    if (whole.loss >= std::numeric_limits<float>::max())
      return absl::InvalidArgumentError(
          "mixed-precision: the loss of the model as it is is no finite number; the training has diverged, "
          "lower the learning rate");
    std::vector<int64_t> sizes;
    for (size_t l = 0; l < layers.size(); ++l) {
      MixedLayer& layer = layers[l];
      sizes.push_back(ElementCount(graph.value(layer.weight).shape));
      for (size_t c = 0; c < kBitChoices.size(); ++c) {
        at = fmt::format("{}: {} bits", LayerText(l, layers.size(), layer.name), kBitChoices[c]);
        Graph rounded = graph;
        PutOnGrid(rounded, layer.weight, layer.grids[c]);
        ASSIGN_OR_RETURN(const AnswerFigures one, AnswersTo(rounded, *context.train, samples_, go_on));
        layer.rises[c] = std::nearbyint((one.loss - whole.loss) / kLeastRise) * kLeastRise;
      }
    }
    const int64_t weights = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
    const auto extra_bits = static_cast<int64_t>(std::floor((bits_ - 2) * static_cast<double>(weights)));
    const std::vector<int> choices = BestChoices(layers, sizes, extra_bits);
    Graph compressed = graph;
    for (size_t l = 0; l < layers.size(); ++l)
      PutOnGrid(compressed, layers[l].weight, layers[l].grids[static_cast<size_t>(choices[l])]);
    return compressed;
  }

 private:
  // With their grids; a weight that several share is one layer.
  absl::StatusOr<std::vector<MixedLayer>> LayersOf(const Graph& graph) const {
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, layers_));
    std::vector<MixedLayer> layers;
    std::set<ValueId> seen;
    for (const int n : chosen) {
      const Node& node = graph.nodes()[static_cast<size_t>(n)];
      const ValueId id = node.inputs[1];
      if (!seen.insert(id).second) continue;
      const Value& value = graph.value(id);
      if (value.quantization || value.hold == Hold::kShared)
        return absl::InvalidArgumentError(fmt::format(
            "layer \"{}\": its weight {}, and what rounding it costs cannot be measured any more; choose "
            "other layers, or let mixed-precision come before the step that made it so",
            node.name,
            value.quantization ? fmt::format("lies on a grid of {} bits", value.quantization->bits)
                               : std::string("has few values that weights share")));
      const std::vector<float>& weight = GivenOf(graph, id);
      RETURN_IF_ERROR(CheckFiniteWeight(node.name, weight));
      MixedLayer& layer = layers.emplace_back();
      layer.name = node.name;
      layer.weight = id;
      for (size_t c = 0; c < kBitChoices.size(); ++c)
        layer.grids[c] =
            FitWeightGrid(weight, value.shape[0], kBitChoices[c], per_channel_, GridFit::kLeastSquares);
    }
    return layers;
  }

  static void PutOnGrid(Graph& graph, ValueId id, const Quantization& grid) {
    Give(graph, id, OnGrid(GivenOf(graph, id), grid));
    Value& value = graph.mutable_value(id);
    value.quantization = grid;
    value.hold = HoldOnGrid(value.hold);
  }

  const double bits_;
  const int64_t samples_;
  const bool per_channel_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "mixed-precision",
         .title = "As many bits as each layer needs",
         .summary = "Rounds each layer's weights to a grid of 2, 3, 4, 6 or 8 bits: those whose rounding "
                    "costs most get more, by what is measured on training samples, and the mean stays "
                    "within a budget. Activations stay floats. From 4 bits down, retrain afterwards.",
         .citation = "Dong, Yao, Gholami, Mahoney, Keutzer. HAWQ: Hessian AWare Quantization of Neural "
                     "Networks with Mixed-Precision. ICCV 2019",
         .params = {{.name = "bits",
                     .unit = "bits",
                     .default_value = 4.0,
                     .minimum = 2,
                     .maximum = 8,
                     .doc = "Of a weight, at most, as the mean over the chosen layers' weights; it need not "
                            "be a whole number."},
                    {.name = "samples",
                     .type = ParamType::kInteger,
                     .unit = "samples",
                     .default_value = 256,
                     .minimum = 1,
                     .maximum = 100000,
                     .doc = "Training samples, spread evenly, that the loss is measured on, five times for "
                            "each layer."},
                    {.name = "per_channel",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "A scale for each output channel; else one for the whole layer."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<MixedPrecision>(params.Number("bits"), params.Integer("samples"),
                                              params.Boolean("per_channel"), params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
