// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// crash_store.cc: see crash_store.h.
#include "tests/core/engine/simulation/crash_store.h"

#include <algorithm>
#include <functional>

namespace concertina::simulation {
namespace {

constexpr double kCommitSeconds = 0.25, kAgainSeconds = 1;  // as the real one at most

}  // namespace

void CrashStore::SetRoom(Room room) {
  room_ = room;
  world_.Note("store: the disk {}", room == Room::kNone     ? "is full"
                                    : room == Room::kEnough ? "has room again"
                                                            : "is full, but for what is short");
}

void CrashStore::Post(Write write) {
  write.perform(seen_);
  posted_.push_back(std::move(write));
  ScheduleCommit(world_.Between(0.01, kCommitSeconds));
}

void CrashStore::ScheduleCommit(double seconds) {
  if (std::exchange(commit_scheduled_, true)) return;
  world_.After(seconds, [this] {
    commit_scheduled_ = false;
    if (!posted_.empty() && !CommitWhatFits().ok()) ScheduleCommit(kAgainSeconds);
  });
}

size_t CrashStore::Fitting() const {
  if (room_ == Room::kNone) return 0;
  if (room_ == Room::kEnough) return posted_.size();
  const auto first = std::find_if(posted_.begin(), posted_.end(), std::mem_fn(&Write::is_truncation));
  return static_cast<size_t>(first - posted_.begin());
}

void CrashStore::Commit(size_t writes) {
  for (size_t i = 0; i < writes; ++i) {
    posted_.front().perform(kept_);
    unsynced_.push_back(std::move(posted_.front()));
    posted_.pop_front();
    ++committed_;
  }
}

absl::Status CrashStore::CommitWhatFits() {
  Commit(Fitting());
  if (room_ == Room::kNone || !posted_.empty())
    return health_ = absl::ResourceExhaustedError("the disk is full");
  if (!health_.ok()) healthy_since_ = world_.now();
  return health_ = absl::OkStatus();
}

void CrashStore::Crash() {
  if (const size_t fitting = Fitting(); fitting > 0) Commit(world_.chance.Below(fitting + 1));
  if (room_ == Room::kNone || !health_.ok()) healthy_since_ = world_.now();
  posted_.clear();
  seen_ = kept_;
  health_ = absl::OkStatus();  // the next engine has not tried yet
}

void CrashStore::Reach(size_t writes) {
  for (size_t i = 0; i < writes; ++i) {
    unsynced_.front().perform(synced_);
    unsynced_.pop_front();
  }
}

void CrashStore::CutPower() {
  Crash();
  Reach(world_.chance.Below(unsynced_.size() + 1));
  unsynced_.clear();
  seen_ = kept_ = synced_;
}

void CrashStore::Close() {
  Commit(Fitting());
  Crash();
}

absl::Status CrashStore::Sync() {
  const absl::Status committed = CommitWhatFits();
  Reach(unsynced_.size());
  if (!committed.ok() && room_ == Room::kForShortWrites) ++held_up_;
  return committed;
}

void CrashStore::PutRun(StoredRun run) {
  const std::string id = run.id;
  Post({id, [run = std::move(run)](Contents& contents) { contents.runs[run.id] = run; }});
}

void CrashStore::PutMarks(const std::string& run, StoredMarks marks) {
  Post({run, [run, marks = std::move(marks)](Contents& contents) {
          if (!contents.runs.contains(run)) return;
          if (marks.is_pinned)
            for (auto& [other, of_other] : contents.marks) of_other.is_pinned = false;
          contents.marks[run] = marks;
        }});
}

absl::StatusOr<std::vector<StoredRun>> CrashStore::Runs() {
  std::vector<StoredRun> runs;
  for (const auto& [id, run] : seen_.runs) {
    runs.push_back(run);
    if (const auto marks = seen_.marks.find(id); marks != seen_.marks.end())
      runs.back().marks = marks->second;
  }
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.created_unix_ms > b.created_unix_ms; });
  return runs;
}

absl::StatusOr<StoredRun> CrashStore::Run(const std::string& id) {
  const auto found = seen_.runs.find(id);
  if (found == seen_.runs.end()) return absl::NotFoundError("no run " + id);
  return found->second;
}

