// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// interleaved_schedule.cc: 1F1B over several smaller pieces of the model on each stage [cited below].
//   stage 0:  F0 F1 f0 f1 F2 b0 F3 b1 f2 B0 f3 B1 .  b2 .  b3 B2 B3        (m = 4, p = 2, v = 2)
//   stage 1:  .  F0 F1 f0 b0 f1 b1 F2 B0 F3 B1 f2 b2 f3 b3 B2 B3 .         (capitals: the first piece)
// Piece c of stage s of p is piece c p + s of v p, so a micro-batch goes v times around the stages. Filling
// and draining takes p - 1 passes of a piece, a v-th of a stage's: the bubble is (p - 1) / (v m) of the time
// without one, for v times the messages.
//
// Micro-batches go in groups of p, each group through a stage's first piece, then through its second, …:
//   the k-th forward pass is of piece floor(k / p) mod v and micro-batch p floor(k / (p v)) + k mod p,
//   the k-th backward pass of piece v - 1 - floor(k / p) mod v and the same micro-batch.
// Stage s makes 2 (p - s - 1) + (v - 1) p passes in advance: a group through all pieces but one, and what is
// on its way to the last stage and back. With one piece that is plain 1F1B, which needs only p - s - 1.
// On the way of the data: experiment/spec.h names it -> here -> parallel/pipeline_executor.cc.
#include <algorithm>

#include "core/base/registry.h"
#include "core/parallel/pipeline_schedule.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Interleaved final : public PipelineSchedule {
 public:
  explicit Interleaved(int chunks) : chunks_(chunks) {}

  int chunks() const override { return chunks_; }

  std::vector<PipelineTask> Tasks(int stage, int stages, int micro_batches) const override {
    const auto task = [&](bool is_forward, int k) {
      const int chunk = k / stages % chunks_;
      return PipelineTask{.is_forward = is_forward,
                          .micro_batch = k / (stages * chunks_) * stages + k % stages,
                          .chunk = is_forward ? chunk : chunks_ - 1 - chunk};
    };
    const int behind = stages - stage - 1, passes = micro_batches * chunks_;
    const int in_advance = std::min(passes, chunks_ == 1 ? behind : 2 * behind + (chunks_ - 1) * stages);
    std::vector<PipelineTask> tasks;
    tasks.reserve(2 * static_cast<size_t>(passes));
    for (int k = 0; k < passes + in_advance; ++k) {
      if (k < passes) tasks.push_back(task(true, k));
      if (k >= in_advance) tasks.push_back(task(false, k - in_advance));
    }
    return tasks;
  }

  absl::Status Fits(int stages, int micro_batches) const override {
    if (micro_batches % stages == 0) return absl::OkStatus();
    const int below = micro_batches / stages * stages;
    return absl::InvalidArgumentError(fmt::format(
        "a multiple of the {} stages, like {}: interleaved micro-batches go in groups of as many "
        "as there are stages; or the schedule 1f1b",
        stages, below == 0 ? std::to_string(stages) : fmt::format("{} or {}", below, below + stages)));
  }

 private:
  const int chunks_;
};

std::vector<ParamSpec> ParamsOfInterleaved() {
  std::vector<ParamSpec> params = PipelineParams();
  params.insert(
      params.begin(),
      {.name = "chunks",
       .type = ParamType::kInteger,
       .unit = "pieces",
       .default_value = 2,
       .minimum = 1,
       .maximum = 64,
       .doc = "Pieces of the model on each stage. More of them make the bubble smaller, "
              "(p - 1) / (m chunks + p - 1), for as many times the messages. The model needs chunks times as "
              "many places to cut, and \"cuts\" names a layer for each piece but the first."});
  return params;
}

REGISTER_COMPONENT(
    PipelineSchedule,
    Descriptor(
        {.category = "pipeline-schedule",
         .kind = "interleaved",
         .title = "Interleaved 1F1B",
         .summary = "Each stage holds several smaller pieces of the model, and micro-batches go around the "
                    "stages once for each: a smaller bubble for more messages. Micro-batches must be a "
                    "multiple of the stages.",
         .citation = "Narayanan et al. Efficient Large-Scale Language Model Training on GPU Clusters Using "
                     "Megatron-LM. SC 2021, section 2.2.2",
         .params = ParamsOfInterleaved()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<PipelineSchedule>> {
      return std::make_unique<Interleaved>(static_cast<int>(params.Integer("chunks")));
    });

}  // namespace
}  // namespace concertina
