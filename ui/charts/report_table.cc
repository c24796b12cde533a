// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_table.cc: see report_table.h.
#include "ui/charts/report_table.h"

#include <QFontMetricsF>
#include <algorithm>
#include <memory>

namespace concertina::ui {
namespace {

constexpr double kTableSize = 8;  // points
constexpr double kWidestHead =
    0.28;  // of the sheet: names are broken rather than that the figures have no room
constexpr double kWidestColumn = 0.2;  // at their least
constexpr double kNarrowest = 0.6;     // of what would break no line
constexpr double kHighestHead = 0.3;   // of the sheet; it is repeated on every page

// Rows of the chosen columns, set.
class TableSetter {
 public:
  TableSetter(const ReportBlock& table, const ReportDocument& document, const ReportSheet& sheet)
      : table_(table),
        document_(document),
        sheet_(sheet),
        pad_x_(4 * sheet.dots_a_point),
        pad_y_(2.5 * sheet.dots_a_point) {
    for (const QList<ReportRow>* rows : {&table.head, &table.rows})
      for (const ReportRow& row : *rows) column_count_ = std::max(column_count_, size_t(row.cells.size()));
  }

  void addTo(std::vector<ReportPiece>& pieces) const {
    if (column_count_ == 0) return;
    const std::vector<ColumnNeed> needs = measured();
    const double name_width =
        column_count_ == 1 ? 0
                           : std::min(needs[0].natural, std::max(needs[0].least, kWidestHead * sheet_.width));
    const size_t first = column_count_ == 1 ? 0 : 1;
    const auto widthsFrom = [&](size_t next, size_t most) {
      return columnWidths(std::span(needs).subspan(next, std::min(most, needs.size() - next)),
                          sheet_.width - name_width);
    };
    size_t blocks = 0;
    for (size_t next = first; next < column_count_; ++blocks) next += widthsFrom(next, column_count_).size();
    const size_t most = (column_count_ - first + blocks - 1) / blocks;  // about as many in each
    for (size_t next = first, block = 0; next < column_count_; ++block) {
      const std::vector<double> widths = widthsFrom(next, most);
      std::vector<Column> columns;
      double x = 0;
      if (column_count_ > 1) {
        columns.push_back({0, 0, name_width});
        x = name_width;
      }
      for (size_t i = 0; i < widths.size(); x += widths[i++]) columns.push_back({next + i, x, widths[i]});
      addBlock(columns, block > 0, pieces);
      next += widths.size();
    }
  }

 private:
  struct Column {
    size_t index;
    double x, width;
  };
  struct SetCell {
    std::shared_ptr<SetText> text;
    double x;
    QColor color;
  };
  using SetRow = std::vector<SetCell>;

  QFont fontOf(const ReportRow::Cell& cell, bool is_in_head) const {
    return sheet_.font(kTableSize, is_in_head || cell.is_bold ? QFont::DemiBold : QFont::Normal);
  }

  std::vector<ColumnNeed> measured() const {
    std::vector<ColumnNeed> needs(column_count_);
    for (const QList<ReportRow>* rows : {&table_.head, &table_.rows})
      for (const ReportRow& row : *rows)
        for (qsizetype i = 0; i < row.cells.size(); ++i) {
          const QFontMetricsF metrics(fontOf(row.cells[i], rows == &table_.head));
          ColumnNeed& need = needs[size_t(i)];
          for (const QString& line : row.cells[i].content.text.split(QChar(QChar::LineSeparator))) {
            // A rounded width must not break what fits.
            need.natural = std::max(need.natural, metrics.horizontalAdvance(line) + 2 * pad_x_ + 2);
            for (const QString& word : line.split(QLatin1Char(' ')))
              need.least = std::max(need.least, metrics.horizontalAdvance(word) + 2 * pad_x_ + 2);
          }
        }
    // Figures in a column of single words read badly: rather more columns below.
    for (size_t i = 0; i < needs.size(); ++i)
      if (i > 0) needs[i].least = std::max(needs[i].least, kNarrowest * needs[i].natural);
    for (size_t i = 0; i < needs.size(); ++i)
      needs[i].least = std::min(needs[i].least, (i == 0 ? kWidestHead : kWidestColumn) * sheet_.width);
    return needs;
  }

  SetRow setRow(const ReportRow& row, const std::vector<Column>& columns, bool is_in_head) const {
    SetRow set;
    for (const Column& column : columns) {
      if (column.index >= size_t(row.cells.size())) continue;
      const ReportRow::Cell& cell = row.cells[qsizetype(column.index)];
      set.push_back(
          {std::make_shared<SetText>(cell.content, fontOf(cell, is_in_head), column.width - 2 * pad_x_,
                                     cell.is_number ? Qt::AlignRight : Qt::AlignLeft),
           column.x + pad_x_,
           cell.color.isValid()                               ? cell.color
           : is_in_head || (cell.is_head && column.index > 0) ? document_.soft
                                                              : document_.ink});
    }
    return set;
  }

