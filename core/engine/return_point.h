// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// return_point.h: what an engine reads of a run whose workers outlived the engine before: how far the store
// had got. On the way of the data: store/store.h -> here -> engine/run_return.cc.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/engine/kept_series.h"
#include "core/engine/run_meter.h"
#include "core/proto/run.pb.h"
#include "core/store/store.h"

namespace concertina {

struct ReturnPoint {
  proto::AtWork at_work;
  RunTotals totals;
  std::vector<KeptSeries> series;
  KeptBytesTotal bytes_total;
  std::set<std::string> marks;  // as MarkOfEvent: those that workers say again are not made twice
};

// What makes an event the same as one before; "": nothing does.
std::string MarkOfEvent(const std::string& kind, const std::string& json);

// May take seconds: for the work pool. `summary` as the store has it, with `at_work`.
absl::StatusOr<ReturnPoint> FindReturnPoint(Store& store, const proto::RunSummary& summary);

}  // namespace concertina
