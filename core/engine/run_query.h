// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_query.h: which runs, in which order: names by their beginnings, filters, sorting, grouping.
// On the way of the data: engine/run_table.h's summaries -> here -> ListRuns.
//
// A field is a field of RunSummary ("test_accuracy", "state", "time.compute"; "created", "started" and
// "ended" are the times in ms), or a JSON pointer into the spec ("/model/kind"), or one of what people say:
// "tag" (a test holds if it holds for one of the run's tags, != if none is it), "note", "color", "pinned"; or
// "day", of creation, here ("2026-11-27"); or, in a filter, "group": what the request groups by. What was not
// measured has no value: no comparison holds for it but !=, and it comes last in either order.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/proto/engine.pb.h"

namespace concertina {

// The id that `text` means: itself, the only id that begins with it, or, for "last", that of the run created
// last. kNotFound; kInvalidArgument if several begin so (they are listed). `ids` ascend by creation.
absl::StatusOr<std::string> ResolveRun(const std::string& text, const std::vector<std::string>& ids);

// "finished" for FINISHED; as in the command-line contract.
std::string RunStateName(proto::RunState state);
proto::RunState RunStateOf(const std::string& name);  // RUN_STATE_UNSPECIFIED if it is none

bool HasEnded(proto::RunState state);  // finished, failed or stopped

// `runs` come in any order. The filter is words, each of which must be found in name, id, tags or note (in any
// case), and tests FIELD OP VALUE without spaces, OP one of = != >= <= > < ~ (contains); "…" keeps spaces together.
// The limit is taken after sorting, before grouping; groups come in the order of their first run.
// kInvalidArgument names a field that is none, and the nearest.
absl::StatusOr<std::vector<const proto::RunSummary*>> QueryRuns(std::vector<const proto::RunSummary*> runs,
                                                                const proto::ListRunsRequest& request);

// What each run has of what runs are grouped by, as text; "": none of it. Errors as QueryRuns.
absl::StatusOr<std::vector<std::string>> RunGroupNames(const std::vector<const proto::RunSummary*>& runs,
                                                       const std::string& by);

}  // namespace concertina
