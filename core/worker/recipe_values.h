// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_values.h: the values that the next step of a recipe begins with, the same on all ranks.
// On the way of the data: worker/step_loop.h's parameters, compress/compressor.h's graph -> here ->
// worker/recipe_loop.cc.
#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/comm/communicator.h"
#include "core/graph/graph.h"

namespace concertina {

// `model` with the values in the file that a stretch of training wrote, where what holds of each (zeros, a
// codebook, a grid) is true to the bit. kInternal: the file is of another model; else errors of reading it.
absl::StatusOr<Graph> WithTrainedValues(const Graph& model, const std::string& parameters_path);

// All ranks together: each goes on with rank 0's values. What ranks compute alike may differ in its last
// bits, where each has measured which kernels are fastest.
absl::Status AgreeOnValues(Graph& graph, Communicator& everyone, Deadline deadline);

}  // namespace concertina
