// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_comparison.h: runs side by side as one page that needs nothing else: no script, no other file, no
// network. On the way of the data: analysis/run_comparison.h -> here -> a file to send to a colleague.
#pragma once

#include <string>
#include <vector>

#include "core/analysis/run_comparison.h"
#include "core/analysis/seed_curves.h"

namespace concertina {

struct ReportChart {
  std::string title;            // "Test accuracy"
  std::string unit;             // "B", "s", …
  std::string x_title, x_unit;  // "step", ""
  bool from_zero = false;
  bool has_target = false;  // a chart of accuracies: the target is drawn into it
  // One a run; thin them to kChartColumns points (analysis/export_chart.h), for each is written whole.
  std::vector<CurveBand> curves;
};

struct ComparisonReport {
  std::vector<ComparedRun> runs;
  bool seeds_as_one = true;
  size_t baseline = 0;  // a run; its group is what the others are held against
  double target_accuracy = kNoFigure;
  std::vector<ReportChart> charts;
  int64_t written_unix_ms = 0;  // the date that it bears; 0: none
};

// Results and differences with their intervals, charts, who is best by two figures at once, and the settings
// that differ; light or dark as the reader's system is. All text of the runs is escaped. `report.baseline` is
// one of the runs, of which there is at least one.
std::string ComparisonHtml(const ComparisonReport& report);

// The curves of a group as one: of several runs the mean with a band from the least to the largest
// (MeanOverSeeds), of one what it is; in the order of steps all of them, with a gap (NaN) between two.
// `curves`: one a run.
CurveBand CurveOfGroup(const std::vector<CurveBand>& curves, const RunGroup& group);

// As the page and the desktop write it: "0.9012 ± 0.0021" (mean and standard deviation), "0.9012" of one
// seed, "12.3 (2 of 3 seeds)" where some have no such figure, "–" where none has.
std::string FigureText(const GroupFigure& figure, const FigureInfo& info);
// "+0.012 (+1.3 %)"; "–" if there is none.
std::string DifferenceText(const FigureDifference& difference, const FigureInfo& info);
// "95 %: −0.003 to 0.027", or why there is none: "one seed", "not all seeds have it".
std::string IntervalText(const GroupFigure& baseline, const GroupFigure& group, const FigureInfo& info);
// A figure: accuracies and losses with four decimals, others as QuantityText.
std::string FigureValueText(double value, const FigureInfo& info);

}  // namespace concertina
