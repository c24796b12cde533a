// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_series.h: one series of a run against another: accuracy against the norm of the gradient, say.
// On the way of the data: store/store.h -> here -> engine/series_query.h.
//
// Each point gets the value that the other series had at its step or, if it has none there, the nearest
// earlier one: never a later one, and never one in between. So the points come in the order of steps, and x
// may go back. Where the store merged neighbouring steps into one point, that point has the mean, the least
// and the largest of both series over those steps; nothing is thinned by x, for neighbours in x may be far
// apart in time.
#pragma once

#include "core/base/status.h"
#include "core/proto/engine.pb.h"
#include "core/store/store.h"

namespace concertina {

// `request.run` is a full id, `request.x_series` a series of it: of the same rank, or else of the whole run.
// Points before the first value of x_series, and those where it is no number, are left out. Time and memory
// grow with max_points, not with the length of the series; with max_points 0 (every point) with that of the
// series that is asked for.
// kInvalidArgument: a range, or another x besides; kNotFound: no such series (the nearest is named). Waits
// for the store: not on the engine loop.
absl::StatusOr<proto::GetSeriesReply> QueryJoinedSeries(Store& store, const proto::GetSeriesRequest& request);

}  // namespace concertina
