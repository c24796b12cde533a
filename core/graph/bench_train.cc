// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_train.cc: steps on random data, and sgemm at the model's largest product between them.
// On the way of the data: concertinactl's bench train -> here -> graph/executor.h.
#include "core/graph/bench_train.h"

#include <time.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "core/base/flush_denormals.h"
#include "core/base/rng.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/sgemm.h"

namespace concertina {
namespace {

double SecondsOn(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The largest dense layer or convolution as one product of the whole batch: y = x w^T, as PyTorch lays it
// out.
SgemmShape LargestProduct(const Graph& graph, const ExecutorOptions& options) {
  SgemmShape largest{.rows = 1, .columns = 1, .depth = 1};
  for (const Node& node : graph.nodes()) {
    if (node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) continue;
    const Shape& weight = graph.value(node.inputs[1]).shape;
    const int64_t places = ElementCount(graph.value(node.output).shape) / weight[0];
    const SgemmShape shape{.rows = options.batch_size * places,
                           .columns = weight[0],
                           .depth = ElementCount(weight) / weight[0],
                           .transpose_b = true,
                           .threads = options.threads};
    if (shape.rows * shape.columns * shape.depth > largest.rows * largest.columns * largest.depth)
      largest = shape;
  }
  return largest;
}

// Repeats one product; keeps the best.
class Yardstick {
 public:
  explicit Yardstick(const SgemmShape& shape)
      : shape_(shape),
        a_(shape.rows * shape.depth),
        b_(shape.columns * shape.depth),
        c_(shape.rows * shape.columns) {
    for (FloatBuffer* buffer : {&a_, &b_})
      for (int64_t i = 0; i < buffer->size(); ++i) buffer->data()[i] = 1e-2F * static_cast<float>(i % 17 - 8);
  }
  void Run(clockid_t clock) {
    const double start = SecondsOn(clock);
    Sgemm(shape_, a_.data(), b_.data(), false, c_.data());
    best_ = std::min(best_, SecondsOn(clock) - start);
  }
  double flops_per_second() const {
    return 2.0 * static_cast<double>(shape_.rows * shape_.columns * shape_.depth) / best_;
  }

 private:
  SgemmShape shape_;
  FloatBuffer a_, b_, c_;
  double best_ = std::numeric_limits<double>::max();
};

}  // namespace

UpdateLoop MomentumUpdate(int64_t parameter_count, float rate, float momentum) {
  auto velocity = std::make_shared<FloatBuffer>(parameter_count);
  return [velocity, rate, momentum](int64_t, std::span<const float> gradients, std::span<float> parameters) {
    float* __restrict v = velocity->data();
    const float* __restrict g = gradients.data();
    float* __restrict p = parameters.data();
    for (size_t i = 0; i < parameters.size(); ++i) {
      v[i] = momentum * v[i] + g[i];
      p[i] -= rate * v[i];
    }
  };
}

absl::StatusOr<TrainBench> BenchTrain(const Graph& graph, const ExecutorOptions& options, double seconds,
                                      const UpdateLoop& update) {
  const FlushDenormals flushed;  // as a worker does
  ASSIGN_OR_RETURN(const std::unique_ptr<Executor> executor, Executor::Create(graph, options));
  Initialize(graph, options.seed, executor->parameters(), executor->buffers());
  Rng rng(options.seed, "bench");
  for (float& x : executor->input()) x = static_cast<float>(rng.Normal());
  const auto classes = static_cast<uint64_t>(ElementCount(graph.value(graph.prediction()).shape));
  for (int32_t& label : executor->labels()) label = static_cast<int32_t>(rng.Below(classes));

  const clockid_t clock = options.threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  Yardstick yardstick(LargestProduct(graph, options));
  const auto step = [&](int64_t number) {
    const double start = SecondsOn(clock);
    executor->Step(number, {});
    update(number, executor->gradients(), executor->parameters());
    return SecondsOn(clock) - start;
  };
  constexpr int64_t kWarmUpSteps = 3;
  constexpr size_t kLeastSteps = 5;
  constexpr double kYardstickShare =
      0.1;  // of the time: the yardstick is taken between steps, not before them
  for (int64_t i = 0; i < kWarmUpSteps; ++i) step(i);
  yardstick.Run(clock);

  std::vector<double> times;
  const double start = SecondsOn(CLOCK_MONOTONIC);
  double next_yardstick = 0;
  for (double elapsed = 0; elapsed < seconds || times.size() < kLeastSteps;
       elapsed = SecondsOn(CLOCK_MONOTONIC) - start) {
    if (elapsed >= next_yardstick) {
      yardstick.Run(clock);
      next_yardstick = elapsed + (SecondsOn(CLOCK_MONOTONIC) - start - elapsed) / kYardstickShare;
    }
    times.push_back(step(kWarmUpSteps + static_cast<int64_t>(times.size())));
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  TrainBench bench;
  bench.seconds_per_step = times[times.size() / 2];
  bench.samples_per_second = static_cast<double>(options.batch_size) / bench.seconds_per_step;
  bench.flops_per_second = bench.samples_per_second * graph.TrainingFlops();
  bench.gemm_flops_per_second = yardstick.flops_per_second();
  bench.memory_bytes = executor->memory_bytes();
  return bench;
}

absl::StatusOr<TrainBench> BenchTrain(const Graph& graph, const ExecutorOptions& options, double seconds) {
  return BenchTrain(graph, options, seconds, MomentumUpdate(graph.parameter_count(), 1e-4F, 0.9F));
}

}  // namespace concertina
