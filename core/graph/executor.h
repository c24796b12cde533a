// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// executor.h: runs a graph on one worker: memory planned once, kernels made once, no allocation in a step
// (but for what oneDNN asks for itself: see tensor/onednn_convolution.h). On the way of the data:
// data/loader.h fills input() and labels() -> here -> parallel/exchange.h takes each gradient as it gets
// ready -> nn/optimizer.h changes parameters().
//
// Owned by the step thread. Parameters, gradients and buffers are three flat vectors of floats in the
// graph's order of parameters (or buffers), so that buckets, optimisers, exchanges and checkpoints are loops
// over spans.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/span_ring.h"
#include "core/base/status.h"
#include "core/graph/graph.h"
#include "core/graph/tensor_axis.h"

namespace concertina {

// Where a parameter (or buffer) lies in its flat vector.
struct ParameterSlot {
  std::string name;
  Shape shape;
  int64_t offset = 0;  // in elements
  int64_t count = 0;
  bool decays = true;
  std::optional<Slice> slice;  // where other ranks keep the rest of it
  int chain = 0;               // of codecs, that its gradient goes through when it is exchanged
  // Of a parameter that was compressed: what holds, and the values that say where (of all of `shape`).
  Hold hold = Hold::kNothing;
  std::shared_ptr<const std::vector<float>> given;
  std::optional<Quantization> quantization;
  int64_t first = 0;  // the place of its first element among those of `shape`, where it is a part of them
};

struct ExecutorOptions {
  int64_t batch_size = 1;
  int threads = 1;
  uint64_t seed = 0;  // of dropout masks
  std::string
      kernels_file;  // measured kernel choices are read from and added to it; "": measure, keep in memory
  TensorAxis* tensor = nullptr;  // of a graph that SplitTensor made; outlives the executor
};

// Brings parameters that are not always in memory (parallel/zero_exchange.cc).
class ParameterSource {
 public:
  virtual ~ParameterSource() = default;
  // Before an operator reads them: parameters by index, which stay until others are asked for. `next` will be
  // asked for after them, and may be brought while the operator computes; empty where that is not known. All
  // ranks of the data axis ask in the same order.
  virtual absl::Status Fetch(std::span<const int> parameters, std::span<const int> next) = 0;
};

class Executor {
 public:
  // Called on the step thread during Step, in the fixed order of backward, as soon as gradients()[slot] is
  // final.
  using GradientReady = std::function<void(int parameter_index)>;

  static absl::StatusOr<std::unique_ptr<Executor>> Create(const Graph& graph, const ExecutorOptions& options);
  virtual ~Executor() = default;

  virtual std::span<float> input() = 0;     // batch_size x sample; empty where another rank takes it
  virtual std::span<int32_t> labels() = 0;  // batch_size
  virtual std::span<float> parameters() = 0;
  virtual std::span<float> gradients() = 0;
  virtual std::span<float> buffers() = 0;
  virtual const std::vector<ParameterSlot>& parameter_slots() const = 0;
  virtual const std::vector<ParameterSlot>& buffer_slots() const = 0;
  // The order in which GradientReady names the parameters.
  virtual const std::vector<int>& gradient_order() const = 0;

  // Forward and backward of the batch in input() and labels(); gradients are of the mean loss over the
  // batch (divided by batch_size). Gives that mean loss, which may be NaN: the caller decides.
  double Step(int64_t step, const GradientReady& ready) {
    return StepPart(step, static_cast<int64_t>(labels().size()), ready);
  }
  // The same of the first `count` samples of the batch alone, 1 <= count <= batch_size: the mean and its
  // gradients are theirs. The other samples are computed too and have no weight, but batch norm's statistics
  // see them: who has fewer samples than a batch fills it up with copies of those.
  virtual double StepPart(int64_t step, int64_t count, const GradientReady& ready) = 0;
  // False where another rank has the loss, and its labels: Step still gives it, Evaluate counts nothing.
  virtual bool has_loss() const { return true; }

  // The first error of what ranks do together in Step or Evaluate (a peer was lost). From then on both do
  // nothing, name no gradient, and give NaN: to be asked after each.
  virtual absl::Status status() const = 0;

  struct Evaluation {
    double loss_sum = 0;  // over the `count` samples
    int64_t correct = 0;
  };
  // Forward in evaluation mode (running statistics, no dropout) of the first `count` samples of the batch.
  virtual Evaluation Evaluate(int64_t count) = 0;
  // The prediction of the last Evaluate, batch_size x classes.
  virtual std::span<const float> prediction() = 0;

  // From now on parameters are fetched before they are read; null: they are always there. Outlives the last
  // Step and Evaluate. Errors of the source are those of status().
  virtual void SetParameterSource(ParameterSource* source) = 0;

  virtual int64_t memory_bytes() const = 0;  // parameters, gradients, activations and workspaces

  // Where passes are told of while somebody records them; null: nowhere. It outlives the last Step.
  void SetSpans(SpanRing* spans) { spans_ = spans; }

 protected:
  SpanRing* spans_ = nullptr;
};

// Fills parameters (and buffers) from the initialisers. Each parameter draws from Rng(seed, name), so that
// its values depend neither on the others nor on how the model is cut: a slice is that of the whole's draw.
// `filled` is told of each parameter, by index, once it has its values.
void Initialize(const Graph& graph, uint64_t seed, std::span<float> parameters, std::span<float> buffers,
                const std::function<void(int parameter_index)>& filled = {});
// Every parameter and buffer with values of its own: those it was given, or else the initialisers'.
void GiveFirstValues(Graph& graph, uint64_t seed);
std::vector<ParameterSlot> SlotsOf(const Graph& graph, const std::vector<ValueId>& values);
int64_t TotalOf(const std::vector<ParameterSlot>& slots);  // elements of their flat vector

}  // namespace concertina
