// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan.cc: asks the dataset, the model and the exchange, and says whose fault it is (see plan.h).
// On the way of the data: experiment/spec.h -> here -> engine/run_preparation.h, `concertinactl plan`, the
// Design page.
#include "core/experiment/plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "core/comm/mesh.h"
#include "core/data/partition.h"
#include "core/experiment/elastic.h"
#include "core/experiment/layer_chains.h"
#include "core/experiment/plan_impl.h"
#include "core/experiment/plan_stages.h"
#include "core/gradient/chain.h"
#include "core/gradient/integrator.h"
#include "core/graph/split_tensor.h"
#include "core/nn/model.h"
#include "core/parallel/exchange.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kShownClients = 64;  // of thousands: a plan stays small

// An error of the world (a file, a shape) is a fault of the field that asked for it; the message says the
// rest.
Fault WorldFault(const std::string& pointer, std::string found, const absl::Status& status) {
  return {.pointer = pointer,
          .found = std::move(found),
          .expected = std::string(status.message()),
          .message = fmt::format("{}: {}", pointer, std::string(status.message()))};
}

Fault ComponentFault(const std::string& pointer, const Params& component, const absl::Status& status) {
  return WorldFault(pointer, fmt::format("\"{}\"", component.kind()), status);
}

// Of a dataset's paths, the one that the error is about.
Fault DatasetFault(const Params& dataset, const absl::Status& status) {
  if (const Descriptor* descriptor = Registry::Global().Find("dataset", dataset.kind()))
    for (const ParamSpec& param : descriptor->params) {
      if (param.type != ParamType::kPath || !dataset.Has(param.name)) continue;
      const std::string path = dataset.Text(param.name);
      if (!path.empty() && std::string(status.message()).find(path) != std::string::npos)
        return WorldFault("/dataset/" + param.name, fmt::format("\"{}\"", Shortened(path)), status);
    }
  return ComponentFault("/dataset", dataset, status);
}

// The engine reads the files, and stands in no folder of the person's.
std::optional<Fault> RelativePath(const Params& dataset) {
  if (const Descriptor* descriptor = Registry::Global().Find("dataset", dataset.kind()))
    for (const ParamSpec& param : descriptor->params) {
      if (param.type != ParamType::kPath || !dataset.Has(param.name)) continue;
      const std::string path = dataset.Text(param.name);
      if (!path.empty() && !path.starts_with('/'))
        return MakeFault("/dataset/" + param.name, fmt::format("\"{}\"", Shortened(path)),
                         "the whole path, from \"/\" on, on the engine's machine");
    }
  return {};
}

// What no model can learn from, or no message can carry, whatever the dataset.
absl::Status CheckClasses(const DatasetInfo& info) {
  if (info.classes < 2)
    return absl::InvalidArgumentError(fmt::format(
        "found {} samples of one class{}, expected at least two classes to tell apart; look whether "
        "the path, or the column of labels, is the one that was meant",
        info.train_samples,
        info.class_names.size() == 1 ? fmt::format(" ({})", Shortened(info.class_names[0])) : ""));
  for (const std::string& name : info.class_names)
    if (!IsUtf8(name))
      return absl::InvalidArgumentError(fmt::format(
          "found the class \"{}\", whose name is not in UTF-8; save the table, or rename the folder, "
          "in UTF-8",
          Shortened(name)));
  return absl::OkStatus();
}

std::string SplitText(OpKind kind, NodeSplit split) {
  const bool channels = kind == OpKind::kConv2d;
  switch (split) {
    case NodeSplit::kWhole:
      return "";
    case NodeSplit::kColumns:
      return channels ? "channels out" : "columns";
    case NodeSplit::kRows:
      return channels ? "channels in" : "rows";
    case NodeSplit::kPart:
      return "part";
  }
  return "";
}

