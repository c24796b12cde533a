// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fold_batch_norm.cc: see fold_batch_norm.h.
#include "core/graph/fold_batch_norm.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fmt/format.h"

namespace concertina {
namespace {

struct Folded {
  std::vector<float> weight, bias;
};

absl::StatusOr<Folded> FoldedValues(const Graph& graph, const Node& layer, const Node& norm) {
  std::vector<ValueId> needed(layer.inputs.begin() + 1, layer.inputs.end());
  needed.insert(needed.end(), norm.inputs.begin() + 1, norm.inputs.end());
  for (const ValueId id : needed)
    if (graph.value(id).given == nullptr)
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" has no values: batch norm can be folded only once a model is trained",
                      graph.value(id).name));
  const auto given = [&](const Node& node, size_t input) -> const std::vector<float>& {
    return *graph.value(node.inputs[input]).given;
  };
  Folded folded{.weight = given(layer, 1), .bias = given(norm, 2)};
  const size_t channels = folded.bias.size(), each = folded.weight.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    const double factor = given(norm, 1)[c] / std::sqrt(given(norm, 4)[c] + norm.attributes.epsilon);
    const double bias = layer.inputs.size() > 2 ? given(layer, 2)[c] : 0;
    for (size_t i = c * each; i < (c + 1) * each; ++i)
      folded.weight[i] = static_cast<float>(folded.weight[i] * factor);
    folded.bias[c] = static_cast<float>((bias - given(norm, 3)[c]) * factor + folded.bias[c]);
  }
  return folded;
}

}  // namespace

absl::StatusOr<Graph> FoldBatchNorm(const Graph& graph) {
  std::map<ValueId, int> readers;
  std::map<ValueId, const Node*> writer;
  for (const Node& node : graph.nodes()) {
    for (const ValueId id : node.inputs) ++readers[id];
    writer[node.output] = &node;
  }
  // Another node would go on with the values as they were, or find them gone.
  const auto are_its_own = [&](const Node& node) {
    return std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                       [&](ValueId id) { return readers[id] == 1; });
  };
  std::map<const Node*, const Node*> norm_of;  // by layer
  std::set<const Node*> gone;
  for (const Node& node : graph.nodes()) {
    if (node.kind != OpKind::kBatchNorm) continue;
    const auto before = writer.find(node.inputs[0]);
    if (before == writer.end() || readers[node.inputs[0]] != 1 || node.inputs[0] == graph.prediction())
      continue;
    const Node* const layer = before->second;
    if (graph.value(layer->output).quantization)
      continue;  // what is rounded before the norm cannot be rounded after
    if ((layer->kind != OpKind::kDense && layer->kind != OpKind::kConv2d) ||
        layer->attributes.activation != Activation::kNone || !are_its_own(*layer) || !are_its_own(node))
      continue;
    norm_of[layer] = &node;
    gone.insert(&node);
  }
  if (gone.empty()) return graph;

  // Parameters first, in their order; a new bias comes behind the weight that it belongs to.
  Graph folded;
  std::map<ValueId, ValueId> moved;
  std::set<ValueId> dropped;
  for (const Node* norm : gone) dropped.insert(norm->inputs.begin() + 1, norm->inputs.end());
  std::map<ValueId, const Node*> layer_of_weight;
  for (const auto& [layer, norm] : norm_of) layer_of_weight[layer->inputs[1]] = layer;
  std::map<const Node*, ValueId> bias_of;
  std::map<ValueId, std::vector<float>> biases;  // of those that were there
  const auto copy = [&](ValueId from, ValueId to) {
    Value& value = folded.mutable_value(to);
    const Value& old = graph.value(from);
    value.decays = old.decays;
    value.given = old.given;
    value.hold = old.hold;
    value.quantization = old.quantization;
  };
  for (size_t i = 0; i < graph.values().size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    const Value& value = graph.value(id);
    if (value.role == ValueRole::kActivation || dropped.contains(id)) continue;
    if (value.role == ValueRole::kInput) {
      moved[id] = folded.AddInput(value.shape);
      copy(id, moved[id]);
      continue;
    }
    moved[id] =
        value.role == ValueRole::kBuffer
            ? folded.AddBuffer(value.name, value.shape, value.initializer)
            : folded.AddParameter(value.name, value.shape, value.initializer, value.fan_in, value.fan_out);
    copy(id, moved[id]);
    const auto layer = layer_of_weight.find(id);
    if (layer == layer_of_weight.end()) continue;
    ASSIGN_OR_RETURN(Folded values, FoldedValues(graph, *layer->second, *norm_of.at(layer->second)));
    Value& weight = folded.mutable_value(moved[id]);
    weight.given = std::make_shared<const std::vector<float>>(std::move(values.weight));
    weight.quantization.reset();
    weight.hold = weight.hold == Hold::kNothing || weight.hold == Hold::kGrid ? Hold::kNothing : Hold::kZeros;
    if (layer->second->inputs.size() > 2) {
      biases[layer->second->inputs[2]] = std::move(values.bias);
    } else {
      const ValueId bias = folded.AddParameter(
          layer->second->name + ".bias", {static_cast<int64_t>(values.bias.size())}, Initializer::kZeros);
      folded.mutable_value(bias).given = std::make_shared<const std::vector<float>>(std::move(values.bias));
      bias_of[layer->second] = bias;
    }
  }
  for (auto& [id, values] : biases)
    folded.mutable_value(moved.at(id)).given = std::make_shared<const std::vector<float>>(std::move(values));

  for (const Node& node : graph.nodes()) {
    if (gone.contains(&node)) {
      moved[node.output] = moved.at(node.inputs[0]);
      continue;
    }
    std::vector<ValueId> inputs;
    for (const ValueId id : node.inputs) inputs.push_back(moved.at(id));
    if (const auto bias = bias_of.find(&node); bias != bias_of.end()) inputs.push_back(bias->second);
    Attributes attributes = node.attributes;
    const auto norm = norm_of.find(&node);
    if (norm != norm_of.end()) attributes.activation = norm->second->attributes.activation;
    ASSIGN_OR_RETURN(moved[node.output], folded.AddNode(node.kind, node.name, std::move(inputs), attributes));
    const ValueId last = norm == norm_of.end() ? node.output : norm->second->output;
    folded.mutable_value(moved[node.output]).quantization = graph.value(last).quantization;
  }
  folded.SetOutputs(moved.at(graph.prediction()), graph.loss() < 0 ? -1 : moved.at(graph.loss()));
  return folded;
}

}  // namespace concertina
