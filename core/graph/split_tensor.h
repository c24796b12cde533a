// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// split_tensor.h: a model's graph rewritten into one rank's part of it, so that every model can be divided
// over the tensor axis and none is written twice [Shoeybi et al. Megatron-LM. 2019, section 3].
// On the way of the data: nn/model.h -> here -> graph/executor.h, parallel/tensor_group.h.
//
//   Y = act(X A + a), Z = Y B + b, with A = [A_1 … A_T] by columns, and B in T bands of rows:
//   rank i:  Y_i = act(X A_i + a_i),  Z = sum over i of Y_i B_i, + b
//
// Two layers that follow one another become a pair: of the first each rank keeps a range of the outputs
// (columns; of a convolution: output channels), of the second the same range of the inputs (rows; input
// channels). What stands between them works on each feature or channel alone (activations, pools, batch norm,
// dropout, reshapes) and goes on with the part. One sum forward ends the pair, one backward begins it
// (OpKind::kReduceFromTensor, kCopyToTensor). b is added once, by rank 0. All else is computed by every rank,
// with the same bits (the ranks of one tensor axis have processors of one kind): what stands between pairs,
// and a last layer without a partner.
//
// "Columns" and "rows" are Megatron's words for A as in X A. A weight here is out x in: a part of the
// outputs is a range of its first dimension.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

enum class NodeSplit {
  kWhole,    // every rank does all of it
  kColumns,  // dense or convolution: a range of the outputs
  kRows,     // dense or convolution: a range of the inputs; the outputs are summed
  kPart,     // works on a part of the features as it would on all
};

// How each node (in the graph's order) is divided over `size` ranks; all are kWhole for 1. Layers are paired
// from the input on. kInvalidArgument, naming the layer and the sizes that would do, if the width of a layer
// that begins a pair is not a multiple of `size`; and if the graph has no pair at all.
absl::StatusOr<std::vector<NodeSplit>> FindTensorSplit(const Graph& graph, int size);

// The part of `rank` of `size`: parameters and buffers keep names and order, and those that are divided have
// a slice. Executors of it need a TensorAxis (ExecutorOptions::tensor). Errors: as FindTensorSplit.
absl::StatusOr<Graph> SplitTensor(const Graph& graph, int rank, int size);

// Features (of one sample) of each sum over the axis in a training step of `part`: forwards, then backwards.
// `wants_input`: the gradient of its input is made too (a stage that is not the first).
std::vector<int64_t> TensorSums(const Graph& part, bool wants_input = false);
// The forward ones alone.
std::vector<int64_t> TensorForwardSums(const Graph& part);

}  // namespace concertina