void AddLayers(const Graph& graph, const std::vector<NodeSplit>& split, Plan& plan) {
  std::map<ValueId, int64_t> maker;  // the layer that a value comes from
  for (size_t n = 0; n < graph.nodes().size(); ++n) {
    const Node& node = graph.nodes()[n];
    LayerPlan layer;
    layer.split = SplitText(node.kind, split[n]);
    layer.name = node.name;
    layer.kind = OpKindName(node.kind);
    layer.output = graph.value(node.output).shape;
    for (const ValueId input : node.inputs) switch (graph.value(input).role) {
        case ValueRole::kParameter:
          layer.parameters += ElementCount(graph.value(input).shape);
          break;
        case ValueRole::kInput:
          layer.inputs.push_back(-1);
          break;
        case ValueRole::kActivation:
          if (const auto made = maker.find(input); made != maker.end()) layer.inputs.push_back(made->second);
          break;
        case ValueRole::kBuffer:
        case ValueRole::kConstant:
          break;
      }
    maker[node.output] = static_cast<int64_t>(n);
    layer.forward_flops = graph.NodeForwardFlops(node);
    plan.layers.push_back(std::move(layer));
  }
  plan.parameters = graph.parameter_count();
  plan.training_flops_per_sample = graph.TrainingFlops();
}

// Who has which classes, of a few of the shards.
void AddHistogram(std::span<const int64_t> shard, const Samples& train, Plan& plan) {
  std::vector<int64_t> histogram(static_cast<size_t>(std::max<int64_t>(1, plan.dataset.classes)));
  for (const int64_t index : shard) ++histogram[static_cast<size_t>(train.label(index))];
  plan.class_histogram.push_back(std::move(histogram));
}

// The same in rounds: the clients' shards are those of the whole run, and an epoch is a round.
absl::Status AddClients(const Spec& spec, const Partition& partition, const Samples& train,
                        const Rounds& rounds, Plan& plan) {
  ASSIGN_OR_RETURN(const std::vector<std::vector<int64_t>> shards,
                   partition.Shards(train.labels(), rounds.clients, spec.seed));
  for (const std::vector<int64_t>& shard : shards)
    if (plan.class_histogram.size() < kShownClients) AddHistogram(shard, train, plan);
  plan.clients = rounds.clients;
  plan.steps_per_epoch = 1;
  plan.global_batch_size = std::max<int64_t>(
      1, std::llround(rounds.epochs_a_round * static_cast<double>(plan.dataset.train_samples)));
  return absl::OkStatus();
}

// Shards of the first epoch: how many steps they allow.
absl::Status AddShards(const Spec& spec, const Partition& partition, const Samples& train, Plan& plan) {
  int64_t smallest = train.size();
  for (int64_t worker = 0; worker < spec.mesh_data; ++worker) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> shard,
                     partition.Shard(train.labels(), worker, spec.mesh_data, spec.seed, 0));
    AddHistogram(shard, train, plan);
    smallest = std::min(smallest, static_cast<int64_t>(shard.size()));
  }
  plan.steps_per_epoch = smallest / spec.training.batch_size;
  if (plan.steps_per_epoch < 1)
    return absl::InvalidArgumentError(fmt::format(
        "a worker has {} samples, too few for one batch of {}; take a smaller batch or fewer workers",
        smallest, spec.training.batch_size));
  return absl::OkStatus();
}

Circumstances CircumstancesOf(const Spec& spec, const std::vector<ParameterSlot>& layout, const Plan& plan) {
  int64_t largest = 0;
  for (const ParameterSlot& slot : layout) largest = std::max(largest, slot.count);
  const auto codec = MakeChain(spec.gradient);
  const auto* integrator = codec.ok() ? dynamic_cast<const Integrator*>(codec->get()) : nullptr;
  return {.ranks = static_cast<int>(spec.mesh_data),
          .is_divided = spec.mesh_pipeline * spec.mesh_tensor > 1,
          .floats = TotalOf(layout),
          .largest_parameter = largest,
          .train_samples = plan.dataset.train_samples,
          .total_steps = plan.total_steps,
          .learning_rate = spec.optimizer.Number("learning_rate"),
          .has_codec = spec.has_codec(),
          .codec_remembers = RememberingPointer(spec.gradient).has_value(),
          .codec_expands = spec.has_codec() && codec.ok() && (*codec)->ErrorBound(TotalOf(layout)) > 1,
          .codec_adds_up = integrator != nullptr && integrator->integrates(),
          .codec_has_momentum = MomentumPointer(spec.gradient).has_value(),
          .codec_combines = CombiningPointer(spec.gradient).has_value(),
          .averages_momentum = AveragedMomentumOf(spec).has_value()};
}

