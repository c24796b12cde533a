// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv.cc: a table with a column of labels, and numbers in all other columns.
// On the way of the data: data/csv_table.h -> here -> data/prepared_table.h.
//   x' = (x - mean) / deviation of its column, both of the training rows; a column that never changes becomes
//   0, and so does a number that is missing.
// The text is read whole, and once: workers map the numbers that came of it.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "core/base/registry.h"
#include "core/data/csv_table.h"
#include "core/data/partition.h"
#include "core/data/prepared_table.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class CsvDataset final : public Dataset {
 public:
  CsvDataset(std::string path, CsvOptions options, std::string test_path, double test_fraction)
      : path_(std::move(path)),
        options_(std::move(options)),
        test_path_(std::move(test_path)),
        test_fraction_(test_fraction) {}

  absl::StatusOr<DatasetInfo> Probe(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(PreparedTable table, Load(prepared));
    return std::move(table.info);
  }
  absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(PreparedTable table, Load(prepared));
    return std::move(table.train);
  }
  absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& prepared) const override {
    ASSIGN_OR_RETURN(PreparedTable table, Load(prepared));
    return std::move(table.test);
  }

 private:
  // The first time; both splits come of the same reading.
  absl::StatusOr<PreparedTable> Load(const std::string& prepared) const {
    absl::MutexLock lock(&mutex_);
    if (table_.train != nullptr) return table_;
    PreparedName name;
    if (!prepared.empty()) {
      ASSIGN_OR_RETURN(name, Name());
    }
    ASSIGN_OR_RETURN(const StoredBytes stored,
                     Prepare(prepared, name, [this](const ByteSink& sink) { return ReadText(sink); }));
    absl::StatusOr<PreparedTable> table = ReadPreparedTable(stored);
    if (!table.ok())
      return Annotate(table.status(),
                      fmt::format("{}: {} is not that of {}; remove it", prepared, name.title, path_));
    table_ = *std::move(table);
    return table_;
  }

  // All that the result depends on.
  absl::StatusOr<PreparedName> Name() const {
    PreparedName name = {.title = "table"};
    for (const std::string& path : {path_, test_path_}) {
      if (path.empty()) continue;
      std::error_code ignored;
      name.what += std::filesystem::absolute(path, ignored).lexically_normal().string() + '\n';
      ASSIGN_OR_RETURN(const std::string version, FileVersion(path));
      name.version += version + '\n';
    }
    name.what +=
        fmt::format("{}\n{} {} {} {} {}\n", options_.label, options_.has_header, int{options_.delimiter},
                    int{options_.decimal}, static_cast<int>(options_.missing), test_fraction_);
    for (const std::string& column : options_.leave_out) name.what += column + '\n';
    return name;
  }

  absl::Status ReadText(const ByteSink& sink) const {
    CsvTable train, test;
    ASSIGN_OR_RETURN(CsvTable all, ReadCsvTable(path_, options_, nullptr));
    const std::vector<std::string> classes = SortClasses(all);
    if (test_path_.empty()) {
      Split(all, train, test);
      if (train.labels.empty())
        return absl::DataLossError(fmt::format("{}: found {} rows, too few to split off a test share of {}",
                                               path_, all.labels.size(), test_fraction_));
    } else {
      all.classes = classes;
      ASSIGN_OR_RETURN(test, ReadCsvTable(test_path_, options_, &all));
      train = std::move(all);
    }
    Standardise(train, test);
    return WritePreparedTable({.class_names = classes,
                               .train_samples = static_cast<int64_t>(train.labels.size()),
                               .test_samples = static_cast<int64_t>(test.labels.size()),
                               .column_names = train.columns},
                              train, test, sink);
  }

  // Numbers by value, else by text. Renumbers the labels.
  static std::vector<std::string> SortClasses(CsvTable& table) {
    std::vector<double> values(table.classes.size());
    bool are_numbers = true;
    for (size_t i = 0; i < values.size() && are_numbers; ++i)
      are_numbers = ParseCsvNumber(table.classes[i], '.', values[i]);
    std::vector<int32_t> order(table.classes.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      const auto x = static_cast<size_t>(a), y = static_cast<size_t>(b);
      if (are_numbers && values[x] != values[y]) return values[x] < values[y];
      return table.classes[x] < table.classes[y];  // "7" and "07" stay two classes
    });
    std::vector<std::string> sorted;
    std::vector<int32_t> place(order.size());
    for (const int32_t i : order) {
      place[static_cast<size_t>(i)] = static_cast<int32_t>(sorted.size());
      sorted.push_back(table.classes[static_cast<size_t>(i)]);
    }
    for (int32_t& label : table.labels) label = place[static_cast<size_t>(label)];
    return sorted;
  }

  // Class by class, also where the classes come in turn: every fifth of a, b, c, d, e, a, … would be e.
  void Split(const CsvTable& all, CsvTable& train, CsvTable& test) const {
    const size_t columns = all.columns.size();
    train.columns = test.columns = all.columns;
    std::vector<size_t> by_class(all.labels.size());
    std::iota(by_class.begin(), by_class.end(), size_t{0});
    std::stable_sort(by_class.begin(), by_class.end(),
                     [&](size_t a, size_t b) { return all.labels[a] < all.labels[b]; });
    std::vector<bool> is_test(by_class.size());
    for (size_t place = 0; place < by_class.size(); ++place)
      is_test[by_class[place]] = IsTestRow(static_cast<int64_t>(place), test_fraction_);
    for (size_t row = 0; row < all.labels.size(); ++row) {
      CsvTable& split = is_test[row] ? test : train;
      const auto begin = all.values.begin() + static_cast<int64_t>(row * columns);
      split.values.insert(split.values.end(), begin, begin + static_cast<int64_t>(columns));
      split.labels.push_back(all.labels[row]);
    }
  }

  // A test set's own column may lie as far away as a double goes; a sample is a float.
  static double Bounded(double standardised) {
    constexpr double kMost = 1e30;
    return std::clamp(standardised, -kMost, kMost);
  }

  static void Standardise(CsvTable& train, CsvTable& test) {
    const size_t columns = train.columns.size();
    for (size_t column = 0; column < columns; ++column) {
      double count = 0, mean = 0, square = 0, largest = 0;
      for (size_t i = column; i < train.values.size(); i += columns) {
        if (std::isnan(train.values[i])) continue;
        ++count;
        largest = std::max(largest, std::abs(train.values[i]));
      }
      // Beyond 1e154 squares are infinite, below 1e-162 they are 0: a power of two brings such a column to
      // the middle, and costs no digit.
      const bool is_extreme = largest > 0 && (largest > 1e150 || largest < 1e-150);
      const double unit = is_extreme ? std::exp2(-std::clamp(std::ilogb(largest), -1000, 1000)) : 1;
      const auto for_each = [&](const auto& add) {
        for (size_t i = column; i < train.values.size(); i += columns)
          if (!std::isnan(train.values[i])) add(train.values[i] * unit);
      };
      for_each([&](double x) { mean += x / count; });
      for_each([&](double x) { square += (x - mean) * (x - mean) / count; });
      // A constant column leaves only the rounding of its mean behind.
      const double deviation = std::sqrt(square);
      const double scale = deviation > 1e-12 * std::abs(mean) ? 1 / deviation : 0;
      for (CsvTable* table : {&train, &test})
        for (size_t i = column; i < table->values.size(); i += columns)
          table->values[i] = std::isnan(table->values[i]) || scale == 0
                                 ? 0
                                 : Bounded((table->values[i] * unit - mean) * scale);
    }
  }

  const std::string path_;
  const CsvOptions options_;
  const std::string test_path_;
  const double test_fraction_;
  mutable absl::Mutex mutex_;
  mutable PreparedTable table_ ABSL_GUARDED_BY(mutex_);
};

