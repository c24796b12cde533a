// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// collective_blame.h: at which collective the others stood still, for whom, and for what that one was late
// with. On the way of the data: worker/arrival_series.h, as series "arrival/COLLECTIVE/FIGURE" of each rank
// -> here -> concertinactl blame, ui/pages/monitor_blame.h.
//
// blame.h judges whole steps, all of them. Here it is each collective of the steps that were recorded (one in
// /training/measure_every_steps): with a_r the arrival of rank r and s_r how long it then stood,
//   the last, l, is charged  sum over r != l of  min(a_l - a_r, s_r)
// and the cause is the term of its way in which l most exceeds the median of the others:
//   a_r = out_r + tail_r + decode_r + update_r + other_r + data_r + compute_r + queue_r + encode_r
// out_r: the end of the last collective of the step before, tail_r: what its pass computed after that (one
// term with compute); queue_r: while collectives before this one are
// not over. Out and queue are one term, "exchange". What the exchange does beside the backward pass is
// charged though overlap may hide it: blame.h says what it cost the steps.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/blame.h"

namespace concertina {

inline constexpr std::array<const char*, 5> kArrivalFigureNames = {"at", "stood", "compute", "queue",
                                                                   "encode"};
// The way to a step's first collective, of the collective "step".
inline constexpr std::array<const char*, 6> kWayFigureNames = {"filled", "data",  "update",
                                                               "decode", "other", "compute"};

struct ArrivalSeriesName {
  std::string collective;  // "" : the step's way
  size_t figure = 0;       // of kArrivalFigureNames, or kWayFigureNames
};
// Nothing if `series` is none of arrivals.
std::optional<ArrivalSeriesName> ParseArrivalSeries(std::string_view series);

struct CollectiveCharge {
  std::string name;
  int64_t times = 0;           // that two ranks or more were seen at it
  double charged_seconds = 0;  // all of it
  // Who is charged most of that, and for what, mostly.
  int rank = -1;
  LatePhase phase = LatePhase::kOther;
  double rank_seconds = 0;
};

struct CollectiveBlame {
  int64_t steps = 0;                          // that were seen
  std::vector<CollectiveCharge> collectives;  // the most charged first
  std::vector<RankBlame> ranks;               // ascending
  double charged_seconds() const;
};

// What was read of the ranks' series, as it comes.
class ArrivalTable {
 public:
  void Add(int rank, const ArrivalSeriesName& name, int64_t step, double value);
  bool empty() const { return arrivals_.empty(); }
  // Pure: O(values log values).
  CollectiveBlame Blame() const;

 private:
  using Figures = std::array<double, kWayFigureNames.size()>;
  using ByRank = std::map<int, Figures>;
  static Figures& FiguresOf(ByRank& ranks, int rank);

  std::map<int64_t, ByRank> ways_;                             // by step
  std::map<std::string, std::map<int64_t, ByRank>> arrivals_;  // by collective and step
};

// "most of it at bucket2-fc1, 4.1 ms a time, mostly for rank 2: compute"; "" if nobody waited.
std::string CollectiveSentence(const CollectiveBlame& blame);

}  // namespace concertina
