// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_schedule.h: in which order a stage does the forward and backward passes of a batch's
// micro-batches. Category "pipeline-schedule". On the way of the data: experiment/spec.h names it -> here ->
// parallel/pipeline_executor.h.
//
// With p stages, and forward and backward passes that take as long on each, a batch of m micro-batches keeps
// every stage busy for m of m + p - 1 turns: the rest, filling and draining the pipeline, is the bubble.
// Parameters change only between batches, so every schedule gives the gradients of the whole batch; all do
// the micro-batches' backward passes in order, so they add up in the same order, to the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"

namespace concertina {

struct PipelineTask {
  bool is_forward = true;
  int micro_batch = 0;
  int chunk = 0;  // which of the stage's pieces of the model; of C chunks, piece c of stage s of p is c p + s
  friend bool operator==(const PipelineTask&, const PipelineTask&) = default;
};

class PipelineSchedule {
 public:
  virtual ~PipelineSchedule() = default;
  virtual int chunks() const { return 1; }
  // All 2 m C tasks of `stage` in order. Pure: all ranks know everybody's.
  virtual std::vector<PipelineTask> Tasks(int stage, int stages, int micro_batches) const = 0;
  // The share of a batch's time that a stage waits, where stages take equally long and messages no time:
  // (p - 1) / (m C + p - 1).
  double ExpectedBubble(int stages, int micro_batches) const {
    return static_cast<double>(stages - 1) /
           static_cast<double>(static_cast<int64_t>(micro_batches) * chunks() + stages - 1);
  }
  // kInvalidArgument if it cannot be; the message is what was expected: the micro-batches that would do.
  virtual absl::Status Fits(int /*stages*/, int /*micro_batches*/) const { return absl::OkStatus(); }
};

// Forward passes whose backward pass is still to come, at most: what the stage has to remember.
int PeakActivations(const std::vector<PipelineTask>& tasks);
// The same of one chunk.
int PeakActivations(const std::vector<PipelineTask>& tasks, int chunk);

// What every kind has.
std::vector<ParamSpec> PipelineParams();

}  // namespace concertina
