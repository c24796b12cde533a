// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// split_tensor.cc: finds the pairs, and rewrites them (see split_tensor.h).
// On the way of the data: nn/model.h -> here -> graph/executor.h.
#include "core/graph/split_tensor.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/graph/differentiate.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

bool IsProduct(OpKind kind) { return kind == OpKind::kDense || kind == OpKind::kConv2d; }

// Features or channels of a value: what is divided is always the first dimension, a contiguous range.
int64_t WidthOf(const Graph& graph, ValueId id) {
  const Shape& shape = graph.value(id).shape;
  return shape.empty() ? 1 : shape[0];
}

class PairFinder {
 public:
  PairFinder(const Graph& graph, int size)
      : graph_(graph),
        size_(size),
        readers_(graph.values().size()),
        found_{.split = std::vector<NodeSplit>(graph.nodes().size(), NodeSplit::kWhole),
               .is_part = std::vector<bool>(graph.values().size(), false)} {
    for (size_t n = 0; n < graph.nodes().size(); ++n)
      for (const ValueId id : graph.nodes()[n].inputs) readers_[IndexOf(id)].push_back(n);
  }

  absl::StatusOr<std::vector<NodeSplit>> Find() {
    for (size_t n = 0; n < graph_.nodes().size(); ++n) {
      const Node& node = graph_.nodes()[n];
      if (!IsProduct(node.kind) || found_.split[n] != NodeSplit::kWhole || IsPart(node.inputs[0])) continue;
      if (std::optional<Found> more = PairFrom(n)) {
        found_ = *std::move(more);
        first_.push_back(n);
      }
    }
    RETURN_IF_ERROR(CheckWidths());
    return std::move(found_.split);
  }

 private:
  struct Found {
    std::vector<NodeSplit> split;  // by node
    std::vector<bool> is_part;     // by value
  };

  bool IsPart(ValueId id) const { return found_.is_part[IndexOf(id)]; }

  // A parameter that two nodes read would have to be divided alike for both.
  bool OwnsItsParameters(size_t n) const {
    const std::vector<ValueId>& inputs = graph_.nodes()[n].inputs;
    return std::all_of(inputs.begin() + 1, inputs.end(),
                       [&](ValueId id) { return readers_[IndexOf(id)].size() == 1; });
  }

  // Takes the outputs of node n apart and follows the parts to the layers that put them together again.
  // Nothing if a part would come where only the whole is of use.
  std::optional<Found> PairFrom(size_t n) const {
    Found found = found_;
    std::vector<ValueId> parts = {graph_.nodes()[n].output};
    std::vector<size_t> sums;  // additions of two branches
    if (!OwnsItsParameters(n)) return std::nullopt;
    found.split[n] = NodeSplit::kColumns;
    found.is_part[IndexOf(parts[0])] = true;
    for (size_t i = 0; i < parts.size(); ++i) {  // grows as we go
      if (parts[i] == graph_.prediction() || readers_[IndexOf(parts[i])].empty()) return std::nullopt;
      for (const size_t reader : readers_[IndexOf(parts[i])]) {
        const Node& node = graph_.nodes()[reader];
        switch (node.kind) {
          case OpKind::kDense:
          case OpKind::kConv2d:
            if (!OwnsItsParameters(reader)) return std::nullopt;
            found.split[reader] = NodeSplit::kRows;
            continue;
          case OpKind::kBatchNorm:
            if (!OwnsItsParameters(reader)) return std::nullopt;
            break;
          case OpKind::kReshape:
            if (WidthOf(graph_, parts[i]) % size_ == 0 && WidthOf(graph_, node.output) % size_ != 0)
              return std::nullopt;
            break;
          case OpKind::kAdd:
            sums.push_back(reader);
            break;
          case OpKind::kMaxPool2d:
          case OpKind::kAveragePool2d:
          case OpKind::kGlobalAveragePool:
          case OpKind::kRelu:
          case OpKind::kTanh:
          case OpKind::kSigmoid:
          case OpKind::kGelu:
          case OpKind::kDropout:
            break;
          case OpKind::kSoftmaxCrossEntropy:
          case OpKind::kMeanSquaredError:
          case OpKind::kDistillation:
          case OpKind::kFakeQuantize:  // one step for all of them
          case OpKind::kDepthwiseConv2d:
          case OpKind::kCopyToTensor:  // there are none yet
          case OpKind::kReduceFromTensor:
            return std::nullopt;
        }
        found.split[reader] = NodeSplit::kPart;
        if (found.is_part[IndexOf(node.output)]) continue;
        found.is_part[IndexOf(node.output)] = true;
        parts.push_back(node.output);
      }
    }
    for (const size_t sum : sums)
      for (const ValueId id : graph_.nodes()[sum].inputs)
        if (!found.is_part[IndexOf(id)]) return std::nullopt;
    return found;
  }

