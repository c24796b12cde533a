// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// qsgd_test.cc: QSGD's mean, variance and bounds (Alistarh et al. 2017), both codings, hostile payloads.
#include <QTest>
#include <cstring>

#include "instruction_sets.h"
#include "random_rounding.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

namespace concertina::qsgd_test {

class QsgdTest : public QObject {
  Q_OBJECT

  static Json Spec(int levels, const char* norm, const char* coding, int block = 512) {
    return {{"kind", "qsgd"}, {"levels", levels}, {"norm", norm}, {"coding", coding}, {"block", block}};
  }
  static double NormOf(const Floats& x, bool is_l2) {
    double largest = 0;
    for (const float value : x) largest = std::max(largest, std::abs(static_cast<double>(value)));
    return is_l2 ? std::sqrt(NormSquared(x)) : largest;
  }

 private slots:
  void isUnbiasedWithItsVariance_data() {
    QTest::addColumn<int>("levels");
    QTest::addColumn<QByteArray>("norm");
    QTest::addColumn<QByteArray>("coding");
    for (const int levels : {1, 3, 7, 100, 127})
      for (const char* norm : {"max", "l2"})
        for (const char* coding : {"fixed", "elias"})
          QTest::addRow("%d levels, %s, %s", levels, norm, coding)
              << levels << QByteArray(norm) << QByteArray(coding);
  }
  void isUnbiasedWithItsVariance() {
    QFETCH(int, levels);
    QFETCH(QByteArray, norm);
    QFETCH(QByteArray, coding);
    const Floats x = MakeGradient("normal", 100, 1);
    const double step = NormOf(x, norm == "l2") / levels;
    const QString fault =
        FaultOfRandomRounding(Spec(levels, norm, coding, 128), x, 3000, [step](double magnitude) {
          const double low = std::floor(magnitude / step * (1 + 1e-9)) * step;
          return std::pair{low, std::max(low + step, magnitude)};
        });
    QVERIFY2(fault.isEmpty(), qPrintable(fault));
  }

  void meetsTheBoundsOfLemma31() {
    // E ||C(x) - x||^2 <= min(n / s^2, sqrt(n) / s) ||x||^2,   E ||C(x)||_0 <= s (s + sqrt n)
    constexpr int kSteps = 200;
    for (const int s : {1, 4, 16}) {
      const Floats x = MakeGradient("normal", 512, 2);
      const std::unique_ptr<Codec> codec = MakeCodec(Spec(s, "l2", "fixed")).value();
      double error = 0, not_zero = 0;
      for (int step = 0; step < kSteps; ++step) {
        const Floats decoded = RoundTripAt(*codec, x, step);
        for (size_t i = 0; i < x.size(); ++i) {
          error += std::pow(static_cast<double>(x[i]) - decoded[i], 2);
          not_zero += decoded[i] != 0 ? 1 : 0;
        }
      }
      const double n = 512;
      QVERIFY(error / kSteps <= std::min(n / (s * s), std::sqrt(n) / s) * NormSquared(x));
      QVERIFY(not_zero / kSteps <= s * (s + std::sqrt(n)));
    }
  }

  void bothCodingsSayTheSame() {
    for (const char* norm : {"max", "l2"}) {
      for (const int levels : {1, 7, 22, 23, 127}) {  // 22^2 < 512 < 23^2: distances, and a code an element
        for (const char* pattern : {"normal", "zeros", "sparse", "spike", "ties"}) {
          for (const int64_t d : {1, 511, 512, 513, 3000}) {
            const Floats x = MakeGradient(pattern, d, 1);
            const auto fixed = MakeCodec(Spec(levels, norm, "fixed")).value();
            const auto elias = MakeCodec(Spec(levels, norm, "elias")).value();
            const Floats decoded = RoundTripAt(*fixed, x, 1);
            QVERIFY(!decoded.empty());
            QVERIFY2(RoundTripAt(*elias, x, 1) == decoded,
                     qPrintable(QString("%1 %2 %3 %4").arg(norm).arg(levels).arg(pattern).arg(d)));
          }
        }
      }
    }
  }

  void eliasCodesAreAsShortAsProven() {
    Bytes payload;
    const Floats x = MakeGradient("normal", 512 * 100, 1);
    // Corollary 3.3: s = sqrt(n) takes (1 + o(1)) 2.8 n + 32 bits a block; the o(1) is 6 % for n = 512.
    QVERIFY(MakeCodec(Spec(23, "l2", "elias")).value()->Encode(x, 0, payload).ok());
    QVERIFY2(8.0 * static_cast<double>(payload.size()) <= 100 * (1.06 * 2.8 * 512 + 32),
             qPrintable(QString::number(payload.size())));
    // Theorem 3.2: s (s + sqrt n) levels that are not 0, each at about log n bits: 11 for a distance of 16 to
    // 31, a sign, and 1 for the level.
    QVERIFY(MakeCodec(Spec(1, "l2", "elias")).value()->Encode(x, 0, payload).ok());
    QVERIFY2(8.0 * static_cast<double>(payload.size()) <= 100 * (24 * 13 + 32),
             qPrintable(QString::number(payload.size())));
  }

