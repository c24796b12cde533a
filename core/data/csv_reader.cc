// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_reader.cc: see csv_reader.h.
#include "core/data/csv_reader.h"

#include <algorithm>

#include "fmt/format.h"

namespace concertina {

CsvReader::CsvReader(std::string path, std::string_view text, char delimiter)
    : path_(std::move(path)), rest_(text), delimiter_(delimiter) {
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  ends_field_ = ",\n\"";
  if (rest_.find('\n') == std::string_view::npos) ends_field_ += '\r';
  if (rest_.starts_with("sep=") && rest_.size() > 5 && (rest_[5] == '\n' || rest_[5] == '\r')) {
    if (delimiter_ == 0) delimiter_ = rest_[4];
    rest_.remove_prefix(5);
    EndLine();
  }
  if (delimiter_ == 0) delimiter_ = FindDelimiter();
  ends_field_[0] = delimiter_;
}

absl::Status CsvReader::CheckIsText() const {
  const auto refuse = [&](const char* found) {
    return absl::DataLossError(fmt::format(
        "{}: at byte 0: found {}, expected a table of text; save it as CSV, in UTF-8", path_, found));
  };
  if (rest_.starts_with("\xff\xfe") || rest_.starts_with("\xfe\xff")) return refuse("text in UTF-16");
  if (rest_.starts_with("PK\x03\x04")) return refuse("a spreadsheet or another ZIP archive");
  if (rest_.starts_with("\xd0\xcf\x11\xe0")) return refuse("a spreadsheet");
  if (rest_.starts_with("PAR1")) return refuse("a Parquet file");
  if (rest_.starts_with("\x1f\x8b")) return refuse("a gzip file (unpack it first)");
  return absl::OkStatus();
}

bool CsvReader::StartsLineEnd() const {
  return rest_.starts_with('\n') || rest_.starts_with("\r\n") ||
         (rest_.starts_with('\r') && ends_field_.back() == '\r');
}

void CsvReader::EndLine() {
  rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
  ++line_;
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>& fields) {
  while (StartsLineEnd()) EndLine();
  if (rest_.empty()) return false;

  record_line_ = line_;
  size_t count = 0;
  for (;;) {
    if (count == fields.size()) fields.emplace_back();
    std::string& field = fields[count++];
    if (rest_.starts_with('"')) {
      RETURN_IF_ERROR(QuotedField(field));
    } else {
      size_t length = std::min(rest_.find_first_of(ends_field_), rest_.size());
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
    if (StartsLineEnd()) {
      EndLine();
      break;
    }
    rest_.remove_prefix(1);  // the delimiter
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
  if (rest_.empty() || rest_.front() == delimiter_ || StartsLineEnd()) return absl::OkStatus();
  return absl::DataLossError(fmt::format(
      "{}:{}: found text after a closing quote, expected a {} or the end of the line", path_, line_,
      delimiter_ == ','   ? "comma"
      : delimiter_ == ';' ? "semicolon"
                          : "delimiter"));
}

// Semicolons first: where commas are decimal signs, a line may have as many of these.
char CsvReader::FindDelimiter() const {
  for (const char candidate : {';', '\t', ','}) {
    CsvReader trial(path_, rest_, candidate);
    std::vector<std::string> fields;
    if (const auto first = trial.Next(fields); !first.ok() || !*first) continue;
    const size_t count = fields.size();
    if (count < 2) continue;
    const auto second = trial.Next(fields);
    if (second.ok() && (!*second || fields.size() == count || fields.size() == count + 1)) return candidate;
  }
  return ',';
}

}  // namespace concertina
