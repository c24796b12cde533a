// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_table.cc: which column is what, and its cells as numbers (see csv_table.h).
#include "core/data/csv_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "core/base/utf8.h"
#include "core/data/csv_reader.h"
#include "core/data/stored_bytes.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr size_t kMaxClasses = 65536;
// Beyond these a column of numbers or names can hardly be one of classes.
constexpr size_t kManyFractions = 32, kManyClasses = 100;

std::string ShownCell(std::string_view text) {
  return text.size() <= 40 ? fmt::format("\"{}\"", text) : fmt::format("\"{}…\"", CutUtf8(text, 40));
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

bool IsEmptyRecord(const std::vector<std::string>& fields) {
  return std::all_of(fields.begin(), fields.end(),
                     [](const std::string& field) { return Trimmed(field).empty(); });
}

// pandas calls a column that had no name "Unnamed: 0" when it writes it again.
bool IsUnnamed(std::string_view name) { return name.empty() || name.starts_with("Unnamed: "); }

class TableReading {
 public:
  TableReading(CsvReader reader, const CsvOptions& options, const CsvTable* known, std::string path)
      : reader_(std::move(reader)), options_(options), known_(known), path_(std::move(path)) {
    table_.path = path_;
    decimal_ = options.decimal != 0 ? options.decimal : reader_.delimiter() == ';' ? ',' : '.';
  }

  absl::StatusOr<CsvTable> Run() {
    RETURN_IF_ERROR(reader_.CheckIsText());
    RETURN_IF_ERROR(NameColumns());
    RETURN_IF_ERROR(FindLabel());
    RETURN_IF_ERROR(FindNumbers());
    if (known_ != nullptr) table_.classes = known_->classes;
    for (const std::string& name : table_.classes)
      class_of_.emplace(name, static_cast<int32_t>(class_of_.size()));
    for (; has_row_;) {
      if (!IsEmptyRecord(fields_)) RETURN_IF_ERROR(AddRow());
      ASSIGN_OR_RETURN(has_row_, reader_.Next(fields_));
    }
    if (table_.labels.empty())
      return absl::DataLossError(fmt::format("{}:{}: found no rows{}", path_, reader_.line() + 1,
                                             options_.has_header ? " below the column names" : ""));
    RETURN_IF_ERROR(CheckLabels());
    return std::move(table_);
  }

 private:
  // Afterwards `fields_` is the first row.
  absl::Status NameColumns() {
    ASSIGN_OR_RETURN(bool has_first, reader_.Next(fields_));
    if (!has_first)
      return absl::DataLossError(path_ + ":1: the file is empty, expected a line of column names");
    header_line_ = reader_.line();
    if (options_.has_header) {
      for (const std::string& name : fields_) names_.emplace_back(Trimmed(name));
      ASSIGN_OR_RETURN(has_row_, reader_.Next(fields_));
      // R's write.table gives the rows' names no column name.
      if (has_row_ && fields_.size() == names_.size() + 1) names_.insert(names_.begin(), "");
    } else {
      for (size_t column = 0; column < fields_.size(); ++column) names_.push_back(std::to_string(column + 1));
      has_row_ = true;
    }
    std::map<std::string_view, size_t> column_of;
    for (size_t column = 0; column < names_.size(); ++column)
      if (const auto [before, is_new] = column_of.emplace(names_[column], column);
          !is_new && !names_[column].empty())
        return absl::DataLossError(
            fmt::format("{}:{}: columns {} and {} are both named {}; rename one, or set /dataset/header to "
                        "false if the file has no line of names",
                        path_, header_line_, before->second + 1, column + 1, ShownCell(names_[column])));
    return absl::OkStatus();
  }

  absl::Status FindLabel() {
    const std::string label(Trimmed(options_.label));
    const auto found = std::find(names_.begin(), names_.end(), label);
    if (found != names_.end() && !label.empty()) {
      label_ = static_cast<size_t>(found - names_.begin());
    } else if (label == "first") {  // behind the rows' names, if there are any
      label_ = names_.size() > 1 && IsUnnamed(names_[0]) ? 1 : 0;
    } else if (label == "last") {
      label_ = names_.size() - 1;
      while (label_ > 0 && names_[label_].empty()) --label_;
    } else {
      const std::string nearest = NearestName(label, names_);
      return absl::InvalidArgumentError(fmt::format(
          "/dataset/label: found {}, expected a column of {}: {}, or first or last{}{}", ShownCell(label),
          path_,
          fmt::join(names_.begin(),
                    names_.begin() + static_cast<int64_t>(std::min<size_t>(names_.size(), 40)), ", "),
          nearest.empty() ? "" : fmt::format("; did you mean {}?", ShownCell(nearest)),
          options_.has_header ? "; set /dataset/header to false if the first line is a row already" : ""));
    }
    if (names_.size() < 2)
      return absl::DataLossError(
          fmt::format("{}:{}: found the label alone, expected at least one column of numbers; set "
                      "/dataset/delimiter if the columns are separated by something else",
                      path_, header_line_));
    return absl::OkStatus();
  }

  absl::Status FindNumbers() {
    for (const std::string& name : options_.leave_out)
      if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
        const std::string nearest = NearestName(name, names_);
        return absl::InvalidArgumentError(
            fmt::format("/dataset/leave_out: found {}, which is no column of {}{}", ShownCell(name), path_,
                        nearest.empty() ? "" : fmt::format("; did you mean {}?", ShownCell(nearest))));
      }
    for (size_t column = 0; column < names_.size(); ++column) {
      const std::string& name = names_[column];
      if (column == label_ || std::count(options_.leave_out.begin(), options_.leave_out.end(), name) > 0)
        continue;
      if (IsUnnamed(name)) {
        if (column > 0) unnamed_.push_back(column);
        continue;
      }
      numbers_.push_back(column);
      table_.columns.push_back(name);
    }
    if (known_ != nullptr) RETURN_IF_ERROR(OrderAsKnown());
    if (numbers_.empty())
      return absl::DataLossError(
          fmt::format("{}:{}: found no column beside the label and those left out, expected at least one of "
                      "numbers",
                      path_, header_line_));
    return absl::OkStatus();
  }

  absl::Status OrderAsKnown() {
    std::vector<size_t> ordered;
    for (const std::string& name : known_->columns) {
      const auto found = std::find(table_.columns.begin(), table_.columns.end(), name);
      if (found != table_.columns.end())
        ordered.push_back(numbers_[static_cast<size_t>(found - table_.columns.begin())]);
    }
    if (ordered.size() != numbers_.size() || ordered.size() != known_->columns.size())
      return absl::DataLossError(fmt::format("{}:{}: found columns {}, expected those of {}: {}", path_,
                                             header_line_, fmt::join(table_.columns, ", "), known_->path,
                                             fmt::join(known_->columns, ", ")));
    numbers_ = std::move(ordered);
    table_.columns = known_->columns;
    return absl::OkStatus();
  }

  std::string At(size_t column) const {
    return fmt::format("{}:{}: column {} ({})", path_, reader_.line(), column + 1, ShownCell(names_[column]));
  }

  absl::Status AddRow() {
    if (fields_.size() != names_.size())
      return absl::DataLossError(fmt::format(
          "{}:{}: found {} fields, expected {} as in the first line{}", path_, reader_.line(), fields_.size(),
          names_.size(),
          fields_.size() > names_.size() ? "; put fields that have the delimiter within them in quotes"
                                         : ""));
    for (const size_t column : unnamed_)
      if (!Trimmed(fields_[column]).empty())
        return absl::DataLossError(
            fmt::format("{}: found {}, but no name in the line of column names; give "
                        "the column one",
                        At(column), ShownCell(fields_[column])));
    const size_t begin = table_.values.size();
    bool is_whole = true;
    for (const size_t column : numbers_) {
      double value = std::numeric_limits<double>::quiet_NaN();
      if (!IsMissingNumber(fields_[column])) {
        RETURN_IF_ERROR(ReadNumber(column, value));
      } else if (options_.missing == CsvOptions::Missing::kRefuse) {
        return absl::DataLossError(fmt::format(
            "{}: found {}, expected a number; set /dataset/missing to mean or drop, or fill it in",
            At(column), ShownCell(fields_[column])));
      } else {
        is_whole = false;
      }
      table_.values.push_back(value);
    }
    const std::string name(Trimmed(fields_[label_]));
    const bool drops = options_.missing == CsvOptions::Missing::kDrop;
    if (drops && (!is_whole || name.empty())) {
      table_.values.resize(begin);
      return absl::OkStatus();
    }
    return AddLabel(name);
  }

  absl::Status ReadNumber(size_t column, double& value) {
    const std::string& field = fields_[column];
    if (!ParseCsvNumber(field, decimal_, value)) {
      const bool is_word = std::any_of(field.begin(), field.end(),
                                       [](unsigned char c) { return absl::ascii_isalpha(c) || c >= 0x80; });
      return absl::DataLossError(fmt::format(
          "{}: found {}, expected a number{}", At(column), ShownCell(field),
          is_word ? "; name columns of words in /dataset/leave_out, or write each word as a column of 0 and 1"
          : field.find(',') != std::string::npos
              ? "; set /dataset/decimal to comma if that is its decimal sign, or write it without separators"
              : ""));
    }
    if (decimal_ != ',' || options_.decimal != 0) return absl::OkStatus();
    // Which sign is the decimal one was inferred: a file that has both may mean thousands by one of them.
    const bool has_comma = field.find(',') != std::string::npos,
               has_point = field.find('.') != std::string::npos;
    if (has_comma) comma_line_ = reader_.line();
    if (has_point) point_line_ = reader_.line();
    if (comma_line_ == 0 || point_line_ == 0) return absl::OkStatus();
    return absl::DataLossError(fmt::format(
        "{}: found {}, and a number with a {} in line {}: one of them may separate thousands; set "
        "/dataset/decimal to point or comma",
        At(column), ShownCell(field), has_comma ? "point" : "comma", has_comma ? point_line_ : comma_line_));
  }

  absl::Status AddLabel(const std::string& name) {
    auto found = class_of_.find(name);
    if (found == class_of_.end()) {
      if (known_ != nullptr || name.empty() || class_of_.size() == kMaxClasses)
        return absl::DataLossError(
            fmt::format("{}: found the label {}, expected {}", At(label_), ShownCell(name),
                        known_ != nullptr ? "a class of " + known_->path
                                          : fmt::format("one of at most {} classes", kMaxClasses)));
      found = class_of_.emplace(name, static_cast<int32_t>(class_of_.size())).first;
      table_.classes.push_back(name);
    }
    table_.labels.push_back(found->second);
    return absl::OkStatus();
  }

  // What can be read, but is not what a person means.
  absl::Status CheckLabels() const {
    if (known_ != nullptr) return absl::OkStatus();
    if (options_.has_header && class_of_.contains(names_[label_]))
      return absl::DataLossError(
          fmt::format("{}:{}: found {} as the name of the labels, and as a label further down: the first "
                      "line seems to be a "
                      "row; set /dataset/header to false, and /dataset/label to {}",
                      path_, header_line_, ShownCell(names_[label_]), label_ + 1));
    const size_t rows = table_.labels.size(), classes = table_.classes.size();
    bool are_numbers = true, has_fraction = false;
    for (const std::string& name : table_.classes) {
      double value = 0;
      are_numbers = are_numbers && ParseCsvNumber(name, decimal_, value);
      has_fraction |= value != std::floor(value);
    }
    const bool are_unlike = 2 * classes > rows;
    if ((are_numbers && has_fraction && (are_unlike || classes > kManyFractions)) ||
        (are_unlike && classes > kManyClasses))
      return absl::DataLossError(fmt::format(
          "{}: column {} ({}): found {} different labels in {} rows, expected the names of classes: {}",
          path_, label_ + 1, ShownCell(names_[label_]), classes, rows,
          are_numbers
              ? "models here tell classes apart, and do not predict a quantity; write its range as a class"
              : "set /dataset/label to another column"));
    return absl::OkStatus();
  }

  CsvReader reader_;
  const CsvOptions& options_;
  const CsvTable* const known_;
  const std::string path_;
  CsvTable table_;
  std::vector<std::string> names_, fields_;
  bool has_row_ = false;
  size_t label_ = 0;
  std::vector<size_t> numbers_, unnamed_;  // columns; the unnamed must be empty
  std::map<std::string, int32_t, std::less<>> class_of_;
  char decimal_ = '.';
  int64_t header_line_ = 1, comma_line_ = 0, point_line_ = 0;
};

}  // namespace

bool ParseCsvNumber(std::string_view text, char decimal, double& value) {
  text = Trimmed(text);
  if (text == "True" || text == "TRUE" || text == "true" || text == "False" || text == "FALSE" ||
      text == "false") {  // pandas' and R's columns of one class each
    value = text[0] == 'T' || text[0] == 't' ? 1 : 0;
    return true;
  }
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::string pointed;
  if (const size_t comma = text.find(','); comma != std::string_view::npos && decimal == ',') {
    if (text.find('.') != std::string_view::npos) return false;  // 1.234,5
    pointed = text;
    pointed[comma] = '.';
    text = pointed;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool IsMissingNumber(std::string_view text) {
  text = Trimmed(text);
  for (const std::string_view missing :
       {"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "None", "?", "-"})
    if (text == missing) return true;
  return false;
}

absl::StatusOr<CsvTable> ReadCsvTable(const std::string& path, const CsvOptions& options,
                                      const CsvTable* known) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  const std::string_view text = {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()};
  return TableReading(CsvReader(path, text, options.delimiter), options, known, path).Run();
}

}  // namespace concertina
