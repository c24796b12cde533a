// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stage.cc: lays a graph out in memory and runs it, forwards and backwards (see stage.h).
// On the way of the data: graph/graph.h -> here -> graph/executor.cc, parallel/pipeline_executor.cc.
#include "core/graph/stage.h"

#include <algorithm>
#include <map>

#include "core/tensor/batch_lanes.h"
#include "fmt/format.h"

namespace concertina {
namespace {

bool IsLoss(OpKind kind) {
  return kind == OpKind::kSoftmaxCrossEntropy || kind == OpKind::kMeanSquaredError ||
         kind == OpKind::kDistillation;
}

// Of a value that no operator makes.
bool LiesStill(ValueRole role) {
  return role == ValueRole::kParameter || role == ValueRole::kBuffer || role == ValueRole::kConstant;
}

}  // namespace

absl::Status CheckRunnable(const Graph& graph, const ExecutorOptions& options) {
  if (options.batch_size < 1)
    return absl::InvalidArgumentError(
        fmt::format("the batch size is {}, expected at least 1", options.batch_size));
  if (options.threads < 1)
    return absl::InvalidArgumentError(fmt::format("threads is {}, expected at least 1", options.threads));
  if (graph.input() < 0) return absl::InvalidArgumentError("the graph has no input; AddInput gives it one");
  const auto last = std::find_if(graph.nodes().begin(), graph.nodes().end(),
                                 [&](const Node& node) { return node.output == graph.loss(); });
  if (graph.prediction() < 0)
    return absl::InvalidArgumentError("the graph has no outputs; SetOutputs names them");
  if (graph.loss() >= 0 && (last == graph.nodes().end() || !IsLoss(last->kind)))
    return absl::InvalidArgumentError("the graph's loss is not the output of a loss");
  if (graph.loss() >= 0 && graph.value(graph.prediction()).shape.size() != 1)
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
          (node.kind == OpKind::kDense || node.kind == OpKind::kConv2d || node.kind == OpKind::kBatchNorm ||
           node.kind == OpKind::kFakeQuantize || node.kind == OpKind::kDepthwiseConv2d) &&
          i > 0;
      const ValueRole expected =
          node.kind == OpKind::kBatchNorm && i > 2 ? ValueRole::kBuffer : ValueRole::kParameter;
      if (weighs ? role != expected && role != ValueRole::kConstant : LiesStill(role))
        return absl::InvalidArgumentError(fmt::format(
            "layer \"{}\" ({}): its input number {} is {}, expected {}", node.name, OpKindName(node.kind), i,
            role == ValueRole::kParameter  ? "a parameter"
            : role == ValueRole::kBuffer   ? "a buffer"
            : role == ValueRole::kConstant ? "a constant"
                                           : "an activation",
            !weighs                          ? "an activation"
            : expected == ValueRole::kBuffer ? "a buffer"
                                             : "a parameter"));
      if (graph.loss() < 0 || IsLoss(node.kind) || node.inputs[i] != graph.loss()) continue;
      return absl::InvalidArgumentError(
          fmt::format("layer \"{}\" reads the loss, which must be the end of the graph", node.name));
    }
  }
  return absl::OkStatus();
}

int Stage::AddItem(int64_t floats, int first, int last) {
  if (floats == 0) return -1;
  items_.push_back({floats, first, last});
  return static_cast<int>(items_.size()) - 1;
}

