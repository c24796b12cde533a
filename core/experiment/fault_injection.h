// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_injection.h: faults that an experiment asks for: real ones, on the processes and links of its run.
// Category "fault".
// On the way of the data: experiment/spec.h's faults -> here -> engine/run_faults.cc (kills, freezes),
// worker/fault_acts.h (slows, drops, cuts).
//
// A fault of the file is drawn into acts, by the run's seed, before anything starts: engine and workers each
// draw them for themselves and have the same. An act's number, its place in that list, is its name.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/rng.h"
#include "core/comm/transport.h"
#include "core/experiment/spec.h"

namespace concertina {

// One thing that happens to one rank, link or group.
struct FaultAct {
  enum class Kind { kKill, kFreeze, kSlow, kDrop, kPartition };
  static constexpr double kForEver = std::numeric_limits<double>::infinity();

  Kind kind = Kind::kKill;
  int entry = 0;           // of /faults
  int64_t at_step = 0;     // where at_seconds is below 0
  double at_seconds = -1;  // since the run's first step
  int64_t to_step = -1;    // over before this step; below 0: for_seconds counts
  double for_seconds = kForEver;
  int rank = -1;           // -1: of a drop, every rank; a partition has none
  int other = -1;          // of a drop: the link's other end; -1: all the others
  std::vector<int> group;  // of a partition: one side, in order; the other is all the others
  double slowdown = 1;     // what is computed takes so many times as long …
  double step_ms = 0;      // … and each step so much longer
  double probability = 0;  // of a drop

  // The engine's, by the process's number. The others are the workers' own.
  bool is_of_process() const { return kind == Kind::kKill || kind == Kind::kFreeze; }
  // Whether it lasts by its steps, so that a run that goes on from a checkpoint is in it again.
  bool is_by_steps() const { return (kind == Kind::kSlow || kind == Kind::kDrop) && at_seconds < 0; }
  // Whether it shapes what goes from one rank to another.
  bool IsOnLink(int from, int to) const;
};

class FaultInjection {
 public:
  virtual ~FaultInjection() = default;
  // Appends its acts on a run of so many ranks (1 or more); the same for the same draws. `entry` is filled in
  // by the caller. What Fits refuses never comes here.
  virtual void Draw(Rng& rng, int ranks, std::vector<FaultAct>& acts) const = 0;
  // Errors: kInvalidArgument, "PARAMETER: what was found and expected".
  virtual absl::Status Fits(int ranks) const = 0;
};

// Of all of the spec, in the order of the file.
std::vector<FaultAct> DrawFaults(const Spec& spec);

// "rank 2 is frozen for 10 s".
std::string FaultText(const FaultAct& act);

// What faults that go on make of a link's emulated shape: lost messages besides its own, and while a
// partition lasts (until so many nanoseconds of the steady clock) nothing.
LinkShape WithDrop(LinkShape link, double probability);
LinkShape WithCut(LinkShape link, int64_t until_nanoseconds);

// What kinds of faults share: a moment (at_step, at_seconds) and a rank, "any" of which is drawn.
std::vector<ParamSpec> MomentParams();
ParamSpec RankParam(const std::string& doc);
// Or a stretch (from_step, to_step).
std::vector<ParamSpec> StretchParams();
FaultAct AtMomentOf(const Params& params, FaultAct::Kind kind);
FaultAct OverStretchOf(const Params& params, FaultAct::Kind kind);
absl::Status FitsStretch(const Params& params);
// The rank that the parameter names, or any, drawn.
int RankOf(const Params& params, Rng& rng, int ranks);
absl::Status FitsRank(const Params& params, const std::string& name, int ranks);

}  // namespace concertina
