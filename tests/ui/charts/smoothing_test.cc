// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing_test.cc: the running mean against the plain sum, however the curve was thinned; what a slider
// means; the exponential one is tested with the picture it goes into (layer_test.cc).
#include "ui/charts/smoothing.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "tests/test_program.h"

namespace concertina::ui::smoothing_test {

using Kind = Smoothing::Kind;

QVector<double> runningMeanOf(const QVector<double>& values, const QVector<double>& count, int points) {
  return smoothed(values, count, {.kind = Kind::kRunningMean, .points = points});
}

class SmoothingTest : public QObject {
  Q_OBJECT

 private slots:
  void aRunningMeanIsOfTheLastPoints() {
    QCOMPARE(runningMeanOf({1, 2, 3, 4, 8}, {}, 3), QVector<double>({1, 1.5, 2, 3, 5}));
    QCOMPARE(runningMeanOf({1, 2, 3}, {}, 1), QVector<double>({1, 2, 3}));
    QCOMPARE(runningMeanOf({1, 2, 3}, {}, 100), QVector<double>({1, 1.5, 2}));
    QVERIFY(runningMeanOf({}, {}, 3).isEmpty());
  }

  // Points that fell together count as many, and the oldest with the share that is still in the window.
  // 1e-12: rounding of sums of at most 30 values of at most 1.
  void aRunningMeanDoesNotDependOnThinning() {
    std::mt19937 draw(7);
    bool took_a_share = false;
    for (int trial = 0; trial < 500; ++trial) {
      const int points = 2 + int(draw() % 29);
      QVector<double> whole, merged, count;
      for (int i = 0; i < 40; ++i) {
        const double value = std::sin(double(draw() % 1000));
        const int together = 1 + int(draw() % 5);
        merged.push_back(value);
        count.push_back(together);
        for (int k = 0; k < together; ++k) whole.push_back(value);
      }
      const QVector<double> average = runningMeanOf(merged, count, points);
      qsizetype end = 0;
      for (int i = 0; i < 40; ++i) {
        end += qsizetype(count[i]);
        const qsizetype begin = std::max<qsizetype>(0, end - points);
        double sum = 0;
        for (qsizetype k = begin; k < end; ++k) sum += whole[k];
        QVERIFY2(std::abs(sum / double(end - begin) - average[i]) < 1e-12,
                 qPrintable(QStringLiteral("trial %1, point %2").arg(trial).arg(i)));
        took_a_share = took_a_share || (begin > 0 && whole[begin] == whole[begin - 1]);
      }
    }
    QVERIFY(took_a_share);
  }

  // A sum that goes along would keep what rounding left of it for ever.
  void aSpikeLeavesTheMeanWithTheWindow() {
    QVector<double> values(100, 0.25);
    values[10] = 1e30;
    const QVector<double> average = runningMeanOf(values, {}, 8);
    QVERIFY(average[17] > 1e29);
    for (int i = 18; i < 100; ++i) QCOMPARE(average[i], 0.25);
  }

  void whatIsNotFiniteDoesNotEnter() {
    const QVector<double> average = runningMeanOf({qQNaN(), 1, qQNaN(), 3, qInf(), 5}, {}, 2);
    QVERIFY(std::isnan(average[0]));
    QCOMPARE(average.mid(1), QVector<double>({1, 1, 2, 2, 4}));
  }

  // Both averages of a slider are as late: of a ramp they lie as far behind. 2 %: the points are whole ones.
  void oneSliderMeansOneLag() {
    QCOMPARE(smoothingOf(0), Smoothing{});
    QVERIFY(!smoothingOf(0).isOn() && !smoothingOf(0, Kind::kRunningMean).isOn());
    QVERIFY(std::abs(smoothingOf(50).beta - 0.9) < 1e-12);
    QCOMPARE(smoothingOf(50, Kind::kRunningMean).points, 19);
    QCOMPARE(smoothingOf(100, Kind::kRunningMean).points, 199);
    QVector<double> ramp;
    for (int i = 0; i < 4000; ++i) ramp.push_back(i);
    for (const int percent : {25, 50, 75, 100}) {
      const double exponential = smoothed(ramp, {}, smoothingOf(percent)).back();
      const double running = smoothed(ramp, {}, smoothingOf(percent, Kind::kRunningMean)).back();
      QVERIFY2(std::abs((3999 - exponential) - (3999 - running)) <= 0.02 * (3999 - exponential) + 0.25,
               qPrintable(QStringLiteral("%1 %: %2, %3").arg(percent).arg(exponential).arg(running)));
    }
  }
};

CONCERTINA_TEST(SmoothingTest)

}  // namespace concertina::ui::smoothing_test

#include "smoothing_test.moc"
