// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_timeline.cc: recordings of what ranks do from when to when: asked for, received, written down (see
// run.h). On the way of the data: worker/step_loop_spans.cc -> here -> engine/timeline_file.h.
#include <algorithm>

#include "core/analysis/timeline.h"
#include "core/engine/run.h"
#include "core/engine/timeline_file.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int64_t kUsualSteps = 20, kMostSteps = 1000;
constexpr size_t kMostRecordingsAsked = 4;  // on their way at once

}  // namespace

absl::StatusOr<int64_t> Run::RecordSpans(int64_t steps) {
  const auto refuse = [&](const std::string& why) {
    return absl::FailedPreconditionError(fmt::format("run {}: {}", id(), why));
  };
  if (state() != proto::RUNNING || !peers_sent_ || stop_sent_ || ending() || all_finished_)
    return refuse("it does not train now, and there is nothing to record");
  if (const std::string obstacle = ReturnObstacle(); !obstacle.empty()) return refuse(obstacle);
  if (steps == 0) steps = kUsualSteps;
  if (steps < 1 || steps > kMostSteps)
    return absl::InvalidArgumentError(fmt::format("found {} steps, expected 1 to {}", steps, kMostSteps));
  std::erase_if(recordings_, [](const auto& each) { return each.second.is_told; });
  if (recordings_.size() >= kMostRecordingsAsked) return refuse("recordings are on their way; try again");
  const int64_t number = std::max(context_.loop.wall_unix_ms(), last_recording_ + 1);
  last_recording_ = number;
  recordings_[number] = {};
  proto::EngineMessage message;
  message.mutable_control()->set_action(proto::Control::SPANS);
  message.mutable_control()->set_at_step(MeetingStep());
  message.mutable_control()->set_steps(steps);
  message.mutable_control()->set_recording(number);
  Broadcast(message);
  return number;
}

void Run::OnSpans(int rank, const proto::SpansRecorded& spans) {
  const auto asked = recordings_.find(spans.recording());
  if (asked == recordings_.end() && is_taken_up_) return;  // an earlier engine asked for it
  if (asked == recordings_.end() || spans.packed().size() > kMostPackedBytes ||
      !asked->second.ranks.insert(rank).second)
    return Blame(rank, "broke the protocol: it sent a recording that nobody asked for", true);
  // In its group, which may have formed anew, it has another number than its seat.
  const int in_group = seats_[static_cast<size_t>(rank)].rank;
  const absl::Status posted = context_.pool.Post(
      [&loop = context_.loop, self = self_, rank, in_group, spans, folder = context_.home.run(id())] {
        const absl::StatusOr<int64_t> written =
            WriteTimelineFile(folder, spans.recording(), in_group, spans.packed());
        loop.Post([self, rank, written, number = spans.recording(), bytes = spans.packed().size()] {
          if (*self == nullptr) return;
          Run& run = **self;
          if (absl::IsDataLoss(written.status()) && !run.ending())
            return run.Blame(
                rank, fmt::format("broke the protocol: {}", std::string(written.status().message())), true);
          run.OnSpansWritten(number, rank, written, bytes);
        });
      });
  if (!posted.ok()) OnSpansWritten(spans.recording(), rank, posted, 0);
}

void Run::OnSpansWritten(int64_t number, int rank, const absl::StatusOr<int64_t>& written, size_t bytes) {
  const auto found = recordings_.find(number);
  if (found == recordings_.end() || found->second.is_told) return;
  Recording& recording = found->second;
  recording.written.insert(rank);
  recording.bytes += bytes;
  if (written.ok())
    recording.spans += *written;
  else
    recording.error = std::string(written.status().message());
  TellRecordings(/*group_is_gone=*/false);
}

void Run::TellRecordings(bool group_is_gone) {
  for (auto& [number, recording] : recordings_) {
    if (recording.is_told) continue;
    const bool is_all =
        !recording.written.empty() && std::all_of(group_.begin(), group_.end(), [&](size_t member) {
          return seats_[member].given_up || recording.written.contains(static_cast<int>(member));
        });
    if (!is_all && !group_is_gone) continue;
    if (!is_all && recording.error.empty()) recording.error = "the group changed before its last step";
    recording.is_told = true;
    const Json json = {{"recording", number},
                       {"ranks", recording.ranks.size()},
                       {"spans", recording.spans},
                       {"bytes", recording.bytes},
                       {"error", recording.error}};
    context_.store.PutArtefact(id(), "timeline", TimelineFolder(context_.home.run(id())), recording.bytes,
                               "");
    AddEvent("timeline",
             recording.error.empty()
                 ? fmt::format("A timeline was recorded: {} spans of {} rank{}.", recording.spans,
                               recording.ranks.size(), recording.ranks.size() == 1 ? "" : "s")
                 : fmt::format("A timeline could not be stored: {}", recording.error),
             json.dump());
  }
}

}  // namespace concertina
