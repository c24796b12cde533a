// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bf16_test.cc: bfloat16 against its definition: every value, and every midpoint between two, on every
// instruction set; the way past the cache.
#include <QTest>
#include <bit>
#include <cstring>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::bf16_test {

class Bf16Test : public QObject {
  Q_OBJECT

  static float ValueOf(uint16_t upper) { return std::bit_cast<float>(static_cast<uint32_t>(upper) << 16); }
  static std::vector<uint16_t> Encoded(const Floats& values) {
    std::vector<uint8_t> payload;
    if (!MakeCodec({{"kind", "bf16"}}).value()->Encode(values, 0, payload).ok()) qFatal("values are finite");
    std::vector<uint16_t> halves(values.size());
    std::memcpy(halves.data(), payload.data(), payload.size());
    return halves;
  }

 private slots:
  void everyFiniteValueComesBack() {
    Floats values;
    for (uint32_t upper = 0; upper < 0x10000; ++upper)
      if ((upper & 0x7f80) != 0x7f80) values.push_back(ValueOf(static_cast<uint16_t>(upper)));
    ForEachInstructionSet([&] {
      const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "bf16"}}).value();
      std::vector<uint8_t> payload;
      Floats decoded(values.size());
      QVERIFY(codec->Encode(values, 0, payload).ok() && codec->Decode(payload, decoded).ok());
      QVERIFY(std::memcmp(decoded.data(), values.data(), 4 * values.size()) == 0);
    });
  }

  void midpointsGoToTheEvenNeighbour() {
    Floats values;
    std::vector<uint16_t> expected;
    for (uint32_t lower = 0; lower < 0x7f7f; ++lower) {
      const uint32_t middle = lower << 16 | 0x8000;
      const uint32_t even = lower + lower % 2;
      for (const auto& [bits, upper] :
           {std::pair{middle - 1, lower}, {middle, even}, {middle + 1, lower + 1}}) {
        values.push_back(std::bit_cast<float>(bits));
        expected.push_back(static_cast<uint16_t>(upper));
        values.push_back(-values.back());
        expected.push_back(static_cast<uint16_t>(upper | 0x8000));
      }
    }
    ForEachInstructionSet([&] { QVERIFY(Encoded(values) == expected); });
  }

  void whatWouldBecomeInfiniteIsTheLargest() {
    const Floats values = {3.4028235e38F, -3.4028235e38F, ValueOf(0x7f7f), std::bit_cast<float>(0x7f7f8000U)};
    ForEachInstructionSet([&] {
      QVERIFY(Encoded(values) == (std::vector<uint16_t>{0x7f7f, 0xff7f, 0x7f7f, 0x7f7f}));
    });
  }

  void normalNumbersKeepEightBits() {  // half a unit in the eighth place
    Rng rng(1);
    Floats values(10000);
    for (float& value : values)
      value = static_cast<float>(std::ldexp(rng.Uniform(-2, 2), static_cast<int>(rng.Below(240)) - 120));
    const std::vector<uint16_t> halves = Encoded(values);
    for (size_t i = 0; i < values.size(); ++i)
      QVERIFY(std::abs(static_cast<double>(values[i]) - ValueOf(halves[i])) <=
              std::ldexp(std::abs(static_cast<double>(values[i])), -8));
  }

  void longArraysGiveTheSame() {  // the way past the cache has a beginning and an end of its own
    const Floats values = MakeGradient("normal", 3000001, 1);
    const std::vector<uint16_t> halves = Encoded(values);
    std::vector<uint8_t> payload(2 * halves.size());
    std::memcpy(payload.data(), halves.data(), payload.size());
    for (size_t begin = 0; begin < values.size(); begin += 100003) {
      const auto end = std::min(values.size(), begin + 1000);
      const Floats part(values.begin() + static_cast<std::ptrdiff_t>(begin),
                        values.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<uint16_t> alone = Encoded(part);
      QVERIFY(std::equal(alone.begin(), alone.end(), halves.begin() + static_cast<std::ptrdiff_t>(begin)));
    }
    Floats decoded(values.size() + 3);
    QVERIFY(MakeCodec({{"kind", "bf16"}}).value()->Decode(payload, std::span(decoded).subspan(3)).ok());
    for (size_t i = 0; i < values.size(); i += 97) QCOMPARE(decoded[i + 3], ValueOf(halves[i]));
    QCOMPARE(decoded.back(), ValueOf(halves.back()));
  }

  void damageIsNamed() {
    std::vector<uint8_t> payload(20, 0);
    payload[6] = 0x80;  // a fraction alone is no damage, nor is an exponent of ones but one
    payload[9] = 0x7f;
    Floats decoded(10);
    const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "bf16"}}).value();
    QVERIFY(codec->Decode(payload, decoded).ok());
    payload[14] = 0x80;
    payload[15] = 0xff;
    const absl::Status status = codec->Decode(payload, decoded);
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY(status.message().find("element 7") != absl::string_view::npos);
  }
};

CONCERTINA_TEST(Bf16Test)

}  // namespace concertina::bf16_test

#include "bf16_test.moc"
