// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_reader.h: the records of a delimited text file, as RFC 4180 and the programs that export tables have
// them. On the way of the data: data/stored_bytes.h -> here -> data/csv.cc.
//
// Fields may be quoted; within quotes delimiters and line ends are text and "" is a quote. Lines end in LF or
// CRLF, or in CR where the file has no LF at all (old Macintosh programs); a byte order mark at the
// beginning, Excel's line "sep=;" and empty lines are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace concertina {

class CsvReader {
 public:
  // `text` must outlive the reader; `path` is for messages. Delimiter 0: the one that Excel's first line
  // names, else the first of semicolon, tab and comma that cuts the first two records into equally many
  // fields (two or more; the second may have one more, a name of the row as R writes it), else a comma.
  CsvReader(std::string path, std::string_view text, char delimiter = 0);

  // kDataLoss for what is no table of text and says so in its first bytes: UTF-16, spreadsheets, compressed
  // files, with what to save it as.
  absl::Status CheckIsText() const;

  // The next record into `fields`, whose strings are used again; false at the end. kDataLoss with file and
  // line for a quote that is not closed or stands within an unquoted field.
  absl::StatusOr<bool> Next(std::vector<std::string>& fields);

  int64_t line() const { return record_line_; }  // where the last record began, from 1
  char delimiter() const { return delimiter_; }

 private:
  bool StartsLineEnd() const;
  void EndLine();
  absl::Status QuotedField(std::string& field);
  char FindDelimiter() const;

  std::string path_;
  std::string_view rest_;
  char delimiter_ = ',';
  std::string ends_field_;  // the delimiter, the line ends, and the quote that must not stand there
  int64_t line_ = 1;
  int64_t record_line_ = 0;
};

}  // namespace concertina
