// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_choice.h: which layers of a model a compressor is meant for.
// On the way of the data: the compressors of this folder -> here -> graph/graph.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "core/graph/graph.h"

namespace concertina {

// Indices (in graph.nodes()) of the dense layers and convolutions that the prediction depends on and whose
// name fits the pattern (base/name_pattern.h), or one of several that commas separate, and none of those
// behind a "!" ("*, !conv1"). kInvalidArgument, with the model's layers and the nearest name, if there is
// none, or if a "!" leaves none out.
absl::StatusOr<std::vector<int>> ChooseLayers(const Graph& graph, std::string_view pattern);

// "layer 3 of 7, conv2": the place counts from 0.
std::string LayerText(size_t place, size_t layers, std::string_view name);

// The parameter of compressors that take such a pattern: "layers", "*" by default.
ParamSpec LayersParam();

// The given values of a parameter or buffer, to be read; asserts that there are some.
const std::vector<float>& GivenOf(const Graph& graph, ValueId id);
// kInvalidArgument, with layer and element, where the weight of `layer` has a number that is none.
absl::Status CheckFiniteWeight(std::string_view layer, const std::vector<float>& weight);
// Puts others in their place.
void Give(Graph& graph, ValueId id, std::vector<float> values);

}  // namespace concertina
