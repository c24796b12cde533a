// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ticks_test.cc: nice numbers, labels that differ, ranges that stand still.
#include "ui/charts/ticks.h"

#include <QLocale>
#include <QSet>
#include <QTest>
#include <cmath>
#include <limits>

#include "tests/test_program.h"
#include "ui/charts/plot_scale.h"

namespace concertina::ui::ticks_test {

class TicksTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void linear_data() {
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<QStringList>("labels");
    QTest::newRow("from zero") << 0.0 << 10.0 << QStringList{"0", "2", "4", "6", "8", "10"};
    QTest::newRow("decimals as needed") << 0.1 << 0.5 << QStringList{"0.1", "0.2", "0.3", "0.4", "0.5"};
    QTest::newRow("ends between ticks") << 0.3 << 2.2 << QStringList{"0.5", "1.0", "1.5", "2.0"};
    QTest::newRow("across zero") << -1.0 << 1.0 << QStringList{"-1.0", "-0.5", "0.0", "0.5", "1.0"};
    QTest::newRow("thousands") << 0.0 << 5000.0
                               << QStringList{"0", "1,000", "2,000", "3,000", "4,000", "5,000"};
    QTest::newRow("the other way round") << 1.0 << 0.0 << QStringList{};
    QTest::newRow("nothing") << 1.0 << 1.0 << QStringList{};
    QTest::newRow("not a number") << 0.0 << std::numeric_limits<double>::quiet_NaN() << QStringList{};
  }
  void linear() {
    QFETCH(double, from);
    QFETCH(double, to);
    QFETCH(QStringList, labels);
    QCOMPARE(linearTicks(from, to, 5).labels, labels);
  }

  // For any range: within it, ascending, not many more than wanted, and no label twice.
  void ticksAreInOrderAndApart() {
    for (int exponent = -12; exponent <= 12; ++exponent) {
      for (int i = 0; i < 40; ++i) {
        const double from = (i % 7 - 3) * std::pow(10.0, exponent),
                     to = from + (1 + i * 0.37) * std::pow(10.0, exponent);
        const Ticks ticks = linearTicks(from, to, 6);
        QVERIFY(ticks.values.size() >= 2 && ticks.values.size() <= 8);
        QCOMPARE(QSet<QString>(ticks.labels.begin(), ticks.labels.end()).size(), ticks.labels.size());
        QVERIFY(std::is_sorted(ticks.values.begin(), ticks.values.end()));
        const double slack = 1e-6 * (to - from);
        QVERIFY(ticks.values.front() >= from - slack && ticks.values.back() <= to + slack);
      }
    }
  }

  void labelsAreScaled() {
    const Ticks ticks = linearTicks(0, 0.004, 4, 1000);  // seconds shown as ms
    QCOMPARE(ticks.labels, QStringList({"0", "1", "2", "3", "4"}));
    QVERIFY(std::abs(ticks.values[3] - 0.003) < 1e-12);
  }

  void logarithmic() {
    QCOMPARE(logTicks(0.01, 100, 6).labels, QStringList({"0.01", "0.1", "1", "10", "100"}));
    QCOMPARE(logTicks(0.2, 3, 6).labels, QStringList({"0.2", "0.5", "1", "2"}));
    QCOMPARE(logTicks(1, 1e12, 4).labels.size(), 5);
    QVERIFY(logTicks(0.5, 0.6, 5).labels.size() >= 4);  // less than a decade: like a linear one
    QVERIFY(logTicks(0, 1, 5).labels.isEmpty());
  }

  void rangesHoldTheirData() {
    for (int exponent = -9; exponent <= 9; ++exponent) {
      for (const bool zero : {false, true}) {
        const double least = 3.3 * std::pow(10.0, exponent), largest = 7.1 * std::pow(10.0, exponent);
        const ValueRange range = roomyRange(least, largest, zero);
        QVERIFY(range.from <= least && range.to >= largest);
        QVERIFY(range.to - range.from < 3 * largest);
        if (zero) QCOMPARE(range.from, 0.0);
        const ValueRange log = roomyLogRange(least, largest);
        QVERIFY(log.from < least && log.to > largest);
      }
    }
    const ValueRange flat = roomyRange(5, 5, false);
    QVERIFY(flat.from < 5 && flat.to > 5);
    QVERIFY(roomyRange(0, 0, true).to > 0);
    QCOMPARE(roomyRange(qInf(), -qInf(), false), (ValueRange{0, 1}));  // no data
  }

  // From its first point to a little beyond the last, in few jumps.
  void aLogarithmicAxisGrowsLikewise() {
    int moves = 0;
    ValueRange last;
    for (int step = 1; step <= 10000; ++step) {
      const ValueRange range = growingLogRange(1, step);
      QVERIFY(range.from == 1 && range.to > 1 && range.to >= step * (1 - 1e-9) && range.to <= 1.26 * step);
      if (!(range == last)) ++moves;
      last = range;
    }
    QVERIFY2(moves < 90, qPrintable(QString::number(moves)));
    QCOMPARE(growingLogRange(qInf(), -qInf()), (ValueRange{1, 10}));  // no data
    QCOMPARE(growingLogRange(0, 5), (ValueRange{1, 10}));
  }

  // A run's axis grows in few jumps, not with every step: its labels are what a frame costs most.
  void aGrowingAxisMovesSeldom() {
    int moves = 0;
    ValueRange last;
    for (int step = 1; step <= 10000; ++step) {
      const ValueRange range = growingRange(0, step);
      QVERIFY(range.from == 0 && range.to >= step && range.to <= 1.25 * step + 1);
      if (!(range == last)) ++moves;
      last = range;
    }
    QVERIFY2(moves < 250, qPrintable(QString::number(moves)));
  }

  void scalesGoBothWays() {
    for (const PlotScale scale : {PlotScale{0, 10, 0, 400, false}, PlotScale{0, 10, 300, 0, false},
                                  PlotScale{0.01, 100, 300, 0, true}}) {
      for (const double value : {0.02, 0.5, 9.0}) {
        const double pixel = scale.toPixel(value);
        QVERIFY(std::abs(scale.toValue(pixel) - value) < 1e-9);
        QVERIFY(pixel >= 0 && pixel <= scale.pixels());
      }
    }
    QCOMPARE((PlotScale{0.01, 100, 300, 0, true}.toPixel(-5)), 300.0);  // what a logarithm cannot show
  }
};

CONCERTINA_TEST(TicksTest)

}  // namespace concertina::ui::ticks_test

#include "ticks_test.moc"
