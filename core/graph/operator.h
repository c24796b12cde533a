// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// operator.h: one node of a graph, ready to run: its kernels chosen, its memory planned.
// On the way of the data: graph/executor.cc makes one for each node and runs them in order -> core/tensor.
//
// Activations and their gradients are features x lanes (tensor/batch_lanes.h). A new operator is a class in a
// file of its own and a line in MakeOperator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/differentiate.h"
#include "core/graph/graph.h"
#include "core/graph/kernel_choice.h"
#include "core/graph/tensor_axis.h"

namespace concertina {

// All that an operator may know when it is made.
struct OperatorSetup {
  const Graph& graph;
  const Node& node;
  int64_t batch = 0;
  int64_t lanes = 0;
  int threads = 1;
  uint64_t seed = 0;
  std::vector<bool> wanted;       // by input: its gradient is made here
  std::vector<bool> accumulates;  // by input: onto what another reader of the value has made
  KernelChoices* choices = nullptr;
  TensorAxis* tensor = nullptr;  // null: the graph is a whole model's

  const Shape& input_shape(size_t i) const { return graph.value(node.inputs[i]).shape; }
  const Shape& output_shape() const { return graph.value(node.output).shape; }
  bool has_bias() const { return node.inputs.size() > 2; }
};

// What the memory plan must provide.
struct OperatorNeeds {
  bool input_for_backward = false;  // of input 0; parameters are always there
  bool output_for_backward = false;
  bool all_inputs_for_backward = false;
  int64_t saved_floats = 0;  // from forward to backward
  int64_t forward_scratch_floats = 0;
  int64_t backward_scratch_floats = 0;
  bool output_is_input = false;  // the output lies where the input lay: a view, or worked on in place
};

// Where everything lies; fixed before the first step.
struct OperatorMemory {
  std::vector<float*> inputs;
  float* output = nullptr;
  std::vector<float*> input_gradients;  // null: not wanted
  float* output_gradient = nullptr;     // may be changed in place
  float* saved = nullptr;
  float* forward_scratch = nullptr;
  float* backward_scratch = nullptr;
};

struct StepState {
  bool training = true;
  int64_t step = 0;
  int64_t count = 0;         // samples that count
  int64_t first_sample = 0;  // of a micro-batch: where it lies in the batch
  bool again = false;        // a forward pass that is made a second time, to have its activations back
  const int32_t* labels = nullptr;
  absl::Status* status = nullptr;  // of what ranks do together: an operator that fails says so here
};

// Owned by its executor, used by the step thread. Neither pass allocates.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual OperatorNeeds needs() const = 0;
  virtual void Forward(const OperatorMemory& memory, const StepState& state) = 0;
  virtual void Backward(BackwardPart part, const OperatorMemory& memory, const StepState& state) = 0;
};

// kInvalidArgument names the layer and what it cannot be.
absl::StatusOr<std::unique_ptr<Operator>> MakeOperator(const OperatorSetup& setup);

absl::StatusOr<std::unique_ptr<Operator>> MakeDense(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeConvolution(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakePool(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeBatchNorm(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeActivation(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeAdd(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeReshape(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeDropout(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeLoss(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeDistillation(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeFakeQuantize(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const OperatorSetup& setup);
absl::StatusOr<std::unique_ptr<Operator>> MakeTensorOperator(const OperatorSetup& setup);

}  // namespace concertina
