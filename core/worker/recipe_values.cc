// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_values.cc: see recipe_values.h.
#include "core/worker/recipe_values.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/compress/weight_grid.h"
#include "core/nn/held_optimizer.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// What was equal is its mean, as nn/held_optimizer.h has it: ranks that share out a parameter (zero), or
// exchange a part of it, leave each its own. Of equal ones the mean is the same to the bit.
void Share(const std::vector<float>& given, std::vector<float>& values) {
  const auto bits = [&](size_t i) { return std::bit_cast<uint32_t>(given[i]); };  // a NaN is no key
  std::unordered_map<uint32_t, std::pair<double, int64_t>> sum_of;
  for (size_t i = 0; i < values.size(); ++i) {
    auto& [sum, count] = sum_of[bits(i)];
    sum += values[i];
    ++count;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const auto& [sum, count] = sum_of.at(bits(i));
    values[i] = static_cast<float>(sum / static_cast<double>(count));
  }
}

// What holds of a parameter, made true to the bit: some exchanges average what was true of each rank.
std::vector<float> Held(const Value& value, std::vector<float> values) {
  if (value.hold == Hold::kShared) Share(*value.given, values);
  if (value.hold == Hold::kZeros || value.hold == Hold::kShared)
    for (size_t i = 0; i < values.size(); ++i)
      if ((*value.given)[i] == 0) values[i] = 0;
  if ((value.hold == Hold::kGrid || value.hold == Hold::kSparseGrid) && value.quantization) {
    const Quantization& grid = *value.quantization;
    const size_t per_scale = std::max<size_t>(1, values.size() / grid.scales.size());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = NearestOnGrid(values[i], grid.scales[i / per_scale], grid.bits, grid.is_signed);
  }
  if (value.hold == Hold::kSparseGrid)
    for (size_t i = 0; i < values.size(); ++i)
      if ((*value.given)[i] == 0) values[i] = 0;
  return values;
}

}  // namespace

absl::StatusOr<Graph> WithTrainedValues(const Graph& model, std::span<const Safetensors::Tensor> trained) {
  Graph graph = model;
  for (const ValueId id : graph.kept()) {
    Value& value = graph.mutable_value(id);
    const auto found = std::find_if(trained.begin(), trained.end(), [&](const Safetensors::Tensor& tensor) {
      return tensor.name == value.name;
    });
    if (found == trained.end() || found->shape != value.shape)
      return absl::InternalError(fmt::format("{} is not there as it was trained", value.name));
    value.given = std::make_shared<const std::vector<float>>(Held(value, found->values));
  }
  return graph;
}

absl::Status AgreeOnValues(Graph& graph, Communicator& everyone, Deadline deadline) {
  const std::vector<ValueId> ids = graph.kept();
  std::vector<float> flat;
  for (const ValueId id : ids)
    flat.insert(flat.end(), graph.value(id).given->begin(), graph.value(id).given->end());
  RETURN_IF_ERROR(everyone.Broadcast(std::as_writable_bytes(std::span(flat)), 0, deadline));
  auto from = flat.begin();
  for (const ValueId id : ids) {
    const auto end = from + ElementCount(graph.value(id).shape);
    Value& value = graph.mutable_value(id);
    value.given = std::make_shared<const std::vector<float>>(from, end);
    from = end;
    // Steps that have learnt are seen in the values alone.
    if (value.hold == Hold::kLearnedGrid && value.quantization) {
      value.quantization = GridThrough(*value.given, value.shape[0], value.quantization->bits,
                                       static_cast<int64_t>(value.quantization->scales.size()));
      value.given = std::make_shared<const std::vector<float>>(OnGrid(*value.given, *value.quantization));
    }
  }
  return absl::OkStatus();
}

}  // namespace concertina
