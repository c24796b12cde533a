// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// index_codec_test.cc: indices come back, take the bytes that were foretold, and damage is told.
#include "core/gradient/index_codec.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/base/rng.h"
#include "tests/test_program.h"

using Indices = std::vector<uint32_t>;
using Bytes = std::vector<uint8_t>;

namespace concertina::index_codec_test {
namespace {

constexpr IndexCoding kCodings[] = {IndexCoding::kBitmap, IndexCoding::kDeltaVarint, IndexCoding::kEliasFano};

Bytes Encode(IndexCoding coding, const Indices& indices, int64_t d) {
  // One byte more, which must stay as it is.
  Bytes bytes(static_cast<size_t>(IndexBytes(coding, indices, d)) + 1, 0xa5);
  EncodeIndices(coding, indices, d, bytes.data());
  if (bytes.back() != 0xa5) qFatal("wrote beyond the end");
  bytes.pop_back();
  return bytes;
}

absl::StatusOr<int64_t> Decode(const Bytes& bytes, int64_t d, size_t k, Indices& indices) {
  indices.assign(k, 12345);
  const Bytes exact(bytes.begin(), bytes.end());  // on the heap: a sanitizer sees a read beyond its end
  return DecodeIndices(exact, d, indices);
}

// k of d without a pattern.
Indices Draw(int64_t k, int64_t d, uint64_t seed) {
  Rng rng(seed, "indices", static_cast<uint64_t>(k));
  Indices indices;
  int64_t left = k;
  for (int64_t i = 0; i < d && left > 0; ++i)
    if (static_cast<int64_t>(rng.Below(static_cast<uint64_t>(d - i))) < left) {
      indices.push_back(static_cast<uint32_t>(i));
      --left;
    }
  return indices;
}

}  // namespace

class IndexCodecTest : public QObject {
  Q_OBJECT
 private slots:
  void indicesComeBack_data() {
    QTest::addColumn<Indices>("indices");
    QTest::addColumn<qlonglong>("d");
    QTest::newRow("the only one") << Indices{0} << qlonglong{1};
    QTest::newRow("the last of a long one") << Indices{4294967294} << qlonglong{4294967295};
    QTest::newRow("both ends of a long one") << Indices{0, 4294967294} << qlonglong{4294967295};
    QTest::newRow("gaps of every length")
        << Indices{0, 128, 257, 16641, 33026, 2130178, 4227331, 272662788, 541098245}
        << qlonglong{1} * (1 << 30);
    Indices all(1000);
    for (uint32_t i = 0; i < 1000; ++i) all[i] = i;
    QTest::newRow("all") << all << qlonglong{1000};
    QTest::newRow("a cluster at the end") << Indices{990, 991, 992, 999} << qlonglong{1000};
    for (const int64_t d : {7, 64, 65, 1000, 100000})
      for (const double share : {0.001, 0.01, 0.1, 0.3, 0.5, 0.9})
        if (const auto k = static_cast<int64_t>(share * static_cast<double>(d)); k > 0)
          QTest::addRow("%d of %d", int(k), int(d)) << Draw(k, d, 1) << qlonglong{d};
  }
  void indicesComeBack() {
    QFETCH(Indices, indices);
    QFETCH(qlonglong, d);
    int64_t least = INT64_MAX;
    for (const IndexCoding coding : kCodings) {
      if (coding == IndexCoding::kBitmap && d > 1 << 28) continue;  // half a gigabyte
      const Bytes bytes = Encode(coding, indices, d);
      least = std::min(least, static_cast<int64_t>(bytes.size()));
      Indices decoded;
      const auto used = Decode(bytes, d, indices.size(), decoded);
      QVERIFY2(used.ok(), std::string(used.status().message()).c_str());
      QCOMPARE(*used, static_cast<int64_t>(bytes.size()));
      QCOMPARE(decoded, indices);
      Bytes longer = bytes;  // what follows is another's
      longer.push_back(0xff);
      QCOMPARE(Decode(longer, d, indices.size(), decoded).value(), *used);
    }
    const IndexCoding smallest = SmallestCoding(indices, d);
    QCOMPARE(IndexBytes(smallest, indices, d), least);
    QVERIFY(least <= MaxIndexBytes(static_cast<int64_t>(indices.size()), d));
  }

  void theSmallestIsTheOneThatFits() {
    QCOMPARE(SmallestCoding(Draw(10000, 1000000, 3), 1000000), IndexCoding::kEliasFano);
    QCOMPARE(SmallestCoding(Draw(400, 1000, 3), 1000), IndexCoding::kBitmap);
    Indices cluster(5000);
    for (uint32_t i = 0; i < 5000; ++i) cluster[i] = 100000 + 2 * i;
    QCOMPARE(SmallestCoding(cluster, 1000000), IndexCoding::kDeltaVarint);
  }

