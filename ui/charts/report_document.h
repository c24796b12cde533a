// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_document.h: a report that Concertina wrote as HTML, taken apart into what a printer of pages needs.
// The page is the one source: what it says, and in which order, is decided in core/analysis, and once. On the
// way of the data: analysis/export_comparison.h, analysis/export_html.h -> here -> charts/report_pdf.h.
#pragma once

#include <QByteArray>
#include <QColor>
#include <QSizeF>
#include <QStringList>
#include <QTextLayout>

#include "core/base/status.h"

namespace concertina::ui {

// Text with the places that look otherwise; lines within it are parted by QChar::LineSeparator. A link is an
// anchor.
struct ReportText {
  QString text;
  QList<QTextLayout::FormatRange> formats;
};

struct ReportRow {
  struct Cell {
    ReportText content;
    bool is_head = false, is_number = false;
    QColor color;  // invalid: ink
    bool is_bold = false;
  };
  QList<Cell> cells;
  bool is_marked = false;  // what the others are held against
};

struct ReportBlock {
  enum class Kind {
    kTitle,
    kHeading,
    kState,  // "finished", in its colour
    kParagraph,
    kNote,  // small, in the end
    kError,
    kFigures,  // a few large ones, each under its name
    kTable,
    kLegend,  // of the picture that follows
    kPicture,
    kShares,  // one bar, cut
    kCode,
  };
  Kind kind = Kind::kParagraph;
  ReportText text;              // of all but the following
  QColor color;                 // kState
  QList<ReportRow> head, rows;  // kTable; each page that it comes to begins with the head
  struct Key {                  // kLegend, kShares (without text)
    QColor color;
    ReportText text;
    double share = 0;
  };
  QList<Key> keys;
  QList<QPair<QString, QString>> figures;  // kFigures: name, value
  QByteArray svg;  // kPicture: colours and strokes in the elements themselves, no texts
  QSizeF svg_size;
  struct Word {  // of the picture, in its units: Qt's renderer would draw outlines, which nobody can search
    QString text;
    QPointF at;  // on the line that letters stand on
    Qt::Alignment alignment;
    double size = 0;
    QColor color;
  };
  QList<Word> words;
};

struct ReportDocument {
  QString title;
  QColor ink, soft, rule, grid;  // the light ones, whatever the reader's system is
  QList<ReportBlock> blocks;
};

// kInvalidArgument: `html` is no report of ours; the line is named.
absl::StatusOr<ReportDocument> readReport(const std::string& html);

}  // namespace concertina::ui
