// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// span_ring_test.cc: spans are kept while somebody records, the newest of more than there is room for.
#include "core/base/span_ring.h"

#include <QTest>
#include <thread>

#include "tests/test_program.h"

namespace concertina::span_ring_test {

class SpanRingTest : public QObject {
  Q_OBJECT

  static Span SpanOf(double begin) { return {.begin_seconds = begin, .end_seconds = begin + 1}; }

 private slots:
  void nothingIsKeptUntilSomebodyRecords() {
    SpanRing ring(4);
    ring.Add(SpanOf(1));
    {
      const SpanTimer timer(&ring, SpanKind::kForward);
      QVERIFY(!timer.is_on());
    }
    QVERIFY(ring.Take().records.empty());
    ring.Begin();
    QVERIFY(ring.is_on());
    ring.Add(SpanOf(2));
    QCOMPARE(ring.Take().records.size(), size_t{1});
    QVERIFY(!ring.is_on());
    ring.Add(SpanOf(3));
    QVERIFY(ring.Take().records.empty());
  }

  void ofTooManyTheOldestGoAndAreCounted_data() {
    QTest::addColumn<int>("room");
    QTest::addColumn<int>("added");
    QTest::newRow("none") << 3 << 0;
    QTest::newRow("one less") << 3 << 2;
    QTest::newRow("just full") << 3 << 3;
    QTest::newRow("one more") << 3 << 4;
    QTest::newRow("round and round") << 3 << 100;
    QTest::newRow("room for one") << 1 << 5;
    QTest::newRow("no room") << 0 << 5;
  }
  void ofTooManyTheOldestGoAndAreCounted() {
    QFETCH(int, room);
    QFETCH(int, added);
    SpanRing ring(static_cast<size_t>(room));
    for (int again = 0; again < 2; ++again) {  // what an earlier recording left is forgotten
      ring.Begin();
      for (int i = 0; i < added; ++i) ring.Add(SpanOf(i));
      const SpanRing::Taken taken = ring.Take();
      const int kept = std::min(room, added);
      QCOMPARE(static_cast<int>(taken.records.size()), kept);
      QCOMPARE(static_cast<int>(taken.dropped), room == 0 ? 0 : added - kept);
      for (int i = 0; i < kept; ++i)
        QCOMPARE(taken.records[static_cast<size_t>(i)].begin_seconds, double(added - kept + i));
    }
  }

  void aTimerGivesItsBlockWithStepAndBytes() {
    SpanRing ring(4);
    ring.Begin();
    ring.SetStep(7);
    const double before = SteadyNow();
    {
      SpanTimer outer(&ring, SpanKind::kBackward, SpanRow::kStep, 3);
      SpanTimer inner(&ring, SpanKind::kExchange, SpanRow::kCommunication, 1);
      inner.SetBytes(99);
      inner.End();
      inner.End();  // once is enough
    }
    const SpanRing::Taken taken = ring.Take();
    QCOMPARE(taken.records.size(), size_t{2});
    const Span &inner = taken.records[0], &outer = taken.records[1];
    QVERIFY(inner.kind == SpanKind::kExchange && inner.row == SpanRow::kCommunication);
    QCOMPARE(inner.number, 1);
    QCOMPARE(inner.bytes, uint64_t{99});
    QVERIFY(outer.kind == SpanKind::kBackward && outer.row == SpanRow::kStep);
    QCOMPARE(outer.step, int64_t{7});
    QVERIFY(before <= outer.begin_seconds && outer.begin_seconds <= inner.begin_seconds);
    QVERIFY(inner.end_seconds <= outer.end_seconds && outer.end_seconds <= SteadyNow());
    const SpanTimer nobody(nullptr, SpanKind::kWait);
    QVERIFY(!nobody.is_on());
  }

  void twoThreadsAddTogether() {
    constexpr int kEach = 5000;
    SpanRing ring(2 * kEach);
    ring.Begin();
    const auto add = [&](SpanRow row) {
      for (int i = 0; i < kEach; ++i) ring.Add({.row = row, .begin_seconds = double(i)});
    };
    std::thread other(add, SpanRow::kCommunication);
    add(SpanRow::kStep);
    other.join();
    const SpanRing::Taken taken = ring.Take();
    QCOMPARE(static_cast<int>(taken.records.size()), 2 * kEach);
    QCOMPARE(taken.dropped, uint64_t{0});
    std::array<double, kSpanRows> next = {};
    for (const Span& span : taken.records)  // each thread's in its order
      QCOMPARE(span.begin_seconds, next[static_cast<size_t>(span.row)]++);
  }
};

CONCERTINA_TEST(SpanRingTest)

}  // namespace concertina::span_ring_test

#include "span_ring_test.moc"
