// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// graph.cc: building a graph, node by node, each checked as it is added.
// On the way of the data: nn/ builds it -> here -> graph/differentiate.h, graph/executor.h.
#include "core/graph/graph.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {

int64_t ElementCount(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

std::string ShapeText(const Shape& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

std::string OpKindName(OpKind kind) {
  switch (kind) {
    case OpKind::kDense:
      return "dense";
    case OpKind::kConv2d:
      return "conv2d";
    case OpKind::kMaxPool2d:
      return "max-pool2d";
    case OpKind::kAveragePool2d:
      return "average-pool2d";
    case OpKind::kGlobalAveragePool:
      return "global-average-pool";
    case OpKind::kBatchNorm:
      return "batch-norm";
    case OpKind::kRelu:
      return "relu";
    case OpKind::kTanh:
      return "tanh";
    case OpKind::kSigmoid:
      return "sigmoid";
    case OpKind::kGelu:
      return "gelu";
    case OpKind::kAdd:
      return "add";
    case OpKind::kReshape:
      return "reshape";
    case OpKind::kDropout:
      return "dropout";
    case OpKind::kSoftmaxCrossEntropy:
      return "softmax-cross-entropy";
    case OpKind::kMeanSquaredError:
      return "mean-squared-error";
    case OpKind::kDistillation:
      return "distillation";
    case OpKind::kFakeQuantize:
      return "fake-quantize";
    case OpKind::kCopyToTensor:
      return "copy-to-tensor";
    case OpKind::kReduceFromTensor:
      return "reduce-from-tensor";
    case OpKind::kDepthwiseConv2d:
      return "depthwise-conv2d";
  }
  return "unknown";
}

Activation ActivationOf(OpKind kind) {
  switch (kind) {
    case OpKind::kRelu:
      return Activation::kRelu;
    case OpKind::kTanh:
      return Activation::kTanh;
    case OpKind::kSigmoid:
      return Activation::kSigmoid;
    case OpKind::kGelu:
      return Activation::kGelu;
    default:
      return Activation::kNone;
  }
}

ValueId Graph::AddInput(Shape shape) {
  input_ = static_cast<ValueId>(values_.size());
  values_.push_back({.role = ValueRole::kInput, .name = "input", .shape = std::move(shape)});
  return input_;
}

ValueId Graph::AddParameter(std::string name, Shape shape, Initializer initializer, int64_t fan_in,
                            int64_t fan_out) {
  values_.push_back({.role = ValueRole::kParameter,
                     .name = std::move(name),
                     .shape = std::move(shape),
                     .initializer = initializer,
                     .fan_in = fan_in,
                     .fan_out = fan_out});
  return static_cast<ValueId>(values_.size() - 1);
}

ValueId Graph::AddBuffer(std::string name, Shape shape, Initializer initializer) {
  values_.push_back({.role = ValueRole::kBuffer,
                     .name = std::move(name),
                     .shape = std::move(shape),
                     .initializer = initializer,
                     .decays = false});
  return static_cast<ValueId>(values_.size() - 1);
}

ValueId Graph::AddConstant(std::string name, Shape shape, std::shared_ptr<const std::vector<float>> given) {
  values_.push_back({.role = ValueRole::kConstant,
                     .name = std::move(name),
                     .shape = std::move(shape),
                     .decays = false,
                     .given = std::move(given)});
  return static_cast<ValueId>(values_.size() - 1);
}

absl::StatusOr<ValueId> Graph::AddNode(OpKind kind, std::string name, std::vector<ValueId> inputs,
                                       Attributes attributes) {
  std::vector<Shape> shapes;
  for (const ValueId id : inputs) {
    if (id < 0 || static_cast<size_t>(id) >= values_.size())
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\" ({}): its input number {} is value {}, but the graph has {} values so far", name,
          OpKindName(kind), shapes.size(), id, values_.size()));
    shapes.push_back(value(id).shape);
  }
  auto shape = InferShape(kind, shapes, attributes);
  if (!shape.ok()) return Annotate(shape.status(), fmt::format("layer \"{}\" ({})", name, OpKindName(kind)));
  values_.push_back({.role = ValueRole::kActivation, .name = name, .shape = *std::move(shape)});
  const auto output = static_cast<ValueId>(values_.size() - 1);
  nodes_.push_back({.kind = kind,
                    .name = std::move(name),
                    .inputs = std::move(inputs),
                    .output = output,
                    .attributes = std::move(attributes)});
  return output;
}

