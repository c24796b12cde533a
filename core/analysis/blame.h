// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame.h: which rank keeps the others waiting, and what it is late with.
// On the way of the data: series of each rank (time/arrival, time/compute, …) -> here -> concertinactl blame,
// ui/pages/monitor_blame.h.
//
// Where all ranks wait for the slowest, all wait times are alike: a barrier hides who was late. So the wait
// is charged by arrivals. With a_r when rank r came to the exchange of a step, l the last to come and s_r how
// long r then stood still:
//   l is charged  sum over r != l of  min(a_l - a_r, s_r)
//   a_r = out_r + update_r + between_r + data_r + compute_r        out_r: when r was done with the exchange
//                                                                  of the step before
// and the cause is the term in which l most exceeds the median of the other ranks. The bound s_r keeps honest
// the exchanges in which not all wait for all (neighbours only, every few steps only).
// What a rank does after it has come is not seen: slow encoding delays all alike (but see
// collective_blame.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// What a rank may be late with. kOther: between two steps (evaluation, a checkpoint, a machine busy
// elsewhere). kEncode: known of single collectives only (collective_blame.h), not of whole steps.
enum class LatePhase { kData, kCompute, kExchange, kDecode, kUpdate, kOther, kEncode };
inline constexpr int kLatePhases = 7;
inline constexpr std::array<const char*, kLatePhases> kLatePhaseNames = {
    "data", "compute", "exchange", "decode", "update", "other", "encode"};

// What one rank measured, a value a step from `first_step` on, seconds; NaN or too short: not measured.
struct RankTrace {
  int rank = 0;
  std::vector<double> arrival;  // on a clock that all ranks share
  std::vector<double> data, compute, decode, update;
  std::vector<double> step;  // the whole step, its wait included
};
// The series of those, in the order of RankTrace.
inline constexpr std::array<const char*, 6> kTraceSeries = {"time/arrival", "time/data",   "time/compute",
                                                            "time/decode",  "time/update", "time/step"};
std::vector<double>& TraceColumn(RankTrace& trace, size_t series);  // of kTraceSeries[series]

struct StepBlame {
  int64_t step = 0;
  int rank = 0;  // the last to come; of several at once the lowest
  LatePhase phase = LatePhase::kOther;
  double charged_seconds = 0;  // the waits of all others together
};

struct RankBlame {
  int rank = 0;
  std::array<double, kLatePhases> charged_seconds = {};
  int64_t times_last = 0;
  double total_seconds() const;
};

struct Blame {
  std::vector<StepBlame> steps;  // those at which two ranks or more were seen
  std::vector<RankBlame> ranks;  // ascending, one a trace
  double others_seconds = 0;     // all the time of those who were not last: what a charge is a share of

  enum class Verdict {
    kNobodyWaits,  // fewer than two ranks were seen together
    kEven,         // less than 1 % of the others' time
    kByTurns,      // no rank is charged much more than its share
    kStraggler,
  };
  Verdict verdict = Verdict::kNobodyWaits;
  int straggler = -1;                   // a rank, for kStraggler
  LatePhase phase = LatePhase::kOther;  // what it was late with, mostly
  double straggler_share = 0;           // of the others' time, 0 to 1
  double charged_share = 0;             // of all ranks together
};

// Pure: O(ranks log ranks) a step.
Blame BlameOf(std::span<const RankTrace> traces, int64_t first_step);

// "rank 2 kept the others waiting 38 % of the time, computing"
std::string BlameSentence(const Blame& blame);

// Why arrivals say nothing of such a run; "" if they do. `exchange`: the section of its spec. `hosts`: how
// many machines its workers are on.
std::string BlameObstacle(const Json& exchange, int workers, int hosts);

// How many of the newest steps to ask for: at most 2,000, and fewer of many ranks.
int64_t BlameSteps(int ranks);

}  // namespace concertina
