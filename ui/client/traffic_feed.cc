// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_feed.cc: see traffic_feed.h.
#include "ui/client/traffic_feed.h"

#include "ui/client/run_state.h"

namespace concertina::ui {

TrafficFeed::TrafficFeed(EngineClient& client, QObject* parent) : QObject(parent), client_(client) {
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &TrafficFeed::ask);
}

bool TrafficFeed::goes() const { return !run_.run().empty() && isActive(run_.state()); }

void TrafficFeed::setRun(const proto::RunSummary& run) {
  const bool other = run.run() != run_.run(), other_spec = run.spec_json() != run_.spec_json();
  run_ = run;
  if (other) {
    ++generation_;
    timer_.stop();
    is_asking_ = false;
    planned_spec_.clear();
    plan_ = {};
    traffic_.Clear();
    problem_.clear();
    emit planChanged();
    emit trafficChanged();
  }
  if (!active_) return;
  if (other || other_spec) askForPlan();
  if (!goes()) {
    timer_.stop();
    if (traffic_.ranks().empty()) return;
    traffic_.Clear();  // of a run that has ended nothing is measured now
    emit trafficChanged();
  } else if (!timer_.isActive() && !is_asking_) {
    timer_.start(0);
  }
}

void TrafficFeed::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  timer_.stop();
  if (!active_) return;
  askForPlan();
  if (goes() && !is_asking_) timer_.start(0);
}

void TrafficFeed::askForPlan() {
  if (run_.spec_json().empty() || run_.spec_json() == planned_spec_) return;
  planned_spec_ = run_.spec_json();
  client_.plan(this, QString::fromStdString(run_.spec_json()),
               [this, asked = generation_, spec = planned_spec_](
                   const QJsonObject& plan, const QVector<SpecFault>& faults, const QString& error) {
                 if (asked != generation_ || spec != planned_spec_) return;
                 if (!error.isEmpty()) planned_spec_.clear();  // with the next look it is asked for again
                 if (!error.isEmpty() || !faults.isEmpty()) return;
                 plan_ = plan;
                 emit planChanged();
               });
}

void TrafficFeed::ask() {
  if (!active_ || is_asking_ || !goes()) return;
  is_asking_ = true;
  client_.traffic(this, QString::fromStdString(run_.run()),
                  [this, asked = generation_](const proto::TrafficReply& reply, const QString& error) {
                    if (asked != generation_) return;
                    is_asking_ = false;
                    problem_ = error;
                    if (goes() && error.isEmpty())
                      traffic_ = reply;
                    else
                      traffic_.Clear();  // what was measured before is not of now
                    emit trafficChanged();
                    if (active_ && goes()) timer_.start(kPeriodMs);
                  });
}

}  // namespace concertina::ui
