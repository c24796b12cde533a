// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// executor.cc: lays a graph out in memory and runs it, forwards and backwards.
// On the way of the data: data/loader.h -> here -> parallel/exchange.h.
//
// A step is two lists of operators. Everything they touch lies in three flat vectors (parameters, gradients,
// buffers) and one arena; all pointers are fixed when the executor is made.
#include "core/graph/executor.h"

#include <algorithm>
#include <limits>
#include <map>

#include "core/graph/differentiate.h"
#include "core/graph/memory_plan.h"
#include "core/graph/operator.h"
#include "core/tensor/batch_lanes.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/loss.h"
#include "core/tensor/transpose.h"
#include "fmt/format.h"

namespace concertina {
namespace {

size_t At(ValueId id) { return static_cast<size_t>(id); }

bool IsLoss(OpKind kind) { return kind == OpKind::kSoftmaxCrossEntropy || kind == OpKind::kMeanSquaredError; }

absl::Status Check(const Graph& graph, const ExecutorOptions& options) {
  if (options.batch_size < 1)
    return absl::InvalidArgumentError(
        fmt::format("the batch size is {}, expected at least 1", options.batch_size));
  if (options.threads < 1)
    return absl::InvalidArgumentError(fmt::format("threads is {}, expected at least 1", options.threads));
  if (graph.input() < 0) return absl::InvalidArgumentError("the graph has no input; AddInput gives it one");
  const auto last = std::find_if(graph.nodes().begin(), graph.nodes().end(),
                                 [&](const Node& node) { return node.output == graph.loss(); });
  if (graph.loss() < 0 || graph.prediction() < 0 || last == graph.nodes().end() || !IsLoss(last->kind))
    return absl::InvalidArgumentError(
        "the graph has no loss; SetOutputs names the prediction and the output of a softmax cross-entropy or "
        "mean "
        "squared error");
  if (graph.value(graph.prediction()).shape.size() != 1)
    return absl::InvalidArgumentError(
        fmt::format("the prediction has the shape {}, expected a vector, one number for each class",
                    ShapeText(graph.value(graph.prediction()).shape)));
  for (const Node& node : graph.nodes()) {
    if (node.attributes.parts > 1 &&
        (options.tensor == nullptr || options.tensor->size() != node.attributes.parts))
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\" sums over a tensor axis of {} ranks, but {}", node.name, node.attributes.parts,
          options.tensor == nullptr ? "none was given"
                                    : fmt::format("that of the executor has {}", options.tensor->size())));
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueRole role = graph.value(node.inputs[i]).role;
      const bool weighs =
          (node.kind == OpKind::kDense || node.kind == OpKind::kConv2d || node.kind == OpKind::kBatchNorm) &&
          i > 0;
      const ValueRole expected =
          node.kind == OpKind::kBatchNorm && i > 2 ? ValueRole::kBuffer : ValueRole::kParameter;
      if (weighs ? role != expected : role == ValueRole::kParameter || role == ValueRole::kBuffer)
        return absl::InvalidArgumentError(fmt::format(
            "layer \"{}\" ({}): its input number {} is {}, expected {}", node.name, OpKindName(node.kind), i,
            role == ValueRole::kParameter ? "a parameter"
            : role == ValueRole::kBuffer  ? "a buffer"
                                          : "an activation",
            !weighs                          ? "an activation"
            : expected == ValueRole::kBuffer ? "a buffer"
                                             : "a parameter"));
      if (IsLoss(node.kind) || node.inputs[i] != graph.loss()) continue;
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\" reads the loss, which must be the end of the graph", node.name));
    }
  }
  return absl::OkStatus();
}

class GraphExecutor final : public Executor {
 public:
  GraphExecutor(const Graph& graph, const ExecutorOptions& options)
      : graph_(Fuse(graph)),
        options_(options),
        lanes_(PaddedBatch(options.batch_size)),
        backward_(Differentiate(graph_)),
        parameter_slots_(SlotsOf(graph_, graph_.parameters())),
        buffer_slots_(SlotsOf(graph_, graph_.buffers())) {}

  absl::Status Prepare();

  std::span<float> input() override { return input_.span(); }
  std::span<int32_t> labels() override { return labels_; }
  std::span<float> parameters() override { return parameters_.span(); }
  std::span<float> gradients() override { return gradients_.span(); }
  std::span<float> buffers() override { return buffers_.span(); }
  const std::vector<ParameterSlot>& parameter_slots() const override { return parameter_slots_; }
  const std::vector<ParameterSlot>& buffer_slots() const override { return buffer_slots_; }
  const std::vector<int>& gradient_order() const override { return backward_.gradient_order; }
  std::span<const float> prediction() override { return prediction_.span(); }
  absl::Status status() const override { return status_; }

