// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_graphs.h: models in the middle of a recipe as bytes, with all that is said of their values.
// On the way of the data: worker/recipe_state.h -> here -> a checkpoint (worker/checkpoint.h), and back.
//
// edge/model_file.h writes models for devices: it drops what only training needs (how values begin, steps
// that learn, a teacher, operators that go before the file is written) and codes the rest to be small. Here
// nothing is lost and nothing is made small.
//
// u64 bytes of the JSON | JSON: graphs (each a number in models, or null), models, tensors (how many floats
// each has) | the tensors' floats, little endian. What several graphs share is there once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

using SharedGraph = std::shared_ptr<const Graph>;

// Of whole models: none has a value that is a slice. A graph may be null.
std::vector<uint8_t> PackGraphs(std::span<const SharedGraph> graphs);

// What was packed, values with the numbers that they had, and one object where it was one. kDataLoss: the
// bytes are none of PackGraphs.
absl::StatusOr<std::vector<SharedGraph>> UnpackGraphs(std::span<const uint8_t> bytes);

}  // namespace concertina
