// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gpipe_schedule.cc: all forward passes, then all backward passes [cited below].
//   stage 0:  F0 F1 F2 F3 .  .  B0 B1 B2 B3        (m = 4, p = 2)
//   stage 1:  .  F0 F1 F2 F3 B0 B1 B2 B3 .
// On the way of the data: experiment/spec.h names it -> here -> parallel/pipeline_executor.cc.
#include "core/base/registry.h"
#include "core/parallel/pipeline_schedule.h"

namespace concertina {
namespace {

class GPipe final : public PipelineSchedule {
 public:
  std::vector<PipelineTask> Tasks(int /*stage*/, int /*stages*/, int micro_batches) const override {
    std::vector<PipelineTask> tasks;
    for (const bool is_forward : {true, false})
      for (int m = 0; m < micro_batches; ++m) tasks.push_back({.is_forward = is_forward, .micro_batch = m});
    return tasks;
  }
};

REGISTER_COMPONENT(
    PipelineSchedule,
    Descriptor(
        {.category = "pipeline-schedule",
         .kind = "gpipe",
         .title = "GPipe",
         .summary = "All micro-batches go forward through the stages, then all of them back. The plainest "
                    "schedule; every stage remembers the activations of the whole batch.",
         .citation = "Huang et al. GPipe: Efficient Training of Giant Neural Networks using Pipeline "
                     "Parallelism. NeurIPS 2019",
         .params = PipelineParams()}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<PipelineSchedule>> {
      return std::make_unique<GPipe>();
    });

}  // namespace
}  // namespace concertina
