// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_model.h: every run as a row. Hundreds of changes between two frames become one notice.
// On the way of the data: client/engine_client.h -> here -> ui/pages/runs_page.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
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
    kTags,
    kCurve,     // drawn by its delegate, from client/run_curves.h
    kBaseline,  // against the pinned run
    kNote,
    kColumns  // then those of setExtraColumns
  };
  enum Role {
    kSortRole = Qt::UserRole,  // numbers as numbers; what was not measured sorts last
    kRunRole,                  // the id
    kStateRole,                // proto::RunState
    kProgressRole,             // 0 to 1
    kTagsRole,                 // QStringList
    kColorRole,                // a place in the palette
    kPinnedRole,               // bool
  };
  static constexpr int kNotifyMs = 33;

  explicit RunTableModel(QObject* parent = nullptr);

  // Shown, or gone, at the next notice, kNotifyMs later at the latest.
  void upsert(const proto::RunSummary& run);
  // As it stands, because time has passed: it comes before nothing newer, nor brings back what leaves.
  void touch(int row);
  void remove(const QString& run);
  void clear();
  void flush();  // what waits, now

  // More columns: JSON pointers into the spec ("/optimizer/momentum") and names of figures
  // ("peak_memory_bytes").
  void setExtraColumns(const QStringList& fields);
  QStringList extraColumns() const { return extra_; }
  static bool isNumber(int column);

  const QString& searchText(int row) const { return rows_[row].search_text; }
  int pinnedRow() const { return rowOf(pinned_); }  // -1: no run is
  QVariant sortValue(int row, int column) const { return sortValue(rows_[row], column); }
  // How much better than the pinned run: of accuracy, a fraction; of loss where there is no accuracy,
  // negated. NaN where there is nothing to hold against.
  double againstBaseline(int row) const { return againstBaseline(rows_[row]); }

  const proto::RunSummary& run(int row) const { return rows_[row].summary; }
  const RunFacts& facts(int row) const { return rows_[row].facts; }
  int rowOf(const QString& run) const { return row_of_.value(run, -1); }  // -1 if there is none

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void settled();  // all of one notice was told: who sorts or filters does so now, once

 private:
  struct Row {
    QString id;
    proto::RunSummary summary;
    RunFacts facts;
    QString search_text;
  };
  QVariant display(const Row& row, int column) const;
  QString toolTip(const Row& row, int column) const;
  QVariant sortValue(const Row& row, int column) const;
  double againstBaseline(const Row& row) const;
  QString baselineText(const Row& row) const;
  void reindex(int from);
  void removePending();

  QVector<Row> rows_;  // in the order of their coming; views sort
  QHash<QString, int> row_of_;
  QString pinned_;
  QStringList extra_;
  QHash<QString, proto::RunSummary> pending_;
  QStringList pending_order_;
  QSet<QString> leaving_;
  QTimer notify_;
};

}  // namespace concertina::ui
