// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_injection_test.cc: what an experiment asks to go wrong is checked, and drawn the same each time.
#include "core/experiment/fault_injection.h"

#include <QTest>
#include <set>

#include "absl/strings/match.h"
#include "core/experiment/spec.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::fault_injection_test {
namespace {

SpecCheck CheckOf(const std::string& faults, uint64_t seed = 7) {
  const Json spec = {
      {"seed", seed}, {"workers", {{{"launcher", "local"}, {"count", 4}}}}, {"faults", Json::parse(faults)}};
  return CheckSpec(spec.dump());
}

std::vector<FaultAct> ActsOf(const std::string& faults, uint64_t seed = 7) {
  const SpecCheck check = CheckOf(faults, seed);
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  return DrawFaults(check.spec);
}

class FaultInjectionTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsWrongIsNamed_data() {
    QTest::addColumn<QString>("faults");
    QTest::addColumn<QString>("pointer");
    QTest::newRow("no such kind") << R"([{"kind": "explode"}])"
                                  << "/faults/0/kind";
    QTest::newRow("a rank too many") << R"([{"kind": "kill"}, {"kind": "kill", "rank": 4}])"
                                     << "/faults/1/rank";
    QTest::newRow("a rank that is a word") << R"([{"kind": "freeze", "rank": "first"}])"
                                           << "/faults/0/rank";
    QTest::newRow("an end before the beginning") << R"([{"kind": "slow", "from_step": 9, "to_step": 9}])"
                                                 << "/faults/0/to_step";
    QTest::newRow("a link with one end") << R"([{"kind": "drop", "rank": 2, "other": 2}])"
                                         << "/faults/0/other";
    QTest::newRow("a link without its first end") << R"([{"kind": "drop", "other": 2}])"
                                                  << "/faults/0/rank";
    QTest::newRow("all on one side") << R"([{"kind": "partition", "ranks": [0, 1, 2, 3]}])"
                                     << "/faults/0/ranks";
    QTest::newRow("one twice") << R"([{"kind": "partition", "ranks": [1, 1]}])"
                               << "/faults/0/ranks";
    QTest::newRow("nothing to draw from") << R"([{"kind": "random", "freeze": false, "slow": false}])"
                                          << "/faults/0/kill";
    QTest::newRow("no list") << R"({"kind": "kill"})"
                             << "/faults";
  }
  void whatIsWrongIsNamed() {
    QFETCH(QString, faults);
    QFETCH(QString, pointer);
    const SpecCheck check = CheckOf(faults.toStdString());
    QCOMPARE(check.faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(check.faults[0].pointer), pointer);
    QVERIFY(!check.faults[0].expected.empty());
  }

  void aFilledSpecIsAskedAboutAgain() {
    const SpecCheck check = CheckOf(R"([{"kind": "kill", "rank": "any"}, {"kind": "freeze", "rank": 2}])");
    QVERIFY(check.faults.empty());
    const Json filled = Json::parse(check.spec.json);
    QVERIFY(!filled["faults"][0].contains("rank"));  // any: drawn
    QCOMPARE(filled["faults"][1]["seconds"].get<double>(), 2.0);
    QCOMPARE(CheckSpec(check.spec.json).spec.json, check.spec.json);
    QVERIFY(!Json::parse(CheckSpec("{}").spec.json).contains("faults"));
  }

  void theSeedDrawsTheRank() {
    std::set<int> drawn;
    for (uint64_t seed = 0; seed < 64; ++seed) {
      const auto acts = ActsOf(R"([{"kind": "kill"}])", seed);
      QCOMPARE(acts.size(), size_t{1});
      QCOMPARE(acts[0].rank, ActsOf(R"([{"kind": "kill"}])", seed)[0].rank);
      drawn.insert(acts[0].rank);
    }
    QCOMPARE(drawn, (std::set<int>{0, 1, 2, 3}));
  }

  // Of a Poisson process the times between events have the mean 60 / rate; 1,000 of them are within 10 % of
  // it but once in a thousand seeds, and this is one seed.
  void randomFaultsComeAtTheirRate() {
    const auto acts = ActsOf(
        R"([{"kind": "random", "rate_per_minute": 30, "kill": true, "partition": true, "from_seconds": 5,
             "seconds": 3, "most": 1000}])");
    QCOMPARE(acts.size(), size_t{1000});
    std::set<FaultAct::Kind> kinds;
    double before = 5;
    for (const FaultAct& act : acts) {
      QVERIFY(act.at_seconds >= before);
      before = act.at_seconds;
      kinds.insert(act.kind);
      QVERIFY(act.kind == FaultAct::Kind::kKill || act.for_seconds == 3);
      QVERIFY(act.kind != FaultAct::Kind::kPartition || act.group.size() == 1);
      QVERIFY(act.kind == FaultAct::Kind::kPartition || (act.rank >= 0 && act.rank < 4));
    }
    QCOMPARE(kinds.size(), size_t{4});
    const double mean = (before - 5) / 1000;
    QVERIFY2(std::abs(mean - 2) < 0.2, qPrintable(QString::number(mean)));
  }

  void aPartitionCutsWhatCrossesItAndNothingElse() {
    const auto acts = ActsOf(R"([{"kind": "partition", "ranks": [3, 1]}])");
    for (int from = 0; from < 4; ++from)
      for (int to = 0; to < 4; ++to) QCOMPARE(acts[0].IsOnLink(from, to), (from % 2) != (to % 2));
  }
  void aDropHasItsLinkBothWays() {
    const auto acts = ActsOf(R"([{"kind": "drop", "rank": 1, "other": 2}, {"kind": "drop", "rank": 1},
                                 {"kind": "drop"}])");
    QVERIFY(acts[0].IsOnLink(1, 2) && acts[0].IsOnLink(2, 1));
    QVERIFY(!acts[0].IsOnLink(1, 3) && !acts[0].IsOnLink(0, 2));
    QVERIFY(acts[1].IsOnLink(1, 3) && acts[1].IsOnLink(0, 1) && !acts[1].IsOnLink(0, 2));
    QVERIFY(acts[2].IsOnLink(0, 3));
  }

  void theTextSaysWhatHappens() {
    const auto acts = ActsOf(R"([{"kind": "freeze", "rank": 2, "seconds": 10}, {"kind": "freeze", "rank": 1,
        "seconds": 0}, {"kind": "slow", "rank": 0, "factor": 3, "step_ms": 5, "to_step": 200},
        {"kind": "drop", "rank": 0, "other": 1, "probability": 0.05}, {"kind": "partition", "ranks": [2, 0]}])");
    QCOMPARE(FaultText(acts[0]), std::string("rank 2 is frozen for 10 s"));
    QCOMPARE(FaultText(acts[1]), std::string("rank 1 is frozen"));
    QCOMPARE(FaultText(acts[2]),
             std::string("rank 0 is slow until step 200: computing takes 3 times as long, 5 ms more a step"));
    QCOMPARE(FaultText(acts[3]), std::string("the link of ranks 0 and 1 loses 5 % of its messages"));
    QCOMPARE(FaultText(acts[4]), std::string("ranks 0, 2 are cut off from the others for 5 s"));
  }
};

CONCERTINA_TEST(FaultInjectionTest)

}  // namespace
}  // namespace concertina::fault_injection_test

#include "fault_injection_test.moc"