  // log2 of "k of d" is what no coding can beat on average; Elias-Fano stays within a bit an index of it.
  void takesLittleMoreThanItMust() {
    constexpr int64_t kD = 1000000;
    for (const int64_t k : {100, 1000, 10000, 100000}) {
      const double bits = (std::lgamma(kD + 1) - std::lgamma(k + 1) - std::lgamma(kD - k + 1)) / std::log(2);
      const Indices indices = Draw(k, kD, 7);
      const auto taken = static_cast<double>(8 * IndexBytes(SmallestCoding(indices, kD), indices, kD));
      QVERIFY2(taken >= bits && taken <= bits + static_cast<double>(k) + 24,
               qPrintable(QString("%1 bits of %2 for %3").arg(taken).arg(bits).arg(k)));
    }
  }

  void theMostBoundsEveryFewer() {
    QCOMPARE(MaxIndexBytes(0, 10), int64_t{0});
    for (int64_t d = 1; d <= 700; ++d) {
      int64_t most = 0;
      for (int64_t k = 1; k <= d; ++k) {
        // Worst for the gaps: as far apart as they go.
        Indices spread;
        for (int64_t i = 0; i < k; ++i) spread.push_back(static_cast<uint32_t>((i + 1) * d / k - 1));
        most = std::max(most, IndexBytes(SmallestCoding(spread, d), spread, d));
        QVERIFY2(most <= MaxIndexBytes(k, d), qPrintable(QString("%1 of %2").arg(k).arg(d)));
      }
    }
  }

  void damageIsTold_data() {
    QTest::addColumn<Bytes>("bytes");
    QTest::addColumn<int>("d");
    QTest::addColumn<int>("k");
    const auto row = [](const char* name, Bytes bytes, int d, int k) {
      QTest::newRow(name) << bytes << d << k;
    };
    row("nothing", {}, 10, 1);
    row("no such coding", {0, 1}, 8, 1);
    row("a coding of tomorrow", {4, 1}, 8, 1);
    row("more indices than places", {1, 0xff}, 2, 3);
    row("bitmap: too short", {1, 1}, 10, 1);
    row("bitmap: too few", {1, 1, 0}, 10, 2);
    row("bitmap: too many", {1, 7, 0}, 10, 2);
    row("bitmap: beyond the last", {1, 1, 4}, 10, 2);
    row("gaps: too short", {2, 1}, 10, 2);
    row("gaps: ends amid one", {2, 0x80}, 1000, 1);
    row("gaps: beyond the last", {2, 10}, 10, 1);
    row("gaps: together beyond the last", {2, 5, 4}, 10, 2);
    row("gaps: a byte of nothing", {2, 0x81, 0}, 1000, 1);
    row("gaps: longer than any", {2, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 2000000000, 1);
    // 2 of 16: 3 low bits each, and 2 + (15 >> 3) = 3 high ones.
    row("elias-fano: too short", {3, 0}, 16, 2);
    row("elias-fano: too few", {3, 0, 1}, 16, 2);
    row("elias-fano: too many", {3, 0x08, 7}, 16, 2);
    row("elias-fano: not ascending", {3, 0x00, 3}, 16, 2);
    row("elias-fano: beyond the last", {3, 0x08, 9}, 16, 2);
    row("elias-fano: bits behind the low ones", {3, 0x48, 3}, 16, 2);
  }
  void damageIsTold() {
    QFETCH(Bytes, bytes);
    QFETCH(int, d);
    QFETCH(int, k);
    Indices indices;
    const absl::Status status = Decode(bytes, d, static_cast<size_t>(k), indices).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY(!status.message().empty());
  }

  // Whatever is accepted is in order, in range, and the one way to write it.
  void bytesOfStrangersNeverCrash() {
    Rng rng(5, "strangers");
    int accepted = 0;
    for (int round = 0; round < 20000; ++round) {
      const auto d = static_cast<int64_t>(1 + rng.Below(round % 2 == 0 ? 40 : 3000));
      const auto k = static_cast<size_t>(1 + rng.Below(static_cast<uint64_t>(std::min<int64_t>(d, 60))));
      const IndexCoding coding = kCodings[rng.Below(3)];
      Bytes bytes = Encode(coding, Draw(static_cast<int64_t>(k), d, rng.Next()), d);
      for (uint64_t flips = rng.Below(4); flips > 0; --flips)
        bytes[rng.Below(bytes.size())] ^= static_cast<uint8_t>(1U << rng.Below(8));
      if (rng.Below(4) == 0) bytes.resize(rng.Below(bytes.size() + 1));
      Indices indices;
      const auto used = Decode(bytes, d, k, indices);
      if (!used.ok()) {
        QCOMPARE(used.status().code(), absl::StatusCode::kDataLoss);
        continue;
      }
      ++accepted;
      QVERIFY(std::is_sorted(indices.begin(), indices.end()) && indices.back() < d);
      QCOMPARE(std::set<uint32_t>(indices.begin(), indices.end()).size(), k);
      bytes.resize(static_cast<size_t>(*used));
      QCOMPARE(Encode(static_cast<IndexCoding>(bytes[0]), indices, d), bytes);
    }
    QVERIFY(accepted > 4000);
  }
};

CONCERTINA_TEST(IndexCodecTest)

}  // namespace concertina::index_codec_test

#include "index_codec_test.moc"
