// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_preparation.h: what is read from disk before a run may be queued: its plan, or where it goes on from.
// On the way of the data: experiment/spec.h, experiment/plan.h, store/store.h -> here -> engine/run.h.
// Everything here may take seconds: it belongs to the work pool, not to the engine loop.
#pragma once

#include <optional>
#include <limits>
#include <string>
#include <vector>

#include "core/engine/run.h"

namespace concertina {

// Checks the spec, opens its dataset and builds its model. All faults go to `faults`: then there is no run.
absl::StatusOr<std::optional<PreparedRun>> PrepareRun(const std::string& spec_json,
                                                      const std::string& datasets_folder,
                                                      std::vector<Fault>& faults);

// What a launcher's factory said of the entry of /workers at `pointer`.
Fault LauncherFault(const absl::Status& status, const std::string& pointer);

// The newest checkpoint in `run_folder` that all `ranks` have written, of those at or before step `at_most`, as
// far as names tell; quick enough for any thread.
struct CheckpointOnDisk {
  int64_t step = 0;
  int ranks = 0;
  std::string path;
};
// Of the run's last group: workers that left it are in the summary, too.
int RanksOf(const proto::RunSummary& summary);
// That a checkpoint of it must have. Any where the group changes: each rank has all that there is, and the newest may
// be of a group before the last.
int CheckpointRanksOf(const proto::RunSummary& summary);
// The experiment for so many workers, which wrote the checkpoint that it goes on from.
absl::StatusOr<std::string> SpecForRanks(const std::string& spec_json, int ranks);
std::optional<CheckpointOnDisk> NewestCheckpoint(const std::string& run_folder, int ranks,
                                                 int64_t at_most = std::numeric_limits<int64_t>::max());

// The newest checkpoint of which every byte is right, why newer ones were passed over, and what the steps
// before it came to. kFailedPrecondition: there is none.
absl::StatusOr<ResumePoint> FindResumePoint(Store& store, const std::string& run,
                                            const std::string& run_folder, int ranks);

// What the steps before `step` came to, and the evaluations at it; without a checkpoint.
absl::StatusOr<ResumePoint> ResumePointAt(Store& store, const std::string& run, int64_t step);

}  // namespace concertina
