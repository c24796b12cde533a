// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_traffic.cc: the patterns of all axes on the whole mesh (see plan_impl.h).
#include <algorithm>
#include <utility>

#include "core/experiment/plan_impl.h"
#include "core/parallel/pipeline_executor.h"
#include "core/parallel/tensor_group.h"

namespace concertina {
namespace {

// What happens on one axis happens on all of its like, of one stage or (-1) of all: adds the flows of
// `pattern`, of ranks of the axis, for each of them. Ranks beyond the data axis are the servers of a part of
// the model, which stand where more copies of it would.
void AddOnMesh(const Pattern& pattern, const Mesh& mesh, MeshAxis axis, int stage, Pattern& whole) {
  for (int rank = 0; rank < mesh.size(); ++rank) {
    auto coordinates = mesh.CoordinatesOf(rank);
    if (coordinates[static_cast<size_t>(axis)] != 0 || (stage >= 0 && coordinates[1] != stage)) continue;
    const auto place = [&](int of_axis) {
      coordinates[static_cast<size_t>(axis)] = of_axis;
      return mesh.RankAt(coordinates);
    };
    for (const Flow& flow : pattern.flows)
      whole.flows.push_back({place(flow.from), place(flow.to), flow.bytes, flow.messages});
  }
}

// Who sends what to whom on the data axis of one stage. Adds to `coded` what its codecs have to do.
Pattern DataPattern(const Exchange& exchange, const Spec& spec, const StagePart& part, bool is_encoded,
                    std::vector<CodedPart>& coded) {
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
    if (chain.encoding) coded.push_back({chain.chain, chain.floats, own.encodes, own.decodes});
    pattern.flows.insert(pattern.flows.end(), own.flows.begin(), own.flows.end());
    pattern.rounds += own.rounds;
    pattern.beside = own.beside;
  }
  return pattern;
}

// The ranks of each copy of a divided model tell one another when their servers let them go on.
void AddTurns(const Mesh& mesh, Pattern& whole) {
  const int of_copy = mesh.length(MeshAxis::kPipeline) * mesh.length(MeshAxis::kTensor);
  for (int rank = 0; rank < mesh.size(); ++rank)
    for (int i = 1; i < of_copy; ++i)
      whole.flows.push_back(
          {rank, rank - rank % of_copy + (rank % of_copy + i) % of_copy, sizeof(int64_t), 1});
  if (of_copy > 1) ++whole.rounds;
}

double FloatsOf(const std::vector<CodedPart>& coded) {
  double floats = 0;
  for (const CodedPart& part : coded) floats += static_cast<double>(part.floats);
  return floats;
}

// Who sends what to whom on the whole mesh, with the codec or without; and what the codecs of the stage that
// gives them most have to do.
Pattern PatternOfMesh(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const CutPlan& cut,
                      bool is_encoded, std::vector<CodedPart>& coded, TensorPlan& tensor) {
  Pattern whole;
  const int stages = mesh.length(MeshAxis::kPipeline);
  const auto micro_batches = stages == 1 ? 1 : static_cast<int>(spec.pipeline.Integer("micro_batches"));
  double rounds = 0;  // stages work side by side
  for (int s = 0; s < stages; ++s) {
    const StagePart& part = cut.stages[static_cast<size_t>(s)];
    std::vector<CodedPart> of_stage;
    const Pattern data = DataPattern(exchange, spec, part, is_encoded, of_stage);
    if (FloatsOf(of_stage) > FloatsOf(coded)) coded = std::move(of_stage);
    whole.beside = data.beside;
    AddOnMesh(data, mesh, MeshAxis::kData, s, whole);
    double stage_rounds = data.rounds, sum_bytes = 0, sum_messages = 0;
    for (size_t c = 0; c < part.pieces.size(); ++c) {
      const Pattern sums = TensorPattern(
          part.pieces[c], {.batch_size = spec.training.batch_size / micro_batches,
                           .ranks = mesh.length(MeshAxis::kTensor),
                           .follows_replicas = (is_encoded && part.is_encoded()) || !exchange.lockstep(),
                           .codec = is_encoded ? cut.sums.get() : nullptr,
                           .micro_batches = micro_batches,
                           .wants_input = s + c > 0,
                           .recomputes = stages > 1 && spec.pipeline.Boolean("recompute")});
      AddOnMesh(sums, mesh, MeshAxis::kTensor, s, whole);
      stage_rounds += sums.rounds;
      sum_bytes += sums.BusiestBytes();
      sum_messages += sums.BusiestMessages();
    }
    (is_encoded ? tensor.bytes_per_step : tensor.dense_bytes_per_step) =
        std::max(is_encoded ? tensor.bytes_per_step : tensor.dense_bytes_per_step, sum_bytes);
    if (is_encoded) tensor.messages_per_step = std::max(tensor.messages_per_step, sum_messages);
    rounds = std::max(rounds, stage_rounds);
  }
  const Pattern pipeline = PipelinePattern(cut.pieces, stages, spec.training.batch_size, micro_batches,
                                           is_encoded ? cut.activations.get() : nullptr);
  AddOnMesh(pipeline, mesh, MeshAxis::kPipeline, -1, whole);
  whole.rounds = rounds + pipeline.rounds;
  if (exchange.holds_back()) AddTurns(mesh, whole);
  return whole;
}

}  // namespace

void AddTraffic(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const CutPlan& cut,
                Plan& plan) {
  plan.dense_pattern = PatternOfMesh(exchange, spec, mesh, cut, false, plan.coded, plan.tensor);
  plan.dense_bytes_per_step = plan.dense_pattern.BusiestBytes();
  plan.pattern = PatternOfMesh(exchange, spec, mesh, cut, true, plan.coded, plan.tensor);
  plan.payload_bytes_per_step_and_rank = plan.pattern.BusiestBytes();
  plan.messages_per_step_and_rank = plan.pattern.BusiestMessages();
}

}  // namespace concertina
