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
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

#include "core/base/registry.h"
#include "core/comm/mesh.h"
#include "core/data/partition.h"
#include "core/experiment/layer_chains.h"
#include "core/experiment/pair_link.h"
#include "core/experiment/plan_stages.h"
#include "core/gradient/chain.h"
#include "core/gradient/integrator.h"
#include "core/graph/split_tensor.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/parallel/bucket.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/exchange.h"
#include "core/parallel/pipeline_executor.h"
#include "core/parallel/tensor_group.h"
#include "core/tensor/batch_lanes.h"
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

// Gradients get ready from the last parameter to the first.
std::vector<int> GradientOrder(const std::vector<ParameterSlot>& layout) {
  std::vector<int> order(layout.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(order.size() - 1 - i);
  return order;
}

// Buckets as the exchange will cut them.
std::vector<Bucket> BucketsOf(const Spec& spec, const std::vector<ParameterSlot>& layout) {
  const double bucket_mib = spec.exchange.Has("bucket_mib") ? spec.exchange.Number("bucket_mib") : 1;
  return CutIntoBuckets(layout, GradientOrder(layout), static_cast<int64_t>(bucket_mib * 1024 * 1024));
}

// What one rank's encoders make of one step's gradient; its own share of the traffic follows from that.
struct Encoding {
  int64_t bytes = 0;
  Codec::Sum sum = Codec::Sum::kFloat32;
  bool combines = false;
  std::vector<SummedRound> rounds;
};

// What of a stage's gradient goes through one chain of codecs.
struct ChainPart {
  int64_t floats = 0;
  int64_t buckets = 0;
  std::optional<Encoding> encoding;  // nothing: dense
};

absl::StatusOr<std::optional<Encoding>> EncodingOf(const Spec& spec, std::span<const Params> chain,
                                                   const std::vector<ParameterSlot>& layout,
                                                   const std::vector<Bucket>& buckets) {
  if (IsEmptyChain(chain)) return std::nullopt;
  Encoding encoding;
  ASSIGN_OR_RETURN(const auto exchange, Registry::Global().Create<Exchange>("exchange", spec.exchange));
  for (const Bucket& bucket : buckets) {
    ASSIGN_OR_RETURN(const auto codec, MakeChain(chain));
    codec->Describe(MatricesWithin(layout, bucket.offset, bucket.count));
    encoding.sum = codec->sum();
    encoding.combines = codec->combines();
    const int parts = exchange->PartsOfBucket(*codec, static_cast<int>(spec.mesh_data));
    for (int p = 0; p < parts; ++p) {
      const int64_t begin = bucket.count * p / parts, count = bucket.count * (p + 1) / parts - begin;
      if (count == 0) continue;
      ASSIGN_OR_RETURN(const auto of_part, MakeChain(chain));
      of_part->Describe(MatricesWithin(layout, bucket.offset + begin, count));
      encoding.bytes += of_part->MaxPayloadBytes(count);
    }
    if (const SummedRounds* rounds = codec->summed_rounds()) {
      encoding.rounds.resize(static_cast<size_t>(rounds->round_count()));
      for (size_t round = 0; round < encoding.rounds.size(); ++round) {
        const int64_t floats = rounds->RoundFloats(bucket.count, static_cast<int>(round));
        encoding.rounds[round].bytes += 4.0 * static_cast<double>(floats);
        encoding.rounds[round].buckets += floats > 0 ? 1 : 0;
      }
    }
  }
  return encoding;
}

// Of all chains that any bucket takes.
absl::StatusOr<std::vector<ChainPart>> ChainPartsOf(const Spec& spec,
                                                    const std::vector<ParameterSlot>& layout,
                                                    const std::vector<Bucket>& buckets) {
  std::vector<ChainPart> parts;
  for (size_t chain = 0; chain <= spec.layer_gradients.size(); ++chain) {
    std::vector<Bucket> own;
    std::copy_if(buckets.begin(), buckets.end(), std::back_inserter(own),
                 [&](const Bucket& bucket) { return bucket.chain == static_cast<int>(chain); });
    if (own.empty()) continue;
    ChainPart& part = parts.emplace_back();
    part.buckets = static_cast<int64_t>(own.size());
    for (const Bucket& bucket : own) part.floats += bucket.count;
    ASSIGN_OR_RETURN(part.encoding,
                     EncodingOf(spec, ChainNumber(spec, static_cast<int>(chain)), layout, own));
  }
  return parts;
}

// What the ranks of one stage hold: of a model that is not cut, all of it.
struct StagePart {
  std::vector<Graph> pieces;  // one for each chunk of the schedule
  std::vector<ParameterSlot> layout;
  int64_t buckets = 0;
  std::vector<ChainPart> chains;
  std::vector<int> under_way;  // micro-batches at once, of each piece

  bool is_encoded() const {
    return std::any_of(chains.begin(), chains.end(),
                       [](const ChainPart& part) { return part.encoding.has_value(); });
  }

  int64_t floats() const { return TotalOf(layout); }
  int64_t buffers() const {
    int64_t count = 0;
    for (const Graph& piece : pieces)
      for (const ValueId id : piece.buffers()) count += ElementCount(piece.value(id).shape);
    return count;
  }
};

absl::StatusOr<StagePart> StagePartOf(const Spec& spec, std::vector<Graph> pieces) {
  StagePart part{.pieces = std::move(pieces)};
  for (const Graph& piece : part.pieces)
    for (ParameterSlot slot : SlotsOf(piece, piece.parameters())) {
      slot.offset = TotalOf(part.layout);
      part.layout.push_back(std::move(slot));
    }
  part.layout = WithChains(spec, std::move(part.layout));
  part.under_way.assign(part.pieces.size(), 1);
  const std::vector<Bucket> buckets = BucketsOf(spec, part.layout);
  part.buckets = static_cast<int64_t>(buckets.size());
  ASSIGN_OR_RETURN(part.chains, ChainPartsOf(spec, part.layout, buckets));
  return part;
}

// All pieces of the model in its order, and what each stage has of them.
struct CutPlan {
  std::vector<Graph> pieces;
  std::vector<StagePart> stages;
  std::unique_ptr<Codec> activations;  // of what crosses the cuts; null for none
};

// `part`: of the model, that one rank of the tensor axis holds. A kInvalidArgument is about the spec's cuts.
absl::StatusOr<CutPlan> CutPlanOf(const Spec& spec, const Graph& part, Plan& plan) {
  CutPlan cut;
  const auto stages = static_cast<int>(spec.mesh_pipeline);
  plan.pipeline.stages = stages;
  if (stages == 1) {
    ASSIGN_OR_RETURN(StagePart whole, StagePartOf(spec, {part}));
    cut.stages.push_back(std::move(whole));
    return cut;
  }
  ASSIGN_OR_RETURN(const auto schedule,
                   Registry::Global().Create<PipelineSchedule>("pipeline-schedule", spec.pipeline));
  ASSIGN_OR_RETURN(cut.pieces, CutIntoPieces(part, spec.pipeline.Text("cuts"), *schedule, stages));
  ASSIGN_OR_RETURN(cut.activations, ActivationCodecOf(spec));
  const auto micro_batches = static_cast<int>(spec.pipeline.Integer("micro_batches"));
  plan.pipeline.micro_batches = micro_batches;
  plan.pipeline.expected_bubble = schedule->ExpectedBubble(stages, micro_batches);
  double slowest = 0, total = 0;
  for (int s = 0; s < stages; ++s) {
    ASSIGN_OR_RETURN(StagePart own, StagePartOf(spec, PiecesOfStage(cut.pieces, s, stages)));
    const std::vector<PipelineTask> tasks = schedule->Tasks(s, stages, micro_batches);
    double flops = 0;
    for (size_t c = 0; c < own.pieces.size(); ++c) {
      own.under_way[c] = PeakActivations(tasks, static_cast<int>(c));
      flops += own.pieces[c].ForwardFlops();
    }
    slowest = std::max(slowest, flops);
    total += flops;
    cut.stages.push_back(std::move(own));
  }
  if (total > 0) plan.pipeline.slowest_stage = slowest * stages / total;
  AddStagePlans(spec, *schedule, cut.pieces, cut.activations.get(), plan.pipeline);
  for (size_t k = 0; k < cut.pieces.size(); ++k)
    for (const Node& node : cut.pieces[k].nodes())
      for (LayerPlan& layer : plan.layers)
        if (layer.name == node.name) layer.stage = static_cast<int64_t>(k) % stages;
  return cut;
}

std::optional<AveragedMomentum> AveragedMomentumOf(const Spec& spec) {
  const auto optimizer = Registry::Global().Create<Optimizer>("optimizer", spec.optimizer);
  return optimizer.ok() ? (*optimizer)->averaged_momentum() : std::nullopt;
}

Circumstances CircumstancesOf(const Spec& spec, const std::vector<ParameterSlot>& layout, const Plan& plan) {
  int64_t largest = 0;
  for (const ParameterSlot& slot : layout) largest = std::max(largest, slot.count);
  const auto codec = MakeChain(spec.gradient);
  const auto* integrator = codec.ok() ? dynamic_cast<const Integrator*>(codec->get()) : nullptr;
  return {.ranks = static_cast<int>(spec.mesh_data),
          .floats = TotalOf(layout),
          .largest_parameter = largest,
          .train_samples = plan.dataset.train_samples,
          .total_steps = plan.total_steps,
          .learning_rate = spec.optimizer.Number("learning_rate"),
          .has_codec = spec.has_codec(),
          .codec_remembers = RememberingPointer(spec.gradient).has_value(),
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

// What happens on one axis happens on all of its like, of one stage or (-1) of all: adds the flows of
// `pattern`, of ranks of the axis, for each of them. Ranks beyond the axis are the servers, which come after
// the mesh.
void AddOnMesh(const Pattern& pattern, const Mesh& mesh, MeshAxis axis, int stage, Pattern& whole) {
  const int length = mesh.length(axis);
  for (int rank = 0; rank < mesh.size(); ++rank) {
    const auto coordinates = mesh.CoordinatesOf(rank);
    if (coordinates[static_cast<size_t>(axis)] != 0 || (stage >= 0 && coordinates[1] != stage)) continue;
    const std::vector<int> group = mesh.GroupOf(rank, axis);
    const auto place = [&](int of_axis) {
      return of_axis < length ? group[static_cast<size_t>(of_axis)] : mesh.size() + of_axis - length;
    };
    for (const Flow& flow : pattern.flows)
      whole.flows.push_back({place(flow.from), place(flow.to), flow.bytes, flow.messages});
  }
}

// Who sends what to whom on the data axis of one stage.
Pattern DataPattern(const Exchange& exchange, const Spec& spec, const StagePart& part, bool is_encoded) {
  Traffic whole{.floats = part.floats(),
                .ranks = static_cast<int>(spec.mesh_data),
                .buckets = part.buckets,
                .buffers = part.buffers()};
  if (!is_encoded || !part.is_encoded()) return exchange.PatternOf(whole);
  Pattern pattern;
  for (const ChainPart& chain : part.chains) {
    Traffic traffic = whole;
    whole.buffers = 0;  // they go with the first
    traffic.floats = chain.floats;
    traffic.buckets = chain.buckets;
    traffic.all_buckets = part.buckets;
    if (chain.encoding) {
      traffic.summed_rounds = chain.encoding->rounds;
      traffic.combines = chain.encoding->combines;
      if (chain.encoding->sum == Codec::Sum::kGathered)
        traffic.encoded_bytes = chain.encoding->bytes;
      else  // there and back
        traffic.element_bytes =
            static_cast<double>(chain.encoding->bytes) / static_cast<double>(chain.floats);
    }
    const Pattern own = exchange.PatternOf(traffic);
    pattern.flows.insert(pattern.flows.end(), own.flows.begin(), own.flows.end());
    pattern.rounds += own.rounds;
  }
  return pattern;
}

// Who sends what to whom on the whole mesh, with the codec or without.
Pattern PatternOfMesh(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const CutPlan& cut,
                      bool is_encoded) {
  Pattern whole;
  const int stages = mesh.length(MeshAxis::kPipeline);
  const auto micro_batches = stages == 1 ? 1 : static_cast<int>(spec.pipeline.Integer("micro_batches"));
  double rounds = 0;  // stages work side by side
  for (int s = 0; s < stages; ++s) {
    const StagePart& part = cut.stages[static_cast<size_t>(s)];
    const Pattern data = DataPattern(exchange, spec, part, is_encoded);
    AddOnMesh(data, mesh, MeshAxis::kData, s, whole);
    double stage_rounds = data.rounds;
    for (size_t c = 0; c < part.pieces.size(); ++c) {
      const Pattern tensor =
          TensorPattern(part.pieces[c], {.batch_size = spec.training.batch_size / micro_batches,
                                         .ranks = mesh.length(MeshAxis::kTensor),
                                         .follows_replicas = is_encoded && part.is_encoded(),
                                         .micro_batches = micro_batches,
                                         .wants_input = s + c > 0,
                                         .recomputes = stages > 1 && spec.pipeline.Boolean("recompute")});
      AddOnMesh(tensor, mesh, MeshAxis::kTensor, s, whole);
      stage_rounds += tensor.rounds;
    }
    rounds = std::max(rounds, stage_rounds);
  }
  const Pattern pipeline = PipelinePattern(cut.pieces, stages, spec.training.batch_size, micro_batches,
                                           is_encoded ? cut.activations.get() : nullptr);
  AddOnMesh(pipeline, mesh, MeshAxis::kPipeline, -1, whole);
  whole.rounds = rounds + pipeline.rounds;
  return whole;
}

void AddTraffic(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const CutPlan& cut,
                Plan& plan) {
  plan.dense_bytes_per_step = PatternOfMesh(exchange, spec, mesh, cut, false).BusiestBytes();
  plan.pattern = PatternOfMesh(exchange, spec, mesh, cut, true);
  plan.payload_bytes_per_step_and_rank = plan.pattern.BusiestBytes();
  plan.messages_per_step_and_rank = plan.pattern.BusiestMessages();
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
absl::StatusOr<double> MemoryBytes(const Spec& spec, const StagePart& part, const Exchange& exchange,
                                   bool is_first) {
  const int64_t parameter_count = part.floats();
  const auto ranks = static_cast<int>(spec.mesh_data);
  // The last rank's share is as large as any. Where servers update, they do it for all.
  const int64_t share = TotalOf(exchange.Updates(part.layout, GradientOrder(part.layout), ranks - 1, ranks));
  ASSIGN_OR_RETURN(const double optimizer_floats, OptimizerFloats(spec, share > 0 ? share : parameter_count));
  const bool is_cut = spec.mesh_pipeline > 1;
  const int64_t micro_batches = is_cut ? spec.pipeline.Integer("micro_batches") : 1;
  const bool recomputes = is_cut && spec.pipeline.Boolean("recompute");
  const int64_t samples = spec.training.batch_size / micro_batches;
  const auto lanes = static_cast<double>(is_cut ? PaddedBatch(samples) : samples);
  double batch_floats = 0;
  for (size_t c = 0; c < part.pieces.size(); ++c) {
    const ActivationFloats floats = ActivationFloatsOf(part.pieces[c]);
    const auto under_way = static_cast<double>(part.under_way[c]);
    // Of the gradients of activations at most two live at a time: one is read while the next is written.
    batch_floats += lanes * 2 * floats.largest;
    batch_floats += lanes * (recomputes ? floats.all + under_way * (floats.input + floats.output)
                                        : under_way * floats.all);
    if (!is_first || c > 0) batch_floats += lanes * (under_way + 1) * floats.input;  // gradients on their way
    if (is_cut && is_first && c == 0)
      batch_floats += static_cast<double>(spec.training.batch_size) * floats.input;
  }
  const auto parameters = static_cast<double>(parameter_count);
  const double gradients = micro_batches > 1 ? 2 : 1;  // of a micro-batch, and their sum
  // An encoder keeps a residual and what it was given, for the measured error.
  double codec_bytes = 0;
  for (const ChainPart& chain : part.chains)
    if (chain.encoding)
      codec_bytes += 8 * static_cast<double>(chain.floats) + static_cast<double>(chain.encoding->bytes);
  return 4 * ((1 + gradients) * parameters + optimizer_floats + batch_floats) + codec_bytes;
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
  if (plan.clients == 0 && spec.mesh_data == 1 && spec.has_codec())
    plan.warnings.push_back(
        fmt::format("one copy of the model exchanges no gradient, so {} saves nothing; its loss of accuracy "
                    "can be seen all "
                    "the same",
                    IsEmptyChain(spec.gradient) ? "/layer_gradients" : ChainText(spec.gradient)));
  const double memory = static_cast<double>(local) * plan.memory_bytes_per_worker;
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (memory > 0.8 * machine)
    plan.warnings.push_back(
        fmt::format("the workers here need about {:.3g} GB, and this machine has {:.3g} GB", memory * 1e-9,
                    machine * 1e-9));
  const auto codec_momentum = MomentumPointer(spec.gradient);
  for (const char* momentum : {"momentum", "beta1"})
    if (codec_momentum && spec.optimizer.Has(momentum) && spec.optimizer.Number(momentum) > 0)
      plan.warnings.push_back(
          fmt::format("momentum acts twice: in {}, and in the optimiser after it; set /optimizer/{} to 0",
                      *codec_momentum, momentum));
  if (const auto momentum = AveragedMomentumOf(spec);
      momentum && plan.total_steps > 0 && momentum->first >= plan.total_steps)
    plan.warnings.push_back(
        fmt::format("the run ends within the warm-up of {} steps, and nothing is compressed: take a smaller "
                    "/optimizer/warm_up_steps than {}",
                    momentum->first, plan.total_steps));
  if (plan.dataset.test_samples == 0)
    plan.warnings.push_back("the dataset has no test samples: there will be no test accuracy");
  if (spec.training.max_steps > 0 && plan.total_steps < plan.steps_per_epoch)
    plan.warnings.push_back(fmt::format("the run ends after {} of the {} steps of its first epoch",
                                        plan.total_steps, plan.steps_per_epoch));
  const bool batch_norm = std::any_of(graph.nodes().begin(), graph.nodes().end(),
                                      [](const Node& node) { return node.kind == OpKind::kBatchNorm; });
  const int64_t micro_batches = plan.pipeline.micro_batches;
  if (batch_norm && micro_batches > 1)
    plan.warnings.push_back(fmt::format(
        "batch norm takes the statistics of each micro-batch of {} samples: {} micro-batches do not "
        "give quite the parameters of one worker with the whole batch",
        spec.training.batch_size / micro_batches, micro_batches));
  if (const int64_t samples = spec.training.batch_size / micro_batches;
      micro_batches > 1 && PaddedBatch(samples) > samples)
    plan.warnings.push_back(
        fmt::format("micro-batches of {} samples cost as much as of {}, in arithmetic and in bytes between "
                    "stages: take a "
                    "/training/batch_size of {}, or fewer /pipeline/micro_batches",
                    samples, PaddedBatch(samples), PaddedBatch(samples) * micro_batches));
  if (plan.pipeline.slowest_stage > 1.5)
    plan.warnings.push_back(fmt::format(
        "the slowest of the {} stages has {:.1f} times the arithmetic of the mean: the others wait "
        "for it",
        plan.pipeline.stages, plan.pipeline.slowest_stage));
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
                      {"split", layer.split},
                      {"stage", layer.stage}});
  OrderedJson flows = OrderedJson::array();
  for (const Flow& flow : plan.pattern.flows) {
    const LinkShape link = PairLink(spec, flow.from, flow.to);
    flows.push_back({{"from", flow.from},
                     {"to", flow.to},
                     {"bytes", flow.bytes},
                     {"messages", flow.messages},
                     {"bandwidth_mbit", link.bandwidth_mbit},
                     {"latency_ms", link.latency_ms}});
  }
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
  OrderedJson json = {{"dataset",
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
  if (spec.mesh_pipeline > 1) json["pipeline"] = PipelineJson(plan.pipeline);
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
  plan.world_size += exchange->servers();
  if ((exchange->servers() > 0 || !exchange->lockstep()) && mesh.size() != spec.mesh_data) {
    faults.push_back(MakeFault(
        "/mesh", fmt::format("{} x {} x {}", spec.mesh_data, spec.mesh_pipeline, spec.mesh_tensor),
        fmt::format("pipeline and tensor of 1: the exchange \"{}\" {}", spec.exchange.kind(),
                    exchange->lockstep() ? "has servers of its own" : "does not keep workers in step")));
    return plan;
  }
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
    ASSIGN_OR_RETURN(const double memory, MemoryBytes(spec, stage, *exchange, s == 0));
    plan.memory_bytes_per_worker =
        std::max(plan.memory_bytes_per_worker, memory + exchange->ExtraMemoryBytes(circumstances));
  }
  AddTraffic(*exchange, spec, mesh, *cut, plan);
  if (spec.mesh_pipeline * spec.mesh_tensor == 1 && exchange->averages_in_buckets())
    plan.overlapping_buckets = cut->stages[0].buckets;
  AddWarnings(spec, *graph, plan);
  for (size_t i = 0; i < spec.knobs.size(); ++i)
    if (const std::string& pointer = spec.knobs[i].pointer;
        pointer.starts_with("/gradient/") || pointer.starts_with("/layer_gradients/"))
      plan.warnings.push_back(fmt::format(
          "bytes are foretold with {} as it stands, and /knobs/{} turns it while the run goes", pointer, i));
  for (std::string& warning : PatternWarnings(spec, SlotsOf(*graph, graph->parameters())))
    plan.warnings.push_back(std::move(warning));
  for (std::string& warning : exchange->Warnings(busiest)) plan.warnings.push_back(std::move(warning));
  plan.json = ToJson(spec, mesh, plan);
  return plan;
}

}  // namespace concertina
