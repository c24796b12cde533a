// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// accuracy_curve.h: the test accuracies of a run, against whatever axis.
#pragma once

#include <string>
#include <vector>

#include "app/ctl/connection.h"

namespace concertina::ctl {

struct Curve {
  std::vector<double> x, accuracy;
  // The x at which `target` is reached (core/analysis/rounds_to_target.h); NaN if it never is.
  double Reaches(double target) const;
};

// Step, epoch, seconds or bytes; anything else is the name of a series.
bool IsRunAxis(const std::string& x);

// `x`: a run's axis. Empty if the run was never evaluated.
absl::StatusOr<Curve> AccuracyCurve(Connection& engine, const std::string& run, const std::string& x);

}  // namespace concertina::ctl
