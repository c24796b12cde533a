// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_model.h: the runs of one sweep as rows, with a column for each field that it varied and each figure
// that a run has; and the same runs on a grid of two of those fields. A sweep is all runs whose names begin
// alike, "NAME · …", whoever started them. On the way of the data: client/engine_client.h,
// core/analysis/varied_fields.h -> here -> ui/pages/sweep_results.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <QTimer>
#include <QVector>
#include <vector>

#include "core/analysis/sweep_cells.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

// A figure of a run that cells are coloured by.
struct SweepMetric {
  const char* key;  // as sweep files have it: "test_accuracy"
  QString title, unit;
  bool more_is_better;
  double (*value)(const proto::RunSummary& run);  // NaN: not measured
};
const QVector<SweepMetric>& sweepMetrics();  // titles in the person's language
int sweepMetricIndex(const QString& key);    // -1 if there is none

CellState cellStateOf(proto::RunState state);

class SweepModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  static constexpr int kSortRole = Qt::UserRole;  // numbers as numbers; what was not measured sorts last
  static constexpr int kNotifyMs = 100;

  explicit SweepModel(EngineClient& client, QObject* parent = nullptr);

  QStringList groups() const;  // names of two runs or more, the newest first
  QString group() const { return group_; }
  void setGroup(const QString& group);

  const std::vector<proto::RunSummary>& runs() const { return runs_; }  // in the order of their making
  const std::vector<VariedField>& fields() const { return fields_; }
  int rowOf(const QString& run) const;  // -1 if it is not of this sweep
  SweepCells cells(const CellQuery& query, int metric) const;
  // Runs that a cell leaves out: successive halving trained the same point anew, and for longer.
  bool isSuperseded(int row) const { return superseded_.at(static_cast<size_t>(row)); }
  // How many are queued, go on, have ended.
  struct Progress {
    int queued = 0, running = 0, ended = 0;
  };
  Progress progress() const;

  int metricColumn(int metric) const { return int(fields_.size()) + 1 + metric; }
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;  // state, fields, metrics
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void groupsChanged();
  void fieldsChanged();   // another sweep, or another run of it: axes and filters are to be offered anew
  void figuresChanged();  // of any run

 private:
  void take(const proto::RunSummary& run);
  void drop(const QString& run);
  void notice();
  void rebuild();

  EngineClient& client_;
  QHash<QString, proto::RunSummary> known_;  // that belong to any sweep
  QString group_;
  std::vector<proto::RunSummary> runs_;
  QHash<QString, int> row_of_;
  std::vector<VariedField> fields_;
  std::vector<bool> superseded_;
  bool runs_are_old_ = false;  // others have come or gone: every spec is read, once a notice
  bool groups_are_old_ = false;
  QTimer notify_;
};

}  // namespace concertina::ui
