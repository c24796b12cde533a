// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_parts.cc: what each rank holds: its layers, its buckets, and what its encoders make of them (see
// plan_impl.h).
#include <algorithm>
#include <iterator>

#include "core/base/registry.h"
#include "core/experiment/layer_chains.h"
#include "core/experiment/plan_impl.h"
#include "core/experiment/plan_stages.h"
#include "core/gradient/chain.h"
#include "core/parallel/bucket.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/pipeline_executor.h"

namespace concertina {
namespace {

// Buckets as the exchange will cut them.
std::vector<Bucket> BucketsOf(const Spec& spec, const std::vector<ParameterSlot>& layout) {
  const double bucket_mib = spec.exchange.Has("bucket_mib") ? spec.exchange.Number("bucket_mib") : 1;
  return CutIntoBuckets(layout, GradientOrder(layout), static_cast<int64_t>(bucket_mib * 1024 * 1024));
}

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
    part.chain = static_cast<int>(chain);
    part.buckets = static_cast<int64_t>(own.size());
    for (const Bucket& bucket : own) part.floats += bucket.count;
    ASSIGN_OR_RETURN(part.encoding,
                     EncodingOf(spec, ChainNumber(spec, static_cast<int>(chain)), layout, own));
  }
  return parts;
}

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

}  // namespace

absl::StatusOr<CutPlan> CutPlanOf(const Spec& spec, const Graph& part, Plan& plan) {
  CutPlan cut;
  ASSIGN_OR_RETURN(cut.sums, TensorCodecOf(spec));
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

std::vector<int> GradientOrder(const std::vector<ParameterSlot>& layout) {
  std::vector<int> order(layout.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(order.size() - 1 - i);
  return order;
}

}  // namespace concertina
