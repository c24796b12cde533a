// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame_feed.cc: see blame_feed.h.
#include "ui/client/blame_feed.h"

#include <QSet>
#include <QThreadPool>
#include <algorithm>
#include <cmath>

#include "nlohmann/json.hpp"

namespace concertina::ui {

BlameFeed::BlameFeed(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), mailbox_(std::make_shared<Mailbox>(this)) {
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &BlameFeed::ask);
}

BlameFeed::~BlameFeed() { mailbox_->Close(); }

void BlameFeed::setRun(const proto::RunSummary& run) {
  const bool other = run.run() != run_.run() || run.workers_size() != run_.workers_size();
  run_ = run;
  if (other) {
    ++generation_;
    busy_ = answered_ = false;
    asked_steps_ = last_ = -1;
    first_ = 0;
    traces_.clear();
    blame_ = {};
    QSet<QString> hosts;
    for (const proto::Worker& worker : run.workers()) {
      traces_.push_back({.rank = static_cast<int>(worker.rank())});
      hosts.insert(QString::fromStdString(worker.host()));
    }
    const Json spec = Json::parse(run.spec_json(), nullptr, false);
    obstacle_ = run.workers_size() == 0
                    ? QString()
                    : QString::fromStdString(BlameObstacle(
                          spec.is_object() && spec.contains("exchange") ? spec["exchange"] : Json(),
                          run.workers_size(), static_cast<int>(hosts.size())));
    emit changed();
  }
  schedule();
}

void BlameFeed::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  if (!active_) return timer_.stop();
  timer_.start(0);
}

void BlameFeed::schedule() {
  if (!active_ || timer_.isActive() || busy_) return;
  timer_.start(asked_steps_ < 0 ? 0 : kRefreshMs * std::max(1, static_cast<int>(traces_.size()) / 16));
}

void BlameFeed::ask() {
  if (!active_ || busy_ || !obstacle_.isEmpty() || traces_.empty() || run_.steps() == asked_steps_ ||
      run_.steps() < 1)
    return;
  busy_ = true;
  asked_steps_ = run_.steps();
  const int64_t newest = run_.steps() - 1;
  const int64_t first = std::max<int64_t>(0, newest + 1 - BlameSteps(static_cast<int>(traces_.size())));
  const int64_t from = last_ < 0 ? first : std::max(first, std::min(newest, last_ + 1) - kOverlapSteps);
  // The window moves on: what falls out at its beginning is forgotten, what is new is not measured yet.
  const auto drop = static_cast<ptrdiff_t>(std::clamp<int64_t>(first - first_, 0, last_ - first_ + 1));
  for (RankTrace& trace : traces_)
    for (size_t series = 0; series < kTraceSeries.size(); ++series) {
      std::vector<double>& column = TraceColumn(trace, series);
      column.erase(column.begin(), column.begin() + std::min(drop, static_cast<ptrdiff_t>(column.size())));
      column.resize(static_cast<size_t>(newest - first + 1), qQNaN());
    }
  first_ = first;
  last_ = newest;
  pending_ = static_cast<int>(traces_.size() * kTraceSeries.size());
  const qint64 asked = generation_;
  for (const RankTrace& trace : traces_)
    for (size_t series = 0; series < kTraceSeries.size(); ++series) {
      proto::GetSeriesRequest request;
      request.set_run(run_.run());
      request.set_name(kTraceSeries[series]);
      request.set_rank(trace.rank);
      request.set_x("step");
      request.set_x_from(static_cast<double>(from) - 0.5);
      request.set_x_to(static_cast<double>(newest) + 0.5);
      client_.series(this, request,
                     [this, asked, rank = trace.rank, series](const SeriesData& data, const QString& error) {
                       if (asked != generation_) return;
                       if (error.isEmpty()) take(rank, series, data);  // a rank may not have begun
                       if (--pending_ == 0) judge();
                     });
    }
}

void BlameFeed::take(int rank, size_t series, const SeriesData& data) {
  for (RankTrace& trace : traces_) {
    if (trace.rank != rank) continue;
    std::vector<double>& column = TraceColumn(trace, series);
    for (qsizetype i = 0; i < std::min(data.x.size(), data.mean.size()); ++i) {
      const auto at = static_cast<int64_t>(std::llround(data.x[i])) - first_;
      if (at >= 0 && at < static_cast<int64_t>(column.size())) column[static_cast<size_t>(at)] = data.mean[i];
    }
  }
}

void BlameFeed::judge() {
  QThreadPool::globalInstance()->start(
      [this, mailbox = mailbox_, traces = traces_, first = first_, asked = generation_] {
        Blame blame = BlameOf(traces, first);
        mailbox->Post([this, asked, blame = std::move(blame)] {
          if (asked != generation_) return;
          blame_ = blame;
          answered_ = true;
          busy_ = false;
          emit changed();
          if (run_.steps() != asked_steps_) schedule();
        });
      });
}

}  // namespace concertina::ui
