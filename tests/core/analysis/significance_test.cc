// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// significance_test.cc: quantiles as printed in tables, intervals as computed by hand and by Student himself.
#include "core/analysis/significance.h"

#include <QTest>
#include <cmath>
#include <limits>

#include "tests/test_program.h"

namespace concertina::significance_test {

using Numbers = QVector<double>;

Sample Of(const Numbers& values) { return SampleOf({values.data(), static_cast<size_t>(values.size())}); }

class SignificanceTest : public QObject {
  Q_OBJECT
 private slots:
  // Abramowitz, Stegun 1964, table 26.10 (A = 0.95, 0.99), three decimals: half of the last is the tolerance.
  void quantilesAreThoseOfTheTable_data() {
    QTest::addColumn<double>("freedom");
    QTest::addColumn<double>("of95");
    QTest::addColumn<double>("of99");
    QTest::newRow("1") << 1.0 << 12.706 << 63.657;
    QTest::newRow("2") << 2.0 << 4.303 << 9.925;
    QTest::newRow("3") << 3.0 << 3.182 << 5.841;
    QTest::newRow("4") << 4.0 << 2.776 << 4.604;
    QTest::newRow("10") << 10.0 << 2.228 << 3.169;
    QTest::newRow("30") << 30.0 << 2.042 << 2.750;
    QTest::newRow("120") << 120.0 << 1.980 << 2.617;
    QTest::newRow("very many: the normal distribution") << 1e12 << 1.960 << 2.576;
  }
  void quantilesAreThoseOfTheTable() {
    QFETCH(double, freedom);
    QFETCH(double, of95);
    QFETCH(double, of99);
    QVERIFY2(std::abs(StudentQuantile(freedom, 0.95) - of95) <= 0.00051,
             qPrintable(QString::number(StudentQuantile(freedom, 0.95), 'g', 9)));
    QVERIFY2(std::abs(StudentQuantile(freedom, 0.99) - of99) <= 0.00051,
             qPrintable(QString::number(StudentQuantile(freedom, 0.99), 'g', 9)));
  }

  // Of one degree of freedom it is Cauchy's distribution, P(|T| <= t) = 2/pi atan(t), and of two
  // P = t / sqrt(2 + t^2): both can be turned round exactly.
  void quantilesAreExactWhereThatCanBeChecked() {
    for (const double p : {0.05, 0.5, 0.8, 0.95, 0.99}) {
      const double cauchy = std::tan(p * std::acos(-1.0) / 2), two = p * std::sqrt(2 / (1 - p * p));
      QVERIFY(std::abs(StudentQuantile(1, p) / cauchy - 1) < 1e-9);  // of Simpson's rule, see the source
      QVERIFY(std::abs(StudentQuantile(2, p) / two - 1) < 1e-9);
    }
  }

  void samples_data() {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    QTest::addColumn<Numbers>("values");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("mean");
    QTest::addColumn<double>("deviation");
    QTest::addColumn<double>("half");  // of the interval of the mean
    QTest::newRow("nothing") << Numbers{} << 0 << kNan << kNan << kNan;
    QTest::newRow("one") << Numbers{3} << 1 << 3.0 << kNan << kNan;
    QTest::newRow("one, and one not measured") << Numbers{3, kNan} << 1 << 3.0 << kNan << kNan;
    // s = 1, t(2) = 4.30265: 4.30265 / sqrt(3)
    QTest::newRow("three") << Numbers{1, 2, 3} << 3 << 2.0 << 1.0 << 2.484138;
    QTest::newRow("without spread") << Numbers{4, 4} << 2 << 4.0 << 0.0 << 0.0;
  }
  void samples() {
    QFETCH(Numbers, values);
    QFETCH(int, count);
    QFETCH(double, mean);
    QFETCH(double, deviation);
    QFETCH(double, half);
    const Sample sample = Of(values);
    const auto same = [](double a, double b) {
      return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) < 1e-6;  // six digits were worked out
    };
    QCOMPARE(int(sample.count), count);
    QVERIFY(same(sample.mean, mean) && same(sample.deviation, deviation));
    const Interval interval = MeanInterval(sample);
    QVERIFY(same(interval.low, mean - half) && same(interval.high, mean + half));
    QCOMPARE(interval.is_known(), !std::isnan(half));
  }

  void differences_data() {
    QTest::addColumn<Numbers>("a");
    QTest::addColumn<Numbers>("b");
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    // va = vb = 1/3, nu = (2/3)^2 / (2 (1/3)^2 / 2) = 4, t = 2.776445: 2 ± 2.776445 sqrt(2/3)
    QTest::newRow("alike in spread") << Numbers{1, 2, 3} << Numbers{3, 4, 5} << -0.266957 << 4.266957;
    // va = 1, vb = 0, nu = 1, t = 12.706205: 4 ± 12.706205
    QTest::newRow("one does not vary") << Numbers{0, 2} << Numbers{5, 5} << -8.706205 << 16.706205;
    QTest::newRow("neither varies") << Numbers{1, 1} << Numbers{3, 3, 3} << 2.0 << 2.0;
    // Student's data on sleep (1908), as R's t.test(extra ~ group) gives them: nu = 17.776,
    // -3.3654832 to 0.2054832.
    QTest::newRow("sleep") << Numbers{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
                           << Numbers{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0} << -3.3654832
                           << 0.2054832;
  }
  void differences() {
    QFETCH(Numbers, a);
    QFETCH(Numbers, b);
    QFETCH(double, low);
    QFETCH(double, high);
    const Interval interval = DifferenceInterval(Of(a), Of(b));
    QVERIFY2(std::abs(interval.low - low) < 1e-6 && std::abs(interval.high - high) < 1e-6,
             qPrintable(QString("%1 to %2").arg(interval.low, 0, 'g', 10).arg(interval.high, 0, 'g', 10)));
    const Interval back = DifferenceInterval(Of(b), Of(a));
    QVERIFY(std::abs(back.low + interval.high) < 1e-9 && std::abs(back.high + interval.low) < 1e-9);
  }

  void oneValueTellsNothingOfTheOthers() {
    QVERIFY(!DifferenceInterval(Of({1}), Of({2, 3})).is_known());
    QVERIFY(!DifferenceInterval(Of({1, 2}), Of({3})).is_known());
    QVERIFY(!DifferenceInterval(Of({}), Of({})).is_known());
  }

  // Values of any size: what is squared must neither vanish nor overflow.
  void theUnitDoesNotMatter() {
    const Interval one = DifferenceInterval(Of({1, 2, 3}), Of({3, 4, 6}));
    for (const double unit : {1e-60, 1e60}) {
      const Interval scaled =
          DifferenceInterval(Of({unit, 2 * unit, 3 * unit}), Of({3 * unit, 4 * unit, 6 * unit}));
      QVERIFY(std::abs(scaled.low / unit - one.low) < 1e-9 && std::abs(scaled.high / unit - one.high) < 1e-9);
    }
  }
};

CONCERTINA_TEST(SignificanceTest)

}  // namespace concertina::significance_test

#include "significance_test.moc"
