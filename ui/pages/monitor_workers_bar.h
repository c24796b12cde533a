// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_workers_bar.h: the line above the workers of an elastic run: one more joins, or one leaves, while
// it trains. Other runs have no such line. On the way of the data: RunSummary -> here -> the engine's
// ChangeWorkers.
#pragma once

#include <QWidget>

#include "core/proto/run.pb.h"

class QLabel;
class QPushButton;

namespace concertina::ui {

class MonitorWorkersBar : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorWorkersBar(QWidget* parent = nullptr);
  void setRun(const proto::RunSummary& run);
  // Of what changeRequested() asked: how many workers the group will have.
  void showAnswer(int workers, const QString& error);

 signals:
  void changeRequested(int change);  // 1 or -1

 private:
  void change(int by);

  QLabel* about_;
  QPushButton *add_, *remove_;
  std::string run_, spec_;
  QString rule_;  // how many there may be
  bool is_elastic_ = false;
};

}  // namespace concertina::ui
