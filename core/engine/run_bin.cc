// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_bin.cc: marks of runs, and the bin, where what was deleted waits whole (see run_table.h).
// On the way of the data: engine/engine_service.h -> here -> store/store.h.
#include <algorithm>
#include <filesystem>

#include "core/base/log.h"
#include "core/engine/run_marks.h"
#include "core/engine/run_query.h"
#include "core/engine/run_table.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kMsPerDay = 24 * 3600 * 1000;
constexpr double kExpirySeconds = 3600;

std::vector<std::string> IdsByCreation(const std::map<std::string, proto::RunSummary>& runs) {
  std::vector<std::pair<int64_t, std::string>> keyed;
  for (const auto& [id, summary] : runs) keyed.emplace_back(summary.created_unix_ms(), id);
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::string> ids;
  for (auto& [created, id] : keyed) ids.push_back(std::move(id));
  return ids;
}

}  // namespace

void RunTable::SetMarks(const std::string& id, proto::RunMarks marks) {
  store_.PutMarks(id, ToStored(marks));
  ShowMarks(id, std::move(marks));
}

void RunTable::ShowMarks(const std::string& id, proto::RunMarks marks) {
  if (Run* run = Live(id)) return run->SetMarks(std::move(marks));
  if (const auto binned = bin_.find(id); binned != bin_.end()) {
    *binned->second.mutable_marks() = std::move(marks);
    return;
  }
  proto::RunSummary& summary = ended_.at(id);
  *summary.mutable_marks() = std::move(marks);
  watchers_.PublishSummary(summary);
}

void RunTable::Mark(const proto::MarkRunsRequest& request, Done done) {
  const absl::Status changed = ChangeMarksOf(request);
  if (!changed.ok()) return done(changed);
  AnswerOnceOnDisk(std::move(done));
}

absl::Status RunTable::ChangeMarksOf(const proto::MarkRunsRequest& request) {
  if (request.runs().empty())
    return absl::InvalidArgumentError("a run is needed: its id, the beginning of it, or \"last\"");
  if (request.pinned() && request.runs_size() > 1)
    return absl::InvalidArgumentError(fmt::format(
        "{} runs cannot be pinned: the baseline is one, or the mean over seeds of one", request.runs_size()));
  std::string name;
  if (request.has_name()) {
    if (request.runs_size() > 1)
      return absl::InvalidArgumentError(
          fmt::format("{} runs cannot have one name: rename one at a time", request.runs_size()));
    ASSIGN_OR_RETURN(name, CheckRunName(request.name()));
  }
  std::map<std::string, proto::RunMarks> next;
  for (const std::string& text : request.runs()) {
    ASSIGN_OR_RETURN(const std::string id, Resolve(text));
    // What is put back, if the disk does not take it, has the name of before.
    if (request.has_name() && busy_.contains(id))
      return absl::FailedPreconditionError(
          fmt::format("run {} is being resumed or deleted; rename it in a moment", id));
    ASSIGN_OR_RETURN(next[id], ChangeMarks(Find(id)->marks(), request));
  }
  if (request.pinned()) {
    // Shown only: the store unpins with the write that pins, so that no power cut falls between the two.
    const auto unpin = [&](const std::string& id, const proto::RunSummary& summary) {
      if (!summary.marks().pinned() || next.contains(id)) return;
      proto::RunMarks marks = summary.marks();
      marks.set_pinned(false);
      ShowMarks(id, std::move(marks));
    };
    for (const proto::RunSummary* run : All()) unpin(run->run(), *run);
    for (const auto& [id, summary] : bin_) unpin(id, summary);
  }
  for (auto& [id, marks] : next) {
    SetMarks(id, std::move(marks));
    if (request.has_name()) Rename(id, name);
  }
  return absl::OkStatus();
}

void RunTable::Rename(const std::string& id, const std::string& name) {
  if (Run* run = Live(id)) return run->SetName(name);
  proto::RunSummary summary = ended_.at(id);
  summary.set_name(name);
  PutEnded(summary);
  watchers_.PublishSummary(summary);
}

void RunTable::Delete(const std::string& id, Done done) {
  const absl::Status moved = MoveToBin(id);
  if (!moved.ok()) return done(moved);
  AnswerOnceOnDisk(std::move(done));
}

absl::Status RunTable::MoveToBin(const std::string& id) {
  Run* run = Live(id);
  if (run != nullptr && run->active())
    return absl::FailedPreconditionError(
        fmt::format("run {} is {}; stop it before it is deleted", id, RunStateName(run->state())));
  if (busy_.contains(id)) return absl::FailedPreconditionError(fmt::format("run {} is being resumed", id));
  if (run != nullptr) {  // it only waits
    queue_.Remove(id);
    proto::RunSummary summary = run->summary();
    summary.set_state(proto::STOPPED);  // brought back, it does not start by itself
    summary.set_queue_position(0);
    summary.set_ended_unix_ms(loop_.wall_unix_ms());
    live_.erase(id);
    PutEnded(summary);
    StartWhatFits();
  }
  proto::RunMarks marks = ended_.at(id).marks();
  marks.set_deleted_unix_ms(loop_.wall_unix_ms());
  bin_.insert(ended_.extract(id));
  SetMarks(id, std::move(marks));
  proto::RunSummary gone;
  gone.set_run(id);
  watchers_.PublishSummary(gone);
  watchers_.End(id);
  return absl::OkStatus();
}

