// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_zoom.cc: see series_zoom.h.
#include "ui/client/series_zoom.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace concertina::ui {
namespace {

// A range that is seen half as wide as it was asked for deserves a finer answer.
constexpr double kCoarsest = 2;

void appendTo(Curve& curve, const Curve& from, qsizetype begin, qsizetype end) {
  const auto part = [&](QVector<double>& to, const QVector<double>& values) {
    to.append(values.mid(begin, end - begin));
  };
  part(curve.x, from.x);
  part(curve.mean, from.mean);
  part(curve.min, from.min);
  part(curve.max, from.max);
  if (from.count.isEmpty())
    curve.count.append(QVector<double>(end - begin, 1));
  else
    part(curve.count, from.count);
}

// Every point of it is one that was measured.
bool isExact(const Curve& overview, double from, double to) {
  if (overview.count.isEmpty()) return false;
  const auto begin = std::lower_bound(overview.x.begin(), overview.x.end(), from) - overview.x.begin();
  const auto end = std::upper_bound(overview.x.begin(), overview.x.end(), to) - overview.x.begin();
  // One more on each side: what is merged there may reach in.
  const auto first = overview.count.begin() + std::max<qsizetype>(0, begin - 1);
  const auto last = overview.count.begin() + std::min<qsizetype>(overview.count.size(), end + 1);
  return std::all_of(first, last, [](double count) { return count <= 1; });
}

// As the engine promises it: values of every x, and x that ascends.
bool isWhole(const SeriesData& data) {
  const qsizetype size = data.x.size();
  const auto is_as_long = [size](const QVector<double>& values) { return values.size() == size; };
  return is_as_long(data.mean) && is_as_long(data.min) && is_as_long(data.max) &&
         (data.counts.isEmpty() || is_as_long(data.counts)) &&
         (data.seconds.isEmpty() || is_as_long(data.seconds)) && std::is_sorted(data.x.begin(), data.x.end());
}

}  // namespace

Curve spliced(const Curve& overview, const Curve& detail) {
  if (detail.isEmpty()) return overview;
  const auto before =
      std::lower_bound(overview.x.begin(), overview.x.end(), detail.x.front()) - overview.x.begin();
  const auto after =
      std::upper_bound(overview.x.begin(), overview.x.end(), detail.x.back()) - overview.x.begin();
  Curve curve;
  const qsizetype size = before + detail.size() + overview.size() - after;
  for (QVector<double>* values : {&curve.x, &curve.mean, &curve.min, &curve.max, &curve.count})
    values->reserve(size);
  appendTo(curve, overview, 0, before);
  appendTo(curve, detail, 0, detail.size());
  appendTo(curve, overview, after, overview.size());
  if (overview.count.isEmpty() && detail.count.isEmpty()) curve.count.clear();
  return curve;
}

Curve curveOfSeries(const SeriesData& series) {
  return {series.x,      series.mean,  series.min,   series.max,
          series.counts, series.steps, series.x_min, series.x_max};
}

SeriesZoom::SeriesZoom(EngineClient& client, QObject* parent) : QObject(parent), client_(client) {
  move_.setSingleShot(true);
  move_.setInterval(kMoveMs);
  connect(&move_, &QTimer::timeout, this, &SeriesZoom::moved);
  refresh_.setSingleShot(true);
  connect(&refresh_, &QTimer::timeout, this, &SeriesZoom::moved);
  connect(&client_, &EngineClient::stateChanged, this, [this](EngineClient::State state) {
    updateObstacle();
    if (state != EngineClient::State::kConnected || !isZoomed()) return;
    bool is_any = false;
    for (Failure& failure : failures_) {
      if (!failure.is_unanswered) continue;
      failure.pause_ms = 0;  // there is somebody to answer now
      is_any = true;
    }
    if (is_any) emit moved();
  });
}

SeriesZoom::~SeriesZoom() { cancel(true); }

void SeriesZoom::setRange(XAxis axis, double from, double to, int columns) {
  if (!(from < to)) from = to = 0;
  if (axis == axis_ && from == from_ && to == to_ && columns == columns_) return;
  const bool is_kept = axis == axis_ && from < to;
  axis_ = axis;
  from_ = from;
  to_ = to;
  columns_ = columns;
  ++ranges_;
  if (is_kept)
    cancel(false);
  else
    clear();
  if (!isZoomed()) {
    move_.stop();
    refresh_.stop();
  } else if (!move_.isActive()) {
    move_.start();
  }
}

