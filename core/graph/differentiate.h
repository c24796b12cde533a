// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// differentiate.h: the backward half of a graph, as a list of operations in the order they run.
// On the way of the data: graph/graph.h -> here -> graph/memory_plan.h, graph/executor.h.
//
// Reverse accumulation: the nodes backwards, from the loss. A node's parameters come before its input, so
// that a gradient is on its way to the other workers while the rest is still being computed. Nothing is made
// that no parameter needs: not the gradient of the graph's input, nor of branches that do not reach the loss.
#pragma once

#include <vector>

#include "core/graph/graph.h"

namespace concertina {

enum class BackwardPart {
  kParameters,  // of dense and convolution: weight and bias, from the gradient of the output
  kInput,       // of dense and convolution: x
  kAll,         // of every other operator: all that it makes, in one pass
};

// One gradient that an operation makes. Where a value has several readers its gradient is a sum: the first
// operation that makes it writes, the later ones add.
struct MadeGradient {
  int input = 0;  // which of the node's inputs
  ValueId value = -1;
  bool accumulates = false;
  bool completes = false;  // no later operation adds to it
};

struct BackwardOperation {
  int node = 0;  // index into Graph::nodes()
  BackwardPart part = BackwardPart::kAll;
  std::vector<MadeGradient> makes;
};

struct Backward {
  std::vector<BackwardOperation> operations;
  // Indices into Graph::parameters(), in the order in which their gradients become final. Parameters that
  // do not reach the loss come first: their gradient is zero from the start.
  std::vector<int> gradient_order;
  std::vector<int> unreached;      // the first of gradient_order
  std::vector<bool> has_gradient;  // by ValueId
};

// From the loss, or, of a stage without one, from the gradient of its prediction, which somebody else makes.
// `wants_input`: the gradient of the graph's input too, for the stage before.
Backward Differentiate(const Graph& graph, bool wants_input = false);

}  // namespace concertina
