// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_document.cc: see report_document.h.
#include "ui/charts/report_document.h"

#include <QHash>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>
#include <algorithm>

#include "fmt/format.h"

namespace concertina::ui {
namespace {

using Declarations = QList<QPair<QString, QString>>;

// What of a style sheet pictures and words take their looks from.
class StyleSheet {
 public:
  explicit StyleSheet(const QString& css) {
    static const QRegularExpression variable(QStringLiteral("--([a-z0-9]+):\\s*(#[0-9a-f]{6})"));
    static const QRegularExpression rule(QStringLiteral("(?:svg )?([.a-z]+)\\s*\\{([^{}]*)\\}"));
    // The first :root is the light one.
    const qsizetype begin = css.indexOf(QLatin1String(":root"));
    const QString light =
        begin < 0 ? QString() : css.mid(begin, css.indexOf(QLatin1Char('}'), begin) - begin);
    for (auto found = variable.globalMatch(light); found.hasNext();) {
      const QRegularExpressionMatch match = found.next();
      variables_.insert(match.captured(1), match.captured(2));
    }
    for (auto found = rule.globalMatch(css); found.hasNext();) {
      const QRegularExpressionMatch match = found.next();
      rules_[match.captured(1)] += declarationsOf(match.captured(2));
    }
  }
  // "var(--s0)" as "#0072b2", wherever it stands.
  QString resolved(QString text) const {
    static const QRegularExpression use(QStringLiteral("var\\(--([a-z0-9]+)\\)"));
    for (QRegularExpressionMatch match = use.match(text); match.hasMatch(); match = use.match(text))
      text.replace(match.capturedStart(), match.capturedLength(),
                   variables_.value(match.captured(1), QStringLiteral("#000000")));
    return text;
  }
  QColor color(const QString& name) const {
    return QColor(variables_.value(name, QStringLiteral("#000000")));
  }
  // Of "bar off": what .bar says, then what .bar.off says.
  Declarations ofClasses(const QString& classes) const {
    Declarations all;
    QString selector;
    for (const QString& name : classes.split(QLatin1Char(' '), Qt::SkipEmptyParts))
      all += rules_.value(selector += QLatin1Char('.') + name);
    return all;
  }
  Declarations ofElement(const QString& name) const { return rules_.value(name); }
  static Declarations declarationsOf(const QString& text) {
    Declarations all;
    for (const QString& one : text.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
      const qsizetype colon = one.indexOf(QLatin1Char(':'));
      if (colon > 0) all.append({one.left(colon).trimmed(), one.mid(colon + 1).trimmed()});
    }
    return all;
  }

 private:
  QHash<QString, QString> variables_;
  QHash<QString, Declarations> rules_;
};

class ReportReader {
  using Kind = ReportBlock::Kind;

 public:
  ReportReader(const QString& xml, const StyleSheet& style) : reader_(xml), style_(style) {}

  absl::StatusOr<ReportDocument> read() {
    if (reader_.readNextStartElement()) readBlocks(Kind::kParagraph);
    if (reader_.hasError())
      return absl::InvalidArgumentError(
          fmt::format("line {} of the page: {}; expected a report that Concertina wrote as HTML",
                      reader_.lineNumber(), reader_.errorString().toStdString()));
    if (document_.title.isEmpty() || document_.blocks.size() < 2)
      return absl::InvalidArgumentError(
          "found a page without a title or without anything below it; expected "
          "a report that Concertina wrote as HTML");
    document_.ink = style_.color(QStringLiteral("ink"));
    document_.soft = style_.color(QStringLiteral("soft"));
    document_.rule = style_.color(QStringLiteral("rule"));
    document_.grid = style_.color(QStringLiteral("grid"));
    return std::move(document_);
  }

 private:
  QString classOf() const { return reader_.attributes().value(QLatin1String("class")).toString(); }
  bool hasClass(const char* name) const {
    return classOf().split(QLatin1Char(' ')).contains(QLatin1String(name));
  }
  QString style(const char* property) const {
    const QString style = reader_.attributes().value(QLatin1String("style")).toString();
    for (const auto& [name, value] : StyleSheet::declarationsOf(style))
      if (name == QLatin1String(property)) return style_.resolved(value);
    return {};
  }

