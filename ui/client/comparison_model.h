// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// comparison_model.h: the runs of one comparison as rows, each held against the dense one that is like it,
// and what a step of each would take on any link. A comparison is all runs whose names begin alike, "NAME ·
// …", as those of `concertinactl sweep` do: whoever started them, and however long ago. On the way of the
// data: client/engine_client.h, core/analysis/break_even.h -> here -> ui/pages/compare_page.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <QTimer>
#include <QVector>
#include <optional>
#include <vector>

#include "core/analysis/break_even.h"
#include "ui/client/engine_client.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_groups.h"

namespace concertina::ui {

class ComparisonModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    kVariant,
    kState,
    kAccuracy,
    kRatio,
    kSamplesPerSecond,
    kAgainstDense,
    kSent,
    kTimeToTarget,
    kEncode,
    kDecode,
    kPaysBelow,
    kColumns
  };
  struct Row {
    QString id, variant;
    proto::RunSummary summary;
    RunFacts facts;
    std::optional<StepOnLinks> step;  // of a finished run
    QVector<double> seconds, accuracy;
    QString problem;  // why the engine could not say one of these; "": it did
    bool asked = false, has_partner = false, is_dense = false;
    double speedup = qQNaN();  // samples a second over the partner's
    BreakEven break_even;
  };

  explicit ComparisonModel(EngineClient& client, QObject* parent = nullptr);

  QStringList groups() const;  // names of two runs or more, the newest first
  QString group() const { return group_; }
  void setGroup(const QString& group);
  void setTarget(double accuracy);
  const std::vector<Row>& rows() const { return rows_; }
  double timeToTarget(const Row& row) const;  // seconds; NaN: never
  // Mbit/s of the link that a run's workers were told to have; 0: free.
  static double bandwidthOf(const Row& row);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void groupsChanged();
  void figuresChanged();  // of any row
  // A run of the group went on: what a step took since the last notice.
  void stepTimed(const QString& run, double seconds);

 private:
  void take(const proto::RunSummary& run);
  void drop(const QString& run);
  void rebuild();
  void ask(Row& row);
  void couldNotRead(const QString& run, const QString& error);
  void holdAgainstDense();
  int rowOf(const QString& run) const;
  QString display(const Row& row, int column) const;

  EngineClient& client_;
  QHash<QString, proto::RunSummary> known_;  // that belong to any comparison
  QString group_;
  double target_ = 0.85;
  std::vector<Row> rows_;          // in the order of their making
  bool partners_are_old_ = false;  // every spec is read to find them: once a notice, however much has come
  QTimer notify_;
};

}  // namespace concertina::ui