  // A row that is higher than `most` becomes several pieces, each of whole lines; a head ends there.
  void addRow(const SetRow& row, double most, bool is_in_head, bool is_marked, int head,
              std::vector<ReportPiece>& pieces) const {
    std::vector<int> first(row.size(), 0);
    for (;;) {
      std::vector<int> last(row.size());
      double height = 0;
      bool is_whole = true;
      for (size_t i = 0; i < row.size(); ++i) {
        double own = 0;
        int line = first[i];
        for (; line < row[i].text->lineCount(); ++line) {
          const double high = row[i].text->line(line).height();
          if (line > first[i] && own + high > most) break;
          own += high;
        }
        last[i] = line;
        is_whole = is_whole && line >= row[i].text->lineCount();
        height = std::max(height, own);
      }
      ReportPiece piece;
      piece.height = height + 2 * pad_y_;
      piece.head = head;
      piece.stays_with_next = is_in_head;
      piece.paint = [row, first, last, piece_height = piece.height, width = sheet_.width, pad = pad_y_,
                     stroke = 0.5 * sheet_.dots_a_point, ground = is_marked ? document_.grid : QColor(),
                     rule = document_.rule](QPainter& painter) {
        if (ground.isValid()) painter.fillRect(QRectF(0, 0, width, piece_height), ground);
        for (size_t i = 0; i < row.size(); ++i) {
          painter.setPen(row[i].color);
          row[i].text->drawLines(painter, {row[i].x, pad}, first[i], last[i]);
        }
        painter.setPen(QPen(rule, stroke));
        painter.drawLine(QPointF(0, piece_height), QPointF(width, piece_height));
      };
      pieces.push_back(std::move(piece));
      if (is_whole || is_in_head) return;
      first = last;
    }
  }

  void addBlock(const std::vector<Column>& columns, bool is_below_another,
                std::vector<ReportPiece>& pieces) const {
    const size_t first = pieces.size();
    double head_height = 0;
    int head = -1;
    for (const ReportRow& row : table_.head) {
      addRow(setRow(row, columns, true), kHighestHead * sheet_.height, true, false, -1, pieces);
      head = int(pieces.size()) - 1;  // of several, the last is repeated
      head_height = pieces.back().height;
    }
    const double most = sheet_.height - head_height - 2 * pad_y_ - 1;
    for (const ReportRow& row : table_.rows)
      addRow(setRow(row, columns, false), most, false, row.is_marked, head, pieces);
    if (pieces.size() > first) pieces[first].room_above = (is_below_another ? 10 : 3) * sheet_.dots_a_point;
  }

  const ReportBlock& table_;
  const ReportDocument& document_;
  const ReportSheet& sheet_;
  const double pad_x_, pad_y_;
  size_t column_count_ = 0;
};

}  // namespace

SetText::SetText(const ReportText& text, const QFont& font, double width, Qt::Alignment alignment)
    : layout_(text.text, font) {
  QTextOption option(alignment);
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  option.setUseDesignMetrics(true);
  layout_.setTextOption(option);
  layout_.setFormats(text.formats);
  layout_.setCacheEnabled(true);
  layout_.beginLayout();
  for (QTextLine line = layout_.createLine(); line.isValid(); line = layout_.createLine()) {
    line.setLineWidth(width);
    line.setPosition({0, height_});
    height_ += line.height();
  }
  layout_.endLayout();
}

double SetText::naturalWidth() const {
  double width = 0;
  for (int i = 0; i < lineCount(); ++i) width = std::max(width, line(i).naturalTextWidth());
  return width;
}

void SetText::draw(QPainter& painter, QPointF at) const { drawLines(painter, at, 0, lineCount()); }

void SetText::drawLines(QPainter& painter, QPointF at, int first, int last) const {
  for (int i = first; i < last; ++i) line(i).draw(&painter, at - QPointF(0, line(first).y()));
}

void addTable(const ReportBlock& table, const ReportDocument& document, const ReportSheet& sheet,
              std::vector<ReportPiece>& pieces) {
  TableSetter(table, document, sheet).addTo(pieces);
}

std::vector<double> columnWidths(std::span<const ColumnNeed> needs, double width) {
  std::vector<double> widths;
  double least = 0, natural = 0;
  for (const ColumnNeed& need : needs) {
    if (!widths.empty() && least + need.least > width) break;
    least += need.least;
    natural += need.natural;
    widths.push_back(std::min(need.least, width));
  }
  // What is left goes to those that still break lines, by how much they lack.
  const double wanted = natural - least;
  const double share = wanted > 0 ? std::clamp((width - least) / wanted, 0.0, 1.0) : 0;
  for (size_t i = 0; i < widths.size(); ++i) widths[i] += share * (needs[i].natural - needs[i].least);
  return widths;
}

}  // namespace concertina::ui
