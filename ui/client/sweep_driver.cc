// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_driver.cc: see sweep_driver.h.
#include "ui/client/sweep_driver.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/client/number_format.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

constexpr int kWakeMs = 50, kAskAgainMs = 1000;

QString seriesOfObjective(const std::string& objective) {
  return objective == "train_loss"  ? QStringLiteral("train/loss")
         : objective == "test_loss" ? QStringLiteral("test/loss")
                                    : QStringLiteral("test/accuracy");
}

}  // namespace

SweepDriver::SweepDriver(EngineClient& client, QObject* parent) : QObject(parent), client_(client) {
  wake_.setSingleShot(true);
  wake_.setInterval(kWakeMs);
  connect(&wake_, &QTimer::timeout, this, &SweepDriver::advance);
  connect(&client_, &EngineClient::runChanged, this, &SweepDriver::take);
  connect(&client_, &EngineClient::runsListed, this, [this] {  // what was waited for; it may have held no run
    if (is_going_) wake_.start();
  });
  connect(&client_, &EngineClient::stateChanged, this, [this] {
    if (is_going_) wake_.start();
  });
}

void SweepDriver::start(const proto::ExpandSweepReply& sweep, int at_once) {
  ++turn_;
  name_ = QString::fromStdString(sweep.name());
  series_ = seriesOfObjective(sweep.objective());
  more_is_better_ = sweep.more_is_better();
  at_once_ = at_once;
  rungs_.clear();
  for (const proto::SweepRung& rung : sweep.rungs())
    rungs_.push_back({static_cast<size_t>(rung.points()), rung.epochs()});
  points_ = static_cast<size_t>(sweep.points_size());
  runs_.clear();
  run_of_.clear();
  spec_of_.clear();
  stopping_.clear();
  for (int point = 0; point < sweep.points_size(); ++point)
    for (const std::string& spec : sweep.points(point).spec_json()) {
      spec_of_[QString::fromStdString(spec)] = runs_.size();
      Run& run = runs_.emplace_back();
      run.point = static_cast<size_t>(point);
      run.spec = spec;
    }
  move_ = {};
  is_going_ = true;
  has_begun_ = false;
  is_calling_ = false;
  client_.listAgain();  // a run of one of these specs is that run
  wake_.start();
  emit changed();
}

void SweepDriver::stop() {
  ++turn_;
  is_going_ = false;
  for (Run& run : runs_)
    if (!run.id.empty() && canStop(run.summary.state())) hold(run);
  emit changed();
}

void SweepDriver::end(const QString& why) {
  ++turn_;
  is_going_ = false;
  emit changed();
  if (!why.isEmpty()) emit failed(why);
}

void SweepDriver::take(const proto::RunSummary& run) {
  if (!is_going_) return;
  const QString id = QString::fromStdString(run.run());
  auto found = run_of_.constFind(id);
  if (found == run_of_.constEnd()) {
    const auto spec = spec_of_.constFind(QString::fromStdString(run.spec_json()));
    // Of several the one that was found first: the others repeat it bit for bit.
    if (spec == spec_of_.constEnd() || !runs_[*spec].id.empty()) return;
    found = run_of_.insert(id, *spec);
    runs_[*spec].id = run.run();
  }
  Run& mine = runs_[*found];
  if (!isEnded(run.state())) {
    mine.was_read_at_end = false;
  } else {
    stopping_.remove(id);
  }
  mine.summary = run;
  if (!wake_.isActive()) wake_.start();
}

bool SweepDriver::isActiveRun(const Run& run) const {
  return !run.id.empty() && (run.summary.run().empty() || isActive(run.summary.state()));
}

int SweepDriver::activeRuns() const {
  return int(std::count_if(runs_.begin(), runs_.end(), [this](const Run& run) { return isActiveRun(run); }));
}

void SweepDriver::advance() {
  if (!is_going_ || client_.state() != EngineClient::State::kConnected || !client_.listed()) return;
  if (rungs_.empty())
    feed();
  else
    climb();
}

