// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// channels.cc: whole filters and units go, and the model is a narrower one [cited below].
//   score_c = sum over the coupled layers of   sum |w_ci|,  sqrt(sum w_ci^2),  or |gamma_c| of the batch norm
//   kept = (1 - amount) width, rounded up to a multiple of round_to, at least 1 and at most the width
// Layers whose outputs are added keep the same channels. The last layer's are the classes, and stay.
// Why round: kernels work on whole vectors and blocks, and a narrower layer of an odd width can be the slower
// one (Torch-Pruning, issue 38: three times slower before widths were rounded).
// On the way of the data: experiment/spec.h's recipe -> here (remove_channels.h) -> edge/model_file.h.
#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "core/compress/pruning_mask.h"
#include "core/compress/remove_channels.h"
#include "fmt/format.h"

namespace concertina {
namespace {

enum class ChannelNorm { kL1, kL2, kBatchNorm };

// The batch norm that reads the layer's output; null if there is none.
const Node* NormAfter(const Graph& graph, const Node& layer) {
  for (const Node& node : graph.nodes())
    if (node.kind == OpKind::kBatchNorm && node.inputs[0] == layer.output) return &node;
  return nullptr;
}

// One score for each output channel.
absl::StatusOr<std::vector<double>> ChannelScores(const Graph& graph, const Node& layer, ChannelNorm norm) {
  std::vector<double> scores;
  if (norm == ChannelNorm::kBatchNorm) {
    const Node* const batch_norm = NormAfter(graph, layer);
    if (batch_norm == nullptr)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": no batch norm follows it, expected one whose scale ranks its channels; "
                      "choose other layers, or the norm l1",
                      layer.name));
    for (const float scale : GivenOf(graph, batch_norm->inputs[1])) scores.push_back(std::abs(scale));
  } else {
    const std::vector<float>& weight = GivenOf(graph, layer.inputs[1]);
    const auto channels = static_cast<size_t>(graph.value(layer.inputs[1]).shape[0]);
    const size_t each = weight.size() / channels;
    for (size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (size_t i = c * each; i < (c + 1) * each; ++i) {
        const double w = weight[i];
        sum += norm == ChannelNorm::kL1 ? std::abs(w) : w * w;
      }
      scores.push_back(norm == ChannelNorm::kL1 ? sum : std::sqrt(sum));
    }
  }
  for (size_t c = 0; c < scores.size(); ++c)
    if (std::isnan(scores[c]))
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": the norm of channel {} is NaN, expected a number; the training has "
                      "diverged, lower the learning rate",
                      layer.name, c));
  return scores;
}

struct ChannelOptions {
  double amount = 0.5;
  ChannelNorm norm = ChannelNorm::kL1;
  int64_t round_to = 8;
  std::string layers;
};

class Channels final : public Compressor {
 public:
  explicit Channels(ChannelOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, options_.layers));
    const std::set<int> is_chosen(chosen.begin(), chosen.end());
    std::map<int, std::vector<int64_t>> kept;
    std::string fixed;
    for (const CoupledGroup& group : CoupledGroups(graph)) {
      const auto chosen_of_group = std::count_if(group.producers.begin(), group.producers.end(),
                                                 [&](int n) { return is_chosen.contains(n); });
      if (chosen_of_group == 0) continue;
      const Node& first = graph.nodes()[static_cast<size_t>(group.producers.front())];
      if (!group.fixed_because.empty()) {
        fixed +=
            fmt::format("{}\"{}\", since {}", fixed.empty() ? "" : "; ", first.name, group.fixed_because);
        continue;
      }
      RETURN_IF_ERROR(CheckWholeGroup(graph, group, is_chosen));
      ASSIGN_OR_RETURN(kept[group.producers.front()], KeptOf(graph, group));
    }
    if (kept.empty())
      return absl::InvalidArgumentError(fmt::format(
          "layers \"{}\": none of these can lose channels: {}; choose others", options_.layers, fixed));
    return KeepChannels(graph, kept);
  }

 private:
  // Others of the group would be cut with those that were chosen.
  absl::Status CheckWholeGroup(const Graph& graph, const CoupledGroup& group,
                               const std::set<int>& is_chosen) const {
    std::string in, out;
    for (const int n : group.producers)
      (is_chosen.contains(n) ? in : out) = graph.nodes()[static_cast<size_t>(n)].name;
    if (out.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "layers \"{}\" chooses \"{}\" but not \"{}\", and the two must keep the same channels, since "
        "their outputs are added or their weight is shared; choose both or neither",
        options_.layers, in, out));
  }

  absl::StatusOr<std::vector<int64_t>> KeptOf(const Graph& graph, const CoupledGroup& group) const {
    std::vector<double> sum(static_cast<size_t>(group.channels));
    for (const int n : group.producers) {
      ASSIGN_OR_RETURN(const std::vector<double> scores,
                       ChannelScores(graph, graph.nodes()[static_cast<size_t>(n)], options_.norm));
      for (size_t c = 0; c < sum.size(); ++c) sum[c] += scores[c];
    }
    const int64_t wanted =
        std::max<int64_t>(1, group.channels - PrunedCount(options_.amount, group.channels));
    const int64_t rounded = (wanted + options_.round_to - 1) / options_.round_to * options_.round_to;
    const int64_t count = std::min(rounded, group.channels);
    const std::vector<float> scores(sum.begin(), sum.end());
    const std::vector<bool> keep = MaskOfLargest(scores, group.channels - count);
    std::vector<int64_t> kept;
    for (size_t c = 0; c < keep.size(); ++c)
      if (keep[c]) kept.push_back(static_cast<int64_t>(c));
    return kept;
  }

  const ChannelOptions options_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "prune-channels",
         .title = "Prune channels",
         .summary = "The filters and units of least norm are removed, with all that reads them: the model "
                    "becomes a narrower one, smaller and faster everywhere, with no need of sparse "
                    "kernels. At the same number of weights it costs more accuracy than pruning single "
                    "ones. The last layer stays. Retrain afterwards.",
         .citation = "Li, Kadav, Durdanovic, Samet, Graf. Pruning Filters for Efficient ConvNets. ICLR "
                     "2017; Liu et al. Learning Efficient Convolutional Networks through Network "
                     "Slimming. ICCV 2017",
         .params = {{.name = "amount",
                     .default_value = 0.5,
                     .minimum = 0,
                     .maximum = 1,
                     .doc = "Share of each layer's channels that is removed, before rounding; one always "
                            "stays."},
                    {.name = "norm",
                     .type = ParamType::kChoice,
                     .default_value = "l1",
                     .choices = {"l1", "l2", "batch-norm"},
                     .doc = "l1, l2: of a channel's weights. batch-norm: magnitude of the scale of the "
                            "batch norm after the layer (network slimming). Of layers whose outputs are "
                            "added, the sum."},
                    {.name = "round_to",
                     .type = ParamType::kInteger,
                     .unit = "channels",
                     .default_value = 8,
                     .minimum = 1,
                     .maximum = 1024,
                     .doc = "What stays is rounded up to a multiple: kernels like whole vectors, and an "
                            "odd width can be slower than the full one. 1: no rounding."},
                    LayersParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      const std::string norm = params.Text("norm");
      return std::make_unique<Channels>(ChannelOptions{.amount = params.Number("amount"),
                                                       .norm = norm == "l1"   ? ChannelNorm::kL1
                                                               : norm == "l2" ? ChannelNorm::kL2
                                                                              : ChannelNorm::kBatchNorm,
                                                       .round_to = params.Integer("round_to"),
                                                       .layers = params.Text("layers")});
    });

}  // namespace
}  // namespace concertina
