// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame_feed.h: who keeps the others waiting in the run that is watched, from the newest steps of each rank's
// series. On the way of the data: client/engine_client.h series() -> here -> core/analysis/blame.h (on a
// thread of its own) -> ui/pages/monitor_blame.h.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

#include "core/analysis/blame.h"
#include "ui/client/engine_client.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

class BlameFeed : public QObject {
  Q_OBJECT
 public:
  static constexpr int kRefreshMs = 1000;  // at most once, and less often for many ranks
  // The newest steps are asked for again: ranks report at their own pace.
  static constexpr int64_t kOverlapSteps = 256;

  explicit BlameFeed(EngineClient& client, QObject* parent = nullptr);
  ~BlameFeed() override;

  // Another run begins anew; the same one with more steps is followed.
  void setRun(const proto::RunSummary& run);
  void setActive(bool active);  // nothing is asked for while nobody looks

  const Blame& blame() const { return blame_; }
  bool isAnswered() const { return answered_; }   // false: nothing is known yet
  QString obstacle() const { return obstacle_; }  // why there is no answer; "" if there is or will be one

 signals:
  void changed();

 private:
  void schedule();
  void ask();
  void take(int rank, size_t series, const SeriesData& data);
  void judge();

  EngineClient& client_;
  std::shared_ptr<Mailbox> mailbox_;
  QTimer timer_;
  proto::RunSummary run_;
  QString obstacle_;
  bool active_ = false, answered_ = false, busy_ = false;
  qint64 generation_ = 0;  // of the run: older answers are dropped
  int pending_ = 0;
  int64_t asked_steps_ = -1, first_ = 0, last_ = -1;  // what traces_ covers: [first_, last_]
  std::vector<RankTrace> traces_;
  Blame blame_;
};

}  // namespace concertina::ui
