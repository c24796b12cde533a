// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_runs_tables.cc: the two tables of runs beside each other: how wide their columns are, and what
// leaves them (see compare_runs.h).
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QMenu>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>
#include <memory>
#include <optional>

#include "ui/charts/picture_export.h"
#include "ui/forms/ask.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/compare_runs.h"

namespace concertina::ui {

// What is done with the table in front.
QWidget* CompareRuns::makeTableButton() {
  // The tabs draw a line beneath a corner, a wrong one when the corner hides: so its holder stays.
  auto* holder = new QWidget(tabs_);
  auto* inside = new QHBoxLayout(holder);
  inside->setContentsMargins(0, 0, 0, 0);
  table_button_ = new QToolButton(holder);
  inside->addWidget(table_button_);
  table_button_->setObjectName(QStringLiteral("compareRuns.tableButton"));
  table_button_->setText(tr("Table"));
  table_button_->setToolTip(tr("Copy, save or turn this table"));
  table_button_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(table_button_);
  const auto add = [&](const char* name, const QString& text, auto slot) {
    QAction* action = menu->addAction(text, this, slot);
    action->setObjectName(QStringLiteral("compareRuns.table.") + QLatin1String(name));
    return action;
  };
  add("tabs", tr("Copy for a Spreadsheet"), [this] { copyTable(tableText(), TableFormat::kTabs); });
  add("markdown", tr("Copy as Markdown"), [this] { copyTable(tableText(), TableFormat::kMarkdown); });
  add("latex", tr("Copy as LaTeX"), [this] { copyTable(tableText(), TableFormat::kLatex); });
  add("save", tr("Save…"), [this] { saveTable(); });
  menu->addSeparator();
  QAction* swap = menu->addAction(tr("Swap Rows and Columns"));
  swap->setObjectName(QStringLiteral("compareRuns.table.swap"));
  swap->setCheckable(true);
  connect(swap, &QAction::toggled, this, &CompareRuns::swapTables);
  table_button_->setMenu(menu);
  table_button_->hide();
  return holder;
}

QTableView* CompareRuns::tableInFront() const {
  for (QTableView* table : {results_table_, settings_table_})
    if (tabs_->currentWidget() != nullptr && tabs_->currentWidget()->isAncestorOf(table)) return table;
  return nullptr;
}

TextTable CompareRuns::tableText() const {
  const QTableView* const table = tableInFront();
  if (table == nullptr) return {};
  return shownTable(*table, false, table == results_table_ ? int(ComparisonResultsModel::kDetailRole) : -1);
}

void CompareRuns::saveTable() {
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save the Table"),
                                         .start = QStringLiteral("comparison.csv"),
                                         .filter = tr("Tables (*.csv *.tsv *.md *.tex)"),
                                         .suffix = QStringLiteral("csv")});
  if (path.isEmpty()) return;
  const std::optional<TableFormat> format = TableFormatOf(path.toStdString());
  const QString error =
      format ? saveFile(path, QByteArray::fromStdString(TableAs(tableText(), *format)))
             : tr("%1 ends in none of .csv, .tsv, .md and .tex, by which a table is written.").arg(path);
  say(error.isEmpty() ? tr("The table is in %1").arg(path) : error, !error.isEmpty());
}

void CompareRuns::swapTables(bool swapped) {
  const auto show = [&](QTableView* table, QAbstractItemModel& model) {
    const std::unique_ptr<QItemSelectionModel> left(table->selectionModel());
    table->setModel(&model);
    table->verticalHeader()->setVisible(swapped);
    // Behind the view, to which a reset shows again what it hides.
    disconnect(&model, &QAbstractItemModel::modelReset, this, nullptr);
    connect(&model, &QAbstractItemModel::modelReset, this, &CompareRuns::fit);
  };
  show(results_table_, swapped ? static_cast<QAbstractItemModel&>(swapped_results_) : results_);
  show(settings_table_, swapped ? static_cast<QAbstractItemModel&>(swapped_settings_) : settings_);
  fit();
}

void CompareRuns::fit() {
  settings_stack_->setCurrentIndex(settings_.rowCount() > 0 ? 1 : 0);
  for (QTableView* table : {results_table_, settings_table_}) {
    const bool is_swapped = !table->verticalHeader()->isHidden();
    if (table->model()->rowCount() > 0) table->setRowHidden(0, is_swapped);
    table->resizeColumnsToContents();
    for (int column = 0; column < table->model()->columnCount(); ++column)
      table->setColumnWidth(column, std::clamp(table->columnWidth(column), charactersWide(this, 14),
                                               charactersWide(this, column == 0 ? 48 : 32)));
  }
}

void CompareRuns::grow() {
  if (!isVisible()) return;
  QVector<int> before;
  const int columns = results_table_->model()->columnCount();
  for (int column = 0; column < columns; ++column) before << results_table_->columnWidth(column);
  results_table_->resizeColumnsToContents();
  for (int column = 0; column < columns; ++column)
    results_table_->setColumnWidth(
        column,
        std::max(before[column], std::min(results_table_->columnWidth(column), charactersWide(this, 48))));
}

}  // namespace concertina::ui
