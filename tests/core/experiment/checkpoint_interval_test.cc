// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_interval_test.cc: the suggested interval costs no more than any other.
#include "core/experiment/checkpoint_interval.h"

#include <QTest>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::checkpoint_interval_test {
namespace {

// Wall time for a second of work with checkpoints every `interval`, failures of an exponential distribution
// and no time to restart [Daly 2006, equation 20].
double Cost(double interval, double checkpoint, double mtbf) {
  return mtbf * std::expm1((interval + checkpoint) / mtbf) / interval;
}

}  // namespace

class CheckpointIntervalTest : public QObject {
  Q_OBJECT
 private slots:
  void dalysIsWithinAThousandthOfTheCheapest_data() {
    QTest::addColumn<double>("checkpoint");
    QTest::addColumn<double>("mtbf");
    for (const double checkpoint : {0.01, 1.0, 60.0, 600.0})
      for (const double mtbf : {3600.0, 86400.0, 3.6e6})
        QTest::addRow("%g s, %g s", checkpoint, mtbf) << checkpoint << mtbf;
  }
  void dalysIsWithinAThousandthOfTheCheapest() {
    QFETCH(double, checkpoint);
    QFETCH(double, mtbf);
    double cheapest = 1e300;
    for (double interval = checkpoint / 100; interval < 10 * mtbf; interval *= 1.002)
      cheapest = std::min(cheapest, Cost(interval, checkpoint, mtbf));
    const double daly = Cost(DalyInterval(checkpoint, mtbf), checkpoint, mtbf);
    QVERIFY2(daly <= cheapest * 1.001, qPrintable(QString("%1, %2").arg(daly).arg(cheapest)));
    // Young's is the first order of it.
    if (checkpoint < mtbf / 1000)
      QVERIFY(Cost(YoungInterval(checkpoint, mtbf), checkpoint, mtbf) <= cheapest * 1.001);
  }
  void youngsIsTheRootOfTwiceTheProduct() { QCOMPARE(YoungInterval(2, 900), 60.0); }
  void whoNeedsLongerThanFailuresTakeKeepsOnAsOftenAsTheyCome() {
    QCOMPARE(DalyInterval(2000, 1000), 1000.0);
    QVERIFY(DalyInterval(0, 1000) == 0);
  }
  void moreWorkersFailMoreOften() {
    const auto one = CheckpointJson({.bytes = 4e8, .worker_mtbf_hours = 1000, .workers = 1});
    const auto many = CheckpointJson({.bytes = 4e8, .worker_mtbf_hours = 1000, .workers = 100});
    QCOMPARE(one["seconds"].get<double>(), 2.0);  // at the assumed 200 MB/s
    QVERIFY(!one["measured"].get<bool>());
    QCOMPARE(one["mtbf_seconds"].get<double>(), 3.6e6);
    QCOMPARE(many["mtbf_seconds"].get<double>(), 3.6e4);
    QCOMPARE(one["young_seconds"].get<double>(), 10 * many["young_seconds"].get<double>());
  }
};

CONCERTINA_TEST(CheckpointIntervalTest)

}  // namespace concertina::checkpoint_interval_test

#include "checkpoint_interval_test.moc"
