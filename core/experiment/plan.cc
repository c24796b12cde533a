// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan.cc: see plan.h.
// On the way of the data: experiment/spec.h -> here -> engine/run_preparation.h, `concertinactl plan`, the
// Design page.
#include "core/experiment/plan.h"

#include <algorithm>
#include <memory>
#include <thread>

#include "core/base/registry.h"
#include "core/comm/mesh.h"
#include "core/data/partition.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/parallel/bucket.h"
#include "core/parallel/exchange.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using OrderedJson = nlohmann::ordered_json;

// An error of the world (a file, a shape) is a fault of the component that asked for it; the message says the
// rest.
Fault WorldFault(const std::string& pointer, const Params& component, const absl::Status& status) {
  Fault fault = MakeFault(pointer, "\"" + component.kind() + "\"", std::string(status.message()));
  fault.message = pointer + ": " + std::string(status.message());
  return fault;
}

void AddLayers(const Graph& graph, Plan& plan) {
  for (const Node& node : graph.nodes()) {
    LayerPlan layer;
    layer.name = node.name;
    layer.kind = OpKindName(node.kind);
    layer.output = graph.value(node.output).shape;
    for (const ValueId input : node.inputs)
      if (graph.value(input).role == ValueRole::kParameter)
        layer.parameters += ElementCount(graph.value(input).shape);
    layer.forward_flops = graph.NodeForwardFlops(node);
    plan.layers.push_back(std::move(layer));
  }
  plan.parameters = graph.parameter_count();
  plan.training_flops_per_sample = graph.TrainingFlops();
}

// Shards of the first epoch: how many steps they allow, and who has which classes.
absl::Status AddShards(const Spec& spec, const Partition& partition, const Samples& train, Plan& plan) {
  int64_t smallest = train.size();
  const int64_t classes = std::max<int64_t>(1, plan.dataset.classes);
  for (int64_t worker = 0; worker < spec.mesh_data; ++worker) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> shard,
                     partition.Shard(train.labels(), worker, spec.mesh_data, spec.seed, 0));
    std::vector<int64_t> histogram(static_cast<size_t>(classes));
    for (const int64_t index : shard) ++histogram[static_cast<size_t>(train.label(index))];
    plan.class_histogram.push_back(std::move(histogram));
    smallest = std::min(smallest, static_cast<int64_t>(shard.size()));
  }
  plan.steps_per_epoch = smallest / spec.training.batch_size;
  if (plan.steps_per_epoch < 1)
    return absl::InvalidArgumentError(fmt::format(
        "a worker has {} samples, too few for one batch of {}; take a smaller batch or fewer workers",
        smallest, spec.training.batch_size));
  return absl::OkStatus();
}

