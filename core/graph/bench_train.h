// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_train.h: how fast this machine trains a graph, beside what its matrix product could do.
// On the way of the data: concertinactl's bench train asks here -> graph/executor.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/base/status.h"
#include "core/graph/executor.h"

namespace concertina {

struct TrainBench {
  double samples_per_second = 0;
  double flops_per_second = 0;  // TrainingFlops of those samples: the definition's, whatever the kernels do
  double gemm_flops_per_second =
      0;                        // oneDNN's sgemm at the model's largest product, forwards, in the same run
  double seconds_per_step = 0;  // the median
  int64_t memory_bytes = 0;     // of the executor; the optimiser's state is not in it
};

// One optimiser step over all parameters.
using UpdateLoop =
    std::function<void(int64_t step, std::span<const float> gradients, std::span<float> parameters)>;

// SGD with momentum: v <- m v + g, p <- p - rate v. Its state lives as long as the function.
UpdateLoop MomentumUpdate(int64_t parameter_count, float rate, float momentum);

// Whole steps (input turned to lanes, forwards, backwards, update) on random data for about `seconds` of wall
// time, after a warm-up. With one thread, times are the thread's own on the processor, so a shared machine
// measures the same. Errors: as Executor::Create.
absl::StatusOr<TrainBench> BenchTrain(const Graph& graph, const ExecutorOptions& options, double seconds,
                                      const UpdateLoop& update);
// With MomentumUpdate.
absl::StatusOr<TrainBench> BenchTrain(const Graph& graph, const ExecutorOptions& options, double seconds);

}  // namespace concertina
