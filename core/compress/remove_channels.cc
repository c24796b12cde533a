// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// remove_channels.cc: see remove_channels.h.
// On the way of the data: compress/channels.cc -> here -> compress/rewrite.h.
//
// Every value belongs to a space of channels: the input to one, each layer's output to one of its own. All
// that keeps channels apart hands the space on; a sum, or a parameter that two nodes read, makes one of two.
#include "core/compress/remove_channels.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/compress/layer_choice.h"
#include "core/compress/rewrite.h"
#include "fmt/format.h"

namespace concertina {
namespace {

bool HasOutputChannels(const Node& node) {
  return node.kind == OpKind::kDense || node.kind == OpKind::kConv2d;
}

// Where the channels of a space lie in a value: `each` indices of the first dimension for every one of them.
struct ChannelPlace {
  int space = -1;
  int64_t each = 1;
};

class ChannelSpaces {
 public:
  explicit ChannelSpaces(const Graph& graph) : graph_(graph), places_(graph.values().size()) {
    Fix(Begin(graph.input()), "they are the input's");
    for (size_t n = 0; n < graph.nodes().size(); ++n) Visit(static_cast<int>(n));
    Fix(places_[IndexOf(graph.prediction())].space, "they reach the prediction");
  }

  int SpaceOf(int producer) { return Find(places_[IndexOf(NodeAt(producer).output)].space); }
  const std::string& FixedBecause(int space) { return fixed_[static_cast<size_t>(Find(space))]; }
  // Of a value or of the outputs of a parameter. Space -1: it has no channels (a scalar).
  ChannelPlace PlaceOf(ValueId id) {
    ChannelPlace place = places_[IndexOf(id)];
    if (place.space >= 0) place.space = Find(place.space);
    return place;
  }
  // Of a weight's inputs.
  ChannelPlace InputsOf(ValueId weight) { return PlaceOf(input_of_.at(weight)); }
  bool IsWeight(ValueId id) const { return input_of_.contains(id); }

 private:
  const Node& NodeAt(int n) const { return graph_.nodes()[static_cast<size_t>(n)]; }

  int Begin(ValueId id) {
    const auto space = static_cast<int>(parent_.size());
    parent_.push_back(space);
    fixed_.emplace_back();
    places_[IndexOf(id)] = {.space = space, .each = 1};
    return space;
  }

  int Find(int space) {
    int& parent = parent_[static_cast<size_t>(space)];
    return parent == space ? space : parent = Find(parent);
  }

  void Fix(int space, const std::string& reason) {
    if (space < 0) return;
    std::string& fixed = fixed_[static_cast<size_t>(Find(space))];
    if (fixed.empty()) fixed = reason;
  }

  // The same channels from now on. Planes of different size cannot be the same ones.
  void Join(ChannelPlace a, ChannelPlace b, const std::string& node) {
    if (a.each != b.each) {
      for (const ChannelPlace& place : {a, b})
        Fix(place.space, fmt::format("they meet channels of another size in \"{}\"", node));
      return;
    }
    const int first = Find(a.space), second = Find(b.space);
    if (first == second) return;
    parent_[static_cast<size_t>(std::max(first, second))] = std::min(first, second);
    Fix(std::min(first, second), fixed_[static_cast<size_t>(std::max(first, second))]);
  }

  // A parameter with one row for each of these channels; if another node has it too, they are the same ones.
  void Own(ValueId parameter, ChannelPlace place, const std::string& node) {
    ChannelPlace& owner = places_[IndexOf(parameter)];
    if (owner.space < 0)
      owner = place;
    else
      Join(owner, place, node);
  }