void SeriesZoom::clear() {
  cancel(true);
  windows_.clear();
  points_kept_ = 0;
  failures_.clear();
  updateObstacle();
}

void SeriesZoom::cancel(bool all) {
  const auto is_needed = [&](const Question& question) {
    return !all && isFine(question.from, question.to, question.columns, false);
  };
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), std::not_fn(is_needed)), waiting_.end());
  for (auto each = under_way_.begin(); each != under_way_.end();) {
    if (is_needed(*each)) {
      ++each;
      continue;
    }
    each->cancel();
    each = under_way_.erase(each);
  }
}

void SeriesZoom::drop(const Key& key) {
  const auto found = windows_.constFind(key);
  if (found == windows_.constEnd()) return;
  points_kept_ -= int(found->data.x.size());
  windows_.erase(found);
}

// Whether so many columns over that range are fine enough for what is in sight.
bool SeriesZoom::isFine(double from, double to, int columns, bool is_exact) const {
  if (from > from_ || to < to_) return false;
  return is_exact || columns * (to_ - from_) / (to - from) * kCoarsest >= columns_;
}

// A run that goes on has newer points in sight, as coarse as the overview has them.
bool SeriesZoom::hasGrown(const Window& window, const Curve& overview) const {
  const double known_to = window.data.x.isEmpty() ? window.from : window.data.x.back();
  return !overview.isEmpty() && overview.x.back() > known_to && known_to < to_ &&
         !isExact(overview, known_to, to_);
}

void SeriesZoom::want(const QString& run, const QString& series, const Curve& overview) {
  if (!isZoomed() || move_.isActive() || isExact(overview, from_, to_)) return;
  const Key key(run, series);
  if (under_way_.contains(key)) return;
  for (const Question& question : std::as_const(waiting_))
    if (question.key == key) return;
  if (!mayAskAgain(key)) return;
  if (const auto here = windows_.find(key); here != windows_.end()) {
    here->used = ++uses_;
    const bool has_grown = hasGrown(*here, overview);
    const qint64 rest_ms = here->refresh_ms - here->since.elapsed();
    if (isFine(here->from, here->to, here->columns, here->is_exact) && (!has_grown || rest_ms > 0)) {
      if (has_grown) lookAgainIn(rest_ms);
      return;
    }
  }
  const double room = kRoom * (to_ - from_);
  waiting_.push_back(
      {key, from_ - room, to_ + room, int(std::ceil(columns_ * (1 + 2 * kRoom))), ++questions_});
  askNext();
}

// Without one that failed before, at once. One that was refused would be refused again, as long as it is
// about the same range.
bool SeriesZoom::mayAskAgain(const Key& key) {
  const auto failure = failures_.find(key);
  if (failure == failures_.end()) return true;
  if (failure->wanted_in != ranges_) {
    failure->wanted_in = ranges_;
    updateObstacle();
  }
  if (!failure->is_unanswered && failure->failed_in == ranges_) return false;
  const qint64 rest_ms = failure->pause_ms - failure->since.elapsed();
  if (rest_ms > 0) lookAgainIn(rest_ms);
  return rest_ms <= 0;
}

void SeriesZoom::lookAgainIn(qint64 ms) {
  if (!refresh_.isActive() || refresh_.remainingTime() > ms) refresh_.start(int(ms));
}

// With what the range needs, and what is still to come, there is no room for more. Were the oldest dropped
// for it, each picture would ask for what the last one lost.
bool SeriesZoom::isFull() const {
  int needed = int(under_way_.size() + 1) * kMostPointsEach;
  for (const Window& window : windows_)
    if (isFine(window.from, window.to, window.columns, window.is_exact)) needed += int(window.data.x.size());
  return needed > kMostPoints;
}

void SeriesZoom::askNext() {
  while (!waiting_.isEmpty() && under_way_.size() < kMostAtOnce) {
    if (isFull()) return waiting_.clear();
    ask(waiting_.takeFirst());
  }
}

