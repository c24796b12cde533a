// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_table.h: how a table looks: quiet lines, headings above what they head, figures that end where
// their heading ends. On the way of the data: item models -> here -> pages/monitor_page.h, pages/runs_page.h.
#pragma once

#include <QFrame>
#include <QHeaderView>
#include <QStyledItemDelegate>
#include <QTableView>

namespace concertina::ui {

// Text begins and ends a whole unit from the cell's sides, as in the heading.
class TableDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 protected:
  // The cell without its text, and the room for it.
  static QRect paintGround(QPainter* painter, QStyleOptionViewItem& option);
  static QColor textColor(const QStyleOptionViewItem& option);
};

// Quiet headings; the one that sorts is darker and has an arrow beside its words, never over them.
class TableHeader : public QHeaderView {
  Q_OBJECT
 public:
  explicit TableHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent) {}
  QSize sectionSizeFromContents(int section) const override;  // of a hidden one, too

 protected:
  void paintSection(QPainter* painter, const QRect& rect, int section) const override;
};

// A table without an editor, rows selected whole and copied by Ctrl+C. `rows_high`: height of a row in units.
QTableView* makeTable(const QString& name, QAbstractItemModel* model, double rows_high, QWidget* parent);
// The same look and keys for a table that brings its own model.
void dressTable(QTableView* table, double rows_high);
QFrame* inCard(QTableView* table, QWidget* parent);

}  // namespace concertina::ui
