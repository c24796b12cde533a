// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_acts.h: the faults of an experiment that a rank brings on itself: it is slow, and what comes to it is
// lost or held back. On the way of the data: experiment/fault_injection.h -> here -> worker/step_loop.cc,
// comm/link_shaper.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/experiment/fault_injection.h"

namespace concertina {

// Owned by the step thread. Asked between two steps; each end of a link sees to what comes to it.
class FaultActs {
 public:
  FaultActs() = default;
  // `done`: numbers of acts of earlier attempts, which do not happen once more; those by steps do.
  FaultActs(std::vector<FaultAct> acts, int rank, std::span<const uint32_t> done);

  struct Turn {
    uint32_t act = 0;
    bool has_ended = false;  // else it begins
  };
  // What begins or ends for this rank before `step`, so many seconds after the run's first.
  std::vector<Turn> Before(int64_t step, double seconds);

  // One that came while the run goes, for this rank; it begins before its next step. What is numbered beyond
  // kMostActs is not taken.
  static constexpr uint32_t kMostActs = 20'000;
  void Add(uint32_t number, FaultAct act);
  // It is over before the next step, or never begins.
  void EndNow(uint32_t number);

  bool empty() const { return own_.empty(); }
  const FaultAct& act(uint32_t number) const { return acts_[number]; }
  // How many times as long this rank computes now, and what each step takes longer.
  double slowdown() const;
  double step_seconds() const;
  // What comes from `other` now.
  LinkShape On(LinkShape link, int other) const;

 private:
  struct Own {
    uint32_t act;
    bool goes_on = false, is_over = false;
    double until_seconds = FaultAct::kForEver;  // of the run
    int64_t until_nanoseconds = 0;              // of the host's steady clock, of a cut
  };
  bool Begins(const FaultAct& act, int64_t step, double seconds) const;

  std::vector<FaultAct> acts_;
  std::vector<Own> own_;
  int rank_ = 0;
};

}  // namespace concertina
