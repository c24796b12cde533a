// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half_test.cc: binary16 against its definition: every half, and every midpoint between two, on every
// instruction set.
#include "core/gradient/half.h"

#include <QTest>
#include <cmath>
#include <cstring>
#include <vector>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::half_test {

class HalfTest : public QObject {
  Q_OBJECT

  // IEEE 754-2008, 3.4: sign, 5 bits of exponent with bias 15, 10 of fraction.
  static double ValueOf(uint16_t half) {
    const int exponent = half >> 10 & 31;
    const int fraction = half & 1023;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
  }
  static std::vector<uint16_t> Halves(const std::vector<float>& values) {
    std::vector<uint16_t> halves(values.size());
    if (!FloatsToHalves(values, reinterpret_cast<uint8_t*>(halves.data()))) qFatal("values are finite");
    return halves;
  }

 private slots:
  void everyFiniteHalfComesBack() {
    std::vector<uint16_t> halves;
    for (uint32_t half = 0; half < 0x10000; ++half)
      if ((half & 0x7c00) != 0x7c00) halves.push_back(static_cast<uint16_t>(half));
    ForEachInstructionSet([&] {
      std::vector<float> values(halves.size()), sums(halves.size(), 0.5F);
      QVERIFY(HalvesToFloats(reinterpret_cast<const uint8_t*>(halves.data()), values));
      QVERIFY(AddHalves(reinterpret_cast<const uint8_t*>(halves.data()), sums));
      for (size_t i = 0; i < halves.size(); ++i) {
        QCOMPARE(static_cast<double>(values[i]), ValueOf(halves[i]));
        QCOMPARE(std::signbit(values[i]), (halves[i] & 0x8000) != 0);
        QCOMPARE(sums[i], 0.5F + values[i]);
      }
      QVERIFY(Halves(values) == halves);
    });
  }

  void midpointsGoToTheEvenNeighbour() {
    // Between neighbours lie: just above the lower, the midpoint and its two neighbours, just below the
    // upper.
    std::vector<float> values;
    std::vector<uint16_t> expected;
    for (uint16_t lower = 0; lower < 0x7bff; ++lower) {
      const auto upper = static_cast<uint16_t>(lower + 1);
      const auto middle = static_cast<float>((ValueOf(lower) + ValueOf(upper)) / 2);  // exact: one bit more
      const auto even = lower % 2 == 0 ? lower : upper;
      for (const auto& [value, half] : {std::pair{std::nextafterf(middle, 0), lower},
                                        {middle, even},
                                        {std::nextafterf(middle, 1e9F), upper}}) {
        values.push_back(value);
        expected.push_back(half);
        values.push_back(-value);
        expected.push_back(half | 0x8000);
      }
    }
    ForEachInstructionSet([&] { QVERIFY(Halves(values) == expected); });
  }

  void largeMagnitudesSaturate() {
    const std::vector<float> values = {65504, 65519, 65520, 1e10F, 3.4e38F, -65520, -3.4e38F};
    const std::vector<uint16_t> expected = {0x7bff, 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0xfbff, 0xfbff};
    ForEachInstructionSet([&] { QVERIFY(Halves(values) == expected); });
  }

  void whatIsNotFiniteIsNoticedAnywhere() {
    ForEachInstructionSet([&] {
      for (const size_t n : {1, 5, 16, 33}) {
        for (size_t at = 0; at < n; ++at) {
          std::vector<uint8_t> halves(2 * n);
          for (const float bad : {std::nanf(""), -std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
            std::vector<float> values(n, 1.0F);
            values[at] = bad;
            QVERIFY(!FloatsToHalves(values, halves.data()));
          }
          for (const uint16_t bad : {0x7c00, 0xfc00, 0x7e00, 0xffff}) {
            std::vector<uint8_t> hostile(2 * n, 0);
            std::memcpy(hostile.data() + 2 * at, &bad, 2);
            std::vector<float> values(n);
            QVERIFY(!HalvesToFloats(hostile.data(), values));
            QVERIFY(!AddHalves(hostile.data(), values));
            QCOMPARE(FirstNotFiniteHalf(hostile.data(), static_cast<int64_t>(n)), static_cast<int64_t>(at));
          }
        }
      }
    });
  }

  void
  longArraysAndOddAddressesGiveTheSame() {  // the way past the cache has a beginning and an end of its own
    const std::vector<float> values = MakeGradient("normal", 3000001, 1);
    const std::vector<uint16_t> short_way = [&] {
      std::vector<uint16_t> halves(values.size());
      for (size_t begin = 0; begin < values.size(); begin += 1000)
        FloatsToHalves(std::span(values).subspan(begin, std::min<size_t>(1000, values.size() - begin)),
                       reinterpret_cast<uint8_t*>(halves.data() + begin));
      return halves;
    }();
    ForEachInstructionSet([&] {
      for (const size_t shift : {0, 1, 2, 6, 33}) {
        std::vector<uint8_t> bytes(2 * values.size() + shift);
        QVERIFY(FloatsToHalves(values, bytes.data() + shift));
        QVERIFY(std::memcmp(bytes.data() + shift, short_way.data(), 2 * values.size()) == 0);
        std::vector<float> back(values.size() + 3);
        QVERIFY(HalvesToFloats(bytes.data() + shift, std::span(back).subspan(3)));
        for (size_t i = 0; i < values.size(); i += 997)
          QCOMPARE(static_cast<double>(back[i + 3]), ValueOf(short_way[i]));
        QCOMPARE(static_cast<double>(back.back()), ValueOf(short_way.back()));
      }
    });
  }
};

CONCERTINA_TEST(HalfTest)

}  // namespace concertina::half_test

#include "half_test.moc"
