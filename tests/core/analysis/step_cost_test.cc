// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_cost_test.cc: the cost model against sums done by hand.
#include "core/analysis/step_cost.h"

#include <QTest>
#include <cmath>
#include "tests/test_program.h"

namespace concertina::step_cost_test {
namespace {

TrafficMap RanksOf(int count) {
  TrafficMap map;
  for (int rank = 0; rank < count; ++rank) map.ranks.push_back({.rank = rank});
  return map;
}

// 1.5 MB from each to the next in 2 (N - 1) messages, as a ring sums 1 MB with four ranks.
TrafficMap Ring(int ranks, double bandwidth_mbit, double latency_ms) {
  TrafficMap map = RanksOf(ranks);
  map.rounds = 2.0 * (ranks - 1);
  for (int rank = 0; rank < ranks; ++rank)
    map.flows.push_back({.from = rank,
                         .to = (rank + 1) % ranks,
                         .bytes = 1.5e6,
                         .messages = map.rounds,
                         .bandwidth_mbit = bandwidth_mbit,
                         .latency_ms = latency_ms});
  return map;
}

}  // namespace

class StepCostTest : public QObject {
  Q_OBJECT

  static void Same(double got, double expected, int line) {
    if (!(std::abs(got - expected) <= 1e-12 * std::max(1.0, std::abs(expected))))
      QFAIL(qPrintable(QString("line %1: %2, expected %3").arg(line).arg(got, 0, 'g', 17).arg(expected)));
  }

 private slots:
  void oneWorkerOnlyComputes() {
    const StepSeconds step =
        EstimateStep({.compute_seconds = 0.010, .buckets = 4}, RanksOf(1), {.cores = 2, .alpha_seconds = 1});
    Same(step.compute, 0.010, __LINE__);
    Same(step.communication, 0, __LINE__);
    Same(step.exposed, 0, __LINE__);
    Same(step.total, 0.010, __LINE__);
    QCOMPARE(step.dominated_by, std::string("compute"));
  }

  void coresAndSpeedsSetThePace_data() {
    QTest::addColumn<int>("cores");
    QTest::addColumn<int>("threads");
    QTest::addColumn<QVector<double>>("speeds");  // below 0: on a machine of its own
    QTest::addColumn<double>("factor");
    QTest::newRow("a core each") << 4 << 1 << QVector<double>{1, 1, 1, 1} << 1.0;
    QTest::newRow("two share a core") << 2 << 1 << QVector<double>{1, 1, 1, 1} << 2.0;
    QTest::newRow("two threads each") << 4 << 2 << QVector<double>{1, 1, 1, 1} << 2.0;
    QTest::newRow("a straggler, a core each") << 4 << 1 << QVector<double>{1, 1, 1, 0.5} << 2.0;
    // 2.5 busy cores of 2, and the slow one takes twice as long again.
    QTest::newRow("a straggler, cores shared") << 2 << 1 << QVector<double>{1, 1, 0.5} << 2.5;
    QTest::newRow("elsewhere takes no core here") << 1 << 1 << QVector<double>{1, -1, -1} << 1.0;
  }
  void coresAndSpeedsSetThePace() {
    QFETCH(int, cores);
    QFETCH(int, threads);
    QFETCH(QVector<double>, speeds);
    QFETCH(double, factor);
    StepWork work{.compute_seconds = 0.008, .threads = threads};
    for (const double speed : speeds) work.ranks.push_back({.speed = std::abs(speed), .is_here = speed > 0});
    Same(EstimateStep(work, RanksOf(static_cast<int>(speeds.size())), {.cores = cores}).compute,
         0.008 * factor, __LINE__);
  }
  void serversDoNotCompute() {
    TrafficMap map = RanksOf(3);
    map.ranks[2].server = true;
    const StepWork work{.compute_seconds = 0.008, .ranks = {{}, {}, {.speed = 0.1}}};
    Same(EstimateStep(work, map, {.cores = 2}).compute, 0.008, __LINE__);
  }
  void stagesWaitForTheSlowestAndTheBubble() {
    const StepWork work{.compute_seconds = 0.006, .slowest_part = 1.5, .bubble = 0.25};
    Same(EstimateStep(work, RanksOf(1), {}).compute, 0.012, __LINE__);  // 6 ms 1.5 / 0.75
  }

