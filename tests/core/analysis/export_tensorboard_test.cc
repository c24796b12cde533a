// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_tensorboard_test.cc: the event file is read back by a reader written from the format alone.
#include "core/analysis/export_tensorboard.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include "tests/test_program.h"

namespace concertina::export_tensorboard_test {
namespace {

template <class T>
T Fixed(std::string_view& bytes) {
  T value = {};
  if (bytes.size() < sizeof value) qFatal("cut short");
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

uint64_t Varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = Fixed<uint8_t>(bytes);
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
}

// The fields of a protobuf message by number: integers and fixed ones as their bits, the others as bytes.
struct Field {
  uint64_t bits = 0;
  std::string_view bytes;
};
std::map<int, Field> Fields(std::string_view message) {
  std::map<int, Field> fields;
  while (!message.empty()) {
    const uint64_t tag = Varint(message);
    Field field;
    switch (tag & 7) {
      case 0:
        field.bits = Varint(message);
        break;
      case 1:
        field.bits = Fixed<uint64_t>(message);
        break;
      case 5:
        field.bits = Fixed<uint32_t>(message);
        break;
      case 2: {
        const uint64_t length = Varint(message);
        if (length > message.size()) qFatal("cut short");
        field.bytes = message.substr(0, length);
        message.remove_prefix(length);
        break;
      }
      default:
        qFatal("wire type %d", static_cast<int>(tag & 7));
    }
    fields[static_cast<int>(tag >> 3)] = field;
  }
  return fields;
}

struct Event {
  double wall_time = 0;
  int64_t step = 0;
  std::string version, tag;
  float value = 0;
};

std::optional<std::vector<Event>> ReadEvents(std::string_view file) {
  std::vector<Event> events;
  while (!file.empty()) {
    const std::string_view length_bytes = file.substr(0, 8);
    const auto length = Fixed<uint64_t>(file);
    if (Fixed<uint32_t>(file) != MaskedCrc32c(length_bytes) || file.size() < length + 4) return {};
    const std::string_view record = file.substr(0, length);
    file.remove_prefix(length);
    if (Fixed<uint32_t>(file) != MaskedCrc32c(record)) return {};
    const auto fields = Fields(record);
    Event event = {.wall_time = std::bit_cast<double>(fields.at(1).bits)};
    if (fields.contains(2)) event.step = static_cast<int64_t>(fields.at(2).bits);
    if (fields.contains(3)) event.version = fields.at(3).bytes;
    if (fields.contains(5)) {
      const auto value = Fields(Fields(fields.at(5).bytes).at(1).bytes);
      event.tag = value.at(1).bytes;
      event.value = std::bit_cast<float>(static_cast<uint32_t>(value.at(2).bits));
    }
    events.push_back(event);
  }
  return events;
}

}  // namespace

class ExportTensorboardTest : public QObject {
  Q_OBJECT

 private slots:
  void crc32cIsThatOfTheStandard_data() {  // RFC 3720, appendix B.4, and the check value of the CRC catalogue
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<uint32_t>("crc");
    QByteArray counting;
    for (int i = 0; i < 32; ++i) counting.append(static_cast<char>(i));
    QByteArray backwards = counting;
    std::reverse(backwards.begin(), backwards.end());
    QTest::newRow("32 zeros") << QByteArray(32, 0) << 0x8a9136aaU;
    QTest::newRow("32 ones") << QByteArray(32, static_cast<char>(0xff)) << 0x62a8ab43U;
    QTest::newRow("counting") << counting << 0x46dd794eU;
    QTest::newRow("counting backwards") << backwards << 0x113fdb5cU;
    QTest::newRow("123456789") << QByteArray("123456789") << 0xe3069283U;
    QTest::newRow("nothing") << QByteArray() << 0U;
  }
  void crc32cIsThatOfTheStandard() {
    QFETCH(QByteArray, bytes);
    QFETCH(uint32_t, crc);
    QCOMPARE(Crc32c({bytes.data(), static_cast<size_t>(bytes.size())}), crc);
  }

  void theMaskTurnsBy15AndAdds() {
    // crc 0 of no bytes: rotating changes nothing, so that the constant is left.
    QCOMPARE(MaskedCrc32c(""), 0xa282ead8U);
    const uint32_t crc = 0xe3069283U;
    QCOMPARE(MaskedCrc32c("123456789"), ((crc >> 15) | (crc << 17)) + 0xa282ead8U);
  }

  void everyPointIsReadBack() {
    RunRecord run = {.id = "r7", .started_unix_ms = 1700000000500};
    run.series = {{"train/loss", "", -1, {0, 1, 300}, {0, 0.25, 60}, {2.5, std::nan(""), -0.125}},
                  {"train/loss", "", 1, {5000000000}, {61}, {1e30}}};
    const auto events = ReadEvents(ExportTensorboard(run));
    QVERIFY(events.has_value());
    QCOMPARE(events->size(), size_t{4});  // the version, and three numbers: NaN is no measurement
    QCOMPARE(events->at(0).version, std::string("brain.Event:2"));
    QCOMPARE(events->at(1).tag, std::string("train/loss"));
    QCOMPARE(events->at(1).step, 0);
    QCOMPARE(events->at(1).value, 2.5F);
    QCOMPARE(events->at(1).wall_time, 1700000000.5);
    QCOMPARE(events->at(2).step, 300);
    QCOMPARE(events->at(2).value, -0.125F);
    QCOMPARE(events->at(2).wall_time, 1700000060.5);
    QCOMPARE(events->at(3).tag, std::string("train/loss/rank 1"));
    QCOMPARE(events->at(3).step, 5000000000);
    QCOMPARE(events->at(3).value, 1e30F);
  }

  void aFlippedBitIsNoticed() {
    RunRecord run;
    run.series = {{"x", "", -1, {0}, {0}, {1}}};
    const std::string file = ExportTensorboard(run);
    for (size_t i = 0; i < file.size(); ++i) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      QVERIFY(!ReadEvents(damaged).has_value());
    }
  }

  void theFileNameIsOneThatTensorboardLooksFor() {
    QCOMPARE(TensorboardFileName({.id = "r7", .started_unix_ms = 1700000000500}),
             std::string("events.out.tfevents.1700000000.r7"));
  }
};

CONCERTINA_TEST(ExportTensorboardTest)

}  // namespace concertina::export_tensorboard_test

#include "export_tensorboard_test.moc"
