// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared_table_test.cc: a table comes back as it was written, and bytes that are none are refused.
#include "core/data/prepared_table.h"

#include <QTest>

#include "core/base/rng.h"
#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::prepared_table_test {
namespace {

// Three training rows and a test row of two columns; names are bytes, not always UTF-8.
std::vector<uint8_t> Written() {
  const CsvTable train = {.values = {1, 2, 3, 4, 5, 6}, .labels = {0, 1, 0}};
  const CsvTable test = {.values = {7, 8}, .labels = {1}};
  std::vector<uint8_t> bytes;
  const absl::Status status = WritePreparedTable(
      {.class_names = {"caf\xe9", "b"}, .train_samples = 3, .test_samples = 1, .column_names = {"x", "y"}},
      train, test, [&bytes](std::span<const uint8_t> more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return absl::OkStatus();
      });
  if (!status.ok()) qFatal("%s", qPrintable(Message(status)));
  return bytes;
}

}  // namespace

class PreparedTableTest : public QObject {
  Q_OBJECT
 private slots:
  void whatWasWrittenIsRead() {
    const auto table = ReadPreparedTable(KeepInMemory(Written()));
    VERIFY_OK(table);
    QCOMPARE(table->info.sample, (Shape{2}));
    QCOMPARE(table->info.classes, int64_t{2});
    QCOMPARE(table->info.class_names, (std::vector<std::string>{"caf\xe9", "b"}));
    QCOMPARE(table->info.column_names, (std::vector<std::string>{"x", "y"}));
    QCOMPARE(table->train->labels(), (std::vector<int32_t>{0, 1, 0}));
    QCOMPARE(table->test->labels(), (std::vector<int32_t>{1}));
    std::vector<float> row(2);
    table->train->Read(2, row.data());
    QCOMPARE(row, (std::vector<float>{5, 6}));
    table->test->Read(0, row.data());
    QCOMPARE(row, (std::vector<float>{7, 8}));
  }

  void bytesThatAreNoneAreRefused() {
    const std::vector<uint8_t> whole = Written();
    for (size_t length = 0; length < whole.size(); ++length) {
      const auto cut =
          ReadPreparedTable(KeepInMemory({whole.begin(), whole.begin() + static_cast<int64_t>(length)}));
      QCOMPARE(cut.status().code(), absl::StatusCode::kDataLoss);
    }
    std::vector<uint8_t> label = whole;
    label[4 * 8] = 2;  // behind four rows of two floats: there are classes 0 and 1
    QCOMPARE(ReadPreparedTable(KeepInMemory(label)).status().code(), absl::StatusCode::kDataLoss);
    // Whatever else is changed, it is read or refused, and all rows that it names are there.
    Rng rng(5, "mutations");
    for (int round = 0; round < 20'000; ++round) {
      std::vector<uint8_t> changed = whole;
      for (int i = 0; i < 3; ++i)
        changed[static_cast<size_t>(rng.Uniform(0, 1) * static_cast<double>(whole.size() - 1))] =
            static_cast<uint8_t>(rng.Uniform(0, 256));
      const auto table = ReadPreparedTable(KeepInMemory(changed));
      if (!table.ok()) continue;
      std::vector<float> row(static_cast<size_t>(table->info.sample.at(0)));
      for (const auto& split : {table->train, table->test})
        for (int64_t i = 0; i < split->size(); ++i) split->Read(i, row.data());
    }
  }
};

CONCERTINA_TEST(PreparedTableTest)

}  // namespace concertina::prepared_table_test

#include "prepared_table_test.moc"
