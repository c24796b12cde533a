// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison.h: what came of several runs, held against one of them: runs that repeat an experiment with
// other seeds count as one, with a mean and how sure it is. On the way of the data: summaries and accuracies
// of runs -> here, analysis/significance.h -> analysis/export_comparison.h, `concertinactl compare`,
// ui/client/run_comparison.h.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/run_colors.h"
#include "core/analysis/seed_curves.h"
#include "core/analysis/significance.h"

namespace concertina {

inline constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

enum class RunFigure {
  kFinalAccuracy,
  kBestAccuracy,
  kTestLoss,
  kTrainLoss,
  kSeconds,
  kBytesSent,
  kEpochsToTarget,
  kSecondsToTarget,
  kBytesToTarget,
  kSamplesPerSecond,
  kCompressionRatio,
};
inline constexpr int kRunFigures = 11;
struct FigureInfo {
  const char* title;  // "Final accuracy"
  const char* unit;   // "s", "B", …; "" for a number
  bool more_is_better;
};
const FigureInfo& InfoOf(RunFigure figure);

struct Accuracies {
  std::vector<double> x, y;  // ascending x; of one length
};

struct ComparedRun {
  std::string id, name;
  std::string state;      // for people
  std::string spec_json;  // as it ran, defaults filled in
  uint64_t seed = 0;
  double final_accuracy = kNoFigure, test_loss = kNoFigure, train_loss = kNoFigure;
  double seconds = kNoFigure, bytes_sent = kNoFigure, samples_per_second = kNoFigure;
  double compression_ratio = kNoFigure;  // dense / sent
  Accuracies by_epoch, by_seconds, by_bytes;
  uint32_t chosen_color = 0;  // of its marks; 0: the one that follows from its id
};
// `summary` is a proto::RunSummary. A template, for this folder does not know the contract. The accuracies
// are the caller's to add.
template <class Summary>
ComparedRun ComparedRunOf(const Summary& summary, std::string state) {
  ComparedRun run{summary.run(), summary.name(), std::move(state), summary.spec_json(), summary.seed()};
  const auto measured = [](double value) { return value > 0 ? value : kNoFigure; };
  if (summary.has_test()) {
    run.final_accuracy = summary.test_accuracy();
    run.test_loss = summary.test_loss();
  }
  if (summary.has_train_loss()) run.train_loss = summary.train_loss();
  run.seconds = measured(summary.seconds());
  run.bytes_sent = static_cast<double>(summary.bytes_sent());  // a single worker sends nothing: 0 is measured
  run.samples_per_second = measured(summary.samples_per_second());
  run.compression_ratio = measured(summary.compression_ratio());
  run.chosen_color = summary.marks().color();
  return run;
}

// NaN: not measured, or the target was never reached (analysis/rounds_to_target.h).
double FigureOf(const ComparedRun& run, RunFigure figure, double target_accuracy);

// The largest accuracy that all runs reached, of those that were evaluated at all; NaN if none was.
double CommonTarget(std::span<const ComparedRun> runs);

struct RunGroup {
  std::string label;         // no two alike
  std::vector<size_t> runs;  // ascending
  int64_t seeds = 0;         // different ones
};
// In the order of their first runs. `seeds_as_one`: runs of one ExperimentKey are a group, else each is its
// own.
std::vector<RunGroup> GroupRuns(std::span<const ComparedRun> runs, bool seeds_as_one);

// As many as groups: that of the first run of each (analysis/run_colors.h).
std::vector<RunColor> ColorsOfGroups(std::span<const ComparedRun> runs, std::span<const RunGroup> groups);

// A figure of a group, over its seeds. A seed that ran several times counts once, with the mean of its runs:
// a repeat that must come out the same tells nothing about others.
struct GroupFigure {
  Sample sample;
  int64_t missing = 0;  // seeds without the figure. Those that have it are then not a fair sample (the slow
                        // ones never reached the target), so no interval and no difference is given
  Interval interval{kNoFigure, kNoFigure};  // of the mean
};
GroupFigure FigureOfGroup(std::span<const ComparedRun> runs, const RunGroup& group, RunFigure figure,
                          double target_accuracy);

struct FigureDifference {
  double absolute = kNoFigure;              // group - baseline
  double relative = kNoFigure;              // of |baseline|: 0.05 is 5 % more
  Interval interval{kNoFigure, kNoFigure};  // of `absolute`, by Welch; unknown if either has one seed
  // The interval does not hold zero: by chance alone so rarely that it may be believed.
  bool is_significant() const { return interval.is_known() && (interval.low > 0 || interval.high < 0); }
};
FigureDifference DifferenceOf(const GroupFigure& baseline, const GroupFigure& group);

}  // namespace concertina