  // The element that was begun, to its end; words that stand in it by themselves are of the kind `loose`.
  void readBlocks(Kind loose) {
    if (++depth_ > kMaxDepth) return reader_.raiseError(QStringLiteral("elements too deep in each other"));
    while (!reader_.atEnd()) {
      const QXmlStreamReader::TokenType token = reader_.readNext();
      if (token == QXmlStreamReader::EndElement) break;
      if (token == QXmlStreamReader::StartElement) readBlock(loose);
      if (token != QXmlStreamReader::Characters || reader_.isWhitespace()) continue;
      ReportText text;
      append(text, reader_.text().toString(), {}, /*is_verbatim=*/false);
      add(loose, std::move(text));
    }
    --depth_;
  }

  void readBlock(Kind loose) {
    const auto name = reader_.name();
    const auto is = [&](const char* wanted) { return name == QLatin1String(wanted); };
    if (is("h1")) {
      ReportText text = readText();
      document_.title = text.text;
      return add(Kind::kTitle, std::move(text));
    }
    if (is("h2")) return add(Kind::kHeading, readText());
    if (hasClass("state")) {
      const Declarations own = style_.ofClasses(classOf());  // .state, then .state.finished
      QColor state_color;
      for (const auto& [property, value] : own)
        if (property == QLatin1String("background")) state_color = QColor(style_.resolved(value));
      return add(Kind::kState, readText(), state_color);
    }
    if (hasClass("error"))
      return add(Kind::kError, readText(/*is_verbatim=*/true), style_.color(QStringLiteral("bad")));
    if (hasClass("split")) return readShares();
    if (hasClass("about") || is("p") || is("summary"))
      return add(loose == Kind::kNote ? Kind::kNote : Kind::kParagraph, readText());
    if (is("pre")) return add(Kind::kCode, readText(/*is_verbatim=*/true));
    if (is("ul")) return readLegend();
    if (is("svg")) return readPicture();
    if (is("table")) return readTable();
    if (is("dl")) return readFigure();
    readBlocks(is("footer") ? Kind::kNote : loose);
  }

  void add(Kind kind, ReportText text, const QColor& color = {}) {
    if (text.text.trimmed().isEmpty()) return;
    document_.blocks.append({.kind = kind, .text = std::move(text), .color = color});
  }

  // HTML's spaces fold into one, and those at the edges go; a no-break space stays.
  static void append(ReportText& to, const QString& added, const QTextCharFormat& format, bool is_verbatim) {
    const int begin = int(to.text.size());
    for (const QChar c : added) {
      if (is_verbatim) {
        to.text += c == QLatin1Char('\n') ? QChar(QChar::LineSeparator) : c;
        continue;
      }
      const bool is_space = c == QLatin1Char(' ') || c == QLatin1Char('\n') || c == QLatin1Char('\t');
      if (!is_space)
        to.text += c;
      else if (!to.text.isEmpty() && to.text.back() != QLatin1Char(' ') &&
               to.text.back() != QChar(QChar::LineSeparator))
        to.text += QLatin1Char(' ');
    }
    if (!format.isEmpty() && to.text.size() > begin)
      to.formats.append({begin, int(to.text.size()) - begin, format});
  }

  // The text of the element that was begun, to its end.
  ReportText readText(bool is_verbatim = false) {
    ReportText text;
    readInto(text, {}, is_verbatim);
    while (!is_verbatim && text.text.endsWith(QLatin1Char(' '))) text.text.chop(1);
    for (QTextLayout::FormatRange& range : text.formats)
      range.length = std::min(range.length, int(text.text.size()) - range.start);
    return text;
  }
  void readInto(ReportText& text, const QTextCharFormat& outer, bool is_verbatim) {
    if (++depth_ > kMaxDepth) return reader_.raiseError(QStringLiteral("elements too deep in each other"));
    while (!reader_.atEnd()) {
      const QXmlStreamReader::TokenType token = reader_.readNext();
      if (token == QXmlStreamReader::EndElement) break;
      if (token == QXmlStreamReader::Characters) append(text, reader_.text().toString(), outer, is_verbatim);
      if (token != QXmlStreamReader::StartElement) continue;
      QTextCharFormat format = outer;
      const auto name = reader_.name();
      if (name == QLatin1String("small")) {
        if (!text.text.isEmpty()) text.text += QChar(QChar::LineSeparator);
        format.setForeground(style_.color(QStringLiteral("soft")));
      } else if (name == QLatin1String("b")) {
        if (!text.text.isEmpty() && !text.text.endsWith(QLatin1Char(' '))) text.text += QLatin1Char(' ');
        format.setForeground(style_.color(QStringLiteral("ink")));
        format.setFontWeight(QFont::DemiBold);
      } else if (name == QLatin1String("br")) {
        text.text += QChar(QChar::LineSeparator);
      } else if (name == QLatin1String("a")) {
        format.setAnchor(true);
        format.setAnchorHref(reader_.attributes().value(QLatin1String("href")).toString());
        format.setForeground(style_.color(QStringLiteral("accent")));
      } else if (name == QLatin1String("span") && !hasClass("setting")) {
        format.setForeground(style_.color(QStringLiteral("soft")));
      }
      const bool is_setting = hasClass("setting");
      readInto(text, format, is_verbatim);
      if (is_setting) text.text += QStringLiteral("\u2003");  // apart from the next
    }
    --depth_;
  }

