// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cohort_test.cc: who takes part in a round depends on seed and round alone, and all of them are dealt.
#include "core/parallel/cohort.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include "tests/test_program.h"

namespace concertina::cohort_test {

class CohortTest : public QObject {
  Q_OBJECT
 private slots:
  void aRoundHasTheShareThatWasAsked_data() {
    QTest::addColumn<double>("fraction");
    QTest::addColumn<int>("chosen");
    QTest::newRow("none is one") << 0.0 << 1;  // McMahan et al. 2017, table 1: C = 0 is one client
    QTest::newRow("a tenth") << 0.1 << 10;
    QTest::newRow("to the nearest") << 0.126 << 13;
    QTest::newRow("all") << 1.0 << 100;
  }
  void aRoundHasTheShareThatWasAsked() {
    QFETCH(double, fraction);
    QFETCH(int, chosen);
    Cohort cohort({.clients = 100, .fraction = fraction, .seed = 3});
    for (int64_t round = 0; round < 20; ++round) {
      cohort.Draw(round);
      const std::set<int64_t> distinct(cohort.chosen().begin(), cohort.chosen().end());
      QCOMPARE(distinct.size(), static_cast<size_t>(chosen));
      QVERIFY(*distinct.begin() >= 0 && *distinct.rbegin() < 100);
      QVERIFY(std::ranges::equal(cohort.chosen(), cohort.training()));
    }
  }

  void everyClientIsChosenAlikeOften() {
    constexpr int kRounds = 4000;
    Cohort cohort({.clients = 50, .fraction = 0.2, .seed = 11});
    std::vector<int> times(50);
    for (int64_t round = 0; round < kRounds; ++round) {
      cohort.Draw(round);
      for (const int64_t client : cohort.chosen()) ++times[static_cast<size_t>(client)];
    }
    // Binomial(4000, 0.2): a standard deviation of 25; five of them for the farthest of fifty.
    for (const int count : times) QVERIFY2(std::abs(count - 800) < 126, qPrintable(QString::number(count)));
  }

  void seedAndRoundDecide() {
    const auto draw = [](uint64_t seed, int64_t round) {
      Cohort cohort({.clients = 1000, .fraction = 0.1, .dropout = 0.3, .seed = seed});
      cohort.Draw(round - 1);  // what was drawn before does not matter
      cohort.Draw(round);
      return std::vector<int64_t>(cohort.training().begin(), cohort.training().end());
    };
    QCOMPARE(draw(1, 5), draw(1, 5));
    QVERIFY(draw(1, 5) != draw(2, 5));
    QVERIFY(draw(1, 5) != draw(1, 6));
  }

  void someDropOutAndSomeAreSlow() {
    Cohort cohort({.clients = 1000, .fraction = 0.5, .dropout = 0.3, .slow_share = 0.2, .seed = 7});
    int64_t training = 0, chosen = 0;
    for (int64_t round = 0; round < 40; ++round) {
      cohort.Draw(round);
      chosen += static_cast<int64_t>(cohort.chosen().size());
      training += static_cast<int64_t>(cohort.training().size());
      QVERIFY(std::ranges::includes(cohort.chosen(), cohort.training()));
    }
    // Binomial(20000, 0.7): a standard deviation of 65.
    QVERIFY(std::abs(static_cast<double>(training) - 0.7 * static_cast<double>(chosen)) < 260);
    int slow = 0;
    for (int64_t client = 0; client < 1000; ++client) slow += cohort.is_slow(client) ? 1 : 0;
    QVERIFY2(std::abs(slow - 200) < 52, qPrintable(QString::number(slow)));  // four of 12.6
  }

  void theDealIsWholeAndBalanced_data() {
    QTest::addColumn<int>("workers");
    for (const int workers : {1, 2, 3, 4, 7, 200}) QTest::addRow("%d", workers) << workers;
  }
  void theDealIsWholeAndBalanced() {
    QFETCH(int, workers);
    Cohort cohort({.clients = 300, .fraction = 0.3, .dropout = 0.1, .seed = 5});
    std::vector<double> work;
    for (int i = 0; i < 300; ++i) work.push_back(1 + std::pow(i % 37, 2));
    for (int64_t round = 0; round < 10; ++round) {
      cohort.Draw(round);
      std::vector<int64_t> all;
      std::vector<double> loads;
      double total = 0, largest = 0;
      for (int worker = 0; worker < workers; ++worker) {
        loads.push_back(0);
        for (const int64_t client : cohort.Deal(work, worker, workers)) {
          all.push_back(client);
          const double own = work[static_cast<size_t>(client)];
          loads.back() += own;
          total += own;
          largest = std::max(largest, own);
        }
      }
      std::sort(all.begin(), all.end());
      QVERIFY(std::ranges::equal(all, cohort.training()));
      // Graham 1969: no worker has more than the mean and one client besides.
      QVERIFY(*std::max_element(loads.begin(), loads.end()) <= total / workers + largest);

      all.clear();
      for (int worker = 0; worker < workers; ++worker)
        for (const int64_t client : cohort.DealFixed(worker, workers)) {
          QCOMPARE(client % workers, static_cast<int64_t>(worker));
          all.push_back(client);
        }
      std::sort(all.begin(), all.end());
      QVERIFY(std::ranges::equal(all, cohort.training()));
    }
  }
};

CONCERTINA_TEST(CohortTest)

}  // namespace concertina::cohort_test

#include "cohort_test.moc"
