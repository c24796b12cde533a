// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fp8_test.cc: both 8-bit formats against their definition: every code, every midpoint between two; scales,
// bound.
#include <QTest>
#include <cstring>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

namespace concertina::fp8_test {

class Fp8Test : public QObject {
  Q_OBJECT

  struct Format {
    const char* name;
    int mantissa, bias, largest;  // the code of the largest
  };
  static constexpr Format kFormats[] = {{"e4m3", 3, 7, 0x7e}, {"e5m2", 2, 15, 0x7b}};

  // Micikevicius et al. 2022, table 1: sign, exponent, fraction.
  static double ValueOf(const Format& format, int code) {
    const int exponent = code >> format.mantissa;
    const int fraction = code & ((1 << format.mantissa) - 1);
    const double ulp = std::ldexp(1, std::max(exponent, 1) - format.bias - format.mantissa);
    return ((exponent > 0 ? 1 << format.mantissa : 0) + fraction) * ulp;
  }
  static std::unique_ptr<Codec> Make(const Format& format, int block = 1024) {
    return MakeCodec({{"kind", "fp8"}, {"format", format.name}, {"block", block}}).value();
  }

 private slots:
  void rangesAreThoseOfThePaper() {
    QCOMPARE(ValueOf(kFormats[0], kFormats[0].largest), 448.0);
    QCOMPARE(ValueOf(kFormats[0], 1), std::ldexp(1, -9));
    QCOMPARE(ValueOf(kFormats[1], kFormats[1].largest), 57344.0);
    QCOMPARE(ValueOf(kFormats[1], 1), std::ldexp(1, -16));
  }

  void everyCodeAndMidpointRoundsToTheNearestEven() {
    for (const Format& format : kFormats) {
      Floats x = {static_cast<float>(ValueOf(format, format.largest))};  // so that the scale changes nothing
      Bytes expected = {static_cast<uint8_t>(format.largest)};
      for (int code = 0; code < format.largest; ++code) {
        const auto value = static_cast<float>(ValueOf(format, code));
        const auto middle = static_cast<float>((ValueOf(format, code) + ValueOf(format, code + 1)) / 2);
        const int even = code + code % 2;
        for (const auto& [at, to] : {std::pair{value, code},
                                     {std::nextafterf(middle, 0), code},
                                     {middle, even},
                                     {std::nextafterf(middle, 1e9F), code + 1}}) {
          x.push_back(at);
          expected.push_back(static_cast<uint8_t>(to));
          x.push_back(-at);
          expected.push_back(static_cast<uint8_t>(to | 0x80));
        }
      }
      ForEachInstructionSet([&] {
        const auto codec = Make(format);
        Bytes payload;
        Floats decoded(x.size());
        QVERIFY(codec->Encode(x, 0, payload).ok() && codec->Decode(payload, decoded).ok());
        QVERIFY(x.size() <= 1024);
        for (size_t i = 0; i < x.size(); ++i) {
          QCOMPARE(payload[4 + i], expected[i]);
          QCOMPARE(std::abs(static_cast<double>(decoded[i])), ValueOf(format, expected[i] & 0x7f));
          QCOMPARE(std::signbit(decoded[i]), expected[i] >= 0x80);
        }
      });
    }
  }

  void theScaleIsThatOfTheBlock() {
    for (const Format& format : kFormats) {
      for (const float scale : {1e-43F, 1e-38F, 3e-5F, 1.0F, 3.4028235e38F}) {
        Floats x(128, scale);
        for (size_t i = 64; i < 128; ++i) x[i] = scale / 1024;
        Bytes payload;
        Floats decoded(x.size());
        const auto codec = Make(format, 64);
        QVERIFY(codec->Encode(x, 0, payload).ok() && codec->Decode(payload, decoded).ok());
        // The largest of a block is exact but for two roundings, or half of the smallest float.
        for (size_t i = 0; i < x.size(); ++i)
          QVERIFY(std::abs(static_cast<double>(decoded[i]) - x[i]) <= std::ldexp(x[i], -22) + 0.71e-45);
        QCOMPARE(codec->MaxPayloadBytes(128), int64_t{128 + 8});
      }
    }
  }

  void keepsTheRelativePrecisionOfSmallElements() {  // where int8's even steps lose them
    Floats x(64);
    for (size_t i = 0; i < x.size(); ++i) x[i] = std::exp2(-static_cast<float>(i % 14));
    for (const Format& format : kFormats) {
      Bytes payload;
      Floats decoded(x.size());
      QVERIFY(Make(format)->Encode(x, 0, payload).ok() && Make(format)->Decode(payload, decoded).ok());
      for (size_t i = 0; i < x.size(); ++i)
        QVERIFY(std::abs(static_cast<double>(decoded[i]) / x[i] - 1) <= std::ldexp(1, -format.mantissa - 1));
    }
  }

  void codesThatAreNoNumberAreRefused() {
    for (const Format& format : kFormats) {
      for (int code = 0; code < 256; ++code) {
        const Bytes payload = {0, 0, 0x80, 0x3f, static_cast<uint8_t>(code), 0};
        Floats decoded(2);
        QCOMPARE(Make(format)->Decode(payload, decoded).ok(), (code & 0x7f) <= format.largest);
      }
    }
  }
};

CONCERTINA_TEST(Fp8Test)

}  // namespace concertina::fp8_test

#include "fp8_test.moc"