  void Visit(int n) {
    const Node& node = NodeAt(n);
    const ChannelPlace in = places_[IndexOf(node.inputs[0])];
    ChannelPlace& out = places_[IndexOf(node.output)];
    switch (node.kind) {
      case OpKind::kDense:
      case OpKind::kConv2d: {
        Begin(node.output);
        const auto [entry, is_first] = input_of_.try_emplace(node.inputs[1], node.inputs[0]);
        if (!is_first) Join(places_[IndexOf(entry->second)], in, node.name);
        for (size_t i = 1; i < node.inputs.size(); ++i) Own(node.inputs[i], out, node.name);
        if (node.attributes.parts > 1) Fix(out.space, "they are a part of a layer's");
        return;
      }
      case OpKind::kDepthwiseConv2d:  // what goes in comes out, with a kernel of its own
      case OpKind::kBatchNorm:
        for (size_t i = 1; i < node.inputs.size(); ++i) Own(node.inputs[i], in, node.name);
        out = in;
        return;
      case OpKind::kAdd:
        Join(in, places_[IndexOf(node.inputs[1])], node.name);
        out = in;
        return;
      case OpKind::kReshape: {
        // Row-major: a channel's plane stays in one piece, and must be whole rows of the new shape.
        const int64_t before = graph_.value(node.inputs[0]).shape[0];
        const int64_t after = node.attributes.shape.empty() ? 0 : node.attributes.shape[0];
        if (after > 0 && (after * in.each) % before == 0) {
          out = {.space = in.space, .each = after * in.each / before};
          return;
        }
        Fix(in.space, fmt::format("\"{}\" puts them together", node.name));
        Fix(Begin(node.output), fmt::format("\"{}\" puts them together", node.name));
        return;
      }
      case OpKind::kMaxPool2d:
      case OpKind::kAveragePool2d:
      case OpKind::kGlobalAveragePool:
      case OpKind::kRelu:
      case OpKind::kTanh:
      case OpKind::kSigmoid:
      case OpKind::kGelu:
      case OpKind::kDropout:
      case OpKind::kFakeQuantize:
        out = in;
        return;
      case OpKind::kSoftmaxCrossEntropy:
      case OpKind::kMeanSquaredError:
      case OpKind::kDistillation:
        Fix(in.space, "they reach the prediction");  // or another one beside it
        return;                                      // a scalar has no channels
      case OpKind::kCopyToTensor:
      case OpKind::kReduceFromTensor:
        Fix(in.space, fmt::format("other ranks have them too, in \"{}\"", node.name));
        out = in;
        return;
    }
  }

  const Graph& graph_;
  std::vector<ChannelPlace> places_;     // by value; of a parameter: its first dimension's
  std::map<ValueId, ValueId> input_of_;  // what a weight is multiplied with
  std::vector<int> parent_;              // of spaces that became one
  std::vector<std::string> fixed_;       // why, by space; of joined ones at the first
};

// ChannelIndices of the first dimension (or of a weight's inputs) that stay; none: all of them.
using ChannelIndices = std::optional<std::vector<int64_t>>;

std::vector<int64_t> AllBelow(int64_t count) {
  std::vector<int64_t> all(static_cast<size_t>(count));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

// The rows and, of a weight, input columns that stay, of a parameter or buffer rows x columns x the rest.
Value CutValue(const Value& value, const ChannelIndices& rows, const ChannelIndices& columns) {
  const int64_t width = value.shape.size() > 1 ? value.shape[1] : 1;
  const int64_t taps = ElementCount(value.shape) / (value.shape[0] * width);
  const std::vector<int64_t> all_columns = AllBelow(width), all_rows = AllBelow(value.shape[0]);
  std::vector<float> kept;
  for (const int64_t row : rows ? *rows : all_rows)
    for (const int64_t column : columns ? *columns : all_columns) {
      const auto from = value.given->begin() + (row * width + column) * taps;
      kept.insert(kept.end(), from, from + taps);
    }
  Value cut = value;
  cut.given = std::make_shared<const std::vector<float>>(std::move(kept));
  if (columns) cut.shape[1] = std::ssize(*columns);
  if (!rows) return cut;
  cut.shape[0] = std::ssize(*rows);
  if (cut.quantization && std::ssize(value.quantization->scales) == value.shape[0] && value.shape[0] > 1) {
    cut.quantization->scales.clear();
    for (const int64_t row : *rows)
      cut.quantization->scales.push_back(value.quantization->scales[static_cast<size_t>(row)]);
  }
  return cut;
}

absl::Status CheckKept(const Graph& graph, int index, const std::vector<int64_t>& kept) {
  if (index < 0 || index >= std::ssize(graph.nodes()))
    return absl::InvalidArgumentError(
        fmt::format("node {} of a graph of {}; expected a layer's index", index, graph.nodes().size()));
  const Node& node = graph.nodes()[static_cast<size_t>(index)];
  if (!HasOutputChannels(node))
    return absl::InvalidArgumentError(fmt::format("\"{}\" is a {}, expected a dense layer or a convolution",
                                                  node.name, OpKindName(node.kind)));
  const int64_t width = graph.value(node.inputs[1]).shape[0];
  for (size_t i = 0; i < kept.size(); ++i)
    if (kept[i] < (i == 0 ? 0 : kept[i - 1] + 1) || kept[i] >= width)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": channel {} is kept in place {}, expected ascending ones from 0 to {}",
                      node.name, kept[i], i, width - 1));
  if (kept.empty())
    return absl::InvalidArgumentError(fmt::format(
        "layer \"{}\": none of its {} channels is kept, expected at least one", node.name, width));
  for (const ValueId id : node.inputs)
    if (graph.value(id).slice)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": \"{}\" is a part of a parameter; channels are removed from whole models",
                      node.name, graph.value(id).name));
  return absl::OkStatus();
}

}  // namespace

