// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// staleness_feed.cc: see staleness_feed.h.
#include "ui/client/staleness_feed.h"

#include <algorithm>

#include "ui/client/series_names.h"

namespace concertina::ui {
namespace {

constexpr int kWorkersMean = -1;

}  // namespace

StalenessFeed::StalenessFeed(EngineClient& client, QObject* parent) : QObject(parent), client_(client) {
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &StalenessFeed::ask);
}

void StalenessFeed::setRun(const proto::RunSummary& run) {
  const bool is_other = run.run() != run_.run();
  run_ = run;
  if (is_other) {
    ++generation_;
    busy_ = false;
    asked_steps_ = -1;
    counted_steps_ = 0;
    counts_ = {};
    timer_.stop();
    emit changed();
  }
  schedule();
}

void StalenessFeed::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  if (!active_) return timer_.stop();
  schedule();
}

void StalenessFeed::schedule() {
  if (!active_ || timer_.isActive() || busy_ || run_.steps() == asked_steps_) return;
  timer_.start(asked_steps_ < 0 ? 0 : kRefreshMs * std::max(1, run_.workers_size() / 16));
}

void StalenessFeed::ask() {
  if (!active_ || busy_ || run_.steps() < 1 || run_.steps() == asked_steps_) return;
  busy_ = true;
  asked_steps_ = run_.steps();
  counted_steps_ = std::min<int64_t>(run_.steps(), CountedSteps(run_.workers_size()));
  is_of_workers_ = true;
  values_.clear();
  pending_ = std::max(1, run_.workers_size());
  if (run_.workers_size() == 0) return askFor(kWorkersMean);
  for (const proto::Worker& worker : run_.workers()) askFor(int(worker.rank()));
}

void StalenessFeed::askFor(int rank) {
  proto::GetSeriesRequest request;
  request.set_run(run_.run());
  request.set_name(kStaleness);
  request.set_rank(rank);
  request.set_x("step");
  request.set_x_from(double(asked_steps_ - counted_steps_) - 0.5);
  request.set_x_to(double(asked_steps_) + 0.5);
  client_.series(this, request,
                 [this, rank, asked = generation_](const SeriesData& data, const QString& error) {
                   if (asked != generation_) return;
                   if (error.isEmpty()) take(rank, data);  // a server has none, a worker may not have begun
                   if (--pending_ == 0) settle();
                 });
}

void StalenessFeed::take(int rank, const SeriesData& data) {
  if (rank == kWorkersMean) is_of_workers_ = false;
  values_.insert(values_.end(), data.mean.begin(), data.mean.end());
}

void StalenessFeed::settle() {
  // A run of an earlier version, or one that was imported, may have no ranks' own: their mean is there.
  if (values_.empty() && is_of_workers_) {
    is_of_workers_ = false;
    pending_ = 1;
    return askFor(kWorkersMean);
  }
  counts_ = CountValues(values_);
  values_ = {};
  busy_ = false;
  emit changed();
  schedule();
}

}  // namespace concertina::ui