CsvOptions OptionsOf(const Params& params) {
  const std::string delimiter = params.Text("delimiter"), decimal = params.Text("decimal"),
                    missing = params.Text("missing");
  CsvOptions options = {.label = params.Text("label"), .has_header = params.Boolean("header")};
  if (delimiter != "auto") options.delimiter = delimiter == "comma" ? ',' : delimiter == "tab" ? '\t' : ';';
  if (decimal != "auto") options.decimal = decimal == "comma" ? ',' : '.';
  if (missing == "mean") options.missing = CsvOptions::Missing::kMean;
  if (missing == "drop") options.missing = CsvOptions::Missing::kDrop;
  if (params.Has("leave_out"))
    for (std::string name :
         std::vector<std::string>(absl::StrSplit(params.Text("leave_out"), ',', absl::SkipWhitespace()))) {
      absl::StripAsciiWhitespace(&name);
      options.leave_out.push_back(std::move(name));
    }
  return options;
}

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "csv",
         .title = "CSV table",
         .summary = "Rows of numbers with a label, from a file of delimited text.",
         .citation = "Shafranovich. Common Format and MIME Type for Comma-Separated Values. RFC 4180, 2005",
         .params =
             {{.name = "path",
               .type = ParamType::kPath,
               .doc = "The file. Its first line names the columns, unless `header` is false."},
              {.name = "label",
               .type = ParamType::kText,
               .doc = "The column of labels, words or whole numbers: its name, its number if there is no "
                      "header, "
                      "or `first` or `last`. All others hold numbers."},
              {.name = "test_path",
               .type = ParamType::kPath,
               .doc = "A second file with the same columns to test on, instead of test_fraction.",
               .optional = true},
              {.name = "test_fraction",
               .default_value = 0.2,
               .minimum = 0,
               .maximum = 0.9,
               .doc = "Share of each class's rows, evenly spaced, that is kept to test on if there is no "
                      "test_path."},
              {.name = "header",
               .type = ParamType::kBoolean,
               .default_value = true,
               .doc = "The first line names the columns. Without it they are numbered from 1."},
              {.name = "leave_out",
               .type = ParamType::kText,
               .doc = "Columns that are not learned from, such as numbers or names of the rows, separated by "
                      "commas. A first column without a name is left out by itself.",
               .optional = true},
              {.name = "missing",
               .type = ParamType::kChoice,
               .default_value = "refuse",
               .choices = {"refuse", "mean", "drop"},
               .doc =
                   "What becomes of an empty cell, NA or NaN: the file is refused, the column's mean stands "
                   "for it, or its row is left out."},
              {.name = "delimiter",
               .type = ParamType::kChoice,
               .default_value = "auto",
               .choices = {"auto", "comma", "semicolon", "tab"},
               .doc = "What separates the columns. `auto` looks at the first two lines."},
              {.name = "decimal",
               .type = ParamType::kChoice,
               .default_value = "auto",
               .choices = {"auto", "point", "comma"},
               .doc = "The decimal sign. `auto` takes commas too where semicolons separate the columns."},
              PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      return std::make_unique<CsvDataset>(params.Text("path"), OptionsOf(params),
                                          params.Has("test_path") ? params.Text("test_path") : "",
                                          params.Number("test_fraction"));
    });

}  // namespace
}  // namespace concertina
