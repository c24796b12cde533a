// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chunk_test.cc: what is stored comes back bit for bit, and damaged bytes are found, never believed.
#include "core/store/chunk.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "core/store/crc32c.h"
#include "tests/test_program.h"

namespace concertina::chunk_test {
namespace {

using Doubles = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool SameBits(const Doubles& a, const Doubles& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<uint64_t>(a[i]) != std::bit_cast<uint64_t>(b[i])) return false;
  return true;
}

std::vector<uint8_t> Encoded(const std::vector<int64_t>& steps, const Doubles& seconds,
                             const Doubles& values) {
  std::vector<uint8_t> bytes;
  EncodePoints(steps, seconds, values, bytes);
  return bytes;
}

}  // namespace

class ChunkTest : public QObject {
  Q_OBJECT
 private slots:
  void crcIsCastagnolis() {  // RFC 3720, B.4
    const std::vector<uint8_t> zeros(32, 0), ones(32, 0xFF);
    QCOMPARE(Crc32c(zeros), 0x8a9136aaU);
    QCOMPARE(Crc32c(ones), 0x62a8ab43U);
    std::vector<uint8_t> ascending(32);
    for (size_t i = 0; i < 32; ++i) ascending[i] = static_cast<uint8_t>(i);
    QCOMPARE(Crc32c(ascending), 0x46dd794eU);
    QCOMPARE(Crc32c({}), 0U);
    const std::string digits = "123456789";
    QCOMPARE(Crc32c({reinterpret_cast<const uint8_t*>(digits.data()), 9}), 0xe3069283U);
  }

  void columnsComeBackBitForBit_data() {
    QTest::addColumn<Doubles>("values");
    const double tiny = std::numeric_limits<double>::denorm_min();
    QTest::newRow("one") << Doubles{0.1};
    QTest::newRow("constant") << Doubles{3, 3, 3, 3};
    QTest::newRow("linear") << Doubles{1, 1.5, 2, 2.5};
    QTest::newRow("falling") << Doubles{10, 7, 4, 1};
    QTest::newRow("linear, then not") << Doubles{1, 2, 3, 5};
    QTest::newRow("zeros of both signs") << Doubles{0.0, -0.0, 0.0};
    QTest::newRow("minus zeros") << Doubles{-0.0, -0.0, -0.0};
    QTest::newRow("floats") << Doubles{0.5F, 0.1F, 2.3F};
    QTest::newRow("one double among floats") << Doubles{0.5F, 0.1, 2.3F};
    QTest::newRow("not measured") << Doubles{kNaN, kNaN, 1, kNaN};
    QTest::newRow("infinities") << Doubles{kInfinity, -kInfinity, 0};
    QTest::newRow("constant infinity") << Doubles{kInfinity, kInfinity, kInfinity};
    QTest::newRow("beyond floats") << Doubles{1e300, -1e300, 4e38, tiny};
    QTest::newRow("large whole numbers") << Doubles{9007199254740991, 9007199254740992, 9007199254740994};
    QTest::newRow("tenths, which only look linear") << Doubles{0.1, 0.2, 0.30000000000000004, 0.4};
  }
  void columnsComeBackBitForBit() {
    QFETCH(Doubles, values);
    std::vector<int64_t> steps(values.size());
    for (size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<int64_t>(i * i);
    const auto points = DecodePoints(Encoded(steps, values, values));
    QVERIFY2(points.ok(), points.status().ToString().c_str());
    QCOMPARE(points->steps, steps);
    QVERIFY(SameBits(points->seconds, values));
    QVERIFY(SameBits(points->values, values));
    std::vector<SeriesBucket> buckets;
    for (const double value : values) buckets.push_back({value, -value, value * 3, value, value + 1, 8, 7});
    std::vector<uint8_t> bytes;
    EncodeBuckets(buckets, bytes);
    const auto back = DecodeBuckets(bytes);
    QVERIFY(back.ok());
    for (size_t i = 0; i < buckets.size(); ++i) {
      QVERIFY(
          SameBits({(*back)[i].step, (*back)[i].seconds, (*back)[i].mean, (*back)[i].min, (*back)[i].max},
                   {buckets[i].step, buckets[i].seconds, buckets[i].mean, buckets[i].min, buckets[i].max}));
      QCOMPARE((*back)[i].points, int64_t{8});
      QCOMPARE((*back)[i].count, int64_t{7});
    }
  }
  void randomColumnsComeBackBitForBit() {
    Rng rng(1);
    for (int trial = 0; trial < 300; ++trial) {
      const size_t count = 1 + rng.Below(40);
      std::vector<int64_t> steps(count);
      Doubles seconds(count), values(count);
      for (size_t i = 0; i < count; ++i) {
        steps[i] = static_cast<int64_t>(rng.Next());
        seconds[i] = std::bit_cast<double>(rng.Next());  // any pattern, signalling NaN among them
        values[i] = rng.Below(2) == 0 ? rng.Normal() : static_cast<double>(static_cast<float>(rng.Normal()));
      }
      const auto points = DecodePoints(Encoded(steps, seconds, values));
      QVERIFY(points.ok());
      QCOMPARE(points->steps, steps);
      QVERIFY(SameBits(points->seconds, seconds) && SameBits(points->values, values));
    }
  }
  void usualPointsAreSmall() {  // regular steps, times as doubles, losses as floats: 12 bytes a point
    Rng rng(2);
    std::vector<int64_t> steps;
    Doubles seconds, values;
    for (int i = 0; i < 1024; ++i) {
      steps.push_back(5000 + 10 * i);
      seconds.push_back(0.01 * i + 1e-4 * rng.Uniform());
      values.push_back(static_cast<double>(static_cast<float>(rng.Uniform())));
    }
    QVERIFY(Encoded(steps, seconds, values).size() <= 12 * 1024 + 64);
  }

  void damagedBytesAreFound() {
    Rng rng(3);
    const std::vector<uint8_t> good = Encoded({1, 2, 3, 5}, {0.1, 0.2, 0.3, 0.4}, {1, 2, 3, 4});
    for (size_t length = 0; length < good.size(); ++length)
      QCOMPARE(DecodePoints(std::span(good).first(length)).status().code(), absl::StatusCode::kDataLoss);
    std::vector<uint8_t> longer = good;
    longer.push_back(0);
    QCOMPARE(DecodePoints(longer).status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(DecodeBuckets(good).status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(DecodePoints({}).status().code(), absl::StatusCode::kDataLoss);
    for (int trial = 0; trial < 20000;
         ++trial) {  // any answer but a crash, and never more than was asked for
      std::vector<uint8_t> bytes = good;
      for (uint64_t i = 0; i <= rng.Below(4); ++i)
        bytes[rng.Below(bytes.size())] = static_cast<uint8_t>(rng.Next());
      const auto points = DecodePoints(bytes);
      if (points.ok()) QVERIFY(points->steps.size() <= 1U << 20);
      QVERIFY(bytes == good || Crc32c(bytes) != Crc32c(good));
    }
  }
};

CONCERTINA_TEST(ChunkTest)

}  // namespace concertina::chunk_test

#include "chunk_test.moc"
