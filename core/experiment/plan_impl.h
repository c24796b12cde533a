// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_impl.h: what plan.cc puts a plan together from, each in a file of its name.
// On the way of the data: experiment/plan.cc -> here -> experiment/plan.h.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/comm/mesh.h"
#include "core/experiment/plan.h"
#include "core/gradient/codec.h"
#include "core/graph/graph.h"
#include "core/nn/optimizer.h"
#include "core/parallel/exchange.h"

namespace concertina {

// What one rank's encoders make of one step's gradient; its own share of the traffic follows from that.
struct Encoding {
  int64_t bytes = 0;
  Codec::Sum sum = Codec::Sum::kFloat32;
  bool combines = false;
  std::vector<SummedRound> rounds;
};

// What of a stage's gradient goes through one chain of codecs.
struct ChainPart {
  int chain = 0;  // layer_chains.h: ChainNumber
  int64_t floats = 0;
  int64_t buckets = 0;
  std::optional<Encoding> encoding;  // nothing: dense
};

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

// All pieces of the model in its order, and what each stage has of them.
struct CutPlan {
  std::vector<Graph> pieces;
  std::vector<StagePart> stages;
  std::unique_ptr<Codec> activations;  // of what crosses the cuts; null for none
  std::unique_ptr<Codec> sums;         // of what the tensor axis adds up; null for none
};

// Gradients get ready from the last parameter to the first.
std::vector<int> GradientOrder(const std::vector<ParameterSlot>& layout);

// plan_parts.cc: of the spec's optimiser, if it lets the ranks average its momentum.
std::optional<AveragedMomentum> AveragedMomentumOf(const Spec& spec);

// plan_parts.cc. `part`: of the model, that one rank of the tensor axis holds. Writes the pipeline and the
// layers' stages into `plan`. A kInvalidArgument is about the spec's cuts.
absl::StatusOr<CutPlan> CutPlanOf(const Spec& spec, const Graph& part, Plan& plan);

// plan_traffic.cc: who sends what to whom on the whole mesh, and how much that is.
void AddTraffic(const Exchange& exchange, const Spec& spec, const Mesh& mesh, const CutPlan& cut, Plan& plan);

// plan_memory.cc: parameters, gradients, the optimiser's state, activations of the batch and their gradients,
// codec buffers, and the batch itself. Without the program's own code and libraries, and the pages of the
// dataset, which all workers of a machine share.
absl::StatusOr<double> MemoryBytes(const Spec& spec, const StagePart& part, const Exchange& exchange,
                                   bool is_first);

// plan_memory.cc: what one rank of this stage writes into a checkpoint: what it keeps of the parameters, the
// optimiser's state, buffers, and residuals of codecs.
absl::StatusOr<double> CheckpointBytes(const Spec& spec, const StagePart& part, const Exchange& exchange);

// plan_warnings.cc: what is allowed, and will surprise.
void AddWarnings(const Spec& spec, const Graph& graph, Plan& plan);
void AddForgettingWarnings(const Spec& spec, const Exchange& exchange, Plan& plan);

// plan_json.cc: Plan::json, one line.
std::string PlanJson(const Spec& spec, const Mesh& mesh, const Plan& plan);

}  // namespace concertina
