// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// staleness_feed.h: how often each staleness was measured in the run that is watched, by any of its workers,
// in the newest steps. On the way of the data: client/engine_client.h series() ->
// core/analysis/value_counts.h
// -> here -> ui/pages/monitor_staleness.h.
#pragma once

#include <QObject>
#include <QTimer>
#include <vector>

#include "core/analysis/value_counts.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

class StalenessFeed : public QObject {
  Q_OBJECT
 public:
  static constexpr int kRefreshMs = 2000;  // at most once, and less often for many ranks

  explicit StalenessFeed(EngineClient& client, QObject* parent = nullptr);

  // Another run begins anew; the same one with more steps is followed.
  void setRun(const proto::RunSummary& run);
  void setActive(bool active);  // nothing is asked for while nobody looks

  const ValueCounts& counts() const { return counts_; }
  int64_t steps() const { return counted_steps_; }  // that they are of
  // false: the store has the workers' mean alone, and the counts are of that.
  bool isOfWorkers() const { return is_of_workers_; }

 signals:
  void changed();

 private:
  void schedule();
  void ask();
  void askFor(int rank);
  void take(int rank, const SeriesData& data);
  void settle();

  EngineClient& client_;
  QTimer timer_;
  proto::RunSummary run_;
  bool active_ = false, busy_ = false, is_of_workers_ = true;
  qint64 generation_ = 0;  // of the run: older answers are dropped
  int pending_ = 0;
  int64_t asked_steps_ = -1, counted_steps_ = 0;
  std::vector<double> values_;  // that have come since it asked
  ValueCounts counts_;
};

}  // namespace concertina::ui
