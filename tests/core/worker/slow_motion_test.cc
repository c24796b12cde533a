// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slow_motion_test.cc: an emulated slow worker is never faster than it says.
#include "core/worker/slow_motion.h"

#include <QTest>
#include "tests/test_program.h"

namespace concertina::slow_motion_test {
namespace {

double Now() { return Clock::Real().SteadySeconds(); }

// Computes for `seconds` of this thread's own time.
void Compute(double seconds) {
  const double until = Now() + seconds;
  while (Now() < until) {
  }
}

}  // namespace

class SlowMotionTest : public QObject {
  Q_OBJECT
 private slots:
  void aPassTakesAtLeastItsShare_data() {
    QTest::addColumn<double>("speed");
    QTest::addColumn<int>("holds");
    QTest::newRow("half, in one piece") << 0.5 << 0;
    QTest::newRow("half, gradient by gradient") << 0.5 << 8;
    QTest::newRow("a tenth") << 0.1 << 3;
    QTest::newRow("pieces too short to sleep for") << 0.9 << 100;
  }
  void aPassTakesAtLeastItsShare() {
    QFETCH(double, speed);
    QFETCH(int, holds);
    const double began = Now();
    SlowMotion slow(speed);
    double computed = 0;
    for (int i = 0; i <= holds; ++i) {
      Compute(0.01 / (holds + 1));
      computed += 0.01 / (holds + 1);
      if (i < holds) slow.Hold();
    }
    slow.Finish();
    QVERIFY(Now() - began >= computed / speed);
  }
  void fullSpeedNeverSleeps() {
    // Neither call may sleep, so a million take far less than a sleep each would.
    SlowMotion slow(1);
    const double began = Now();
    for (int i = 0; i < 1000000; ++i) slow.Hold();
    slow.Finish();
    QVERIFY(Now() - began < 50);
  }
};

CONCERTINA_TEST(SlowMotionTest)

}  // namespace concertina::slow_motion_test

#include "slow_motion_test.moc"
