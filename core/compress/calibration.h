// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// calibration.h: which range each activation of a model takes, seen on samples, and the grid of bytes for it.
// On the way of the data: data/dataset.h's samples, edge/runtime.h -> here -> compress/int8.cc,
// compress/learned_step.cc.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/compress/compressor.h"

namespace concertina {

// How much of a range counts. What lies outside is clipped.
enum class RangeRule {
  kMinMax,        // all of it
  kPercentile,    // all but a share at either end
  kEntropy,       // least Kullback-Leibler divergence between the elements and those rounded [Migacz. 8-bit
                  // Inference with TensorRT. GTC 2017]
  kLeastSquares,  // least squared error of clipping and rounding together
};

struct ObservedRange {
  double least = 0, most = 0;      // zero is always within: padding must be exact
  std::vector<int64_t> histogram;  // kBins equal parts of [least, most]
  static constexpr int kBins = 2048;
};

// The graph with its activations on no grid: the ranges seen are then those of floats, and what can be merged
// is not kept apart by a rounding.
Graph WithoutActivationGrids(Graph graph);

// Activations that need a grid so that the chosen layers (indices of nodes) can compute with bytes, and which
// of them share one: what a chosen layer reads, up through what only picks or moves elements; of a sum that
// needs one, both inputs.
std::map<ValueId, int> ActivationGroups(const Graph& graph, const std::vector<int>& chosen);

// Runs `samples` training samples (evenly spread, or all there are) through the graph, twice: for the ranges
// of the activations in `values`, and for their histograms. Values that share a grid are given as one group,
// the same number. kInvalidArgument, naming the layer, where an element is no finite number.
absl::StatusOr<std::map<int, ObservedRange>> ObserveRanges(const Graph& graph,
                                                           const std::map<ValueId, int>& group_of,
                                                           const CompressContext& context, int64_t samples);

// The grid of 2^bits unsigned numbers, each of them a byte. `percentile`: of kPercentile, above 50.
Quantization ByteGridFor(const ObservedRange& range, RangeRule rule, double percentile, int bits = 8);

// The mean of each element of each value in `values`, over as many samples.
absl::StatusOr<std::map<ValueId, std::vector<double>>> ObserveMeans(const Graph& graph,
                                                                    const std::vector<ValueId>& values,
                                                                    const CompressContext& context,
                                                                    int64_t samples);

}  // namespace concertina