  double StepPart(int64_t step, int64_t count, const GradientReady& ready) override;
  Evaluation Evaluate(int64_t count) override;

  int64_t memory_bytes() const override {
    const int64_t floats = input_.size() + parameters_.size() + gradients_.size() + buffers_.size() +
                           arena_.size() + prediction_.size();
    return floats * static_cast<int64_t>(sizeof(float)) +
           static_cast<int64_t>(labels_.size() * sizeof(int32_t));
  }

 private:
  struct Backwards {
    size_t node;
    BackwardPart part;
    std::vector<int> ready;  // parameters whose gradient is final after it
  };
  // Indices into the memory plan's items; -1 where there is none.
  struct NodeItems {
    int saved = -1, forward_scratch = -1, backward_scratch = -1;
  };

  absl::Status MakeOperators();
  void PlanArena();
  void Bind(const std::vector<NodeItems>& items, const MemoryPlan& plan);
  int AddItem(int64_t floats, int first, int last);
  int64_t FloatsOf(ValueId id) const { return ElementCount(graph_.value(id).shape) * lanes_; }
  void RunForward(const StepState& state);
  const float* losses() const { return activation_[At(graph_.loss())]; }

  const Graph graph_;
  const ExecutorOptions options_;
  const int64_t lanes_;
  const Backward backward_;
  const std::vector<ParameterSlot> parameter_slots_, buffer_slots_;

  std::vector<std::unique_ptr<Operator>> operators_;  // one for each node
  std::vector<OperatorMemory> memory_;
  std::vector<Backwards> schedule_;
  std::vector<MemoryItem> items_;
  std::vector<int> activation_item_, gradient_item_;  // by ValueId
  std::vector<float*> activation_;                    // by ValueId

  FloatBuffer input_, parameters_, gradients_, buffers_, arena_, prediction_;
  std::vector<int32_t> labels_;
  absl::Status status_;
};

int GraphExecutor::AddItem(int64_t floats, int first, int last) {
  if (floats == 0) return -1;
  items_.push_back({floats, first, last});
  return static_cast<int>(items_.size()) - 1;
}

absl::Status GraphExecutor::MakeOperators() {
  KernelChoices choices(options_.kernels_file);
  for (const Node& node : graph_.nodes()) {
    OperatorSetup setup{.graph = graph_,
                        .node = node,
                        .batch = options_.batch_size,
                        .lanes = lanes_,
                        .threads = options_.threads,
                        .seed = options_.seed,
                        .wanted = std::vector<bool>(node.inputs.size()),
                        .accumulates = std::vector<bool>(node.inputs.size()),
                        .choices = &choices,
                        .tensor = options_.tensor};
    for (const BackwardOperation& operation : backward_.operations) {
      if (&graph_.nodes()[static_cast<size_t>(operation.node)] != &node) continue;
      for (const MadeGradient& gradient : operation.makes) {
        setup.wanted[static_cast<size_t>(gradient.input)] = true;
        setup.accumulates[static_cast<size_t>(gradient.input)] = gradient.accumulates;
      }
    }
    ASSIGN_OR_RETURN(std::unique_ptr<Operator> made, MakeOperator(setup));
    operators_.push_back(std::move(made));
  }
  return absl::OkStatus();
}

