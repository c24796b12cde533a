// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_loop_test.cc: order, timers, and what happens at the end.
#include "core/engine/engine_loop.h"

#include <QTest>
#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/test_program.h"

namespace concertina::engine_loop_test {

class EngineLoopTest : public QObject {
  Q_OBJECT
 private slots:
  void tasksRunInOrderOnOneThread() {
    EngineLoop loop;
    std::vector<int> order;
    for (int i = 0; i < 1000; ++i)
      loop.Post([&, i] {
        if (loop.is_current()) order.push_back(i);
      });
    loop.Run([] {});
    QCOMPARE(order.size(), size_t{1000});
    QVERIFY(std::is_sorted(order.begin(), order.end()));
  }
  void manyThreadsMayPost() {
    EngineLoop loop;
    int count = 0;  // the loop's own
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) loop.Post([&] { ++count; });
      });
    for (std::thread& thread : threads) thread.join();
    loop.Run([&] { QCOMPARE(count, 4000); });
  }
  void timersRunInTheOrderOfTheirTimes() {
    EngineLoop loop;
    std::vector<int> order;
    absl::Notification done;
    loop.Run([&] {
      loop.After(0.03, [&] {
        order.push_back(3);
        done.Notify();
      });
      loop.After(0.01, [&] { order.push_back(1); });
      const auto cancelled = loop.After(0.015, [&] { order.push_back(99); });
      loop.After(0.02, [&] { order.push_back(2); });
      loop.Cancel(cancelled);
    });
    QVERIFY(done.WaitForNotificationWithTimeout(absl::Seconds(5)));
    QCOMPARE(order, (std::vector<int>{1, 2, 3}));
  }
  void aTaskMayRunAnotherAtOnce() {
    EngineLoop loop;
    bool ran = false;
    loop.Run([&] { loop.Run([&] { ran = true; }); });
    QVERIFY(ran);
  }
  void whatWasPostedBeforeTheEndIsRunAndNothingAfter() {
    EngineLoop loop;
    std::atomic<int> count = 0;
    for (int i = 0; i < 100; ++i) loop.Post([&] { ++count; });
    loop.Stop();
    QCOMPARE(count.load(), 100);
    loop.Post([&] { ++count; });
    loop.Run([&] { ++count; });  // must not wait for ever
    QCOMPARE(count.load(), 100);
  }
  void withoutAThreadItIsTurnedInTheTimeThatIsTold() {
    VirtualClock clock;
    EngineLoop loop(clock);
    std::vector<int> order;
    QVERIFY(!loop.RunNext());
    QVERIFY(!loop.next_timer().has_value());
    loop.After(2, [&] { order.push_back(3); });
    loop.After(1, [&] {
      order.push_back(2);
      loop.Post([&] { order.push_back(4); });
    });
    loop.Post([&] { order.push_back(1); });
    QVERIFY(order.empty());  // nothing runs by itself
    QVERIFY(loop.RunNext());
    QVERIFY(!loop.RunNext());  // no timer is due
    QCOMPARE(*loop.next_timer(), 1.0);
    clock.Advance(1);
    QVERIFY(loop.RunNext());
    QCOMPARE(loop.now(), 1.0);
    QCOMPARE(loop.wall_unix_ms(), int64_t{1000});
    clock.Advance(1);
    while (loop.RunNext()) {
    }
    QCOMPARE(order, (std::vector<int>{1, 2, 4, 3}));  // what was posted comes before timers
    bool ran = false;
    loop.Run([&] { ran = loop.is_current(); });  // whoever turns it is its thread
    QVERIFY(ran);
  }
};

CONCERTINA_TEST(EngineLoopTest)

}  // namespace concertina::engine_loop_test

#include "engine_loop_test.moc"
