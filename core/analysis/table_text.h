// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// table_text.h: a table of words and figures as other programs take it: a paper, a README, a spreadsheet. On
// the way of the data: `concertinactl compare --table`, ui/pages/table_copy.h -> here -> a file, the
// clipboard.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace concertina {

struct TextTable {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;  // of as many cells as headings, or fewer: the rest is empty
};

enum class TableFormat {
  kTabs,      // what a spreadsheet takes from the clipboard: no tab and no line break within a cell
  kCsv,       // RFC 4180
  kMarkdown,  // a pipe table, as GitHub and Pandoc read it
  kLatex,     // a tabular with the rules of booktabs
};
// By how a file's name ends: .tsv, .csv, .md, .tex; nothing for others.
std::optional<TableFormat> TableFormatOf(const std::string& path);

std::string TableAs(const TextTable& table, TableFormat format);
// Rows and columns change places: the headings become the first column, and the first column the headings.
TextTable Transposed(const TextTable& table);

}  // namespace concertina
