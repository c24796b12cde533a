// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// control_checks.h: what must hold of the control plane after every event, whatever breaks, and at the end.
// On the way of the data: simulation.h -> here, which looks at engine/run_table.h, the store and the
// machines.
//
//   states move along the edges there are; runs start in the order they came, on cores that are there
//   nothing goes on without a process, and no process is left when a run's end is told
//   who looks on has heard the same as the table says
//   a worker that is lost is noticed within the configured seconds, and named
//   what was acknowledged (a run, a checkpoint, a row, an end) is there after the engine was killed, and
//   after a power cut all but the rows of a run that goes on (see also acknowledged_checks.h) a run that
//   nothing happened to finishes, with every row
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/core/engine/simulation/acknowledged_checks.h"
#include "tests/core/engine/simulation/crash_store.h"
#include "tests/core/engine/simulation/engine_box.h"
#include "tests/core/engine/simulation/machines.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {

class ControlChecks {
 public:
  ControlChecks(World& world, CrashStore& store, Machines& machines, EngineBox& engine, int64_t cores);
  ~ControlChecks();
  ControlChecks(const ControlChecks&) = delete;
  ControlChecks& operator=(const ControlChecks&) = delete;

  struct Seen {
    proto::RunState told = proto::RUN_STATE_UNSPECIFIED;  // to those who look on, last
    bool is_acknowledged = false, is_binned = false, is_purged = false;
    bool end_is_kept = false;   // it was told when all was on the disk
    bool leaves_queue = false;  // by request, and not yet told
    // Of this attempt.
    int attempt = 0;
    int harms = 0, harmed_seat = -1;
    bool is_meddled_with = false;
    std::string text;  // all that was told of it
    // Ever.
    bool was_harmed = false, was_meddled_with = false, saw_a_crash = false, was_taken_up = false;
    int64_t checkpoint = -1;  // the newest that was told
    double without_process_since = 0;
    struct Row {
      double time;
      int seat;
      int64_t step;
    };
    std::vector<Row> rows;
    std::shared_ptr<RunOnlooker> onlooker;
    bool onlooker_has_ended = false;
  };
  const std::map<std::string, Seen>& runs() const { return runs_; }

  void AfterEvent();
  // A command must be answered, once, within so many seconds if the engine lives.
  std::function<void(const absl::Status&)> Expect(const std::string& what, double seconds);
  void Acknowledge(const std::string& run) { runs_[run].is_acknowledged = true; }
  void LeavesQueue(const std::string& run) { runs_[run].leaves_queue = true; }
  // A person wants it otherwise.
  void Meddle(const std::string& run);
  void Bin(const std::string& run, bool is_binned) { runs_[run].is_binned = is_binned; }
  void Purge(const std::string& run) { runs_[run].is_purged = true; }
  // A worker of it was broken for good: within so many seconds it is told, by name. 0: nobody knows what
  // becomes of it.
  void Harm(const std::string& run, int seat, const std::string& what, double seconds);
  void BeforeCrash(bool cuts_power);
  void AfterStart();
  AcknowledgedChecks& kept() { return acknowledged_; }
  // Nothing is left to do.
  bool all_ended() const;
  void AtTheEnd();
  int64_t noticed() const { return noticed_; }

 private:
  class OfAll;
  class OfOne;
  void OnTold(const proto::RunSummary& summary);
  void OnState(const std::string& id, Seen& seen, proto::RunState state, const std::string& error);
  void OnStarting(const std::string& id);
  void LookAtProcesses();
  void CheckRows(const std::string& id, const Seen& seen, double until);
  proto::RunState StateOf(const std::string& id);

  World& world_;
  CrashStore& store_;
  Machines& machines_;
  EngineBox& engine_;
  const int64_t cores_;
  std::map<std::string, Seen> runs_;
  std::vector<std::string> order_;  // of those that wait
  AcknowledgedChecks acknowledged_;
  bool is_dirty_ = false, power_was_cut_ = false;
  int64_t events_ = 0, noticed_ = 0;
};

}  // namespace concertina::simulation