absl::Status AddTraffic(const Spec& spec, const Graph& graph, Plan& plan) {
  const Registry& registry = Registry::Global();
  ASSIGN_OR_RETURN(const auto exchange, registry.Create<Exchange>("exchange", spec.exchange));
  const auto n = static_cast<int>(spec.mesh_data);
  int64_t encoded_bytes = -1;
  double dense_share = 1;  // of 4 bytes a float, for payloads that sum
  if (!spec.gradient.empty()) {
    ASSIGN_OR_RETURN(const auto codec, registry.Create<Codec>("gradient-codec", spec.gradient[0]));
    if (codec->sum() == Codec::Sum::kGathered) encoded_bytes = codec->MaxPayloadBytes(plan.parameters);
    if (codec->sum() == Codec::Sum::kFloat16) dense_share = 0.5;
  }
  // Buckets as the exchange will cut them: parameters get ready from the last to the first.
  const std::vector<ParameterSlot> layout = SlotsOf(graph, graph.parameters());
  std::vector<int> order(layout.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(order.size() - 1 - i);
  const double bucket_mib = spec.exchange.Has("bucket_mib") ? spec.exchange.Number("bucket_mib") : 1;
  const auto buckets = static_cast<int64_t>(
      CutIntoBuckets(layout, order, static_cast<int64_t>(bucket_mib * 1024 * 1024)).size());
  plan.dense_bytes_per_step = exchange->BytesPerStep(plan.parameters, n, -1);
  plan.payload_bytes_per_step_and_rank = encoded_bytes >= 0
                                             ? exchange->BytesPerStep(plan.parameters, n, encoded_bytes)
                                             : plan.dense_bytes_per_step * dense_share;
  plan.messages_per_step_and_rank = exchange->MessagesPerStep(buckets, n);
  return absl::OkStatus();
}

absl::Status AddMemory(const Spec& spec, const Graph& graph, Plan& plan) {
  ASSIGN_OR_RETURN(const auto optimizer, Registry::Global().Create<Optimizer>("optimizer", spec.optimizer));
  optimizer->Prepare(SlotsOf(graph, graph.parameters()));
  int64_t activations = 0;  // each kept for the backward pass
  for (const Value& value : graph.values())
    if (value.role == ValueRole::kActivation || value.role == ValueRole::kInput)
      activations += ElementCount(value.shape);
  const double floats = 2.0 * static_cast<double>(plan.parameters) +
                        static_cast<double>(optimizer->state().size()) +
                        static_cast<double>(activations) * static_cast<double>(spec.training.batch_size);
  plan.memory_bytes_per_worker = 4 * floats;
  return absl::OkStatus();
}

void AddWarnings(const Spec& spec, const Graph& graph, Plan& plan) {
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  int64_t local = 0;
  for (const WorkerGroup& group : spec.workers)
    if (group.launcher.kind() == "local" || group.launcher.kind() == "in-process") local += group.count;
  if (local * spec.training.threads_per_worker > cores)
    plan.warnings.push_back(
        fmt::format("{} workers of {} {} share the {} cores of this machine: they work one after the other, "
                    "and their times say "
                    "little about a cluster",
                    local, spec.training.threads_per_worker,
                    spec.training.threads_per_worker == 1 ? "thread" : "threads", cores));
  if (plan.payload_bytes_per_step_and_rank > plan.dense_bytes_per_step && plan.dense_bytes_per_step > 0)
    plan.warnings.push_back(fmt::format(
        "payloads that do not sum are gathered: with {} workers this sends more ({:.3g} MB a step and "
        "worker) than no "
        "compression would ({:.3g} MB)",
        spec.mesh_data, plan.payload_bytes_per_step_and_rank * 1e-6, plan.dense_bytes_per_step * 1e-6));
  const bool batch_norm = std::any_of(graph.nodes().begin(), graph.nodes().end(),
                                      [](const Node& node) { return node.kind == OpKind::kBatchNorm; });
  if (batch_norm && spec.mesh_data > 1)
    plan.warnings.push_back(
        "batch norm uses each worker's own batch: several workers do not give quite the parameters of "
        "one worker with the same global batch");
}

std::string ToJson(const Spec& spec, const Mesh& mesh, const Plan& plan) {
  OrderedJson layers = OrderedJson::array();
  for (const LayerPlan& layer : plan.layers)
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"output", layer.output},
                      {"parameters", layer.parameters},
                      {"forward_flops", layer.forward_flops}});
  OrderedJson workers = OrderedJson::array();
  int rank = 0;
  for (const WorkerGroup& group : spec.workers)
    for (int64_t i = 0; i < group.count; ++i, ++rank) {
      const auto axis = mesh.CoordinatesOf(rank);
      workers.push_back({{"rank", rank},
                         {"launcher", group.launcher.kind()},
                         {"axis", {{"data", axis[0]}, {"pipeline", axis[1]}, {"tensor", axis[2]}}}});
    }
  const OrderedJson json = {{"dataset",
                             {{"sample", plan.dataset.sample},
                              {"classes", plan.dataset.classes},
                              {"class_names", plan.dataset.class_names},
                              {"train_samples", plan.dataset.train_samples},
                              {"test_samples", plan.dataset.test_samples}}},
                            {"parameters", plan.parameters},
                            {"training_flops_per_sample", plan.training_flops_per_sample},
                            {"world_size", plan.world_size},
                            {"global_batch_size", plan.global_batch_size},
                            {"steps_per_epoch", plan.steps_per_epoch},
                            {"total_steps", plan.total_steps},
                            {"payload_bytes_per_step_and_rank", plan.payload_bytes_per_step_and_rank},
                            {"messages_per_step_and_rank", plan.messages_per_step_and_rank},
                            {"dense_bytes_per_step", plan.dense_bytes_per_step},
                            {"memory_bytes_per_worker", plan.memory_bytes_per_worker},
                            {"class_histogram", plan.class_histogram},
                            {"layers", std::move(layers)},
                            {"workers", std::move(workers)},
                            {"warnings", plan.warnings}};
  return json.dump();
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

  ASSIGN_OR_RETURN(const auto dataset, registry.Create<Dataset>("dataset", spec.dataset));
  const absl::StatusOr<DatasetInfo> info = dataset->Probe(datasets_folder);
  if (!info.ok()) {
    faults.push_back(WorldFault("/dataset", spec.dataset, info.status()));
    return plan;
  }
  plan.dataset = *info;
  ASSIGN_OR_RETURN(const auto model, registry.Create<Model>("model", spec.model));
  const absl::StatusOr<Graph> graph = model->Build(info->sample, info->classes);
  if (!graph.ok()) {
    faults.push_back(WorldFault("/model", spec.model, graph.status()));
    return plan;
  }
  AddLayers(*graph, plan);
  const auto train = dataset->OpenTrain(datasets_folder);
  if (!train.ok()) {
    faults.push_back(WorldFault("/dataset", spec.dataset, train.status()));
    return plan;
  }
  ASSIGN_OR_RETURN(const auto partition, registry.Create<Partition>("partition", spec.partition));
  if (const absl::Status shards = AddShards(spec, *partition, **train, plan); !shards.ok()) {
    const bool batch = plan.class_histogram.size() == static_cast<size_t>(spec.mesh_data);
    faults.push_back(batch ? WorldFault("/training/batch_size", spec.dataset, shards)
                           : WorldFault("/dataset/partition", spec.partition, shards));
    return plan;
  }
  plan.total_steps = TotalSteps(spec.training, plan.steps_per_epoch);
  RETURN_IF_ERROR(AddTraffic(spec, *graph, plan));
  RETURN_IF_ERROR(AddMemory(spec, *graph, plan));
  AddWarnings(spec, *graph, plan);
  plan.json = ToJson(spec, mesh, plan);
  return plan;
}

}  // namespace concertina
