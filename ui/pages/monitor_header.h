// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_header.h: which run this is, how it is, how far it has come, and what can be done with it.
// On the way of the data: RunSummary -> here; clicks -> pages/monitor_page.h.
#pragma once

#include <QTimer>
#include <QWidget>
#include <string>

#include "core/proto/engine.pb.h"

class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;

namespace concertina::ui {

class ElidedLabel;
class StateChip;

class MonitorHeader : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorHeader(QWidget* parent = nullptr);
  void showRun(const proto::RunSummary& run);
  void showProblem(const QString& problem);  // of a request; "" takes it away

 signals:
  void requested(concertina::proto::ControlRunRequest::Action action);
  void logRequested();
  void forkRequested();
  void startLinesRequested();

 private:
  void showButtons(proto::RunState state);
  void stop();
  void forgetStop();  // it is asked for anew
  void showError(const proto::RunSummary& run);

  ElidedLabel* name_;
  StateChip* chip_;
  ElidedLabel* facts_;
  QPushButton* pause_;
  QPushButton* checkpoint_;
  QPushButton* stop_;
  QPushButton* restart_;
  QPushButton* fork_;
  QPushButton* by_hand_;
  QProgressBar* progress_;
  QLabel* progress_text_;
  QLabel* time_left_;
  QFrame* banner_;
  QLabel* banner_text_;
  QPushButton* banner_log_;
  QFrame* problem_;
  QLabel* problem_text_;
  proto::RunState state_ = proto::RUN_STATE_UNSPECIFIED;
  std::string spec_;
  QString facts_line_;  // of spec_
  bool paused_ = false;
  // Stop was asked for, and the run goes on all the same: the second press ends it at once. Not before a
  // while, for a double click means no more than a click.
  bool is_stop_asked_ = false;
  std::string run_;
  QTimer second_press_;
  bool starts_by_hand_ = false;  // some of its workers are a person's to start
};

// "Step 240 of 705 · epoch 1.02 of 3"
QString progressText(const proto::RunSummary& run);
// What a person can do about a run that failed.
QString adviceText(const proto::RunSummary& run);

}  // namespace concertina::ui