absl::Status Stage::MakeOperators() {
  KernelChoices choices(options_.executor.kernels_file);
  for (const Node& node : graph_.nodes()) {
    OperatorSetup setup{.graph = graph_,
                        .node = node,
                        .batch = options_.executor.batch_size,
                        .lanes = lanes_,
                        .threads = options_.executor.threads,
                        .seed = options_.executor.seed,
                        .wanted = std::vector<bool>(node.inputs.size()),
                        .accumulates = std::vector<bool>(node.inputs.size()),
                        .choices = &choices,
                        .tensor = options_.executor.tensor};
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
void Stage::PlanItems() {
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
    const size_t i = IndexOf(holder[IndexOf(id)]);
    if (first[i] < 0) first[i] = time;
    last[i] = std::max(last[i], time);
  };
  uses(graph_.input(), 0);
  for (int i = 0; i < node_count; ++i) {
    const Node& node = nodes[static_cast<size_t>(i)];
    if (operators_[static_cast<size_t>(i)]->needs().output_is_input)
      holder[IndexOf(node.output)] = holder[IndexOf(node.inputs[0])];
    for (const ValueId id : node.inputs) uses(id, i);
    uses(node.output, i);
  }
  // Read after the last operator has run; what goes to the next stage, until the slot is taken again.
  const int end = node_count + static_cast<int>(backward_.operations.size());
  uses(graph_.prediction(), has_loss() ? node_count - 1 : end);
  if (has_loss()) uses(graph_.loss(), node_count - 1);
  if (options_.recomputes) uses(graph_.input(), end);

  node_items_.resize(nodes.size());
  std::vector<int> backward_first(nodes.size(), -1), backward_last(nodes.size(), -1);
  const auto uses_gradient = [&](ValueId id, int time) {
    const size_t i = IndexOf(gradient_holder[IndexOf(id)]);
    if (gradient_first[i] < 0) gradient_first[i] = time;
    gradient_last[i] = std::max(gradient_last[i], time);
  };
  if (!has_loss()) uses_gradient(graph_.prediction(), node_count);  // comes from outside
  for (size_t j = 0; j < backward_.operations.size(); ++j) {
    const BackwardOperation& operation = backward_.operations[j];
    const int time = node_count + static_cast<int>(j);
    const auto n = static_cast<size_t>(operation.node);
    const Node& node = nodes[n];
    const OperatorNeeds needs = operators_[n]->needs();
    if (backward_first[n] < 0) backward_first[n] = time;
    backward_last[n] = time;
    if (needs.input_for_backward) uses(node.inputs[0], time);
    if (needs.all_inputs_for_backward)
      for (const ValueId id : node.inputs) uses(id, time);
    if (needs.output_for_backward) uses(node.output, time);
    if (node.output != graph_.loss()) uses_gradient(node.output, time);
    for (const MadeGradient& gradient : operation.makes) {
      if (graph_.value(gradient.value).role == ValueRole::kParameter) continue;
      // A view's gradient is its input's, unless other readers add to that.
      if (needs.output_is_input && !gradient.accumulates && gradient.completes)
        gradient_holder[IndexOf(gradient.value)] = gradient_holder[IndexOf(node.output)];
      uses_gradient(gradient.value, time);
    }
  }
  // Goes to the stage before once the pass is over.
  if (options_.wants_input && gradient_first[IndexOf(gradient_holder[IndexOf(graph_.input())])] >= 0)
    uses_gradient(graph_.input(), end);

  activation_item_.assign(value_count, -1);
  gradient_item_.assign(value_count, -1);
  for (size_t i = 0; i < value_count; ++i) {
    const auto id = static_cast<ValueId>(i);
    const ValueRole role = graph_.value(id).role;
    if (LiesStill(role)) continue;
    if (holder[i] == id && first[i] >= 0) activation_item_[i] = AddItem(FloatsOf(id), first[i], last[i]);
    if (gradient_holder[i] == id && gradient_first[i] >= 0)
      gradient_item_[i] = AddItem(FloatsOf(id), gradient_first[i], gradient_last[i]);
  }
  for (size_t i = 0; i < value_count; ++i) {
    activation_item_[i] = activation_item_[IndexOf(holder[i])];
    gradient_item_[i] = gradient_item_[IndexOf(gradient_holder[i])];
  }
  for (size_t n = 0; n < nodes.size(); ++n) {
    const OperatorNeeds needs = operators_[n]->needs();
    const auto time = static_cast<int>(n);
    node_items_[n].saved = AddItem(needs.saved_floats, time, std::max(time, backward_last[n]));
    node_items_[n].forward_scratch = AddItem(needs.forward_scratch_floats, time, time);
    if (backward_first[n] >= 0)
      node_items_[n].backward_scratch =
          AddItem(needs.backward_scratch_floats, backward_first[n], backward_last[n]);
  }
}

// With one slot everything that lives within a step shares one arena. With several, and where a forward pass
// is made again, only what must last does not.
bool Stage::IsKept(size_t item) const {
  if (options_.slot_count == 1 && !options_.recomputes) return true;
  const auto is = [&](ValueId id) { return activation_item_[IndexOf(id)] == static_cast<int>(item); };
  if (is(graph_.input()) || (!has_loss() && is(graph_.prediction()))) return true;
  const auto node_count = static_cast<int>(graph_.nodes().size());
  return !options_.recomputes && items_[item].first < node_count && items_[item].last >= node_count;
}

void Stage::PlanSlots() {
  std::vector<MemoryItem> kept, work;
  for (size_t i = 0; i < items_.size(); ++i) (IsKept(i) ? kept : work).push_back(items_[i]);
  const MemoryPlan kept_plan = PlanMemory(kept), work_plan = PlanMemory(work);
  size_t in_kept = 0, in_work = 0;
  for (size_t i = 0; i < items_.size(); ++i)
    place_.push_back(IsKept(i) ? kept_plan.offsets[in_kept++] : work_plan.offsets[in_work++]);
  work_ = FloatBuffer(work_plan.floats);
  slots_.resize(static_cast<size_t>(options_.slot_count));
  for (Slot& slot : slots_) {
    slot.kept = FloatBuffer(kept_plan.floats);
    Bind(slot);
  }
}

void Stage::Bind(Slot& slot) {
  const auto place = [&](int item) -> float* {
    if (item < 0) return nullptr;
    const auto i = static_cast<size_t>(item);
    return (IsKept(i) ? slot.kept : work_).data() + place_[i];
  };
  const size_t value_count = graph_.values().size();
  slot.activation.assign(value_count, nullptr);
  slot.gradient.assign(value_count, nullptr);
  for (size_t i = 0; i < value_count; ++i) {
    slot.activation[i] = place(activation_item_[i]);
    slot.gradient[i] = place(gradient_item_[i]);
  }
  const auto lay = [&](const std::vector<ValueId>& ids, const std::vector<ParameterSlot>& slots, float* base,
                       std::vector<float*>& where) {
    for (size_t i = 0; i < ids.size(); ++i) where[IndexOf(ids[i])] = base + slots[i].offset;
  };
  lay(graph_.parameters(), parameter_slots_, vectors_.parameters, slot.activation);
  lay(graph_.parameters(), parameter_slots_, vectors_.gradients, slot.gradient);
  lay(graph_.buffers(), buffer_slots_, vectors_.buffers, slot.activation);
  int64_t constant = 0;
  for (size_t i = 0; i < value_count; ++i) {
    if (graph_.values()[i].role != ValueRole::kConstant) continue;
    slot.activation[i] = constants_.data() + constant;
    constant += ElementCount(graph_.values()[i].shape);
  }

  for (size_t n = 0; n < graph_.nodes().size(); ++n) {
    const Node& node = graph_.nodes()[n];
    OperatorMemory& memory = slot.memory.emplace_back();
    for (const ValueId id : node.inputs) memory.inputs.push_back(slot.activation[IndexOf(id)]);
    memory.input_gradients.assign(node.inputs.size(), nullptr);
    memory.output = slot.activation[IndexOf(node.output)];
    memory.output_gradient = slot.gradient[IndexOf(node.output)];
    memory.saved = place(node_items_[n].saved);
    memory.forward_scratch = place(node_items_[n].forward_scratch);
    memory.backward_scratch = place(node_items_[n].backward_scratch);
  }
  for (const BackwardOperation& operation : backward_.operations)
    for (const MadeGradient& made : operation.makes)
      slot.memory[static_cast<size_t>(operation.node)].input_gradients[static_cast<size_t>(made.input)] =
          slot.gradient[IndexOf(made.value)];
}

void Stage::MakeSchedule() {
  std::map<ValueId, int> parameter_index;
  for (const ValueId id : graph_.parameters())
    parameter_index.emplace(id, static_cast<int>(parameter_index.size()));
  for (const BackwardOperation& operation : backward_.operations) {
    Backwards& step = schedule_.emplace_back(Backwards{static_cast<size_t>(operation.node), operation.part});
    // The gradient of a weight is made of activations alone.
    step.reads_parameters = operation.part != BackwardPart::kParameters;
    for (const MadeGradient& made : operation.makes) {
      const auto parameter = parameter_index.find(made.value);
      if (made.completes && parameter != parameter_index.end()) step.ready.push_back(parameter->second);
    }
  }
}

void Stage::SetParameterSource(ParameterSource* source, int first) {
  source_ = source;
  fetched_.assign(graph_.nodes().size(), {});
  const std::vector<ValueId>& parameters = graph_.parameters();
  for (size_t n = 0; n < graph_.nodes().size(); ++n)
    for (const ValueId id : graph_.nodes()[n].inputs) {
      const auto found = std::find(parameters.begin(), parameters.end(), id);
      if (found != parameters.end())
        fetched_[n].push_back(first + static_cast<int>(found - parameters.begin()));
    }
  FindWhatFollows();
}

void Stage::FindWhatFollows() {
  after_forward_.assign(fetched_.size(), -1);
  after_backward_.assign(schedule_.size(), -1);
  int follows = -1;
  for (size_t n = fetched_.size(); n > 0; --n) {
    after_forward_[n - 1] = follows;
    if (!fetched_[n - 1].empty()) follows = static_cast<int>(n - 1);
  }
  follows = -1;
  for (size_t j = schedule_.size(); j > 0; --j) {
    after_backward_[j - 1] = follows;
    const Backwards& operation = schedule_[j - 1];
    if (operation.reads_parameters && !fetched_[operation.node].empty())
      follows = static_cast<int>(operation.node);
  }
  // In a pipeline another micro-batch may come between.
  turning_ = options_.slot_count == 1 && !options_.recomputes && has_loss() ? follows : -1;
}

Stage::Stage(const Graph& graph, const StageOptions& options, const StageVectors& vectors)
    : graph_(Fuse(graph)),
      options_(options),
      vectors_(vectors),
      lanes_(PaddedBatch(options.executor.batch_size)),
      backward_(Differentiate(graph_, options.wants_input)),
      parameter_slots_(SlotsOf(graph_, graph_.parameters())),
      buffer_slots_(SlotsOf(graph_, graph_.buffers())) {}

absl::Status Stage::TakeConstants() {
  int64_t count = 0;
  for (const Value& value : graph_.values())
    if (value.role == ValueRole::kConstant) count += ElementCount(value.shape);
  constants_ = FloatBuffer(count);
  float* to = constants_.data();
  for (const Value& value : graph_.values()) {
    if (value.role != ValueRole::kConstant) continue;
    if (value.given == nullptr || static_cast<int64_t>(value.given->size()) != ElementCount(value.shape))
      return absl::InvalidArgumentError(
          fmt::format("the constant \"{}\" has no values, or not as many as its shape of {} says", value.name,
                      ShapeText(value.shape)));
    to = std::copy(value.given->begin(), value.given->end(), to);
  }
  return absl::OkStatus();
}

absl::Status Stage::Prepare() {
  RETURN_IF_ERROR(TakeConstants());
  RETURN_IF_ERROR(MakeOperators());
  PlanItems();
  PlanSlots();
  MakeSchedule();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Stage>> Stage::Create(const Graph& graph, const StageOptions& options,
                                                     const StageVectors& vectors) {
  RETURN_IF_ERROR(CheckRunnable(graph, options.executor));
  if (options.slot_count < 1)
    return absl::InvalidArgumentError(fmt::format("{} slots, expected at least 1", options.slot_count));
  std::unique_ptr<Stage> stage(new Stage(graph, options, vectors));
  RETURN_IF_ERROR(stage->Prepare());
  return stage;
}

std::span<float> Stage::Values(int slot, ValueId id) {
  return {slots_[static_cast<size_t>(slot)].activation[IndexOf(id)], static_cast<size_t>(FloatsOf(id))};
}

std::span<float> Stage::Gradient(int slot, ValueId id) {
  float* values = slots_[static_cast<size_t>(slot)].gradient[IndexOf(id)];
  return {values, values == nullptr ? 0 : static_cast<size_t>(FloatsOf(id))};
}

void Stage::Forward(int slot, const StepState& state) {
  const std::vector<OperatorMemory>& memory = slots_[static_cast<size_t>(slot)].memory;
  for (size_t n = 0; n < operators_.size() && state.status->ok(); ++n) {
    if (source_ != nullptr && !fetched_[n].empty()) {
      const int next = after_forward_[n] < 0 && state.training ? turning_ : after_forward_[n];
      if (!Fetch(n, next, state)) return;
    }
    operators_[n]->Forward(memory[n], state);
  }
}

void Stage::Backward(int slot, const StepState& state, const Executor::GradientReady& ready) {
  const std::vector<OperatorMemory>& memory = slots_[static_cast<size_t>(slot)].memory;
  for (const int index : backward_.unreached) {
    const ParameterSlot& parameter = parameter_slots_[static_cast<size_t>(index)];
    std::fill_n(vectors_.gradients + parameter.offset, parameter.count, 0.0F);
    if (ready) ready(index);
  }
  for (size_t j = 0; j < schedule_.size(); ++j) {
    const Backwards& operation = schedule_[j];
    if (source_ != nullptr && operation.reads_parameters && !fetched_[operation.node].empty() &&
        !Fetch(operation.node, after_backward_[j], state))
      return;
    operators_[operation.node]->Backward(operation.part, memory[operation.node], state);
    // What depends on a sum that did not come must not reach the other ranks.
    if (!state.status->ok()) return;
    if (!ready) continue;
    for (const int index : operation.ready) ready(index);
  }
}

int64_t Stage::memory_floats() const {
  int64_t floats = work_.size() + constants_.size();
  for (const Slot& slot : slots_) floats += slot.kept.size();
  return floats;
}

}  // namespace concertina
