// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// crash_store.h: a store in memory that knows what the disk has: what was posted is there at the next commit,
// and what was not is lost when the engine is killed; what was committed and not synced since may be lost
// when the power fails. Its disk can be full for a while, or have room for what is short only, and none for a
// truncation, which then holds up all that was posted behind it. On the way of the data: engine/run_table.h
// -> here -> the next engine's Recover.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/store/store.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {

class CrashStore final : public Store {
 public:
  struct Curve {
    std::string unit;
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
  };
  using Curves = std::map<std::pair<std::string, int>, Curve>;
  struct Contents {
    std::map<std::string, StoredRun> runs;
    std::map<std::string, StoredMarks> marks;
    std::map<std::string, std::vector<StoredEvent>> events;
    std::map<std::string, Curves> curves;
  };

  explicit CrashStore(World& world) : world_(world) {}

  // Told of every row that goes in, and of what a run forgets.
  std::function<void(const std::string& run, double value)> on_value;
  std::function<void(const std::string& run, int64_t step)> on_truncate;

  // What a new engine would find now.
  const Contents& kept() const { return kept_; }
  const Contents& seen() const { return seen_; }
  enum class Room { kEnough, kForShortWrites, kNone };
  Room room() const { return room_; }
  void SetRoom(Room room);
  // Since when every write has come through; later than now while it does not.
  double healthy_since() const { return health_.ok() && room_ != Room::kNone ? healthy_since_ : 1e300; }
  bool has_posted() const { return !posted_.empty(); }
  // How often somebody waited for the disk behind a truncation that did not fit.
  int64_t held_up() const { return held_up_; }

  // The engine is gone: of what it had posted the writer had begun with some part.
  void Crash();
  // So is the machine: of what was committed since the last Sync some part had reached the disk.
  void CutPower();
  // It ended in order: all is written out, if there is room.
  void Close();

  absl::Status Health() const override { return health_; }
  uint64_t posted() const override { return committed_ + posted_.size(); }
  bool IsCommitted(uint64_t posted) const override { return committed_ >= posted; }
  absl::Status Sync() override;
  void PutRun(StoredRun run) override;
  void PutMarks(const std::string& run, StoredMarks marks) override;
  absl::StatusOr<std::vector<StoredRun>> Runs() override;
  absl::StatusOr<StoredRun> Run(const std::string& id) override;
  absl::Status DeleteRun(const std::string& id) override;
  void AddEvent(const std::string& run, StoredEvent event) override;
  absl::StatusOr<std::vector<StoredEvent>> Events(const std::string& run) override;
  void Append(const std::string& run, const std::string& series, int rank, const std::string& unit,
              std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values) override;
  void TruncateSeries(const std::string& run, int64_t step) override;
  absl::StatusOr<std::vector<SeriesDescription>> ListSeries(const std::string& run) override;
  absl::StatusOr<std::vector<SeriesPoint>> ReadSeries(const std::string& run, const std::string& series,
                                                      int rank, int64_t from_step, int64_t to_step,
                                                      int max_points) override;
  void PutArtefact(const std::string&, const std::string&, const std::string&, uint64_t,
                   const std::string&) override {}
  absl::StatusOr<std::vector<Artefact>> Artefacts(const std::string&) override {
    return std::vector<Artefact>();
  }

 private:
  struct Write {
    std::string run;
    std::function<void(Contents&)> perform;
    bool is_truncation = false;
  };
  void Post(Write write);
  void ScheduleCommit(double seconds);
  size_t Fitting() const;  // of what was posted, from the front
  void Commit(size_t writes);
  absl::Status CommitWhatFits();  // an error: not all does
  void Reach(size_t writes);      // the disk

  World& world_;
  Contents seen_, kept_, synced_;
  std::deque<Write> posted_;
  uint64_t committed_ = 0;      // of all that were ever posted
  std::deque<Write> unsynced_;  // in kept_, and not in synced_
  Room room_ = Room::kEnough;
  bool commit_scheduled_ = false;
  absl::Status health_;
  int64_t held_up_ = 0;
  double healthy_since_ = 0;
};

}  // namespace concertina::simulation
