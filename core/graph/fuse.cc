// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fuse.cc: merges activations into the node before them, so that a tensor is not walked twice.
// On the way of the data: graph/executor.cc asks here before anything else.
//
// Values keep their ids, so parameters and outputs are where they were; the merged value has no writer.
#include <map>

#include "core/graph/graph.h"

namespace concertina {
namespace {

bool CanTake(OpKind kind, Activation activation) {
  switch (kind) {
    case OpKind::kDense:
    case OpKind::kConv2d:
    case OpKind::kReduceFromTensor:
      return true;
    case OpKind::kBatchNorm:
    case OpKind::kAdd:
      return activation == Activation::kRelu;  // their kernels rectify in the same pass
    default:
      return false;
  }
}

// What is merged is on no grid between the two. ReLU leaves what is on a grid there, if zero is on it too:
// then only the grid behind need be that one. Everything else on a grid (a value that reaches another one
// rounded twice, or a function of rounded numbers) stays as it is.
bool LosesGrid(const Value& between, const Value& behind, Activation activation) {
  if (!between.quantization) return false;
  const Quantization& grid = *between.quantization;
  const bool has_zero = grid.zero_point == 0 || (!grid.is_signed && grid.bits >= 1 && grid.bits <= 30 &&
                                                 grid.zero_point > 0 && grid.zero_point < 1 << grid.bits);
  if (activation != Activation::kRelu || !has_zero) return true;
  return behind.quantization && *behind.quantization != grid;
}

}  // namespace

Graph Fuse(const Graph& graph) {
  std::map<ValueId, int> readers;
  std::map<ValueId, size_t> writer;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    for (const ValueId id : graph.nodes()[i].inputs) ++readers[id];
    writer[graph.nodes()[i].output] = i;
  }
  ++readers[graph.prediction()];
  ++readers[graph.loss()];

  Graph fused = graph;
  std::vector<bool> merged(graph.nodes().size(), false);
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Activation activation = ActivationOf(graph.nodes()[i].kind);
    if (activation == Activation::kNone) continue;
    const ValueId x = graph.nodes()[i].inputs[0];
    const auto before = writer.find(x);
    if (before == writer.end() || readers[x] != 1) continue;
    Node& target = fused.nodes_[before->second];
    // A node whose activation is taken writes another value than x by now.
    if (target.output != x || target.attributes.activation != Activation::kNone) continue;
    if (!CanTake(target.kind, activation)) continue;
    if (LosesGrid(graph.value(x), graph.value(graph.nodes()[i].output), activation)) continue;
    if (graph.value(x).quantization)
      fused.mutable_value(graph.nodes()[i].output).quantization = graph.value(x).quantization;
    target.attributes.activation = activation;
    target.output = graph.nodes()[i].output;
    merged[i] = true;
  }
  std::vector<Node> kept;
  for (size_t i = 0; i < merged.size(); ++i)
    if (!merged[i]) kept.push_back(std::move(fused.nodes_[i]));
  fused.nodes_ = std::move(kept);
  return fused;
}

}  // namespace concertina
