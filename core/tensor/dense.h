// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense.h: the three products of a dense layer, over features x lanes (tensor/batch_lanes.h).
//   y = w x + b        dx = w^T dy        dw = dy x^T        db = dy 1
// On the way of the data: graph/dense_operator.cc -> here -> tensor/register_tile-inl.h or oneDNN.
//
// Two implementations of the same: own tiles and oneDNN's sgemm. Which is faster depends on processor and
// shape; graph/kernel_choice.h measures. Own kernels allocate nothing; sgemm takes packing space itself.
#pragma once

#include <cstdint>

namespace concertina {

struct DenseShape {
  int64_t in = 0;
  int64_t out = 0;
  int64_t lanes = 0;  // a multiple of kBatchLanes
  int threads = 1;
};

enum class DenseKernel { kTiles, kSgemm };

// x: in x lanes; weight: out x in; bias: out, or null; y: out x lanes. `rectify` makes y = max(y, 0).
void DenseForward(DenseKernel kernel, const DenseShape& shape, const float* x, const float* weight,
                  const float* bias, bool rectify, float* y);

// dx = w^T dy, or dx += w^T dy.
void DenseInputGradient(DenseKernel kernel, const DenseShape& shape, const float* dy, const float* weight,
                        bool accumulate, float* dx);

// dw = dy x^T, or dw += dy x^T. `scratch`: DenseWeightScratch(shape) floats.
void DenseWeightGradient(DenseKernel kernel, const DenseShape& shape, const float* x, const float* dy,
                         bool accumulate, float* dweight, float* scratch);
int64_t DenseWeightScratch(const DenseShape& shape);

// sums[row] = (or +=) the sum of row's `columns` numbers; rows are contiguous. A bias's gradient.
void SumRows(int threads, int64_t rows, int64_t columns, const float* x, bool accumulate, float* sums);

}  // namespace concertina
