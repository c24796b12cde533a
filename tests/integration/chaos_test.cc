// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chaos_test.cc: the small form of tests/chaos: faults on purpose, on real processes, and what comes after.
#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::chaos_test {

using Json = nlohmann::json;

class ChaosTest : public QObject {
  Q_OBJECT
 private slots:
  void aKilledWorkersRunGoesOnByItselfToTheSameBits_data();
  void aKilledWorkersRunGoesOnByItselfToTheSameBits();
  void aKilledEnginesRunGoesOnByItself();
  void aShortFreezeAndACutChangeNoBit();
  void aLongFreezeIsNoticedAndTheOthersGoOn();
  void everyEventIsListed();

 private:
  Json Events(const QString& run, const std::string& kind) {
    Json found = Json::array();
    const Json reply = home_.CtlJson({"events", run}).json();
    for (const Json& event : reply["events"])
      if (event["kind"] == kind) found.push_back(event);
    return found;
  }
  TestHome home_;
};

void ChaosTest::aKilledWorkersRunGoesOnByItselfToTheSameBits_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("pipeline");
  QTest::newRow("all-reduce") << R"({"kind": "all-reduce"})" << 1;
  QTest::newRow("a server in step") << R"({"kind": "parameter-server"})" << 1;
  QTest::newRow("two stages") << R"({"kind": "single"})" << 2;
}

void ChaosTest::aKilledWorkersRunGoesOnByItselfToTheSameBits() {
  QFETCH(QString, exchange);
  QFETCH(int, pipeline);
  Json spec = SmallSpec(2, 800);
  spec["exchange"] = Json::parse(exchange.toStdString());
  spec["mesh"] = {{"data", 2 / pipeline}, {"pipeline", pipeline}};
  spec["training"]["checkpoint_every_steps"] = 50;
  const Json whole = home_.Run(spec);
  QCOMPARE(whole["state"].get<std::string>(), std::string("finished"));
  spec["training"]["resume_after_failure"] = 2;
  spec["faults"] = Json::array(
      {{{"kind", "kill"}, {"rank", "any"}, {"at_step", 120}}, {{"kind", "kill"}, {"at_step", 250}}});
  const Json resumed = home_.Run(spec);
  QVERIFY2(resumed["state"] == "finished", resumed.dump(2).c_str());
  QCOMPARE(resumed["attempt"].get<int>(), 3);
  QCOMPARE(resumed["automatic_resumes"].get<int>(), 2);
  QCOMPARE(resumed["parameters_sha256"].get<std::string>(), whole["parameters_sha256"].get<std::string>());
  QCOMPARE(resumed["steps"].get<int>(), 800);
  const QString run = QString::fromStdString(resumed["run"]);
  const Json faults = Events(run, "fault");
  QCOMPARE(faults.size(), size_t{2});
  QVERIFY(faults[0]["step"].get<int>() >= 120);  // told a moment later than it was made
  QCOMPARE(Events(run, "resuming").size(), size_t{2});
}

void ChaosTest::aKilledEnginesRunGoesOnByItself() {
  Json spec = SmallSpec(2, 1000000);
  spec["training"]["checkpoint_every_steps"] = 20;
  spec["training"]["resume_after_failure"] = 1;
  spec["training"]["engine_grace_seconds"] = 0;  // its workers end with it: else engine_return_test.cc
  const CtlResult begun = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
  const QString run = QString::fromStdString(begun.json()["run"]);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run).value("last_checkpoint_step", 0) >= 20, 20000);
  const Json before = home_.Show(run);
  ::kill(static_cast<pid_t>(home_.EnginePid()), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(
      [&] {
        const Json now = home_.Show(run);  // the command starts the next engine
        return now["state"] == "running" && now["attempt"] == 2;
      }(),
      20000);
  QVERIFY(home_.Show(run)["steps"].get<int>() >= before["last_checkpoint_step"].get<int>());
  for (const Json& worker : before["workers"])
    QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(worker["pid"].get<qint64>()), 5000);
  QCOMPARE(Events(run, "resuming").size(), size_t{1});
  home_.Ctl({"kill", run});
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "stopped", 10000);
}

void ChaosTest::aShortFreezeAndACutChangeNoBit() {
  Json spec = SmallSpec(2, 300);
  const Json whole = home_.Run(spec);
  spec["faults"] =
      Json::array({{{"kind", "freeze"}, {"rank", 1}, {"at_step", 50}, {"seconds", 1}},
                   {{"kind", "partition"}, {"ranks", Json::array({1})}, {"at_step", 200}, {"seconds", 1}},
                   {{"kind", "drop"}, {"probability", 0.01}, {"from_step", 250}, {"to_step", 260}},
                   {{"kind", "slow"}, {"rank", 0}, {"from_step", 100}, {"to_step", 150}}});
  const Json held = home_.Run(spec);
  QVERIFY2(held["state"] == "finished", held.dump(2).c_str());
  QCOMPARE(held["parameters_sha256"].get<std::string>(), whole["parameters_sha256"].get<std::string>());
  QVERIFY(held["seconds"].get<double>() > whole["seconds"].get<double>() + 1.5);
  const Json faults = Events(QString::fromStdString(held["run"]), "fault");
  QCOMPARE(faults.size(), size_t{8});  // each begins and ends
  for (const Json& fault : faults)
    if (fault["details"]["entry"] == 3) {
      const int step = fault["details"]["ended"].get<bool>() ? 150 : 100;
      QCOMPARE(fault["step"].get<int>(), step);
    }
}

void ChaosTest::aLongFreezeIsNoticedAndTheOthersGoOn() {
  Json spec = SmallSpec(3, 100000);
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.01}};
  spec["exchange"] = {{"kind", "gossip"}};
  spec["faults"] = Json::array({{{"kind", "freeze"}, {"rank", 2}, {"at_step", 20}, {"seconds", 0}}});
  const CtlResult begun = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
  const QString run = QString::fromStdString(begun.json()["run"]);
  QTRY_VERIFY_WITH_TIMEOUT(!Events(run, "worker-lost").empty(), 30000);
  const Json lost = Events(run, "worker-lost");
  QCOMPARE(lost[0]["details"]["rank"].get<int>(), 2);
  const Json shown = home_.Show(run);
  QVERIFY(shown["state"] == "running");
  QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(shown["workers"][2]["pid"].get<qint64>()), 5000);
  home_.Ctl({"kill", run});
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "stopped", 10000);
}

void ChaosTest::everyEventIsListed() {
  Json spec = SmallSpec(2, 20);
  spec["faults"] = Json::array({{{"kind", "slow"}, {"rank", 1}, {"factor", 2}, {"from_step", 5}}});
  const QString run = QString::fromStdString(home_.Run(spec)["run"]);
  const CtlResult text = home_.Ctl({"events", run});
  QCOMPARE(text.exit_code, 0);
  QVERIFY2(text.out.contains("By /faults/0: rank 1 is slow"), text.out.constData());
  spec["faults"][0]["rank"] = 2;
  const CtlResult refused = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
  QCOMPARE(refused.exit_code, 2);
  QVERIFY(refused.out.contains("/faults/0/rank"));
}

CONCERTINA_TEST(ChaosTest)

}  // namespace concertina::chaos_test

#include "chaos_test.moc"