absl::StatusOr<Graph> Graph::FromParts(Parts parts) {
  const auto count = std::ssize(parts.values);
  const auto is_value = [count](ValueId id) { return id >= 0 && id < count; };
  std::vector<bool> given(parts.values.size(), false);
  Graph graph;
  for (size_t i = 0; i < parts.values.size(); ++i) {
    const Value& value = parts.values[i];
    given[i] = value.role != ValueRole::kActivation;
    if (std::any_of(value.shape.begin(), value.shape.end(), [](int64_t extent) { return extent < 0; }))
      return absl::InvalidArgumentError(fmt::format("value {}: its shape is {}", i, ShapeText(value.shape)));
    if (value.role != ValueRole::kInput) continue;
    if (graph.input_ >= 0) return absl::InvalidArgumentError(fmt::format("value {} is a second input", i));
    graph.input_ = static_cast<ValueId>(i);
  }
  for (const Node& node : parts.nodes) {
    const std::string what = fmt::format("layer \"{}\" ({})", node.name, OpKindName(node.kind));
    std::vector<Shape> shapes;
    for (const ValueId id : node.inputs) {
      if (!is_value(id) || !given[IndexOf(id)])
        return absl::InvalidArgumentError(fmt::format("{}: nothing before it gives value {}", what, id));
      shapes.push_back(parts.values[IndexOf(id)].shape);
    }
    if (!is_value(node.output) || given[IndexOf(node.output)])
      return absl::InvalidArgumentError(fmt::format("{}: its output cannot be value {}", what, node.output));
    auto shape = InferShape(node.kind, shapes, node.attributes);
    if (!shape.ok()) return Annotate(shape.status(), what);
    if (*shape != parts.values[IndexOf(node.output)].shape)
      return absl::InvalidArgumentError(fmt::format("{}: its output is {}, expected {}", what,
                                                    ShapeText(parts.values[IndexOf(node.output)].shape),
                                                    ShapeText(*shape)));
    given[IndexOf(node.output)] = true;
  }
  for (const ValueId id : {parts.prediction, parts.loss})
    if (id != -1 && (!is_value(id) || !given[IndexOf(id)]))
      return absl::InvalidArgumentError(
          fmt::format("its outputs are values {} and {}, of {}", parts.prediction, parts.loss, count));
  graph.values_ = std::move(parts.values);
  graph.nodes_ = std::move(parts.nodes);
  graph.SetOutputs(parts.prediction, parts.loss);
  return graph;
}

std::vector<ValueId> Graph::parameters() const {
  std::vector<ValueId> ids;
  for (size_t i = 0; i < values_.size(); ++i)
    if (values_[i].role == ValueRole::kParameter) ids.push_back(static_cast<ValueId>(i));
  return ids;
}

std::vector<ValueId> Graph::buffers() const {
  std::vector<ValueId> ids;
  for (size_t i = 0; i < values_.size(); ++i)
    if (values_[i].role == ValueRole::kBuffer) ids.push_back(static_cast<ValueId>(i));
  return ids;
}

std::vector<ValueId> Graph::kept() const {
  std::vector<ValueId> ids = parameters();
  const std::vector<ValueId> others = buffers();
  ids.insert(ids.end(), others.begin(), others.end());
  return ids;
}

std::vector<bool> Graph::NeededByPrediction() const {
  std::vector<bool> needed(values_.size(), false);
  if (prediction_ < 0) return needed;
  needed[IndexOf(prediction_)] = true;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node)
    if (needed[IndexOf(node->output)])
      for (const ValueId id : node->inputs) needed[IndexOf(id)] = true;
  return needed;
}

int64_t Graph::parameter_count() const {
  int64_t count = 0;
  for (const Value& value : values_)
    if (value.role == ValueRole::kParameter) count += ElementCount(value.shape);
  return count;
}

}  // namespace concertina
