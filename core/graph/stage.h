// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stage.h: a graph laid out in memory, ready to run forwards and backwards: a whole model, or one stage of it
// with several micro-batches under way.
// On the way of the data: graph/graph.h, graph/cut.h -> here -> graph/executor.cc,
// parallel/pipeline_executor.cc.
//
// A pass is a list of operators, all of whose pointers are fixed when the stage is made. Each micro-batch
// under way has a slot: what its backward pass needs of its forward pass. All else, which dies within a pass,
// is work space that the slots share. A stage that recomputes keeps only what comes in and what goes out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/graph/differentiate.h"
#include "core/graph/executor.h"
#include "core/graph/memory_plan.h"
#include "core/graph/operator.h"
#include "core/tensor/float_buffer.h"

namespace concertina {

struct StageOptions {
  ExecutorOptions executor;  // batch_size: of one micro-batch
  int slot_count = 1;        // micro-batches under way
  bool wants_input = false;  // the stage before needs its gradient
  bool recomputes = false;   // Forward(…, again) comes before each Backward
};

// Where the three flat vectors lie, which outlive the stage.
struct StageVectors {
  float* parameters = nullptr;
  float* gradients = nullptr;  // written by each Backward, not added to
  float* buffers = nullptr;
};

// kInvalidArgument if a graph cannot be run: what it lacks, or the layer that is wrong.
absl::Status CheckRunnable(const Graph& graph, const ExecutorOptions& options);

// Activations are features x lanes (tensor/batch_lanes.h). Owned by the step thread.
class Stage {
 public:
  // Errors: as CheckRunnable.
  static absl::StatusOr<std::unique_ptr<Stage>> Create(const Graph& graph, const StageOptions& options,
                                                       const StageVectors& vectors);

  const Graph& graph() const { return graph_; }
  int64_t lanes() const { return lanes_; }
  bool has_loss() const { return graph_.loss() >= 0; }
  // Indices into the graph's parameters, in the order in which Backward names them.
  const std::vector<int>& gradient_order() const { return backward_.gradient_order; }

  // From now on parameters are fetched before a pass reads them; null: they are always there. To the source
  // the stage's first one has the index `first`.
  void SetParameterSource(ParameterSource* source, int first);

  // To be filled before Forward.
  std::span<float> input(int slot) { return Values(slot, graph_.input()); }
  // What Forward made; without a loss it stays until the slot's next Forward.
  std::span<const float> output(int slot) { return Values(slot, graph_.prediction()); }
  const float* losses(int slot) { return Values(slot, graph_.loss()).data(); }  // of each sample, by Forward
  // Of a stage without a loss: to be filled before Backward, after Forward (also the one made again).
  std::span<float> output_gradient(int slot) { return Gradient(slot, graph_.prediction()); }
  // What Backward made, until the next pass of any slot; empty where nothing comes of the input.
  std::span<const float> input_gradient(int slot) { return Gradient(slot, graph_.input()); }

  // Both stop at the first error in state.status.
  void Forward(int slot, const StepState& state);
  void Backward(int slot, const StepState& state, const Executor::GradientReady& ready);

  int64_t memory_floats() const;

 private:
  Stage(const Graph& graph, const StageOptions& options, const StageVectors& vectors);

  struct Backwards {
    size_t node;
    BackwardPart part;
    std::vector<int> ready;  // parameters whose gradient is final after it
    bool reads_parameters = false;
  };
  // Indices into items_; -1 where there is none.
  struct NodeItems {
    int saved = -1, forward_scratch = -1, backward_scratch = -1;
  };
  struct Slot {
    FloatBuffer kept;
    std::vector<OperatorMemory> memory;        // of each node
    std::vector<float*> activation, gradient;  // by ValueId
  };

  absl::Status Prepare();
  absl::Status TakeConstants();
  absl::Status MakeOperators();
  void PlanItems();
  void PlanSlots();
  void Bind(Slot& slot);
  void MakeSchedule();
  int AddItem(int64_t floats, int first, int last);
  // Parameters of `node`, before those of `next` (-1: what follows is not known). False: the source failed,
  // and state says why.
  bool Fetch(size_t node, int next, const StepState& state) {
    *state.status = source_->Fetch(fetched_[node],
                                   next < 0 ? std::span<const int>() : fetched_[static_cast<size_t>(next)]);
    return state.status->ok();
  }
  void FindWhatFollows();
  bool IsKept(size_t item) const;
  int64_t FloatsOf(ValueId id) const { return ElementCount(graph_.value(id).shape) * lanes_; }
  std::span<float> Values(int slot, ValueId id);
  std::span<float> Gradient(int slot, ValueId id);

  const Graph graph_;
  const StageOptions options_;
  const StageVectors vectors_;
  const int64_t lanes_;
  const concertina::Backward backward_;
  const std::vector<ParameterSlot> parameter_slots_, buffer_slots_;

  std::vector<std::unique_ptr<Operator>> operators_;  // one for each node
  std::vector<Backwards> schedule_;
  std::vector<MemoryItem> items_;
  std::vector<NodeItems> node_items_;
  std::vector<int> activation_item_, gradient_item_;  // by ValueId
  std::vector<int64_t> place_;                        // of each item, in its slot or in the work space
  FloatBuffer constants_, work_;
  std::vector<Slot> slots_;

  ParameterSource* source_ = nullptr;
  std::vector<std::vector<int>> fetched_;  // by node: its parameters, as the source counts
  // Which node fetches next in a pass, by node and by backward operation, -1: none; and the first of the
  // backward pass, where it is known to follow the forward pass.
  std::vector<int> after_forward_, after_backward_;
  int turning_ = -1;
};

}  // namespace concertina
