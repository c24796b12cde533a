// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// simulation.h: a control plane, some runs, a person and bad luck, all by one seed and in virtual time: an
// hour of them is some milliseconds. On the way of the data: simulation_test.cc -> here -> engine_box.h,
// machines.h, control_checks.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/engine/home.h"

namespace concertina::simulation {

struct Outcome {
  std::string violation;  // what did not hold; "": all did
  std::string trace;      // every event, a line each
  double seconds = 0;     // of virtual time
  // That the rare things did happen.
  int64_t runs = 0, finished = 0, engine_kills = 0, worker_harms = 0, noticed = 0, regroups = 0, resumes = 0,
          full_disks = 0, ghosts = 0, forks = 0, power_cuts = 0, marks = 0, held = 0, held_up = 0,
          returns = 0;
};

// A folder that simulations have to themselves, one after another.
class Ground {
 public:
  static absl::StatusOr<std::unique_ptr<Ground>> Open(const std::string& folder);
  Outcome Simulate(uint64_t seed);

 private:
  Ground(std::unique_ptr<Home> home, std::string table) : home_(std::move(home)), table_(std::move(table)) {}
  void Clear();

  const std::unique_ptr<Home> home_;
  const std::string table_;  // the dataset of all experiments
};

}  // namespace concertina::simulation
