// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_query.h: one curve of a run against step, epoch, seconds or bytes, or another series.
// On the way of the data: store/store.h -> here -> GetSeries, and so every chart and `concertinactl series`.
//
// The store knows steps and seconds. Epochs are steps over steps_per_epoch; bytes come from the run's own
// "comm/bytes_total", which has a point a step. A range of x is first made one of steps: the store then reads
// a bounded number of rows, however long the run. Another series is engine/joined_series.h.
#pragma once

#include "core/base/status.h"
#include "core/proto/engine.pb.h"
#include "core/store/store.h"

namespace concertina {

// `request.run` is a full id. kInvalidArgument: an unknown x, or "epoch" where steps_per_epoch is not known;
// kNotFound: no such series (the nearest is named). Waits for the store: not on the engine loop.
absl::StatusOr<proto::GetSeriesReply> QuerySeries(Store& store, const proto::GetSeriesRequest& request,
                                                  double steps_per_epoch);

// Takes a point's values into a reply, behind its x.
void AddValues(const SeriesPoint& point, bool with_counts, proto::GetSeriesReply& reply);

}  // namespace concertina
