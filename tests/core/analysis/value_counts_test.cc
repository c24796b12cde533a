// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// value_counts_test.cc: every value is in one bin, whatever their range; what is no count is in none.
#include "core/analysis/value_counts.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/test_program.h"

namespace concertina::value_counts_test {

class ValueCountsTest : public QObject {
  Q_OBJECT
 private slots:
  void valuesAreCounted() {
    const std::vector<double> values = {0, 1, 1, 3, 1, 0, 3.4, 2.5};
    const ValueCounts counts = CountValues(values);
    QCOMPARE(counts.width, int64_t{1});
    QVERIFY((counts.counts == std::vector<int64_t>{2, 3, 0, 3}));  // halves go up
    QCOMPARE(counts.total, int64_t{8});
    QCOMPARE(counts.most(), int64_t{3});
    QCOMPARE(counts.largest, 3.4);
    QCOMPARE(counts.mean, 11.9 / 8);
    QCOMPARE(counts.Quantile(0.25), int64_t{0});
    QCOMPARE(counts.Quantile(0.5), int64_t{1});
    QCOMPARE(counts.Quantile(0.99), int64_t{3});
  }

  void whatIsNoCountIsLeftOut() {
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();
    const ValueCounts counts = CountValues(std::vector<double>{nan, -1, inf, 1e300, 2});
    QCOMPARE(counts.total, int64_t{1});
    QVERIFY((counts.counts == std::vector<int64_t>{0, 0, 1}));
    for (const std::vector<double>& none : {std::vector<double>{}, {nan}, {-3}}) {
      const ValueCounts empty = CountValues(none);
      QVERIFY(empty.total == 0 && empty.counts.empty() && empty.most() == 0 && empty.Quantile(0.5) == 0);
    }
  }

  // Property: no range makes more bins than there is room for, and none loses a value.
  void binsAreNoMoreThanThereIsRoomFor() {
    for (const double largest : {0.0, 1.0, 63.0, 63.6, 64.0, 127.0, 128.0, 1000.0, 123456.0, 1e15}) {
      std::vector<double> values;
      for (int i = 0; i <= 100; ++i) values.push_back(largest * i / 100);
      const ValueCounts counts = CountValues(values);
      QVERIFY2(counts.counts.size() <= size_t{ValueCounts::kMostBins}, qPrintable(QString::number(largest)));
      QCOMPARE(std::accumulate(counts.counts.begin(), counts.counts.end(), int64_t{0}), int64_t{101});
      QVERIFY(counts.counts.back() > 0);
      QVERIFY(double(counts.Quantile(1)) >= std::floor(largest));
    }
  }

  void manyRanksAreCountedForFewerSteps() {
    QCOMPARE(CountedSteps(1), int64_t{4096});
    QCOMPARE(CountedSteps(64), int64_t{4096});
    QCOMPARE(CountedSteps(1024), int64_t{256});
    QCOMPARE(CountedSteps(0), int64_t{4096});
    QCOMPARE(CountedSteps(1 << 30), int64_t{1});
  }
};

CONCERTINA_TEST(ValueCountsTest)

}  // namespace concertina::value_counts_test

#include "value_counts_test.moc"
