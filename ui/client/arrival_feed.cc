// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_feed.cc: see arrival_feed.h.
#include "ui/client/arrival_feed.h"

#include <QThreadPool>
#include <algorithm>
#include <cmath>

namespace concertina::ui {

ArrivalFeed::ArrivalFeed(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), mailbox_(std::make_shared<Mailbox>(this)) {
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &ArrivalFeed::ask);
}

ArrivalFeed::~ArrivalFeed() { mailbox_->Close(); }

void ArrivalFeed::setRun(const proto::RunSummary& run) {
  const bool other = run.run() != run_.run() || run.workers_size() != run_.workers_size();
  run_ = run;
  if (other) {
    ++generation_;
    busy_ = false;
    asked_steps_ = -1;
    blame_ = {};
    emit changed();
  }
  schedule();
}

void ArrivalFeed::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  if (!active_) return timer_.stop();
  timer_.start(0);
}

void ArrivalFeed::schedule() {
  if (!active_ || timer_.isActive() || busy_ || run_.steps() == asked_steps_) return;
  timer_.start(asked_steps_ < 0 ? 0 : kRefreshMs);
}

void ArrivalFeed::ask() {
  if (!active_ || busy_ || run_.workers_size() < 2 || run_.steps() < 1 || run_.steps() == asked_steps_)
    return;
  busy_ = true;
  asked_steps_ = run_.steps();
  client_.listSeries(
      this, QString::fromStdString(run_.run()),
      [this, asked = generation_](const QVector<proto::SeriesInfo>& known, const QString& error) {
        if (asked != generation_) return;
        if (error.isEmpty()) return askFor(known);
        busy_ = false;
      });
}

void ArrivalFeed::askFor(const QVector<proto::SeriesInfo>& known) {
  arrivals_ = std::make_shared<ArrivalTable>();
  std::vector<std::pair<std::string, ArrivalSeriesName>> names;
  for (const proto::SeriesInfo& info : known)
    if (const auto name = ParseArrivalSeries(info.name())) names.emplace_back(info.name(), *name);
  // What lies before a step's collectives first, then one collective after the other.
  std::stable_sort(names.begin(), names.end(),
                   [](const auto& a, const auto& b) { return a.second.collective < b.second.collective; });
  const auto most = static_cast<size_t>(std::max<qsizetype>(10, kMostQuestions / run_.workers_size()));
  if (names.size() > most) {
    size_t whole = most;  // not a part of a collective
    while (whole > 0 && names[whole - 1].second.collective == names[whole].second.collective) --whole;
    names.resize(whole);
  }
  pending_ = static_cast<qsizetype>(names.size()) * run_.workers_size();
  if (pending_ == 0) {
    busy_ = false;
    return;
  }
  const int64_t newest = run_.steps() - 1;
  const int64_t first = std::max<int64_t>(0, newest + 1 - BlameSteps(run_.workers_size()));
  const qint64 asked = generation_;
  for (const auto& [series, name] : names)
    for (const proto::Worker& worker : run_.workers()) {
      proto::GetSeriesRequest request;
      request.set_run(run_.run());
      request.set_name(series);
      request.set_rank(worker.rank());
      request.set_x("step");
      request.set_x_from(static_cast<double>(first) - 0.5);
      request.set_x_to(static_cast<double>(newest) + 0.5);
      const int rank = static_cast<int>(worker.rank());
      client_.series(this, request,
                     [this, asked, rank, of = name](const SeriesData& data, const QString& error) {
                       if (asked != generation_) return;
                       if (error.isEmpty())  // it may be another group's collective
                         for (qsizetype i = 0; i < std::min(data.x.size(), data.mean.size()); ++i)
                           arrivals_->Add(rank, of, std::llround(data.x[i]), data.mean[i]);
                       if (--pending_ == 0) judge();
                     });
    }
}

void ArrivalFeed::judge() {
  QThreadPool::globalInstance()->start(
      [this, mailbox = mailbox_, arrivals = std::move(arrivals_), asked = generation_] {
        CollectiveBlame blame = arrivals->Blame();
        mailbox->Post([this, asked, blame = std::move(blame)] {
          if (asked != generation_) return;
          blame_ = blame;
          busy_ = false;
          emit changed();
          schedule();
        });
      });
}

}  // namespace concertina::ui
