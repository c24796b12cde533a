// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// collective_blame_test.cc: schedules of buckets in which it is known who was late at which, and why.
#include "core/analysis/collective_blame.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/test_program.h"

namespace concertina::collective_blame_test {
namespace {

constexpr int kRanks = 4, kSteps = 12, kBuckets = 3;

// What a rank takes, seconds. A bucket's gradient is complete after each third of computing.
struct Cost {
  double data = 0.002, compute = 0.009, encode = 0.0005, decode = 0.0005, update = 0.001, other = 0;
  double link = 0;  // more than the others, to come out of each exchange
};

std::string NameOf(int bucket) { return "bucket" + std::to_string(bucket + 1) + "-fc"; }

// Ranks that exchange beside their backward pass; each bucket is over 1 ms after the last has come to it.
// `waited`: the time that ranks stood for the last one.
ArrivalTable Scheduled(const std::array<Cost, kRanks>& costs, double& waited) {
  ArrivalTable table;
  const auto add = [&table](int rank, const std::string& name, int step, double value) {
    const auto parsed = ParseArrivalSeries("arrival/" + name);
    QVERIFY(parsed.has_value());
    if (value != 0) table.Add(rank, *parsed, step, value);
  };
  std::array<double, kRanks> out{};  // of the last bucket
  waited = 0;
  for (int step = 0; step < kSteps; ++step) {
    std::array<double, kRanks> filled{}, free{};
    for (int r = 0; r < kRanks; ++r) {
      const Cost& c = costs[size_t(r)];
      const bool first = step == 0;
      filled[size_t(r)] = out[size_t(r)] + c.data + (first ? 0 : c.decode + c.update + c.other);
      add(r, "step/filled", step, filled[size_t(r)]);
      add(r, "step/data", step, c.data);
      if (first) continue;
      add(r, "step/update", step, c.update);
      add(r, "step/decode", step, c.decode);
      add(r, "step/other", step, c.other);
    }
    for (int b = 0; b < kBuckets; ++b) {
      std::array<double, kRanks> arrived{};
      for (int r = 0; r < kRanks; ++r) {
        const Cost& c = costs[size_t(r)];
        const double ready = filled[size_t(r)] + c.compute * (b + 1) / kBuckets;
        const double taken = std::max(ready, free[size_t(r)]);
        arrived[size_t(r)] = taken + c.encode;
        add(r, NameOf(b) + "/compute", step, ready - filled[size_t(r)]);
        add(r, NameOf(b) + "/queue", step, taken - ready);
        add(r, NameOf(b) + "/encode", step, c.encode);
        add(r, NameOf(b) + "/at", step, arrived[size_t(r)]);
      }
      const double last = *std::max_element(arrived.begin(), arrived.end());
      for (int r = 0; r < kRanks; ++r) {
        waited += last - arrived[size_t(r)];
        out[size_t(r)] = last + 0.001 + costs[size_t(r)].link;
        add(r, NameOf(b) + "/stood", step, out[size_t(r)] - arrived[size_t(r)]);
        free[size_t(r)] = out[size_t(r)] + costs[size_t(r)].decode;
      }
    }
  }
  return table;
}

}  // namespace

class CollectiveBlameTest : public QObject {
  Q_OBJECT

