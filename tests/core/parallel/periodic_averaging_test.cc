// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// periodic_averaging_test.cc: local SGD, SlowMo and DiLoCo do what their formulas say, at a H-th of the
// bytes.
#include "core/parallel/periodic_averaging.h"

#include <QTest>
#include <cmath>

#include "tests/core/parallel/rank_group.h"
#include "tests/test_program.h"

namespace concertina::periodic_averaging_test {
namespace {

using nlohmann::json;

double LargestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double worst = a.size() == b.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
  return worst;
}

}  // namespace

class PeriodicAveragingTest : public QObject {
  Q_OBJECT

  static void kinds() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"local-sgd", "slowmo", "diloco"}) QTest::newRow(kind) << kind;
  }
  static void verify(const std::vector<ToyRank>& ranks) {
    for (const ToyRank& rank : ranks) QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
  }

 private slots:
  void aPeriodOfOneIsAllReduce_data() {
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 3, 5, 8}) QTest::addRow("%d", ranks) << ranks;
  }
  void aPeriodOfOneIsAllReduce() {
    QFETCH(int, ranks);
    const auto local =
        RunToy({.exchange = {{"kind", "local-sgd"}, {"period_steps", 1}}, .ranks = ranks, .steps = 20});
    const auto every = RunToy({.exchange = {{"kind", "all-reduce"}}, .ranks = ranks, .steps = 20});
    verify(local);
    verify(every);
    // The mean of x - lr g_i against x - lr mean g_i: a rounding of 2^-24 at each of 20 steps.
    QVERIFY(LargestDifference(local[0].parameters, every[0].parameters) < 1e-5);
  }

  void ranksAgreeInTheEndEvenInMidPeriod_data() { kinds(); }
  void ranksAgreeInTheEndEvenInMidPeriod() {
    QFETCH(QString, kind);
    const auto ranks =
        RunToy({.exchange = {{"kind", kind.toStdString()}, {"period_steps", 8}}, .ranks = 4, .steps = 20});
    verify(ranks);
    QVERIFY(ranks[0].history[18] != ranks[1].history[18]);  // alone
    for (const ToyRank& rank : ranks) QVERIFY(rank.parameters == ranks[0].parameters);
  }

  void whatIsSentIsAHthAndAsForetold_data() {
    QTest::addColumn<int>("period");
    for (const int period : {1, 2, 8, 16}) QTest::addRow("H = %d", period) << period;
  }
  void whatIsSentIsAHthAndAsForetold() {
    QFETCH(int, period);
    const json exchange = {{"kind", "local-sgd"}, {"period_steps", period}};
    const int steps = 32;
    const auto ranks = RunToy({.exchange = exchange, .ranks = 4, .steps = steps});
    verify(ranks);
    std::vector<Fault> faults;
    const auto component = *Registry::Global().Create<Exchange>(
        "exchange", Registry::Global().Check("exchange", exchange, "", faults));
    const double foretold = component->PatternOf({.floats = 512, .ranks = 4}).BusiestBytes() * steps;
    uint64_t busiest = 0;
    for (const ToyRank& rank : ranks) busiest = std::max(busiest, rank.counts.payload_sent);
    QCOMPARE(static_cast<double>(busiest), foretold);  // 512 floats are cut evenly by 4 ranks
    QCOMPARE(foretold, 2.0 * 3 / 4 * 4 * 512 * steps / period);
  }

  void theFirstStepsAreSynchronousIfAsked() {
    const auto ranks =
        RunToy({.exchange = {{"kind", "local-sgd"}, {"period_steps", 6}, {"synchronous_steps", 4}},
                .ranks = 3,
                .steps = 8});
    verify(ranks);
    for (const int step : {0, 1, 2, 3}) QVERIFY(ranks[0].history[step] == ranks[1].history[step]);
    for (const int step : {4, 5, 6, 7}) QVERIFY(ranks[0].history[step] != ranks[1].history[step]);
  }

  void slowMomentumOfZeroIsLocalSgd() {
    const auto slow = RunToy({.exchange = {{"kind", "slowmo"}, {"period_steps", 4}, {"slow_momentum", 0}},
                              .ranks = 3,
                              .steps = 16});
    const auto local =
        RunToy({.exchange = {{"kind", "local-sgd"}, {"period_steps", 4}}, .ranks = 3, .steps = 16});
    verify(slow);
    QVERIFY(slow[0].parameters == local[0].parameters);
  }

  // Two outer steps in double precision, by the paper's formulas.
  void theOuterStepIsThePapers_data() { kinds(); }
  void theOuterStepIsThePapers() {
    QFETCH(QString, kind);
    const int ranks = 3, period = 4;
    const double lr = 0.1;
    json exchange = {{"kind", kind.toStdString()}, {"period_steps", period}};
    if (kind == "slowmo") exchange.update({{"slow_momentum", 0.6}, {"slow_learning_rate", 0.8}});
    if (kind == "diloco") exchange.update({{"outer_momentum", 0.9}, {"outer_learning_rate", 0.7}});
    const auto got = RunToy({.exchange = exchange, .ranks = ranks, .steps = 2 * period, .learning_rate = lr});
    verify(got);
    Rng first(1, "first values");
    for (size_t i = 0; i < 512; ++i) {
      double reference = static_cast<float>(first.Normal()), u = 0;
      for (int round = 0; round < 2; ++round) {
        double mean = 0;
        for (const ToyRank& rank : got) {
          double x = reference;
          for (int step = 0; step < period; ++step) x -= lr * (x - rank.goal[i]);
          mean += x / ranks;
        }
        const double moved = reference - mean;
        if (kind == "local-sgd") reference = mean;
        if (kind == "slowmo") {
          u = 0.6 * u + moved / lr;
          reference -= 0.8 * lr * u;
        }
        if (kind == "diloco") {
          u = 0.9 * u + moved;
          reference -= 0.7 * (moved + 0.9 * u);
        }
      }
      QVERIFY(std::abs(reference - got[0].parameters[i]) < 1e-5);  // eight steps in float, values of about 1
    }
  }

  void driftIsMeasured() {
    const auto ranks =
        RunToy({.exchange = {{"kind", "local-sgd"}, {"period_steps", 5}}, .ranks = 2, .steps = 10});
    const auto drift = ranks[1].recorder.of("local/drift");
    QCOMPARE(drift.size(), size_t{2});
    QCOMPARE(drift[1].first, int64_t{9});
    // x after five steps of x <- x - lr (x - c) is c + (1 - lr)^5 (x0 - c), from the common first values.
    double squared = 0;
    Rng first(1, "first values");
    for (size_t i = 0; i < 512; ++i) {
      const double moved = (static_cast<float>(first.Normal()) - ranks[1].goal[i]) * (1 - std::pow(0.9, 5));
      squared += moved * moved;
    }
    QVERIFY(std::abs(drift[0].second - std::sqrt(squared)) < 1e-3);
  }

  void codecsActOnWhatWasMoved_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("codec");
    for (const char* kind : {"local-sgd", "diloco"})
      for (const std::string& codec : Registry::Global().Kinds("gradient-codec"))
        QTest::addRow("%s, %s", kind, codec.c_str()) << kind << QString::fromStdString(codec);
  }
  void codecsActOnWhatWasMoved() {
    QFETCH(QString, kind);
    QFETCH(QString, codec);
    const auto ranks = RunToy({.exchange = {{"kind", kind.toStdString()}, {"period_steps", 3}},
                               .codec = {{"kind", codec.toStdString()}},
                               .ranks = 3,
                               .steps = 9});
    verify(ranks);
    for (const ToyRank& rank : ranks) QVERIFY(rank.parameters == ranks[0].parameters);
  }

  void goingOnInMidPeriodChangesNoBit_data() { kinds(); }
  void goingOnInMidPeriodChangesNoBit() {
    QFETCH(QString, kind);
    ToyCase c{.exchange = {{"kind", kind.toStdString()}, {"period_steps", 8}},
              .codec = {{"kind", "top-k"}, {"ratio", 0.1}},
              .ranks = 3,
              .steps = 40};
    const auto whole = RunToy(c);
    c.save_after = 21;
    const auto half = RunToy(c);
    c.save_after = -1;
    c.first_step = 21;
    c.before = &half;
    const auto rest = RunToy(c);
    verify(rest);
    QVERIFY(rest[0].parameters == whole[0].parameters);
  }

  void aDamagedStateIsRefused() {
    ToyCase c{.exchange = {{"kind", "diloco"}, {"period_steps", 8}}, .ranks = 1, .steps = 4, .save_after = 3};
    auto half = RunToy(c);
    c.before = &half;
    c.save_after = -1;
    for (const size_t bytes : {size_t{0}, size_t{7}, size_t{8}, half[0].state.size() - 1}) {
      auto cut = half;
      cut[0].state.resize(bytes);
      c.before = &cut;
      QVERIFY(absl::IsDataLoss(RunToy(c)[0].status));
    }
  }

  void anAsynchronousAverageIsRefused() {
    const auto ranks = RunToy({.exchange = {{"kind", "local-sgd"}, {"averaging", {{"kind", "local-sgd"}}}},
                               .ranks = 1,
                               .steps = 1});
    QVERIFY(absl::IsInvalidArgument(ranks[0].status));
    QVERIFY(std::string(ranks[0].status.message()).find("/exchange/averaging/kind") != std::string::npos);
  }
};

CONCERTINA_TEST(PeriodicAveragingTest)

}  // namespace concertina::periodic_averaging_test

#include "periodic_averaging_test.moc"
