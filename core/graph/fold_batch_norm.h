// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fold_batch_norm.h: batch norm in evaluation is a product and a sum for each channel, which the layer before
// it can do with its own weights. On the way of the data: a trained graph with its values -> here ->
// edge/runtime.h, compress/int8.cc.
//
//   (w x + b - m) s / sqrt(v + e) + t  =  w' x + b',    w' = w f,  b' = (b - m) f + t,  f = s / sqrt(v + e)
#pragma once

#include "core/graph/graph.h"

namespace concertina {

// The same predictions without the batch norms that follow a dense layer or a convolution that nobody else
// reads, where weights, bias, scale and the rest are of these two alone; others stay. Layers without a bias get one, NAME.bias. All parameters and buffers have given values;
// those of the layers that take a batch norm in lose what holds of them (a grid, shared values), but for
// pruned zeros. kInvalidArgument if values are missing.
absl::StatusOr<Graph> FoldBatchNorm(const Graph& graph);

}  // namespace concertina
