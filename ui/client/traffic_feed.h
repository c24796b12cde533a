// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_feed.h: of the run that is watched: its plan, once, and how each worker is and what goes over the
// links, twice a second.
// On the way of the data: client/engine_client.h plan(), traffic() -> here -> ui/pages/monitor_mesh.h.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class TrafficFeed : public QObject {
  Q_OBJECT
 public:
  static constexpr int kPeriodMs = 500;  // as often as workers say it

  explicit TrafficFeed(EngineClient& client, QObject* parent = nullptr);

  void setRun(const proto::RunSummary& run);  // another run begins anew
  void setActive(bool active);                // nothing is asked for while nobody looks

  const QJsonObject& plan() const { return plan_; }                // empty: none is known
  const proto::TrafficReply& traffic() const { return traffic_; }  // no ranks: nothing is known of now
  const QString& problem() const { return problem_; }              // why; "" if all is well

 signals:
  void planChanged();
  void trafficChanged();

 private:
  bool goes() const;
  void askForPlan();
  void ask();

  EngineClient& client_;
  proto::RunSummary run_;
  QTimer timer_;
  bool active_ = false, is_asking_ = false;
  qint64 generation_ = 0;  // of the run: older answers are dropped
  std::string planned_spec_;
  QJsonObject plan_;
  proto::TrafficReply traffic_;
  QString problem_;
};

}  // namespace concertina::ui
