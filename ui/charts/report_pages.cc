// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pages.cc: see report_pages.h. Tables are in report_table.cc.
#include "ui/charts/report_pages.h"

#include <QFontMetricsF>
#include <QSvgRenderer>
#include <algorithm>
#include <cmath>
#include <memory>

#include "ui/charts/report_table.h"

namespace concertina::ui {
namespace {

// Names in full are in the tables.
constexpr double kWidestWord = 0.4;  // of a picture
constexpr double kWidestKey = 0.47;  // of the sheet: two beside each other

class ReportSetter {
 public:
  ReportSetter(const ReportDocument& document, const ReportSheet& sheet)
      : document_(document), sheet_(sheet) {}

  std::vector<ReportPiece> set() {
    for (const ReportBlock& block : document_.blocks) setBlock(block);
    return std::move(pieces_);
  }

 private:
  using Kind = ReportBlock::Kind;

  double points(double count) const { return count * sheet_.dots_a_point; }

  void setBlock(const ReportBlock& block) {
    switch (block.kind) {
      case Kind::kTitle:
        return setText(block, {.size = 18, .weight = QFont::DemiBold, .above = 0, .stays = true});
      case Kind::kHeading:
        return setText(block, {.size = 11.5, .weight = QFont::DemiBold, .above = 16, .stays = true});
      case Kind::kState:
        return setText(block, {.weight = QFont::DemiBold, .color = block.color, .above = 3, .stays = true});
      case Kind::kError:
        return setText(block, {.color = block.color, .above = 8});
      case Kind::kParagraph:
        return setText(block, {.color = document_.soft, .above = 4});
      case Kind::kNote:
        return setText(block, {.size = 7.5, .color = document_.soft, .above = 12});
      case Kind::kCode:
        return setText(block, {.size = 7, .above = 4, .is_code = true});
      case Kind::kFigures:
        return setFigures(block);
      case Kind::kTable:
        return addTable(block, document_, sheet_, pieces_);
      case Kind::kLegend:
        return setLegend(block);
      case Kind::kPicture:
        return setPicture(block);
      case Kind::kShares:
        return setShares(block);
    }
  }

  struct Look {
    double size = 9;
    QFont::Weight weight = QFont::Normal;
    QColor color = {};  // invalid: ink
    double above = 0;   // points
    bool stays = false;
    bool is_code = false;
  };
  // A piece a line, so that long ones go over the end of a page.
  void setText(const ReportBlock& block, const Look& look) {
    const auto text = std::make_shared<SetText>(block.text, sheet_.font(look.size, look.weight, look.is_code),
                                                sheet_.width, Qt::AlignLeft);
    for (int i = 0; i < text->lineCount(); ++i) {
      ReportPiece piece;
      piece.height = text->line(i).height();
      piece.room_above = i == 0 ? points(look.above) : 0;
      // Neither the first line of several alone at the end of a page, nor the last at the top of one.
      piece.stays_with_next = look.stays || (text->lineCount() > 1 && (i == 0 || i == text->lineCount() - 2));
      piece.paint = [text, i, color = look.color.isValid() ? look.color : document_.ink](QPainter& painter) {
        painter.setPen(color);
        text->line(i).draw(&painter, {0, -text->line(i).y()});
      };
      pieces_.push_back(std::move(piece));
    }
  }

