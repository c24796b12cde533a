// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_stages.cc: see plan_stages.h.
#include "core/experiment/plan_stages.h"

#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/tensor/batch_lanes.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

using OrderedJson = nlohmann::ordered_json;

absl::StatusOr<std::unique_ptr<Codec>> ActivationCodecOf(const Spec& spec) {
  const Params codec = spec.pipeline.Component("activations");
  if (codec.kind() == "none") return nullptr;
  return Registry::Global().Create<Codec>("gradient-codec", codec);
}

absl::StatusOr<std::unique_ptr<Codec>> TensorCodecOf(const Spec& spec) {
  if (!spec.has_tensor_codec()) return nullptr;
  return Registry::Global().Create<Codec>("gradient-codec", spec.tensor_activations);
}

ActivationFloats ActivationFloatsOf(const Graph& piece) {
  // Fused activations have no place of their own; reshapes and tensor sums are other views of the same.
  const Graph fused = Fuse(piece);
  const auto count = [&](ValueId id) { return static_cast<double>(ElementCount(fused.value(id).shape)); };
  ActivationFloats floats{.input = count(fused.input()), .output = count(fused.prediction())};
  floats.all = floats.input;
  for (const Node& node : fused.nodes()) {
    if (node.kind == OpKind::kReshape || node.kind == OpKind::kCopyToTensor ||
        node.kind == OpKind::kReduceFromTensor)
      continue;
    floats.all += count(node.output);
    floats.largest = std::max(floats.largest, count(node.output));
  }
  return floats;
}

void AddStagePlans(const Spec& spec, const PipelineSchedule& schedule, const std::vector<Graph>& pieces,
                   const Codec* codec, PipelinePlan& plan) {
  const auto stages = static_cast<int>(plan.stages), micro_batches = static_cast<int>(plan.micro_batches);
  const bool recomputes = spec.pipeline.Boolean("recompute");
  const int64_t lanes = PaddedBatch(spec.training.batch_size / micro_batches);
  plan.chunks = schedule.chunks();
  for (int s = 0; s < stages; ++s) {
    const std::vector<PipelineTask> tasks = schedule.Tasks(s, stages, micro_batches);
    StagePlan& stage = plan.each.emplace_back();
    stage.micro_batches_under_way = PeakActivations(tasks);
    double floats = 0;
    for (int c = 0; c < schedule.chunks(); ++c) {
      const auto k = static_cast<size_t>(c * stages + s);
      const Graph& piece = pieces[k];
      stage.chunks.push_back({piece.nodes().front().name, piece.nodes().back().name});
      stage.parameters += piece.parameter_count();
      stage.forward_flops += piece.ForwardFlops();
      const ActivationFloats of = ActivationFloatsOf(piece);
      const double under_way = PeakActivations(tasks, c);
      floats += recomputes ? of.all + under_way * (of.input + of.output) : under_way * of.all;
      if (k + 1 == pieces.size()) continue;
      const int64_t sent = lanes * ElementCount(piece.value(piece.prediction()).shape);
      stage.bytes_to_next += static_cast<double>(codec == nullptr ? 4 * sent : codec->MaxPayloadBytes(sent));
    }
    stage.activation_bytes = 4 * static_cast<double>(lanes) * floats;
  }
}

OrderedJson PipelineJson(const PipelinePlan& plan) {
  OrderedJson each = OrderedJson::array();
  for (const StagePlan& stage : plan.each) {
    OrderedJson chunks = OrderedJson::array();
    for (const StagePlan::Chunk& chunk : stage.chunks)
      chunks.push_back({{"first", chunk.first}, {"last", chunk.last}});
    each.push_back({{"chunks", std::move(chunks)},
                    {"parameters", stage.parameters},
                    {"forward_flops", stage.forward_flops},
                    {"micro_batches_under_way", stage.micro_batches_under_way},
                    {"activation_bytes", stage.activation_bytes},
                    {"bytes_to_next", stage.bytes_to_next}});
  }
  return {{"stages", plan.stages},
          {"micro_batches", plan.micro_batches},
          {"chunks", plan.chunks},
          {"expected_bubble", plan.expected_bubble},
          {"slowest_stage", plan.slowest_stage},
          {"each", std::move(each)}};
}

Fault CutFault(const Spec& spec, const absl::Status& status) {
  const std::string message(status.message());
  const auto fault = [&](const std::string& pointer, std::string found) -> Fault {
    return {.pointer = pointer,
            .found = std::move(found),
            .expected = message,
            .message = fmt::format("{}: {}", pointer, message)};
  };
  const bool is_cut = spec.mesh_pipeline > 1;
  if (const std::string cuts = is_cut ? spec.pipeline.Text("cuts") : "balanced"; cuts != "balanced")
    return fault("/pipeline/cuts", fmt::format("\"{}\"", Shortened(cuts)));
  if (is_cut && spec.pipeline.Has("chunks") && spec.pipeline.Integer("chunks") > 1)
    return fault("/pipeline/chunks", std::to_string(spec.pipeline.Integer("chunks")));
  return fault("/mesh/pipeline", std::to_string(spec.mesh_pipeline));
}

}  // namespace concertina
