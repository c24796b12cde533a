// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// successive_halving_test.cc: who goes on and who is held, on a made-up score whose best point is known.
#include "core/analysis/successive_halving.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/test_program.h"

namespace concertina::successive_halving_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
const std::vector<HalvingRung> kEightToOne = {{8, 1}, {4, 2}, {2, 4}, {1, 8}};

// Point i approaches 1 - i/20 at its own pace; at every rung the smaller index is ahead.
double madeUpScore(size_t point, double epochs) { return (1 - double(point) / 20) * (1 - std::exp(-epochs)); }

// Trains whoever climbs, in the order that `order` gives; the trace is "0 1 2|0 1|0".
QString climbed(std::vector<HalvingPoint> points, const std::vector<size_t>& order, bool more_is_better) {
  QStringList trace;
  for (HalvingMove move = NextMove(kEightToOne, points, more_is_better); !move.is_over;
       move = NextMove(kEightToOne, points, more_is_better)) {
    QStringList names;
    for (const size_t point : move.climbing) names << QString::number(point);
    trace << names.join(' ');
    for (const size_t point : order) {
      if (std::find(move.climbing.begin(), move.climbing.end(), point) == move.climbing.end()) continue;
      points[point].scores.resize(move.rung + 1, kNone);
      points[point].scores[move.rung] = madeUpScore(point, kEightToOne[move.rung].epochs);
      // Until all are there, nobody goes on to the next rung.
      const HalvingMove between = NextMove(kEightToOne, points, more_is_better);
      if (between.rung != move.rung) break;
    }
  }
  return trace.join('|');
}

}  // namespace

class SuccessiveHalvingTest : public QObject {
  Q_OBJECT
 private slots:
  void theBestHalfGoesOn() {
    const std::vector<size_t> forwards = {0, 1, 2, 3, 4, 5, 6, 7}, mixed = {5, 3, 7, 1, 0, 6, 2, 4};
    const QString largest = "0 1 2 3 4 5 6 7|0 1 2 3|0 1|0";
    QCOMPARE(climbed(std::vector<HalvingPoint>(8), forwards, true), largest);
    // Whoever comes first to a rung has no advantage.
    QCOMPARE(climbed(std::vector<HalvingPoint>(8), mixed, true), largest);
    // Of a loss the smallest; point 7 is the least at every rung. The best climbs first.
    QCOMPARE(climbed(std::vector<HalvingPoint>(8), mixed, false), "0 1 2 3 4 5 6 7|7 6 5 4|7 6|7");
  }

  void itGoesOnFromWhatItsRunsSay() {
    std::vector<HalvingPoint> points(8);
    for (size_t i = 0; i < 8; ++i) points[i].scores = {madeUpScore(i, 1)};
    points[2].scores.push_back(madeUpScore(2, 2));
    const HalvingMove move = NextMove(kEightToOne, points, true);
    QCOMPARE(move.rung, size_t{1});
    QVERIFY((move.climbing == std::vector<size_t>{0, 1, 3}));
    QVERIFY((move.held == std::vector<size_t>{2, 4, 5, 6, 7}));
    QVERIFY(!move.is_over);
  }

  void whoFailsIsNotWaitedFor() {
    std::vector<HalvingPoint> points(8);
    points[0].has_failed = true;
    QCOMPARE(climbed(points, {0, 1, 2, 3, 4, 5, 6, 7}, true), "1 2 3 4 5 6 7|1 2 3 4|1 2|1");
    for (HalvingPoint& point : points) point.has_failed = true;
    const HalvingMove move = NextMove(kEightToOne, points, true);
    QVERIFY(move.is_over);
    QVERIFY(move.climbing.empty());
  }

  void ofTwoAlikeTheFirstIsBetter() {
    const std::vector<HalvingPoint> points = {{{0.5}, false}, {{0.7}, false}, {{0.7}, false}, {{0.7}, false}};
    const std::vector<size_t> all = {3, 2, 1, 0};
    QVERIFY((Promoted(points, all, 0, 2, true) == std::vector<size_t>{1, 2}));
    QVERIFY((Promoted(points, all, 0, 1, false) == std::vector<size_t>{0}));
    QVERIFY(Promoted(points, all, 1, 2, true).empty());  // nobody has been there
  }

  void oneRungIsAll() {
    const std::vector<HalvingRung> one = {{2, 3}};
    std::vector<HalvingPoint> points(2);
    QVERIFY((NextMove(one, points, true).climbing == std::vector<size_t>{0, 1}));
    points[0].scores = points[1].scores = {1};
    QVERIFY(NextMove(one, points, true).is_over);
    QCOMPARE(NextMove(one, points, true).rung, size_t{0});
  }
};

CONCERTINA_TEST(SuccessiveHalvingTest)

}  // namespace concertina::successive_halving_test

#include "successive_halving_test.moc"
