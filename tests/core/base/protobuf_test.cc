// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// protobuf_test.cc: fields are read as they were written, and damaged ones are refused with their place.
#include <QTest>
#include <cmath>
#include <string_view>
#include <vector>

#include "core/base/protobuf_reader.h"
#include "core/base/protobuf_writer.h"
#include "tests/test_program.h"

namespace concertina::protobuf_test {
namespace {

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

}  // namespace

class ProtobufTest : public QObject {
  Q_OBJECT

 private slots:
  void damagedFieldsAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const QByteArray& hex, const char* message) {
      QTest::newRow(name) << QByteArray::fromHex(hex) << QString(message);
    };
    row("a tag cut short", "80", "at byte 0: cut short within a number");
    row("a number cut short", "0801 08ff", "at byte 2: cut short within a number");
    row("a number of eleven bytes", "08ffffffffffffffffff8100", "beyond 64 bits");
    row("a number of 65 bits", "08ffffffffffffffffff02", "beyond 64 bits");
    row("field 0", "0001", "found the tag 0");
    row("a field of 30 bits", "808080808101", "expected a field");
    row("a group", "0b0c", "field 1 is of wire type 3");
    row("bytes beyond the end", "0a0261", "field 1 claims 2 bytes, and 1 are left");
    row("bytes beyond all memory", "0affffffffffffffffff01", "and 0 are left");
    row("a float cut short", "0d000000", "field 1 takes 4 bytes, and 3 are left");
    row("a double cut short", "0900000000000000", "field 1 takes 8 bytes, and 7 are left");
    row("another type", "1501020304", "field 2 is of wire type 5, expected 0, a number");
  }
  void damagedFieldsAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const auto read = [&]() -> absl::Status {
      ProtobufReader reader(std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size()))));
      while (reader.Next()) {
        int64_t number = 0;
        if (reader.field() == 2) RETURN_IF_ERROR(reader.Read(number));
      }
      return reader.status();
    };
    QCOMPARE(read().code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(read()).contains(message), qPrintable(Message(read())));
  }

  void fieldsAreReadAsTheyWereWritten() {
    ProtobufWriter writer;
    for (const int64_t number : {int64_t{0}, int64_t{127}, int64_t{128}, int64_t{-1}, INT64_MIN, INT64_MAX})
      writer.Integer(1, number);
    writer.Double(2, 1.5);
    writer.Float(3, -0.0F);
    writer.Bytes(536870911, "text");  // the largest number of a field
    const std::string bytes = writer.Take();
    ProtobufReader reader(std::as_bytes(std::span(bytes)));
    std::vector<int64_t> numbers;
    std::vector<float> floats;
    std::string_view text;
    while (reader.Next()) {
      if (reader.field() == 1) QVERIFY(reader.Append(numbers).ok());
      if (reader.field() == 3) QVERIFY(reader.Append(floats).ok());
      if (reader.field() == 536870911) QVERIFY(reader.Read(text).ok());
    }
    QVERIFY(reader.status().ok());
    QCOMPARE(numbers, (std::vector<int64_t>{0, 127, 128, -1, INT64_MIN, INT64_MAX}));
    QVERIFY(floats.size() == 1 && floats[0] == 0 && std::signbit(floats[0]));
    QVERIFY(text == "text");
  }
};

CONCERTINA_TEST(ProtobufTest)

}  // namespace concertina::protobuf_test

#include "protobuf_test.moc"
