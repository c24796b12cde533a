// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// differentiate.cc: which gradients are needed, who makes them, and in which order they are final.
// On the way of the data: graph/graph.h -> here -> graph/memory_plan.h, graph/executor.h.
#include "core/graph/differentiate.h"

#include <algorithm>
#include <map>

namespace concertina {
namespace {

// Values that depend on a parameter (or on an input that is to have a gradient), and on which the loss
// depends.
std::vector<bool> NeedsGradient(const Graph& graph, bool wants_input) {
  std::vector<bool> depends(graph.values().size(), false);
  if (wants_input) depends[IndexOf(graph.input())] = true;
  for (const ValueId id : graph.parameters()) depends[IndexOf(id)] = true;
  for (const Node& node : graph.nodes())
    for (const ValueId id : node.inputs)
      if (depends[IndexOf(id)]) depends[IndexOf(node.output)] = true;
  std::vector<bool> reaches(graph.values().size(), false);
  const ValueId end = graph.loss() >= 0 ? graph.loss() : graph.prediction();
  if (end >= 0) reaches[IndexOf(end)] = true;
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
    if (reaches[IndexOf(node->output)])
      for (const ValueId id : node->inputs) reaches[IndexOf(id)] = true;
  for (size_t i = 0; i < depends.size(); ++i)
    depends[i] = depends[i] && reaches[i] && graph.values()[i].role != ValueRole::kBuffer &&
                 graph.values()[i].role != ValueRole::kConstant;
  return depends;
}

}  // namespace

Backward Differentiate(const Graph& graph, bool wants_input) {
  Backward backward;
  backward.has_gradient = NeedsGradient(graph, wants_input);
  std::vector<bool> made(graph.values().size(), false);
  const auto add = [&](int node, BackwardPart part, size_t first, size_t last) {
    const std::vector<ValueId>& inputs = graph.nodes()[static_cast<size_t>(node)].inputs;
    BackwardOperation operation{.node = node, .part = part};
    for (size_t i = first; i < std::min(last, inputs.size()); ++i) {
      const ValueId id = inputs[i];
      if (!backward.has_gradient[IndexOf(id)]) continue;
      operation.makes.push_back(
          {.input = static_cast<int>(i), .value = id, .accumulates = made[IndexOf(id)]});
      made[IndexOf(id)] = true;
    }
    if (!operation.makes.empty()) backward.operations.push_back(std::move(operation));
  };
  for (auto i = static_cast<int>(graph.nodes().size()) - 1; i >= 0; --i) {
    const Node& node = graph.nodes()[static_cast<size_t>(i)];
    if (!backward.has_gradient[IndexOf(node.output)]) continue;
    if (node.kind == OpKind::kDense || node.kind == OpKind::kConv2d) {
      add(i, BackwardPart::kParameters, 1, node.inputs.size());
      add(i, BackwardPart::kInput, 0, 1);
    } else {
      add(i, BackwardPart::kAll, 0, node.inputs.size());
    }
  }

  // Backwards, the first that makes a gradient is the one that completes it.
  std::vector<bool> completed(graph.values().size(), false);
  for (auto operation = backward.operations.rbegin(); operation != backward.operations.rend(); ++operation)
    for (auto made_gradient = operation->makes.rbegin(); made_gradient != operation->makes.rend();
         ++made_gradient) {
      made_gradient->completes = !completed[IndexOf(made_gradient->value)];
      completed[IndexOf(made_gradient->value)] = true;
    }

  std::map<ValueId, int> index;
  for (const ValueId id : graph.parameters()) {
    const auto position = static_cast<int>(index.size());
    index[id] = position;
    if (!backward.has_gradient[IndexOf(id)]) backward.unreached.push_back(position);
  }
  backward.gradient_order = backward.unreached;
  for (const BackwardOperation& operation : backward.operations)
    for (const MadeGradient& gradient : operation.makes)
      if (gradient.completes && graph.value(gradient.value).role == ValueRole::kParameter)
        backward.gradient_order.push_back(index[gradient.value]);
  return backward;
}

}  // namespace concertina
