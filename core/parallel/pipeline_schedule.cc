// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_schedule.cc: what all schedules share (see pipeline_schedule.h).
// On the way of the data: parallel/one_forward_one_backward_schedule.cc and its like -> here ->
// parallel/pipeline_executor.cc, experiment/plan.cc.
#include "core/parallel/pipeline_schedule.h"

#include <algorithm>

namespace concertina {

int PeakActivations(const std::vector<PipelineTask>& tasks) {
  int under_way = 0, peak = 0;
  for (const PipelineTask& task : tasks) peak = std::max(peak, under_way += task.is_forward ? 1 : -1);
  return peak;
}

int PeakActivations(const std::vector<PipelineTask>& tasks, int chunk) {
  std::vector<PipelineTask> own;
  std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(own),
               [&](const PipelineTask& task) { return task.chunk == chunk; });
  return PeakActivations(own);
}

std::vector<ParamSpec> PipelineParams() {
  return {
      {.name = "micro_batches",
       .type = ParamType::kInteger,
       .unit = "micro-batches",
       .default_value = 4,
       .minimum = 1,
       .maximum = 65536,
       .doc = "Portions that a worker's batch is cut into, so that stages work at the same time. More of "
              "them make the bubble smaller, (p - 1) / (m + p - 1), and each product narrower; multiples of "
              "16 samples in each use the processor best. Batch norm takes the statistics of each by "
              "itself. Must divide /training/batch_size."},
      {.name = "cuts",
       .type = ParamType::kText,
       .default_value = "balanced",
       .doc = "Where the model is cut: \"balanced\" gives the slowest stage as little arithmetic as can be; "
              "or the names of the layers that begin the second stage, the third and so on, with commas "
              "between them."},
      {.name = "recompute",
       .type = ParamType::kBoolean,
       .default_value = false,
       .doc = "Keeps only what comes into a stage of each micro-batch, and makes its forward pass a second "
              "time before the backward pass [Chen et al. 2016]: a third more arithmetic, for the memory of "
              "all that lies within the stage. The numbers stay the same."},
      {.name = "activations",
       .type = ParamType::kComponent,
       .default_value = DefaultValue::FromJson(R"({"kind": "none"})"),
       .choices = {"gradient-codec"},
       .doc = "The codec of what goes from stage to stage in training: activations one way, their gradients "
              "the other, each micro-batch by itself. One without error feedback, like fp16; it "
              "costs accuracy at every cut, and evaluations are without it."}};
}

}  // namespace concertina
