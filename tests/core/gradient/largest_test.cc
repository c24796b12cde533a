// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// largest_test.cc: the selection against a stable sort, on every instruction set, by guess and by full count.
#include "core/gradient/largest.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::largest_test {

class LargestTest : public QObject {
  Q_OBJECT

  static std::vector<uint32_t> ByMagnitude(const std::vector<float>& x) {
    std::vector<uint32_t> order(x.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return std::abs(x[a]) > std::abs(x[b]); });
    return order;
  }
  static std::vector<uint32_t> First(std::vector<uint32_t> order, int64_t k) {
    order.resize(static_cast<size_t>(k));
    std::sort(order.begin(), order.end());
    return order;
  }
  static std::vector<uint32_t> Selected(LargestSelector& selector, const std::vector<float>& x, int64_t k) {
    const std::span<const float> all(x);
    selector.Begin(k, all, {});
    for (size_t begin = 0; begin < x.size(); begin += LargestSelector::kMaxBlock)
      selector.Visit(all.subspan(begin, std::min<size_t>(LargestSelector::kMaxBlock, x.size() - begin)),
                     static_cast<int64_t>(begin));
    std::vector<uint32_t> indices(static_cast<size_t>(selector.count()));
    std::vector<float> values(indices.size());
    selector.Finish(x, reinterpret_cast<uint8_t*>(indices.data()), reinterpret_cast<uint8_t*>(values.data()));
    for (size_t i = 0; i < indices.size(); ++i)
      if (values[i] != x[indices[i]]) qFatal("value %zu is not that of index %u", i, indices[i]);
    return indices;
  }

 private slots:
  void agreesWithAStableSort_data() {
    QTest::addColumn<QString>("pattern");
    for (const char* pattern :
         {"normal", "zeros", "denormal", "huge", "ties", "sparse", "spike", "layers", "hidden"})
      QTest::newRow(pattern) << QString(pattern);
  }
  void agreesWithAStableSort() {
    QFETCH(QString, pattern);
    int64_t full_counts = 0, guesses = 0;
    for (const int64_t d : {1, 2, 17, 4097, 32768, 200003}) {
      std::vector<float> x = MakeGradient(pattern.toStdString(), d, 11);
      Rng rng(5);
      // Layers of very different sizes of gradient; and large elements only where the sample does not look.
      for (size_t i = 0; i < x.size(); ++i) {
        if (pattern == "layers")
          x[i] = static_cast<float>(rng.Normal() * std::pow(10.0, -static_cast<double>(i * 5 / x.size())));
        if (pattern == "hidden") x[i] = static_cast<float>(rng.Normal() * (i / 16 % 16 == 1 ? 1e3 : 1));
      }
      const std::vector<uint32_t> order = ByMagnitude(x);
      for (const double ratio : {0.0, 0.001, 0.01, 0.1, 0.5, 1.0}) {
        const int64_t k = std::max<int64_t>(1, std::llround(ratio * static_cast<double>(d)));
        const std::vector<uint32_t> expected = First(order, k);
        ForEachInstructionSet([&] {
          LargestSelector selector;
          QVERIFY2(Selected(selector, x, k) == expected, qPrintable(QString("d %1, k %2").arg(d).arg(k)));
          full_counts += selector.full_counts();
          guesses += 1 - selector.full_counts();
        });
      }
    }
    QVERIFY(full_counts > 0);  // short vectors and large shares at least
    if (pattern == "normal" || pattern == "layers") QVERIFY(guesses > 0);
  }

  void sampledGivesTheLargestButNotQuiteAsMany_data() {
    QTest::addColumn<QString>("pattern");
    for (const char* pattern : {"normal", "zeros", "denormal", "huge", "ties", "sparse", "spike"})
      QTest::newRow(pattern) << QString(pattern);
  }
  void sampledGivesTheLargestButNotQuiteAsMany() {
    QFETCH(QString, pattern);
    for (const int64_t d : {1, 17, 32768, 200003}) {
      const std::vector<float> x = MakeGradient(pattern.toStdString(), d, 11);
      const std::vector<uint32_t> order = ByMagnitude(x);
      for (const double ratio : {0.0, 0.001, 0.01, 0.1, 1.0}) {
        const int64_t k = std::max<int64_t>(1, std::llround(ratio * static_cast<double>(d)));
        LargestSelector selector(LargestSelector::Selection::kSampled);
        const std::vector<uint32_t> selected = Selected(selector, x, k);
        const auto n = static_cast<int64_t>(selected.size());
        QVERIFY2(n <= k && n >= (k + 1) / 2, qPrintable(QString("%1 of %2").arg(n).arg(k)));
        QVERIFY(selected == First(order, n));
      }
    }
  }

  void sampledFindsMostOfThem() {  // on average a threshold for k has k above it, and those beyond k are cut
    double found = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      LargestSelector selector(LargestSelector::Selection::kSampled);
      found += static_cast<double>(Selected(selector, MakeGradient("normal", 100000, seed), 1000).size());
      QCOMPARE(selector.full_counts(), 0);
    }
    QVERIFY2(found > 0.85 * 20 * 1000, qPrintable(QString::number(found)));
  }

  void keepLargestKeepsTheLargest_data() { sampledGivesTheLargestButNotQuiteAsMany_data(); }
  void keepLargestKeepsTheLargest() {
    QFETCH(QString, pattern);
    for (const int64_t d : {1, 2, 1000}) {
      const std::vector<float> x = MakeGradient(pattern.toStdString(), d, 3);
      for (const int64_t k : {1, 2, 10, 999, 1000, 2000}) {
        std::vector<float> expected(x.size()), kept = x;
        for (const uint32_t i : First(ByMagnitude(x), std::min(k, d))) expected[i] = x[i];
        KeepLargest(kept, k);
        QVERIFY(kept == expected);
      }
    }
  }

  void collectsWhatReachesAMagnitude() {
    const std::vector<float> x = {1, -2, 0.5F, 2, 1.9999F, -3, 0, 2, -2};
    ForEachInstructionSet([&] {
      std::vector<uint32_t> indices(x.size());
      std::vector<float> values(x.size());
      const int64_t n = CollectLargest(x, 100, MagnitudeBits(2.0F), indices.data(), values.data());
      indices.resize(static_cast<size_t>(n));
      values.resize(static_cast<size_t>(n));
      QVERIFY((indices == std::vector<uint32_t>{101, 103, 105, 107, 108}));
      QVERIFY((values == std::vector<float>{-2, 2, -3, 2, -2}));
    });
  }

  void aGuessSuffices_data() {
    QTest::addColumn<QString>("pattern");
    for (const char* pattern : {"normal", "denormal", "huge", "sparse"})
      QTest::newRow(pattern) << QString(pattern);
  }
  void aGuessSuffices() {  // the point of it: usual gradients are counted once, not thrice
    QFETCH(QString, pattern);
    LargestSelector selector;
    for (uint64_t seed = 0; seed < 20; ++seed)
      Selected(selector, MakeGradient(pattern.toStdString(), 100000, seed), 500);
    QCOMPARE(selector.full_counts(), 0);
  }

  void aWrongGuessIsNoticed_data() {
    QTest::addColumn<QString>("pattern");
    QTest::newRow("all equal: more candidates than there is room for") << QString("ties");
    QTest::newRow("all zero: no candidate") << QString("zeros");
    QTest::newRow("one element: fewer candidates than wanted") << QString("spike");
  }
  void aWrongGuessIsNoticed() {
    QFETCH(QString, pattern);
    const std::vector<float> x = MakeGradient(pattern.toStdString(), 100000, 1);
    LargestSelector selector;
    QVERIFY(Selected(selector, x, 500) == First(ByMagnitude(x), 500));
    QCOMPARE(selector.full_counts(), 1);
  }
};

CONCERTINA_TEST(LargestTest)

}  // namespace concertina::largest_test

#include "largest_test.moc"
