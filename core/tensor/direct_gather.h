// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// direct_gather.h: runs a gather plan: every target channel and position, in register tiles.
// On the way of the data: tensor/convolution.cc -> here -> tensor/register_tile-inl.h.
#pragma once

#include <cstdint>

#include "core/tensor/gather_plan.h"

namespace concertina {

// How many lanes of a sample one tile computes on this processor: `lanes` of a plan's layout.
int64_t GatherBlockLanes(int64_t lanes);

struct GatherJob {
  const GatherPlan* plan = nullptr;  // over a source of blocks, as GatherBlockLanes tells

  int64_t rows = 0;   // channels of the target
  int64_t depth = 0;  // weights of one row
  int64_t lanes = 0;
  int threads = 1;
  // weight(row, k) is at weight[row * row_stride + k / inner * outer_stride + k % inner]
  const float* weight = nullptr;
  int64_t row_stride = 0, inner = 1, outer_stride = 0;
  const float* bias = nullptr;  // one a row, or null
  bool accumulate = false;      // onto what the target holds; not together with a bias
  bool rectify = false;
  const float* source = nullptr;
  float* target = nullptr;
  float* scratch = nullptr;  // scratch_floats(): the weights by tiles, the source by blocks

  int64_t blocks() const { return (lanes + plan->source().lanes - 1) / plan->source().lanes; }
  int64_t weight_floats() const { return rows * depth; }
  int64_t scratch_floats() const {
    return weight_floats() + (blocks() > 1 ? blocks() * plan->source().elements() * plan->source().lanes : 0);
  }
};

void RunGather(const GatherJob& job);

// dw[o][k] = (or +=) sum over positions and samples of dy[o] x[window element k]; bits as in convolution.h.
struct WeightGradientJob {
  int64_t in_channels = 0, height = 0, width = 0;
  int64_t out_channels = 0, out_height = 0, out_width = 0;
  int64_t kernel_height = 0, kernel_width = 0, stride = 1, padding = 0;
  int64_t lanes = 0;
  int threads = 1;
  const float* x = nullptr;
  const float* dy = nullptr;
  const float* zeros = nullptr;  // `lanes` of them: what taps on padding read
  bool accumulate = false;
  float* dweight = nullptr;
};

void RunWeightGradient(const WeightGradientJob& job);

}  // namespace concertina
