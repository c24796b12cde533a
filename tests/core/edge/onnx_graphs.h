// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_graphs.h: small graphs that hold every operator, with numbers for their parameters.
#pragma once

#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/graph/graph.h"

namespace concertina {

struct TrainedGraph {
  Graph graph;
  std::vector<float> parameters, buffers;
};

// Gives the graph numbers of a sensible size; variances are positive.
inline TrainedGraph Train(const Graph& graph) {
  TrainedGraph trained = {.graph = graph};
  Rng rng(11, "onnx");
  for (const ValueId id : graph.parameters())
    for (int64_t i = 0; i < ElementCount(graph.value(id).shape); ++i)
      trained.parameters.push_back(static_cast<float>(0.4 * rng.Normal()));
  for (const ValueId id : graph.buffers()) {
    const bool is_variance = graph.value(id).name.find("variance") != std::string::npos;
    for (int64_t i = 0; i < ElementCount(graph.value(id).shape); ++i)
      trained.buffers.push_back(static_cast<float>(is_variance ? rng.Uniform(0.5, 2) : 0.3 * rng.Normal()));
  }
  return trained;
}

// image 2x9x8 -> conv (ReLU fused, stride, padding) -> batch norm -> two branches of tanh and sigmoid, added
// -> max pool (padding) -> conv without bias -> average pool -> GELU -> reshape to an image again -> global
// average -> dropout -> dense (GELU fused) -> dense.
inline Graph EveryOperator() {
  Graph graph;
  const auto must = [](absl::StatusOr<ValueId> value) {
    if (!value.ok()) qFatal("%s", std::string(value.status().message()).c_str());
    return *value;
  };
  const auto parameter = [&](const char* name, Shape shape) {
    return graph.AddParameter(name, std::move(shape), Initializer::kKaimingUniform);
  };
  const ValueId input = graph.AddInput({2, 9, 8});
  const ValueId conv1 =
      must(graph.AddNode(OpKind::kConv2d, "conv1",
                         {input, parameter("conv1.weight", {4, 2, 3, 3}), parameter("conv1.bias", {4})},
                         {.kernel = 3, .padding = 1, .activation = Activation::kRelu}));
  const ValueId bn = must(graph.AddNode(OpKind::kBatchNorm, "bn",
                                        {conv1, parameter("bn.scale", {4}), parameter("bn.shift", {4}),
                                         graph.AddBuffer("bn.running_mean", {4}, Initializer::kZeros),
                                         graph.AddBuffer("bn.running_variance", {4}, Initializer::kOnes)}));
  const ValueId tanh = must(graph.AddNode(OpKind::kTanh, "tanh", {bn}));
  const ValueId sigmoid = must(graph.AddNode(OpKind::kSigmoid, "sigmoid", {bn}));
  const ValueId sum = must(graph.AddNode(OpKind::kAdd, "sum", {tanh, sigmoid}));
  const ValueId positive = must(graph.AddNode(OpKind::kRelu, "positive", {sum}));
  const ValueId pool = must(graph.AddNode(OpKind::kMaxPool2d, "pool", {positive},
                                          {.kernel = 3, .stride = 2, .padding = 1}));  // 4x5x4
  const ValueId conv2 = must(graph.AddNode(
      OpKind::kConv2d, "conv2", {pool, parameter("conv2.weight", {6, 4, 2, 2})}, {.kernel = 2}));  // 6x4x3
  const ValueId bn2 = must(graph.AddNode(OpKind::kBatchNorm, "bn2",
                                         {conv2, parameter("bn2.scale", {6}), parameter("bn2.shift", {6}),
                                          graph.AddBuffer("bn2.running_mean", {6}, Initializer::kZeros),
                                          graph.AddBuffer("bn2.running_variance", {6}, Initializer::kOnes)}));
  const ValueId relu = must(graph.AddNode(OpKind::kRelu, "relu", {bn2}));
  const ValueId mean = must(graph.AddNode(OpKind::kAveragePool2d, "mean", {relu},
                                          {.kernel = 2, .stride = 1, .padding = 1}));  // 6x5x4
  const ValueId gelu = must(graph.AddNode(OpKind::kGelu, "gelu", {mean}));
  const ValueId flat = must(graph.AddNode(OpKind::kReshape, "flat", {gelu}, {.shape = {120}}));
  const ValueId image = must(graph.AddNode(OpKind::kReshape, "image", {flat}, {.shape = {10, 3, 4}}));
  const ValueId global = must(graph.AddNode(OpKind::kGlobalAveragePool, "global", {image}));
  const ValueId dropout = must(graph.AddNode(OpKind::kDropout, "dropout", {global}, {.rate = 0.5}));
  const ValueId fc1 = must(graph.AddNode(
      OpKind::kDense, "fc1", {dropout, parameter("fc1.weight", {7, 10}), parameter("fc1.bias", {7})},
      {.activation = Activation::kGelu}));
  const ValueId fc2 = must(graph.AddNode(OpKind::kDense, "fc2", {fc1, parameter("fc2.weight", {5, 7})}));
  const ValueId loss = must(graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {fc2}));
  graph.SetOutputs(fc2, loss);
  return graph;
}

