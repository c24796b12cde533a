// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// beside.cc: see beside.h.
#include "core/graph/beside.h"

#include "core/graph/fold_batch_norm.h"
#include "fmt/format.h"

namespace concertina {
namespace {

bool IsKeptOrConstant(ValueRole role) {
  return role == ValueRole::kParameter || role == ValueRole::kBuffer || role == ValueRole::kConstant;
}

ValueId AddAs(Graph& graph, ValueRole role, const Value& value, std::string name) {
  if (role == ValueRole::kConstant) return graph.AddConstant(std::move(name), value.shape, value.given);
  const ValueId id =
      role == ValueRole::kBuffer
          ? graph.AddBuffer(std::move(name), value.shape, value.initializer)
          : graph.AddParameter(std::move(name), value.shape, value.initializer, value.fan_in, value.fan_out);
  Value& added = graph.mutable_value(id);
  added.decays = value.decays;
  added.given = value.given;
  added.hold = value.hold;
  added.quantization = value.quantization;
  return id;
}

// The nodes that are needed, reading what stands for their inputs.
absl::Status CopyNodes(Graph& to, const Graph& from, const std::vector<bool>& needed, std::string_view prefix,
                       bool drops_dropout, std::vector<ValueId>& moved) {
  for (const Node& node : from.nodes()) {
    if (!needed[IndexOf(node.output)]) continue;
    if (drops_dropout && node.kind == OpKind::kDropout) {
      moved[IndexOf(node.output)] = moved[IndexOf(node.inputs[0])];
      continue;
    }
    std::vector<ValueId> inputs;
    for (const ValueId id : node.inputs) inputs.push_back(moved[IndexOf(id)]);
    ASSIGN_OR_RETURN(const ValueId output, to.AddNode(node.kind, fmt::format("{}{}", prefix, node.name),
                                                      std::move(inputs), node.attributes));
    to.mutable_value(output).quantization = from.value(node.output).quantization;
    moved[IndexOf(node.output)] = output;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Graph> PredictionOf(const Graph& graph) {
  const std::vector<bool> needed = graph.NeededByPrediction();
  Graph alone;
  std::vector<ValueId> moved(graph.values().size(), -1);
  for (size_t i = 0; i < graph.values().size(); ++i) {
    const Value& value = graph.values()[i];
    if (value.role == ValueRole::kInput) {
      moved[i] = alone.AddInput(value.shape);
      alone.mutable_value(moved[i]).quantization = value.quantization;
    } else if (needed[i] && IsKeptOrConstant(value.role)) {
      moved[i] = AddAs(alone, value.role, value, value.name);
    }
  }
  RETURN_IF_ERROR(CopyNodes(alone, graph, needed, "", false, moved));
  alone.SetOutputs(moved[IndexOf(graph.prediction())], -1);
  return alone;
}

absl::StatusOr<std::vector<ValueId>> PutBeside(Graph& host, const Graph& guest_graph, GuestRole role,
                                               std::string_view prefix) {
  Graph folded;
  const Graph* guest = &guest_graph;
  if (role == GuestRole::kFrozen) {
    ASSIGN_OR_RETURN(folded, FoldBatchNorm(guest_graph));
    guest = &folded;
  }
  const Shape& takes = guest->value(guest->input()).shape;
  const Shape& given = host.value(host.input()).shape;
  if (takes != given)
    return absl::InvalidArgumentError(fmt::format("it takes samples of {}, and the model beside it {}",
                                                  ShapeText(takes), ShapeText(given)));
  const std::vector<bool> needed = guest->NeededByPrediction();
  std::vector<ValueId> moved(guest->values().size(), -1);
  for (size_t i = 0; i < guest->values().size(); ++i) {
    const Value& value = guest->values()[i];
    if (value.role == ValueRole::kInput) moved[i] = host.input();
    if (!needed[i] || !IsKeptOrConstant(value.role)) continue;
    if (role == GuestRole::kFrozen && value.given == nullptr)
      return absl::InvalidArgumentError(
          fmt::format("its \"{}\" has no values: it was never trained", value.name));
    moved[i] = AddAs(host, role == GuestRole::kFrozen ? ValueRole::kConstant : value.role, value,
                     fmt::format("{}{}", prefix, value.name));
  }
  for (const Node& node : guest->nodes())
    if (role == GuestRole::kFrozen && needed[IndexOf(node.output)] && node.kind == OpKind::kBatchNorm)
      return absl::InvalidArgumentError(fmt::format(
          "its batch norm \"{}\" follows no layer that could take it in, and would go on counting",
          node.name));
  RETURN_IF_ERROR(CopyNodes(host, *guest, needed, prefix, role == GuestRole::kFrozen, moved));
  // By the values of the graph that was given: folding has made others.
  if (role == GuestRole::kTrains) return moved;
  std::vector<ValueId> stands(guest_graph.values().size(), -1);
  for (const Node& node : guest_graph.nodes())
    for (const Node& other : guest->nodes())
      if (other.name == node.name) stands[IndexOf(node.output)] = moved[IndexOf(other.output)];
  stands[IndexOf(guest_graph.prediction())] = moved[IndexOf(guest->prediction())];
  return stands;
}

absl::Status AddCrossEntropy(Graph& graph) {
  ASSIGN_OR_RETURN(const ValueId loss,
                   graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {graph.prediction()}));
  graph.SetOutputs(graph.prediction(), loss);
  return absl::OkStatus();
}

}  // namespace concertina
