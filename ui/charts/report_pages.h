// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pages.h: a report as pieces that are not cut (a line, a row of a table, a picture), and on which
// page each of them comes. On the way of the data: charts/report_document.h -> here -> charts/report_pdf.h.
#pragma once

#include <QPainter>
#include <functional>
#include <vector>

#include "ui/charts/report_document.h"

namespace concertina::ui {

// Lengths are in dots of the printer; `y` grows downward.
struct ReportPiece {
  double height = 0;
  double room_above = 0;         // not at the top of a page
  bool stays_with_next = false;  // a heading is not the last on its page
  int head = -1;                 // the piece that is repeated above it where a page begins with it; -1: none
  std::function<void(QPainter&)> paint;  // with its left upper corner at 0, 0
};

// Paper and letters, in dots.
struct ReportSheet {
  double width = 0, height = 0;  // that is written on
  double dots_a_point = 1;       // a point is 1/72 inch
  QString family, code_family;
  QFont font(double points, QFont::Weight weight = QFont::Normal, bool is_code = false) const;
};

// In their order. None is higher than the page.
std::vector<ReportPiece> piecesOf(const ReportDocument& document, const ReportSheet& sheet);

struct PlacedPiece {
  size_t piece = 0;
  double y = 0;
};
// The pages, at least one. What stays together and fits on a page is on one.
std::vector<std::vector<PlacedPiece>> pagesOf(const std::vector<ReportPiece>& pieces, double height);

}  // namespace concertina::ui
