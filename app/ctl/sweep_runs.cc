// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_runs.cc: see sweep_runs.h.
#include "app/ctl/sweep_runs.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "app/ctl/accuracy_curve.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "core/experiment/sweep_points.h"
#include "fmt/format.h"

namespace concertina::ctl {

HeldInterrupts::~HeldInterrupts() {
  const timespec at_once{0, 0};
  while (sigtimedwait(&blocked_.signals(), nullptr, &at_once) > 0) {
  }
}

bool HeldInterrupts::waits() const { return blocked_.is_pending(); }

absl::Status SweepRunner::Run() {
  points_.resize(sweep_.points.size());
  if (reuse_) RETURN_IF_ERROR(FindFinished());
  std::vector<size_t> chosen(points_.size());
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = i;
  if (sweep_.search.kind != SweepSearch::Kind::kSuccessiveHalving) return RunRound(chosen, 0, /*epochs=*/0);
  if (sweep_.search.resumes) return Climb();

  const double epochs = EpochsOf(sweep_.points[0].specs[0]);
  int number = 0;
  for (const HalvingRound& round : HalvingRounds(chosen.size(), sweep_.search, epochs)) {
    // Who has no figure, since it failed, goes last.
    std::stable_sort(chosen.begin(), chosen.end(), [&](size_t a, size_t b) {
      const double x = MeanFigure(points_[a], sweep_.objective.series);
      const double y = MeanFigure(points_[b], sweep_.objective.series);
      if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
      return sweep_.objective.is_maximum ? x > y : x < y;
    });
    chosen.resize(round.points);
    Tell("round {}: {} point{} of {:.4g} epochs\n", number + 1, round.points,
               round.points == 1 ? "" : "s", round.epochs);
    RETURN_IF_ERROR(RunRound(chosen, number++, round.epochs));
    if (interrupted_) break;
  }
  return absl::OkStatus();
}

absl::Status SweepRunner::RunRound(const std::vector<size_t>& chosen, int round, double epochs) {
  const size_t all = chosen.size() * static_cast<size_t>(sweep_.repeats);
  size_t number = 0;
  for (const size_t i : chosen) {
    const SweepPoint& point = sweep_.points[i];
    PointRuns runs{.round = round};
    for (const std::string& whole : point.specs) {
      interrupted_ |= interrupts_.waits();
      if (interrupted_) break;
      std::string spec = whole;
      if (epochs > 0) {
        ASSIGN_OR_RETURN(spec, SpecOfRound(whole, epochs));
      }
      if (runs.runs.empty()) runs.spec_json = spec;
      const std::string title = fmt::format("[{}/{}] {}", ++number, all, point.label);
      const absl::Status status = RunOne(spec, title, runs.runs.emplace_back());
      if (!status.ok()) {
        runs.runs.pop_back();
        if (!runs.runs.empty()) points_[i] = std::move(runs);
        return status;
      }
    }
    if (!runs.runs.empty()) points_[i] = std::move(runs);
    if (interrupted_) break;
  }
  return absl::OkStatus();
}

absl::Status SweepRunner::RunOne(const std::string& spec, const std::string& title, SweepRun& run) {
  if (const auto found = finished_.find(spec); found != finished_.end()) {
    run.summary = found->second;
    Tell("{}: taken from run {}\n", title, run.summary.run());
  } else {
    Tell("{}\n", title);
    RETURN_IF_ERROR(Train(spec, run));
  }
  if (run.summary.state() != proto::FINISHED) {
    if (!run.summary.error().empty()) Tell("{}\n", run.summary.error());
    return absl::OkStatus();
  }
  return Measure(spec, run);
}

absl::Status SweepRunner::Measure(const std::string& spec, SweepRun& run) {
  if (run.plan_json.empty()) run.plan_json = PlanJsonOf(spec);
  ASSIGN_OR_RETURN(run.relative_error, MeanRelativeError(run.summary.run()));
  if (!sweep_.target_accuracy) return absl::OkStatus();
  for (const auto& [x, reached] :
       {std::pair("seconds", &run.seconds_to_target), {"bytes", &run.bytes_to_target}}) {
    ASSIGN_OR_RETURN(const Curve curve, AccuracyCurve(engine_, run.summary.run(), x));
    *reached = curve.Reaches(*sweep_.target_accuracy);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SweepRunner::Submit(const std::string& spec, SweepRun& run) {
  proto::SubmitRequest request;
  request.set_spec_json(spec);
  ASSIGN_OR_RETURN(const proto::SubmitReply submitted,
                   engine_.Call(&proto::Engine::Stub::Submit, request, kSpecDeadlineSeconds));
  if (submitted.faults().empty()) return submitted.run();
  run.summary.set_state(proto::FAILED);  // it was good before the sweep began: data have gone since
  run.summary.set_error(submitted.faults(0).message());
  return std::string();
}

absl::Status SweepRunner::Train(const std::string& spec, SweepRun& run) {
  ASSIGN_OR_RETURN(const std::string submitted, Submit(spec, run));
  if (submitted.empty()) return absl::OkStatus();
  absl::Status followed;
  {
    Interrupts interrupts(engine_, submitted, /*stops_run=*/true);
    // Beside a run a plan measures nothing, and is there at once.
    run.plan_json = PlanJsonOf(spec);
    ProgressBar bar;
    followed =
        Follow(engine_, submitted, /*metrics=*/false, interrupts, [&](const proto::WatchMessage& message) {
          if (message.has_summary()) bar.Update(message.summary());
        });
    interrupted_ |= interrupts.interrupted();
  }
  if (!followed.ok() && !interrupted_) return followed;
  proto::RunRequest asked;
  asked.set_run(submitted);
  ASSIGN_OR_RETURN(run.summary, engine_.Call(&proto::Engine::Stub::GetRun, asked));
  return absl::OkStatus();
}

std::string SweepRunner::PlanJsonOf(const std::string& spec) {
  proto::SpecRequest request;
  request.set_spec_json(spec);
  const auto plan = engine_.Call(&proto::Engine::Stub::MakePlan, request, kSpecDeadlineSeconds);
  return plan.ok() ? plan->json() : "";
}

absl::StatusOr<double> SweepRunner::MeanRelativeError(const std::string& run) {
  proto::GetSeriesRequest request;
  request.set_run(run);
  request.set_name("comm/relative_error");
  request.set_rank(-1);
  const auto reply = engine_.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
  if (absl::IsNotFound(reply.status())) return std::numeric_limits<double>::quiet_NaN();
  if (!reply.ok()) return reply.status();
  double sum = 0;
  int measured = 0;
  for (const double error : reply->mean()) {
    if (!std::isfinite(error)) continue;
    sum += error;
    ++measured;
  }
  return sum / measured;  // of nothing: NaN
}

absl::Status SweepRunner::FindFinished() {
  proto::ListRunsRequest request;
  if (!sweep_.search.resumes) request.set_filter("state=finished");
  ASSIGN_OR_RETURN(const proto::ListRunsReply reply,
                   engine_.Call(&proto::Engine::Stub::ListRuns, request, kSeriesDeadlineSeconds));
  for (const proto::RunSummary& run : reply.runs())
    if (run.state() == proto::FINISHED || run.state() == proto::STOPPED)
      finished_.emplace(run.spec_json(), run);
  return absl::OkStatus();
}

}  // namespace concertina::ctl
