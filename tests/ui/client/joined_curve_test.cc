// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_curve_test.cc: a live series against another: earlier values only, and of merged steps all of them.
#include "ui/client/joined_curve.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::ui::joined_curve_test {

class JoinedCurveTest : public QObject {
  Q_OBJECT

  static Curve over(const QVector<double>& steps, const QVector<double>& values,
                    const QVector<double>& counts = {}) {
    return {steps, values, values, values, counts};
  }

 private slots:
  void eachPointGetsTheValueOfItsStepOrTheOneBefore() {
    const Curve joined =
        joinedBySteps(over({3, 5, 10, 19, 20, 99}, {0, 1, 2, 3, 4, 5}), over({5, 10, 20, 30}, {7, 3, 4, 1}));
    QCOMPARE(joined.step, QVector<double>({5, 10, 19, 20, 99}));  // at 3 there was no x
    QCOMPARE(joined.x, QVector<double>({7, 3, 3, 4, 1}));
    QCOMPARE(joined.mean, QVector<double>({1, 2, 3, 4, 5}));
    QCOMPARE(joined.x_min, joined.x);
  }

  // Of steps 8 to 11, whose mean is 9.5, 11 is later than 10.
  void aMergedXIsTakenWhenItIsOver() {
    const Curve x = over({1.5, 5.5, 9.5, 12}, {1, 2, 3, 4}, {4, 4, 4, 1});
    const Curve joined = joinedBySteps(over({2, 10, 12}, {0, 1, 2}), x);
    QCOMPARE(joined.step, QVector<double>({10, 12}));
    QCOMPARE(joined.x, QVector<double>({2, 4}));
  }

  void mergedStepsHaveTheMeanAndTheRangeOfX() {
    const Curve x = over({0, 1, 2, 3, 4, 5}, {5, 1, 3, 8, 6, 7});
    const Curve joined = joinedBySteps(over({1, 4}, {0.5, 0.6}, {3, 3}), x);
    QCOMPARE(joined.x, QVector<double>({3, 7}));
    QCOMPARE(joined.x_min, QVector<double>({1, 6}));
    QCOMPARE(joined.x_max, QVector<double>({5, 8}));
    QCOMPARE(joined.count, QVector<double>({3, 3}));
  }

  void nothingIsNoError() {
    QVERIFY(joinedBySteps({}, over({1}, {1})).isEmpty());
    QVERIFY(joinedBySteps(over({1}, {1}), {}).isEmpty());
    QVERIFY(joinedBySteps(over({1}, {1}), over({1}, {qQNaN()})).isEmpty());
  }
};

CONCERTINA_TEST(JoinedCurveTest)

}  // namespace concertina::ui::joined_curve_test

#include "joined_curve_test.moc"
