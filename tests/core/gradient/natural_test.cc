// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// natural_test.cc: natural compression's powers of two, its mean and variance, both biased ends, its payload.
#include <QTest>

#include "instruction_sets.h"
#include "random_rounding.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::natural_test {

class NaturalTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make() { return MakeCodec({{"kind", "natural"}}).value(); }

 private slots:
  void isUnbiasedWithItsVariance() {  // Horvath et al. 2022, definition 1
    for (const uint64_t seed : {1, 2, 3}) {
      const QString fault =
          FaultOfRandomRounding({{"kind", "natural"}}, MakeGradient("normal", 64, seed), 4000, [](double x) {
            const double low = x > 0 ? std::exp2(std::floor(std::log2(x))) : 0;
            return std::pair{low, 2 * low};
          });
      QVERIFY2(fault.isEmpty(), qPrintable(fault));
    }
  }

  void theVarianceIsAtMostAnEighth() {  // theorem 3; worst at 4/3 2^a, where it is an eighth
    const Floats x(10000, 4.0F / 3);
    double error = 0;
    for (const float value : RoundTripAt(*Make(), x, 0)) error += std::pow(value - 4.0 / 3, 2);
    const double share = error / NormSquared(x);
    // Errors of -1/3 and 2/3 with chances 2/3 and 1/3: (1/3)^2 2/9 is the variance of a square.
    const double deviation = std::sqrt(2.0 / 81 / 10000) / (16.0 / 9);
    QVERIFY2(std::abs(share - 1.0 / 8) < 5 * deviation, qPrintable(QString::number(share)));
  }

  void powersOfTwoAreExact() {
    Floats x;
    for (int exponent = -126; exponent < 128; ++exponent)
      for (const float sign : {1.0F, -1.0F}) x.push_back(std::ldexp(sign, exponent));
    x.push_back(0);
    ForEachInstructionSet([&] { QVERIFY(RoundTripAt(*Make(), x, 0) == x); });
  }

  void bothEndsAreSafe() {
    for (int step = 0; step < 100; ++step) {
      const Floats decoded = RoundTripAt(*Make(), {1e-39F, -1e-45F, 3.4e38F, -3.4e38F}, step);
      QVERIFY(decoded == (Floats{0, 0, std::ldexp(1.0F, 127), -std::ldexp(1.0F, 127)}));
    }
  }

  void payloadIsExponentsAndSigns() {
    std::vector<uint8_t> payload;
    QVERIFY(Make()->Encode(Floats{1, -2, 0, -0.5F, 4}, 0, payload).ok());
    const std::vector<uint8_t> expected = {127, 128, 0, 126, 129, 0b01010};
    QVERIFY(payload == expected);
    for (const int64_t d : {1, 8, 9, 1000}) QCOMPARE(Make()->MaxPayloadBytes(d), (9 * d + 7) / 8);
  }

  void payloadsThatLieAreRefused() {
    std::vector<uint8_t> payload = {127, 128, 255, 126, 129, 0b01010};
    Floats decoded(5);
    const absl::Status status = Make()->Decode(payload, decoded);
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY(status.message().find("element 2") != absl::string_view::npos);
    payload = {127, 128, 0, 126, 129, 0b101010};
    QCOMPARE(Make()->Decode(payload, decoded).code(), absl::StatusCode::kDataLoss);
  }

  void everyInstructionSetGivesTheSameBits() {
    const Floats x = MakeGradient("normal", 5003, 1);
    const Floats first = RoundTripAt(*Make(), x, 3);
    ForEachInstructionSet([&] { QVERIFY(RoundTripAt(*Make(), x, 3) == first); });
  }
};

CONCERTINA_TEST(NaturalTest)

}  // namespace concertina::natural_test

#include "natural_test.moc"
