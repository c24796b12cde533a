// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan.cc: see plan.h.
// On the way of the data: experiment/spec.h -> here -> engine/run_preparation.h, `concertinactl plan`, the
// Design page.
#include "core/experiment/plan.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <thread>

#include "core/base/registry.h"
#include "core/comm/mesh.h"
#include "core/data/partition.h"
#include "core/graph/split_tensor.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/parallel/bucket.h"
#include "core/parallel/exchange.h"
#include "core/parallel/tensor_group.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using OrderedJson = nlohmann::ordered_json;

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
  for (size_t n = 0; n < graph.nodes().size(); ++n) {
    const Node& node = graph.nodes()[n];
    LayerPlan layer;
    layer.split = SplitText(node.kind, split[n]);
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

// Buckets as the exchange will cut them: gradients get ready from the last parameter to the first.
std::vector<Bucket> BucketsOf(const Spec& spec, const std::vector<ParameterSlot>& layout) {
  std::vector<int> order(layout.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(order.size() - 1 - i);
  const double bucket_mib = spec.exchange.Has("bucket_mib") ? spec.exchange.Number("bucket_mib") : 1;
  return CutIntoBuckets(layout, order, static_cast<int64_t>(bucket_mib * 1024 * 1024));
}

// What one rank's encoders make of one step's gradient; its own share of the traffic follows from that.
struct Encoding {
  int64_t bytes = 0;
  Codec::Sum sum = Codec::Sum::kFloat32;
};
absl::StatusOr<std::optional<Encoding>> EncodingOf(const Spec& spec, const std::vector<Bucket>& buckets) {
  if (spec.gradient.empty() || spec.gradient[0].kind() == "none") return std::nullopt;
  ASSIGN_OR_RETURN(const auto codec, Registry::Global().Create<Codec>("gradient-codec", spec.gradient[0]));
  Encoding encoding{.sum = codec->sum()};
  for (const Bucket& bucket : buckets) encoding.bytes += codec->MaxPayloadBytes(bucket.count);
  return encoding;
}

Circumstances CircumstancesOf(const Spec& spec, const Graph& part, const Plan& plan) {
  const bool has_codec = !spec.gradient.empty() && spec.gradient[0].kind() != "none";
  return {.ranks = static_cast<int>(spec.mesh_data),
          .floats = part.parameter_count(),
          .train_samples = plan.dataset.train_samples,
          .total_steps = plan.total_steps,
          .learning_rate = spec.optimizer.Number("learning_rate"),
          .has_codec = has_codec,
          .codec_remembers = has_codec && spec.gradient[0].json().value("error_feedback", false)};
}

// "/exchange/graph: …" is about that field, "/gradient/0/error_feedback: …" about another section's.
Fault ExchangeFault(const Spec& spec, const absl::Status& status) {
  const std::string message(status.message());
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

// What happens on one axis happens on all of its like: adds `pattern`, of ranks of the axis, for each of
// them. Ranks beyond the axis are the servers, which come after the mesh.
void AddOnMesh(const Pattern& pattern, const Mesh& mesh, MeshAxis axis, Pattern& whole) {
  const int length = mesh.length(axis);
  for (int rank = 0; rank < mesh.size(); ++rank) {
    if (mesh.CoordinatesOf(rank)[static_cast<size_t>(axis)] != 0) continue;
    const std::vector<int> group = mesh.GroupOf(rank, axis);
    const auto place = [&](int of_axis) {
      return of_axis < length ? group[static_cast<size_t>(of_axis)] : mesh.size() + of_axis - length;
    };
    for (const Flow& flow : pattern.flows)
      whole.flows.push_back({place(flow.from), place(flow.to), flow.bytes, flow.messages});
  }
  whole.rounds += pattern.rounds;
}

// `part`: of the model, that one rank holds.
absl::Status AddTraffic(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const Graph& part,
                        int64_t buckets, int64_t buffers, const std::optional<Encoding>& encoding,
                        Plan& plan) {
  Traffic traffic{.floats = part.parameter_count(),
                  .ranks = static_cast<int>(spec.mesh_data),
                  .buckets = buckets,
                  .buffers = buffers};
  const auto pattern_of = [&](bool is_encoded) {
    Pattern pattern;
    AddOnMesh(exchange.PatternOf(traffic), mesh, MeshAxis::kData, pattern);
    AddOnMesh(TensorPattern(part, spec.training.batch_size, static_cast<int>(spec.mesh_tensor), is_encoded),
              mesh, MeshAxis::kTensor, pattern);
    return pattern;
  };
  plan.dense_bytes_per_step = pattern_of(false).BusiestBytes();
  if (encoding && encoding->sum == Codec::Sum::kGathered) traffic.encoded_bytes = encoding->bytes;
  if (encoding && encoding->sum == Codec::Sum::kFloat16) traffic.element_bytes = 2;  // there and back
  plan.pattern = pattern_of(encoding.has_value());
  plan.payload_bytes_per_step_and_rank = plan.pattern.BusiestBytes();
  plan.messages_per_step_and_rank = plan.pattern.BusiestMessages();
  return absl::OkStatus();
}

// Floats that the optimiser keeps for `parameters` of them. Asked of two small ones: a large one would take
// the memory that is only to be foretold.
absl::StatusOr<double> OptimizerFloats(const Spec& spec, int64_t parameters) {
  constexpr int64_t kProbe = 1024;
  double floats[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const auto optimizer, Registry::Global().Create<Optimizer>("optimizer", spec.optimizer));
    optimizer->Prepare({{.name = "probe", .shape = {kProbe * (i + 1)}, .count = kProbe * (i + 1)}});
    floats[i] = static_cast<double>(optimizer->state().size());
  }
  const double each = (floats[1] - floats[0]) / kProbe;
  return floats[0] + each * static_cast<double>(parameters - kProbe);
}

// Parameters, gradients, the optimiser's state, activations of the batch and their gradients, codec buffers,
// and the batch itself. Without the program's own code and libraries, and the pages of the dataset, which all
// workers of a machine share.
absl::Status AddMemory(const Spec& spec, const Graph& graph, const std::optional<Encoding>& encoding,
                       Plan& plan) {
  ASSIGN_OR_RETURN(const double optimizer_floats, OptimizerFloats(spec, graph.parameter_count()));
  // Fused activations have no place of their own; reshapes and tensor sums are other views of the same.
  const Graph fused = Fuse(graph);
  double activations = static_cast<double>(ElementCount(plan.dataset.sample));
  double largest = 0;
  for (const Node& node : fused.nodes()) {
    if (node.kind == OpKind::kReshape || node.kind == OpKind::kCopyToTensor ||
        node.kind == OpKind::kReduceFromTensor)
      continue;
    const auto count = static_cast<double>(ElementCount(fused.value(node.output).shape));
    activations += count;
    largest = std::max(largest, count);
  }
  // Of the gradients of activations at most two live at a time: one is read while the next is written.
  const double batch_floats = (activations + 2 * largest) * static_cast<double>(spec.training.batch_size);
  const auto parameters = static_cast<double>(graph.parameter_count());
  // An encoder keeps a residual and what it was given, for the measured error.
  const double codec_bytes = encoding ? 8 * parameters + static_cast<double>(encoding->bytes) : 0;
  plan.memory_bytes_per_worker = 4 * (2 * parameters + optimizer_floats + batch_floats) + codec_bytes;
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
                    "and their times say little about a cluster",
                    local, spec.training.threads_per_worker,
                    spec.training.threads_per_worker == 1 ? "thread" : "threads", cores));
  if (plan.payload_bytes_per_step_and_rank > plan.dense_bytes_per_step && plan.dense_bytes_per_step > 0)
    plan.warnings.push_back(fmt::format(
        "payloads that do not sum are gathered: with {} workers this sends more ({:.3g} MB a step and "
        "worker) than no compression would ({:.3g} MB)",
        spec.mesh_data, plan.payload_bytes_per_step_and_rank * 1e-6, plan.dense_bytes_per_step * 1e-6));
  if (plan.clients == 0 && spec.mesh_data == 1 && !spec.gradient.empty() && spec.gradient[0].kind() != "none")
    plan.warnings.push_back(
        fmt::format("one copy of the model exchanges no gradient, so {} saves nothing; its loss of accuracy "
                    "can be seen all "
                    "the same",
                    spec.gradient[0].kind()));
  const double memory = static_cast<double>(local) * plan.memory_bytes_per_worker;
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (memory > 0.8 * machine)
    plan.warnings.push_back(
        fmt::format("the workers here need about {:.3g} GB, and this machine has {:.3g} GB", memory * 1e-9,
                    machine * 1e-9));
  if (plan.dataset.test_samples == 0)
    plan.warnings.push_back("the dataset has no test samples: there will be no test accuracy");
  if (spec.training.max_steps > 0 && plan.total_steps < plan.steps_per_epoch)
    plan.warnings.push_back(fmt::format("the run ends after {} of the {} steps of its first epoch",
                                        plan.total_steps, plan.steps_per_epoch));
  const bool batch_norm = std::any_of(graph.nodes().begin(), graph.nodes().end(),
                                      [](const Node& node) { return node.kind == OpKind::kBatchNorm; });
  if (batch_norm && plan.clients > 0)
    plan.warnings.push_back(
        "batch norm: a client's last, smaller batch is filled up with its own samples over again for the "
        "statistics, and the clients' running statistics are averaged by their samples");
  else if (batch_norm && spec.mesh_data > 1)
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
                      {"forward_flops", layer.forward_flops},
                      {"split", layer.split}});
  OrderedJson flows = OrderedJson::array();
  for (const Flow& flow : plan.pattern.flows)
    flows.push_back(
        {{"from", flow.from}, {"to", flow.to}, {"bytes", flow.bytes}, {"messages", flow.messages}});
  OrderedJson workers = OrderedJson::array();
  int rank = 0;
  for (const WorkerGroup& group : spec.workers)
    for (int64_t i = 0; i < group.count; ++i, ++rank) {
      OrderedJson worker = {{"rank", rank},
                            {"launcher", group.launcher.kind()},
                            {"role", rank < mesh.size() ? "worker" : "server"}};
      if (rank < mesh.size()) {  // servers stand behind the mesh
        const auto axis = mesh.CoordinatesOf(rank);
        worker["axis"] = {{"data", axis[0]}, {"pipeline", axis[1]}, {"tensor", axis[2]}};
      } else {
        worker["axis"] = OrderedJson::object();
      }
      workers.push_back(std::move(worker));
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
                            {"clients", plan.clients},
                            {"steps_per_epoch", plan.steps_per_epoch},
                            {"total_steps", plan.total_steps},
                            {"payload_bytes_per_step_and_rank", plan.payload_bytes_per_step_and_rank},
                            {"messages_per_step_and_rank", plan.messages_per_step_and_rank},
                            {"dense_bytes_per_step", plan.dense_bytes_per_step},
                            {"pattern", {{"rounds", plan.pattern.rounds}, {"flows", std::move(flows)}}},
                            {"memory_bytes_per_worker", plan.memory_bytes_per_worker},
                            {"class_histogram", plan.class_histogram},
                            {"layers", std::move(layers)},
                            {"workers", std::move(workers)},
                            {"warnings", plan.warnings}};
  // Names of classes come from files, and need not be text.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
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
    faults.push_back(DatasetFault(spec.dataset, info.status()));
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
  ASSIGN_OR_RETURN(const Graph part, SplitTensor(*graph, 0, tensor));
  const auto train = dataset->OpenTrain(datasets_folder);
  if (!train.ok()) {
    faults.push_back(DatasetFault(spec.dataset, train.status()));
    return plan;
  }
  ASSIGN_OR_RETURN(const auto exchange, registry.Create<Exchange>("exchange", spec.exchange));
  const Circumstances circumstances = CircumstancesOf(spec, part, plan);
  if (const absl::Status fits = exchange->Fits(circumstances); !fits.ok()) {
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
  const std::vector<Bucket> buckets = BucketsOf(spec, SlotsOf(part, part.parameters()));
  ASSIGN_OR_RETURN(const std::optional<Encoding> encoding, EncodingOf(spec, buckets));
  plan.world_size += exchange->servers();
  if ((exchange->servers() > 0 || !exchange->lockstep()) && mesh.size() != spec.mesh_data) {
    faults.push_back(MakeFault(
        "/mesh", fmt::format("{} x {} x {}", spec.mesh_data, spec.mesh_pipeline, spec.mesh_tensor),
        fmt::format("pipeline and tensor of 1: the exchange \"{}\" {}", spec.exchange.kind(),
                    exchange->lockstep() ? "has servers of its own" : "does not keep workers in step")));
    return plan;
  }
  int64_t buffers = 0;
  for (const ValueId id : part.buffers()) buffers += ElementCount(part.value(id).shape);
  RETURN_IF_ERROR(AddTraffic(*exchange, spec, mesh, part, static_cast<int64_t>(buckets.size()), buffers, encoding,
                             plan));
  RETURN_IF_ERROR(AddMemory(spec, part, encoding, plan));
  plan.memory_bytes_per_worker += exchange->ExtraMemoryBytes(circumstances);
  AddWarnings(spec, *graph, plan);
  for (std::string& warning : exchange->Warnings(circumstances)) plan.warnings.push_back(std::move(warning));
  plan.json = ToJson(spec, mesh, plan);
  return plan;
}

}  // namespace concertina
