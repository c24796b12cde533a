// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_runs.h: any runs beside each other: their curves, what came of them held against a baseline, the
// settings in which they differ, and all of it as a page to send. On the way of the data:
// client/run_comparison.h -> here -> the eye, a file.
#pragma once

#include <QVector>
#include <QWidget>
#include <memory>

#include "ui/client/run_comparison.h"
#include "ui/client/run_comparison_models.h"
#include "ui/pages/table_copy.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;
class QTabWidget;
class QToolButton;

namespace concertina::ui {

class CompareBeside;
class CompareCurves;
class ComparePlots;
class Mailbox;

class CompareRuns : public QWidget {
  Q_OBJECT
 public:
  explicit CompareRuns(EngineClient& client, QWidget* parent = nullptr);
  ~CompareRuns() override;

  void setRuns(const QVector<proto::RunSummary>& runs);
  RunComparison& comparison() { return comparison_; }
  CompareCurves& curves() { return *curves_; }
  bool findSeries();  // false: there are no curves to look for

 signals:
  void opened(const QString& run);
  void closed();         // back to the comparisons of codecs
  void runsRequested();  // to choose others

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  QWidget* makeBar();
  QWidget* makeTabs();
  QWidget* makeTableButton();
  void showGroups();
  void showTarget();
  void fit();   // columns, to what stands in them
  void grow();  // those that have become too narrow
  void saveReport();
  QTableView* tableInFront() const;  // null: the tab in front has none
  TextTable tableText() const;       // of it
  void saveTable();
  void swapTables(bool swapped);
  void say(const QString& text, bool problem);

  RunComparison comparison_;
  ComparisonResultsModel results_;
  SpecDifferenceModel settings_;
  SwappedTable swapped_results_, swapped_settings_;
  std::shared_ptr<Mailbox> mailbox_;  // of the thread that writes a report

  QLabel* count_ = nullptr;
  QCheckBox* seeds_ = nullptr;
  QComboBox* baseline_ = nullptr;
  QDoubleSpinBox* target_ = nullptr;
  QPushButton* report_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QToolButton* table_button_ = nullptr;
  CompareCurves* curves_ = nullptr;
  CompareBeside* beside_ = nullptr;
  ComparePlots* plots_ = nullptr;
  QTableView *results_table_ = nullptr, *settings_table_ = nullptr;
  QStackedWidget *settings_stack_ = nullptr, *stack_ = nullptr;
  QLabel* message_ = nullptr;
};

}  // namespace concertina::ui
