// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_manifest.cc: see checkpoint_manifest.h.
#include "core/worker/checkpoint_manifest.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "core/base/file.h"
#include "core/edge/sha256.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using ManifestJson = nlohmann::json;
constexpr std::string_view kManifestName = "manifest.json";
constexpr size_t kMaxManifestBytes = size_t{1} << 22;  // of 4096 ranks and more
constexpr size_t kLeastDigits = 15;                    // of a digest
constexpr size_t kDigestDigits = 64;

// The step folders of a run, the newest first.
std::vector<std::pair<int64_t, std::string>> StepFolders(Disk& disk, const std::string& run_folder) {
  std::vector<std::pair<int64_t, std::string>> folders;
  const std::string all = run_folder + "/checkpoints";
  const absl::StatusOr<std::vector<std::string>> names = disk.List(all);
  if (!names.ok()) return folders;
  for (const std::string& name : *names) {
    int64_t step = 0;
    if (name.starts_with("step-") && absl::SimpleAtoi(name.substr(5), &step) && step >= 0)
      folders.emplace_back(step, all + "/" + name);
  }
  std::sort(folders.rbegin(), folders.rend());
  return folders;
}

bool IsThere(Disk& disk, const std::string& path) { return disk.SizeOf(path).ok(); }

// Why not, or nothing.
absl::Status CheckNames(Disk& disk, const std::string& step_folder, int ranks) {
  for (int rank = 0; rank < ranks; ++rank)
    if (!IsThere(disk, CheckpointFile(step_folder, rank)))
      return absl::NotFoundError(fmt::format("{}: the part of rank {} is missing", step_folder, rank));
  if (!IsThere(disk, CheckpointManifestFile(step_folder)) && SaysItHasManifest(disk, step_folder, 0))
    return absl::NotFoundError(
        fmt::format("{}: it was not finished, for it has no {}", step_folder, kManifestName));
  return absl::OkStatus();
}

