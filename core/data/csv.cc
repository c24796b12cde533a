// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv.cc: a table with a header, a column of labels, and numbers in all other columns.
// On the way of the data: data/csv_reader.h -> here -> data/stored_samples.h.
//   x' = (x - mean) / deviation of its column, both of the training rows; a column that never changes becomes
//   0.
// The whole table is read into memory by each worker: a table of many GB is better kept as IDX floats.
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

#include "absl/synchronization/mutex.h"
#include "core/base/registry.h"
#include "core/data/csv_reader.h"
#include "core/data/partition.h"
#include "core/data/stored_samples.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr size_t kMaxClasses = 65536;

struct Rows {
  std::vector<std::string> columns;  // without the label
  std::vector<double> values;        // rows x columns
  std::vector<std::string> classes;  // in the order met
  std::vector<int32_t> labels;       // into `classes`
};

std::optional<double> ParseNumber(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return {};
  return value;
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string Shown(std::string_view text) {
  return text.size() <= 40 ? fmt::format("\"{}\"", text) : fmt::format("\"{}…\"", text.substr(0, 40));
}

class CsvDataset final : public Dataset {
 public:
  CsvDataset(std::string path, std::string label, std::string test_path, double test_fraction)
      : path_(std::move(path)),
        label_(std::move(label)),
        test_path_(std::move(test_path)),
        test_fraction_(test_fraction) {}

  absl::StatusOr<DatasetInfo> Probe(const std::string& /*prepared*/) const override {
    RETURN_IF_ERROR(Load());
    return info_;
  }
  absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& /*prepared*/) const override {
    RETURN_IF_ERROR(Load());
    return train_;
  }
  absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& /*prepared*/) const override {
    RETURN_IF_ERROR(Load());
    return test_;
  }

 private:
  // Reads the files the first time; both splits come of the same reading.
  absl::Status Load() const {
    absl::MutexLock lock(&mutex_);
    if (train_ != nullptr) return absl::OkStatus();
    Rows train, test;
    ASSIGN_OR_RETURN(Rows all, ReadRows(path_, nullptr));
    const std::vector<std::string> classes = SortClasses(all);
    if (test_path_.empty()) {
      Split(all, train, test);
      if (train.labels.empty())
        return absl::DataLossError(fmt::format("{}: found {} rows, too few to split off a test share of {}",
                                               path_, all.labels.size(), test_fraction_));
    } else {
      all.classes = classes;
      ASSIGN_OR_RETURN(test, ReadRows(test_path_, &all));
      train = std::move(all);
    }
    const auto columns = static_cast<int64_t>(train.columns.size());
    Standardise(train, test);
    info_ = {.sample = {columns},
             .classes = static_cast<int64_t>(classes.size()),
             .class_names = classes,
             .train_samples = static_cast<int64_t>(train.labels.size()),
             .test_samples = static_cast<int64_t>(test.labels.size()),
             .column_names = train.columns};
    test_ = Store(test, columns);
    train_ = Store(train, columns);
    return absl::OkStatus();
  }

  // With `known`, the columns must be those of it, and every class one of its.
  absl::StatusOr<Rows> ReadRows(const std::string& path, const Rows* known) const {
    ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
    CsvReader reader(path, {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()});
    std::vector<std::string> fields;
    ASSIGN_OR_RETURN(const bool has_header, reader.Next(fields));
    if (!has_header)
      return absl::DataLossError(path + ":1: the file is empty, expected a line of column names");
    const std::vector<std::string> header = fields;
    ASSIGN_OR_RETURN(const size_t label_column, FindLabel(path, header));

    Rows rows;
    rows.columns = header;
    rows.columns.erase(rows.columns.begin() + static_cast<int64_t>(label_column));
    if (known != nullptr && rows.columns != known->columns)
      return absl::DataLossError(fmt::format("{}:1: found columns {}, expected those of {}: {}", path,
                                             fmt::join(rows.columns, ", "), path_,
                                             fmt::join(known->columns, ", ")));
    if (known != nullptr) rows.classes = known->classes;
    std::map<std::string, int32_t, std::less<>> class_of;
    for (const std::string& name : rows.classes)
      class_of.emplace(name, static_cast<int32_t>(class_of.size()));

    for (;;) {
      ASSIGN_OR_RETURN(const bool has_row, reader.Next(fields));
      if (!has_row) break;
      if (fields.size() != header.size())
        return absl::DataLossError(fmt::format("{}:{}: found {} fields, expected {} as in the first line",
                                               path, reader.line(), fields.size(), header.size()));
      for (size_t column = 0; column < fields.size(); ++column) {
        if (column == label_column) continue;
        const std::optional<double> value = ParseNumber(fields[column]);
        if (!value.has_value())
          return absl::DataLossError(fmt::format("{}:{}: column {} ({}): found {}, expected a number", path,
                                                 reader.line(), column + 1, Shown(header[column]),
                                                 Shown(fields[column])));
        rows.values.push_back(*value);
      }
      const std::string& name = fields[label_column];
      auto found = class_of.find(name);
      if (found == class_of.end()) {
        if (known != nullptr || name.empty() || class_of.size() == kMaxClasses)
          return absl::DataLossError(
              fmt::format("{}:{}: column {} ({}): found the label {}, expected {}", path, reader.line(),
                          label_column + 1, Shown(label_), Shown(name),
                          known != nullptr ? "a class of " + path_
                                           : fmt::format("one of at most {} classes", kMaxClasses)));
        found = class_of.emplace(name, static_cast<int32_t>(class_of.size())).first;
        rows.classes.push_back(name);
      }
      rows.labels.push_back(found->second);
    }
    if (rows.labels.empty())
      return absl::DataLossError(
          fmt::format("{}:{}: found no rows below the column names", path, reader.line() + 1));
    return rows;
  }

  absl::StatusOr<size_t> FindLabel(const std::string& path, const std::vector<std::string>& header) const {
    std::optional<size_t> label_column;
    for (size_t column = 0; column < header.size(); ++column) {
      for (size_t before = 0; before < column; ++before)
        if (header[before] == header[column])
          return absl::DataLossError(fmt::format("{}:1: columns {} and {} are both named {}", path,
                                                 before + 1, column + 1, Shown(header[column])));
      if (header[column] == label_) label_column = column;
    }
    if (!label_column.has_value()) {
      const std::string nearest = NearestName(label_, header);
      return absl::InvalidArgumentError(fmt::format(
          "/dataset/label: found {}, expected a column of {}: {}{}", Shown(label_), path,
          fmt::join(header, ", "), nearest.empty() ? "" : fmt::format("; did you mean {}?", Shown(nearest))));
    }
    if (header.size() < 2)
      return absl::DataLossError(path + ":1: found the label alone, expected at least one column of numbers");
    return *label_column;
  }

  // Whole numbers by value, else by text. Renumbers the labels.
  static std::vector<std::string> SortClasses(Rows& rows) {
    bool integers = true;
    for (const std::string& name : rows.classes) integers &= ParseInteger(name).has_value();
    std::vector<int32_t> order(rows.classes.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int32_t>(i);
    const auto name = [&](int32_t i) -> const std::string& { return rows.classes[static_cast<size_t>(i)]; };
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      if (!integers) return name(a) < name(b);
      const int64_t x = *ParseInteger(name(a)), y = *ParseInteger(name(b));
      return x != y ? x < y : name(a) < name(b);  // "7" and "07" stay two classes
    });
    std::vector<std::string> sorted;
    std::vector<int32_t> place(order.size());
    for (const int32_t i : order) {
      place[static_cast<size_t>(i)] = static_cast<int32_t>(sorted.size());
      sorted.push_back(name(i));
    }
    for (int32_t& label : rows.labels) label = place[static_cast<size_t>(label)];
    return sorted;
  }

  void Split(const Rows& all, Rows& train, Rows& test) const {
    const size_t columns = all.columns.size();
    train.columns = test.columns = all.columns;
    for (size_t row = 0; row < all.labels.size(); ++row) {
      Rows& split = IsTestRow(static_cast<int64_t>(row), test_fraction_) ? test : train;
      const auto begin = all.values.begin() + static_cast<int64_t>(row * columns);
      split.values.insert(split.values.end(), begin, begin + static_cast<int64_t>(columns));
      split.labels.push_back(all.labels[row]);
    }
  }

  static void Standardise(Rows& train, Rows& test) {
    const size_t columns = train.columns.size();
    const auto count = static_cast<double>(train.labels.size());
    for (size_t column = 0; column < columns; ++column) {
      double mean = 0, square = 0;
      for (size_t i = column; i < train.values.size(); i += columns) mean += train.values[i] / count;
      for (size_t i = column; i < train.values.size(); i += columns)
        square += (train.values[i] - mean) * (train.values[i] - mean) / count;
      // A constant column leaves only the rounding of its mean behind.
      const double deviation = std::sqrt(square);
      const double scale = deviation > 1e-12 * std::abs(mean) ? 1 / deviation : 0;
      for (Rows* rows : {&train, &test})
        for (size_t i = column; i < rows->values.size(); i += columns)
          rows->values[i] = (rows->values[i] - mean) * scale;
    }
  }

  static std::shared_ptr<const Samples> Store(const Rows& rows, int64_t columns) {
    std::vector<uint8_t> bytes(rows.values.size() * sizeof(float));
    for (size_t i = 0; i < rows.values.size(); ++i) {
      const auto value = static_cast<float>(rows.values[i]);
      std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
    }
    StoredSamplesLayout layout = {.kind = ElementKind::kFloat, .elements = columns};
    layout.runs = {{KeepInMemory(std::move(bytes)), static_cast<int64_t>(rows.labels.size()), 0,
                    columns * static_cast<int64_t>(sizeof(float))}};
    return MakeStoredSamples(std::move(layout), rows.labels);
  }

  const std::string path_, label_, test_path_;
  const double test_fraction_;
  mutable absl::Mutex mutex_;
  mutable DatasetInfo info_ ABSL_GUARDED_BY(mutex_);
  mutable std::shared_ptr<const Samples> train_ ABSL_GUARDED_BY(mutex_), test_ ABSL_GUARDED_BY(mutex_);
};

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "csv",
         .title = "CSV table",
         .summary = "Rows of numbers with a label, from a comma-separated file with a header.",
         .citation = "Shafranovich. Common Format and MIME Type for Comma-Separated Values. RFC 4180, 2005",
         .params =
             {{.name = "path",
               .type = ParamType::kPath,
               .doc = "The file. Its first line names the columns."},
              {.name = "label",
               .type = ParamType::kText,
               .doc = "The column of labels, text or whole numbers; all others hold numbers."},
              {.name = "test_path",
               .type = ParamType::kPath,
               .doc = "A second file with the same columns to test on, instead of test_fraction.",
               .optional = true},
              {.name = "test_fraction",
               .default_value = 0.2,
               .minimum = 0,
               .maximum = 0.9,
               .doc = "Share of the rows, evenly spaced, that is kept to test on if there is no test_path."},
              PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      return std::make_unique<CsvDataset>(params.Text("path"), params.Text("label"),
                                          params.Has("test_path") ? params.Text("test_path") : "",
                                          params.Number("test_fraction"));
    });

}  // namespace
}  // namespace concertina