  void aLinkTakesItsRoundsAndItsBytes() {
    // 6 rounds of 2 ms, and 1.5 MB = 12 Mbit at 100 Mbit/s.
    const StepSeconds step = EstimateStep({.compute_seconds = 0.03}, Ring(4, 100, 2), {.cores = 8});
    Same(step.communication, 0.012 + 0.120, __LINE__);
    Same(step.exposed, 0.132, __LINE__);  // one bucket
    Same(step.total, 0.162, __LINE__);
    QCOMPARE(step.dominated_by, std::string("bandwidth"));
    QCOMPARE(EstimateStep({.compute_seconds = 0.03}, Ring(4, 100, 30), {.cores = 8}).dominated_by,
             std::string("latency"));
    QCOMPARE(EstimateStep({.compute_seconds = 0.2}, Ring(4, 100, 2), {.cores = 8}).dominated_by,
             std::string("compute"));
  }
  void oneSlowLinkHoldsUpARing() {
    TrafficMap map = Ring(4, 0, 0);
    map.flows[2].bandwidth_mbit = 10;
    map.flows[2].latency_ms = 5;
    Same(EstimateStep({}, map, {.cores = 8}).communication, 1.2 + 0.030, __LINE__);
  }
  void jitterAndLossCountByTheirMean() {
    TrafficMap map = Ring(4, 0, 2);
    for (TrafficFlow& flow : map.flows) flow.mean_delay_ms = 4;
    Same(EstimateStep({}, map, {.cores = 8}).communication, 6 * 0.004, __LINE__);
  }
  void bucketsHideBehindTheBackwardPass() {
    // 132 ms in 4 buckets of 33; backward 20 ms, of which the last three quarters have something to send.
    Same(EstimateStep({.compute_seconds = 0.03, .buckets = 4}, Ring(4, 100, 2), {.cores = 8}).exposed,
         0.132 - 0.015, __LINE__);
    // Backward 200 ms: the last bucket is left.
    Same(EstimateStep({.compute_seconds = 0.3, .buckets = 4}, Ring(4, 100, 2), {.cores = 8}).exposed, 0.033,
         __LINE__);
  }
  void whatIsGatheredAfterTheStepIsNotHidden() {
    const TrafficMap ring = Ring(4, 100, 2);  // 132 ms
    // Half of it in 4 buckets beside a backward pass of 200 ms: the last of them is left.
    Same(
        EstimateStep({.compute_seconds = 0.3, .buckets = 4, .beside_share = 0.5}, ring, {.cores = 8}).exposed,
        0.066 + 0.066 / 4, __LINE__);
    // Beside both passes of 120 ms, of which three quarters have something to hide.
    Same(
        EstimateStep({.compute_seconds = 0.12, .buckets = 4, .beside_passes = 1}, ring, {.cores = 8}).exposed,
        0.132 - 0.090, __LINE__);
    Same(EstimateStep({.compute_seconds = 0.12, .buckets = 1, .beside_share = 0.5}, ring, {.cores = 8})
             .exposed,
         0.132, __LINE__);
  }
  void whatTheMachineCarriesIsNotHiddenWhereAllCoresCompute() {
    const MachineCost machine{.cores = 4, .alpha_seconds = 50e-6, .beta_seconds_per_byte = 1e-9};
    const StepWork work{.compute_seconds = 0.3, .buckets = 4};
    const double carried = 6 * 50e-6 + 1.5e-3;
    Same(EstimateStep(work, Ring(4, 0, 0), machine).communication, carried, __LINE__);
    Same(EstimateStep(work, Ring(4, 0, 0), machine).exposed, carried, __LINE__);
    MachineCost larger = machine;
    larger.cores = 8;
    Same(EstimateStep(work, Ring(4, 0, 0), larger).exposed, carried / 4, __LINE__);
    // On two cores ranks wake in turn, and carry 6 MB between them.
    MachineCost smaller = machine;
    smaller.cores = 2;
    Same(EstimateStep(work, Ring(4, 0, 0), smaller).communication, 12 * 50e-6 + 3e-3, __LINE__);
    // A link that is slower than the machine hides what the machine does.
    Same(EstimateStep(work, Ring(4, 100, 2), machine).communication, 0.132, __LINE__);
  }

