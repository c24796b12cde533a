// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_table.h: tables of a report on paper, where nothing can be scrolled: columns that find no room
// beside the others come below them, with the names of the rows again. On the way of the data:
// charts/report_document.h -> here -> charts/report_pages.h.
#pragma once

#include <QTextLayout>
#include <span>

#include "ui/charts/report_pages.h"

namespace concertina::ui {

// Text broken into lines of a width; a word that is longer is broken anywhere.
class SetText {
 public:
  SetText(const ReportText& text, const QFont& font, double width, Qt::Alignment alignment);
  int lineCount() const { return layout_.lineCount(); }
  QTextLine line(int i) const { return layout_.lineAt(i); }
  double height() const { return height_; }
  double naturalWidth() const;  // of the longest line
  void draw(QPainter& painter, QPointF at) const;
  // The lines of `first` to before `last`, the first of them at `at`.
  void drawLines(QPainter& painter, QPointF at, int first, int last) const;

 private:
  QTextLayout layout_;
  double height_ = 0;
};

// Appends the table's pieces: a row each, below a head that pages repeat.
void addTable(const ReportBlock& table, const ReportDocument& document, const ReportSheet& sheet,
              std::vector<ReportPiece>& pieces);

struct ColumnNeed {
  double least = 0;    // that keeps its longest word whole
  double natural = 0;  // that breaks no line
};
// The widths of as many columns, from the first on, as have room at their least; at least one. They fill
// `width` if they could use it.
std::vector<double> columnWidths(std::span<const ColumnNeed> needs, double width);

}  // namespace concertina::ui
