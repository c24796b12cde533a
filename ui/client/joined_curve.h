// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_curve.h: one series of the watched run against another, of what is in memory; as the engine does it
// for runs of the past (core/engine/joined_series.h).
// On the way of the data: client/metric_model.h -> here -> ui/pages/monitor_charts.h.
#pragma once

#include "ui/client/metric_model.h"

namespace concertina::ui {

// `y` and `x` over steps. Each point of y gets x at its step or the nearest earlier one, never a later: of
// merged values of x the last whose steps were over by then. A point that is itself merged of several steps
// gets the mean, the least and the largest of x over these. Points before the first x are left out. O(n).
Curve joinedBySteps(const Curve& y, const Curve& x);

}  // namespace concertina::ui
