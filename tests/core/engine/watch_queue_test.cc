// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// watch_queue_test.cc: what a slow reader loses, and that it is told.
#include <QTest>

#include "core/engine/watch.h"
#include "tests/test_program.h"

namespace concertina::watch_queue_test {
namespace {

SharedWatchMessage Metrics(int steps, int64_t first = 0) {
  auto message = std::make_shared<proto::WatchMessage>();
  for (int i = 0; i < steps; ++i) message->mutable_metrics()->add_steps(first + i);
  return message;
}
SharedWatchMessage Summary(int64_t steps) {
  auto message = std::make_shared<proto::WatchMessage>();
  message->mutable_summary()->set_steps(steps);
  return message;
}
SharedWatchMessage Line(const std::string& line) {
  auto message = std::make_shared<proto::WatchMessage>();
  message->mutable_log()->set_line(line);
  return message;
}

}  // namespace

class WatchQueueTest : public QObject {
  Q_OBJECT
 private slots:
  void theOldestMetricsGoAndTheirStepsAreCounted() {
    WatchQueue queue;
    for (size_t i = 0; i < WatchQueue::kMaxMetrics + 3; ++i) queue.Push(Metrics(10, static_cast<int64_t>(i)));
    QCOMPARE(queue.size(), WatchQueue::kMaxMetrics);
    const SharedWatchMessage first = queue.Pop();
    QCOMPARE(first->metrics().steps(0), int64_t{3});
    QCOMPARE(first->metrics().dropped(), uint64_t{30});
    QCOMPARE(queue.Pop()->metrics().dropped(), uint64_t{0});  // told once
  }
  void aFullQueueStaysBoundedAndRefills() {
    WatchQueue queue;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 500; ++i) queue.Push(Metrics(1));
      for (int i = 0; i < 5000; ++i) queue.Push(Line("x"));
      QCOMPARE(queue.size(), WatchQueue::kMaxMetrics + WatchQueue::kMaxOthers);
      while (!queue.empty()) queue.Pop();
    }
  }
  void onlyTheNewestSummaryWaitsAndItComesLast() {
    WatchQueue queue;
    queue.Push(Summary(1));
    queue.Push(Metrics(1));
    queue.Push(Summary(2));
    QCOMPARE(queue.size(), size_t{2});
    QVERIFY(queue.Pop()->has_metrics());
    QCOMPARE(queue.Pop()->summary().steps(), int64_t{2});
    QVERIFY(queue.empty());
  }
  void linesKeepTheirOrderAndTheNewest() {
    WatchQueue queue;
    for (size_t i = 0; i < WatchQueue::kMaxOthers + 1; ++i) queue.Push(Line(std::to_string(i)));
    QCOMPARE(queue.Pop()->log().line(), std::string("1"));
    QCOMPARE(queue.Pop()->log().line(), std::string("2"));
  }
  void ofEachRunTheNewestSummaryWaits() {
    RunsQueue queue;
    for (int64_t steps = 0; steps < 100; ++steps) {
      for (const char* id : {"a", "b"}) {
        auto summary = std::make_shared<proto::RunSummary>();
        summary->set_run(id);
        summary->set_steps(steps);
        queue.Push(std::move(summary));
      }
    }
    QCOMPARE(queue.size(), size_t{2});
    QCOMPARE(queue.Pop()->steps(), int64_t{99});
    QCOMPARE(queue.Pop()->steps(), int64_t{99});
  }
};

CONCERTINA_TEST(WatchQueueTest)

}  // namespace concertina::watch_queue_test

#include "watch_queue_test.moc"
