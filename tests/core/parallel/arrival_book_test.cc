// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_book_test.cc: the terms of each arrival add up to it, and nothing is allocated for it.
#include "core/parallel/arrival_book.h"

#include <QTest>
#include <cmath>

#include "tests/allocations.h"
#include "tests/test_program.h"

namespace concertina::arrival_book_test {
namespace {

bool IsNear(double a, double b) { return std::abs(a - b) < 1e-9; }

}  // namespace

class ArrivalBookTest : public QObject {
  Q_OBJECT

 private slots:
  void theTermsOfABucketAddUp() {
    ArrivalBook book;
    const int first = book.Open("bucket1-fc"), second = book.Open("bucket2-conv");
    book.Begin(10, 11);
    QVERIFY(std::isnan(book.way().update_seconds));  // nothing is known from before
    book.Ready(first, 13);
    book.Take(first, 13);
    book.Arrive(first, 14);
    book.Hold(13.5, 14.5);  // the step thread waits for room
    book.Ready(second, 16);
    book.Leave(first, 17);
    book.Take(second, 17.5);
    book.Arrive(second, 18);
    book.Leave(second, 19);
    book.Arrive(second, 19.5);  // a second round
    book.Leave(second, 20);
    QVERIFY(book.any_arrived());
    const ArrivalBook::Arrival one = book.ArrivalAt(first), two = book.ArrivalAt(second);
    QVERIFY(IsNear(one.at, 14) && IsNear(one.stood_seconds, 3) && IsNear(one.compute_seconds, 2));
    QVERIFY(IsNear(one.queue_seconds, 0) && IsNear(one.encode_seconds, 1));
    QVERIFY(IsNear(two.at, 18) && IsNear(two.stood_seconds, 2) && IsNear(two.compute_seconds, 4));
    QVERIFY(IsNear(two.queue_seconds, 2.5) && IsNear(two.encode_seconds, 0.5));
    for (const ArrivalBook::Arrival& of : {one, two})
      QVERIFY(IsNear(book.way().filled + of.compute_seconds + of.queue_seconds + of.encode_seconds, of.at));
    // The way to the next step begins where the last collective ended.
    book.Computed(16);  // before it was over
    book.End(0.25, 0.5);
    book.Begin(23, 24);
    const ArrivalBook::Way& way = book.way();
    QVERIFY(IsNear(way.update_seconds, 0.5) && IsNear(way.decode_seconds, 0.25));
    QCOMPARE(way.compute_seconds, 0.0);
    QVERIFY(IsNear(way.other_seconds, 2.25) && IsNear(way.data_seconds, 1));
    QVERIFY(!book.any_arrived());
    QVERIFY(std::isnan(book.ArrivalAt(first).at));
  }

  void whatTheStepThreadDoesItselfCountsFromItsLast() {
    ArrivalBook book;
    const int sum = book.Open("tensor-sum1"), next = book.Open("tensor-sum2");
    book.Pass(sum, 1, 2);  // an evaluation's
    book.Begin(3, 4);
    QVERIFY(std::isnan(book.way().other_seconds));
    book.Pass(sum, 6, 7);
    book.Pass(ArrivalBook::kNone, 8, 9);
    book.Pass(next, 12, 13);
    book.Computed(15);
    QVERIFY(IsNear(book.ArrivalAt(sum).compute_seconds, 2));
    QVERIFY(IsNear(book.ArrivalAt(next).compute_seconds, 3));
    QVERIFY(IsNear(book.ArrivalAt(next).stood_seconds, 1));
    book.End(0, 1);
    book.Begin(16.5, 17);  // two seconds of its pass, one of its update
    QVERIFY(IsNear(book.way().compute_seconds, 2) && IsNear(book.way().update_seconds, 1));
    QVERIFY(IsNear(book.way().other_seconds, 0.5));
  }

  void placesAreBoundedAndNamesAreFitForSeries() {
    ArrivalBook book;
    QCOMPARE(book.Open("a layer/with é"), 0);
    QCOMPARE(book.Open("a layer/with é"), 0);
    for (const char c : book.names()[0]) QVERIFY(c == '_' || (c >= 'a' && c <= 'z'));
    for (int i = 1; i < ArrivalBook::kMostCollectives; ++i)
      QCOMPARE(book.Open("bucket" + std::to_string(i)), i);
    QCOMPARE(book.Open("one more"), int{ArrivalBook::kNone});
    QVERIFY(book.Open(std::string(500, 'x')) == ArrivalBook::kNone);
    // Nothing of what is not recorded is written.
    book.Begin(0, 1);
    book.Ready(ArrivalBook::kNone, 2);
    book.Take(ArrivalBook::kNone, 2);
    book.Arrive(ArrivalBook::kNone, 2);
    book.Leave(ArrivalBook::kNone, 3);
    QVERIFY(!book.any_arrived());
  }

  void aStepAllocatesNothing() {
    ArrivalBook book;
    for (int i = 0; i < ArrivalBook::kMostCollectives; ++i) book.Open("bucket" + std::to_string(i));
    const int64_t before = allocations;
    double now = 0;
    for (int step = 0; step < 100; ++step) {
      book.Begin(now, now + 1);
      for (int i = 0; i < ArrivalBook::kMostCollectives; ++i) {
        book.Ready(i, ++now);
        book.Take(i, ++now);
        book.Arrive(i, ++now);
        book.Leave(i, ++now);
      }
      book.End(1, 1);
    }
    QCOMPARE(int64_t{allocations}, before);
  }
};

CONCERTINA_TEST(ArrivalBookTest)

}  // namespace concertina::arrival_book_test

#include "arrival_book_test.moc"