  void readLegend() {
    ReportBlock legend{.kind = Kind::kLegend};
    while (reader_.readNextStartElement()) {  // li, of which an i comes first
      ReportBlock::Key key;
      if (reader_.readNextStartElement()) {
        key.color = QColor(style("background"));
        reader_.skipCurrentElement();
      }
      key.text = readText();
      legend.keys.append(std::move(key));
    }
    if (!legend.keys.isEmpty()) document_.blocks.append(std::move(legend));
  }

  void readShares() {
    ReportBlock shares{.kind = Kind::kShares};
    while (reader_.readNextStartElement()) {
      shares.keys.append({.color = QColor(style("background")),
                          .text = {},
                          .share = style("flex").section(QLatin1Char(' '), 0, 0).toDouble()});
      reader_.skipCurrentElement();
    }
    document_.blocks.append(std::move(shares));
  }

  void readFigure() {
    QPair<QString, QString> figure;
    while (reader_.readNextStartElement())
      (reader_.name() == QLatin1String("dt") ? figure.first : figure.second) = readText().text;
    if (document_.blocks.isEmpty() || document_.blocks.back().kind != Kind::kFigures)
      document_.blocks.append({.kind = Kind::kFigures});
    document_.blocks.back().figures.append(figure);
  }

  void readRow(ReportBlock& table, bool is_in_head) {
    ReportRow row;
    row.is_marked = hasClass("baseline");
    while (reader_.readNextStartElement()) {
      ReportRow::Cell cell;
      cell.is_head = reader_.name() == QLatin1String("th");
      cell.is_number = hasClass("number");
      const bool is_better = hasClass("better"), is_worse = hasClass("worse");
      cell.is_bold = is_better || is_worse;
      if (cell.is_bold) cell.color = style_.color(is_better ? QStringLiteral("good") : QStringLiteral("bad"));
      cell.content = readText();
      row.cells.append(std::move(cell));
    }
    const bool is_head =
        is_in_head || (table.rows.isEmpty() && table.head.isEmpty() &&
                       std::all_of(row.cells.begin(), row.cells.end(),
                                   [](const ReportRow::Cell& cell) { return cell.is_head; }));
    if (!row.cells.isEmpty()) (is_head ? table.head : table.rows).append(std::move(row));
  }
  void readTable() {
    ReportBlock table{.kind = Kind::kTable};
    while (reader_.readNextStartElement()) {
      if (reader_.name() == QLatin1String("tr")) {
        readRow(table, false);
        continue;
      }
      const bool is_head = reader_.name() == QLatin1String("thead");
      while (reader_.readNextStartElement()) readRow(table, is_head);
    }
    document_.blocks.append(std::move(table));
  }