  // Side by side, each in a frame.
  void setFigures(const ReportBlock& block) {
    const double gap = points(8), pad = points(6);
    const double width =
        (sheet_.width - gap * double(block.figures.size() - 1)) / double(block.figures.size());
    struct Tile {
      std::shared_ptr<SetText> name, value;
    };
    std::vector<Tile> tiles;
    double height = 0;
    for (const auto& [name, value] : block.figures) {
      tiles.push_back(
          {std::make_shared<SetText>(ReportText{name, {}}, sheet_.font(7.5), width - 2 * pad, Qt::AlignLeft),
           std::make_shared<SetText>(ReportText{value, {}}, sheet_.font(14, QFont::DemiBold), width - 2 * pad,
                                     Qt::AlignLeft)});
      height = std::max(height, tiles.back().name->height() + tiles.back().value->height());
    }
    ReportPiece piece;
    piece.height = height + 2 * pad;
    piece.room_above = points(10);
    piece.paint = [tiles, width, gap, pad, high = piece.height, stroke = points(0.5),
                   this_document = document_colors()](QPainter& painter) {
      for (size_t i = 0; i < tiles.size(); ++i) {
        const double x = double(i) * (width + gap);
        painter.setPen(QPen(this_document.rule, stroke));
        painter.drawRoundedRect(QRectF(x, 0, width, high), pad / 2, pad / 2);
        painter.setPen(this_document.soft);
        tiles[i].name->draw(painter, {x + pad, pad});
        painter.setPen(this_document.ink);
        tiles[i].value->draw(painter, {x + pad, pad + tiles[i].name->height()});
      }
    };
    pieces_.push_back(std::move(piece));
  }

  // Swatch and name, as many to a line as fit; a piece a line.
  void setLegend(const ReportBlock& block) {
    struct Entry {
      std::shared_ptr<SetText> text;
      QColor color;
      double x;
    };
    const double swatch = points(6), gap = points(4), apart = points(14);
    double x = 0;
    std::vector<Entry> line;
    const size_t first = pieces_.size();
    const auto end = [&] {
      if (line.empty()) return;
      ReportPiece piece;
      for (const Entry& entry : line) piece.height = std::max(piece.height, entry.text->height());
      piece.room_above = pieces_.size() == first ? points(4) : points(1);
      piece.stays_with_next = true;
      piece.paint = [line, swatch, gap, soft = document_.soft](QPainter& painter) {
        for (const Entry& entry : line) {
          const double middle = entry.text->line(0).height() / 2;
          painter.fillRect(QRectF(entry.x, middle - swatch / 2, swatch, swatch), entry.color);
          painter.setPen(soft);
          entry.text->draw(painter, {entry.x + swatch + gap, 0});
        }
      };
      pieces_.push_back(std::move(piece));
      line.clear();
      x = 0;
    };
    for (const ReportBlock::Key& key : block.keys) {
      ReportText name = key.text;
      const QFont font = sheet_.font(8);
      const QFontMetricsF metrics(font);
      const double room = kWidestKey * sheet_.width - swatch - gap;
      if (metrics.horizontalAdvance(name.text) > room)
        name = {metrics.elidedText(name.text, Qt::ElideMiddle, room), {}};
      const auto text = std::make_shared<SetText>(name, font, sheet_.width - swatch - gap, Qt::AlignLeft);
      const double width = swatch + gap + text->naturalWidth();
      if (x > 0 && x + width > sheet_.width) end();
      line.push_back({text, key.color, x});
      x += width + apart;
    }
    end();
    // More than half a page of names cannot stay with their picture.
    double height = 0;
    for (size_t i = first; i < pieces_.size(); ++i) height += pieces_[i].height;
    if (height > sheet_.height / 2)
      for (size_t i = first; i + 1 < pieces_.size(); ++i) pieces_[i].stays_with_next = i == first;
  }

