// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop.h: the hall that every room opens from: one rank's training, step by step.
// On the way of the data: data/loader.h -> graph/executor.h -> parallel/exchange.h -> nn/optimizer.h ->
// worker/step_recorder.h, once a step. Everything here belongs to the step thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/analysis/timeline.h"
#include "core/base/disk.h"
#include "core/comm/communicator.h"
#include "core/comm/mesh.h"
#include "core/comm/message_gate.h"
#include "core/data/loader.h"
#include "core/edge/safetensors.h"
#include "core/experiment/spec.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/parallel/exchange.h"
#include "core/parallel/gradient_histogram.h"
#include "core/worker/checkpoint.h"
#include "core/worker/control_queue.h"
#include "core/worker/step_recorder.h"

namespace concertina {

// Channels of the one transport, of those that are between steps; the others are the step loop's own.
inline constexpr uint16_t kRecipeChannel = 7;

struct StepLoopOptions {
  Spec spec;
  int rank = 0;
  int world_size = 1;
  std::string run_folder;  // checkpoints and parameters
  std::string datasets_folder;
  std::string kernels_file;
  std::string checkpoint;  // step folder to go on from; "" to begin anew
  bool is_fork = false;    // the checkpoint is another run's: the spec here holds, not the one in it
  Disk* disk = &Disk::Real();
  MessageGate* gate = nullptr;  // of slow motion; null: there is none
  // Of one stretch of training of a recipe (worker/recipe_loop.h): the whole model with its values, in place
  // of the spec's, and what the run had behind it.
  std::shared_ptr<const Graph> model;
  double seconds_before = 0, epochs_before = 0;
  double learning_rate_factor = 1;
  uint64_t requests_obeyed = 0;
  std::vector<uint32_t> faults_done = {};  // of earlier attempts
  // Of a group that is formed anew: where it goes on, the same on all of its ranks, and who gives the others
  // what there is then. Absent: as the checkpoint says, or from the start.
  struct GroupState {
    int source_rank = 0;
    int64_t step = 0;
    double epochs = 0, seconds = 0;
  };
  std::optional<GroupState> group_state;
  std::shared_ptr<const Checkpoint> memory;  // what this rank had in the group before; null: it is a newcomer
};

// What the loop tells outside, on the step thread where nothing else is said. Those of a full disk may be
// empty.
struct StepLoopListener {
  std::function<void(int64_t step, double epoch, const char* phase)> progress;
  // Now and then: the bytes to each rank so far, as comm/transport.h CountSent() has them, and when they were
  // counted, on the steady clock. May be empty.
  std::function<void(std::span<const uint64_t> sent_bytes, double seconds)> traffic;
  std::function<void(int64_t step, const std::string& folder, uint64_t bytes)>
      checkpoint_written;  // rank 0 only
  std::function<void(const proto::Knob& knob, int64_t step, const absl::Status& status)>
      knob_applied;                                                    // rank 0 only
  std::function<void(const char* state, int64_t step)> state_reached;  // rank 0 only
  // Of the experiment's faults, on the ranks that they concern.
  std::function<void(uint32_t act, int64_t step, bool has_ended)> fault_acted;
  // The run is paused, as if asked to, until the disk has room: where, and what does not fit. Told again each
  // time that it is asked to go on and cannot.
  std::function<void(int64_t step, const std::string& reason)> no_room;
  // A checkpoint that was wanted is not there, and why.
  std::function<void(int64_t step, const std::string& reason)> checkpoint_missed;
  // Of a worker that shares no file system with the engine, on every rank, in a thread of the loop's: a file
  // of a checkpoint is written, and becomes the engine's. Empty: the engine sees it as it is.
  std::function<absl::Status(const std::string& file)> carry;
  // On every rank, in a thread of the loop's, before its part of a checkpoint counts as written: returns once
  // what it has recorded so far is stored. Empty: it is nowhere else.
  std::function<absl::Status()> keep_metrics;
  // As it was asked for; null: this exchange makes no gradients. Rank 0 only.
  std::function<void(const GradientHistogram* histogram, int64_t step)> gradient_counted;
  // A recording has come to its end, on every rank.
  std::function<void(const RankSpans& spans)> spans_recorded;
  // In slow motion, on the communication thread: this message waits at the gate. Empty: there is none.
  std::function<void(const WaitingMessage& message)> message_waits;
};

struct StepLoopResult {
  bool stopped = false;
  bool parted = false;  // as was asked: the group is formed anew, and what there is is in TakeMemory
  int64_t step = 0;
  std::string parameters_sha256;
  std::string parameters_path;  // rank 0 only; "": the disk was full, and the run was to stop
  // Rank 0 of a stretch of a recipe: parameters and buffers of the whole model, and no file.
  std::vector<Safetensors::Tensor> trained = {};
  // Of this process, up to the end of training: a model that is shared out is whole once more when it is
  // kept.
  uint64_t peak_memory_bytes = 0;
};

class StepLoop {
 public:
  // Opens the dataset, builds the graph and its executor, reads the checkpoint if there is one. No peers yet.
  static absl::StatusOr<std::unique_ptr<StepLoop>> Create(StepLoopOptions options, StepRecorder& recorder,
                                                          ControlQueue& controls, StepLoopListener listener);
  ~StepLoop();

  int64_t parameter_count() const;
  int64_t total_steps() const;
  int64_t steps_per_epoch() const;
  int64_t current_step() const;
  // After Run: what the next stretch begins with.
  double seconds() const;
  double epochs() const;
  uint64_t requests_obeyed() const;
  const Spec& spec() const;  // with the knobs as they stand
  // After Run, whatever came of it, of an experiment whose group can form anew: all that every rank had
  // before the step that is next, without the codecs' residuals, which are each rank's own and begin again.
  // Null: nothing, since it had not been given anything yet. The loop is of no use afterwards.
  std::shared_ptr<const Checkpoint> TakeMemory();

  // Trains to the planned end or a stop. `transport` joins all ranks and outlives the call. Errors: what a
  // peer, the data, the disk or the mathematics did (kOutOfRange: the loss is not a number any more).
  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token stop);

 private:
  struct Impl;
  explicit StepLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina
