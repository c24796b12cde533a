// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison_models.h: the tables of a comparison: what came of each group of runs, held against the
// baseline, and in which settings they differ. On the way of the data: client/run_comparison.h -> here ->
// ui/pages/compare_runs.h.
#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <vector>

#include "core/analysis/spec_difference.h"
#include "ui/client/run_comparison.h"

namespace concertina::ui {

// For people, in their language: "Final accuracy".
QString figureTitle(RunFigure figure);
// "0.9012", "12.3 MB", "4 min 05 s"; "–" for NaN.
QString figureValueText(double value, RunFigure figure);
// "0.9012 ± 0.0021" (standard deviation) of several seeds; "12.3 s (2 of 3 seeds)" where some have none.
QString figureText(const GroupFigure& figure, RunFigure which);
// "+0.012 (+1.33 %)".
QString differenceText(const FigureDifference& difference, RunFigure which);
// "95 %: −0.003 to 0.027" of the difference, or why there is none.
QString intervalText(const GroupFigure& baseline, const GroupFigure& group, RunFigure which);

// A row a group. The display is the figure; kDetailRole is its difference to the baseline, the tooltip all
// that is known.
class ComparisonResultsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kGroup, kSeeds, kFirstFigure, kColumns = kFirstFigure + kRunFigures };
  enum Role {
    kDetailRole = Qt::UserRole,
    kVerdictRole,  // 1 better than the baseline, -1 worse, 0 where chance may have done it
    kRunRole,      // id of the group's first run
    kSortRole,
  };
  explicit ComparisonResultsModel(const RunComparison& comparison, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void rebuild();
  void refresh();
  QString detail(int row, RunFigure figure) const;

  const RunComparison& comparison_;
  struct Row {
    QString label, run;
    int seeds = 0;
    std::vector<GroupFigure> figures;
    std::vector<FigureDifference> differences;  // to the baseline; worked out once, and drawn often
  };
  std::vector<Row> rows_;
  int baseline_ = 0;
};

// A row a setting that differs, a column a group.
class SpecDifferenceModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit SpecDifferenceModel(const RunComparison& comparison, QObject* parent = nullptr);

  const std::vector<SpecDifference>& differences() const { return differences_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void rebuild();

  const RunComparison& comparison_;
  std::vector<SpecDifference> differences_;
  QStringList labels_;
};

}  // namespace concertina::ui
