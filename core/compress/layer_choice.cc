// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_choice.cc: see layer_choice.h.
#include "core/compress/layer_choice.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/base/name_pattern.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {

namespace {

// "conv*, dense1, !conv1": those that one of the first fits, without those that one of the others does.
struct LayerPatterns {
  std::vector<std::string_view> wanted, left_out;
};

LayerPatterns PatternsOf(std::string_view text) {
  LayerPatterns patterns;
  const auto trimmed = [](std::string_view part) {
    const size_t begin = part.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view()
                                           : part.substr(begin, part.find_last_not_of(' ') + 1 - begin);
  };
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = trimmed(text.substr(begin, end - begin));
    if (part.starts_with('!'))
      patterns.left_out.push_back(trimmed(part.substr(1)));
    else if (!part.empty())
      patterns.wanted.push_back(part);
    begin = end + 1;
  }
  if (patterns.wanted.empty() && !patterns.left_out.empty()) patterns.wanted.push_back("*");
  return patterns;
}

bool FitsAny(std::string_view name, const std::vector<std::string_view>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [name](std::string_view pattern) { return FitsPattern(name, pattern); });
}

std::string MeantText(std::string_view pattern, const std::vector<std::string>& layers) {
  const std::string nearest = NearestName(std::string(pattern), layers);
  return nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest);
}

}  // namespace

absl::StatusOr<std::vector<int>> ChooseLayers(const Graph& graph, std::string_view pattern) {
  const std::vector<bool> needed = graph.NeededByPrediction();
  const LayerPatterns patterns = PatternsOf(pattern);
  std::vector<int> chosen;
  std::vector<std::string> layers;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    if ((node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) || !needed[IndexOf(node.output)])
      continue;
    layers.push_back(node.name);
    // A name that has a comma itself is still fitted by what stands for all of it.
    if ((FitsAny(node.name, patterns.wanted) && !FitsAny(node.name, patterns.left_out)) ||
        FitsPattern(node.name, pattern))
      chosen.push_back(static_cast<int>(i));
  }
  // What was to stay as it is, and is spelt wrongly, would be compressed without a word.
  for (const std::string_view left_out : patterns.left_out)
    if (std::none_of(layers.begin(), layers.end(),
                     [left_out](const std::string& layer) { return FitsPattern(layer, left_out); }))
      return absl::InvalidArgumentError(
          fmt::format("layers \"{}\": \"!{}\" leaves out no layer of the model{}: it has {}", pattern,
                      left_out, MeantText(left_out, layers), fmt::join(layers, ", ")));
  if (!chosen.empty()) return chosen;
  return absl::InvalidArgumentError(fmt::format("layers \"{}\" fits no layer of the model{}: it has {}",
                                                pattern, MeantText(pattern, layers),
                                                fmt::join(layers, ", ")));
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
          "dense layers and convolutions that do are compressed, the others stay as they are. Several are "
          "separated by commas, and one behind ! leaves layers out: \"*, !conv1\"."};
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