 private slots:
  void theCulpritItsPhaseAndTheCollectiveAreFound_data() {
    QTest::addColumn<int>("phase");
    QTest::addColumn<double>("more");
    QTest::addColumn<QString>("collective");
    // What is late before the first bucket is charged there, and what delays each bucket at each.
    QTest::newRow("a slow loader") << int(LatePhase::kData) << 0.020 << "bucket1-fc";
    QTest::newRow("a slow rank") << int(LatePhase::kCompute) << 0.090 << "";
    QTest::newRow("a slow link") << int(LatePhase::kExchange) << 0.020 << "";
    QTest::newRow("a slow encoder") << int(LatePhase::kEncode) << 0.020 << "";
    QTest::newRow("a slow update") << int(LatePhase::kUpdate) << 0.020 << "bucket1-fc";
    QTest::newRow("an evaluation of its own") << int(LatePhase::kOther) << 0.020 << "bucket1-fc";
  }
  void theCulpritItsPhaseAndTheCollectiveAreFound() {
    QFETCH(int, phase);
    QFETCH(double, more);
    QFETCH(QString, collective);
    for (int culprit = 0; culprit < kRanks; ++culprit) {
      std::array<Cost, kRanks> costs;
      Cost& own = costs[size_t(culprit)];
      double* const parts[kLatePhases] = {&own.data,   &own.compute, &own.link,  &own.decode,
                                          &own.update, &own.other,   &own.encode};
      *parts[phase] += more;
      double waited = 0;
      const CollectiveBlame blame = Scheduled(costs, waited).Blame();
      QCOMPARE(blame.steps, int64_t{kSteps});
      QCOMPARE(blame.collectives.size(), size_t{kBuckets});
      QCOMPARE(blame.ranks.size(), size_t{kRanks});
      const CollectiveCharge& worst = blame.collectives.front();
      QCOMPARE(worst.rank, culprit);
      QCOMPARE(int(worst.phase), phase);
      if (!collective.isEmpty()) QCOMPARE(QString::fromStdString(worst.name), collective);
      QVERIFY(CollectiveSentence(blame).find("rank " + std::to_string(culprit)) != std::string::npos);
      // What is charged is what was waited, by collectives and by ranks.
      QVERIFY(waited > 0.02);
      QVERIFY(std::abs(blame.charged_seconds() - waited) < 1e-9);
      const double by_ranks =
          std::accumulate(blame.ranks.begin(), blame.ranks.end(), 0.0,
                          [](double sum, const RankBlame& rank) { return sum + rank.total_seconds(); });
      QVERIFY(std::abs(by_ranks - waited) < 1e-9);
      QVERIFY(blame.ranks[size_t(culprit)].charged_seconds[size_t(phase)] > 0.95 * waited);
    }
  }

  void whoDidNotStandStillDidNotWait() {
    ArrivalTable table;
    const auto add = [&table](int rank, const char* figure, double value) {
      table.Add(rank, *ParseArrivalSeries(std::string("arrival/activations-0-to-1/") + figure), 16, value);
    };
    add(0, "at", 2.0);
    add(0, "stood", 0.001);
    add(1, "at", 3.0);  // the receiver is late, and the sender has gone on
    add(1, "stood", 0.001);
    const CollectiveBlame blame = table.Blame();
    QCOMPARE(blame.collectives.size(), size_t{1});
    QCOMPARE(blame.collectives[0].charged_seconds, 0.001);
  }

  void aLonelyRankIsNotJudged() {
    ArrivalTable table;
    table.Add(3, *ParseArrivalSeries("arrival/bucket1-fc/at"), 0, 1.0);
    QVERIFY(table.Blame().collectives.empty());
    QCOMPARE(CollectiveSentence(table.Blame()), std::string());
    QVERIFY(ArrivalTable().empty());
    QCOMPARE(ArrivalTable().Blame().steps, int64_t{0});
  }

  void namesOfSeriesAreRead() {
    const auto at = ParseArrivalSeries("arrival/bucket2-fc1-to-conv.1/queue");
    QVERIFY(at.has_value());
    QCOMPARE(at->collective, std::string("bucket2-fc1-to-conv.1"));
    QCOMPARE(at->figure, size_t{3});
    const auto way = ParseArrivalSeries("arrival/step/update");
    QVERIFY(way.has_value());
    QCOMPARE(way->collective, std::string());
    QCOMPARE(way->figure, size_t{2});
    for (const char* none : {"arrival/", "arrival/at", "arrival//at", "arrival/a/far", "arrival/step/at",
                             "layer/a/at", "", "time/arrival"})
      QVERIFY2(!ParseArrivalSeries(none).has_value(), none);
  }
};

CONCERTINA_TEST(CollectiveBlameTest)

}  // namespace concertina::collective_blame_test

#include "collective_blame_test.moc"
