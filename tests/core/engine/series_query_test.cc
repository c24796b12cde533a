// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_query_test.cc: one curve against four axes, whole, in part and thinned.
#include "core/engine/series_query.h"

#include <QTest>
#include <algorithm>
#include <numeric>

#include "core/engine/metric_hub.h"
#include "tests/core/engine/memory_store.h"
#include "tests/test_program.h"

namespace concertina::series_query_test {

class SeriesQueryTest : public QObject {
  Q_OBJECT
 private slots:
  // Step s: 0.1 s and 1,000 bytes each, loss s; an accuracy at every hundredth.
  void initTestCase() {
    for (int64_t step = 0; step < 1000; ++step) {
      const double seconds = 0.1 * static_cast<double>(step + 1), loss = static_cast<double>(step);
      const double bytes = 1000 * static_cast<double>(step + 1);
      store_.Append("run", "train/loss", kWholeRun, "", {&step, 1}, {&seconds, 1}, {&loss, 1});
      store_.Append("run", kBytesTotalSeries, kWholeRun, "B", {&step, 1}, {&seconds, 1}, {&bytes, 1});
      if (step % 100 == 0)
        store_.Append("run", "test/accuracy", kWholeRun, "", {&step, 1}, {&seconds, 1}, {&loss, 1});
    }
  }

  void everyAxisIsThatOfThePoint_data() {
    QTest::addColumn<QString>("x");
    QTest::addColumn<double>("of_step_300");
    QTest::newRow("default") << "" << 300.0;
    QTest::newRow("step") << "step" << 300.0;
    QTest::newRow("epoch") << "epoch" << 6.0;
    QTest::newRow("seconds") << "seconds" << 30.1;
    QTest::newRow("bytes") << "bytes" << 301000.0;
  }
  void everyAxisIsThatOfThePoint() {
    QFETCH(QString, x);
    QFETCH(double, of_step_300);
    for (const char* name : {"train/loss", "test/accuracy"}) {
      const auto reply = Query(name, x.toStdString());
      QVERIFY(reply.ok());
      QCOMPARE(reply->total_points(), name == std::string("train/loss") ? int64_t{1000} : int64_t{10});
      const auto at = std::find(reply->mean().begin(), reply->mean().end(), 300.0) - reply->mean().begin();
      QVERIFY(qAbs(reply->x(static_cast<int>(at)) - of_step_300) < 1e-6);
      QVERIFY(std::is_sorted(reply->x().begin(), reply->x().end()));
    }
  }

  void aRangeHoldsWhatIsInItAndNothingElse_data() {
    QTest::addColumn<QString>("x");
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("last");
    QTest::newRow("steps, both ends in") << "step" << 10.0 << 20.0 << 10.0 << 20.0;
    QTest::newRow("between steps") << "step" << 10.5 << 20.5 << 11.0 << 20.0;
    QTest::newRow("epochs") << "epoch" << 1.0 << 2.0 << 50.0 << 100.0;
    QTest::newRow("seconds") << "seconds" << 1.05 << 2.05 << 10.0 << 19.0;
    QTest::newRow("bytes") << "bytes" << 10500.0 << 20500.0 << 10.0 << 19.0;
    QTest::newRow("before the first") << "seconds" << -5.0 << 0.25 << 0.0 << 1.0;
    QTest::newRow("beyond the last") << "bytes" << 998500.0 << 1e12 << 998.0 << 999.0;
    QTest::newRow("far beyond in steps") << "step" << 997.0 << 1e300 << 997.0 << 999.0;
  }
  void aRangeHoldsWhatIsInItAndNothingElse() {
    QFETCH(QString, x);
    QFETCH(double, from);
    QFETCH(double, to);
    QFETCH(double, first);
    QFETCH(double, last);
    for (const int points : {0, 2000}) {
      const auto reply = Query("train/loss", x.toStdString(), points, from, to);
      QVERIFY(reply.ok());
      QVERIFY(reply->mean_size() > 0);
      QCOMPARE(reply->mean(0), first);
      QCOMPARE(reply->mean(reply->mean_size() - 1), last);
      QCOMPARE(reply->total_points(), static_cast<int64_t>(last - first) + 1);
    }
  }