void SweepDriver::feed() {
  const auto next = std::find_if(runs_.begin(), runs_.end(), [](const Run& run) { return run.id.empty(); });
  if (next == runs_.end()) {
    // What is in the queue needs nobody any more, not even this window.
    if (!is_calling_) end({});
    return;
  }
  if (!is_calling_ && (at_once_ == 0 || activeRuns() < at_once_)) submit(*next);
}

std::vector<HalvingPoint> SweepDriver::pointsSoFar() const {
  std::vector<HalvingPoint> points(points_);
  std::vector<int> repeats(points_);
  for (const Run& run : runs_) ++repeats[run.point];
  for (HalvingPoint& point : points) point.scores.assign(rungs_.size(), 0);
  for (const Run& run : runs_) {
    HalvingPoint& point = points[run.point];
    for (size_t rung = 0; rung < rungs_.size(); ++rung)
      point.scores[rung] += (rung < run.scores.size() ? run.scores[rung] : qQNaN()) / repeats[run.point];
    // It ended before it was there, though it was let go on; or by itself. That is of the run alone: held
    // against the rung that is climbed now, a point would have failed on one rung and not on the next.
    const bool has_ended = !run.id.empty() && isEnded(run.summary.state()) && run.was_read_at_end;
    size_t missing = 0;  // the first rung without a score
    while (missing < rungs_.size() && missing < run.scores.size() && std::isfinite(run.scores[missing]))
      ++missing;
    const bool was_let = run.tried_rung >= int(missing) || run.summary.state() == proto::FINISHED;
    point.has_failed |= has_ended && missing < rungs_.size() && was_let;
  }
  return points;
}

void SweepDriver::climb() {
  move_ = NextMove(rungs_, pointsSoFar(), more_is_better_);
  emit changed();
  for (Run& run : runs_) {
    if (run.id.empty() || run.is_asked) continue;
    const bool is_there = run.summary.epochs() >= rungs_[move_.rung].epochs * (1 - 1e-9);
    const bool is_known = run.scores.size() > move_.rung && std::isfinite(run.scores[move_.rung]);
    const bool has_ended = isEnded(run.summary.state());
    if (has_ended ? !run.was_read_at_end : is_there && !is_known) askForScores(run);
    // Who is there waits for the others; who was left behind does not go on.
    const bool climbs =
        std::find(move_.climbing.begin(), move_.climbing.end(), run.point) != move_.climbing.end();
    if (isActiveRun(run) && (is_known || !climbs) && canStop(run.summary.state()) &&
        !stopping_.contains(QString::fromStdString(run.id)) && (is_known || run.tried_rung >= 0))
      hold(run);
  }
  if (move_.is_over) return end({});
  if (is_calling_ || (at_once_ > 0 && activeRuns() >= at_once_)) return;
  for (const size_t point : move_.climbing)
    for (Run& run : runs_) {
      if (run.point != point || run.tried_rung >= int(move_.rung)) continue;
      if (run.scores.size() > move_.rung && std::isfinite(run.scores[move_.rung])) continue;
      if (run.id.empty()) return submit(run);
      // What the run has measured decides first.
      if (isEnded(run.summary.state()) && run.was_read_at_end && run.summary.state() != proto::FINISHED)
        return resume(run);
    }
}

QString SweepDriver::words() const {
  if (!is_going_) return {};
  if (rungs_.empty()) {
    const auto in = std::count_if(runs_.begin(), runs_.end(), [](const Run& run) { return !run.id.empty(); });
    return tr("%1 of %n run(s) are in the queue", nullptr, int(runs_.size())).arg(in);
  }
  const HalvingRung& rung = rungs_[move_.rung];
  return tr("Rung %1 of %2, to %3 epochs: %4 of %5 points are there")
      .arg(move_.rung + 1)
      .arg(rungs_.size())
      .arg(formatNumber(rung.epochs))
      .arg(rung.points - std::min(rung.points, move_.climbing.size()))
      .arg(rung.points);
}

