// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arithmetic_test.cc: every bit comes back, and all together take about their entropy.
#include "core/edge/arithmetic.h"

#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::arithmetic_test {
namespace {

std::vector<bool> Bits(double one, size_t count, uint64_t seed) {
  Rng rng(seed, "arithmetic");
  std::vector<bool> bits(count);
  for (size_t i = 0; i < count; ++i) bits[i] = rng.Uniform() < one;
  return bits;
}

std::vector<uint8_t> Encoded(const std::vector<bool>& bits, size_t contexts = 1) {
  std::vector<AdaptiveBit> models(contexts);
  ArithmeticEncoder encoder;
  for (size_t i = 0; i < bits.size(); ++i) encoder.Encode(bits[i], models[i % contexts]);
  return encoder.Finish();
}

// What is decoded, and whether the bytes were all that there was.
std::pair<std::vector<bool>, absl::Status> Decoded(std::span<const uint8_t> bytes, size_t count,
                                                   size_t contexts = 1) {
  std::vector<AdaptiveBit> models(contexts);
  ArithmeticDecoder decoder(bytes);
  std::vector<bool> bits(count);
  for (size_t i = 0; i < count; ++i) bits[i] = decoder.Decode(models[i % contexts]);
  return {bits, decoder.Check()};
}

// n H(ones / n), in bytes.
double EntropyBytes(const std::vector<bool>& bits) {
  const auto n = static_cast<double>(bits.size());
  const auto ones = static_cast<double>(std::count(bits.begin(), bits.end(), true));
  if (ones == 0 || ones == n) return 0;
  return -(ones * std::log2(ones / n) + (n - ones) * std::log2(1 - ones / n)) / 8;
}

}  // namespace

class ArithmeticTest : public QObject {
  Q_OBJECT

 private slots:
  void everyBitComesBack_data() {
    QTest::addColumn<double>("one");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("contexts");
    QTest::newRow("none") << .5 << 0 << 1;
    QTest::newRow("a one") << 1.0 << 1 << 1;
    QTest::newRow("a zero") << 0.0 << 1 << 1;
    QTest::newRow("fair") << .5 << 20'000 << 1;
    QTest::newRow("rare ones") << .001 << 50'000 << 1;
    QTest::newRow("rare zeros") << .999 << 50'000 << 1;
    QTest::newRow("zeros only") << 0.0 << 100'000 << 1;
    QTest::newRow("ones only") << 1.0 << 100'000 << 1;
    QTest::newRow("many contexts") << .1 << 20'000 << 300;
  }
  void everyBitComesBack() {
    QFETCH(double, one);
    QFETCH(int, count);
    QFETCH(int, contexts);
    const auto bits = Bits(one, static_cast<size_t>(count), 1);
    const auto [read, status] =
        Decoded(Encoded(bits, static_cast<size_t>(contexts)), bits.size(), static_cast<size_t>(contexts));
    QVERIFY(read == bits);
    QVERIFY2(status.ok(), std::string(status.message()).c_str());
  }

  // Short streams of every length and kind: carries into what is written, and every way to end.
  void everyShortStreamComesBack() {
    size_t ends_with_ff = 0;
    for (uint64_t seed = 0; seed < 4000; ++seed) {
      Rng rng(seed, "short");
      const double one = std::pow(rng.Uniform(), 4);
      const auto bits = Bits(seed % 2 == 0 ? one : 1 - one, rng.Below(200), seed);
      const auto bytes = Encoded(bits);
      ends_with_ff += std::count(bytes.begin(), bytes.end(), 0xff) > 0;
      const auto [read, status] = Decoded(bytes, bits.size());
      QVERIFY2(read == bits && status.ok(), qPrintable(QString::number(seed)));
    }
    QVERIFY(ends_with_ff > 50);  // what a carry runs through
  }

  // A carry through many bytes: low is just below 1 for as long as zeros, whose share is the upper one, are
  // certain.
  void aCarryRunsThroughManyBytes() {
    std::vector<AdaptiveBit> models(1);
    ArithmeticEncoder encoder;
    std::vector<bool> bits(64, false);
    bits.push_back(true);
    const auto fair = [] { return AdaptiveBit{}; };
    for (const bool bit : bits) {
      AdaptiveBit model = fair();  // a bit each: low becomes 0.111…1
      encoder.Encode(bit, model);
    }
    AdaptiveBit model = fair();
    encoder.Encode(false, model);
    const auto bytes = encoder.Finish();
    ArithmeticDecoder decoder(bytes);
    bits.push_back(false);
    for (const bool bit : bits) {
      AdaptiveBit again = fair();
      QCOMPARE(decoder.Decode(again), bit);
    }
    QVERIFY(decoder.Check().ok());
  }

