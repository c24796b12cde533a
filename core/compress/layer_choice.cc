// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_choice.cc: see layer_choice.h.
#include "core/compress/layer_choice.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "core/base/name_pattern.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {

absl::StatusOr<std::vector<int>> ChooseLayers(const Graph& graph, std::string_view pattern) {
  const std::vector<bool> needed = graph.NeededByPrediction();
  std::vector<int> chosen;
  std::vector<std::string> layers;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    if ((node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) || !needed[IndexOf(node.output)])
      continue;
    layers.push_back(node.name);
    if (FitsPattern(node.name, pattern)) chosen.push_back(static_cast<int>(i));
  }
  if (!chosen.empty()) return chosen;
  const std::string nearest = NearestName(std::string(pattern), layers);
  return absl::InvalidArgumentError(fmt::format(
      "layers \"{}\" fits no layer of the model{}: it has {}", pattern,
      nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest), fmt::join(layers, ", ")));
}

std::string LayerText(size_t place, size_t layers, std::string_view name) {
  return fmt::format("layer {} of {}, {}", place + 1, layers, name);
}

ParamSpec LayersParam() {
  return {
      .name = "layers",
      .type = ParamType::kText,
      .default_value = "*",
      .doc =
          "A pattern that the names of the layers fit (\"conv*\"; * stands for any characters, ? for one): "
          "dense layers and convolutions that do are compressed, the others stay as they are."};
}

const std::vector<float>& GivenOf(const Graph& graph, ValueId id) {
  assert(graph.value(id).given != nullptr);
  return *graph.value(id).given;
}

absl::Status CheckFiniteWeight(std::string_view layer, const std::vector<float>& weight) {
  const auto found =
      std::find_if(weight.begin(), weight.end(), [](float value) { return !std::isfinite(value); });
  if (found == weight.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("layer \"{}\": element {} of its weight is {}, expected a number; the training has "
                  "diverged, lower the learning rate",
                  layer, found - weight.begin(), *found));
}

void Give(Graph& graph, ValueId id, std::vector<float> values) {
  assert(static_cast<int64_t>(values.size()) == ElementCount(graph.value(id).shape));
  graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
}

}  // namespace concertina
