// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// motion_feed.h: the run that is watched, in slow motion: what waits, and what has moved since it began.
// On the way of the data: client/engine_client.h slowMotion() -> here -> ui/pages/monitor_motion.h.
#pragma once

#include <QObject>
#include <QTimer>
#include <QVector>

#include "core/analysis/message_replay.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

class MotionFeed : public QObject {
  Q_OBJECT
 public:
  static constexpr size_t kKeptMessages = 5000;  // of what was lived; then the oldest thousand go

  explicit MotionFeed(EngineClient& client, QObject* parent = nullptr);

  void setRun(const proto::RunSummary& run);  // another run begins anew
  void setActive(bool active);                // nothing is asked for while nobody looks

  void begin() { ask(proto::SlowMotionRequest::BEGIN); }
  void next(qint64 messages) { ask(proto::SlowMotionRequest::NEXT, messages); }
  void finishStep() { ask(proto::SlowMotionRequest::STEP); }
  void leave() { ask(proto::SlowMotionRequest::LEAVE); }

  bool isOn() const { return is_on_; }
  bool canBegin() const { return !is_on_ && is_known_ && obstacle_.isEmpty(); }
  const QString& obstacle() const { return obstacle_; }               // in the engine's words
  const MessageReplay& lived() const { return lived_; }               // the last of kKeptMessages
  const QVector<ReplayMessage>& waiting() const { return waiting_; }  // the first goes next
  // Of the step that the slowest rank is in; before: 0 where there was none.
  qint64 movedOfStep() const { return moved_of_step_; }
  qint64 movedOfStepBefore() const { return moved_of_step_before_; }
  qint64 step() const { return step_; }

 signals:
  void changed();
  void failed(const QString& error);

 private:
  void ask(proto::SlowMotionRequest::Action action, qint64 messages = 0);
  void take(const proto::SlowMotionReply& reply);

  EngineClient& client_;
  proto::RunSummary run_;
  QTimer timer_;
  bool active_ = false, is_on_ = false, is_known_ = false;
  qint64 generation_ = 0;         // of the run: older answers are dropped
  qint64 asked_ = 0, taken_ = 0;  // the number of the last question, and of the newest that was answered
  uint64_t last_order_ = 0;
  QString obstacle_;
  MessageReplay lived_;
  QVector<ReplayMessage> waiting_;
  qint64 moved_of_step_ = 0, moved_of_step_before_ = 0, step_ = -1;
};

}  // namespace concertina::ui