absl::StatusOr<std::string> RunTable::ResolveInBin(const std::string& text) const {
  absl::StatusOr<std::string> id = ResolveRun(text, IdsByCreation(bin_));
  if (absl::IsNotFound(id.status()))
    return absl::NotFoundError(fmt::format("in the bin, {}", std::string(id.status().message())));
  return id;
}

void RunTable::Restore(const std::string& id, Done done) {
  if (busy_.contains(id))
    return done(absl::FailedPreconditionError(fmt::format("run {} is being deleted for good", id)));
  proto::RunMarks marks = bin_.at(id).marks();
  marks.set_deleted_unix_ms(0);
  ended_.insert(bin_.extract(id));
  SetMarks(id, std::move(marks));
  AnswerOnceOnDisk(std::move(done));
}

std::vector<const proto::RunSummary*> RunTable::InBin() const {
  std::vector<const proto::RunSummary*> all;
  for (const auto& [id, summary] : bin_) all.push_back(&summary);
  return all;
}

void RunTable::EmptyBin(std::vector<std::string> ids, OnEmptied done) {
  if (ids.empty()) ids = IdsByCreation(bin_);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());  // one may have been named twice
  std::erase_if(ids, [this](const std::string& id) { return busy_.contains(id); });
  if (ids.empty()) return done(0);
  busy_.insert(ids.begin(), ids.end());
  std::vector<std::string> folders;
  for (const std::string& id : ids) folders.push_back(home_.run(id));
  const absl::Status posted = pool_.Post([self = self_, &loop = loop_, &store = store_, ids, folders, done] {
    auto results = std::make_shared<std::vector<absl::Status>>();
    for (const std::string& id : ids) results->push_back(store.DeleteRun(id));
    // Before their files go: a run that a power cut brings back must be whole. A full disk has what came
    // through, and needs the room.
    absl::Status synced = store.Sync();
    const bool are_gone = synced.ok() || absl::IsResourceExhausted(synced);
    for (size_t i = 0; i < ids.size(); ++i) {
      std::error_code error;
      if ((*results)[i].ok() && are_gone) std::filesystem::remove_all(folders[i], error);
      if (error)
        spdlog::warn("run {} is deleted, but not its folder {}: {}", ids[i], folders[i], error.message());
    }
    // A disk that was full has room now, perhaps.
    if (!synced.ok()) synced = store.Sync();
    loop.Post([self, ids, results, synced, done] {
      absl::Status first = synced;
      int64_t gone = 0;
      for (size_t i = 0; i < ids.size(); ++i) {
        const absl::Status& status = (*results)[i];
        if (!status.ok() && first.ok()) first = status;
        gone += status.ok() ? 1 : 0;
        if (*self == nullptr) continue;
        (*self)->busy_.erase(ids[i]);
        if (status.ok()) (*self)->bin_.erase(ids[i]);
      }
      if (!first.ok()) return done(first);
      done(gone);
    });
  });
  if (posted.ok()) return;
  for (const std::string& id : ids) busy_.erase(id);
  done(posted);
}

void RunTable::ExpireBin() {
  std::vector<std::string> expired;
  for (const auto& [id, summary] : bin_)
    if (summary.marks().deleted_unix_ms() + kBinDays * kMsPerDay < loop_.wall_unix_ms())
      expired.push_back(id);
  if (!expired.empty())
    EmptyBin(expired, [](const absl::StatusOr<int64_t>& gone) {
      if (gone.ok())
        spdlog::info("{} runs were deleted {} days ago, and are gone now", *gone, kBinDays);
      else
        spdlog::warn("the bin: {}", std::string(gone.status().message()));
    });
  loop_.After(kExpirySeconds, [self = self_] {
    if (*self != nullptr) (*self)->ExpireBin();
  });
}

absl::Status RunTable::Reserve(const std::string& id) {
  if (Find(id) != nullptr) return absl::AlreadyExistsError(fmt::format("run {} is here already", id));
  if (bin_.contains(id))
    return absl::AlreadyExistsError(
        fmt::format("run {} is in the bin; bring it back, or delete it for good first", id));
  if (!busy_.insert(id).second)
    return absl::AlreadyExistsError(fmt::format("run {} is being taken in already", id));
  return absl::OkStatus();
}

void RunTable::Adopt(proto::RunSummary summary, Done done) {
  const std::string id = summary.run();
  busy_.erase(id);
  proto::RunMarks marks = summary.marks();
  marks.set_pinned(false);  // the baseline of another home is none here
  marks.set_deleted_unix_ms(0);
  PutEnded(summary);
  SetMarks(id, std::move(marks));
  AnswerOnceOnDisk(std::move(done));
}

}  // namespace concertina