  void aThinnedCurveKeepsItsExtremes() {
    const auto reply = Query("train/loss", "bytes", 50);
    QVERIFY(reply.ok());
    QVERIFY(reply->x_size() <= 50);
    QCOMPARE(reply->min(0), 0.0);
    QCOMPARE(reply->max(reply->max_size() - 1), 999.0);
    QCOMPARE(reply->total_points(), int64_t{1000});
  }

  // A part of a thinned curve, as a chart that is zoomed asks for it: the average over it has to know how
  // many values fell together, and a rate how much time went by.
  void countsAndSecondsAreToldToWhoAsks() {
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name("train/loss");
    request.set_rank(kWholeRun);
    request.set_x("bytes");
    request.set_max_points(50);
    request.set_x_from(200500);
    request.set_x_to(600500);
    const auto plain = QuerySeries(store_, request, 50);
    QVERIFY(plain.ok());
    QCOMPARE(plain->counts_size() + plain->seconds_size(), 0);
    request.set_with_counts(true);
    const auto reply = QuerySeries(store_, request, 50);
    QVERIFY(reply.ok());
    QCOMPARE(reply->x_size(), plain->x_size());
    QCOMPARE(reply->counts_size(), reply->x_size());
    QCOMPARE(reply->seconds_size(), reply->x_size());
    QCOMPARE(std::accumulate(reply->counts().begin(), reply->counts().end(), int64_t{0}),
             reply->total_points());
    for (int i = 0; i < reply->x_size(); ++i) {
      QVERIFY(reply->counts(i) >= 1 && reply->counts(i) <= 16);
      QVERIFY(qAbs(reply->seconds(i) * 10000 - reply->x(i)) < 1e-3);  // 1,000 B in 0.1 s each
    }
  }

  // Its beginning point by point, its end in buckets, all of it there, in no more points than asked for.
  void aLogarithmicAxisIsKnownFromItsBeginning() {
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name("train/loss");
    request.set_rank(kWholeRun);
    request.set_max_points(60);
    const auto even = QuerySeries(store_, request, 50);
    QVERIFY(even.ok() && even->mean(0) > 0);  // the first steps are one bucket
    request.set_log_x(true);
    const auto reply = QuerySeries(store_, request, 50);
    QVERIFY(reply.ok());
    QVERIFY2(reply->x_size() <= 60, qPrintable(QString::number(reply->x_size())));
    for (int step = 0; step < 5; ++step) QCOMPARE(reply->x(step), double(step));
    QVERIFY(std::is_sorted(reply->x().begin(), reply->x().end()));
    QCOMPARE(reply->total_points(), int64_t{1000});
    QCOMPARE(reply->max(reply->max_size() - 1), 999.0);
    request.set_name("test/accuracy");  // few: as they are
    const auto few = QuerySeries(store_, request, 50);
    QVERIFY(few.ok());
    QCOMPARE(few->x_size(), 10);
  }

  void anEmptyRangeIsNoError() {
    const auto reply = Query("train/loss", "seconds", 100, 500, 600);
    QVERIFY(reply.ok());
    QCOMPARE(reply->x_size(), 0);
  }

  void wrongInputIsToldApart() {
    QCOMPARE(Query("train/loss", "hours").status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(Query("no/such", "step").status().code(), absl::StatusCode::kNotFound);
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name("train/loss");
    request.set_rank(kWholeRun);
    request.set_x("epoch");
    QCOMPARE(QuerySeries(store_, request, 0).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void aRunThatSentNothingHasBytesAllTheSame() {
    MemoryStore store;
    const int64_t step = 0;
    const double value = 1;
    store.Append("run", "train/loss", kWholeRun, "", {&step, 1}, {&value, 1}, {&value, 1});
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name("train/loss");
    request.set_rank(kWholeRun);
    request.set_x("bytes");
    const auto reply = QuerySeries(store, request, 1);
    QVERIFY(reply.ok());
    QCOMPARE(reply->x(0), 0.0);
  }

 private:
  absl::StatusOr<proto::GetSeriesReply> Query(const std::string& name, const std::string& x, int points = 0,
                                              double from = 0, double to = 0) {
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name(name);
    request.set_rank(kWholeRun);
    request.set_x(x);
    request.set_max_points(points);
    request.set_x_from(from);
    request.set_x_to(to);
    return QuerySeries(store_, request, 50);
  }
  MemoryStore store_;
};

CONCERTINA_TEST(SeriesQueryTest)

}  // namespace concertina::series_query_test

#include "series_query_test.moc"
