// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_side.h: beside the charts: live knobs, workers, what happened, and what the workers said.
// On the way of the data: client/engine_client.h RunSummary, RunEvent, RankLog -> here.
#pragma once

#include <QJsonObject>
#include <QTabWidget>
#include <QVector>

#include "ui/client/engine_client.h"
#include "ui/client/live_knobs.h"

class QComboBox;
class QFormLayout;
class QLineEdit;
class QPlainTextEdit;
class QTableWidget;
class QLabel;

namespace concertina::ui {

class MonitorSide : public QTabWidget {
  Q_OBJECT
 public:
  explicit MonitorSide(QWidget* parent = nullptr);

  void clear();
  void setDescriptors(const QJsonObject& describe);
  void showRun(const proto::RunSummary& run);
  void addEvent(const proto::RunEvent& event);
  void addLine(const proto::RankLog& line);
  // The knob's answer: the field shows what holds now, or why it was refused.
  void showKnobAnswer(const QString& pointer, const QString& error);

 signals:
  void knobTurned(const QString& pointer, const QString& json);

 private:
  void rebuildKnobs(const proto::RunSummary& run);
  void turn(const QString& pointer);
  void showLog();

  struct KnobRow {
    LiveKnob knob;
    QLineEdit* field;
    QLabel* error;
  };
  QJsonObject describe_;
  std::string knobs_of_;  // the run and state that the knobs were made for
  QVector<KnobRow> knobs_;
  QWidget* knob_page_;
  QFormLayout* knob_form_;
  QLabel* knob_hint_;
  QTableWidget* workers_;
  QTableWidget* events_;
  QComboBox* log_rank_;
  QLineEdit* log_filter_;
  QPlainTextEdit* log_;
  QVector<std::pair<int, QString>> lines_;
};

}  // namespace concertina::ui