// Times are 0 .. nodes - 1 for the forward operators and go on with the backward operations.
void GraphExecutor::PlanArena() {
  const auto& nodes = graph_.nodes();
  const auto node_count = static_cast<int>(nodes.size());
  const size_t value_count = graph_.values().size();
  // Who holds a value's numbers: itself, or the input that it is a view of.
  std::vector<ValueId> holder(value_count);
  for (size_t i = 0; i < value_count; ++i) holder[i] = static_cast<ValueId>(i);
  std::vector<ValueId> gradient_holder = holder;
  std::vector<int> first(value_count, -1), last(value_count, -1);
  std::vector<int> gradient_first(value_count, -1), gradient_last(value_count, -1);
  const auto uses = [&](ValueId id, int time) {
    const size_t i = At(holder[At(id)]);
    if (first[i] < 0) first[i] = time;
    last[i] = std::max(last[i], time);
  };
  uses(graph_.input(), 0);
  for (int i = 0; i < node_count; ++i) {
    const Node& node = nodes[static_cast<size_t>(i)];
    if (operators_[static_cast<size_t>(i)]->needs().output_is_input)
      holder[At(node.output)] = holder[At(node.inputs[0])];
    for (const ValueId id : node.inputs) uses(id, i);
    uses(node.output, i);
  }
  // Read after the last operator has run.
  uses(graph_.prediction(), node_count - 1);
  uses(graph_.loss(), node_count - 1);

  std::vector<NodeItems> node_items(nodes.size());
  std::vector<int> backward_first(nodes.size(), -1), backward_last(nodes.size(), -1);
  for (size_t j = 0; j < backward_.operations.size(); ++j) {
    const BackwardOperation& operation = backward_.operations[j];
    const int time = node_count + static_cast<int>(j);
    const auto n = static_cast<size_t>(operation.node);
    const Node& node = nodes[n];
    const OperatorNeeds needs = operators_[n]->needs();
    if (backward_first[n] < 0) backward_first[n] = time;
    backward_last[n] = time;
    if (needs.input_for_backward) uses(node.inputs[0], time);
    if (needs.output_for_backward) uses(node.output, time);
    const auto uses_gradient = [&](ValueId id) {
      const size_t i = At(gradient_holder[At(id)]);
      if (gradient_first[i] < 0) gradient_first[i] = time;
      gradient_last[i] = std::max(gradient_last[i], time);
    };
    if (node.output != graph_.loss()) uses_gradient(node.output);
    for (const MadeGradient& gradient : operation.makes) {
      if (graph_.value(gradient.value).role != ValueRole::kActivation) continue;
      // A view's gradient is its input's, unless other readers add to that.
      if (needs.output_is_input && !gradient.accumulates && gradient.completes)
        gradient_holder[At(gradient.value)] = gradient_holder[At(node.output)];
      uses_gradient(gradient.value);
    }
  }

  activation_item_.assign(value_count, -1);
  gradient_item_.assign(value_count, -1);
  for (size_t i = 0; i < value_count; ++i) {
    const auto id = static_cast<ValueId>(i);
    const ValueRole role = graph_.value(id).role;
    if (role == ValueRole::kParameter || role == ValueRole::kBuffer) continue;
    if (holder[i] == id && first[i] >= 0) activation_item_[i] = AddItem(FloatsOf(id), first[i], last[i]);
    if (gradient_holder[i] == id && gradient_first[i] >= 0)
      gradient_item_[i] = AddItem(FloatsOf(id), gradient_first[i], gradient_last[i]);
  }
  for (size_t i = 0; i < value_count; ++i) {
    activation_item_[i] = activation_item_[At(holder[i])];
    gradient_item_[i] = gradient_item_[At(gradient_holder[i])];
  }
  for (size_t n = 0; n < nodes.size(); ++n) {
    const OperatorNeeds needs = operators_[n]->needs();
    const auto time = static_cast<int>(n);
    node_items[n].saved = AddItem(needs.saved_floats, time, std::max(time, backward_last[n]));
    node_items[n].forward_scratch = AddItem(needs.forward_scratch_floats, time, time);
    if (backward_first[n] >= 0)
      node_items[n].backward_scratch =
          AddItem(needs.backward_scratch_floats, backward_first[n], backward_last[n]);
  }
  const MemoryPlan plan = PlanMemory(items_);
  arena_ = FloatBuffer(plan.floats);
  Bind(node_items, plan);
}

void GraphExecutor::Bind(const std::vector<NodeItems>& items, const MemoryPlan& plan) {
  const auto place = [&](int item) {
    return item < 0 ? nullptr : arena_.data() + plan.offsets[static_cast<size_t>(item)];
  };
  const size_t value_count = graph_.values().size();
  activation_.assign(value_count, nullptr);
  std::vector<float*> gradient(value_count, nullptr);
  for (size_t i = 0; i < value_count; ++i) {
    activation_[i] = place(activation_item_[i]);
    gradient[i] = place(gradient_item_[i]);
  }
  const auto lay = [&](const std::vector<ValueId>& ids, const std::vector<ParameterSlot>& slots, float* base,
                       std::vector<float*>& where) {
    for (size_t i = 0; i < ids.size(); ++i) where[At(ids[i])] = base + slots[i].offset;
  };
  lay(graph_.parameters(), parameter_slots_, parameters_.data(), activation_);
  lay(graph_.parameters(), parameter_slots_, gradients_.data(), gradient);
  lay(graph_.buffers(), buffer_slots_, buffers_.data(), activation_);

  for (size_t n = 0; n < graph_.nodes().size(); ++n) {
    const Node& node = graph_.nodes()[n];
    OperatorMemory& memory = memory_.emplace_back();
    for (const ValueId id : node.inputs) memory.inputs.push_back(activation_[At(id)]);
    memory.input_gradients.assign(node.inputs.size(), nullptr);
    memory.output = activation_[At(node.output)];
    memory.output_gradient = gradient[At(node.output)];
    memory.saved = place(items[n].saved);
    memory.forward_scratch = place(items[n].forward_scratch);
    memory.backward_scratch = place(items[n].backward_scratch);
  }
  std::map<ValueId, int> parameter_index;
  for (const ValueId id : graph_.parameters())
    parameter_index.emplace(id, static_cast<int>(parameter_index.size()));
  for (const BackwardOperation& operation : backward_.operations) {
    Backwards& step =
        schedule_.emplace_back(Backwards{static_cast<size_t>(operation.node), operation.part, {}});
    for (const MadeGradient& made : operation.makes) {
      memory_[step.node].input_gradients[static_cast<size_t>(made.input)] = gradient[At(made.value)];
      const auto parameter = parameter_index.find(made.value);
      if (made.completes && parameter != parameter_index.end()) step.ready.push_back(parameter->second);
    }
  }
}

