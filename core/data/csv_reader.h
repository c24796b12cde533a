// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_reader.h: the records of a comma-separated file, as RFC 4180 has them.
// On the way of the data: data/stored_bytes.h -> here -> data/csv.cc.
//
// Fields may be quoted; within quotes commas and line ends are text and "" is a quote. Lines end in LF or
// CRLF; a byte order mark at the beginning and empty lines are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace concertina {

class CsvReader {
 public:
  // `text` must outlive the reader; `path` is for messages.
  CsvReader(std::string path, std::string_view text);

  // The next record into `fields`, whose strings are used again; false at the end. kDataLoss with file and
  // line for a quote that is not closed or stands within an unquoted field.
  absl::StatusOr<bool> Next(std::vector<std::string>& fields);

  int64_t line() const { return record_line_; }  // where the last record began, from 1

 private:
  absl::Status QuotedField(std::string& field);

  const std::string path_;
  std::string_view rest_;
  int64_t line_ = 1;
  int64_t record_line_ = 0;
};

}  // namespace concertina
