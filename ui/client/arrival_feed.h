// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_feed.h: at which collective of the watched run the others stand still for whom, from the arrivals
// of the newest steps that were recorded. On the way of the data: client/engine_client.h series() -> here ->
// core/analysis/collective_blame.h (on a thread of its own) -> ui/pages/monitor_blame.h.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>

#include "core/analysis/collective_blame.h"
#include "ui/client/engine_client.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

class ArrivalFeed : public QObject {
  Q_OBJECT
 public:
  static constexpr int kRefreshMs = 5000;
  // A rank has some series for each collective: of many ranks not all collectives are asked for.
  static constexpr qsizetype kMostQuestions = 600;

  explicit ArrivalFeed(EngineClient& client, QObject* parent = nullptr);
  ~ArrivalFeed() override;

  // Another run begins anew; the same one with more steps is followed.
  void setRun(const proto::RunSummary& run);
  void setActive(bool active);  // nothing is asked for while nobody looks

  const CollectiveBlame& blame() const { return blame_; }

 signals:
  void changed();

 private:
  void schedule();
  void ask();
  void askFor(const QVector<proto::SeriesInfo>& known);
  void judge();

  EngineClient& client_;
  std::shared_ptr<Mailbox> mailbox_;
  QTimer timer_;
  proto::RunSummary run_;
  bool active_ = false, busy_ = false;
  qint64 generation_ = 0;  // of the run: older answers are dropped
  qsizetype pending_ = 0;
  int64_t asked_steps_ = -1;
  std::shared_ptr<ArrivalTable> arrivals_;  // what comes in; the judge has it then
  CollectiveBlame blame_;
};

}  // namespace concertina::ui