  absl::Status CheckWidths() const {
    if (size_ > 1 && first_.empty())
      return absl::InvalidArgumentError(
          "no layer's outputs go straight into another layer, so there is no pair to divide; take 1, or a "
          "model "
          "with a hidden layer");
    int64_t divisor = 0;
    for (const size_t n : first_) divisor = std::gcd(divisor, WidthOf(graph_, graph_.nodes()[n].output));
    for (const size_t n : first_) {
      const Node& node = graph_.nodes()[n];
      const int64_t width = WidthOf(graph_, node.output);
      if (width % size_ == 0) continue;
      constexpr size_t kMostNamed = 8;
      std::vector<std::string> others;
      for (int64_t other = 2; other <= divisor && others.size() <= kMostNamed; ++other)
        if (divisor % other == 0) others.push_back(others.size() < kMostNamed ? std::to_string(other) : "…");
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\" has {} {}, which {} does not divide; {}", node.name, width,
          node.kind == OpKind::kConv2d ? "channels" : "features", size_,
          others.empty()
              ? "nothing but 1 divides all layers that would be: choose widths with a common divisor"
              : fmt::format("take {}", fmt::join(others, ", "))));
    }
    return absl::OkStatus();
  }

  const Graph& graph_;
  const int size_;
  std::vector<std::vector<size_t>> readers_;  // by value: nodes, once for each time that they read it
  Found found_;
  std::vector<size_t> first_;  // nodes that begin a pair
};

}  // namespace

absl::StatusOr<std::vector<NodeSplit>> FindTensorSplit(const Graph& graph, int size) {
  if (size < 1)
    return absl::InvalidArgumentError(fmt::format("a tensor axis of {} ranks, expected at least 1", size));
  if (size == 1) return std::vector<NodeSplit>(graph.nodes().size(), NodeSplit::kWhole);
  for (const Node& node : graph.nodes())
    if (node.kind == OpKind::kCopyToTensor || node.kind == OpKind::kReduceFromTensor)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\" ({}): the graph is divided already", node.name, OpKindName(node.kind)));
  return PairFinder(graph, size).Find();
}

