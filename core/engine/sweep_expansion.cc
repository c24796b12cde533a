// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_expansion.cc: see sweep_expansion.h.
#include "core/engine/sweep_expansion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/run_preparation.h"
#include "core/experiment/sweep.h"
#include "core/experiment/sweep_points.h"
#include "core/proto/deadlines.h"
#include "core/proto/spec_faults.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kAnswerSeconds = 2;  // of the call's time, for what comes after the checks

// A person elsewhere must not have this machine read a file for it.
std::optional<Fault> FaultOfBase(const std::string& sweep_json) {
  const Json sweep = Json::parse(sweep_json, nullptr, /*allow_exceptions=*/false);
  if (!sweep.is_object() || !sweep.contains("base") || !sweep.at("base").is_string()) return std::nullopt;
  return MakeFault("/base", ShowJson(sweep.at("base")), "the experiment itself, not the path of one");
}

}  // namespace

absl::StatusOr<proto::ExpandSweepReply> ExpandedSweep(const proto::ExpandSweepRequest& request,
                                                      const std::string& datasets_folder) {
  proto::ExpandSweepReply reply;
  if (const std::optional<Fault> fault = FaultOfBase(request.sweep_json())) {
    *reply.mutable_faults() = ToMessages({*fault});
    return reply;
  }
  bool is_first = true;
  const Deadline deadline = Deadline::After(kSpecDeadlineSeconds - kAnswerSeconds);
  const SpecChecker check_spec = [&](const std::string& spec) -> absl::StatusOr<CheckedSpec> {
    if (deadline.SecondsLeft() <= 0)
      return absl::DeadlineExceededError(
          "so many points cannot be checked in one call; make the sweep smaller, or run it with "
          "concertinactl sweep");
    if (!std::exchange(is_first, false)) return CheckSpecHere(spec);
    std::vector<Fault> faults;
    ASSIGN_OR_RETURN(const std::optional<PreparedRun> prepared, PrepareRun(spec, datasets_folder, faults));
    return CheckedSpec{prepared ? prepared->spec.json : "", std::move(faults)};
  };
  ASSIGN_OR_RETURN(const SweepCheck check, CheckSweep({.json = request.sweep_json()}, check_spec));
  *reply.mutable_faults() = ToMessages(check.faults);
  if (!check.faults.empty() || check.sweep.points.empty()) return reply;

  const Sweep& sweep = check.sweep;
  reply.set_name(sweep.name);
  reply.set_point_count(static_cast<int64_t>(sweep.points.size()));
  reply.set_run_count(reply.point_count() * sweep.repeats);
  reply.set_objective(sweep.objective.series);
  reply.set_more_is_better(sweep.objective.is_maximum);
  reply.set_epochs(EpochsOf(sweep.points[0].specs[0]));
  if (sweep.search.kind == SweepSearch::Kind::kSuccessiveHalving)
    for (const HalvingRound& round : HalvingRounds(sweep.points.size(), sweep.search, reply.epochs())) {
      proto::SweepRung* rung = reply.add_rungs();
      rung->set_points(static_cast<int64_t>(round.points));
      rung->set_epochs(round.epochs);
    }
  for (size_t i = 0; i < sweep.points.size() && static_cast<int64_t>(i) < request.max_points(); ++i) {
    proto::SweepPointSpecs* point = reply.add_points();
    point->set_label(sweep.points[i].label);
    for (const AxisValue& value : sweep.points[i].values) point->add_values(value.label);
    for (const std::string& spec : sweep.points[i].specs) point->add_spec_json(spec);
  }
  return reply;
}

}  // namespace concertina
