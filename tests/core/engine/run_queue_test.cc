// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_queue_test.cc: order, and what fits beside what.
#include "core/engine/run_queue.h"

#include <QTest>
#include "tests/test_program.h"

namespace concertina::run_queue_test {

class RunQueueTest : public QObject {
  Q_OBJECT
 private slots:
  void theFirstStartsHoweverLarge() {
    RunQueue queue(2);
    queue.Push("large", 64);
    QCOMPARE(queue.TakeNext(0, 0), std::optional<std::string>("large"));
    QCOMPARE(queue.TakeNext(1, 64), std::optional<std::string>());
  }
  void runsShareTheMachineOnlyWhileThereAreCores() {
    RunQueue queue(4);
    queue.Push("a", 2);
    queue.Push("b", 2);
    queue.Push("c", 1);
    QCOMPARE(queue.TakeNext(0, 0), std::optional<std::string>("a"));
    QCOMPARE(queue.TakeNext(1, 2), std::optional<std::string>("b"));
    QVERIFY(!queue.TakeNext(2, 4));
  }
  void noneOvertakes() {
    RunQueue queue(4);
    queue.Push("large", 4);
    queue.Push("small", 1);
    QVERIFY(!queue.TakeNext(1, 1));  // though the small one would fit
    QCOMPARE(queue.PositionOf("large"), 1);
    QCOMPARE(queue.PositionOf("small"), 2);
    QCOMPARE(queue.PositionOf("none"), 0);
    queue.Remove("large");
    QCOMPARE(queue.TakeNext(1, 1), std::optional<std::string>("small"));
    QCOMPARE(queue.size(), size_t{0});
  }
  void whatIsStillPreparedKeepsItsPlace() {
    RunQueue queue(4);
    queue.Reserve("first");
    queue.Reserve("second");
    queue.Push("second", 1);  // prepared sooner
    queue.Push("third", 1);
    QVERIFY(!queue.TakeNext(0, 0));
    QCOMPARE(queue.PositionOf("second"), 2);
    queue.Reserve("first");  // it has one
    queue.Push("first", 2);
    QCOMPARE(queue.size(), size_t{3});
    for (const char* next : {"first", "second", "third"})
      QCOMPARE(queue.TakeNext(0, 0), std::optional<std::string>(next));
    queue.Reserve("broken");
    queue.Push("behind", 1);
    queue.Remove("broken");
    QCOMPARE(queue.TakeNext(0, 0), std::optional<std::string>("behind"));
  }
};

CONCERTINA_TEST(RunQueueTest)

}  // namespace concertina::run_queue_test

#include "run_queue_test.moc"
