// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion.h: slow motion: the messages of the run one at a time, as they really move, or as a
// recording has them.
// On the way of the data: ui/client/motion_feed.h, ui/client/timeline_feed.h -> here ->
// ui/pages/monitor_motion_picture.h.
#pragma once

#include <QTimer>
#include <QVector>
#include <QWidget>
#include <memory>
#include <string>

#include "core/analysis/message_replay.h"
#include "core/proto/run.pb.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QToolButton;

namespace concertina::ui {

class MotionFeed;
class MotionModel;
class MotionPicture;
class RecordingBar;

class MonitorMotion : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kRecordedSteps = 3;  // enough to see one begin and end

  explicit MonitorMotion(QWidget* parent = nullptr);

  void setRun(const proto::RunSummary& run);
  // `recordings`: newest first; `replay` is of one of them, or empty.
  void showRecording(const std::shared_ptr<const MessageReplay>& replay, const QVector<qint64>& recordings);
  void setRecordable(bool can_record, bool is_recording);
  void showLive(const MotionFeed& feed);

 signals:
  void beginRequested();
  void leaveRequested();
  void nextRequested(qint64 messages);
  void stepRequested();
  void recordRequested(int steps);
  void recordingChosen(qint64 recording);
  void saved(const QString& problem);  // "" if it went well

 private:
  QWidget* makeSource();
  QWidget* makeControls();
  bool isLive() const;
  const MessageReplay& shown() const { return isLive() ? *lived_ : *replay_; }
  void showSource();  // what is shown is another
  void moveTo(int at, bool flies);
  void next();
  void finishStep();
  void setPlaying(bool plays);
  void showMessage(bool flies);
  void updateButtons();
  void updateWords();
  int flightMs() const;
  void save(const QString& suffix);

  MotionPicture* picture_;
  MotionModel* model_;
  RecordingBar* bar_;
  QComboBox* source_;  // these three are the bar's
  QPushButton* record_;
  QToolButton* more_;
  QPushButton* begin_;  // or leave
  QToolButton* previous_;
  QPushButton* next_;
  QPushButton* step_;
  QPushButton* play_;
  QSpinBox* speed_;
  QLabel* caption_;
  QLabel* note_;
  QProgressBar* progress_;
  QTableView* table_;
  QTimer play_timer_;

  proto::RunSummary run_;
  std::shared_ptr<const MessageReplay> replay_ = std::make_shared<MessageReplay>();
  std::shared_ptr<const MessageReplay> lived_ = std::make_shared<MessageReplay>();
  QVector<ReplayMessage> waiting_;
  QVector<qint64> recordings_;
  QString obstacle_;
  int at_ = -1;  // of what is shown; -1: nothing has moved yet
  bool is_on_ = false, can_begin_ = false, can_record_ = false, is_recording_ = false;
  qint64 live_step_ = -1, moved_of_step_ = 0, moved_before_ = 0;
};

}  // namespace concertina::ui
