// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// one_forward_one_backward_schedule.cc: 1F1B with a flush at the end of the batch [cited below].
//   stage 0:  F0 F1 .  B0 F2 B1 F3 B2 .  B3        (m = 4, p = 2)
//   stage 1:  .  F0 B0 F1 B1 F2 B2 F3 B3 .
// Stage s of p takes p - s - 1 micro-batches in advance, which are on their way to the last stage and back;
// from then on each forward pass is followed by a backward pass, so no more than min(m, p - s) are under way.
// On the way of the data: experiment/spec.h names it -> here -> parallel/pipeline_executor.cc.
#include <algorithm>

#include "core/base/registry.h"
#include "core/parallel/pipeline_schedule.h"

namespace concertina {
namespace {

class OneForwardOneBackward final : public PipelineSchedule {
 public:
  std::vector<PipelineTask> Tasks(int stage, int stages, int micro_batches) const override {
    const int in_advance = std::min(micro_batches, stages - stage - 1);
    std::vector<PipelineTask> tasks;
    for (int m = 0; m < micro_batches + in_advance; ++m) {
      if (m < micro_batches) tasks.push_back({.is_forward = true, .micro_batch = m});
      if (m >= in_advance) tasks.push_back({.is_forward = false, .micro_batch = m - in_advance});
    }
    return tasks;
  }
};

REGISTER_COMPONENT(
    PipelineSchedule,
    Descriptor(
        {.category = "pipeline-schedule",
         .kind = "1f1b",
         .title = "One forward, one backward",
         .summary =
             "As soon as a micro-batch has come through, it goes back, and its activations can be "
             "forgotten: as fast as GPipe, with at most p - s micro-batches under way in stage s of p.",
         .citation = "Narayanan et al. Efficient Large-Scale Language Model Training on GPU Clusters Using "
                     "Megatron-LM. SC 2021, section 2.2.1",
         .params = PipelineParams()}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<PipelineSchedule>> {
      return std::make_unique<OneForwardOneBackward>();
    });

}  // namespace
}  // namespace concertina