  void eliasPayloadIsAsDescribed() {
    Bytes payload;
    // One block, s = 1, max: 0, 0, -3 is distance 3 "110", sign 1, level 1 "0", distance 1 "0" to the end.
    QVERIFY(MakeCodec(Spec(1, "max", "elias")).value()->Encode(Floats{0, 0, -3}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0x40, 0x40, 0b001011}));
    // s = 23: 0 is "0", and 23 of 23 is omega(24), 2 "10", 4 "100", 24 "1" and 8 = "0001" from the lowest,
    // "0"; sign 0.
    QVERIFY(MakeCodec(Spec(23, "max", "elias")).value()->Encode(Floats{0, 3}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0x40, 0x40, 0b01001010, 0b00000100}));
  }

  void fixedPayloadIsAsDescribed() {
    Bytes payload;
    QVERIFY(MakeCodec(Spec(1, "max", "fixed", 64)).value()->Encode(Floats{0, 3, -3}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0x40, 0x40, 1 | 2 << 2 | 0 << 4}));
    QVERIFY(MakeCodec(Spec(7, "max", "fixed", 64)).value()->Encode(Floats{0, 7, -2}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0xe0, 0x40, 7 | 14 << 4, 5}));
    QVERIFY(MakeCodec(Spec(127, "max", "fixed", 64)).value()->Encode(Floats{0, 127, -2}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0xfe, 0x42, 127, 254, 125}));
    const int bits[] = {0, 2, 4, 4, 4, 4, 4, 4, 8};
    for (int levels = 1; levels <= 8; ++levels)
      QCOMPARE(MakeCodec(Spec(levels, "max", "fixed", 64)).value()->MaxPayloadBytes(640),
               40 + 80 * bits[levels]);
  }

  void theWorstCaseIsFarButReached() {  // every level the highest, none apart
    for (const int levels : {1, 7, 23, 127}) {
      const auto codec = MakeCodec(Spec(levels, "max", "elias")).value();
      QVERIFY(!codec->has_fixed_size());
      Bytes payload;
      QVERIFY(codec->Encode(MakeGradient("ties", 5000, 1), 0, payload).ok());
      QCOMPARE(static_cast<int64_t>(payload.size()), codec->MaxPayloadBytes(5000));
    }
  }

  void payloadsThatLieAreRefused_data() {
    QTest::addColumn<int>("levels");
    QTest::addColumn<QByteArray>("bits");                             // of three elements
    QTest::newRow("a level too high") << 1 << QByteArray("\x4c", 1);  // distance 1, +, 3
    QTest::newRow("beyond the end") << 1 << QByteArray("\x0d", 1);    // distance 5, where 4 is the end
    QTest::newRow("no end") << 1 << QByteArray("\x00", 1);
    QTest::newRow("a distance of many digits") << 1 << QByteArray("\xff\xff\xff\xff\xff\xff\xff", 7);
    QTest::newRow("a set bit after the end") << 1 << QByteArray("\x83", 1);
    QTest::newRow("a code too high") << 23 << QByteArray("\xff\xff\xff\xff", 4);
    QTest::newRow("fewer than three") << 23 << QByteArray("\x00", 0);
    QTest::newRow("more than three") << 23 << QByteArray("\x00\x00", 2);
  }
  void payloadsThatLieAreRefused() {
    QFETCH(int, levels);
    QFETCH(QByteArray, bits);
    Bytes payload = {0, 0, 0x40, 0x40};
    payload.insert(payload.end(), bits.begin(), bits.end());
    Floats decoded(3);
    const auto codec = MakeCodec(Spec(levels, "max", "elias")).value();
    QCOMPARE(codec->Decode(payload, decoded).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(codec->DecodeAdd(payload, decoded).code(), absl::StatusCode::kDataLoss);
  }

  void l2NormsBeyondTheLargestFloatAreCut() {
    const Floats x(100, 3e38F);
    for (const char* coding : {"fixed", "elias"})
      for (const float value : RoundTripAt(*MakeCodec(Spec(7, "l2", coding)).value(), x, 0))
        QVERIFY(std::isfinite(value) && value >= 0);
  }

  void everyInstructionSetGivesTheSameBits() {
    const Floats x = MakeGradient("normal", 5003, 1);
    for (const int levels : {1, 7, 127}) {
      const auto codec = MakeCodec(Spec(levels, "max", "fixed")).value();
      const Floats first = RoundTripAt(*codec, x, 3);
      ForEachInstructionSet([&] { QVERIFY(RoundTripAt(*codec, x, 3) == first); });
    }
  }
};

CONCERTINA_TEST(QsgdTest)

}  // namespace concertina::qsgd_test

#include "qsgd_test.moc"
