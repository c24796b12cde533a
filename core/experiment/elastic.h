// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elastic.h: what becomes of an experiment when one of its workers is lost, and the same experiment for
// another number of workers. On the way of the data: experiment/spec.h -> here -> experiment/plan.h,
// engine/run_group.cc, worker/step_loop.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/experiment/spec.h"

namespace concertina {

enum class Recovery {
  kResumes,   // the run ends, and can go on from its last checkpoint: what the lost one had is nowhere else
  kGoesOn,    // its exchange goes on without some (parallel/exchange.h, survives_loss_of)
  kRegroups,  // the group forms anew from memory: each worker has all that there is between steps
  kCould      // as the last, were it elastic; as it is it resumes
};
Recovery RecoveryOf(const Spec& spec);
// "resumes", "goes-on" or "regroups", as in plan --json.
std::string RecoveryName(Recovery recovery);
// A sentence for people, of this experiment.
std::string RecoveryText(const Spec& spec);

// The entry of /workers that each rank is of, as JSON.
std::vector<std::string> EntriesByRank(const Spec& spec);
// The experiment as it is for a group whose ranks are of these entries (their counts do not matter): its
// mesh, its workers, and for how many the learning rate was meant. An entry that nobody is left of is not in
// it, so that what points at those behind it (a knob) may not fit any more: then, and where fewer or more
// than /elastic allows are named, kFailedPrecondition with the first fault.
absl::StatusOr<Spec> SpecForGroup(const Spec& spec, const std::vector<std::string>& entries);

// What the learning rate of this group is multiplied with.
double LearningRateScale(const Spec& spec);

}  // namespace concertina
