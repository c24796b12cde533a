// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// beside.h: one graph put beside another, on the same samples, and taken away again: a teacher or a twin.
// On the way of the data: compress/distill.cc, compress/mutual_learning.cc -> here -> graph/graph.h.
#pragma once

#include <string_view>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

// The model alone, as far as its prediction: no loss, and nothing that only training needed. Parameters and
// buffers keep their order.
absl::StatusOr<Graph> PredictionOf(const Graph& graph);

enum class GuestRole {
  kFrozen,  // its weights become constants; it runs as in evaluation, without dropout
  kTrains,  // its parameters and buffers become the host's
};

// Appends what the guest's prediction needs to `host`, reading the host's input, all names with `prefix`.
// Gives what stands for each of the guest's values, -1 where nothing does. kInvalidArgument: the guest takes
// other samples; or it is to be frozen and lacks values, or has a batch norm that no layer could take in.
absl::StatusOr<std::vector<ValueId>> PutBeside(Graph& host, const Graph& guest, GuestRole role,
                                               std::string_view prefix);

// Adds softmax cross-entropy of the prediction, as the loss.
absl::Status AddCrossEntropy(Graph& graph);

}  // namespace concertina
