// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame_test.cc: schedules made by hand, or simulated, in which it is known who was late and why.
#include "core/analysis/blame.h"

#include <QTest>
#include <cmath>
#include <functional>

#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::blame_test {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

// What a rank takes for each part of a step, seconds.
struct Cost {
  double data = 0.001, compute = 0.010, decode = 0.0005, update = 0.002, other = 0, exchange = 0;
};
using CostOf = std::function<Cost(int rank, int step)>;

// A barrier: the exchange is over `exchange_seconds` after the last has come, for each rank plus its own
// decoding and its own delay in the exchange.
std::vector<RankTrace> Lockstep(int ranks, int steps, const CostOf& cost, double exchange_seconds = 0.004) {
  std::vector<RankTrace> traces(static_cast<size_t>(ranks));
  std::vector<double> now(static_cast<size_t>(ranks), 0);
  for (int step = 0; step < steps; ++step) {
    double last = 0;
    for (int r = 0; r < ranks; ++r) {
      const Cost c = cost(r, step);
      RankTrace& trace = traces[static_cast<size_t>(r)];
      trace.rank = r;
      trace.arrival.push_back(now[static_cast<size_t>(r)] + c.other + c.data + c.compute);
      trace.data.push_back(c.data);
      trace.compute.push_back(c.compute);
      trace.decode.push_back(c.decode);
      trace.update.push_back(c.update);
      last = std::max(last, trace.arrival.back());
    }
    for (int r = 0; r < ranks; ++r) {
      const Cost c = cost(r, step);
      RankTrace& trace = traces[static_cast<size_t>(r)];
      const double begun = now[static_cast<size_t>(r)] + c.other;
      now[static_cast<size_t>(r)] = last + exchange_seconds + c.exchange + c.decode + c.update;
      trace.step.push_back(now[static_cast<size_t>(r)] - begun);
    }
  }
  return traces;
}

double Total(const Blame& blame) {
  double total = 0;
  for (const RankBlame& rank : blame.ranks) total += rank.total_seconds();
  return total;
}

}  // namespace

class BlameTest : public QObject {
  Q_OBJECT

