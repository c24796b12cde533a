// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison.cc: see run_comparison.h.
#include "core/analysis/run_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/analysis/rounds_to_target.h"
#include "core/analysis/spec_difference.h"
#include "fmt/format.h"

namespace concertina {
namespace {

double BestAccuracy(const ComparedRun& run) {
  double best = run.final_accuracy;
  for (const Accuracies* curve : {&run.by_epoch, &run.by_seconds, &run.by_bytes})
    for (const double y : curve->y)
      if (!std::isnan(y)) best = std::isnan(best) ? y : std::max(best, y);
  return best;
}

// "learning_rate 0.1, top-k": the settings in which a group differs from the others of its name.
std::string SettingsOf(const std::vector<SpecDifference>& differences, size_t group) {
  std::string text;
  for (const SpecDifference& difference : differences) {
    if (difference.pointer == "/name" || difference.pointer == "/seed") continue;
    const Json& value = difference.values[group];
    if (value.is_null()) continue;
    const std::string setting = difference.pointer.substr(difference.pointer.rfind('/') + 1);
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", setting == "kind" ? "" : setting + " ",
                        SettingText(value));
  }
  return text;
}

}  // namespace

const FigureInfo& InfoOf(RunFigure figure) {
  static constexpr std::array<FigureInfo, kRunFigures> kInfo = {{{"Final accuracy", "", true},
                                                                 {"Best accuracy", "", true},
                                                                 {"Test loss", "", false},
                                                                 {"Train loss", "", false},
                                                                 {"Time", "s", false},
                                                                 {"Bytes sent", "B", false},
                                                                 {"Epochs to target", "", false},
                                                                 {"Time to target", "s", false},
                                                                 {"Bytes to target", "B", false},
                                                                 {"Samples/s", "", true},
                                                                 {"Compression ratio", "×", true}}};
  return kInfo[static_cast<size_t>(figure)];
}

double FigureOf(const ComparedRun& run, RunFigure figure, double target_accuracy) {
  const auto reached = [target_accuracy](const Accuracies& curve) {
    return RoundsToTarget(curve.x, curve.y, target_accuracy);
  };
  switch (figure) {
    case RunFigure::kFinalAccuracy:
      return run.final_accuracy;
    case RunFigure::kBestAccuracy:
      return BestAccuracy(run);
    case RunFigure::kTestLoss:
      return run.test_loss;
    case RunFigure::kTrainLoss:
      return run.train_loss;
    case RunFigure::kSeconds:
      return run.seconds;
    case RunFigure::kBytesSent:
      return run.bytes_sent;
    case RunFigure::kEpochsToTarget:
      return reached(run.by_epoch);
    case RunFigure::kSecondsToTarget:
      return reached(run.by_seconds);
    case RunFigure::kBytesToTarget:
      return reached(run.by_bytes);
    case RunFigure::kSamplesPerSecond:
      return run.samples_per_second;
    case RunFigure::kCompressionRatio:
      return run.compression_ratio;
  }
  return kNoFigure;
}

double CommonTarget(std::span<const ComparedRun> runs) {
  double common = kNoFigure;
  for (const ComparedRun& run : runs) {
    const double best = BestAccuracy(run);
    if (!std::isnan(best)) common = std::isnan(common) ? best : std::min(common, best);
  }
  return common;
}

std::vector<RunGroup> GroupRuns(std::span<const ComparedRun> runs, bool seeds_as_one) {
  std::vector<RunGroup> groups;
  std::map<std::string, size_t> group_of;
  for (size_t i = 0; i < runs.size(); ++i) {
    std::string key = seeds_as_one ? ExperimentKey(runs[i].spec_json) : "";
    if (key.empty()) key = fmt::format("run {}", i);
    const auto [found, is_new] = group_of.emplace(key, groups.size());
    if (is_new) groups.push_back({runs[i].name.empty() ? runs[i].id : runs[i].name, {}, 0});
    groups[found->second].runs.push_back(i);
  }
  std::vector<std::string> specs;
  std::map<std::string, int> named;
  for (RunGroup& group : groups) {
    std::set<uint64_t> seeds;
    for (const size_t i : group.runs) seeds.insert(runs[i].seed);
    group.seeds = static_cast<int64_t>(seeds.size());
    specs.push_back(runs[group.runs[0]].spec_json);
    ++named[group.label];
  }
  const std::vector<SpecDifference> differences = SpecDifferences(specs);
  std::set<std::string> taken;
  for (size_t g = 0; g < groups.size(); ++g) {
    RunGroup& group = groups[g];
    if (named[group.label] > 1) {
      if (!seeds_as_one) {
        group.label += fmt::format(" (seed {})", runs[group.runs[0]].seed);
      } else if (const std::string settings = SettingsOf(differences, g); !settings.empty()) {
        group.label += fmt::format(" ({})", settings);
      }
    }
    if (!taken.insert(group.label).second) {
      group.label += fmt::format(" ({})", runs[group.runs[0]].id);
      taken.insert(group.label);
    }
  }
  return groups;
}

std::vector<RunColor> ColorsOfGroups(std::span<const ComparedRun> runs, std::span<const RunGroup> groups) {
  std::vector<ColoredRun> first;
  for (const RunGroup& group : groups) {
    const ComparedRun& run = runs[group.runs.front()];
    first.push_back({.id = run.id, .chosen = run.chosen_color});
  }
  return ColorsOf(first);
}

GroupFigure FigureOfGroup(std::span<const ComparedRun> runs, const RunGroup& group, RunFigure figure,
                          double target_accuracy) {
  std::map<uint64_t, std::vector<double>> of_seed;
  for (const size_t i : group.runs)
    of_seed[runs[i].seed].push_back(FigureOf(runs[i], figure, target_accuracy));
  std::vector<double> values;
  for (const auto& [seed, repeats] : of_seed) values.push_back(SampleOf(repeats).mean);
  GroupFigure result;
  result.sample = SampleOf(values);
  result.missing = static_cast<int64_t>(values.size()) - result.sample.count;
  if (result.missing == 0) result.interval = MeanInterval(result.sample);
  return result;
}

FigureDifference DifferenceOf(const GroupFigure& baseline, const GroupFigure& group) {
  FigureDifference difference;
  if (baseline.missing > 0 || group.missing > 0) return difference;
  difference.absolute = group.sample.mean - baseline.sample.mean;
  if (baseline.sample.mean != 0) difference.relative = difference.absolute / std::abs(baseline.sample.mean);
  difference.interval = DifferenceInterval(baseline.sample, group.sample);
  return difference;
}

}  // namespace concertina
