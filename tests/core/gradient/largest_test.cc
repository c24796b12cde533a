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

namespace concertina {

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
    std::vector<uint32_t> indices(static_cast<size_t>(k));
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

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::LargestTest)
#include "largest_test.moc"
