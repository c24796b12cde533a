// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_values.h: the values that the next step of a recipe begins with, the same on all ranks.
// On the way of the data: worker/step_loop.h's parameters, compress/compressor.h's graph -> here ->
// worker/recipe_loop.cc.
#pragma once

#include <span>

#include "core/base/clock.h"
#include "core/comm/communicator.h"
#include "core/edge/safetensors.h"
#include "core/graph/graph.h"

namespace concertina {

// `model` with the values that a stretch of training ended with, where what holds of each (zeros, a codebook,
// a grid) is true to the bit. kInternal, naming the value: they are of another model.
absl::StatusOr<Graph> WithTrainedValues(const Graph& model, std::span<const Safetensors::Tensor> trained);

// All ranks together: each goes on with rank 0's values. What ranks compute alike may differ in its last
// bits, where each has measured which kernels are fastest.
absl::Status AgreeOnValues(Graph& graph, Communicator& everyone, Deadline deadline);

}  // namespace concertina
