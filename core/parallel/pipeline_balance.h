// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_balance.h: of the time that the stages of a pipeline stand still, what is the schedule's fault and
// what is the cut's. On the way of the data: worker/step_loop.cc (each stage's times, summed over the stages)
// -> here -> the series pipeline/bubble and pipeline/imbalance.
//
// With b_s and w_s the seconds that stage s computes and waits in its passes, and k the slowest, of most b:
//   bubble     w_k / (b_k + w_k)            imbalance     1 - mean_s b_s / b_k
// A fast stage also waits for the slow ones, however many micro-batches there are; the slowest waits for
// nobody but the pipeline to fill and to drain. So the bubble is what (p - 1)/(m + p - 1) foretells [Huang et
// al. GPipe. NeurIPS 2019, section 2.3: p - 1 idle of m + p - 1 places in each stage], a formula for equal
// stages; of unequal ones, which take t_s a micro-batch, GPipe's is
//   sum_(s != k) t_s / (m t_k + sum_(s != k) t_s)     which is less, and that of 1F1B less still.
// Where all stages take the same time a step, they stand still (1 - (1 - bubble)(1 - imbalance)) of it.
#pragma once

#include <span>

namespace concertina {

struct StageTime {
  double busy_seconds = 0;
  double wait_seconds = 0;
};

struct PipelineBalance {
  double bubble = 0;     // 0 <= bubble < 1
  double imbalance = 0;  // 0 <= imbalance < 1 - 1 / stages
};

// Of the same steps of all stages of a pipeline; all zero if none has computed.
PipelineBalance BalanceOf(std::span<const StageTime> stages);

}  // namespace concertina
