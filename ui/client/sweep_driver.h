// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_driver.h: puts the runs of a sweep into the engine's queue, as many at once as a person wants; in
// successive halving stops them at each rung and resumes the best. On the way of the data: an expanded sweep
// (engine/sweep_expansion.h), core/analysis/successive_halving.h -> here -> client/engine_client.h.
//
// It keeps nothing that the runs do not say: started again with the same sweep, it finds the runs that there
// are by their specs and goes on.
#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>
#include <vector>

#include "core/analysis/successive_halving.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

class SweepDriver : public QObject {
  Q_OBJECT
 public:
  explicit SweepDriver(EngineClient& client, QObject* parent = nullptr);

  // `at_once`: runs that are queued or go on at a time; 0: all, and the queue shares the cores out.
  void start(const proto::ExpandSweepReply& sweep, int at_once);
  // No more begin, and those of the sweep that go on or wait are stopped.
  void stop();
  bool isGoing() const { return is_going_; }
  QString name() const { return name_; }
  // "Rung 2 of 3, to 4 epochs: 2 of 4 points are there"; "" where there is nothing to say.
  QString words() const;

 signals:
  void begun(const QString& name);  // its first run is in the queue
  void changed();                   // whether it goes on, and its words
  void failed(const QString& why);  // and stopped putting in more

 private:
  struct Run {
    size_t point = 0;
    std::string spec, id;  // id "": not in the queue yet
    proto::RunSummary summary;
    std::vector<double> scores;    // one a rung, as far as known
    int tried_rung = -1;           // for which it was last submitted or resumed
    bool is_asked = false;         // for its scores, right now
    bool was_read_at_end = false;  // nothing is to be added to its scores
  };

  void take(const proto::RunSummary& run);
  void advance();
  void feed();
  void climb();
  std::vector<HalvingPoint> pointsSoFar() const;
  bool isActiveRun(const Run& run) const;
  int activeRuns() const;
  void submit(Run& run);
  void resume(Run& run);
  void hold(Run& run);
  void askForScores(Run& run);
  void end(const QString& why);

  EngineClient& client_;
  QString name_, series_;
  bool more_is_better_ = true;
  int at_once_ = 0;
  std::vector<HalvingRung> rungs_;  // empty: every run goes to its end
  size_t points_ = 0;
  std::vector<Run> runs_;
  QHash<QString, size_t> run_of_;   // by id
  QHash<QString, size_t> spec_of_;  // by spec
  HalvingMove move_;
  bool is_going_ = false, has_begun_ = false;
  bool is_calling_ = false;  // submitting or resuming: one after the other, in the sweep's order
  quint64 turn_ = 0;         // answers to an earlier start are not heard
  QSet<QString> stopping_;   // ids
  QTimer wake_;
};

}  // namespace concertina::ui
