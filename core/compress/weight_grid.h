// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// weight_grid.h: weights rounded to a grid of few whole numbers.
// On the way of the data: compress/quantize_weights.cc, compress/int8.cc -> here -> graph/graph.h's
// Quantization.
#pragma once

#include <span>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

enum class GridFit {
  kLargest,       // the largest magnitude is the grid's last: nothing is clipped
  kLeastSquares,  // the scale of least squared error: large ones may be clipped, so that many are nearer
};

// A symmetric grid of `bits` bits (graph.h) for a weight whose first dimension are the outputs: one scale for
// all, or one for each output. With 1 bit the scale is the mean magnitude, which has the least squared error
// [Rastegari et al. XNOR-Net. ECCV 2016, equation 6]. A scale is never 0.
Quantization FitWeightGrid(std::span<const float> weight, int64_t outputs, int bits, bool per_channel,
                           GridFit fit);

// The coarsest grid of `bits` bits on which every weight lies, to rounding; where there is none, that of
// least squared error. What a learned step has become is in the weights alone.
Quantization GridThrough(std::span<const float> weight, int64_t outputs, int bits, int64_t scales);

// What training must leave true of a weight that is put on a grid, by what it had to before.
Hold HoldOnGrid(Hold before);

// The nearest of the grid for each weight.
std::vector<float> OnGrid(std::span<const float> weight, const Quantization& grid);

}  // namespace concertina
