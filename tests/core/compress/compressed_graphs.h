// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compressed_graphs.h: models with values, compressors by their kind, and what a model answers.
// On the way of the data: here -> the tests of core/compress.
#pragma once

#include <QString>
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/compress/compressor.h"
#include "core/graph/executor.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"
#include "nlohmann/json.hpp"
#include "tests/core/graph/reference.h"

namespace concertina {

inline QString MessageOf(const absl::Status& status) {
  return QString::fromStdString(std::string(status.message()));
}

// A mistake in a test's own graph ends the test program with its message.
template <class T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) qFatal("%s", qPrintable(MessageOf(result.status())));
  return *std::move(result);
}

// Random values for every parameter and buffer: batch norm's statistics are not those of nothing.
inline Graph WithRandomValues(Graph graph, uint64_t seed = 7) {
  std::vector<ValueId> ids = graph.parameters();
  const std::vector<ValueId> buffers = graph.buffers();
  ids.insert(ids.end(), buffers.begin(), buffers.end());
  for (const ValueId id : ids) {
    Value& value = graph.mutable_value(id);
    Rng rng(seed, value.name);
    const int64_t count = ElementCount(value.shape);
    const double bound = value.shape.size() < 2 ? 0.5 : std::sqrt(3.0 * value.shape[0] / count);
    const bool is_variance = value.name.find("var") != std::string::npos;
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i)
      values.push_back(static_cast<float>(is_variance ? rng.Uniform(0.5, 2) : rng.Uniform(-bound, bound)));
    value.given = std::make_shared<const std::vector<float>>(std::move(values));
  }
  return graph;
}

inline Graph KnownModel(const std::string& kind, const Shape& sample = {1, 28, 28}) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", {{"kind", kind}}, "", faults);
  const auto model = Must(Registry::Global().Create<Model>("model", params));
  return WithRandomValues(Must(model->Build(sample, 10)));
}

// 8 -> a (6 units, ReLU) -> b (4 classes).
inline Graph TwoDenseLayers() {
  Layers net("two dense layers", {8});
  net.Dense("a", 6).Relu();
  return WithRandomValues(Must(net.Classify("b", 4)));
}

inline ValueId Named(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.values().size(); ++i)
    if (graph.values()[i].role != ValueRole::kActivation && graph.values()[i].name == name)
      return static_cast<ValueId>(i);
  qFatal("no parameter is called %s", name.c_str());
}
inline const Value& ValueNamed(const Graph& graph, const std::string& name) {
  return graph.value(Named(graph, name));
}
inline const std::vector<float>& ValuesOf(const Graph& graph, const std::string& name) {
  return *ValueNamed(graph, name).given;
}
inline void SetValues(Graph& graph, const std::string& name, std::vector<float> values) {
  graph.mutable_value(Named(graph, name)).given =
      std::make_shared<const std::vector<float>>(std::move(values));
}
inline int NodeNamed(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.nodes().size(); ++i)
    if (graph.nodes()[i].name == name) return static_cast<int>(i);
  qFatal("no layer is called %s", name.c_str());
}
inline int64_t ZerosOf(const std::vector<float>& values) {
  return std::count(values.begin(), values.end(), 0.0F);
}

// As a recipe names it. Faults of the parameters alone are the factory's or the descriptor's.
inline absl::StatusOr<std::unique_ptr<Compressor>> CompressorOf(const Json& object) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("compressor", object, "", faults);
  if (!faults.empty()) return FaultsToStatus(faults);
  return Registry::Global().Create<Compressor>("compressor", params);
}
inline absl::StatusOr<Graph> TryCompress(const Graph& graph, const Json& object,
                                         const CompressContext& context = {}) {
  ASSIGN_OR_RETURN(const auto compressor, CompressorOf(object));
  return compressor->Apply(graph, context);
}
inline Graph Compressed(const Graph& graph, const Json& object, const CompressContext& context = {}) {
  return Must(TryCompress(graph, object, context));
}

// What the model answers to two random samples, in evaluation. By the oracle, in double: the executor would
// measure its kernels for every new shape first, which takes seconds, and round.
inline std::vector<double> Predictions(const Graph& graph) {
  constexpr int64_t kSamples = 2;
  const auto flat = [&](const std::vector<ValueId>& ids) {
    std::vector<double> values;
    for (const ValueId id : ids)
      values.insert(values.end(), graph.value(id).given->begin(), graph.value(id).given->end());
    return values;
  };
  const std::vector<double> parameters = flat(graph.parameters()), buffers = flat(graph.buffers());
  std::vector<double> input(static_cast<size_t>(kSamples * ElementCount(graph.value(graph.input()).shape)));
  Rng rng(11, "predictions");
  for (double& x : input) x = rng.Normal();
  Reference<double> reference(graph, kSamples, parameters, buffers);
  reference.Forward(input, std::vector<int32_t>(kSamples), /*training=*/false);
  return reference.value(graph.prediction());
}

inline double SquaredDistance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Of the elements, by the largest of `expected`; infinity if there are not as many.
inline double RelativeDifference(const std::vector<double>& found, const std::vector<double>& expected) {
  if (found.size() != expected.size()) return INFINITY;
  double most = 0, scale = 1e-30;
  for (size_t i = 0; i < found.size(); ++i) {
    const double difference = std::abs(found[i] - expected[i]);
    most = difference <= most ? most : difference;  // NaN stays
    scale = std::max(scale, std::abs(expected[i]));
  }
  return most / scale;
}

}  // namespace concertina