  void setPicture(const ReportBlock& block) {
    const double scale =
        std::min(sheet_.width / block.svg_size.width(), 0.42 * sheet_.height / block.svg_size.height());
    const QSizeF size =
        block.svg_size * std::min(scale, points(0.66));  // three a page; letters of 12 units: 7.9 points
    ReportPiece piece;
    piece.height = size.height();
    piece.room_above = points(4);
    struct SetWord {
      ReportBlock::Word word;
      QFont font;
    };
    std::vector<SetWord> words;
    const double a_unit = size.width() / block.svg_size.width();
    for (const ReportBlock::Word& word : block.words)
      words.push_back({word, sheet_.font(word.size * a_unit / sheet_.dots_a_point)});
    piece.paint = [size, a_unit, words, svg = block.svg, sheet_width = sheet_.width](QPainter& painter) {
      QSvgRenderer renderer(svg);
      painter.save();  // it leaves its pens and brushes behind
      renderer.render(&painter, QRectF(QPointF(), size));
      painter.restore();
      for (const auto& [word, font] : words) {
        painter.setFont(font);
        painter.setPen(word.color);
        const QFontMetricsF metrics(font);
        const double at = word.at.x() * a_unit;
        const double room = word.alignment == Qt::AlignRight ? std::min(at, kWidestWord * size.width())
                                                             : kWidestWord * size.width();
        // In the middle: names that begin alike often end in what differs.
        const QString text = metrics.elidedText(word.text, Qt::ElideMiddle, room);
        const double width = metrics.horizontalAdvance(text);
        const double left = word.alignment == Qt::AlignRight     ? width
                            : word.alignment == Qt::AlignHCenter ? width / 2
                                                                 : 0;
        const double x = std::max(0.0, std::min(at - left, sheet_width - width));
        painter.drawText(QPointF(x, word.at.y() * a_unit), text);
      }
    };
    pieces_.push_back(std::move(piece));
  }

  void setShares(const ReportBlock& block) {
    ReportPiece piece;
    piece.height = points(14);
    piece.room_above = points(4);
    piece.stays_with_next = true;
    piece.paint = [keys = block.keys, width = sheet_.width, high = piece.height](QPainter& painter) {
      double x = 0;
      for (const ReportBlock::Key& key : keys) {
        painter.fillRect(QRectF(x, 0, key.share * width, high), key.color);
        x += key.share * width;
      }
    };
    pieces_.push_back(std::move(piece));
  }

  struct Colors {
    QColor ink, soft, rule;
  };
  Colors document_colors() const { return {document_.ink, document_.soft, document_.rule}; }

  const ReportDocument& document_;
  const ReportSheet& sheet_;
  std::vector<ReportPiece> pieces_;
};

}  // namespace

QFont ReportSheet::font(double points, QFont::Weight weight, bool is_code) const {
  QFont font;
  // Whatever script a name is in, it finds letters; Chinese ones in the form of the mainland.
  font.setFamilies(
      {is_code ? code_family : family, QStringLiteral("DejaVu Sans"), QStringLiteral("Noto Sans CJK SC")});
  font.setPixelSize(int(std::lround(points * dots_a_point)));
  font.setWeight(weight);
  font.setHintingPreference(QFont::PreferNoHinting);
  // Spaced letters have no ligatures: who searches for "differ" types two letters f.
  font.setLetterSpacing(QFont::AbsoluteSpacing, 0.1);
  return font;
}

std::vector<ReportPiece> piecesOf(const ReportDocument& document, const ReportSheet& sheet) {
  return ReportSetter(document, sheet).set();
}

std::vector<std::vector<PlacedPiece>> pagesOf(const std::vector<ReportPiece>& pieces, double height) {
  std::vector<std::vector<PlacedPiece>> pages(1);
  double y = 0;
  const auto begin = [&](int head) {
    pages.emplace_back();
    y = 0;
    if (head < 0) return;
    pages.back().push_back({size_t(head), 0});
    y = pieces[size_t(head)].height;
  };
  for (size_t i = 0; i < pieces.size();) {
    // What stays together: up to the first that does not ask for the next.
    size_t last = i;
    double together = pieces[i].height;
    while (pieces[last].stays_with_next && last + 1 < pieces.size()) {
      ++last;
      together += pieces[last].room_above + pieces[last].height;
    }
    const bool is_top = pages.back().empty();
    if (!is_top && y + pieces[i].room_above + together > height) begin(pieces[i].head);
    for (; i <= last; ++i) {
      const bool is_first = pages.back().empty();
      const double room = is_first ? 0 : pieces[i].room_above;
      if (!is_first && y + room + pieces[i].height > height) {  // together they are higher than a page
        begin(pieces[i].head);
        pages.back().push_back({i, y});
        y += pieces[i].height;
        continue;
      }
      pages.back().push_back({i, y + room});
      y += room + pieces[i].height;
    }
  }
  return pages;
}

}  // namespace concertina::ui
