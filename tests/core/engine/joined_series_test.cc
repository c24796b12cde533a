// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// joined_series_test.cc: one series against another: earlier values only, in the order of steps, and as much
// of the run in a few points as there is.
#include "core/engine/joined_series.h"

#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/engine/series_query.h"
#include "tests/core/engine/memory_store.h"
#include "tests/test_program.h"

namespace concertina::joined_series_test {

class JoinedSeriesTest : public QObject {
  Q_OBJECT

  // Goes back and forth between 0 and 9, each value for ten steps.
  static double Norm(int64_t step) { return static_cast<double>(std::abs(step / 10 % 18 - 9)); }

 private slots:
  void eachPointGetsTheValueOfItsStepOrTheOneBefore() {
    MemoryStore store;
    Put(store, "norm/gradient", {0, 10, 20, 30}, {5, 3, 4, 1});
    Put(store, "test/accuracy", {5, 10, 19, 20, 500}, {0.1, 0.2, 0.3, 0.4, 0.5});
    const auto reply = Query(store, 0);
    QVERIFY(reply.ok());
    QCOMPARE(Values(reply->x()), (std::vector<double>{5, 3, 3, 4, 1}));
    QCOMPARE(Values(reply->steps()), (std::vector<double>{5, 10, 19, 20, 500}));
    QCOMPARE(Values(reply->mean()), (std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5}));
    QCOMPARE(Values(reply->x_min()), Values(reply->x()));
    QVERIFY(reply->x_goes_back());
    QCOMPARE(reply->total_points(), int64_t{5});
    QVERIFY(reply->x_unit() == "u");
  }

  void whatCameBeforeTheFirstValueIsLeftOut() {
    MemoryStore store;
    Put(store, "norm/gradient", {10, 20, 30}, {1, std::nan(""), 2});
    Put(store, "test/accuracy", {5, 15, 25, 35}, {0.1, 0.2, 0.3, 0.4});
    const auto reply = Query(store, 0);
    QVERIFY(reply.ok());
    QCOMPARE(Values(reply->mean()), (std::vector<double>{0.2, 0.4}));  // 25: its x is no number
    QVERIFY(!reply->x_goes_back());
  }

  // Few evaluations of a long run are joined exactly, although x is too long to be read.
  void aLongXIsReadAroundTheStepsAlone() {
    MemoryStore store;
    std::vector<int64_t> steps, evaluated;
    std::vector<double> norms, accuracies;
    for (int64_t step = 0; step < 300000; ++step) {
      steps.push_back(step);
      norms.push_back(std::sin(static_cast<double>(step)));
      if (step % 30000 != 12345) continue;
      evaluated.push_back(step);
      accuracies.push_back(static_cast<double>(step));
    }
    Put(store, "norm/gradient", steps, norms);
    Put(store, "test/accuracy", evaluated, accuracies);
    const auto reply = Query(store, 500);
    QVERIFY(reply.ok());
    QCOMPARE(reply->x_size(), 10);
    for (int i = 0; i < reply->x_size(); ++i) QCOMPARE(reply->x(i), std::sin(reply->steps(i)));
    QVERIFY2(store.points_read < 20000, qPrintable(QString::number(store.points_read)));
  }

  // Where x is rare in places, the last one is found all the same.
  void aGapInXIsLookedBackOver() {
    MemoryStore store;
    std::vector<int64_t> steps;
    std::vector<double> norms;
    for (int64_t step = 0; step < 20000; ++step)
      if (step < 9000 || step >= 19000) {
        steps.push_back(step);
        norms.push_back(static_cast<double>(step));
      }
    Put(store, "norm/gradient", steps, norms);
    Put(store, "test/accuracy", {8999, 9000, 15000, 18999, 19000}, {1, 2, 3, 4, 5});
    const auto reply = Query(store, 100);
    QVERIFY(reply.ok());
    QCOMPARE(Values(reply->x()), (std::vector<double>{8999, 8999, 8999, 8999, 19000}));
  }

