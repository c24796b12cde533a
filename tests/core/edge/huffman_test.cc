// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// huffman_test.cc: no code of bounded length is shorter, and what is read is what was written.
#include "core/edge/huffman.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <queue>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::huffman_test {
namespace {

using Counts = std::vector<uint64_t>;
using Symbols = std::vector<uint16_t>;

uint64_t BitsOf(const Counts& counts, const std::vector<uint8_t>& lengths) {
  uint64_t bits = 0;
  for (size_t i = 0; i < counts.size(); ++i) bits += counts[i] * lengths[i];
  return bits;
}

// Kraft's sum, in units of 2^-kMaxCodeLength.
uint64_t KraftSum(const std::vector<uint8_t>& lengths) {
  uint64_t sum = 0;
  for (const uint8_t length : lengths)
    if (length > 0) sum += uint64_t{1} << (kMaxCodeLength - length);
  return sum;
}

// Huffman's own construction, without a limit: the two rarest become one; the sum of all their counts.
uint64_t BitsOfUnboundedCode(const Counts& counts) {
  std::priority_queue<uint64_t, Counts, std::greater<>> queue;
  for (const uint64_t count : counts)
    if (count > 0) queue.push(count);
  uint64_t bits = 0;
  while (queue.size() > 1) {
    uint64_t pair = queue.top();
    queue.pop();
    pair += queue.top();
    queue.pop();
    bits += pair;
    queue.push(pair);
  }
  return bits;
}

// The best of all complete codes of at most `limit` bits, by trying all lengths.
uint64_t BitsOfBestCode(const Counts& counts, int limit, size_t at = 0, double kraft = 0) {
  if (kraft > 1) return UINT64_MAX;
  if (at == counts.size()) return 0;
  uint64_t best = UINT64_MAX;
  for (int length = 1; length <= limit; ++length) {
    const uint64_t rest = BitsOfBestCode(counts, limit, at + 1, kraft + std::exp2(-length));
    if (rest != UINT64_MAX) best = std::min(best, rest + counts[at] * static_cast<uint64_t>(length));
  }
  return best;
}

// `count` symbols of which each is half as frequent as the one before: an unbounded code has that many
// lengths.
Symbols Geometric(size_t alphabet, size_t count, uint64_t seed) {
  Rng rng(seed, "huffman");
  Symbols symbols;
  for (size_t i = 0; i < count; ++i)
    symbols.push_back(static_cast<uint16_t>(
        std::min<double>(static_cast<double>(alphabet - 1), std::floor(-std::log2(1 - rng.Uniform())))));
  return symbols;
}

Symbols Uniform(size_t alphabet, size_t count, uint64_t seed) {
  Rng rng(seed, "huffman");
  Symbols symbols;
  for (size_t i = 0; i < count; ++i) symbols.push_back(static_cast<uint16_t>(rng.Below(alphabet)));
  return symbols;
}

std::vector<uint8_t> Encoded(const Symbols& symbols, size_t alphabet) {
  std::vector<uint8_t> bytes;
  HuffmanEncode(symbols, alphabet, bytes);
  return bytes;
}

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

}  // namespace

class HuffmanTest : public QObject {
  Q_OBJECT