// "/exchange/graph: …" is about that field, "/gradient/0/error_feedback: …" about another section's.
Fault ExchangeFault(const Spec& spec, const absl::Status& status) {
  std::string message(status.message());
  // An exchange knows that the codec remembers, not which of a chain does.
  constexpr std::string_view kRemembers = "/gradient/0/error_feedback";
  if (message.starts_with(kRemembers))
    if (const auto where = RememberingPointer(spec.gradient)) message.replace(0, kRemembers.size(), *where);
  const size_t colon = message.find(':');
  const bool has_pointer = message.starts_with("/") && colon != std::string::npos;
  const std::string pointer = has_pointer ? message.substr(0, colon) : "/exchange";
  const Json whole = Json::parse(spec.json, nullptr, /*allow_exceptions=*/false);
  const Json::json_pointer at(pointer);
  return {.pointer = pointer,
          .found = has_pointer && !whole.is_discarded() && whole.contains(at)
                       ? ShowJson(whole.at(at))
                       : fmt::format("\"{}\"", spec.exchange.kind()),
          .expected = has_pointer ? message.substr(std::min(message.size(), colon + 2)) : message,
          .message = has_pointer ? message : "/exchange: " + message};
}

}  // namespace

absl::StatusOr<Plan> PlanOf(const Spec& spec, const std::string& datasets_folder,
                            std::vector<Fault>& faults) {
  const Registry& registry = Registry::Global();
  ASSIGN_OR_RETURN(const Mesh mesh,
                   Mesh::Create(static_cast<int>(spec.mesh_data), static_cast<int>(spec.mesh_pipeline),
                                static_cast<int>(spec.mesh_tensor)));
  Plan plan;
  plan.world_size = mesh.size();
  plan.global_batch_size = spec.mesh_data * spec.training.batch_size;

  if (std::optional<Fault> fault = RelativePath(spec.dataset)) {
    faults.push_back(*std::move(fault));
    return plan;
  }
  ASSIGN_OR_RETURN(const auto dataset, registry.Create<Dataset>("dataset", spec.dataset));
  const absl::StatusOr<DatasetInfo> info = dataset->Probe(datasets_folder);
  if (!info.ok()) {
    faults.push_back(DatasetFault(spec.dataset, info.status()));
    return plan;
  }
  if (const absl::Status fits = CheckClasses(*info); !fits.ok()) {
    faults.push_back(DatasetFault(spec.dataset, fits));
    return plan;
  }
  plan.dataset = *info;
  ASSIGN_OR_RETURN(const auto model, registry.Create<Model>("model", spec.model));
  const absl::StatusOr<Graph> graph = model->Build(info->sample, info->classes);
  if (!graph.ok()) {
    faults.push_back(ComponentFault("/model", spec.model, graph.status()));
    return plan;
  }
  const int tensor = mesh.length(MeshAxis::kTensor);
  const absl::StatusOr<std::vector<NodeSplit>> split = FindTensorSplit(*graph, tensor);
  if (!split.ok()) {
    faults.push_back(WorldFault("/mesh/tensor", std::to_string(tensor), split.status()));
    return plan;
  }
  AddLayers(*graph, *split, plan);
  CheckPatterns(spec, SlotsOf(*graph, graph->parameters()), faults);
  if (!faults.empty()) return plan;
  ASSIGN_OR_RETURN(const Graph part, SplitTensor(*graph, 0, tensor));
  const auto train = dataset->OpenTrain(datasets_folder);
  if (!train.ok()) {
    faults.push_back(DatasetFault(spec.dataset, train.status()));
    return plan;
  }
  ASSIGN_OR_RETURN(const auto exchange, registry.Create<Exchange>("exchange", spec.exchange));
  if (const absl::Status fits = exchange->Fits(CircumstancesOf(spec, SlotsOf(part, part.parameters()), plan));
      !fits.ok()) {
    faults.push_back(ExchangeFault(spec, fits));
    return plan;
  }
  ASSIGN_OR_RETURN(const auto partition, registry.Create<Partition>("partition", spec.partition));
  const std::optional<Rounds> rounds = exchange->rounds();
  if (const absl::Status shards = rounds ? AddClients(spec, *partition, **train, *rounds, plan)
                                         : AddShards(spec, *partition, **train, plan);
      !shards.ok()) {
    const bool batch = !rounds && plan.class_histogram.size() == static_cast<size_t>(spec.mesh_data);
    faults.push_back(
        batch ? WorldFault("/training/batch_size", std::to_string(spec.training.batch_size), shards)
              : ComponentFault("/dataset/partition", spec.partition, shards));
    return plan;
  }
  plan.total_steps =
      rounds ? TotalRounds(spec.training, rounds->count) : TotalSteps(spec.training, plan.steps_per_epoch);
  plan.world_size += exchange->servers() * spec.mesh_pipeline * spec.mesh_tensor;
  const absl::StatusOr<CutPlan> cut = CutPlanOf(spec, part, plan);
  if (!cut.ok()) {
    if (cut.status().code() != absl::StatusCode::kInvalidArgument) return cut.status();
    faults.push_back(CutFault(spec, cut.status()));
    return plan;
  }
  Circumstances busiest;  // of the stage with the most parameters
  for (size_t s = 0; s < cut->stages.size(); ++s) {
    const StagePart& stage = cut->stages[s];
    const Circumstances circumstances = CircumstancesOf(spec, stage.layout, plan);
    if (s == 0 || circumstances.floats > busiest.floats) busiest = circumstances;
    if (const absl::Status fits = exchange->Fits(circumstances); !fits.ok()) {
      faults.push_back(ExchangeFault(spec, fits));  // the smallest part has too few parameters for it
      return plan;
    }
    ASSIGN_OR_RETURN(const double memory, MemoryBytes(spec, stage, *exchange, s == 0));
    plan.memory_bytes_per_worker =
        std::max(plan.memory_bytes_per_worker, memory + exchange->ExtraMemoryBytes(circumstances));
    ASSIGN_OR_RETURN(const double kept, CheckpointBytes(spec, stage, *exchange));
    plan.checkpoint_bytes += kept * static_cast<double>(spec.mesh_data * spec.mesh_tensor);
  }
  AddTraffic(*exchange, spec, mesh, *cut, plan);
  if (spec.mesh_pipeline * spec.mesh_tensor == 1 && exchange->averages_in_buckets())
    plan.overlapping_buckets = cut->stages[0].buckets;
  AddWarnings(spec, *graph, plan);
  AddForgettingWarnings(spec, *exchange, plan);
  for (size_t i = 0; i < spec.knobs.size(); ++i)
    if (const std::string& pointer = spec.knobs[i].pointer; pointer.starts_with("/gradient/") ||
                                                            pointer.starts_with("/layer_gradients/") ||
                                                            pointer.starts_with("/tensor/"))
      plan.warnings.push_back(fmt::format(
          "bytes are foretold with {} as it stands, and /knobs/{} turns it while the run goes", pointer, i));
  for (std::string& warning : PatternWarnings(spec, SlotsOf(*graph, graph->parameters())))
    plan.warnings.push_back(std::move(warning));
  for (std::string& warning : exchange->Warnings(busiest)) plan.warnings.push_back(std::move(warning));
  plan.recovery = RecoveryName(RecoveryOf(spec));
  plan.recovery_text = RecoveryText(spec);
  plan.json = PlanJson(spec, mesh, plan);
  if (!plan.coded.empty()) {
    std::swap(plan.pattern, plan.dense_pattern);
    plan.dense_json = PlanJson(spec, mesh, plan);
    std::swap(plan.pattern, plan.dense_pattern);
  }
  return plan;
}

}  // namespace concertina
