// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_beside.h: the runs whose curves stand beside it, in a small table: a row that is pointed at brings
// its curve forward, and a curve that is pointed at lights its row.
// On the way of the data: client/run_comparison_models.h -> here -> the eye.
#pragma once

#include <QFrame>

#include "ui/client/run_comparison.h"
#include "ui/client/run_comparison_models.h"

class QTableView;

namespace concertina::ui {

class BesideDelegate;

class CompareBeside : public QFrame {
  Q_OBJECT
 public:
  CompareBeside(const RunComparison& comparison, ComparisonResultsModel& results, QWidget* parent = nullptr);

  void setLit(const QString& run);  // the first of its group; "": none
  QString lit() const;
  void fit();  // columns, to what stands in them

 signals:
  void pointedAt(const QString& run);  // by the pointer or the keyboard; "": by neither
  void opened(const QString& run);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;  // of the table

 private:
  void tell(const QModelIndex& index);

  QTableView* table_;
  BesideDelegate* delegate_;
  bool is_by_key_ = false;  // the focus came by the keyboard
};

}  // namespace concertina::ui