  // Qt's renderer knows neither variables nor most of a style sheet: the attributes of the element, with what
  // the sheet says of it.
  Declarations attributesOf() {
    static const QStringList kPresentation = {
        QStringLiteral("fill"),           QStringLiteral("stroke"),
        QStringLiteral("stroke-width"),   QStringLiteral("stroke-linejoin"),
        QStringLiteral("stroke-linecap"), QStringLiteral("stroke-dasharray"),
        QStringLiteral("opacity"),        QStringLiteral("font-size")};
    Declarations attributes;
    const auto set = [&](const QString& attribute, const QString& value) {
      for (auto& [known, old] : attributes)
        if (known == attribute) return void(old = style_.resolved(value));
      attributes.append({attribute, style_.resolved(value)});
    };
    for (const QXmlStreamAttribute& given : reader_.attributes())
      if (given.name() != QLatin1String("class") && given.name() != QLatin1String("style"))
        set(given.name().toString(), given.value().toString());
    Declarations style = style_.ofElement(reader_.name().toString());
    style += style_.ofClasses(classOf());
    style += StyleSheet::declarationsOf(reader_.attributes().value(QLatin1String("style")).toString());
    for (const auto& [property, value] : style)
      if (kPresentation.contains(property)) set(property, value);
    return attributes;
  }
  void writeElement(QXmlStreamWriter& svg) {
    svg.writeStartElement(reader_.name().toString());
    if (reader_.name() == QLatin1String("svg"))
      svg.writeDefaultNamespace(QStringLiteral("http://www.w3.org/2000/svg"));
    for (const auto& [attribute, value] : attributesOf()) svg.writeAttribute(attribute, value);
  }
  ReportBlock::Word readWord() {
    ReportBlock::Word word{.alignment = Qt::AlignLeft, .size = 12};
    for (const auto& [attribute, value] : attributesOf()) {
      if (attribute == QLatin1String("x")) word.at.setX(value.toDouble());
      if (attribute == QLatin1String("y")) word.at.setY(value.toDouble());
      if (attribute == QLatin1String("fill")) word.color = QColor(value);
      if (attribute == QLatin1String("font-size"))
        word.size = QString(value).remove(QLatin1String("px")).toDouble();
      if (attribute == QLatin1String("text-anchor"))
        word.alignment = value == QLatin1String("end")      ? Qt::AlignRight
                         : value == QLatin1String("middle") ? Qt::AlignHCenter
                                                            : Qt::AlignLeft;
    }
    word.text = readText().text;
    return word;
  }
  void readPicture() {
    ReportBlock picture{.kind = Kind::kPicture};
    const QStringList box =
        reader_.attributes().value(QLatin1String("viewBox")).toString().split(QLatin1Char(' '));
    picture.svg_size = {box.value(2).toDouble(), box.value(3).toDouble()};
    QXmlStreamWriter svg(&picture.svg);
    writeElement(svg);
    for (int depth = 1; depth > 0 && !reader_.atEnd();) {
      const QXmlStreamReader::TokenType token = reader_.readNext();
      if (token == QXmlStreamReader::StartElement && reader_.name() == QLatin1String("title")) {
        reader_.skipCurrentElement();  // is shown under a pointer
      } else if (token == QXmlStreamReader::StartElement && reader_.name() == QLatin1String("text")) {
        picture.words.append(readWord());
      } else if (token == QXmlStreamReader::StartElement) {
        writeElement(svg);
        ++depth;
      } else if (token == QXmlStreamReader::EndElement) {
        svg.writeEndElement();
        --depth;
      }
    }
    if (picture.svg_size.isEmpty()) return reader_.raiseError(QStringLiteral("a picture without a size"));
    document_.blocks.append(std::move(picture));
  }

  static constexpr int kMaxDepth = 200;
  QXmlStreamReader reader_;
  const StyleSheet& style_;
  ReportDocument document_;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<ReportDocument> readReport(const std::string& html) {
  QString text = QString::fromUtf8(html.data(), qsizetype(html.size()));
  for (QChar& c : text)  // names may have them, XML may not
    if (c == QChar(0xfffe) || c == QChar(0xffff)) c = QChar(QChar::ReplacementCharacter);
  const qsizetype style = text.indexOf(QLatin1String("<style>")),
                  style_end = text.indexOf(QLatin1String("</style>")),
                  body = text.indexOf(QLatin1String("<body>")),
                  body_end = text.lastIndexOf(QLatin1String("</body>"));
  if (style < 0 || style_end < style || body < style_end || body_end < body)
    return absl::InvalidArgumentError(
        "found no page with a style and a body; expected a report that "
        "Concertina wrote as HTML");
  // Lines are counted as in the file.
  const qsizetype lines_before = QStringView(text).left(body).count(QLatin1Char('\n'));
  const StyleSheet sheet(text.mid(style, style_end - style));
  return ReportReader(QString(lines_before, QLatin1Char('\n')) + text.mid(body, body_end - body) +
                          QLatin1String("</body>"),
                      sheet)
      .read();
}

}  // namespace concertina::ui
