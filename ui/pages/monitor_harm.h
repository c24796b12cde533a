// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_harm.h: the menu of a worker on the Monitor: killed, frozen or slowed down on purpose, to see what
// the run's strategy tolerates. On the way of the data: a row of the workers table -> here -> the engine's
// HarmWorker.
#pragma once

#include <QObject>
#include <QString>

#include "ui/client/engine_client.h"

class QTableView;

namespace concertina::ui {

class WorkersModel;

// One sentence: what becomes of the run when it loses this worker. `recovery` as of HarmWorkerReply.
QString lossSentence(const std::string& recovery, const proto::RunSummary& run);

class MonitorHarm : public QObject {
  Q_OBJECT
 public:
  // The menu opens on `table`, which shows `workers`: by the mouse, or by the menu key on the current row.
  MonitorHarm(EngineClient& client, const WorkersModel& workers, QTableView* table);
  void setRun(const proto::RunSummary& run);

 signals:
  void answered(const QString& error);  // "" when it was done

 private:
  void showMenu(const QPoint& at);
  void harm(int rank, proto::HarmWorkerRequest::Act act, double seconds = 0, double slowdown = 0);
  void askAndKill(int rank);

  EngineClient& client_;
  const WorkersModel& workers_;
  QTableView* const table_;
  proto::RunSummary run_;
};

}  // namespace concertina::ui
