// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_result.cc: see sweep_result.h.
#include "app/ctl/sweep_result.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/ctl/output.h"
#include "core/analysis/dense_partner.h"
#include "core/analysis/pareto.h"

namespace concertina::ctl {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool HasFinished(const SweepRun& run) { return run.is_held || run.summary.state() == proto::FINISHED; }

// In the order of kSweepFigures.
SweepFigures FiguresOf(const SweepRun& run) {
  const proto::RunSummary& summary = run.summary;
  return {summary.has_test() ? summary.test_accuracy() : kNan,
          summary.has_test() ? summary.test_loss() : kNan,
          summary.has_train_loss() ? summary.train_loss() : kNan,
          summary.seconds(),
          summary.samples_per_second(),
          static_cast<double>(summary.bytes_sent()),
          static_cast<double>(summary.payload_bytes_sent()),
          summary.compression_ratio(),
          run.seconds_to_target,
          run.bytes_to_target};
}

template <class Figure>
double Mean(const std::vector<SweepRun>& runs, Figure figure) {
  double sum = 0;
  int count = 0;
  for (const SweepRun& run : runs) {
    if (!HasFinished(run)) continue;
    sum += figure(run);
    ++count;
  }
  return count > 0 ? sum / count : kNan;
}

PointResult PointOf(const PointRuns& point) {
  PointResult result{.state = point.runs.empty() ? "not run" : "finished"};
  for (const SweepRun& run : point.runs) {
    if (HasFinished(run)) {
      ++result.finished;
      if (run.is_held && result.state == "finished") result.state = "held";
    } else if (result.state == "finished" || result.state == "held") {
      result.state = StateName(run.summary.state());
      result.error = run.summary.error();
    }
  }
  for (size_t i = 0; i < result.figures.size(); ++i)
    result.figures[i] = Mean(point.runs, [i](const SweepRun& run) { return FiguresOf(run)[i]; });
  result.epochs = Mean(point.runs, [](const SweepRun& run) { return run.summary.epochs(); });
  result.encode_seconds = Mean(point.runs, [](const SweepRun& run) { return run.summary.time().encode(); });
  result.decode_seconds = Mean(point.runs, [](const SweepRun& run) { return run.summary.time().decode(); });
  result.relative_error = Mean(point.runs, [](const SweepRun& run) { return run.relative_error; });
  if (result.finished > 1) {
    const double mean = FigureOf(result, "test_accuracy");
    const double variance = Mean(point.runs, [mean](const SweepRun& run) {
      return std::pow(FiguresOf(run)[FigureIndex("test_accuracy")] - mean, 2);
    });
    result.accuracy_deviation = std::sqrt(variance * result.finished / (result.finished - 1));
  }
  return result;
}

std::optional<StepOnLinks> MeasuredOf(const PointRuns& point, const PointResult& result) {
  const double sent = Mean(point.runs, [](const SweepRun& run) {
    const proto::RunSummary& summary = run.summary;
    return static_cast<double>(summary.payload_bytes_sent()) /
           static_cast<double>(std::max<int64_t>(1, summary.steps()));
  });
  return StepOf(point.runs.at(0).plan_json, sent,
                Mean(point.runs, [](const SweepRun& run) { return run.summary.time().compute(); }),
                result.encode_seconds + result.decode_seconds);
}

void HoldAgainstPartners(const std::vector<PointRuns>& points, std::vector<PointResult>& results) {
  std::vector<std::string> specs;
  for (size_t i = 0; i < points.size(); ++i)
    specs.push_back(results[i].finished > 0 ? points[i].spec_json : "");
  const std::vector<std::optional<size_t>> partners = DensePartners(specs);
  for (size_t i = 0; i < points.size(); ++i) {
    if (!partners[i]) continue;
    const PointResult& dense = results[*partners[i]];
    results[i].has_partner = true;
    results[i].speedup = FigureOf(results[i], "samples_per_second") / FigureOf(dense, "samples_per_second");
    const auto compressed_step = MeasuredOf(points[i], results[i]);
    const auto dense_step = MeasuredOf(points[*partners[i]], dense);
    if (compressed_step && dense_step)
      results[i].break_even = FindBreakEven(dense_step->step, compressed_step->step, dense_step->latency_ms);
  }
}

}  // namespace

double FigureOf(const PointResult& point, std::string_view name) {
  return point.figures.at(FigureIndex(name));
}

double MeanFigure(const PointRuns& point, std::string_view name) {
  return Mean(point.runs, [i = FigureIndex(name)](const SweepRun& run) { return FiguresOf(run).at(i); });
}

SweepResult ResultOf(const Sweep& sweep, const std::vector<PointRuns>& points) {
  SweepResult result;
  for (const PointRuns& point : points) result.points.push_back(PointOf(point));
  HoldAgainstPartners(points, result.points);

  std::vector<double> accuracy, bytes, seconds;
  for (const PointResult& point : result.points) {
    accuracy.push_back(FigureOf(point, "test_accuracy"));
    bytes.push_back(FigureOf(point, "bytes_sent"));
    seconds.push_back(FigureOf(point, "seconds"));
  }
  result.accuracy_bytes = ParetoFront({accuracy, true}, {bytes, false});
  result.accuracy_seconds = ParetoFront({accuracy, true}, {seconds, false});

  int last_round = 0;
  for (const PointRuns& point : points) last_round = std::max(last_round, point.round);
  double best = kNan;
  for (size_t i = 0; i < points.size(); ++i) {
    const double figure = FigureOf(result.points[i], sweep.objective.series);
    if (points[i].round != last_round || std::isnan(figure)) continue;
    const bool is_better = sweep.objective.is_maximum ? figure > best : figure < best;
    if (!std::isnan(best) && !is_better) continue;
    best = figure;
    result.best = static_cast<int>(i);
  }
  return result;
}

}  // namespace concertina::ctl
