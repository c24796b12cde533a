// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page.h: one run, live: its charts, where the time goes, its workers, events and log.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class DockPanels;

class MonitorPage : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorPage(EngineClient& client, QWidget* parent = nullptr);
  ~MonitorPage() override;
  QString run() const;  // "" shows the empty state
  void showRun(const QString& run);
  // What a person arranged: charts and panels.
  QByteArray saveState() const;
  void restoreState(const QByteArray& state);
  void resetLayout();
  void findInLog();
  DockPanels& panels();

 signals:
  void designRequested();                                                     // from the empty state
  void compareRequested(const QVector<concertina::proto::RunSummary>& runs);  // a run and its fork

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
