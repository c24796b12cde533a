// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_climb.cc: successive halving whose runs are stopped at a rung and resumed for the next
// (see sweep_runs.h). On the way of the data: core/analysis/successive_halving.h -> here (the engine) ->
// app/ctl/sweep_result.h.
#include <cmath>
#include <cstdio>
#include <limits>

#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "app/ctl/sweep_runs.h"
#include "core/analysis/successive_halving.h"
#include "core/experiment/sweep_points.h"
#include "fmt/format.h"

namespace concertina::ctl {

// Of the score at a rung it is the first measurement at or after its epochs that counts: a run is stopped
// only once that is there, at a step that depends on the moment, and what it measures by then must not
// decide.
absl::StatusOr<double> SweepRunner::ScoreAt(const std::string& run, double epochs) {
  proto::GetSeriesRequest request;
  request.set_run(run);
  request.set_name(std::string(SeriesOfFigure(sweep_.objective.series)));
  request.set_rank(-1);
  request.set_x("epoch");
  const auto reply = engine_.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
  if (absl::IsNotFound(reply.status())) return std::numeric_limits<double>::quiet_NaN();
  if (!reply.ok()) return reply.status();
  for (int i = 0; i < reply->x_size() && i < reply->mean_size(); ++i)
    if (reply->x(i) >= epochs * (1 - 1e-9) && std::isfinite(reply->mean(i))) return reply->mean(i);
  return std::numeric_limits<double>::quiet_NaN();
}

// NaN: it did not come so far.
absl::StatusOr<double> SweepRunner::ClimbOne(const std::string& spec, double epochs, SweepRun& run) {
  if (run.summary.run().empty()) {
    if (const auto found = finished_.find(spec); found != finished_.end()) {
      run.summary = found->second;
      Tell("  taken from run {}\n", run.summary.run());
    }
  }
  if (!run.summary.run().empty()) {
    ASSIGN_OR_RETURN(const double score, ScoreAt(run.summary.run(), epochs));
    if (std::isfinite(score) || run.summary.state() == proto::FINISHED) return score;
    proto::ControlRunRequest request;
    request.set_run(run.summary.run());
    request.set_action(proto::ControlRunRequest::RESUME);
    RETURN_IF_ERROR(engine_.Call(&proto::Engine::Stub::ControlRun, request).status());
  } else {
    ASSIGN_OR_RETURN(const std::string submitted, Submit(spec, run));
    if (submitted.empty()) return std::numeric_limits<double>::quiet_NaN();
    run.summary.set_run(submitted);
  }
  const std::string id = run.summary.run();
  double score = std::numeric_limits<double>::quiet_NaN();
  absl::Status followed;
  {
    Interrupts interrupts(engine_, id, /*stops_run=*/true);
    if (run.plan_json.empty()) run.plan_json = PlanJsonOf(spec);
    ProgressBar bar;
    followed = Follow(engine_, id, /*metrics=*/false, interrupts, [&](const proto::WatchMessage& message) {
      if (!message.has_summary()) return;
      bar.Update(message.summary());
      if (std::isfinite(score) || message.summary().state() != proto::RUNNING ||
          message.summary().epochs() < epochs)
        return;
      const absl::StatusOr<double> there = ScoreAt(id, epochs);
      score = there.ok() ? *there : score;  // else at the next summary, or at the end
      if (!std::isfinite(score)) return;
      proto::ControlRunRequest stop;
      stop.set_run(id);
      stop.set_action(proto::ControlRunRequest::STOP);
      // Refused where it is ending by itself, which is as well.
      engine_.Call(&proto::Engine::Stub::ControlRun, stop).IgnoreError();
    });
    interrupted_ |= interrupts.interrupted();
  }
  if (!followed.ok() && !interrupted_) return followed;
  proto::RunRequest asked;
  asked.set_run(id);
  ASSIGN_OR_RETURN(run.summary, engine_.Call(&proto::Engine::Stub::GetRun, asked));
  if (!run.summary.error().empty()) Tell("{}\n", run.summary.error());
  return std::isfinite(score) ? absl::StatusOr<double>(score) : ScoreAt(id, epochs);
}

absl::Status SweepRunner::Climb() {
  std::vector<HalvingRung> rungs;
  for (const HalvingRound& round :
       HalvingRounds(points_.size(), sweep_.search, EpochsOf(sweep_.points[0].specs[0])))
    rungs.push_back({round.points, round.epochs});
  std::vector<HalvingPoint> scores(points_.size());
  for (HalvingMove move = NextMove(rungs, scores, sweep_.objective.is_maximum);
       !move.is_over && !interrupted_; move = NextMove(rungs, scores, sweep_.objective.is_maximum)) {
    Tell("round {}: {} point{} to {:.4g} epochs\n", move.rung + 1, move.climbing.size(),
               move.climbing.size() == 1 ? "" : "s", rungs[move.rung].epochs);
    for (size_t number = 0; number < move.climbing.size() && !interrupted_; ++number) {
      const size_t i = move.climbing[number];
      PointRuns& point = points_[i];
      point.round = static_cast<int>(move.rung);
      point.spec_json = sweep_.points[i].specs[0];
      point.runs.resize(sweep_.points[i].specs.size());
      Tell("[{}/{}] {}\n", number + 1, move.climbing.size(), sweep_.points[i].label);
      double sum = 0;
      for (size_t repeat = 0; repeat < point.runs.size() && !interrupted_; ++repeat) {
        interrupted_ |= interrupts_.waits();
        if (interrupted_) break;
        SweepRun& run = point.runs[repeat];
        ASSIGN_OR_RETURN(const double score,
                         ClimbOne(sweep_.points[i].specs[repeat], rungs[move.rung].epochs, run));
        run.is_held = std::isfinite(score) && run.summary.state() == proto::STOPPED;
        sum += score;
      }
      if (interrupted_) break;
      scores[i].scores.resize(move.rung + 1, std::numeric_limits<double>::quiet_NaN());
      scores[i].scores[move.rung] = sum / static_cast<double>(point.runs.size());
      scores[i].has_failed = !std::isfinite(sum);
    }
  }
  for (size_t i = 0; i < points_.size(); ++i) {
    // Not begun, for Control-C came before.
    std::erase_if(points_[i].runs, [](const SweepRun& run) {
      return run.summary.run().empty() && run.summary.state() != proto::FAILED;
    });
    for (SweepRun& run : points_[i].runs)
      if (run.is_held || run.summary.state() == proto::FINISHED)
        RETURN_IF_ERROR(Measure(points_[i].spec_json, run));
  }
  return absl::OkStatus();
}

}  // namespace concertina::ctl
