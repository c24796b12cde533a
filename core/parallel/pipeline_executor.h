// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor.h: one rank's stage of a model, and the activations and gradients that go from stage to
// stage [Huang et al. GPipe. NeurIPS 2019]. To the step loop it is an executor like any other.
// On the way of the data: data/loader.h -> here (graph/stage.h, comm/communicator.h) -> parallel/exchange.h.
//
//   gradient of the batch = 1/m sum over micro-batches of the gradient of each one's mean loss
//
// which is exact where samples do not see one another. Batch norm takes the statistics of each micro-batch,
// and its running statistics take a step for each of them.
//
// The last stage has the loss, and tells the others: every stage's Step gives it, the same bits. What
// Evaluate counts stays with the last: to tell it would cost each batch a way back, and who evaluates sums
// over all ranks in the end.
//
// It is made before the ranks have met, and joined later.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/comm/communicator.h"
#include "core/graph/executor.h"
#include "core/parallel/arrival_book.h"
#include "core/parallel/cut_codec.h"
#include "core/parallel/pattern.h"
#include "core/parallel/pipeline_schedule.h"

namespace concertina {

struct PipelineOptions {
  ExecutorOptions executor;  // batch_size: of the whole batch, which micro_batches divides
  int stage = 0;
  int stages = 1;
  int micro_batches = 1;
  bool recomputes = false;
  // Of the activations and gradients of a training step that go from stage to stage; empty: as they are. What
  // is evaluated is the model, and goes as it is.
  CutCodec::MakeCodec make_codec;
};

// A model (or a part of it, of SplitTensor) in its order, one piece for each stage and chunk; `cuts` as a
// spec says it. Errors: as graph/cut.h's.
absl::StatusOr<std::vector<Graph>> CutIntoPieces(const Graph& graph, const std::string& cuts,
                                                 const PipelineSchedule& schedule, int stages);
// Those of one stage: every stages-th.
std::vector<Graph> PiecesOfStage(const std::vector<Graph>& pieces, int stage, int stages);

class PipelineExecutor : public Executor {
 public:
  // `pieces`: of the model, in its order, all that this stage holds: one for each chunk of the schedule.
  // kInvalidArgument if micro-batches do not divide the batch, or a piece cannot be run.
  static absl::StatusOr<std::unique_ptr<PipelineExecutor>> Create(const std::vector<Graph>& pieces,
                                                                  const PipelineSchedule& schedule,
                                                                  const PipelineOptions& options);

  // Before the first step; both are of the pipeline axis, on channels of their own, and outlive the last.
  // Activations go one way and gradients the other. Each wait lasts that long at most.
  virtual void Join(Communicator& forwards, Communicator& backwards, double deadline_seconds) = 0;

  // What crosses a cut to or from a neighbour is a collective of the two, with the first micro-batch (the
  // waits of the bubble, and of who began late) and with the last (of who is slower). Names end with `group`.
  // Before the first step.
  virtual void SetArrivals(ArrivalBook& arrivals, const std::string& group) = 0;

  // Seconds that this stage waited for activations or gradients since the last call.
  virtual double TakeWaitSeconds() = 0;
  virtual int peak_activations() const = 0;  // micro-batches under way at once, of all chunks

  // Live knobs of the codec, and what codecs remember, for checkpoints: nothing where there is none.
  virtual absl::Status ChangeCodec(const Params& codec) = 0;
  virtual void SaveCodecs(std::vector<uint8_t>& state) const = 0;        // appends
  virtual absl::Status TakeCodecs(std::span<const uint8_t>& state) = 0;  // takes off what SaveCodecs appended
};

// Who sends what to whom on one pipeline axis in a training step. `pieces`: of all stages, in the model's
// order; `codec`: of what crosses the cuts, null for none.
Pattern PipelinePattern(const std::vector<Graph>& pieces, int stages, int64_t batch_size, int micro_batches,
                        const Codec* codec = nullptr);

}  // namespace concertina
