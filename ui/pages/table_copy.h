// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// table_copy.h: what a table shows, as text for a paper, a README or a spreadsheet. On the way of the data:
// any table of a page -> here -> core/analysis/table_text.h -> the clipboard, a file.
#pragma once

#include <QTableView>
#include <QTransposeProxyModel>

#include "core/analysis/table_text.h"

namespace concertina::ui {

// The cells in sight, columns in the order in which they stand: of the chosen rows if `chosen_only` and there
// are any, else of all. `detail_role`: a second line of the cell, put behind the first in brackets; -1: none.
TextTable shownTable(const QTableView& table, bool chosen_only, int detail_role = -1);
void copyTable(const TextTable& table, TableFormat format);  // to the clipboard

// Ctrl+C: the chosen rows with their headings, as spreadsheets take them.
void addCopyAction(QTableView* table);

// Rows and columns of another model in each other's place: its first column heads the columns, its headings
// head the rows. Row 0, which says what the headings say, is the view's to hide.
class SwappedTable : public QTransposeProxyModel {
  Q_OBJECT
 public:
  using QTransposeProxyModel::QTransposeProxyModel;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

}  // namespace concertina::ui
