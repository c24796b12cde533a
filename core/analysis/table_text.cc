// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// table_text.cc: see table_text.h.
#include "core/analysis/table_text.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "core/analysis/export_csv.h"

namespace concertina {
namespace {

using Cells = std::vector<std::string>;

struct Replacement {
  std::string_view from, to;
};

// Signs that TeX takes for its own, and those that the default fonts of an article have in mathematics only.
constexpr Replacement kLatexSigns[] = {{"\\", "\\textbackslash{}"},
                                       {"&", "\\&"},
                                       {"%", "\\%"},
                                       {"$", "\\$"},
                                       {"#", "\\#"},
                                       {"_", "\\_"},
                                       {"{", "\\{"},
                                       {"}", "\\}"},
                                       {"~", "\\textasciitilde{}"},
                                       {"^", "\\textasciicircum{}"},
                                       {"±", "$\\pm$"},
                                       {"−", "$-$"},
                                       {"×", "$\\times$"},
                                       {"→", "$\\to$"},
                                       {"·", "$\\cdot$"},
                                       {"≤", "$\\le$"},
                                       {"≥", "$\\ge$"},
                                       {"✓", "$\\checkmark$"},
                                       {"–", "--"},
                                       {"µ", "$\\mu$"},
                                       {"\n", " "},
                                       {"<", "$<$"},
                                       {">", "$>$"},
                                       {"\u00A0", "~"},
                                       {"\u202F", "\\,"}};
constexpr Replacement kMarkdownSigns[] = {{"\\", "\\\\"}, {"|", "\\|"}, {"\n", " "},  {"*", "\\*"},
                                          {"_", "\\_"},   {"`", "\\`"}, {"<", "&lt;"}};

template <size_t kCount>
std::string Replaced(const std::string& text, const Replacement (&signs)[kCount]) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto found = std::find_if(std::begin(signs), std::end(signs),
                                    [&](const Replacement& sign) { return rest.starts_with(sign.from); });
    if (found == std::end(signs)) {
      out += text[at++];
    } else {
      out += found->to;
      at += found->from.size();
    }
  }
  return out;
}

std::string CellOf(const std::string& text, TableFormat format) {
  switch (format) {
    case TableFormat::kTabs: {
      std::string plain = text;
      std::replace_if(
          plain.begin(), plain.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
      return plain;
    }
    case TableFormat::kCsv:
      return CsvCell(text);
    case TableFormat::kMarkdown:
      return Replaced(text, kMarkdownSigns);
    case TableFormat::kLatex:
      return Replaced(text, kLatexSigns);
  }
  return text;
}

Cells LineOf(const Cells& cells, size_t width, TableFormat format) {
  Cells line;
  for (size_t column = 0; column < width; ++column)
    line.push_back(column < cells.size() ? CellOf(cells[column], format) : std::string());
  return line;
}

std::string Joined(const Cells& cells, std::string_view between) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) line.append(i == 0 ? "" : between).append(cells[i]);
  return line;
}

// Figures end under each other: a column of which every cell with something in it begins like a number.
bool IsOfFigures(const TextTable& table, size_t column) {
  bool has_any = false;
  for (const Cells& row : table.rows) {
    if (column >= row.size() || row[column].empty() || row[column] == "–") continue;
    std::string_view cell = row[column];
    for (const std::string_view sign : {"+", "-", "−"})
      if (cell.starts_with(sign)) cell.remove_prefix(sign.size());
    if (cell.empty() || std::isdigit(static_cast<unsigned char>(cell[0])) == 0) return false;
    has_any = true;
  }
  return has_any;
}

}  // namespace

std::optional<TableFormat> TableFormatOf(const std::string& path) {
  for (const auto& [ending, format] :
       {std::pair(".tsv", TableFormat::kTabs), std::pair(".csv", TableFormat::kCsv),
        std::pair(".md", TableFormat::kMarkdown), std::pair(".tex", TableFormat::kLatex)})
    if (path.ends_with(ending)) return format;
  return std::nullopt;
}

std::string TableAs(const TextTable& table, TableFormat format) {
  const size_t width = table.headings.size();
  std::vector<Cells> lines = {LineOf(table.headings, width, format)};
  for (const Cells& row : table.rows) lines.push_back(LineOf(row, width, format));
  std::string text;
  switch (format) {
    case TableFormat::kTabs:
      for (const Cells& line : lines) text += Joined(line, "\t") + "\n";
      break;
    case TableFormat::kCsv:
      for (const Cells& line : lines) text += Joined(line, ",") + "\r\n";
      break;
    case TableFormat::kMarkdown:
      for (size_t i = 0; i < lines.size(); ++i) {
        text += "| " + Joined(lines[i], " | ") + " |\n";
        if (i > 0) continue;
        for (size_t column = 0; column < width; ++column)
          text += IsOfFigures(table, column) ? "| ---: " : "| --- ";
        text += "|\n";
      }
      break;
    case TableFormat::kLatex: {
      std::string columns;
      for (size_t column = 0; column < width; ++column) columns += IsOfFigures(table, column) ? 'r' : 'l';
      text = "% needs \\usepackage{booktabs}\n\\begin{tabular}{" + columns + "}\n\\toprule\n";
      for (size_t i = 0; i < lines.size(); ++i)
        text += Joined(lines[i], " & ") + " \\\\\n" + (i == 0 ? "\\midrule\n" : "");
      text += "\\bottomrule\n\\end{tabular}\n";
      break;
    }
  }
  return text;
}

TextTable Transposed(const TextTable& table) {
  TextTable turned;
  const auto cell = [](const Cells& row, size_t column) {
    return column < row.size() ? row[column] : std::string();
  };
  for (size_t column = 0; column < table.headings.size(); ++column) {
    Cells line = {table.headings[column]};
    for (const Cells& row : table.rows) line.push_back(cell(row, column));
    if (column == 0)
      turned.headings = std::move(line);
    else
      turned.rows.push_back(std::move(line));
  }
  return turned;
}

}  // namespace concertina