 private slots:
  // A code of 16 bits takes counts that grow like Fibonacci's numbers, 2584 together; here they are 2010 at
  // most.
  void lengthsAreThoseOfAHuffmanCodeWhereTheLimitDoesNotBind() {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Rng rng(seed, "counts");
      Counts counts(2 + rng.Below(200));
      for (uint64_t& count : counts) count = rng.Below(4) == 0 ? 0 : 1 + rng.Below(10);
      counts[0] = counts[1] = 1;
      const auto lengths = HuffmanCodeLengths(counts);
      QCOMPARE(KraftSum(lengths), uint64_t{1} << kMaxCodeLength);
      QCOMPARE(BitsOf(counts, lengths), BitsOfUnboundedCode(counts));
      for (size_t i = 0; i < counts.size(); ++i) QCOMPARE(lengths[i] == 0, counts[i] == 0);
    }
  }

  void noCodeWithinTheLimitIsShorter() {
    int bound = 0;  // where the limit made a difference
    for (uint64_t seed = 0; seed < 60; ++seed) {
      Rng rng(seed, "limit");
      Counts counts(5 + rng.Below(2));
      for (uint64_t& count : counts) count = 1 + (uint64_t{1} << rng.Below(12));
      for (const int limit : {3, 4}) {
        const auto lengths = HuffmanCodeLengths(counts, limit);
        QVERIFY(*std::max_element(lengths.begin(), lengths.end()) <= limit);
        QCOMPARE(BitsOf(counts, lengths), BitsOfBestCode(counts, limit));
        bound += BitsOf(counts, lengths) > BitsOfUnboundedCode(counts);
      }
    }
    QVERIFY(bound > 20);
  }

  void aFullAlphabetHasAFixedLength() {
    const auto lengths = HuffmanCodeLengths(Counts(8, 5), 3);
    QCOMPARE(lengths, std::vector<uint8_t>(8, 3));
  }

  void whatIsWrittenIsRead_data() {
    QTest::addColumn<Symbols>("symbols");
    QTest::addColumn<int>("alphabet");
    QTest::newRow("none") << Symbols{} << 7;
    QTest::newRow("one") << Symbols{6} << 7;
    QTest::newRow("one, an alphabet of one") << Symbols{0} << 1;
    QTest::newRow("the same over and over") << Symbols(1000, 3) << 256;
    QTest::newRow("two") << Symbols{0, 255, 255, 0, 0} << 256;
    QTest::newRow("uniform of 32") << Uniform(32, 5000, 1) << 32;
    QTest::newRow("uniform of 4096") << Uniform(4096, 20000, 2) << 4096;
    QTest::newRow("the last of 4096") << Symbols(3, 4095) << 4096;
    QTest::newRow("lengths up to the limit") << Geometric(40, 300'000, 3) << 40;
  }
  void whatIsWrittenIsRead() {
    QFETCH(Symbols, symbols);
    QFETCH(int, alphabet);
    const auto bytes = Encoded(symbols, static_cast<size_t>(alphabet));
    Symbols read(symbols.size(), 0xffff);
    const absl::Status status = HuffmanDecode(bytes, static_cast<size_t>(alphabet), read);
    QVERIFY2(status.ok(), qPrintable(Message(status)));
    QCOMPARE(read, symbols);
  }

  // H <= bits a symbol < H + 1 [Shannon 1948]; here, where probabilities are powers of 1/2, it is H. The
  // table takes at most a byte for two symbols.
  void theSizeIsTheEntropyWhereItCanBe() {
    const Symbols symbols = Geometric(16, 100'000, 4);
    Counts counts(16);
    for (const uint16_t symbol : symbols) ++counts[symbol];
    double entropy_bits = 0;
    for (const uint64_t count : counts)
      if (count > 0)
        entropy_bits -= static_cast<double>(count) * std::log2(static_cast<double>(count) / 100'000);
    const auto bytes = static_cast<double>(Encoded(symbols, 16).size());
    QVERIFY(bytes >= entropy_bits / 8);
    QVERIFY2(bytes <= entropy_bits / 8 * 1.001 + 8, qPrintable(QString::number(bytes)));
  }

  void everyTruncationIsRefused() {
    const Symbols symbols = Geometric(20, 200, 5);
    const auto bytes = Encoded(symbols, 20);
    Symbols read(symbols.size());
    for (size_t length = 0; length < bytes.size(); ++length) {
      const absl::Status status = HuffmanDecode(std::span(bytes).first(length), 20, read);
      QVERIFY2(status.code() == absl::StatusCode::kDataLoss, qPrintable(QString::number(length)));
    }
    auto longer = bytes;
    longer.push_back(0);
    QCOMPARE(HuffmanDecode(longer, 20, read).code(), absl::StatusCode::kDataLoss);
  }

  void tablesThatAreNoneAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("nothing") << QByteArray() << "ends at symbol 0 of 4";
    QTest::newRow("ends within a run") << QByteArray("\x11\x10", 2) << "ends at symbol 3 of 4";
    QTest::newRow("more codes than there is room for") << QByteArray("\x11\x11\x00", 3) << "complete code";
    QTest::newRow("room that no code has")
        << QByteArray("\x22\x22\x00", 3).replace(1, 1, "\x23") << "complete code";
    QTest::newRow("no symbol at all") << QByteArray("\x03\x00", 2) << "complete code";
    QTest::newRow("a run beyond the alphabet")
        << QByteArray("\x10\x50", 2) << "longer than the alphabet of 4";
  }
  void tablesThatAreNoneAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    Symbols read(3);
    const absl::Status status = HuffmanDecode(
        {reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<size_t>(bytes.size())}, 4, read);
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void noiseIsReadWithoutHarm() {
    Rng rng(6, "noise");
    int read = 0;
    for (int i = 0; i < 3000; ++i) {
      std::vector<uint8_t> bytes(rng.Below(40));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.Next());
      if (!bytes.empty() && i % 2 == 0) bytes[0] = 0x11;  // a table of two codes: a good one
      const size_t alphabet = i % 2 == 0 ? 2 : 1 + rng.Below(100);
      Symbols symbols(i % 2 == 0 ? 8 * (std::max<size_t>(bytes.size(), 1) - 1) : rng.Below(100));
      if (!HuffmanDecode(bytes, alphabet, symbols).ok()) continue;
      ++read;
      for (const uint16_t symbol : symbols) QVERIFY(symbol < alphabet);
    }
    QVERIFY(read > 1000);
  }
};

CONCERTINA_TEST(HuffmanTest)

}  // namespace concertina::huffman_test

#include "huffman_test.moc"
