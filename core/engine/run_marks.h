// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks.h: tags, note, colour and pin of a run: what they may be, and how a request changes them.
// On the way of the data: MarkRuns -> here -> engine/run_table.h, store/store.h.
#pragma once

#include <string>

#include "core/base/status.h"
#include "core/proto/engine.pb.h"
#include "core/store/store.h"

namespace concertina {

inline constexpr int kMostTags = 1000;  // of one run
inline constexpr size_t kMostTagBytes = 100;
inline constexpr size_t kMostNoteBytes = 64 << 10;
inline constexpr size_t kMostRunNameBytes = 300;
inline constexpr uint32_t kMostColor = 64;  // palettes are shorter, and go round

// As it is kept: without blanks around it. kInvalidArgument if it is no name.
absl::StatusOr<std::string> CheckRunName(const std::string& name);
// A tag as it is kept: without spaces at its ends. kInvalidArgument: it is empty, too long, no UTF-8, or
// holds a comma, a quotation mark or a control character, all of which separate tags somewhere.
absl::StatusOr<std::string> CheckTag(const std::string& tag);

// `marks` as the request wants them; the time of the bin stays. Removing a tag that is not there is no error:
// of many runs some have it.
absl::StatusOr<proto::RunMarks> ChangeMarks(proto::RunMarks marks, const proto::MarkRunsRequest& request);

// Marks from outside: the same rules, for all of them at once.
absl::Status CheckMarks(const proto::RunMarks& marks);

StoredMarks ToStored(const proto::RunMarks& marks);
proto::RunMarks FromStored(const StoredMarks& marks);

// The tags in one line: "ablation, lr".
std::string TagsText(const proto::RunMarks& marks);

}  // namespace concertina
