// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_history_test.cc: bounded memory, no extreme lost, resumed runs, positions along a run.
#include "ui/client/series_history.h"

#include <QTest>
#include <cmath>
#include <limits>
#include "tests/test_program.h"

namespace concertina::ui::series_history_test {

class SeriesHistoryTest : public QObject {
  Q_OBJECT
 private slots:
  void shortCurvesAreKeptWhole() {
    SeriesHistory history;
    for (int step = 1; step <= 100; ++step) history.append(step, step * 0.5);
    QCOMPARE(history.points().size(), 100);
    QCOMPARE(history.points()[41].step, 42.0);
    QCOMPARE(history.points()[41].mean, 21.0);
    QCOMPARE(history.pointsPerBucket(), 1);
    QCOMPARE(history.last(), 50.0);
  }

  // Whatever the length: the memory is bounded, the mean of means is the mean, and no peak disappears.
  void longCurvesLoseTimeResolutionOnly_data() {
    QTest::addColumn<int>("length");
    for (const int length : {4095, 4096, 4097, 10000, 300000}) QTest::addRow("%d points", length) << length;
  }
  void longCurvesLoseTimeResolutionOnly() {
    QFETCH(int, length);
    SeriesHistory history;
    double sum = 0;
    for (int step = 1; step <= length; ++step) {
      const double value = step == length / 3 ? 1000 : step == length / 2 ? -1000 : std::sin(step * 0.01);
      history.append(step, value);
      sum += value;
      QVERIFY(history.points().size() <= SeriesHistory::kCapacity);
    }
    QVERIFY(history.points().size() * 2 >= std::min(length, SeriesHistory::kCapacity));
    double mean = 0, low = 0, high = 0;
    int64_t count = 0;
    double previous = 0;
    for (const HistoryPoint& point : history.points()) {
      QVERIFY(point.step > previous);
      QVERIFY(point.min <= point.mean && point.mean <= point.max);
      previous = point.step;
      mean += point.mean * double(point.count);
      count += point.count;
      low = std::min(low, point.min);
      high = std::max(high, point.max);
    }
    QCOMPARE(count, length);
    QCOMPARE(history.total(), length);
    QCOMPARE(previous, double(length));
    QCOMPARE(low, -1000.0);
    QCOMPARE(high, 1000.0);
    QVERIFY(std::abs(mean - sum) < 1e-6 * length);  // rounding of so many sums of doubles about 1
  }

  void whatWasNotMeasuredIsLeftOut() {
    SeriesHistory history;
    history.append(1, std::numeric_limits<double>::quiet_NaN());
    QVERIFY(history.isEmpty());
    QVERIFY(std::isnan(history.last()));
    history.append(2, 1);
    history.append(3, std::numeric_limits<double>::infinity());
    QCOMPARE(history.points().size(), 1);
    QCOMPARE(history.infinite(), 1);
    QVERIFY(std::isinf(history.last()));
  }

  void aResumedRunForgetsWhatItRepeats() {
    SeriesHistory history;
    for (int step = 1; step <= 100; ++step) history.append(step, step);
    history.append(61, -1);  // resumed from a checkpoint at step 60
    QCOMPARE(history.points().size(), 61);
    QCOMPARE(history.points().back().mean, -1.0);
    QCOMPARE(history.points()[59].mean, 60.0);
  }

  void aFetchedPastGoesOn() {
    SeriesHistory history;
    history.assign({10, 20, 30}, {1, 2, 3}, {0, 1, 2}, {2, 3, 4}, 30);
    QCOMPARE(history.points().size(), 3);
    QCOMPARE(history.points()[1].max, 3.0);
    QCOMPARE(history.total(), 30);
    for (int step = 31; step <= 40; ++step) history.append(step, 4);
    QCOMPARE(history.points().size(), 4);  // merged at the rate of the past
    QCOMPARE(history.points().back().step, 40.0);
    history.assign({}, {}, {}, {}, 0);
    QVERIFY(history.isEmpty());
  }

  void positionsAreInterpolated() {
    AxisHistory seconds;
    QVERIFY(std::isnan(seconds.at(1)));
    seconds.append(10, 1);
    seconds.append(20, 3);
    QCOMPARE(seconds.at(10), 1.0);
    QCOMPARE(seconds.at(15), 2.0);
    QCOMPARE(seconds.at(5), 1.0);    // before the first
    QCOMPARE(seconds.at(100), 3.0);  // after the last
  }

  void positionsStayExactAtTheEndAndNearElsewhere() {
    AxisHistory seconds;
    for (int step = 1; step <= 100000; ++step) {
      seconds.append(step, step * 0.25);
      QCOMPARE(seconds.last(), step * 0.25);
    }
    QVERIFY(seconds.steps().size() <= SeriesHistory::kCapacity + 1);
    QVector<HistoryPoint> points;
    for (int step = 1; step <= 100000; step += 37) {
      QVERIFY(std::abs(seconds.at(step) - step * 0.25) < 1e-9);  // linear, so that only rounding is left
      points.push_back({double(step), 0, 0, 0, 1});
    }
    const QVector<double> many = seconds.at(points);
    for (int i = 0; i < points.size(); ++i) QCOMPARE(many[i], seconds.at(points[i].step));
  }
};

CONCERTINA_TEST(SeriesHistoryTest)

}  // namespace concertina::ui::series_history_test

#include "series_history_test.moc"