  // Thinned by step: neither the extremes of x nor those of y are lost, and both are where the run was.
  void aThinnedPathKeepsItsExtremes() {
    MemoryStore store;
    std::vector<int64_t> steps;
    std::vector<double> norms, losses;
    for (int64_t step = 0; step < 50000; ++step) {
      steps.push_back(step);
      norms.push_back(step == 31234 ? 77 : Norm(step));
      losses.push_back(step == 20001 ? -8 : 1);
    }
    Put(store, "norm/gradient", steps, norms);
    Put(store, "test/accuracy", steps, losses);
    const auto reply = Query(store, 200);
    QVERIFY(reply.ok());
    QVERIFY(reply->x_size() > 50 && reply->x_size() <= 200);
    QVERIFY(std::is_sorted(reply->steps().begin(), reply->steps().end()));
    QCOMPARE(*std::max_element(reply->x_max().begin(), reply->x_max().end()), 77.0);
    QCOMPARE(*std::min_element(reply->x_min().begin(), reply->x_min().end()), 0.0);
    QCOMPARE(*std::min_element(reply->min().begin(), reply->min().end()), -8.0);
    for (int i = 0; i < reply->x_size(); ++i) {
      QVERIFY(reply->x_min(i) <= reply->x(i) && reply->x(i) <= reply->x_max(i));
      if (reply->x_max(i) == 77) QVERIFY(std::abs(reply->steps(i) - 31234) < 1000);
    }
    QCOMPARE(reply->total_points(), int64_t{50000});
  }

  void ofOneRankAgainstTheWholeRun() {
    MemoryStore store;
    Put(store, "norm/gradient", {0, 10}, {5, 3});
    Put(store, "test/accuracy", {5, 10}, {0.1, 0.2}, 1);
    proto::GetSeriesRequest request = Request(0);
    request.set_rank(1);
    const auto reply = QuerySeries(store, request, 0);
    QVERIFY(reply.ok());
    QCOMPARE(Values(reply->x()), (std::vector<double>{5, 3}));
  }

  void wrongInputIsToldApart() {
    MemoryStore store;
    Put(store, "test/accuracy", {5, 10}, {0.1, 0.2});
    QCOMPARE(Query(store, 0).status().code(), absl::StatusCode::kNotFound);
    Put(store, "norm/gradient", {0, 10}, {5, 3});
    QVERIFY(Query(store, 0).ok());
    proto::GetSeriesRequest request = Request(0);
    request.set_x("bytes");
    QCOMPARE(QuerySeries(store, request, 0).status().code(), absl::StatusCode::kInvalidArgument);
    request = Request(0);
    request.set_x_to(5);
    QCOMPARE(QuerySeries(store, request, 0).status().code(), absl::StatusCode::kInvalidArgument);
    request = Request(0);
    request.set_name("no/such");
    QCOMPARE(QuerySeries(store, request, 0).status().code(), absl::StatusCode::kNotFound);
  }

 private:
  static void Put(MemoryStore& store, const std::string& name, const std::vector<int64_t>& steps,
                  const std::vector<double>& values, int rank = kWholeRun) {
    const std::vector<double> seconds(steps.begin(), steps.end());
    store.Append("run", name, rank, "u", steps, seconds, values);
  }
  static proto::GetSeriesRequest Request(int points) {
    proto::GetSeriesRequest request;
    request.set_run("run");
    request.set_name("test/accuracy");
    request.set_x_series("norm/gradient");
    request.set_rank(kWholeRun);
    request.set_max_points(points);
    return request;
  }
  static absl::StatusOr<proto::GetSeriesReply> Query(Store& store, int points) {
    return QuerySeries(store, Request(points), 0);
  }
  template <class Numbers>
  static std::vector<double> Values(const Numbers& numbers) {
    return {numbers.begin(), numbers.end()};
  }
};

CONCERTINA_TEST(JoinedSeriesTest)

}  // namespace concertina::joined_series_test

#include "joined_series_test.moc"
