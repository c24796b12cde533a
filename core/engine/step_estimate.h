// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_estimate.h: the expected time of a step, from the plan and what was measured of this machine.
// On the way of the data: experiment/plan.h, experiment/calibration.h -> here (analysis/step_cost.h) ->
// engine/engine_service.h's MakePlan.
#pragma once

#include "core/analysis/step_cost.h"
#include "core/experiment/calibration.h"
#include "core/experiment/plan.h"

namespace concertina {

// A step as the cost model wants it. `step_seconds`: of the whole model, by one worker alone.
StepWork StepWorkOf(const Spec& spec, const Plan& plan, double step_seconds);

// The plan's JSON with step_seconds {compute, communication, codec, exposed, total, dominated_by} added, and
// where there is a codec without_codec (the total of the same step sent as it is) and pays {kind,
// bandwidth_mbit} (break_even.h: on links of which bandwidth the codec makes the step shorter); checkpoint
// of the disk as it was measured and with interval_steps; as it is where a figure is missing: nothing may be
// measured, measuring failed (which is logged), or the model is large for this machine's memory. In rounds a
// step is a round.
std::string WithStepSeconds(const Spec& spec, const Plan& plan, int cores, Calibration& calibration,
                            Calibration::Measure measure);

}  // namespace concertina
