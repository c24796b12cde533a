// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_codes_test.cc: packed codes against their definition, bit by bit, on every instruction set.
#include "core/gradient/packed_codes.h"

#include <QTest>
#include <vector>

#include "core/base/rng.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::packed_codes_test {

using Bytes = std::vector<uint8_t>;

class PackedCodesTest : public QObject {
  Q_OBJECT

  static Bytes RandomCodes(size_t n, int bits) {
    Bytes codes(n);
    Rng rng(n, "codes");
    for (uint8_t& code : codes) code = static_cast<uint8_t>(rng.Below(uint64_t{1} << bits));
    return codes;
  }
  static void AddWidths() {
    QTest::addColumn<int>("bits");
    for (const int bits : {1, 2, 4, 8}) QTest::addRow("%d bits", bits) << bits;
  }

 private slots:
  void everyBitIsWhereItBelongs_data() { AddWidths(); }
  void everyBitIsWhereItBelongs() {
    QFETCH(int, bits);
    ForEachInstructionSet([&] {
      for (size_t n = 0; n < 1200; n += n < 300 ? 1 : 97) {  // with and without a rest after whole vectors
        const Bytes codes = RandomCodes(n, bits);
        const auto bytes = static_cast<size_t>(PackedBytes(static_cast<int64_t>(n), bits));
        Bytes packed(bytes + 1, 0xa5);
        PackCodes(codes, bits, packed.data());
        QCOMPARE(packed.back(), uint8_t{0xa5});
        packed.pop_back();
        Bytes expected(bytes, 0);
        for (size_t i = 0; i < n * static_cast<size_t>(bits); ++i) {
          const size_t width = static_cast<size_t>(bits);
          if ((codes[i / width] >> (i % width) & 1) != 0)
            expected[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
        }
        QVERIFY2(packed == expected, qPrintable(QString::number(n)));
        Bytes unpacked(n + 1,
                       0x5a);  // packed is of exactly its size, so that a sanitizer sees a read beyond it
        UnpackCodes(packed.data(), bits, {unpacked.data(), n});
        QCOMPARE(unpacked.back(), uint8_t{0x5a});
        unpacked.pop_back();
        QVERIFY2(unpacked == codes, qPrintable(QString::number(n)));
      }
    });
  }

  void anyBytesAreUnpacked_data() { AddWidths(); }
  void anyBytesAreUnpacked() {  // none is beyond its width, whatever comes
    QFETCH(int, bits);
    const Bytes packed = RandomCodes(256, 8);
    ForEachInstructionSet([&] {
      Bytes codes(packed.size() * 8 / static_cast<size_t>(bits)), again(packed.size());
      UnpackCodes(packed.data(), bits, codes);
      for (const uint8_t code : codes) QVERIFY(code < 1 << bits);
      PackCodes(codes, bits, again.data());
      QVERIFY(again == packed);
    });
  }

  void paddingMustBeZero() {
    const Bytes bytes = {0xff, 0x07};
    QVERIFY(CheckPadding("x", bytes, 11, 1).ok());
    QVERIFY(CheckPadding("x", bytes, 16, 1).ok());
    QVERIFY(CheckPadding("x", bytes, 3, 4).ok());
    QVERIFY(CheckPadding("x", bytes, 2, 8).ok());
    QCOMPARE(CheckPadding("x", bytes, 10, 1).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(CheckPadding("x", bytes, 5, 2).code(), absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(PackedCodesTest)

}  // namespace concertina::packed_codes_test

#include "packed_codes_test.moc"