  // Krichevsky and Trofimov 1981: log2(n) / 2 + 1 bits above the entropy, as long as the step is 1 / (n + 2).
  // Beyond, p varies about its true value by p (1 - p) / 2048, which takes 1 / 2840 bits a bit. 5 bytes for
  // the end.
  void theSizeIsTheEntropy_data() {
    QTest::addColumn<double>("one");
    QTest::addColumn<int>("count");
    for (const double one : {.5, .2, .08, .01})
      for (const int count : {100, 1000, 100'000}) QTest::addRow("%g of %d", one, count) << one << count;
  }
  void theSizeIsTheEntropy() {
    QFETCH(double, one);
    QFETCH(int, count);
    const auto bits = Bits(one, static_cast<size_t>(count), 2);
    const double most = EntropyBytes(bits) + (std::log2(count) / 2 + 1) / 8 + count / 2840.0 / 8 + 5;
    const auto found = static_cast<double>(Encoded(bits).size());
    QVERIFY2(found <= most, qPrintable(QString("%1 of at most %2").arg(found).arg(most)));
    QVERIFY(found >= EntropyBytes(bits) - 1);
  }

  void symbolsOfATreeComeBackNearTheirEntropy() {
    Rng rng(3, "tree");
    std::vector<uint32_t> symbols(50'000);
    std::vector<double> counts(32);
    for (uint32_t& symbol : symbols) {
      symbol = std::min<uint32_t>(31, static_cast<uint32_t>(std::abs(rng.Normal()) * 8));
      ++counts[symbol];
    }
    double entropy_bytes = 0;
    for (const double count : counts)
      if (count > 0) entropy_bytes -= count * std::log2(count / 50'000) / 8;
    std::vector<AdaptiveBit> models(32), again(32);
    ArithmeticEncoder encoder;
    for (const uint32_t symbol : symbols) encoder.EncodeTree(symbol, 5, models);
    const auto bytes = encoder.Finish();
    // 31 models at most log2(n) / 2 bits each is 31 bytes; the rest is the step's 1/2840 for each of five
    // bits.
    QVERIFY2(static_cast<double>(bytes.size()) < entropy_bytes * 1.01 + 31,
             qPrintable(QString("%1, entropy %2").arg(bytes.size()).arg(entropy_bytes)));
    ArithmeticDecoder decoder(bytes);
    for (const uint32_t symbol : symbols) QCOMPARE(decoder.DecodeTree(5, again), symbol);
    QVERIFY(decoder.Check().ok());
  }

  void certainBitsTakeNothing() {
    QVERIFY(Encoded(Bits(0, 1'000'000, 0)).size() < 40);
    QVERIFY(Encoded(Bits(1, 1'000'000, 0)).size() < 40);
    QCOMPARE(Encoded({}).size(), size_t{0});
  }

  // What is cut off is read as zeros, which are ones with a p of their own: once p is known to be .3 they
  // take 1.7 bits each, and the decoder comes to see that there were more bytes. Before, it may not: the
  // file's CRC does.
  void otherLengthsAreRefused() {
    const auto bits = Bits(.3, 2000, 4);
    const auto bytes = Encoded(bits);
    QVERIFY(bytes.size() > 100);
    for (size_t length = bytes.size() / 2; length + 5 <= bytes.size(); ++length)
      QCOMPARE(Decoded(std::span(bytes).first(length), bits.size()).second.code(),
               absl::StatusCode::kDataLoss);
    auto longer = bytes;
    longer.insert(longer.end(), 5, 0);
    QCOMPARE(Decoded(longer, bits.size()).second.code(), absl::StatusCode::kDataLoss);
  }

  // Noise, too: 0xffffffff is beyond the range itself.
  void zerosAreReadBeyondTheEnd() {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Rng rng(seed, "noise");
      std::vector<uint8_t> bytes(rng.Below(20), 0xff);
      for (size_t i = seed % 2 == 0 ? 0 : 4; i < bytes.size(); ++i)
        bytes[i] = static_cast<uint8_t>(rng.Next());
      auto longer = bytes;
      longer.resize(bytes.size() + 400, 0);
      QVERIFY(Decoded(bytes, 1000).first == Decoded(longer, 1000).first);
    }
  }
};

CONCERTINA_TEST(ArithmeticTest)

}  // namespace concertina::arithmetic_test

#include "arithmetic_test.moc"
