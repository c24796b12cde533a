// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// n_m_sparsity.cc: of every m weights in a row along the inputs, the n largest stay [cited below].
//   W (out x in, for each tap of a convolution): within W[o, g m … g m + m), the n of largest |w| stay
// Every output keeps the same number of weights in the same places' reach, so hardware can skip the zeros
// with log2(m) bits a weight (2:4 on NVIDIA's tensor cores from Ampere on). Nothing in this program's kernels
// does: here it saves bytes of the file, as prune-l1 does, at a little more loss. On the way of the data:
// experiment/spec.h's recipe -> here (pruning_mask.h) -> edge/model_file.h, and retraining, which keeps the
// zeros (nn/held_optimizer.h).
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class NMSparsity final : public Compressor {
 public:
  NMSparsity(int64_t n, int64_t m, std::string layers) : n_(n), m_(m), layers_(std::move(layers)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    ASSIGN_OR_RETURN(const std::vector<PrunableWeight> weights, ChoosePrunable(graph, layers_));
    Graph pruned = graph;
    for (const PrunableWeight& each : weights) {
      const Shape& shape = graph.value(each.weight).shape;
      if (shape[1] % m_ != 0)
        return absl::InvalidArgumentError(
            fmt::format("layer \"{}\": its weight of {} has {} inputs, expected a multiple of m = {}; choose "
                        "other layers, or another m",
                        each.layer, ShapeText(shape), shape[1], m_));
      Prune(pruned, each.weight, KeptOf(GivenOf(graph, each.weight), shape));
    }
    return pruned;
  }

 private:
  std::vector<bool> KeptOf(const std::vector<float>& weight, const Shape& shape) const {
    const int64_t taps = ElementCount(shape) / (shape[0] * shape[1]), groups = shape[0] * shape[1] / m_;
    std::vector<bool> keep(weight.size());
    std::vector<float> group(static_cast<size_t>(m_));
    for (int64_t g = 0; g < groups; ++g)  // inputs are a multiple of m, so that no group spans two outputs
      for (int64_t tap = 0; tap < taps; ++tap) {
        const auto place = [&](size_t i) {
          return static_cast<size_t>((g * m_ + static_cast<int64_t>(i)) * taps + tap);
        };
        for (size_t i = 0; i < group.size(); ++i) group[i] = weight[place(i)];
        const std::vector<bool> kept = MaskOfLargest(Magnitudes(group), m_ - n_);
        for (size_t i = 0; i < group.size(); ++i) keep[place(i)] = kept[i];
      }
    return keep;
  }

  const int64_t n_, m_;
  const std::string layers_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor({.category = "compressor",
                .kind = "prune-n-m",
                .title = "n of m weights (2:4)",
                .summary = "Of every m weights in a row along a layer's inputs the n largest stay. A pattern "
                           "that some hardware multiplies faster; here it saves bytes only. The number of "
                           "inputs must be a multiple of m. Retrain afterwards.",
                .citation = "Mishra et al. Accelerating Sparse Deep Neural Networks. 2021",
                .params = {{.name = "n",
                            .type = ParamType::kInteger,
                            .unit = "weights",
                            .default_value = 2,
                            .minimum = 1,
                            .maximum = 63,
                            .doc = "Kept of each group; fewer than m."},
                           {.name = "m",
                            .type = ParamType::kInteger,
                            .unit = "weights",
                            .default_value = 4,
                            .minimum = 2,
                            .maximum = 64,
                            .doc = "In a group: inputs that follow each other, at the same output and, of a "
                                   "convolution, at the same tap."},
                           LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      const int64_t n = params.Integer("n"), m = params.Integer("m");
      if (n >= m)
        return absl::InvalidArgumentError(
            fmt::format("n: {} of {} weights would all stay, expected n below m", n, m));
      return std::make_unique<NMSparsity>(n, m, params.Text("layers"));
    });

}  // namespace
}  // namespace concertina
