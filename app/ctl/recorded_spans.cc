// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recorded_spans.cc: see recorded_spans.h.
#include "app/ctl/recorded_spans.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "app/ctl/output.h"
#include "core/base/clock.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr double kRecordSeconds = 120;  // until the steps that were asked for are made
constexpr auto kRecordPeriod = std::chrono::milliseconds(100);

absl::StatusOr<proto::GetTimelineReply> AskTimeline(Connection& engine, const std::string& run,
                                                    int64_t recording, int rank) {
  proto::GetTimelineRequest request;
  request.set_run(run);
  request.set_recording(recording);
  request.set_rank(rank);
  return engine.Call(&proto::Engine::Stub::GetTimeline, request, kSeriesDeadlineSeconds);
}

// Until an event says that the recording is stored, or the run has ended.
absl::Status AwaitRecording(Connection& engine, const std::string& run, int64_t recording) {
  for (const Deadline deadline = Deadline::After(kRecordSeconds); !deadline.Passed();
       std::this_thread::sleep_for(kRecordPeriod)) {
    proto::RunRequest request;
    request.set_run(run);
    ASSIGN_OR_RETURN(const proto::RunSummary summary, engine.Call(&proto::Engine::Stub::GetRun, request));
    ASSIGN_OR_RETURN(const proto::ListEventsReply events,
                     engine.Call(&proto::Engine::Stub::ListEvents, request));
    for (const proto::RunEvent& event : events.events()) {
      const Json json = event.kind() == "timeline" ? Json::parse(event.json(), nullptr, false) : Json();
      if (!json.is_object() || json.value("recording", int64_t{0}) != recording) continue;
      const std::string error = json.value("error", "");
      return error.empty() ? absl::OkStatus() : absl::UnavailableError(event.message());
    }
    if (Ended(summary.state())) return absl::OkStatus();  // with the ranks that have sent theirs
  }
  return absl::DeadlineExceededError(
      fmt::format("run {}: the steps were not made within {:.0f} s; once they are, `concertinactl timeline "
                  "{}` shows them",
                  run, kRecordSeconds, run));
}

}  // namespace

absl::StatusOr<int64_t> RecordSteps(Connection& engine, const std::string& run, int64_t steps) {
  proto::ControlRunRequest control;
  control.set_run(run);
  control.set_action(proto::ControlRunRequest::SPANS);
  control.set_steps(steps);
  ASSIGN_OR_RETURN(const proto::ControlRunReply asked,
                   engine.Call(&proto::Engine::Stub::ControlRun, control));
  RETURN_IF_ERROR(AwaitRecording(engine, run, asked.recording()));
  return asked.recording();
}

absl::StatusOr<std::vector<RankSpans>> FetchSpans(Connection& engine, const proto::RunSummary& run,
                                                  int64_t recording) {
  ASSIGN_OR_RETURN(const proto::GetTimelineReply list, AskTimeline(engine, run.run(), recording, -1));
  // Without a recording the engine's refusal says what to do.
  if (list.recordings().empty()) return AskTimeline(engine, run.run(), recording, 0).status();
  const auto found =
      std::find_if(list.recordings().begin(), list.recordings().end(),
                   [recording](const auto& each) { return recording == 0 || each.recording() == recording; });
  if (found == list.recordings().end()) return AskTimeline(engine, run.run(), recording, 0).status();
  std::vector<RankSpans> ranks;
  for (const int rank : found->ranks()) {
    ASSIGN_OR_RETURN(const proto::GetTimelineReply reply,
                     AskTimeline(engine, run.run(), found->recording(), rank));
    ASSIGN_OR_RETURN(RankSpans spans, UnpackSpans(reply.packed()));
    if (rank < run.workers_size()) spans.host = run.workers(rank).host();
    ranks.push_back(std::move(spans));
  }
  return ranks;
}

}  // namespace concertina::ctl
