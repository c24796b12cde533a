// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fork.h: a run that goes on from a checkpoint of another, with something changed: the same parameters,
// optimiser and order of samples up to there, and one difference from there on.
// On the way of the data: engine/run_table.cc -> here -> engine/run_preparation.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/run.h"
#include "core/proto/engine.pb.h"

namespace concertina {

struct ForkPlace {
  std::string datasets_folder;
  std::string parent_folder;  // of the run that is forked
  std::string child_folder;   // of the new one; made here
  std::string child;          // its id
  int64_t created_unix_ms = 0;
};
struct ForkedRun {
  proto::RunSummary summary;
  PreparedRun prepared;
  ResumePoint resume;
};

// Lays the parent's checkpoint and its series up to there under the child's id, and prepares the child, which
// the store knows as queued from then on: should the engine end now, the next one starts it. Faults
// of the changed spec go to `faults`; then, and with `request.validate_only`, there is no run and nothing of
// it is left. What the ranks have in memory must stay what it was: world size, mesh, model and seed. Codecs
// and optimisers of another kind begin anew. On any thread; reads and writes files. Errors:
// kFailedPrecondition: there is no checkpoint at or before the step, or the run ends there.
absl::StatusOr<std::optional<ForkedRun>> PrepareFork(Store& store, const proto::RunSummary& parent,
                                                     const proto::ForkRequest& request,
                                                     const ForkPlace& place, std::vector<Fault>& faults);

}  // namespace concertina
