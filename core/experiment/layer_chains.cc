// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_chains.cc: see layer_chains.h.
#include "core/experiment/layer_chains.h"

#include <algorithm>
#include <string>

#include "core/base/name_pattern.h"
#include "core/base/status.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr size_t kShownLayers = 12;  // of a deep model; the message stays readable

// Of the layers that have parameters, in the model's order, each once.
std::vector<std::string> LayersOf(std::span<const ParameterSlot> layout) {
  std::vector<std::string> layers;
  for (const ParameterSlot& slot : layout)
    if (layers.empty() || layers.back() != LayerOf(slot)) layers.emplace_back(LayerOf(slot));
  return layers;
}

// The layer that was probably meant: the nearest to the pattern without its stars, as a whole or by its
// beginning.
std::string NearestLayer(const std::string& pattern, const std::vector<std::string>& layers) {
  std::string plain;
  for (const char c : pattern)
    if (c != '*' && c != '?') plain += c;
  if (const std::string nearest = NearestName(plain, layers); !nearest.empty()) return nearest;
  std::vector<std::string> beginnings;
  for (const std::string& layer : layers) beginnings.push_back(layer.substr(0, plain.size()));
  const std::string nearest = NearestName(plain, beginnings);
  const auto found = std::find(beginnings.begin(), beginnings.end(), nearest);
  return nearest.empty() || found == beginnings.end()
             ? ""
             : layers[static_cast<size_t>(found - beginnings.begin())];
}

}  // namespace

std::string_view LayerOf(const ParameterSlot& slot) {
  const std::string_view name = slot.name;
  return name.substr(0, name.rfind('.'));
}

int ChainOfLayer(const Spec& spec, std::string_view layer) {
  for (size_t i = 0; i < spec.layer_gradients.size(); ++i)
    if (FitsPattern(layer, spec.layer_gradients[i].layers)) return static_cast<int>(i) + 1;
  return 0;
}

std::span<const Params> ChainNumber(const Spec& spec, int chain) {
  return chain == 0 ? spec.gradient : spec.layer_gradients[static_cast<size_t>(chain) - 1].gradient;
}

std::vector<ParameterSlot> WithChains(const Spec& spec, std::vector<ParameterSlot> layout) {
  for (ParameterSlot& slot : layout) slot.chain = ChainOfLayer(spec, LayerOf(slot));
  return layout;
}

void CheckPatterns(const Spec& spec, std::span<const ParameterSlot> layout, std::vector<Fault>& faults) {
  const std::vector<std::string> layers = LayersOf(layout);
  for (size_t i = 0; i < spec.layer_gradients.size(); ++i) {
    const std::string& pattern = spec.layer_gradients[i].layers;
    if (std::any_of(layers.begin(), layers.end(),
                    [&](const std::string& layer) { return FitsPattern(layer, pattern); }))
      continue;
    const std::span shown = std::span(layers).first(std::min(layers.size(), kShownLayers));
    faults.push_back(MakeFault(
        fmt::format("/layer_gradients/{}/layers", i), fmt::format("\"{}\"", Shortened(pattern)),
        fmt::format(
            "a pattern that fits a layer with parameters: {}{}", fmt::join(shown, ", "),
            layers.size() > shown.size() ? fmt::format(" and {} more", layers.size() - shown.size()) : ""),
        NearestLayer(pattern, layers)));
  }
}

std::vector<std::string> PatternWarnings(const Spec& spec, std::span<const ParameterSlot> layout) {
  std::vector<std::string> warnings;
  std::vector<int64_t> layers(spec.layer_gradients.size() + 1);
  for (const std::string& layer : LayersOf(layout)) ++layers[static_cast<size_t>(ChainOfLayer(spec, layer))];
  for (size_t i = 0; i < spec.layer_gradients.size(); ++i)
    if (layers[i + 1] == 0)
      warnings.push_back(
          fmt::format("/layer_gradients/{} (\"{}\") is used by no layer: all that it fits are taken by "
                      "patterns before it",
                      i, spec.layer_gradients[i].layers));
  if (!spec.layer_gradients.empty() && layers[0] == 0)
    warnings.emplace_back("the codecs of /gradient are used by no layer: /layer_gradients takes all");
  return warnings;
}

}  // namespace concertina
