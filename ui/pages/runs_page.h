// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page.h: every run in a table: filter, sort, open, compare, stop, duplicate, delete.
#pragma once

#include <QVector>
#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

namespace concertina::ui {

class RunsPage : public QWidget {
  Q_OBJECT
 public:
  explicit RunsPage(EngineClient& client, QWidget* parent = nullptr);
  ~RunsPage() override;

 signals:
  void opened(const QString& run);
  void editAsNew(const QString& specJson);
  void designRequested();                                                     // from the empty state
  void compareRequested(const QVector<concertina::proto::RunSummary>& runs);  // in the order of the table

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;  // the table has another width

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
