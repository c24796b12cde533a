// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rewrite.cc: see rewrite.h.
// On the way of the data: compress/remove_channels.cc, compress/low_rank.cc -> here -> graph/graph.h.
#include "core/compress/rewrite.h"

#include <cassert>
#include <utility>

namespace concertina {

Rewriter::Rewriter(const Graph& old) : old_(old), moved_(old.values().size(), -1) {}

ValueId Rewriter::At(ValueId old) const {
  assert(moved_[IndexOf(old)] >= 0);
  return moved_[IndexOf(old)];
}

ValueId Rewriter::Put(Value value) {
  const ValueId id =
      value.role == ValueRole::kBuffer
          ? graph_.AddBuffer(value.name, value.shape, value.initializer)
          : graph_.AddParameter(value.name, value.shape, value.initializer, value.fan_in, value.fan_out);
  graph_.mutable_value(id) = std::move(value);
  return id;
}

absl::StatusOr<ValueId> Rewriter::Add(OpKind kind, std::string name, std::vector<ValueId> inputs,
                                      Attributes attributes) {
  return graph_.AddNode(kind, std::move(name), std::move(inputs), std::move(attributes));
}

absl::StatusOr<ValueId> Rewriter::Copy(const Node& node, Attributes attributes) {
  std::vector<ValueId> inputs;
  for (const ValueId id : node.inputs) inputs.push_back(At(id));
  return Add(node.kind, node.name, std::move(inputs), std::move(attributes));
}

absl::StatusOr<Graph> RewriteGraph(const Graph& old, const RewriteHooks& hooks) {
  Rewriter rewriter(old);
  for (size_t i = 0; i < old.values().size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    const Value& value = old.value(id);
    if (value.role == ValueRole::kActivation) continue;
    if (value.role == ValueRole::kInput) {
      rewriter.moved_[i] = rewriter.graph_.AddInput(value.shape);
      rewriter.graph_.mutable_value(rewriter.moved_[i]) = value;
    } else {
      rewriter.moved_[i] = hooks.value ? hooks.value(rewriter, id) : rewriter.Put(value);
    }
  }
  for (size_t i = 0; i < old.nodes().size(); ++i) {
    const Node& node = old.nodes()[i];
    ASSIGN_OR_RETURN(const ValueId output, hooks.node ? hooks.node(rewriter, static_cast<int>(i))
                                                      : rewriter.Copy(node, node.attributes));
    rewriter.moved_[IndexOf(node.output)] = output;
    rewriter.graph_.mutable_value(output).quantization = old.value(node.output).quantization;
  }
  const auto moved = [&](ValueId id) { return id < 0 ? id : rewriter.At(id); };
  rewriter.graph_.SetOutputs(moved(old.prediction()), moved(old.loss()));
  return std::move(rewriter.graph_);
}

}  // namespace concertina
