// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// table_copy.cc: see table_copy.h.
#include "ui/pages/table_copy.h"

#include <QAction>
#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <algorithm>

namespace concertina::ui {
namespace {

std::string cellText(const QModelIndex& index, int detail_role) {
  QString text = index.data(Qt::DisplayRole).toString();
  const QString detail = detail_role < 0 ? QString() : index.data(detail_role).toString();
  if (!detail.isEmpty())
    text += (text.isEmpty() ? QString() : QStringLiteral(" ")) + QLatin1Char('[') + detail + QLatin1Char(']');
  return text.toStdString();
}

}  // namespace

TextTable shownTable(const QTableView& table, bool chosen_only, int detail_role) {
  const QAbstractItemModel& model = *table.model();
  QVector<int> columns, rows;
  for (int place = 0; place < model.columnCount(); ++place)
    if (const int column = table.horizontalHeader()->logicalIndex(place); !table.isColumnHidden(column))
      columns << column;
  if (chosen_only)
    for (const QModelIndex& index : table.selectionModel()->selectedRows()) rows << index.row();
  std::sort(rows.begin(), rows.end());
  if (rows.isEmpty())
    for (int row = 0; row < model.rowCount(); ++row) rows << row;
  rows.removeIf([&](int row) { return table.isRowHidden(row); });
  const bool has_row_headings = !table.verticalHeader()->isHidden();
  TextTable text;
  const auto heading = [&](int section, Qt::Orientation orientation) {
    return model.headerData(section, orientation, Qt::DisplayRole).toString().toStdString();
  };
  if (has_row_headings) text.headings.push_back(heading(0, Qt::Vertical));
  for (const int column : std::as_const(columns)) text.headings.push_back(heading(column, Qt::Horizontal));
  for (const int row : std::as_const(rows)) {
    std::vector<std::string>& cells = text.rows.emplace_back();
    if (has_row_headings) cells.push_back(heading(row, Qt::Vertical));
    for (const int column : std::as_const(columns))
      cells.push_back(cellText(model.index(row, column), detail_role));
  }
  return text;
}

void copyTable(const TextTable& table, TableFormat format) {
  QGuiApplication::clipboard()->setText(QString::fromStdString(TableAs(table, format)));
}

void addCopyAction(QTableView* table) {
  auto* action = new QAction(QCoreApplication::translate("concertina::ui::TableCopy", "&Copy"), table);
  action->setObjectName(table->objectName() + QStringLiteral(".copyAction"));
  action->setShortcut(QKeySequence::Copy);
  action->setShortcutContext(Qt::WidgetShortcut);
  QObject::connect(action, &QAction::triggered, table,
                   [table] { copyTable(shownTable(*table, true), TableFormat::kTabs); });
  table->addAction(action);
}

QVariant SwappedTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (sourceModel() == nullptr) return {};
  if (orientation == Qt::Vertical) return sourceModel()->headerData(section, Qt::Horizontal, role);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  return sourceModel()->index(section, 0).data(Qt::DisplayRole);
}

}  // namespace concertina::ui
