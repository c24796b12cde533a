// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page.h: every run in a table: filter, sort, group, open, compare, stop, duplicate, tag, pin, delete
// and restore, export and import.
#pragma once

#include <QStringList>
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

  void restoreLayout(const QStringList& layout);  // as layoutChosen told it
  void resetLayout();
  void restoreViews(const QStringList& views);  // as viewsChosen told them (pages/runs_views.h)
  void focusFilter();
  void importFiles(const QStringList& paths);  // that were exported in the format "run"

 signals:
  void opened(const QString& run);
  void editAsNew(const QString& specJson);
  void designRequested();                                                     // from the empty state
  void compareRequested(const QVector<concertina::proto::RunSummary>& runs);  // in the order of the table
  void viewsChosen(const QStringList& views);       // saved or forgotten by a person
  void commandLineWanted(const QString& specJson);  // on the clipboard
  void layoutChosen(const QStringList& layout);     // columns, their order and the grouping, by a person

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;  // of the table, and of the line for tags
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
