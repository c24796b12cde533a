// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_stages.h: what a plan says of the stages of a model that is cut. Used by plan_*.cc only.
// On the way of the data: experiment/plan.cc -> here (parallel/pipeline_schedule.h) -> experiment/plan.h.
#pragma once

#include <memory>
#include <vector>

#include "core/base/status.h"
#include "core/experiment/plan.h"
#include "core/gradient/codec.h"
#include "core/graph/graph.h"
#include "core/parallel/pipeline_schedule.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

// Of what goes from stage to stage; null for none.
absl::StatusOr<std::unique_ptr<Codec>> ActivationCodecOf(const Spec& spec);
absl::StatusOr<std::unique_ptr<Codec>> TensorCodecOf(const Spec& spec);

// Floats of a sample's activations in a piece, its input among them.
struct ActivationFloats {
  double all = 0, largest = 0, input = 0, output = 0;
};
ActivationFloats ActivationFloatsOf(const Graph& piece);

// What each stage has and sends; `pieces`: of all stages, in the model's order, `codec`: of what crosses the
// cuts, or null.
void AddStagePlans(const Spec& spec, const PipelineSchedule& schedule, const std::vector<Graph>& pieces,
                   const Codec* codec, PipelinePlan& plan);
nlohmann::ordered_json PipelineJson(const PipelinePlan& plan);

// Where a model could not be cut: which field asked for it.
Fault CutFault(const Spec& spec, const absl::Status& status);

}  // namespace concertina