 private slots:
  void theCulpritAndItsPhaseAreFound_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("culprit");
    QTest::addColumn<int>("phase");
    for (const int ranks : {2, 3, 4, 16, 64})
      for (int phase = 0; phase < static_cast<int>(LatePhase::kEncode); ++phase)  // which no step knows
        QTest::addRow("%d ranks, %s", ranks, kLatePhaseNames[size_t(phase)])
            << ranks << (ranks * 5 / 7) % ranks << phase;
  }
  void theCulpritAndItsPhaseAreFound() {
    QFETCH(int, ranks);
    QFETCH(int, culprit);
    QFETCH(int, phase);
    Rng rng(7, "blame");
    const auto noise = [&rng] { return 0.0002 * static_cast<double>(rng.Next() >> 11) * 0x1p-53; };
    std::vector<Cost> costs;
    constexpr int kSteps = 40;
    for (int i = 0; i < ranks * kSteps; ++i) {
      Cost cost;
      cost.data += noise();
      cost.compute += noise();
      double* parts[] = {&cost.data, &cost.compute, &cost.exchange, &cost.decode, &cost.update, &cost.other};
      if (i % ranks == culprit) *parts[phase] += 0.005;
      costs.push_back(cost);
    }
    const auto traces =
        Lockstep(ranks, kSteps, [&](int r, int s) { return costs[static_cast<size_t>(s * ranks + r)]; });
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.steps.size(), size_t{kSteps});
    QCOMPARE(blame.verdict, Blame::Verdict::kStraggler);
    QCOMPARE(blame.straggler, culprit);
    QCOMPARE(static_cast<int>(blame.phase), phase);
    // What shifts the next arrival (exchange, decode, update) is not seen at the first step.
    const int first = phase == 0 || phase == 1 || phase == 5 ? 0 : 1;
    for (size_t i = static_cast<size_t>(first); i < blame.steps.size(); ++i) {
      QCOMPARE(blame.steps[i].rank, culprit);
      QCOMPARE(static_cast<int>(blame.steps[i].phase), phase);
      // 5 ms for each of the others, but for the noise of two terms.
      QVERIFY(std::abs(blame.steps[i].charged_seconds - 0.005 * (ranks - 1)) <= 0.0004 * (ranks - 1) + 1e-12);
    }
  }

  void aScheduleByHand() {
    // Two steps of three ranks. Step 10: rank 1 comes last, at 0.030, 10 and 5 ms after the others, with 10
    // and 5 ms more of computing. Step 11: rank 0 comes last because its update took 20 ms more.
    const std::vector<RankTrace> traces = {
        {0, {0.020, 0.092}, {0.010, 0.010}, {0.010, 0.010}, {0, 0}, {0.022, 0.002}, {0.072, 0.040}},
        {1, {0.030, 0.072}, {0.010, 0.010}, {0.020, 0.010}, {0, 0}, {0.002, 0.002}, {0.052, 0.060}},
        {2, {0.025, 0.072}, {0.010, 0.010}, {0.015, 0.010}, {0, 0}, {0.002, 0.002}, {0.052, 0.060}}};
    const Blame blame = BlameOf(traces, 10);
    QCOMPARE(blame.steps.size(), size_t{2});
    QCOMPARE(blame.steps[0].step, int64_t{10});
    QCOMPARE(blame.steps[0].rank, 1);
    QCOMPARE(blame.steps[0].phase, LatePhase::kCompute);
    QVERIFY(std::abs(blame.steps[0].charged_seconds - 0.015) < 1e-12);
    QCOMPARE(blame.steps[1].rank, 0);
    QCOMPARE(blame.steps[1].phase, LatePhase::kUpdate);
    QVERIFY(std::abs(blame.steps[1].charged_seconds - 0.040) < 1e-12);
    QVERIFY(std::abs(blame.others_seconds - (0.072 + 0.052 + 0.060 + 0.060)) < 1e-12);
    QCOMPARE(blame.straggler, 0);
    QCOMPARE(blame.ranks[1].times_last, int64_t{1});
    QCOMPARE(BlameSentence(blame),
             std::string("rank 0 kept the others waiting 16 % of the time, updating its parameters"));
  }

  void ofTwoAtOnceTheLowerRankIsLast() {
    const std::vector<RankTrace> traces = {{2, {1.0}, {0.1}, {0.9}, {}, {0}, {1.5}},
                                           {0, {0.5}, {0.1}, {0.4}, {}, {0}, {1.5}},
                                           {1, {1.0}, {0.1}, {0.9}, {}, {0}, {1.5}}};
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.steps.size(), size_t{1});
    QCOMPARE(blame.steps[0].rank, 1);
    QCOMPARE(blame.steps[0].charged_seconds, 0.5);  // of rank 0 alone: rank 2 waited for nobody
    QCOMPARE(blame.ranks[0].rank, 0);               // ascending, whatever the order of the traces
  }

  void allAtOnceBlameNobody() {
    const auto traces = Lockstep(4, 20, [](int, int) { return Cost{}; });
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.verdict, Blame::Verdict::kEven);
    QCOMPARE(Total(blame), 0.0);
    QCOMPARE(blame.straggler, -1);
  }

  void byTurnsNobodyStandsOut() {
    const auto traces = Lockstep(4, 400, [](int r, int s) {
      Cost cost;
      if (s % 4 == r) cost.compute += 0.005;
      return cost;
    });
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.verdict, Blame::Verdict::kByTurns);
    for (const RankBlame& rank : blame.ranks) QCOMPARE(rank.times_last, int64_t{100});
  }

  void aSingleRankAndNoneWaitForNobody() {
    QCOMPARE(BlameOf({}, 0).verdict, Blame::Verdict::kNobodyWaits);
    const auto one = Lockstep(1, 20, [](int, int) { return Cost{}; });
    const Blame blame = BlameOf(one, 0);
    QCOMPARE(blame.verdict, Blame::Verdict::kNobodyWaits);
    QVERIFY(blame.steps.empty());
    QCOMPARE(blame.ranks.size(), size_t{1});
  }

  void aRankThatIsMissingIsLeftOut() {
    auto traces = Lockstep(3, 20, [](int r, int) {
      Cost cost;
      if (r == 2) cost.data += 0.005;
      return cost;
    });
    for (size_t i = 10; i < 20; ++i) traces[2].arrival[i] = kNaN;  // lost half way
    traces[1].arrival.resize(15);                                  // and its last words are older
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.steps.size(), size_t{15});
    for (size_t i = 0; i < 10; ++i) QCOMPARE(blame.steps[i].rank, 2);
    for (size_t i = 10; i < 15; ++i) QCOMPARE(blame.steps[i].charged_seconds, 0.0);
    QVERIFY(std::isfinite(blame.others_seconds));
    QCOMPARE(blame.phase, LatePhase::kData);
  }

  void phasesThatWereNotMeasuredAreNotBlamed() {
    auto traces = Lockstep(3, 10, [](int r, int) {
      Cost cost;
      if (r == 1) cost.compute += 0.005;
      return cost;
    });
    for (RankTrace& trace : traces) {
      trace.data.clear();
      trace.decode.clear();
    }
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.straggler, 1);
    QCOMPARE(blame.phase, LatePhase::kCompute);
    for (RankTrace& trace : traces) trace.compute.clear();
    QCOMPARE(BlameOf(traces, 0).straggler, 1);  // who, if not why
    QCOMPARE(BlameOf(traces, 0).phase, LatePhase::kOther);
  }

  void whoDidNotStandStillDidNotWait() {
    // Local steps: rank 1 is slower, but at this step nobody exchanges anything.
    const std::vector<RankTrace> traces = {{0, {1.0}, {0.1}, {0.9}, {0}, {0.01}, {1.01}},
                                           {1, {2.0}, {0.1}, {1.9}, {0}, {0.01}, {2.01}}};
    const Blame blame = BlameOf(traces, 0);
    QCOMPARE(blame.steps.size(), size_t{1});
    QVERIFY(blame.steps[0].charged_seconds < 1e-12);
    QCOMPARE(blame.verdict, Blame::Verdict::kEven);
  }

  void aResumedRunsNewClockBlamesNobody() {
    auto traces = Lockstep(3, 20, [](int r, int) {
      Cost cost;
      if (r == 1) cost.compute += 0.005;
      return cost;
    });
    for (RankTrace& trace : traces)
      for (size_t i = 10; i < 20; ++i) trace.arrival[i] -= 100;  // a new attempt, a new origin
    const Blame blame = BlameOf(traces, 0);
    for (const StepBlame& step : blame.steps) {
      QCOMPARE(step.rank, 1);
      QCOMPARE(step.phase, LatePhase::kCompute);
    }
  }

  void someRunsCannotBeJudged() {
    QVERIFY(!BlameObstacle({{"kind", "single"}}, 1, 1).empty());
    QVERIFY(!BlameObstacle({{"kind", "all-reduce"}}, 4, 2).empty());
    QVERIFY(!BlameObstacle({{"kind", "parameter-server"}, {"mode", "async"}}, 4, 1).empty());
    QVERIFY(BlameObstacle({{"kind", "parameter-server"}, {"mode", "sync"}}, 4, 1).empty());
    QVERIFY(BlameObstacle({{"kind", "all-reduce"}}, 4, 1).empty());
    QVERIFY(BlameObstacle(Json(), 4, 0).empty());
  }

  void theQuestionStaysBounded() {
    QCOMPARE(BlameSteps(1), int64_t{2000});
    QCOMPARE(BlameSteps(4), int64_t{2000});
    QVERIFY(BlameSteps(64) * 64 * 6 <= 400'000);
    QVERIFY(BlameSteps(100'000) >= 50);
  }
};

CONCERTINA_TEST(BlameTest)

}  // namespace concertina::blame_test

#include "blame_test.moc"