std::vector<CoupledGroup> CoupledGroups(const Graph& graph) {
  ChannelSpaces spaces(graph);
  std::vector<CoupledGroup> groups;
  std::map<int, size_t> group_of;
  for (int n = 0; n < static_cast<int>(graph.nodes().size()); ++n) {
    const Node& node = graph.nodes()[static_cast<size_t>(n)];
    if (!HasOutputChannels(node)) continue;
    const int space = spaces.SpaceOf(n);
    const auto [entry, is_new] = group_of.try_emplace(space, groups.size());
    if (is_new)
      groups.push_back({.producers = {},
                        .channels = graph.value(node.inputs[1]).shape[0],
                        .fixed_because = spaces.FixedBecause(space)});
    groups[entry->second].producers.push_back(n);
  }
  return groups;
}

absl::StatusOr<Graph> KeepChannels(const Graph& graph, const std::map<int, std::vector<int64_t>>& kept) {
  ChannelSpaces spaces(graph);
  std::map<int, std::pair<int, std::vector<int64_t>>> kept_of;  // by space: who said so, and which
  for (const auto& [index, channels] : kept) {
    RETURN_IF_ERROR(CheckKept(graph, index, channels));
    const Node& node = graph.nodes()[static_cast<size_t>(index)];
    const int space = spaces.SpaceOf(index);
    if (const std::string& why = spaces.FixedBecause(space); !why.empty())
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": its channels cannot be removed, since {}", node.name, why));
    const auto [entry, is_new] = kept_of.try_emplace(space, index, channels);
    if (!is_new && entry->second.second != channels)
      return absl::InvalidArgumentError(
          fmt::format("layers \"{}\" and \"{}\" are coupled by a sum or a shared weight, expected the same "
                      "channels of both",
                      graph.nodes()[static_cast<size_t>(entry->second.first)].name, node.name));
  }
  const auto indices_at = [&](const ChannelPlace& place) -> ChannelIndices {
    const auto found = kept_of.find(place.space);
    if (found == kept_of.end()) return std::nullopt;
    std::vector<int64_t> indices;
    for (const int64_t channel : found->second.second)
      for (int64_t i = 0; i < place.each; ++i) indices.push_back(channel * place.each + i);
    return indices;
  };
  RewriteHooks hooks;
  hooks.value = [&](Rewriter& rewriter, ValueId id) {
    const ChannelIndices rows = indices_at(spaces.PlaceOf(id));
    const ChannelIndices columns = spaces.IsWeight(id) ? indices_at(spaces.InputsOf(id)) : std::nullopt;
    return rewriter.Put(rows || columns ? CutValue(graph.value(id), rows, columns) : graph.value(id));
  };
  hooks.node = [&](Rewriter& rewriter, int index) {
    const Node& node = graph.nodes()[static_cast<size_t>(index)];
    Attributes attributes = node.attributes;
    if (node.kind == OpKind::kReshape)
      if (const ChannelIndices rows = indices_at(spaces.PlaceOf(node.output)))
        attributes.shape[0] = std::ssize(*rows);
    return rewriter.Copy(node, std::move(attributes));
  };
  return RewriteGraph(graph, hooks);
}

}  // namespace concertina
