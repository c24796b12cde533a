// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_table.h: a table of numbers and labels, as spreadsheets, pandas and R write it.
// On the way of the data: data/csv_reader.h -> here -> data/csv.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

struct CsvOptions {
  enum class Missing { kRefuse, kMean, kDrop };

  std::string label;  // a column's name (its number, from 1, without a header), else "first" or "last"
  bool has_header = true;
  char delimiter = 0;                  // 0: see csv_reader.h
  char decimal = 0;                    // 0: a comma in files with semicolons, else a point
  Missing missing = Missing::kRefuse;  // what becomes of a row without one of its numbers
  std::vector<std::string> leave_out;  // columns that are neither numbers nor the label
};

struct CsvTable {
  std::string path;
  std::vector<std::string> columns;  // of numbers
  std::vector<double> values;        // rows x columns; NaN where one is missing, with kMean alone
  std::vector<std::string> classes;  // in the order met
  std::vector<int32_t> labels;       // into `classes`
};

// Reads all of it. A column without a name is left out if it is the first (the row's name, as pandas and R
// write it) or empty; so is a record that is empty from end to end. With `known`, the columns must be those
// of it, in any order, and every class one of its. kDataLoss with file, line and column for what cannot be
// read; kInvalidArgument with /dataset/label or /dataset/leave_out for a column that is not there.
absl::StatusOr<CsvTable> ReadCsvTable(const std::string& path, const CsvOptions& options,
                                      const CsvTable* known);

// A number as such files have it: blanks and a plus before it are allowed, true and false are 1 and 0, and a
// decimal comma if that is `decimal`. False for anything else, infinities too.
bool ParseCsvNumber(std::string_view text, char decimal, double& value);

// What stands where there is no number: "", NA, NaN, null, ? and the like.
bool IsMissingNumber(std::string_view text);

}  // namespace concertina
