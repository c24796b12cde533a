// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onebit_test.cc: 1-bit SGD's two values (Seide et al. 2014), its residual, its payload, hostile payloads.
#include <QTest>
#include <cstring>

#include "instruction_sets.h"
#include "random_rounding.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

namespace concertina::onebit_test {

class OneBitTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(int block = 64) {
    return MakeCodec({{"kind", "onebit"}, {"block", block}}).value();
  }

 private slots:
  void bothSidesHaveTheirMean() {
    QCOMPARE(RoundTripAt(*Make(), {1, 3, -10, 0, 4}, 0), (Floats{2, 2, -10, 2, 2}));
    QCOMPARE(RoundTripAt(*Make(), {-1, -3}, 0), (Floats{-2, -2}));
    QCOMPARE(RoundTripAt(*Make(), {5}, 0), (Floats{5}));
    QCOMPARE(RoundTripAt(*Make(), {0, 0}, 0), (Floats{0, 0}));
    ForEachInstructionSet([&] {  // long enough for whole vectors of every kind
      Floats x(200);
      Floats expected(200);
      for (size_t i = 0; i < x.size(); ++i) {
        const bool is_negative = i % 3 == 0;
        const float mean = static_cast<float>(i / 64 + 1);
        x[i] = is_negative ? -mean : 2 * mean;  // each group is of one value
        expected[i] = x[i];
      }
      QVERIFY(RoundTripAt(*Make(), x, 0) == expected);
    });
  }

  void whatWaitsIsSentLater() {
    const std::unique_ptr<Codec> codec = Make();
    QCOMPARE(RoundTripAt(*codec, {1, 3, -10, -20}, 0), (Floats{2, 2, -15, -15}));
    QCOMPARE(codec->ResidualNormSquared(), 1.0 + 1 + 25 + 25);
    QCOMPARE(RoundTripAt(*codec, {0, 0, 0, 0}, 1), (Floats{-3, 3, 3, -3}));  // of -1, 1, 5, -5
  }

  void noTwoValuesWouldErrLess() {  // the mean of a group is its nearest value; and within the contraction
    const Floats x = MakeGradient("normal", 64, 3);
    const Floats decoded = RoundTripAt(*Make(), x, 0);
    const auto error_with = [&](double up, double down) {
      double error = 0;
      for (size_t i = 0; i < x.size(); ++i)
        error += std::pow(static_cast<double>(x[i]) - decoded[i] * (x[i] < 0 ? down : up), 2);
      return error;
    };
    const double best = error_with(1, 1);
    QVERIFY(best <= Make()->ErrorBound(64) * NormSquared(x));
    for (const double other : {0.999, 1.001})
      QVERIFY(error_with(other, 1) > best && error_with(1, other) > best);
  }

  void payloadIsTwoValuesABlockAndBits() {
    Bytes payload;
    QVERIFY(Make()->Encode(Floats{1, -2, 1, 1, 1, 1, 1, 1, -2}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 2, 1}));
    QCOMPARE(Make()->MaxPayloadBytes(64 * 3 + 1), int64_t{8 * 4 + 25});
  }

  void valuesOfTheWrongSignAreRefused() {
    const Bytes good = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 2, 1};
    Floats decoded(9);
    QVERIFY(Make()->Decode(good, decoded).ok());
    for (const size_t at : {3, 7}) {
      Bytes bad = good;
      bad[at] ^= 0x80;
      QCOMPARE(Make()->Decode(bad, decoded).code(), absl::StatusCode::kDataLoss);
    }
  }
};

CONCERTINA_TEST(OneBitTest)

}  // namespace concertina::onebit_test

#include "onebit_test.moc"
