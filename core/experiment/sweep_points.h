// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_points.h: the points of a sweep, each a whole spec, and the rounds of a search by halving.
// On the way of the data: experiment/sweep.h -> here -> app/ctl/sweep_command.cc.
#pragma once

#include <string>
#include <vector>

#include "core/experiment/sweep.h"

namespace concertina {

// Fills sweep.points. A grid has every combination, the last axis changing first; a random search draws
// `samples` points, axis by axis [Bergstra, Bengio. Random Search for Hyper-Parameter Optimization. JMLR
// 2012]. Drawn numbers are rounded to four significant digits, so that a label says all, and no point comes
// twice: where the axes have fewer combinations than samples, there are fewer points. The same seed draws the
// same, and the first points of more samples are those of fewer. A point that is no good spec is a fault; one
// fault that many points share is told once. After kMaxBadPoints bad ones the rest is not looked at, and
// that is told.
inline constexpr size_t kMaxBadPoints = 200;
absl::Status AddPoints(Sweep& sweep, const SpecChecker& check_spec, std::vector<Fault>& faults);

// Successive halving [Jamieson, Talwalkar. Non-stochastic Best Arm Identification and Hyperparameter
// Optimization. AISTATS 2016]: round k trains n_k points for r_k epochs, and the best of them go on.
//   n_k = max(1, floor(n keep^k)),  r_k = min(r_0 / keep^k, R)        the last is the first with n_k = 1 or
//                                                                     r_k = R, the epochs of the spec
// Unless the search resumes, every round begins anew: a learning rate that follows a schedule of the whole
// run would not fit a part.
struct HalvingRound {
  size_t points = 0;
  double epochs = 0;
};
std::vector<HalvingRound> HalvingRounds(size_t points, const SweepSearch& search, double epochs);

// /training/epochs of a whole spec.
double EpochsOf(const std::string& spec_json);
// A point's spec for one round: its epochs, and a name that tells them.
absl::StatusOr<std::string> SpecOfRound(const std::string& spec_json, double epochs);

}  // namespace concertina
