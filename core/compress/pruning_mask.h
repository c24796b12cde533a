// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pruning_mask.h: which weights stay, and zeros in the place of the others.
// On the way of the data: the compressors of this folder that prune single weights -> here -> graph/graph.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "core/graph/graph.h"

namespace concertina {

// A weight that may be pruned, and the layer that is named in messages (the first, if several share it).
struct PrunableWeight {
  std::string layer;
  ValueId weight = -1;
};

// Those of the layers that fit the pattern, each once, in the order of the layers. kInvalidArgument if there
// are none, if one holds NaN, which has no rank among magnitudes, or if one lies on a grid: training could
// keep the grid or the zeros, but not both.
absl::StatusOr<std::vector<PrunableWeight>> ChoosePrunable(const Graph& graph, std::string_view pattern);

// The parameter "amount": the share of `of_what` that is zero afterwards.
ParamSpec AmountParam(std::string_view of_what);

// round(amount n), halves away from zero.
int64_t PrunedCount(double amount, int64_t n);

// Marks the `pruned` of least score false. Among equals those of lower index go first: two ranks, or two
// runs, must keep the same ones. O(n) time.
std::vector<bool> MaskOfLargest(std::span<const float> scores, int64_t pruned);

// The magnitude of each weight.
std::vector<float> Magnitudes(std::span<const float> weight);

// Ranks all these weights together: scores[i] are those of weights[i], numbers of either sign, and `amount`
// of all goes. What is zero already goes first, whatever its score: masks of growing amounts nest.
void PruneTogether(Graph& graph, const std::vector<PrunableWeight>& weights,
                   const std::vector<std::vector<float>>& scores, double amount);

// The same by magnitude.
void PruneSmallest(Graph& graph, const std::vector<PrunableWeight>& weights, double amount);

// The parameter "scope": whether weights are ranked within their "layer" or all together, "global".
ParamSpec ScopeParam();
// The groups that are ranked by themselves: one for each weight, or a single one.
std::vector<std::vector<PrunableWeight>> RankedTogether(const std::vector<PrunableWeight>& weights,
                                                        std::string_view scope);

// Zeros where `keep` is false, which stay zero from now on (Value::hold; shared weights stay shared).
void Prune(Graph& graph, ValueId weight, const std::vector<bool>& keep);

}  // namespace concertina