void SeriesZoom::ask(const Question& question) {
  proto::GetSeriesRequest request;
  request.set_run(question.key.first.toStdString());
  request.set_name(question.key.second.toStdString());
  request.set_rank(MetricModel::kWholeRun);
  request.set_x(xAxisWord(axis_).toStdString());
  request.set_max_points(std::clamp(kPointsAColumn * question.columns, 1, kMostPointsEach));
  request.set_x_from(question.from);
  request.set_x_to(question.to);
  request.set_with_counts(true);
  under_way_.insert(question.key, question);
  under_way_[question.key].cancel =
      client_.series(this, request, [this, question](const SeriesData& data, const QString& error) {
        const auto asked = under_way_.constFind(question.key);
        if (asked == under_way_.constEnd() || asked->number != question.number) return;  // it was cancelled
        under_way_.erase(asked);
        if (error.isEmpty() && isWhole(data))
          take(question, data);
        else
          fail(question, data, error.isEmpty() ? tr("The engine's points cannot be read.") : error);
        updateObstacle();
        askNext();
      });
  updateObstacle();
}

// Finer points that are here already stay.
void SeriesZoom::fail(const Question& question, const SeriesData& data, const QString& error) {
  const auto before = failures_.constFind(question.key);
  const qint64 pause_ms = before == failures_.constEnd()
                              ? kRetryMs
                              : std::clamp<qint64>(2 * before->pause_ms, kRetryMs, kLongestRetryMs);
  Failure& failure = failures_[question.key];
  failure = {.error = error, .is_missing = data.is_missing, .is_unanswered = data.is_unanswered};
  failure.failed_in = failure.wanted_in = ranges_;
  failure.since.start();
  failure.pause_ms = pause_ms;
  if (failure.is_unanswered) lookAgainIn(pause_ms);
}

void SeriesZoom::updateObstacle() {
  QString obstacle;
  for (auto failure = failures_.cbegin(); failure != failures_.cend(); ++failure) {
    // Those of an earlier range belong to series that nobody shows any more.
    if (failure->is_missing || failure->wanted_in != ranges_) continue;
    const auto here = windows_.constFind(failure.key());
    const bool is_fine =
        here != windows_.cend() && isFine(here->from, here->to, here->columns, here->is_exact);
    if (!is_fine) obstacle = failure->error;
  }
  if (obstacle.isEmpty() && !under_way_.isEmpty() && client_.state() != EngineClient::State::kConnected)
    obstacle = tr("The engine is not connected.");
  if (std::exchange(obstacle_, obstacle) != obstacle) emit obstacleChanged();
}

void SeriesZoom::take(const Question& question, const SeriesData& data) {
  qint64 refresh_ms = kRefreshMs;
  if (const SeriesData* const before = this->window(question.key.first, question.key.second);
      before != nullptr && !data.x.isEmpty() && before->x.back() == data.x.back())
    refresh_ms = std::min<qint64>(2 * windows_[question.key].refresh_ms, 60 * kRefreshMs);
  drop(question.key);
  failures_.remove(question.key);
  Window window{.data = data, .from = question.from, .to = question.to, .columns = question.columns};
  window.is_exact = data.totalPoints <= data.x.size();
  window.refresh_ms = refresh_ms;
  window.since.start();
  window.used = ++uses_;
  points_kept_ += int(data.x.size());
  windows_.insert(question.key, window);
  while (points_kept_ > kMostPoints) {
    const auto oldest = std::min_element(windows_.cbegin(), windows_.cend(),
                                         [](const Window& a, const Window& b) { return a.used < b.used; });
    drop(oldest.key());
  }
  if (!data.x.isEmpty()) emit arrived();
}

const SeriesData* SeriesZoom::window(const QString& run, const QString& series) const {
  const auto found = windows_.constFind({run, series});
  if (found == windows_.constEnd() || found->data.x.isEmpty()) return nullptr;
  return &found->data;
}

Curve SeriesZoom::curve(const QString& run, const QString& series, const Curve& overview) const {
  const SeriesData* const data = window(run, series);
  return data == nullptr ? overview : spliced(overview, curveOfSeries(*data));
}

}  // namespace concertina::ui
