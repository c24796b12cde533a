// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// terngrad_test.cc: TernGrad's mean and variance, its clipping, its payload; the same draws everywhere.
#include <QTest>

#include "instruction_sets.h"
#include "random_rounding.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::terngrad_test {

class TernGradTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(double clip, int seed = 0) {
    return MakeCodec({{"kind", "terngrad"}, {"clip_sigmas", clip}, {"block", 64}, {"seed", seed}}).value();
  }

 private slots:
  void isUnbiasedWithItsVariance() {  // Wen et al. 2017: E = x, and x is rounded to 0 or s
    for (const uint64_t seed : {1, 2, 3}) {
      const Floats x = MakeGradient("normal", 64, seed);
      double s = 0;
      for (const float value : x) s = std::max(s, std::abs(static_cast<double>(value)));
      const QString fault =
          FaultOfRandomRounding({{"kind", "terngrad"}, {"clip_sigmas", 0}}, x, 4000, [s](double) {
            return std::pair{0.0, s};
          });
      QVERIFY2(fault.isEmpty(), qPrintable(fault));
    }
  }

  void everyValueIsOneOfThree() {
    const Floats x = MakeGradient("normal", 1000, 1);
    const std::unique_ptr<Codec> codec = Make(0);
    const Floats decoded = RoundTripAt(*codec, x, 0);
    for (size_t i = 0; i < x.size(); ++i) {
      float s = 0;
      for (size_t j = i / 64 * 64; j < std::min(x.size(), i / 64 * 64 + 64); ++j)
        s = std::max(s, std::abs(x[j]));
      // The parts of a scale are rounded down, by one unit.
      QVERIFY(decoded[i] == 0 || std::abs(decoded[i] / std::copysign(s, x[i]) - 1) < 1e-6);
      if (std::abs(x[i]) == s) QVERIFY(decoded[i] != 0);
    }
  }

  void clippingCutsTheScale() {
    Floats x(64, 0.5F);
    x[0] = 8;  // sigma^2 = (64 + 63 / 4) / 64
    const double sigma = std::sqrt((64 + 63 * 0.25) / 64);
    const Floats decoded = RoundTripAt(*Make(2.5), x, 0);
    QVERIFY(std::abs(decoded[0] / (2.5 * sigma) - 1) < 1e-6);
    QCOMPARE(RoundTripAt(*Make(0), x, 0)[0], 8.0F);
    QCOMPARE(RoundTripAt(*Make(2.5), {-3}, 0)[0], -3.0F);  // one element alone is its sigma
    QCOMPARE(RoundTripAt(*Make(2.5), {0, 0}, 0), (Floats{0, 0}));
  }

  void payloadIsTwoBitsAnElement() {
    std::vector<uint8_t> payload;
    QVERIFY(Make(0)->Encode(Floats{2, -2, 0, 2, 2}, 0, payload).ok());
    const std::vector<uint8_t> expected = {0, 0, 0, 0x40, 2 | 0 << 2 | 1 << 4 | 2 << 6, 2};
    QVERIFY(payload == expected);
    QCOMPARE(Make(0)->MaxPayloadBytes(1001), int64_t{16 * 4 + 251});
    payload[5] = 3;  // no such code
    Floats decoded(5);
    QCOMPARE(Make(0)->Decode(payload, decoded).code(), absl::StatusCode::kDataLoss);
  }

  void drawsFollowSeedAndStep() {
    const Floats x = MakeGradient("normal", 1000, 1);
    const Floats first = RoundTripAt(*Make(0, 0), x, 5);
    QVERIFY(RoundTripAt(*Make(0, 0), x, 5) == first);
    QVERIFY(RoundTripAt(*Make(0, 1), x, 5) != first);
    QVERIFY(RoundTripAt(*Make(0, 0), x, 6) != first);
  }

  void everyInstructionSetGivesTheSameBits() {
    const Floats x = MakeGradient("normal", 5003, 1);
    const Floats first = RoundTripAt(*Make(0), x, 3);
    ForEachInstructionSet([&] { QVERIFY(RoundTripAt(*Make(0), x, 3) == first); });
  }
};

CONCERTINA_TEST(TernGradTest)

}  // namespace concertina::terngrad_test

#include "terngrad_test.moc"
