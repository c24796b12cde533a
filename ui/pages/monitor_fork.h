// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_fork.h: the small window in which a run is forked: from which step, and what is changed, said as
// the command line says it and checked as one types. On the way of the data: ui/client/live_knobs.h offers
// settings -> here -> the engine's Fork.
#pragma once

#include <QDialog>
#include <QTimer>

#include "ui/client/engine_client.h"
#include "ui/client/live_knobs.h"

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QRadioButton;
class QSpinBox;

namespace concertina::ui {

class MonitorFork : public QDialog {
  Q_OBJECT
 public:
  MonitorFork(EngineClient& client, const proto::RunSummary& run, const QVector<LiveKnob>& knobs,
              QWidget* parent = nullptr);

 signals:
  void forked(const QString& run);

 private:
  proto::ForkRequest request() const;
  void insert(int knob);
  void check();
  void showAnswer(const QVector<SpecFault>& faults, const QString& error);
  void fork();

  EngineClient& client_;
  const proto::RunSummary run_;
  const QVector<LiveKnob> knobs_;
  QRadioButton* now_;
  QRadioButton* earlier_;
  QSpinBox* step_;
  QComboBox* settings_;
  QPlainTextEdit* changes_;
  QLabel* answer_;
  QPushButton* fork_ = nullptr;
  QTimer check_timer_;
  qint64 asked_ = 0;  // older answers are dropped
  bool is_forking_ = false;
};

}  // namespace concertina::ui