// As the real one: where nothing of it is on the disk yet, nothing has to be written there.
absl::Status CrashStore::DeleteRun(const std::string& id) {
  if (room_ == Room::kNone && kept_.runs.contains(id))
    return health_ = absl::ResourceExhaustedError("the disk is full");
  std::erase_if(posted_, [&id](const Write& write) { return write.run == id; });
  const auto erase = [id](Contents& contents) {
    contents.runs.erase(id);
    contents.marks.erase(id);
    contents.events.erase(id);
    contents.curves.erase(id);
  };
  erase(seen_);
  erase(kept_);
  unsynced_.push_back({id, erase});
  return absl::OkStatus();
}

void CrashStore::AddEvent(const std::string& run, StoredEvent event) {
  Post({run, [run, event = std::move(event)](Contents& contents) {
          if (contents.runs.contains(run)) contents.events[run].push_back(event);
        }});
}

absl::StatusOr<std::vector<StoredEvent>> CrashStore::Events(const std::string& run) {
  return seen_.events[run];
}

void CrashStore::Append(const std::string& run, const std::string& series, int rank, const std::string& unit,
                        std::span<const int64_t> steps, std::span<const double> seconds,
                        std::span<const double> values) {
  if (on_value)
    for (const double value : values) on_value(run, value);
  Post({run, [this, run, key = std::pair(series, rank), unit, steps = std::vector(steps.begin(), steps.end()),
              seconds = std::vector(seconds.begin(), seconds.end()),
              values = std::vector(values.begin(), values.end())](Contents& contents) {
          if (!contents.runs.contains(run)) return;  // as a foreign key has it
          Curve& curve = contents.curves[run][key];
          curve.unit = unit;
          if (!curve.steps.empty() && !steps.empty() && steps.front() <= curve.steps.back())
            world_.Violate("run {}: {} of rank {} goes back from step {} to {}", run, key.first, key.second,
                           curve.steps.back(), steps.front());
          curve.steps.insert(curve.steps.end(), steps.begin(), steps.end());
          curve.seconds.insert(curve.seconds.end(), seconds.begin(), seconds.end());
          curve.values.insert(curve.values.end(), values.begin(), values.end());
        }});
}

void CrashStore::TruncateSeries(const std::string& run, int64_t step) {
  if (on_truncate) on_truncate(run, step);
  const auto cut = [run, step](Contents& contents) {
    for (auto& [key, curve] : contents.curves[run]) {
      const auto size = static_cast<size_t>(std::lower_bound(curve.steps.begin(), curve.steps.end(), step) -
                                            curve.steps.begin());
      curve.steps.resize(size);
      curve.seconds.resize(size);
      curve.values.resize(size);
    }
  };
  Post({.run = run, .perform = cut, .is_truncation = true});
}

absl::StatusOr<std::vector<SeriesDescription>> CrashStore::ListSeries(const std::string& run) {
  std::vector<SeriesDescription> all;
  for (const auto& [key, curve] : seen_.curves[run])
    all.push_back({.name = key.first,
                   .unit = curve.unit,
                   .rank = key.second,
                   .points = static_cast<int64_t>(curve.steps.size())});
  return all;
}

absl::StatusOr<std::vector<SeriesPoint>> CrashStore::ReadSeries(const std::string& run,
                                                                const std::string& series, int rank,
                                                                int64_t from_step, int64_t to_step, int) {
  const Curves& curves = seen_.curves[run];
  const auto found = curves.find({series, rank});
  if (found == curves.end()) return absl::NotFoundError("no series " + series);
  const Curve& curve = found->second;
  std::vector<SeriesPoint> points;
  for (size_t i = 0; i < curve.steps.size(); ++i) {
    if (curve.steps[i] < from_step || curve.steps[i] >= to_step) continue;
    const double value = curve.values[i];
    points.push_back({.step = static_cast<double>(curve.steps[i]),
                      .seconds = curve.seconds[i],
                      .mean = value,
                      .min = value,
                      .max = value});
  }
  return points;
}

}  // namespace concertina::simulation