  void theCodecTakesItsTimeBesideTheMessages() {
    // 132 ms of messages and 40 ms of codec in 4 buckets; backward 20 ms.
    const StepWork work{.compute_seconds = 0.03, .codec_seconds = 0.04, .buckets = 4};
    const StepSeconds step = EstimateStep(work, Ring(4, 100, 2), {.cores = 8});
    Same(step.codec, 0.04, __LINE__);
    Same(step.communication, 0.132, __LINE__);
    Same(step.exposed, 0.172 - 0.015, __LINE__);
    QCOMPARE(step.dominated_by, std::string("bandwidth"));
    // Two ranks share a core, and all they pack is packed in turn.
    StepWork crowded = work;
    crowded.ranks.resize(4);
    Same(EstimateStep(crowded, Ring(4, 100, 2), {.cores = 2}).codec, 0.08, __LINE__);
    // Links without a limit: what the codec takes is not hidden where all cores compute.
    const StepSeconds busy = EstimateStep(crowded, Ring(4, 0, 0), {.cores = 4});
    Same(busy.exposed, 0.04, __LINE__);
    QCOMPARE(busy.dominated_by, std::string("codec"));
    const StepSeconds alone = EstimateStep({.compute_seconds = 0.03, .codec_seconds = 0.04}, RanksOf(1), {});
    Same(alone.total, 0.07, __LINE__);
    QCOMPARE(alone.dominated_by, std::string("codec"));
  }
  void partnersTakeTurnsAndPeersDoNot() {
    // Halving and doubling of 1 MB with four ranks: 1 MB to the one partner, half of it to the other.
    TrafficMap partners = RanksOf(4);
    partners.rounds = 4;
    for (int rank = 0; rank < 4; ++rank)
      for (const int bit : {1, 2})
        partners.flows.push_back(
            {.from = rank, .to = rank ^ bit, .bytes = 1e6 / bit, .messages = 2, .bandwidth_mbit = 100});
    Same(EstimateStep({}, partners, {.cores = 8}).communication, 0.120, __LINE__);
    // Two shots: half a megabyte to each of three at once.
    TrafficMap peers = RanksOf(4);
    peers.rounds = 2;
    for (int rank = 0; rank < 4; ++rank)
      for (int to = 0; to < 4; ++to)
        if (rank != to)
          peers.flows.push_back({.from = rank, .to = to, .bytes = 5e5, .messages = 2, .bandwidth_mbit = 100});
    Same(EstimateStep({}, peers, {.cores = 8}).communication, 0.040, __LINE__);
    // A server: up, and then down.
    TrafficMap hub = RanksOf(5);
    hub.ranks[4].server = true;
    hub.rounds = 2;
    for (int rank = 0; rank < 4; ++rank)
      for (const auto& [from, to] : {std::pair(rank, 4), {4, rank}})
        hub.flows.push_back({.from = from, .to = to, .bytes = 1e6, .messages = 1, .bandwidth_mbit = 100});
    Same(EstimateStep({}, hub, {.cores = 8}).communication, 0.160, __LINE__);
  }
};

CONCERTINA_TEST(StepCostTest)

}  // namespace concertina::step_cost_test

#include "step_cost_test.moc"
