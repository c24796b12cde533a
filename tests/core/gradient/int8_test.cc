// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// int8_test.cc: what 8-bit integers keep, their payload, their bound at its worst, hostile codes.
#include <QTest>
#include <cstring>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::int8_test {

class Int8Test : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(int block = 64) {
    return MakeCodec({{"kind", "int8"}, {"block", block}}).value();
  }
  static Floats RoundTrip(const Floats& gradient, int block = 64) {
    const std::unique_ptr<Codec> codec = Make(block);
    std::vector<uint8_t> payload;
    Floats decoded(gradient.size());
    if (!codec->Encode(gradient, 0, payload).ok() || !codec->Decode(payload, decoded).ok()) return {};
    return decoded;
  }

 private slots:
  void stepsAreEvenAndRoundedToTheNearest() {
    QCOMPARE(RoundTrip({127, -126.6F, 0.4F, -0.6F, 2.5F, 3.5F}), (Floats{127, -127, 0, -1, 2, 4}));
    QCOMPARE(RoundTrip({0, -0.0F}), (Floats{0, 0}));
  }

  void payloadIsScalesAndCodes() {
    std::vector<uint8_t> payload;
    QVERIFY(Make()->Encode(Floats{2, -2, 0, 1}, 0, payload).ok());
    const std::vector<uint8_t> expected = {0, 0, 0, 0x40, 254, 0, 127, 191};  // 63.5 goes to the even 64
    QVERIFY(payload == expected);
    for (const int64_t d : {1, 63, 64, 65, 1000})
      QCOMPARE(Make()->MaxPayloadBytes(d), d + 4 * ((d + 63) / 64));
  }

  void blocksDoNotShareTheirScale() {
    Floats x(128, 0.01F);
    x[0] = 1000;  // in the first block everything else is nearer to 0 than to a step of 7.9
    const Floats decoded = RoundTrip(x);
    QCOMPARE(decoded[63], 0.0F);
    QVERIFY(std::abs(decoded[64] - 0.01F) < 1e-8);
  }

  void theBoundIsTight() {  // the largest element exact, every other half a step off
    Floats x(64, 0.4999F);
    x[0] = 127;
    const Floats decoded = RoundTrip(x);
    double error = 0;
    for (size_t i = 0; i < x.size(); ++i) error += std::pow(static_cast<double>(x[i]) - decoded[i], 2);
    const double share = error / NormSquared(x);
    const double bound = Make()->ErrorBound(64);
    QVERIFY2(share <= bound && share > 0.999 * bound, qPrintable(QString("%1, %2").arg(share).arg(bound)));
  }

  void theExtremesComeBack_data() {
    QTest::addColumn<float>("largest");
    QTest::newRow("the largest float") << 3.4028235e38F;
    QTest::newRow("the smallest normal one") << 1.1754944e-38F;
    QTest::newRow("subnormal") << 1e-42F;
  }
  void theExtremesComeBack() {
    QFETCH(float, largest);
    ForEachInstructionSet([&] {
      const Floats decoded = RoundTrip({largest, -largest, 0});
      // 2^-22: m / 127 is rounded down and its multiple to the nearest; a subnormal's unit is 1.4e-45.
      QVERIFY(std::abs(static_cast<double>(decoded[0]) / largest - 1) <=
              std::ldexp(1, -22) + 0.71e-45 / largest);
      QCOMPARE(decoded[1], -decoded[0]);
      QCOMPARE(decoded[2], 0.0F);
    });
  }

  void everyInstructionSetGivesTheSameBits() {
    const Floats x = MakeGradient("normal", 5003, 1);
    std::vector<uint8_t> first;
    Floats first_decoded(x.size());
    ForEachInstructionSet([&] {
      std::vector<uint8_t> payload;
      Floats decoded(x.size());
      const std::unique_ptr<Codec> codec = Make(1024);
      QVERIFY(codec->Encode(x, 0, payload).ok() && codec->Decode(payload, decoded).ok());
      if (first.empty()) {
        first = payload;
        first_decoded = decoded;
      }
      QVERIFY(payload == first && decoded == first_decoded);
    });
  }

  void payloadsThatLieAreRefused() {
    std::vector<uint8_t> payload;
    const Floats x = {1, 2, 3, 4};
    const std::unique_ptr<Codec> codec = Make();
    QVERIFY(codec->Encode(x, 0, payload).ok());
    Floats decoded(4);
    const auto code_of = [&](size_t at, uint8_t byte) {
      std::vector<uint8_t> bad = payload;
      bad[at] = byte;
      return codec->Decode(bad, decoded).code();
    };
    QCOMPARE(code_of(3, 0xff), absl::StatusCode::kDataLoss);  // a negative scale
    QCOMPARE(code_of(7, 255), absl::StatusCode::kDataLoss);   // 128 steps
    QCOMPARE(code_of(7, 0), absl::StatusCode::kOk);
    std::vector<uint8_t> largest = payload;
    const float scale = 3.4028235e38F;
    std::memcpy(largest.data(), &scale, 4);
    largest[4] = 254;
    QVERIFY(codec->Decode(largest, decoded).ok() && std::isfinite(decoded[0]));
  }

  void blocksAreMultiplesOf64() {
    const absl::Status status = MakeCodec({{"kind", "int8"}, {"block", 100}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(QString::fromStdString(std::string(status.message())),
             QString("block: found 100, expected a multiple of 64"));
  }
};

CONCERTINA_TEST(Int8Test)

}  // namespace concertina::int8_test

#include "int8_test.moc"
