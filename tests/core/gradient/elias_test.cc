// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elias_test.cc: omega codes and their lengths, bits in order, reads past the end.
#include "core/gradient/elias.h"

#include <QTest>
#include <vector>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::elias_test {

class EliasTest : public QObject {
  Q_OBJECT

 private slots:
  void lengthsAreThoseOfElias_data() {
    QTest::addColumn<uint>("n");
    QTest::addColumn<int>("bits");
    // Elias 1975, table of omega.
    for (const auto& [n, bits] : {std::pair{1U, 1},
                                  {2U, 3},
                                  {3U, 3},
                                  {4U, 6},
                                  {7U, 6},
                                  {8U, 7},
                                  {15U, 7},
                                  {16U, 11},
                                  {31U, 11},
                                  {32U, 12},
                                  {63U, 12},
                                  {64U, 13},
                                  {100U, 13},
                                  {128U, 14},
                                  {1000U, 17},
                                  {65535U, 23}})
      QTest::addRow("%u", n) << n << bits;
  }
  void lengthsAreThoseOfElias() {
    QFETCH(uint, n);
    QFETCH(int, bits);
    QCOMPARE(OmegaBits(n), bits);
  }

  void everyNumberComesBack() {
    std::vector<uint8_t> bytes(65535 * 3);
    BitWriter writer(bytes.data());
    size_t bits = 0;
    for (uint32_t n = 1; n < 65536; ++n) {
      writer.Omega(n);
      bits += static_cast<size_t>(OmegaBits(n));
    }
    bytes.resize(static_cast<size_t>(writer.Finish() - bytes.data()));
    QCOMPARE(bytes.size(), (bits + 7) / 8);
    BitReader reader(bytes);
    for (uint32_t n = 1; n < 65536; ++n)
      if (reader.Omega() != n) QFAIL(qPrintable(QString::number(n)));
    QVERIFY(reader.AtEnd() && !reader.Failed());
  }

  void bitsAreInOrder() {
    std::vector<uint8_t> bytes(8);
    BitWriter writer(bytes.data());
    writer.Bit(true);
    writer.Bits(0x12345678, 32);
    writer.Bits(5, 3);
    QCOMPARE(writer.Finish() - bytes.data(), 5);
    QCOMPARE(bytes[0], uint8_t{0xf1});
    BitReader reader(std::span<const uint8_t>(bytes).first(5));
    QVERIFY(reader.Bit());
    QCOMPARE(reader.Bits(32), 0x12345678U);
    QVERIFY(!reader.Failed());
    QCOMPARE(reader.Bits(3), 5U);
    QVERIFY(reader.AtEnd());
  }

  void readsPastTheEndFailAndAreZero() {
    const std::vector<uint8_t> bytes = {0xff};
    BitReader reader(bytes);
    QCOMPARE(reader.Bits(7), 127U);
    QVERIFY(!reader.Failed() && !reader.AtEnd());  // a 1 is left
    QCOMPARE(reader.Bits(3), 1U);
    QVERIFY(reader.Failed() && !reader.AtEnd());
    for (int i = 0; i < 1000; ++i) QCOMPARE(reader.Omega(), 1U);
    QVERIFY(reader.Failed());
    BitReader none{std::span<const uint8_t>()};
    QVERIFY(none.AtEnd() && !none.Failed());
    QCOMPARE(none.Omega(), 1U);
    QVERIFY(none.Failed());
  }

  void numbersTooLargeAreNone() {
    const std::vector<uint8_t> ones(32, 0xff);
    BitReader reader(ones);
    QCOMPARE(reader.Omega(), 0U);
  }

  void noiseNeverReadsBeyondItself() {
    Rng rng(1, "noise");
    for (int i = 0; i < 2000; ++i) {
      std::vector<uint8_t> noise(rng.Below(40));
      for (uint8_t& byte : noise) byte = static_cast<uint8_t>(rng.Next());
      BitReader reader(noise);
      for (int reads = 0; !reader.Failed(); ++reads) {
        if (reads > 400) QFAIL("no end");
        reader.Omega();
      }
    }
  }
};

CONCERTINA_TEST(EliasTest)

}  // namespace concertina::elias_test

#include "elias_test.moc"
