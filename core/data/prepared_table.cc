// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared_table.cc: rows first, so that they are aligned; what is read whole comes behind them (see
// prepared_table.h).
#include "core/data/prepared_table.h"

#include <algorithm>
#include <cstring>

#include "core/data/stored_samples.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

template <class T>
absl::Status SinkAll(std::span<const T> values, const ByteSink& sink) {
  return sink({reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()});
}

absl::Status SinkRows(const std::vector<double>& values, const ByteSink& sink) {
  constexpr size_t kFloatsAtOnce = 1 << 16;
  std::vector<float> floats;
  for (size_t begin = 0; begin < values.size(); begin += kFloatsAtOnce) {
    const size_t end = std::min(values.size(), begin + kFloatsAtOnce);
    floats.clear();
    for (size_t i = begin; i < end; ++i) floats.push_back(static_cast<float>(values[i]));
    RETURN_IF_ERROR(SinkAll(std::span<const float>(floats), sink));
  }
  return absl::OkStatus();
}

absl::Status NotATable() {
  return absl::DataLossError("the bytes are no prepared table, or one that was cut short");
}

// The count under `name`, if it can be one of `limit` bytes.
absl::StatusOr<int64_t> CountIn(const Json& names, const char* name, int64_t limit) {
  const auto found = names.find(name);
  if (found == names.end() || !found->is_number_integer()) return NotATable();
  const auto count = found->get<int64_t>();
  if (count < 0 || count > limit) return NotATable();
  return count;
}

absl::StatusOr<std::vector<std::string>> TextsIn(const Json& names, const char* name) {
  const auto found = names.find(name);
  if (found == names.end() || !found->is_array()) return NotATable();
  std::vector<std::string> texts;
  for (const Json& text : *found) {
    if (!text.is_string()) return NotATable();
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace

absl::Status WritePreparedTable(const DatasetInfo& info, const CsvTable& train, const CsvTable& test,
                                const ByteSink& sink) {
  RETURN_IF_ERROR(SinkRows(train.values, sink));
  RETURN_IF_ERROR(SinkRows(test.values, sink));
  RETURN_IF_ERROR(SinkAll(std::span<const int32_t>(train.labels), sink));
  RETURN_IF_ERROR(SinkAll(std::span<const int32_t>(test.labels), sink));
  // MessagePack, since names are bytes as the file has them: JSON would want UTF-8.
  const std::vector<uint8_t> names = Json::to_msgpack(Json{{"columns", info.column_names},
                                                           {"classes", info.class_names},
                                                           {"train", info.train_samples},
                                                           {"test", info.test_samples}});
  RETURN_IF_ERROR(sink(names));
  const uint64_t name_bytes = names.size();
  return SinkAll(std::span<const uint64_t>(&name_bytes, 1), sink);
}

absl::StatusOr<PreparedTable> ReadPreparedTable(const StoredBytes& stored) {
  const std::span<const uint8_t> bytes = stored.bytes;
  uint64_t name_bytes = 0;
  if (bytes.size() < sizeof name_bytes) return NotATable();
  std::memcpy(&name_bytes, bytes.data() + bytes.size() - sizeof name_bytes, sizeof name_bytes);
  if (name_bytes > bytes.size() - sizeof name_bytes) return NotATable();
  const size_t names_begin = bytes.size() - sizeof name_bytes - name_bytes;
  const auto packed = bytes.subspan(names_begin, name_bytes);
  const Json names = Json::from_msgpack(packed.begin(), packed.end(), true, /*allow_exceptions=*/false);
  if (!names.is_object()) return NotATable();

  PreparedTable table;
  ASSIGN_OR_RETURN(table.info.column_names, TextsIn(names, "columns"));
  ASSIGN_OR_RETURN(table.info.class_names, TextsIn(names, "classes"));
  const auto columns = static_cast<int64_t>(table.info.column_names.size());
  const auto limit = static_cast<int64_t>(bytes.size());
  ASSIGN_OR_RETURN(table.info.train_samples, CountIn(names, "train", limit));
  ASSIGN_OR_RETURN(table.info.test_samples, CountIn(names, "test", limit));
  table.info.sample = {columns};
  table.info.classes = static_cast<int64_t>(table.info.class_names.size());
  const int64_t rows = table.info.train_samples + table.info.test_samples;
  // Compared by division: a damaged count must not overflow the product.
  const auto value_bytes = static_cast<int64_t>(names_begin);
  if (columns < 1 || rows < 1 || value_bytes % rows != 0 || value_bytes / rows % 4 != 0 ||
      value_bytes / rows / 4 != columns + 1)
    return NotATable();

  const int64_t row_bytes = columns * 4;
  std::vector<int32_t> labels(static_cast<size_t>(rows));
  std::memcpy(labels.data(), bytes.data() + rows * row_bytes, labels.size() * sizeof(int32_t));
  for (const int32_t label : labels)
    if (label < 0 || label >= table.info.classes) return NotATable();
  const auto split = [&](int64_t first, int64_t count) {
    return MakeStoredSamples({.kind = ElementKind::kFloat,
                              .elements = columns,
                              .runs = {{stored, count, first * row_bytes, row_bytes}}},
                             {labels.begin() + first, labels.begin() + first + count});
  };
  table.train = split(0, table.info.train_samples);
  table.test = split(table.info.train_samples, table.info.test_samples);
  return table;
}

}  // namespace concertina