// Every operator with grids on its weights, where the numbers lie on them, and on many activations.
inline TrainedGraph OnGrids() {
  TrainedGraph trained = Train(EveryOperator());
  Graph& graph = trained.graph;
  const std::vector<ValueId> parameters = graph.parameters();
  size_t offset = 0;
  for (const ValueId id : parameters) {
    Value& value = graph.mutable_value(id);
    const auto count = static_cast<size_t>(ElementCount(value.shape));
    const std::span<float> values(trained.parameters.data() + offset, count);
    if (value.name.ends_with(".weight")) {
      const size_t scales = value.name == "fc2.weight" ? 1 : static_cast<size_t>(value.shape[0]);
      Quantization grid;
      for (size_t k = 0; k < scales; ++k) grid.scales.push_back(0.01F + 0.001F * static_cast<float>(k));
      for (size_t i = 0; i < count; ++i) {
        const float scale = grid.scales[i / (count / scales)];
        values[i] = std::clamp(std::nearbyint(values[i] / scale), -127.0F, 127.0F) * scale;
      }
      value.quantization = grid;
    }
    value.given = std::make_shared<const std::vector<float>>(values.begin(), values.end());
    offset += count;
  }
  size_t at = 0;
  for (const ValueId id : graph.buffers()) {
    Value& value = graph.mutable_value(id);
    const auto begin = trained.buffers.begin() + static_cast<int64_t>(at);
    value.given = std::make_shared<const std::vector<float>>(begin, begin + ElementCount(value.shape));
    at += value.given->size();
  }
  const auto set = [&](ValueId id, float scale, int32_t zero, bool is_signed = false) {
    graph.mutable_value(id).quantization = {.is_signed = is_signed, .scales = {scale}, .zero_point = zero};
  };
  set(graph.input(), 0.02F, 128);
  for (const Node& node : graph.nodes()) {
    if (node.name == "conv1" || node.name == "pool") set(node.output, 0.03F, 0);
    if (node.name == "tanh") set(node.output, 0.0078F, 0, true);
    if (node.name == "global" || node.name == "mean") set(node.output, 0.05F, 3);
    if (node.name == "fc1") set(node.output, 0.04F, 17);
    if (node.name == "fc2") set(node.output, 0.1F, 100);
  }
  return trained;
}

// A multi-layer perceptron with a squared error: no probabilities.
inline Graph SquaredErrorGraph() {
  Graph graph;
  const ValueId input = graph.AddInput({3});
  const ValueId weight = graph.AddParameter("fc.weight", {2, 3}, Initializer::kKaimingUniform);
  const ValueId prediction = *graph.AddNode(OpKind::kDense, "fc", {input, weight});
  const ValueId loss = *graph.AddNode(OpKind::kMeanSquaredError, "loss", {prediction});
  graph.SetOutputs(prediction, loss);
  return graph;
}

}  // namespace concertina
