// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pareto_test.cc: fronts done by hand, and the definition over random points.
#include "core/analysis/pareto.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::pareto_test {

using Numbers = QVector<double>;
using Indices = QVector<int>;

class ParetoTest : public QObject {
  Q_OBJECT

  static ParetoMetric Metric(const Numbers& values, bool more_is_better) {
    return {{values.data(), static_cast<size_t>(values.size())}, more_is_better};
  }
  static Indices Front(const ParetoMetric& first, const ParetoMetric& second) {
    Indices front;
    for (const size_t i : ParetoFront(first, second)) front << static_cast<int>(i);
    return front;
  }

 private slots:
  void theFront_data() {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    QTest::addColumn<Numbers>("accuracy");  // more is better
    QTest::addColumn<Numbers>("bytes");     // less is
    QTest::addColumn<Indices>("front");
    QTest::newRow("nothing") << Numbers{} << Numbers{} << Indices{};
    QTest::newRow("one") << Numbers{0.5} << Numbers{9} << Indices{0};
    QTest::newRow("a trade-off") << Numbers{0.9, 0.8, 0.7} << Numbers{9, 5, 1} << Indices{0, 1, 2};
    QTest::newRow("one is worse in both") << Numbers{0.9, 0.8, 0.7} << Numbers{9, 10, 1} << Indices{0, 2};
    QTest::newRow("one is better in both") << Numbers{0.8, 0.9, 0.7} << Numbers{5, 1, 2} << Indices{1};
    QTest::newRow("as good in one, worse in the other") << Numbers{0.9, 0.9} << Numbers{5, 1} << Indices{1};
    QTest::newRow("as cheap, less accurate") << Numbers{0.9, 0.8} << Numbers{5, 5} << Indices{0};
    QTest::newRow("alike in both") << Numbers{0.9, 0.9, 0.5} << Numbers{5, 5, 9} << Indices{0, 1};
    QTest::newRow("not measured") << Numbers{kNan, 0.5, 0.9} << Numbers{0, 5, kNan} << Indices{1};
    QTest::newRow("never reached") << Numbers{0.9, 0.5} << Numbers{kInfinity, 5} << Indices{0, 1};
  }
  void theFront() {
    QFETCH(Numbers, accuracy);
    QFETCH(Numbers, bytes);
    QFETCH(Indices, front);
    QCOMPARE(Front(Metric(accuracy, true), Metric(bytes, false)), front);
  }

  void whoIsOnItIsDominatedByNobody() {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Rng rng(seed);
      Numbers x, y;
      for (int i = 0; i < 40; ++i) {  // few values, so that many are alike
        x << static_cast<double>(rng.Below(8));
        y << static_cast<double>(rng.Below(8));
      }
      for (const bool more : {false, true}) {
        const Indices front = Front(Metric(x, more), Metric(y, true));
        for (int i = 0; i < 40; ++i) {
          bool is_dominated = false;
          for (int j = 0; j < 40; ++j) {
            const double by_x = more ? x[j] - x[i] : x[i] - x[j], by_y = y[j] - y[i];
            is_dominated |= by_x >= 0 && by_y >= 0 && by_x + by_y > 0;
          }
          QCOMPARE(front.contains(i), !is_dominated);
        }
      }
    }
  }
};

CONCERTINA_TEST(ParetoTest)

}  // namespace concertina::pareto_test

#include "pareto_test.moc"
