// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pruning_mask.cc: see pruning_mask.h.
// On the way of the data: the compressors of this folder that prune single weights -> here -> graph/graph.h.
#include "core/compress/pruning_mask.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "core/compress/layer_choice.h"
#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::vector<PrunableWeight>> ChoosePrunable(const Graph& graph, std::string_view pattern) {
  ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, pattern));
  std::vector<PrunableWeight> weights;
  std::set<ValueId> seen;
  for (const int layer : chosen) {
    const Node& node = graph.nodes()[static_cast<size_t>(layer)];
    const ValueId id = node.inputs[1];
    if (!seen.insert(id).second) continue;
    const Value& value = graph.value(id);
    if (value.quantization)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": its weight lies on a grid of {} bits, expected floats; prune first, and "
                      "quantise what is left",
                      node.name, value.quantization->bits));
    const std::vector<float>& given = GivenOf(graph, id);
    const auto nan = std::find_if(given.begin(), given.end(), [](float w) { return std::isnan(w); });
    if (nan != given.end())
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": element {} of its weight is NaN, expected a number; the training has "
                      "diverged, lower the learning rate",
                      node.name, nan - given.begin()));
    weights.push_back({.layer = node.name, .weight = id});
  }
  return weights;
}

ParamSpec AmountParam(std::string_view of_what) {
  return {.name = "amount",
          .default_value = 0.5,
          .minimum = 0,
          .maximum = 1,
          .doc = fmt::format("Share of {} that is zero afterwards; what is zero already counts.", of_what)};
}

int64_t PrunedCount(double amount, int64_t n) {
  return std::clamp<int64_t>(std::llround(amount * static_cast<double>(n)), 0, n);
}

std::vector<bool> MaskOfLargest(std::span<const float> scores, int64_t pruned) {
  std::vector<uint32_t> order(scores.size());  // models have fewer than 2^32 parameters (nn/layers.h)
  std::iota(order.begin(), order.end(), 0U);
  std::nth_element(order.begin(), order.begin() + pruned, order.end(), [&](uint32_t a, uint32_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
  });
  std::vector<bool> keep(scores.size(), true);
  for (int64_t i = 0; i < pruned; ++i) keep[order[static_cast<size_t>(i)]] = false;
  return keep;
}

std::vector<float> Magnitudes(std::span<const float> weight) {
  std::vector<float> magnitudes;
  magnitudes.reserve(weight.size());
  for (const float w : weight) magnitudes.push_back(std::abs(w));
  return magnitudes;
}

void PruneTogether(Graph& graph, const std::vector<PrunableWeight>& weights,
                   const std::vector<std::vector<float>>& scores, double amount) {
  constexpr float kFirst = std::numeric_limits<float>::infinity();
  std::vector<float> all;
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::vector<float>& given = GivenOf(graph, weights[i].weight);
    assert(scores[i].size() == given.size());
    for (size_t j = 0; j < given.size(); ++j) all.push_back(given[j] == 0 ? -kFirst : scores[i][j]);
  }
  const std::vector<bool> keep = MaskOfLargest(all, PrunedCount(amount, std::ssize(all)));
  auto begin = keep.begin();
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto end = begin + std::ssize(scores[i]);
    Prune(graph, weights[i].weight, std::vector<bool>(begin, end));
    begin = end;
  }
}

void PruneSmallest(Graph& graph, const std::vector<PrunableWeight>& weights, double amount) {
  std::vector<std::vector<float>> scores;
  for (const PrunableWeight& each : weights) scores.push_back(Magnitudes(GivenOf(graph, each.weight)));
  PruneTogether(graph, weights, scores, amount);
}

ParamSpec ScopeParam() {
  return {.name = "scope",
          .type = ParamType::kChoice,
          .default_value = "layer",
          .choices = {"layer", "global"},
          .doc =
              "Ranked within each layer, so that each gives the same share; or all weights of the chosen "
              "layers together, so that layers which have much to spare give more."};
}

std::vector<std::vector<PrunableWeight>> RankedTogether(const std::vector<PrunableWeight>& weights,
                                                        std::string_view scope) {
  if (scope == "global") return {weights};
  std::vector<std::vector<PrunableWeight>> groups;
  for (const PrunableWeight& each : weights) groups.push_back({each});
  return groups;
}

void Prune(Graph& graph, ValueId weight, const std::vector<bool>& keep) {
  std::vector<float> values = GivenOf(graph, weight);
  for (size_t i = 0; i < values.size(); ++i)
    if (!keep[i]) values[i] = 0;
  Give(graph, weight, std::move(values));
  Value& value = graph.mutable_value(weight);
  if (value.hold != Hold::kShared) value.hold = Hold::kZeros;  // what is shared holds its zeros, too
}

}  // namespace concertina