absl::Status GraphExecutor::Prepare() {
  RETURN_IF_ERROR(MakeOperators());
  const auto total = [](const std::vector<ParameterSlot>& slots) {
    return slots.empty() ? 0 : slots.back().offset + slots.back().count;
  };
  input_ = FloatBuffer(options_.batch_size * ElementCount(graph_.value(graph_.input()).shape));
  parameters_ = FloatBuffer(total(parameter_slots_));
  gradients_ = FloatBuffer(total(parameter_slots_));
  buffers_ = FloatBuffer(total(buffer_slots_));
  prediction_ = FloatBuffer(options_.batch_size * ElementCount(graph_.value(graph_.prediction()).shape));
  labels_.assign(static_cast<size_t>(options_.batch_size), 0);
  PlanArena();
  return absl::OkStatus();
}

void GraphExecutor::RunForward(const StepState& state) {
  BatchToLanes(options_.threads, input_.data(), options_.batch_size,
               ElementCount(graph_.value(graph_.input()).shape), lanes_, activation_[At(graph_.input())]);
  for (size_t n = 0; n < operators_.size() && status_.ok(); ++n) operators_[n]->Forward(memory_[n], state);
}

double GraphExecutor::StepPart(int64_t step, int64_t count, const GradientReady& ready) {
  constexpr double kFailed = std::numeric_limits<double>::quiet_NaN();
  const StepState state{.training = true,
                        .step = step,
                        .count = std::clamp<int64_t>(count, 1, options_.batch_size),
                        .labels = labels_.data(),
                        .status = &status_};
  RunForward(state);
  if (!status_.ok()) return kFailed;
  double loss = 0;
  for (int64_t n = 0; n < state.count; ++n) loss += losses()[n];  // before the backward pass takes its memory
  for (const int index : backward_.unreached) {
    const ParameterSlot& slot = parameter_slots_[static_cast<size_t>(index)];
    std::fill_n(gradients_.data() + slot.offset, slot.count, 0.0F);
    if (ready) ready(index);
  }
  for (const Backwards& operation : schedule_) {
    operators_[operation.node]->Backward(operation.part, memory_[operation.node], state);
    // What depends on a sum that did not come must not reach the other ranks.
    if (!status_.ok()) return kFailed;
    if (!ready) continue;
    for (const int index : operation.ready) ready(index);
  }
  return loss / static_cast<double>(state.count);
}

Executor::Evaluation GraphExecutor::Evaluate(int64_t count) {
  const StepState state{.training = false,
                        .count = std::clamp<int64_t>(count, 0, options_.batch_size),
                        .labels = labels_.data(),
                        .status = &status_};
  RunForward(state);
  Evaluation evaluation;
  if (!status_.ok()) {
    evaluation.loss_sum = std::numeric_limits<double>::quiet_NaN();
    return evaluation;
  }
  for (int64_t n = 0; n < state.count; ++n) evaluation.loss_sum += losses()[n];
  const int64_t classes = ElementCount(graph_.value(graph_.prediction()).shape);
  const float* prediction = activation_[At(graph_.prediction())];
  evaluation.correct =
      CountCorrect({.classes = classes, .lanes = lanes_}, prediction, labels_.data(), state.count);
  LanesToBatch(options_.threads, prediction, options_.batch_size, classes, lanes_, prediction_.data());
  return evaluation;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Executor>> Executor::Create(const Graph& graph,
                                                           const ExecutorOptions& options) {
  RETURN_IF_ERROR(Check(graph, options));
  auto executor = std::make_unique<GraphExecutor>(graph, options);
  RETURN_IF_ERROR(executor->Prepare());
  return executor;
}

}  // namespace concertina
