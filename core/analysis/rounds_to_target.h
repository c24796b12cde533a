// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rounds_to_target.h: how long a run took to an accuracy, as papers on federated learning count it.
// On the way of the data: a series of test accuracies -> here -> `concertinactl compare`,
// tests/golden/fedavg.
#pragma once

#include <span>

namespace concertina {

// The x (rounds, seconds, bytes) at which the curve reaches `target`: each accuracy is first replaced by the
// best so far, which makes the curve monotone, and between the two points around the target a straight line
// is drawn [McMahan et al. AISTATS 2017, section 3]. A first point that is above it already has nothing to
// draw from and counts as it is. NaN if the target is never reached; accuracies that are NaN are passed over.
// `x` ascends and is as long as `accuracy`.
double RoundsToTarget(std::span<const double> x, std::span<const double> accuracy, double target);

}  // namespace concertina
