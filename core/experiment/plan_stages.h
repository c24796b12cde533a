// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_stages.h: what a plan says of the stages of a model that is cut. Used by plan.cc only.
// On the way of the data: experiment/plan.cc -> here (parallel/pipeline_schedule.h) -> experiment/plan.h.
#pragma once

#include <memory>

#include "core/base/status.h"
#include "core/experiment/spec.h"
#include "core/gradient/codec.h"

namespace concertina {

// Of what goes from stage to stage; null for none.
absl::StatusOr<std::unique_ptr<Codec>> ActivationCodecOf(const Spec& spec);

// Where a model could not be cut: which field asked for it.
Fault CutFault(const Spec& spec, const absl::Status& status);

}  // namespace concertina
