// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recorded_spans.h: recordings of what ranks do: asked for, and fetched.
#pragma once

#include <string>
#include <vector>

#include "app/ctl/connection.h"
#include "core/analysis/timeline.h"

namespace concertina::ctl {

// Every rank writes down what it does for so many steps; returns once that is stored. Gives its number.
absl::StatusOr<int64_t> RecordSteps(Connection& engine, const std::string& run, int64_t steps);
// All ranks of a recording; 0: of the newest.
absl::StatusOr<std::vector<RankSpans>> FetchSpans(Connection& engine, const proto::RunSummary& run,
                                                  int64_t recording);

}  // namespace concertina::ctl
