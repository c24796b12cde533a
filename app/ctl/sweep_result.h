// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_result.h: the figures of a sweep: of each point, of points against their dense partners, and which
// are the best by two figures at once.
// On the way of the data: app/ctl/sweep_runs.h -> here -> app/ctl/sweep_table.h.
#pragma once

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "core/analysis/break_even.h"
#include "core/experiment/sweep.h"
#include "core/proto/run.pb.h"

namespace concertina::ctl {

// One run of a point.
struct SweepRun {
  proto::RunSummary summary;  // without an id: it was refused, and error says why
  double seconds_to_target = std::numeric_limits<double>::quiet_NaN();
  double bytes_to_target = std::numeric_limits<double>::quiet_NaN();
  double relative_error = std::numeric_limits<double>::quiet_NaN();  // of the codec, the mean of a run
  std::string plan_json;  // for who sends what to whom; "": not known
  bool is_held = false;   // stopped by a search that others went on in; its figures are those of then
};

struct PointRuns {
  std::vector<SweepRun> runs;  // one a repeat; none: the sweep ended before
  std::string spec_json;       // of the first
  int round = 0;               // of successive halving, the last that it was in
};

using SweepFigures = std::array<double, kSweepFigures.size()>;  // in the order of kSweepFigures

struct PointResult {
  // "finished" if all repeats have, "held" if the search stopped some, else that of the first that has not;
  // "not run"
  std::string state;
  std::string error;
  int finished = 0;           // repeats, or held
  SweepFigures figures = {};  // means over those; NaN: not known
  double accuracy_deviation = std::numeric_limits<double>::quiet_NaN();  // of a sample, from two repeats on
  double epochs = 0;
  double encode_seconds = 0, decode_seconds = 0;  // a step
  double relative_error = 0;                      // ||g - decoded|| / ||g||, mean; NaN: never measured
  bool has_partner = false;                       // a dense point, finished
  BreakEven break_even;
  double speedup = std::numeric_limits<double>::quiet_NaN();  // samples a second over the partner's
};

struct SweepResult {
  std::vector<PointResult> points;
  std::vector<size_t> accuracy_bytes, accuracy_seconds;  // Pareto fronts, indices of points
  int best = -1;  // by the objective, of the last round; -1: none finished
};

double FigureOf(const PointResult& point, std::string_view name);
// The mean of a figure over a point's finished runs; NaN if none has it. What halving goes by.
double MeanFigure(const PointRuns& point, std::string_view name);
SweepResult ResultOf(const Sweep& sweep, const std::vector<PointRuns>& points);

}  // namespace concertina::ctl
