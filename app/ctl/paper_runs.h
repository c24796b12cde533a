// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_runs.h: the runs of a paper: found, started, and asked for what its measures need.
// On the way of the data: core/analysis/paper.h -> here (the engine) -> core/analysis/paper_verdict.h.
#pragma once

#include <optional>
#include <vector>

#include "app/ctl/connection.h"
#include "core/analysis/paper_verdict.h"

namespace concertina::ctl {

// The newest run of each of the paper's that the engine has, by name and settings; nothing where there is
// none.
using PaperRunsFound = std::vector<std::optional<proto::RunSummary>>;
absl::StatusOr<PaperRunsFound> FindPaperRuns(Connection& engine, const Paper& paper, bool is_quick);

// Submits the spec, tags the run, and follows it to its end with a progress bar. `interrupted` is set by
// Control-C, which stops the run. A spec that is refused is kInvalidArgument with all faults.
absl::StatusOr<proto::RunSummary> RunPaperSpec(Connection& engine, const Paper& paper, const PaperSpec& spec,
                                               bool& interrupted);

// One a run; nothing where it has not finished.
absl::StatusOr<std::vector<std::optional<PaperEvidence>>> EvidenceOf(Connection& engine, const Paper& paper,
                                                                     const PaperRunsFound& runs);

}  // namespace concertina::ctl