void SweepDriver::submit(Run& run) {
  is_calling_ = true;
  run.tried_rung = int(move_.rung);
  const auto at = static_cast<size_t>(&run - runs_.data());
  client_.submit(
      this, QString::fromStdString(run.spec),
      [this, at, turn = turn_](const QString& id, const QVector<SpecFault>& faults, const QString& error) {
        if (turn != turn_) return;
        is_calling_ = false;
        if (id.isEmpty())
          return end(tr("%n run(s) of the sweep are in the queue; the next was refused: %1", nullptr,
                        int(run_of_.size()))
                         .arg(faults.isEmpty() ? error : faults[0].message));
        runs_[at].id = id.toStdString();
        run_of_[id] = at;
        if (!has_begun_) {
          has_begun_ = true;
          emit begun(name_);
        }
        emit changed();
        advance();
      });
}

void SweepDriver::resume(Run& run) {
  is_calling_ = true;
  const auto at = static_cast<size_t>(&run - runs_.data());
  client_.control(this, QString::fromStdString(run.id), proto::ControlRunRequest::RESUME,
                  [this, at, rung = int(move_.rung), turn = turn_](int, const QString& error) {
                    if (turn != turn_) return;
                    is_calling_ = false;
                    // Only now: until it is answered it has ended, but not failed.
                    runs_[at].tried_rung = rung;
                    // A checkpoint that has gone: the point is out, and the others go on. Else it is in the
                    // queue, though its own word of that may come later than this, or have come before.
                    if (error.isEmpty() && runs_[at].was_read_at_end) {
                      runs_[at].was_read_at_end = false;
                      runs_[at].summary.set_state(proto::QUEUED);
                    }
                    advance();
                  });
}

void SweepDriver::hold(Run& run) {
  const QString id = QString::fromStdString(run.id);
  stopping_.insert(id);
  // Refused where it is ending by itself, which is as well.
  client_.control(this, id, proto::ControlRunRequest::STOP, [](int, const QString&) {});
}

void SweepDriver::askForScores(Run& run) {
  run.is_asked = true;
  const auto at = static_cast<size_t>(&run - runs_.data());
  const bool has_ended = isEnded(run.summary.state());
  proto::GetSeriesRequest request;
  request.set_run(run.id);
  request.set_name(series_.toStdString());
  request.set_rank(-1);
  request.set_x("epoch");
  request.set_x_from(rungs_[0].epochs * (1 - 1e-9));
  request.set_x_to(std::numeric_limits<double>::max());
  client_.series(this, request,
                 [this, at, has_ended, turn = turn_](const SeriesData& series, const QString& error) {
                   if (turn != turn_) return;
                   Run& mine = runs_[at];
                   mine.is_asked = false;
                   // Says nothing of the run: it is asked again in a moment, or with the next connection.
                   const bool is_lost = client_.state() != EngineClient::State::kConnected;
                   if (series.is_unanswered || (!error.isEmpty() && is_lost)) {
                     QTimer::singleShot(kAskAgainMs, this, &SweepDriver::advance);
                     return;
                   }
                   mine.was_read_at_end = has_ended && isEnded(mine.summary.state());
                   // The first measurement at or after a rung counts: when exactly the run is stopped must
                   // not decide.
                   mine.scores.resize(rungs_.size(), qQNaN());
                   for (size_t rung = 0; rung < rungs_.size(); ++rung)
                     for (qsizetype i = 0; i < series.x.size(); ++i)
                       if (series.x[i] >= rungs_[rung].epochs * (1 - 1e-9) && std::isfinite(series.mean[i])) {
                         mine.scores[rung] = series.mean[i];
                         break;
                       }
                   if (is_going_ && !wake_.isActive()) wake_.start();
                 });
}

}  // namespace concertina::ui