bool IsDigest(const std::string& text) {
  return text.size() >= kLeastDigits && text.size() <= kDigestDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string CheckpointManifestFile(const std::string& step_folder) {
  return fmt::format("{}/{}", step_folder, kManifestName);
}

absl::Status WriteCheckpointManifest(Disk& disk, const std::string& step_folder,
                                     const CheckpointManifest& manifest) {
  ManifestJson json = {
      {"step", manifest.step}, {"in_step", manifest.in_step}, {"parts", ManifestJson::array()}};
  for (const CheckpointManifest::Part& part : manifest.parts)
    json["parts"].push_back({{"step", part.step}, {"bytes", part.bytes}, {"sha256", part.sha256}});
  std::string text = json.dump() + "\n";
  text += Sha256Hex(std::as_bytes(std::span(text))) + "\n";
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  return WriteFileAtomically(disk, CheckpointManifestFile(step_folder), std::span(&piece, 1));
}

absl::StatusOr<CheckpointManifest> ReadCheckpointManifest(Disk& disk, const std::string& step_folder) {
  const std::string path = CheckpointManifestFile(step_folder);
  ASSIGN_OR_RETURN(const std::string text, disk.Read(path, 0, kMaxManifestBytes));
  const auto damaged = [&](const char* what) {
    return absl::DataLossError(fmt::format("{}: {}", path, what));
  };
  const size_t end = text.find('\n');
  if (end == std::string::npos || text.size() != end + 2 + kDigestDigits) return damaged("it is not whole");
  const std::string line = text.substr(0, end + 1);
  if (text.substr(end + 1) != Sha256Hex(std::as_bytes(std::span(line))) + "\n")
    return damaged("its SHA-256 does not fit its content");
  const ManifestJson json = ManifestJson::parse(line, nullptr, false);
  const auto counted = [](const ManifestJson& object, const char* name) {
    return object.is_object() && object.contains(name) && object[name].is_number_unsigned() &&
           object[name] <= uint64_t{1} << 53;
  };
  if (!counted(json, "step") || !json.contains("in_step") || !json["in_step"].is_boolean() ||
      !json.contains("parts") || !json["parts"].is_array())
    return damaged("it is none of a checkpoint");
  CheckpointManifest manifest;
  manifest.step = json["step"].get<int64_t>();
  manifest.in_step = json["in_step"].get<bool>();
  for (const ManifestJson& each : json["parts"]) {
    if (!counted(each, "step") || !counted(each, "bytes") || !each.contains("sha256") ||
        !each["sha256"].is_string() || !IsDigest(each["sha256"].get<std::string>()))
      return damaged("a part of it cannot be read");
    manifest.parts.push_back({.step = each["step"].get<int64_t>(),
                              .bytes = each["bytes"].get<uint64_t>(),
                              .sha256 = each["sha256"].get<std::string>()});
  }
  return manifest;
}

absl::Status CheckWholeCheckpoint(Disk& disk, const std::string& step_folder, int64_t step, int ranks) {
  if (ranks < 1) return absl::NotFoundError(step_folder + ": there are no ranks");
  RETURN_IF_ERROR(CheckNames(disk, step_folder, ranks));
  absl::StatusOr<CheckpointManifest> manifest = ReadCheckpointManifest(disk, step_folder);
  const bool is_older = absl::IsNotFound(manifest.status());  // CheckNames has found that it may be
  if (!is_older) RETURN_IF_ERROR(manifest.status());
  if (!is_older && (manifest->step != step || manifest->parts.size() != static_cast<size_t>(ranks)))
    return absl::DataLossError(fmt::format("{}: its manifest is of step {} and {} ranks, expected {} and {}",
                                           step_folder, manifest->step, manifest->parts.size(), step, ranks));
  for (int rank = 0; rank < ranks; ++rank) {
    ASSIGN_OR_RETURN(const CheckpointPart part, CheckCheckpoint(disk, step_folder, rank));
    const std::string path = CheckpointFile(step_folder, rank);
    if (part.world_size != ranks)
      return absl::DataLossError(
          fmt::format("{}: it is of {} ranks, expected {}", path, part.world_size, ranks));
    const bool must_be_equal = !is_older && manifest->in_step;
    if (part.step < step || (must_be_equal && part.step != step))
      return absl::DataLossError(
          fmt::format("{}: it is of step {}, the checkpoint of {}", path, part.step, step));
    if (is_older) {
      if (part.has_manifest)  // the first one has none: they are not of one run
        return absl::NotFoundError(fmt::format("{}: it was not finished", path));
      continue;
    }
    const CheckpointManifest::Part& told = manifest->parts[static_cast<size_t>(rank)];
    if (!part.sha256.starts_with(told.sha256) || (told.bytes != 0 && told.bytes != part.bytes) ||
        (manifest->in_step && told.step != part.step))
      return absl::DataLossError(fmt::format(
          "{}: it is not the file that the manifest names; it was written at another time", path));
  }
  return absl::OkStatus();
}

namespace {

// 0: it has no manifest that could say so.
int RanksIn(Disk& disk, const std::string& step_folder, int ranks) {
  if (ranks != kAnyRanks) return ranks;
  const absl::StatusOr<CheckpointManifest> manifest = ReadCheckpointManifest(disk, step_folder);
  return manifest.ok() ? static_cast<int>(manifest->parts.size()) : 0;
}

}  // namespace

absl::StatusOr<WholeCheckpoint> NewestWholeCheckpoint(Disk& disk, const std::string& run_folder, int ranks) {
  WholeCheckpoint found;
  for (auto& [step, path] : StepFolders(disk, run_folder)) {
    found.ranks = RanksIn(disk, path, ranks);
    const absl::Status whole = CheckWholeCheckpoint(disk, path, step, found.ranks);
    if (whole.ok()) {
      found.step = step;
      found.path = path;
      return found;
    }
    found.passed_over.push_back(
        fmt::format("the checkpoint before step {} is passed over: {}", step, std::string(whole.message())));
  }
  return absl::NotFoundError(fmt::format("{}/checkpoints: there is no whole checkpoint{}{}", run_folder,
                                         found.passed_over.empty() ? "" : "; ",
                                         fmt::join(found.passed_over, "; ")));
}

absl::StatusOr<WholeCheckpoint> NewestNamedCheckpoint(Disk& disk, const std::string& run_folder, int ranks,
                                                      int64_t at_most) {
  for (auto& [step, path] : StepFolders(disk, run_folder)) {
    const int in_it = step <= at_most ? RanksIn(disk, path, ranks) : 0;
    if (in_it > 0 && CheckNames(disk, path, in_it).ok())
      return WholeCheckpoint{.step = step, .ranks = in_it, .path = path, .passed_over = {}};
  }
  return absl::NotFoundError(run_folder + "/checkpoints: there is no checkpoint of all ranks");
}

namespace {

// A part, or what a write of one has left beside it, of a rank that a group of `ranks` does not have.
bool IsOfNobody(const std::string& name, int64_t ranks) {
  constexpr std::string_view kBegin = "rank-";
  const std::string part = name.substr(0, name.find('.'));
  int64_t rank = 0;
  return part.starts_with(kBegin) && absl::SimpleAtoi(part.substr(kBegin.size()), &rank) && rank >= ranks &&
         (name == part || IsLeftBeside(name, part));
}

}  // namespace

void ForgetOldCheckpoints(Disk& disk, const std::string& run_folder, int rank, int64_t newest, int keep) {
  int finished = 0;
  // A group that was larger has left parts that nobody of this one calls its own.
  absl::StatusOr<CheckpointManifest> group = absl::NotFoundError("not rank 0");
  if (rank == 0) group = ReadCheckpointManifest(disk, CheckpointFolder(run_folder, newest));
  for (const auto& [step, path] : StepFolders(disk, run_folder)) {
    if (step > newest) continue;
    const std::string manifest = CheckpointManifestFile(path);
    const bool is_finished = IsThere(disk, manifest);
    if (finished < keep) {
      finished += is_finished ? 1 : 0;
      continue;
    }
    // Without it the others are none, whatever of them goes when. What cannot be removed now is next time.
    disk.Remove(manifest).IgnoreError();
    const std::string own = fmt::format("rank-{}", rank);
    const absl::StatusOr<std::vector<std::string>> names = disk.List(path);
    for (const std::string& name : names.value_or(std::vector<std::string>()))
      if (name == own || IsLeftBeside(name, own) || IsLeftBeside(name, std::string(kManifestName)) ||
          (group.ok() && IsOfNobody(name, static_cast<int64_t>(group->parts.size()))))
        disk.Remove(path + "/" + name).IgnoreError();
    disk.Remove(path).IgnoreError();  // succeeds for the last rank, when nothing is in it any more
  }
}

}  // namespace concertina
