// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_runs.h: the runs of a sweep, one after another, and Control-C in the midst of them.
// On the way of the data: core/experiment/sweep.h -> here (the engine) -> app/ctl/sweep_result.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/ctl/connection.h"
#include "app/ctl/follow.h"
#include "app/ctl/sweep_result.h"
#include "core/experiment/sweep.h"

namespace concertina::ctl {

// While one lives, Control-C waits: for a run's Interrupts (follow.h), which stops that run, or between runs
// for whoever asks. Made before the connection, so that its threads have the signals blocked too.
class HeldInterrupts {
 public:
  ~HeldInterrupts();  // what still waits is dropped: it was meant for the sweep
  bool waits() const;

 private:
  const BlockedInterrupts blocked_;
};

class SweepRunner {
 public:
  // `reuse`: a finished run of the same spec counts instead of a new one. Same spec, same seed, same bits.
  SweepRunner(Connection& engine, const Sweep& sweep, const HeldInterrupts& interrupts, bool reuse)
      : engine_(engine), sweep_(sweep), interrupts_(interrupts), reuse_(reuse) {}

  // All points, or round after round of them; points() is good after an error too. A run that fails or is
  // refused is told by its state, and the others go on. Errors: those of the engine.
  absl::Status Run();
  const std::vector<PointRuns>& points() const { return points_; }
  bool interrupted() const { return interrupted_; }

 private:
  absl::Status RunRound(const std::vector<size_t>& chosen, int round, double epochs);
  absl::Status RunOne(const std::string& spec, const std::string& title, SweepRun& run);
  // The id of the new run; "": it was refused, and `run` says why.
  absl::StatusOr<std::string> Submit(const std::string& spec, SweepRun& run);
  absl::Status Train(const std::string& spec, SweepRun& run);
  absl::Status Measure(const std::string& spec, SweepRun& run);  // what a summary does not say
  // Successive halving whose runs are stopped and resumed (sweep_climb.cc).
  absl::Status Climb();
  absl::StatusOr<double> ClimbOne(const std::string& spec, double epochs, SweepRun& run);
  absl::StatusOr<double> ScoreAt(const std::string& run, double epochs);
  std::string PlanJsonOf(const std::string& spec);                   // "": not known
  absl::StatusOr<double> MeanRelativeError(const std::string& run);  // NaN: it was never measured
  absl::Status FindFinished();

  Connection& engine_;
  const Sweep& sweep_;
  const HeldInterrupts& interrupts_;
  const bool reuse_;
  bool interrupted_ = false;
  std::vector<PointRuns> points_;
  std::map<std::string, proto::RunSummary> finished_;  // by spec
};

}  // namespace concertina::ctl
