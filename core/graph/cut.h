// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut.h: a model's graph cut into stages, one after another, for the pipeline axis
// [Huang et al. GPipe. NeurIPS 2019].
// On the way of the data: nn/model.h, graph/split_tensor.h -> here -> graph/stage.h,
// parallel/pipeline_executor.h.
//
// A cut lies before a node where exactly one activation crosses: it is the output of the stage before and the
// input of the stage behind. Parts of a model that is divided over the tensor axis are cut like whole ones:
// divide first, then cut, and all ranks of the tensor axis find the same cuts.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// A place where a graph can be cut.
struct Cut {
  int node = 0;          // the first of the stage behind it: an index into Graph::nodes()
  std::string layer;     // its name, as a spec writes it
  ValueId crossing = 0;  // the activation that goes from stage to stage
};

// All of them, from the input on. None separates an activation from the layer that it is fused into, nor a
// parameter's readers, nor a sum over the tensor axis from the product that it sums.
std::vector<Cut> LegalCuts(const Graph& graph);

// The first nodes of stages 1 .. stages - 1, so that the slowest stage has the least arithmetic to do
// (forward; backward is about twice that everywhere), and of all such the one whose last stages have the
// least: dynamic programming over the legal cuts, O(stages cuts^2). Each stage has parameters. It depends on
// the graph alone, so all ranks agree without a message. kInvalidArgument, saying how many stages there can
// be, if there are too few cuts.
absl::StatusOr<std::vector<int>> BalancedCuts(const Graph& graph, int stages);
// The same from the names of the layers that begin stages 1, 2, …. kInvalidArgument names the layer that
// cannot, and those that can.
absl::StatusOr<std::vector<int>> NamedCuts(const Graph& graph, const std::vector<std::string>& layers);
// "balanced", or names with commas between them.
absl::StatusOr<std::vector<int>> CutsOf(const Graph& graph, const std::string& text, int stages);

// Stage `stage` of cuts.size() + 1: parameters and buffers keep names, slices and order, nodes their names
// (and so dropout its masks). kInvalidArgument if a cut is not legal.
absl::StatusOr<Graph> CutStage(const Graph& graph, const std::vector<int>& cuts, int stage);

}  // namespace concertina
