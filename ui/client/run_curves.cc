// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_curves.cc: see run_curves.h.
#include "ui/client/run_curves.h"

#include <algorithm>

namespace concertina::ui {

void RunCurves::want(const QVector<InSight>& runs) {
  wanted_ = runs;
  if (is_asking_ || client_.state() != EngineClient::State::kConnected) return;
  proto::SparklinesRequest request;
  request.set_series("train/loss");
  request.set_max_points(kMostPoints);
  QHash<QString, bool> goes_on;
  for (const InSight& each : runs) {
    const auto found = kept_.constFind(each.run);
    // One that has ended since is asked once more; one that has not measured yet, too.
    const bool is_old = found == kept_.constEnd() || (found->was_going && !each.goes_on) ||
                        (each.goes_on && clock_.elapsed() - found->at_ms > kFreshMs);
    if (!is_old || request.runs_size() >= kMostAsked) continue;
    request.add_runs(each.run.toStdString());
    goes_on[each.run] = each.goes_on;
  }
  if (request.runs().empty()) return;
  is_asking_ = true;
  client_.sparklines(this, request,
                     [this, goes_on](const QVector<proto::Sparkline>& lines, const QString& error) {
                       is_asking_ = false;
                       if (!error.isEmpty())
                         return;  // a curve is no reason for a message; the next look asks again
                       for (const proto::Sparkline& line : lines) {
                         const QString run = QString::fromStdString(line.run());
                         kept_[run] = {QVector<float>(line.values().begin(), line.values().end()),
                                       clock_.elapsed(), goes_on.value(run)};
                       }
                       if (kept_.size() > kMostKept) {
                         QVector<QPair<qint64, QString>> by_age;
                         for (auto each = kept_.cbegin(); each != kept_.cend(); ++each)
                           by_age.push_back({each->at_ms, each.key()});
                         std::sort(by_age.begin(), by_age.end());
                         for (const auto& [at, run] : std::as_const(by_age)) {
                           if (kept_.size() <= kMostKept) break;
                           kept_.remove(run);
                         }
                       }
                       emit arrived();
                       want(QVector<InSight>(wanted_));  // what came into sight meanwhile
                     });
}

}  // namespace concertina::ui
