// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_model.h: every run as a row. Hundreds of changes between two frames become one notice.
// On the way of the data: client/engine_client.h -> here -> ui/pages/runs_page.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include "core/proto/run.pb.h"
#include "ui/client/run_facts.h"

namespace concertina::ui {

class RunTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    kState,
    kName,
    kModel,
    kDataset,
    kWorkers,
    kCodec,
    kAccuracy,
    kLoss,
    kBytes,
    kRatio,
    kSamplesPerSecond,
    kDuration,
    kCreated,
    kColumns
  };
  enum Role {
    kSortRole = Qt::UserRole,  // numbers as numbers; what was not measured sorts last
    kRunRole,                  // the id
    kStateRole,                // proto::RunState
    kProgressRole,             // 0 to 1
  };
  static constexpr int kNotifyMs = 33;

  explicit RunTableModel(QObject* parent = nullptr);

  void upsert(const proto::RunSummary& run);  // shown at the next notice, kNotifyMs later at the latest
  void remove(const QString& run);
  void clear();
  void flush();  // what waits, now

  const proto::RunSummary& run(int row) const { return rows_[row].summary; }
  const RunFacts& facts(int row) const { return rows_[row].facts; }
  int rowOf(const QString& run) const { return row_of_.value(run, -1); }  // -1 if there is none

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Row {
    QString id;
    proto::RunSummary summary;
    RunFacts facts;
  };
  QVariant display(const Row& row, int column) const;
  QVariant sortValue(const Row& row, int column) const;
  void reindex(int from);

  QVector<Row> rows_;  // in the order of their coming; views sort
  QHash<QString, int> row_of_;
  QHash<QString, proto::RunSummary> pending_;
  QStringList pending_order_;
  QTimer notify_;
};

}  // namespace concertina::ui