absl::StatusOr<Graph> SplitTensor(const Graph& graph, int rank, int size) {
  ASSIGN_OR_RETURN(const std::vector<NodeSplit> split, FindTensorSplit(graph, size));
  if (rank < 0 || rank >= size)
    return absl::InvalidArgumentError(fmt::format("rank {} of a tensor axis of {} ranks", rank, size));
  if (size == 1) return graph;

  Graph part = graph;  // values keep their ids, so parameters and outputs are where they were
  std::vector<Node> nodes;
  std::map<ValueId, ValueId> copies;  // what begins pairs, and its copy, one for all of its readers
  const auto slice = [&](ValueId id, size_t dimension) {
    Value& value = part.values_[IndexOf(id)];
    Slice of{.whole = value.shape, .dimension = static_cast<int64_t>(dimension)};
    value.shape[dimension] /= size;
    of.begin = rank * value.shape[dimension];
    value.slice = std::move(of);
  };
  const auto add_value = [&](const std::string& name, Shape shape) {
    part.values_.push_back({.role = ValueRole::kActivation, .name = name, .shape = std::move(shape)});
    return static_cast<ValueId>(part.values_.size() - 1);
  };
  for (size_t n = 0; n < split.size(); ++n) {
    Node node = graph.nodes()[n];
    const std::vector<ValueId> inputs = node.inputs;
    const ValueId output = node.output;
    std::optional<Node> after;
    switch (split[n]) {
      case NodeSplit::kWhole:
        break;
      case NodeSplit::kColumns: {
        const auto [copy, is_new] = copies.emplace(inputs[0], -1);
        if (is_new) {
          const std::string name = node.name + "/copy";
          copy->second = add_value(name, part.value(inputs[0]).shape);
          nodes.push_back({.kind = OpKind::kCopyToTensor,
                           .name = name,
                           .inputs = {inputs[0]},
                           .output = copy->second,
                           .attributes = {.parts = size}});
        }
        node.inputs[0] = copy->second;
        for (size_t i = 1; i < inputs.size(); ++i) slice(inputs[i], 0);
        part.values_[IndexOf(output)].shape[0] /= size;
        break;
      }
      case NodeSplit::kRows: {
        slice(inputs[1], 1);
        node.output = add_value(node.name + "/part", part.value(output).shape);
        after = Node{.kind = OpKind::kReduceFromTensor,
                     .name = node.name + "/sum",
                     .inputs = {node.output},
                     .output = output,
                     .attributes = {.activation = node.attributes.activation, .parts = size}};
        node.attributes.activation = Activation::kNone;
        node.attributes.adds_bias = rank == 0;
        break;
      }
      case NodeSplit::kPart:
        if (node.kind == OpKind::kBatchNorm)
          for (size_t i = 1; i < inputs.size(); ++i) slice(inputs[i], 0);
        if (node.kind == OpKind::kReshape) node.attributes.shape[0] /= size;
        part.values_[IndexOf(output)].shape[0] /= size;
        if (node.kind == OpKind::kDropout)
          node.attributes.first_feature = rank * ElementCount(part.value(output).shape);
        break;
    }
    nodes.push_back(std::move(node));
    if (after) nodes.push_back(*std::move(after));
  }
  part.nodes_ = std::move(nodes);

  for (const Node& node : part.nodes()) {  // a mistake of this file must not reach the kernels
    std::vector<Shape> shapes;
    for (const ValueId id : node.inputs) shapes.push_back(part.value(id).shape);
    const absl::StatusOr<Shape> shape = InferShape(node.kind, shapes, node.attributes);
    if (!shape.ok() || *shape != part.value(node.output).shape)
      return absl::InternalError(
          fmt::format("layer \"{}\" was divided wrongly: {}", node.name,
                      shape.ok() ? ShapeText(*shape) : std::string(shape.status().message())));
  }
  return part;
}

std::vector<int64_t> TensorForwardSums(const Graph& part) {
  std::vector<int64_t> sums;
  for (const Node& node : part.nodes())
    if (node.kind == OpKind::kReduceFromTensor && node.attributes.parts > 1)
      sums.push_back(ElementCount(part.value(node.output).shape));
  return sums;
}

std::vector<int64_t> TensorSums(const Graph& part, bool wants_input) {
  std::vector<int64_t> sums = TensorForwardSums(part);
  for (const BackwardOperation& operation : Differentiate(part, wants_input).operations) {
    const Node& node = part.nodes()[static_cast<size_t>(operation.node)];
    if (node.kind == OpKind::kCopyToTensor && node.attributes.parts > 1)
      sums.push_back(ElementCount(part.value(node.output).shape));
  }
  return sums;
}

}  // namespace concertina
