// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_file.h: recordings of a run, a file a rank: RUN/timeline/RECORDING/rank-R, as packed by
// analysis/timeline.h. On the way of the data: engine/run_messages.cc -> here -> engine/engine_service.cc.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/status.h"
#include "core/proto/engine.pb.h"

namespace concertina {

// Of a run; older ones go, so that its folder stays small however often somebody records.
inline constexpr int kKeptRecordings = 8;

// "RUN/timeline".
std::string TimelineFolder(const std::string& run_folder);

// Checks what the rank has sent, writes it down, and forgets recordings beyond kKeptRecordings. Gives the
// number of spans. kDataLoss: they are not what they say, or another rank's.
absl::StatusOr<int64_t> WriteTimelineFile(const std::string& run_folder, int64_t recording, int rank,
                                          const std::string& packed);

// kNotFound: nothing was recorded, or not by this number, or not of this rank; the words say which.
// kDataLoss: the file is damaged.
absl::StatusOr<proto::GetTimelineReply> ReadTimeline(const std::string& run_folder,
                                                     const proto::GetTimelineRequest& request);

}  // namespace concertina
