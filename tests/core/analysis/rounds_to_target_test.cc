// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rounds_to_target_test.cc: the counting rule of McMahan et al. 2017, section 3.
#include "core/analysis/rounds_to_target.h"

#include <QTest>
#include <cmath>
#include <limits>
#include "tests/test_program.h"

namespace concertina::rounds_to_target_test {

using Numbers = QVector<double>;

class RoundsToTargetTest : public QObject {
  Q_OBJECT
 private slots:
  void theRule_data() {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    QTest::addColumn<Numbers>("x");
    QTest::addColumn<Numbers>("accuracy");
    QTest::addColumn<double>("rounds");  // to 0.9
    QTest::newRow("between two points") << Numbers{1, 2, 3} << Numbers{0.5, 0.8, 1.0} << 2.5;
    QTest::newRow("on a point") << Numbers{1, 2, 3} << Numbers{0.5, 0.9, 1.0} << 2.0;
    QTest::newRow("the curve is made monotone") << Numbers{1, 2, 3, 4} << Numbers{0.5, 0.8, 0.2, 1.0} << 3.5;
    QTest::newRow("the first time counts") << Numbers{1, 2, 3, 4} << Numbers{0.8, 1.0, 0.2, 0.95} << 1.5;
    QTest::newRow("evaluated now and then") << Numbers{10, 20, 40} << Numbers{0.1, 0.85, 0.95} << 30.0;
    QTest::newRow("at once") << Numbers{5, 6} << Numbers{0.95, 0.99} << 5.0;
    QTest::newRow("after nothing learnt") << Numbers{1, 2} << Numbers{0.0, 1.0} << 1.9;
    QTest::newRow("not measured is passed over") << Numbers{1, 2, 3} << Numbers{0.8, kNan, 1.0} << 2.0;
    QTest::newRow("never") << Numbers{1, 2} << Numbers{0.5, 0.8999} << kNan;
    QTest::newRow("nothing") << Numbers{} << Numbers{} << kNan;
  }
  void theRule() {
    QFETCH(Numbers, x);
    QFETCH(Numbers, accuracy);
    QFETCH(double, rounds);
    const double got = RoundsToTarget({x.data(), static_cast<size_t>(x.size())},
                                      {accuracy.data(), static_cast<size_t>(accuracy.size())}, 0.9);
    QVERIFY2(std::isnan(rounds) ? std::isnan(got) : std::abs(got - rounds) < 1e-9,
             qPrintable(QString::number(got)));
  }
};

CONCERTINA_TEST(RoundsToTargetTest)

}  // namespace concertina::rounds_to_target_test

#include "rounds_to_target_test.moc"
