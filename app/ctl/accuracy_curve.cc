// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// accuracy_curve.cc: see accuracy_curve.h.
#include "app/ctl/accuracy_curve.h"

#include "core/analysis/rounds_to_target.h"

namespace concertina::ctl {

double Curve::Reaches(double target) const { return RoundsToTarget(x, accuracy, target); }

bool IsRunAxis(const std::string& x) { return x == "step" || x == "epoch" || x == "seconds" || x == "bytes"; }

absl::StatusOr<Curve> AccuracyCurve(Connection& engine, const std::string& run, const std::string& x) {
  proto::GetSeriesRequest request;
  request.set_run(run);
  request.set_name("test/accuracy");
  request.set_rank(-1);
  request.set_x(x);
  const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
  if (absl::IsNotFound(reply.status())) return Curve{};
  if (!reply.ok()) return reply.status();
  Curve curve;
  curve.x.assign(reply->x().begin(), reply->x().end());
  curve.accuracy.assign(reply->mean().begin(), reply->mean().end());
  return curve;
}

}  // namespace concertina::ctl
