// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// flush_denormals_test.cc: denormals are zeros while it lives, in threads started then too, and not after.
#include "core/base/flush_denormals.h"

#include <QTest>
#include <cmath>
#include <thread>
#include "tests/test_program.h"

namespace concertina::flush_denormals_test {
namespace {

// A momentum that nobody feeds: 0.9^n, which would otherwise stay at a few times 1.4e-45 for good.
float Decayed() {
  volatile float momentum = 1e-3F;
  volatile const float factor = 0.9F;
  for (int step = 0; step < 2000; ++step) momentum = momentum * factor;
  return momentum;
}

}  // namespace

class FlushDenormalsTest : public QObject {
  Q_OBJECT
 private slots:
  void aDecayingMomentumEndsAtZero() {
    QCOMPARE(std::fpclassify(Decayed()), FP_SUBNORMAL);
    {
      const FlushDenormals flushed;
      QVERIFY(Decayed() == 0);
    }
    QCOMPARE(std::fpclassify(Decayed()), FP_SUBNORMAL);
  }
  void threadsStartedMeanwhileFlushToo() {
    float decayed = 1;
    const FlushDenormals flushed;
    std::thread([&] { decayed = Decayed(); }).join();
    QVERIFY(decayed == 0);
  }
};

CONCERTINA_TEST(FlushDenormalsTest)

}  // namespace concertina::flush_denormals_test

#include "flush_denormals_test.moc"
