// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_file.cc: see timeline_file.h.
#include "core/engine/timeline_file.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "core/analysis/timeline.h"
#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina {
namespace {

using Recordings = std::map<int64_t, std::set<int>, std::greater<>>;  // newest first, with their ranks

// Names in a folder that are a number behind `prefix`; others are left lying.
void ForNumbers(const std::string& folder, const std::string& prefix,
                const std::function<void(int64_t number)>& found) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    int64_t number = 0;
    if (name.starts_with(prefix) && absl::SimpleAtoi(name.substr(prefix.size()), &number) && number >= 0 &&
        name == prefix + std::to_string(number))
      found(number);
  }
}

std::string FolderOf(const std::string& run_folder, int64_t recording) {
  return fmt::format("{}/{}", TimelineFolder(run_folder), recording);
}

Recordings Find(const std::string& run_folder) {
  Recordings all;
  ForNumbers(TimelineFolder(run_folder), "", [&](int64_t recording) {
    ForNumbers(FolderOf(run_folder, recording), "rank-",
               [&](int64_t rank) { all[recording].insert(static_cast<int>(rank)); });
  });
  return all;
}

}  // namespace

std::string TimelineFolder(const std::string& run_folder) { return run_folder + "/timeline"; }

absl::StatusOr<int64_t> WriteTimelineFile(const std::string& run_folder, int64_t recording, int rank,
                                          const std::string& packed) {
  ASSIGN_OR_RETURN(const RankSpans spans, UnpackSpans(packed));
  if (spans.rank != rank || spans.recording != recording)
    return absl::DataLossError(fmt::format("spans of rank {} in recording {}, expected rank {} in {}",
                                           spans.rank, spans.recording, rank, recording));
  const std::string folder = FolderOf(run_folder, recording);
  RETURN_IF_ERROR(MakeFolder(folder));
  RETURN_IF_ERROR(WriteFileAtomically(fmt::format("{}/rank-{}", folder, rank), packed));
  int kept = 0;
  for (const auto& [older, ranks] : Find(run_folder)) {
    if (++kept <= kKeptRecordings) continue;
    std::error_code error;  // what could not be removed now is removed with the next
    std::filesystem::remove_all(FolderOf(run_folder, older), error);
  }
  return static_cast<int64_t>(spans.spans.size());
}

absl::StatusOr<proto::GetTimelineReply> ReadTimeline(const std::string& run_folder,
                                                     const proto::GetTimelineRequest& request) {
  const Recordings all = Find(run_folder);
  proto::GetTimelineReply reply;
  for (const auto& [recording, ranks] : all) {
    proto::TimelineRecording& one = *reply.add_recordings();
    one.set_recording(recording);
    for (const int rank : ranks) one.add_ranks(rank);
  }
  if (request.rank() < 0) return reply;
  const auto found = request.recording() == 0 ? all.begin() : all.find(request.recording());
  if (found == all.end())
    return absl::NotFoundError(
        all.empty() ? "nothing was recorded of this run; while it goes, `concertinactl timeline RUN --record "
                      "20` records 20 steps"
                    : fmt::format("there is no recording {}; the newest is {}", request.recording(),
                                  all.begin()->first));
  if (!found->second.contains(request.rank()))
    return absl::NotFoundError(
        fmt::format("recording {}: nothing has come from rank {}", found->first, request.rank()));
  const std::string path = fmt::format("{}/rank-{}", FolderOf(run_folder, found->first), request.rank());
  ASSIGN_OR_RETURN(*reply.mutable_packed(), ReadFile(path, kMostPackedBytes));
  reply.set_recording(found->first);
  const absl::StatusOr<RankSpans> spans = UnpackSpans(reply.packed());
  if (!spans.ok()) return Annotate(spans.status(), path);
  return reply;
}

}  // namespace concertina
