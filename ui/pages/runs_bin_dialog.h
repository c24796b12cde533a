// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_bin_dialog.h: the bin: runs that were deleted, to be restored, or gone for good.
// On the way of the data: client/engine_client.h -> here -> client/engine_client.h.
#pragma once

#include <QAbstractTableModel>
#include <QDialog>
#include <QVector>

#include "ui/client/engine_client.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace concertina::ui {

class RunsBinModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kName, kState, kAccuracy, kDeleted, kColumns };
  using QAbstractTableModel::QAbstractTableModel;

  void setRuns(QVector<proto::RunSummary> runs);  // newest first
  const proto::RunSummary& run(int row) const { return runs_[row]; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<proto::RunSummary> runs_;
};

class RunsBinDialog : public QDialog {
  Q_OBJECT
 public:
  explicit RunsBinDialog(EngineClient& client, QWidget* parent = nullptr);

 signals:
  void restored(const QString& run);

 private:
  void list();
  void restore();
  void empty();
  void updateButtons();
  QStringList chosen() const;
  void say(const QString& text, const char* tone);

  EngineClient& client_;
  RunsBinModel runs_;
  QTableView* table_;
  QLabel* message_;
  QPushButton* restore_;
  QPushButton* empty_;
};

}  // namespace concertina::ui
