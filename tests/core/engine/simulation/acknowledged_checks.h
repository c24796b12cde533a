// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// acknowledged_checks.h: what a person was told to be done with runs that do not go on (marks, the bin, being
// resumed), and whether it is still so in the next engine, whatever ended the one before.
// On the way of the data: simulation.h -> here, which looks at engine/run_table.h.
//
// What was asked and not answered may be so or not; what came after it, the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/run_table.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {

class AcknowledgedChecks {
 public:
  explicit AcknowledgedChecks(World& world) : world_(world) {}

  // Note, colour and a tag, all by `number`, which ascends: what is there tells which request it is of.
  static proto::MarkRunsRequest MarkRequest(const std::string& run, int64_t number, bool pins);
  void Marked(const std::string& run, int64_t number, bool pins);
  // Before the request.
  void AskPin(const std::string& run) { pins_.push_back(run); }
  // Once it is in the bin, or out of it, for those who look; gives the request's number, for its answer.
  int64_t AskBin(const std::string& run, bool is_binned);
  void Binned(const std::string& run, int64_t number);
  void Purged(const std::string& run) { runs_[run].is_purged = true; }
  void Resumed(const std::string& run, int64_t attempt);

  void AfterStart(RunTable& table);
  // How many answers had to hold so far.
  int64_t held() const { return held_; }

 private:
  struct Told {
    int64_t mark = 0, attempt = 0;
    int64_t bin_request = 0;  // the last
    bool is_binned = false;   // as it asked
    bool bin_is_told = false;
    bool is_purged = false;
  };
  void CheckRun(const std::string& id, const Told& told, const proto::RunSummary* run, bool is_in_bin);

  World& world_;
  std::map<std::string, Told> runs_;
  std::vector<std::string> pins_;  // asked for, since the last that was answered and that one
  bool pin_is_told_ = false;       // the first of them
  int64_t held_ = 0;
};

}  // namespace concertina::simulation
