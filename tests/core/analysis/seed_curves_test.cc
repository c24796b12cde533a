// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// seed_curves_test.cc: the mean of several curves, where all of them are, and the band between the outermost.
#include "core/analysis/seed_curves.h"

#include <QTest>
#include <cmath>
#include <limits>

#include "tests/test_program.h"

namespace concertina::seed_curves_test {

using Numbers = std::vector<double>;

class SeedCurvesTest : public QObject {
  Q_OBJECT
 private slots:
  void atTheSameStepsTheMeanIsThatOfThePoints() {
    const Numbers x = {1, 2, 3}, a = {1, 2, 6}, b = {3, 2, 0};
    const CurveBand band = MeanOverSeeds(std::vector<SeedCurve>{{x, a}, {x, b}});
    QCOMPARE(band.x, x);
    QCOMPARE(band.mean, (Numbers{2, 2, 3}));
    QCOMPARE(band.low, (Numbers{1, 2, 0}));
    QCOMPARE(band.high, (Numbers{3, 2, 6}));
  }

  // y = x and y = 10 x at different x, over what both cover: 1 to 3.
  void betweenPointsTheyAreRead() {
    const Numbers xa = {0, 1, 2.5, 3, 9}, ya = {0, 1, 2.5, 3, 9}, xb = {1, 2, 3}, yb = {10, 20, 30};
    const CurveBand band = MeanOverSeeds(std::vector<SeedCurve>{{xa, ya}, {xb, yb}});
    QCOMPARE(band.x, (Numbers{1, 2, 2.5, 3}));
    for (size_t i = 0; i < band.x.size(); ++i) {
      QCOMPARE(band.mean[i], 5.5 * band.x[i]);
      QCOMPARE(band.low[i], band.x[i]);
      QCOMPARE(band.high[i], 10 * band.x[i]);
    }
  }

  void whatIsNotFiniteIsPassedOver() {
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    const Numbers x = {1, 2, 3}, a = {1, nan, 3}, b = {1, infinity, 3};
    const CurveBand band = MeanOverSeeds(std::vector<SeedCurve>{{x, a}, {x, b}});
    QCOMPARE(band.x, (Numbers{1, 3}));
    QCOMPARE(band.mean, (Numbers{1, 3}));
  }

  void oneCurveIsItself() {
    const Numbers x = {1, 2}, y = {5, 7};
    const CurveBand band = MeanOverSeeds(std::vector<SeedCurve>{{x, y}});
    QCOMPARE(band.x, x);
    QCOMPARE(band.mean, y);
    QCOMPARE(band.low, band.high);
  }

  void withoutCommonGroundThereIsNothing() {
    const Numbers early = {1, 2}, late = {5, 7}, none;
    QVERIFY(MeanOverSeeds({}).x.empty());
    QVERIFY(MeanOverSeeds(std::vector<SeedCurve>{{early, early}, {late, late}}).x.empty());
    QVERIFY(MeanOverSeeds(std::vector<SeedCurve>{{early, early}, {none, none}}).x.empty());
  }

  // The mean lies in the band, and where all are equal the band has no height.
  void theMeanLiesInTheBand() {
    std::vector<Numbers> x(5), y(5);
    uint32_t state = 7;
    const auto next = [&state] { return double(state = state * 1664525u + 1013904223u) / 4294967296.0; };
    std::vector<SeedCurve> curves;
    for (size_t seed = 0; seed < x.size(); ++seed) {
      for (double at = next(); at < 100; at += 0.01 + next()) {
        x[seed].push_back(at);
        y[seed].push_back(next() - 0.5);
      }
      curves.push_back({x[seed], y[seed]});
    }
    const CurveBand band = MeanOverSeeds(curves);
    QVERIFY(band.x.size() > 500);
    for (size_t i = 0; i < band.x.size(); ++i) {
      QVERIFY(i == 0 || band.x[i - 1] < band.x[i]);
      QVERIFY(band.low[i] <= band.mean[i] && band.mean[i] <= band.high[i]);
    }
  }
};

CONCERTINA_TEST(SeedCurvesTest)

}  // namespace concertina::seed_curves_test

#include "seed_curves_test.moc"
