// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_feed.h: the recordings of the run that is watched, and the timeline of one of them.
// On the way of the data: client/engine_client.h timeline() -> here -> core/analysis/timeline.h (on a thread
// of its own) -> ui/pages/monitor_timeline.h.
#pragma once

#include <QObject>
#include <QVector>
#include <memory>
#include <vector>

#include "core/analysis/message_replay.h"
#include "core/analysis/timeline.h"
#include "ui/client/engine_client.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

class TimelineFeed : public QObject {
  Q_OBJECT
 public:
  explicit TimelineFeed(EngineClient& client, QObject* parent = nullptr);
  ~TimelineFeed() override;

  void setRun(const proto::RunSummary& run);  // another run begins anew
  void setActive(bool active);                // nothing is asked for while nobody looks
  void record(int steps);
  void recorded();              // the engine has stored one: the newest is shown
  void show(qint64 recording);  // 0: the newest

  const std::shared_ptr<const Timeline>& timeline() const { return timeline_; }  // never null
  const std::shared_ptr<const MessageReplay>& replay() const { return replay_; }  // of it; never null
  const QVector<qint64>& recordings() const { return recordings_; }              // newest first
  const PipelineShape& pipeline() const { return pipeline_; }
  bool isRecording() const { return asked_recording_ != 0; }
  bool canRecord() const { return run_.state() == proto::RUNNING; }

 signals:
  void changed();
  void failed(const QString& error);

 private:
  void list();
  void fetch(qint64 recording, const std::vector<int>& ranks);
  void assemble();

  EngineClient& client_;
  std::shared_ptr<Mailbox> mailbox_;
  proto::RunSummary run_;
  PipelineShape pipeline_;
  bool active_ = false, stale_ = false;
  qint64 generation_ = 0;  // of run and recording: older answers are dropped
  qint64 wanted_ = 0, asked_recording_ = 0;
  QVector<qint64> recordings_;
  std::vector<std::pair<int, std::string>> packed_;  // by rank
  int pending_ = 0;
  std::shared_ptr<const Timeline> timeline_ = std::make_shared<Timeline>();
  std::shared_ptr<const MessageReplay> replay_ = std::make_shared<MessageReplay>();
};

}  // namespace concertina::ui
