// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_acts_test.cc: faults of a rank's own begin and end at their moment, and training goes on through
// them.
#include "core/worker/fault_acts.h"

#include <QTest>

#include "core/comm/link_shaper.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::fault_acts_test {

using Kind = FaultAct::Kind;

class FaultActsTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void aSlowStretchBeginsAndEnds() {
    FaultAct slow{.kind = Kind::kSlow, .at_step = 10, .to_step = 20, .rank = 1};
    slow.slowdown = 4;
    slow.step_ms = 5;
    FaultActs acts({slow}, 1, {});
    QVERIFY(acts.Before(9, 1).empty());
    QCOMPARE(acts.slowdown(), 1.0);
    const auto begun = acts.Before(10, 1);
    QCOMPARE(begun.size(), size_t{1});
    QVERIFY(!begun[0].has_ended);
    QCOMPARE(acts.slowdown(), 4.0);
    QCOMPARE(acts.step_seconds(), 0.005);
    QVERIFY(acts.Before(15, 2).empty());
    const auto ended = acts.Before(20, 3);
    QVERIFY(ended.size() == 1 && ended[0].has_ended);
    QCOMPARE(acts.slowdown(), 1.0);
    QVERIFY(acts.Before(10, 4).empty());
    QVERIFY(FaultActs({slow}, 0, {}).empty());  // another's
  }

  void whatComesOnTheWayBeginsAtOnceAndEndsWhenTold() {
    FaultActs acts;
    FaultAct slow{.kind = Kind::kSlow, .at_step = 30, .rank = 1};
    slow.slowdown = 3;
    acts.Add(7, slow);
    const auto begun = acts.Before(30, 4);
    QCOMPARE(begun.size(), size_t{1});
    QCOMPARE(begun[0].act, 7U);
    QCOMPARE(acts.slowdown(), 3.0);
    acts.EndNow(7);
    const auto ended = acts.Before(31, 4.1);
    QVERIFY(ended.size() == 1 && ended[0].has_ended);
    QCOMPARE(acts.slowdown(), 1.0);
    acts.Add(8, slow);  // and one that is over before it has begun
    acts.EndNow(8);
    QVERIFY(acts.Before(32, 5).empty());
    acts.Add(FaultActs::kMostActs, slow);
    QVERIFY(acts.Before(33, 6).empty());
  }

  void whatWasDoneIsNotDoneAgainUnlessItIsBySteps() {
    FaultAct slow{.kind = Kind::kSlow, .at_step = 10, .to_step = 20, .rank = 1};
    FaultAct cut{.kind = Kind::kPartition, .at_step = 10, .for_seconds = 5};
    cut.group = {1};
    const std::vector<uint32_t> done = {0, 1};
    FaultActs acts({slow, cut}, 1, done);
    const auto turns = acts.Before(15, 0);
    QCOMPARE(turns.size(), size_t{1});
    QCOMPARE(turns[0].act, 0U);
    FaultActs behind({slow}, 1, {});
    QVERIFY(behind.Before(25, 0).empty());  // a run that goes on from behind it
    QVERIFY(behind.Before(26, 0).empty());
  }

  void linksAreShapedWhileItLasts() {
    FaultAct drop{.kind = Kind::kDrop, .at_step = 0, .to_step = 5, .rank = 0, .other = 1};
    drop.probability = 0.5;
    FaultAct cut{.kind = Kind::kPartition, .at_seconds = 2, .for_seconds = 3};
    cut.group = {0};
    FaultActs acts({drop, cut}, 1, {});
    acts.Before(0, 0);
    QCOMPARE(acts.On({.loss = 0.5}, 0).loss, 0.75);
    QCOMPARE(acts.On({.loss = 0.5}, 2).loss, 0.5);
    acts.Before(6, 2);
    QCOMPARE(acts.On({}, 0).loss, 0.0);
    QVERIFY(acts.On({}, 0).cut_until_nanoseconds > SteadyNanoseconds());
    QCOMPARE(acts.On({}, 2).cut_until_nanoseconds, int64_t{0});
    QVERIFY(acts.Before(7, 5.1).at(0).has_ended);
    QCOMPARE(acts.On({}, 0).cut_until_nanoseconds, int64_t{0});
  }

  // Held back, nothing is missing: the bits are those of a run that nothing happened to.
  void trainingGoesOnThroughACutWithTheSameBits() {
    nlohmann::json spec = TableSpec(table_, 2, 8);
    spec["training"]["max_steps"] = 40;
    QTemporaryDir plain, cut;
    const auto whole = Train(spec, plain.path());
    spec["faults"] = {
        {{"kind", "partition"}, {"ranks", nlohmann::json::array({0})}, {"at_step", 10}, {"seconds", 0.3}},
        {{"kind", "slow"}, {"rank", 1}, {"step_ms", 1}, {"from_step", 5}, {"to_step", 15}}};
    const int64_t before = SteadyNanoseconds();
    const auto held = Train(spec, cut.path());
    for (const RankResult& result : held) QVERIFY(result.result.ok());
    QCOMPARE(held[0].result->parameters_sha256, whole[0].result->parameters_sha256);
    QVERIFY(SteadyNanoseconds() - before > 300'000'000);  // it was held
  }
};

CONCERTINA_TEST(FaultActsTest)

}  // namespace concertina::fault_acts_test

#include "fault_acts_test.moc"
