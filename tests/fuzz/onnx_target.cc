// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_target.cc: models of other programs, as graphs.
// Input: the file.
#include <algorithm>
#include <memory>

#include "core/edge/onnx_reader.h"
#include "core/edge/onnx_writer.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

// Small, so that a mutation has a chance to meet what matters.
Graph SmallGraph(bool is_on_grids) {
  Graph graph;
  const auto given = [&](ValueId id) {
    Value& value = graph.mutable_value(id);
    value.given =
        std::make_shared<const std::vector<float>>(static_cast<size_t>(ElementCount(value.shape)), 0.5F);
    if (is_on_grids && value.shape.size() > 1) value.quantization = {.scales = {0.25F}};
    return id;
  };
  const auto parameter = [&](const char* name, Shape shape) {
    return given(graph.AddParameter(name, std::move(shape), Initializer::kZeros));
  };
  const ValueId x = graph.AddInput({1, 4, 4});
  const ValueId conv =
      graph.AddNode(OpKind::kConv2d, "c", {x, parameter("c.w", {2, 1, 2, 2})}, {.padding = 1}).value();
  const ValueId mean = given(graph.AddBuffer("m", {2}, Initializer::kZeros));
  const ValueId variance = given(graph.AddBuffer("v", {2}, Initializer::kOnes));
  const ValueId norm =
      graph.AddNode(OpKind::kBatchNorm, "n", {conv, parameter("s", {2}), parameter("t", {2}), mean, variance})
          .value();
  const ValueId gelu = graph.AddNode(OpKind::kGelu, "g", {norm}).value();
  const ValueId pool = graph.AddNode(OpKind::kMaxPool2d, "p", {gelu}, {.kernel = 2, .stride = 2}).value();
  const ValueId mean_pool = graph.AddNode(OpKind::kGlobalAveragePool, "a", {pool}).value();
  const ValueId dense =
      graph.AddNode(OpKind::kDense, "d", {mean_pool, parameter("d.w", {3, 2}), parameter("d.b", {3})})
          .value();
  const ValueId loss = graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {dense}).value();
  graph.SetOutputs(dense, loss);
  if (is_on_grids)
    for (const ValueId id : {x, gelu, mean_pool})
      graph.mutable_value(id).quantization = {.is_signed = false, .scales = {0.125F}, .zero_point = 7};
  return graph;
}

FuzzBytes FileOf(const Graph& graph) {
  const std::string file = ToOnnx(graph, "m").value();
  return {file.begin(), file.end()};
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  inputs.seeds = {FileOf(SmallGraph(false)), FileOf(SmallGraph(true))};
  inputs.words = {"Add",     "AveragePool", "Constant", "Conv",   "DequantizeLinear", "Dropout",   "Flatten",
                  "Gemm",    "Identity",    "MatMul",   "Mul",    "QuantizeLinear",   "Reshape",   "Softmax",
                  "Squeeze", "axis",        "alpha",    "transB", "auto_pad",         "SAME_UPPER"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  absl::StatusOr<Graph> graph;
  {
    // A node of five bytes has names, attributes and a place in several tables.
    const AllocationBound bound({.one = 64 * size + 4096, .all = 1024 * size + 65536});
    graph = FromOnnx("a.onnx", std::as_bytes(std::span(data, size)));
  }
  Note(graph);
  if (!graph.ok()) return 0;
  uint64_t floats = 0;
  for (const Value& value : graph->values()) {
    if (value.role != ValueRole::kParameter && value.role != ValueRole::kBuffer) continue;
    Require(value.given != nullptr, "a parameter without values");
    Require(ElementCount(value.shape) == static_cast<int64_t>(value.given->size()),
            "values do not fit a shape");
    floats += value.given->size();
  }
  // Of a byte, a whole number; of that, a float. Two layers may have one weight, and in both orders.
  Require(floats <= 16 * size, "more values than bytes");
  Require(graph->prediction() >= 0 && graph->loss() >= 0, "no prediction");
  const absl::StatusOr<std::string> written = ToOnnx(*graph, "again");
  Require(written.ok(), "what was read cannot be written");
  Require(FromOnnx("b.onnx", std::as_bytes(std::span(*written))).ok(), "what was written cannot be read");
  return 0;
}
