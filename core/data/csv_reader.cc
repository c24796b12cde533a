// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_reader.cc: see csv_reader.h.
#include "core/data/csv_reader.h"

#include <algorithm>

#include "fmt/format.h"

namespace concertina {
namespace {

bool StartsLineEnd(std::string_view text) { return text.starts_with('\n') || text.starts_with("\r\n"); }

}  // namespace

CsvReader::CsvReader(std::string path, std::string_view text) : path_(std::move(path)), rest_(text) {
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>& fields) {
  const auto end_line = [this] {
    rest_.remove_prefix(rest_.front() == '\r' ? 2 : 1);
    ++line_;
  };
  while (StartsLineEnd(rest_)) end_line();
  if (rest_.empty()) return false;

  record_line_ = line_;
  size_t count = 0;
  for (;;) {
    if (count == fields.size()) fields.emplace_back();
    std::string& field = fields[count++];
    if (rest_.starts_with('"')) {
      RETURN_IF_ERROR(QuotedField(field));
    } else {
      size_t length = std::min(rest_.find_first_of(",\n\""), rest_.size());
      if (length < rest_.size() && rest_[length] == '\n' && length > 0 && rest_[length - 1] == '\r') --length;
      if (length < rest_.size() && rest_[length] == '"')
        return absl::DataLossError(
            fmt::format("{}:{}: field {}: found a quote within an unquoted field, expected the "
                        "whole field in quotes",
                        path_, line_, count));
      field.assign(rest_.substr(0, length));
      rest_.remove_prefix(length);
    }
    if (rest_.empty()) break;
    if (StartsLineEnd(rest_)) {
      end_line();
      break;
    }
    rest_.remove_prefix(1);  // the comma
  }
  fields.resize(count);
  return true;
}

absl::Status CsvReader::QuotedField(std::string& field) {
  const int64_t opened_line = line_;
  field.clear();
  rest_.remove_prefix(1);
  for (;;) {
    const size_t quote = rest_.find('"');
    if (quote == std::string_view::npos)
      return absl::DataLossError(
          fmt::format("{}:{}: found a quote that is never closed", path_, opened_line));
    const std::string_view part = rest_.substr(0, quote);
    line_ += std::count(part.begin(), part.end(), '\n');
    field.append(part);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) break;
    field += '"';
    rest_.remove_prefix(1);
  }
  if (rest_.empty() || rest_.front() == ',' || StartsLineEnd(rest_)) return absl::OkStatus();
  return absl::DataLossError(fmt::format(
      "{}:{}: found text after a closing quote, expected a comma or the end of the line", path_, line_));
}

}  // namespace concertina
