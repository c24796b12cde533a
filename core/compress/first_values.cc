// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// first_values.cc: see first_values.h.
#include "core/compress/first_values.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/compress/layer_choice.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// The first layer that reads it.
std::string ReaderOf(const Graph& graph, ValueId id) {
  for (const Node& node : graph.nodes())
    if (std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end()) return node.name;
  return graph.value(id).name;
}

// -1: none.
ValueId KeptNamed(const Graph& graph, std::string_view name) {
  const std::vector<ValueId> kept = graph.kept();
  const auto found =
      std::find_if(kept.begin(), kept.end(), [&](ValueId id) { return graph.value(id).name == name; });
  return found == kept.end() ? -1 : *found;
}

void DrawAsLayersDo(Value& value, int64_t fan_in) {
  if (value.role != ValueRole::kParameter ||
      (value.initializer != Initializer::kZeros && value.initializer != Initializer::kKaimingUniform))
    return;
  value.initializer = Initializer::kKaimingUniform;
  value.fan_in = 6 * fan_in;  // variance 2 / (6 fan_in)
}

}  // namespace

void GiveInitializers(Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (node.kind == OpKind::kBatchNorm) {
      for (const size_t i : {1, 4}) {  // scale and variance
        Value& one = graph.mutable_value(node.inputs[i]);
        if (one.initializer == Initializer::kZeros) one.initializer = Initializer::kOnes;
      }
      continue;
    }
    if (node.kind != OpKind::kDense && node.kind != OpKind::kConv2d && node.kind != OpKind::kDepthwiseConv2d)
      continue;
    const Shape& weight = graph.value(node.inputs[1]).shape;
    const int64_t fan_in = ElementCount(weight) / weight[0];
    for (size_t i = 1; i < node.inputs.size(); ++i)
      DrawAsLayersDo(graph.mutable_value(node.inputs[i]), fan_in);
  }
}

absl::StatusOr<ValueId> SameIn(const Graph& earlier, const Graph& graph, ValueId id,
                               const EarlierTime& time) {
  const Value& now = graph.value(id);
  const ValueId then = KeptNamed(earlier, now.name);
  if (then >= 0 && earlier.value(then).shape == now.shape) return then;
  const std::string was = then < 0 ? "was not there" : "was " + ShapeText(earlier.value(then).shape);
  return absl::InvalidArgumentError(fmt::format("layer \"{}\": its {} is {} now, and {} {}; {}",
                                                ReaderOf(graph, id), now.name, ShapeText(now.shape), was,
                                                time.name, time.remedy));
}

absl::Status RewindTo(Graph& graph, const Graph& first, std::string_view step) {
  const std::string remedy = fmt::format("put {} before the step that changes layers", step);
  const EarlierTime at_first{.name = "at first", .remedy = remedy};
  // What was merged into another layer is gone, and the rest would be another model than the first.
  for (const ValueId id : first.kept())
    if (KeptNamed(graph, first.value(id).name) < 0)
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": its {} was there at first, and is gone; {}", ReaderOf(first, id),
                      first.value(id).name, remedy));
  std::map<ValueId, std::vector<float>> values_of;
  for (const ValueId id : graph.kept()) {
    ASSIGN_OR_RETURN(const ValueId same, SameIn(first, graph, id, at_first));
    const Value& now = graph.value(id);
    if (now.quantization || (now.hold != Hold::kNothing && now.hold != Hold::kZeros))
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\": its {} {}, and first values would not; put {} before the step that made "
                      "it so",
                      ReaderOf(graph, id), now.name,
                      now.quantization ? fmt::format("lies on a grid of {} bits", now.quantization->bits)
                                       : std::string("has few values that weights share"),
                      step));
    std::vector<float> values = GivenOf(first, same);
    if (now.hold == Hold::kZeros)
      for (size_t i = 0; i < values.size(); ++i)
        if ((*now.given)[i] == 0) values[i] = 0;
    values_of.emplace(id, std::move(values));
  }
  for (auto& [id, values] : values_of) Give(graph, id, std::move(values));
  return absl::OkStatus();
}

}  // namespace concertina
