// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elastic_test.cc: real workers of an elastic run are killed, frozen, replaced, join and leave, and it
// finishes.
#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::elastic_test {

using Json = nlohmann::json;

class ElasticTest : public QObject {
  Q_OBJECT
 private slots:
  void aKilledWorkerIsGoneAndTheOthersFinish();
  void aReplacementComesAndAllEndAlike();
  void workersJoinAndLeave();
  void aFrozenWorkerIsEndedAndChangesNothing();

 private:
  QString Start(int workers, int steps, const Json& elastic) const {
    Json spec = SmallSpec(workers, steps);
    spec["elastic"] = elastic;
    const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
    const QString run = result.json().is_object() ? QString::fromStdString(result.json()["run"]) : QString();
    const bool going = QTest::qWaitFor([&] { return home_.Show(run).value("steps", 0) > 5; }, 30000);
    if (!going) qWarning("the run does not start: %s", result.err.constData());
    return run;
  }
  qint64 PidOf(const QString& run, size_t seat) const {
    return home_.Show(run)["workers"][seat]["pid"].get<qint64>();
  }
  int World(const QString& run) const { return home_.Show(run)["spec"]["mesh"]["data"].get<int>(); }
  bool Trains(const QString& run, int workers) const {
    const Json shown = home_.Show(run);
    if (shown["spec"]["mesh"]["data"] != workers) return false;
    int running = 0;
    for (const Json& worker : shown["workers"]) running += worker["state"] == "running" ? 1 : 0;
    return running == workers;
  }
  TestHome home_;
};

void ElasticTest::aKilledWorkerIsGoneAndTheOthersFinish() {
  const QString run = Start(4, 1500, {{"min_workers", 2}});
  ::kill(static_cast<pid_t>(PidOf(run, 1)), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 3), 20000);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "finished", 120000);
  const Json shown = home_.Show(run);
  QCOMPARE(shown["steps"].get<int>(), 1500);
  QVERIFY2(shown["test_accuracy"].get<double>() > 0.75, shown.dump(2).c_str());
  QCOMPARE(World(run), 3);
}

void ElasticTest::aReplacementComesAndAllEndAlike() {
  const QString run = Start(3, 2000, {{"replace", true}});
  const qint64 lost = PidOf(run, 0);  // who speaks for all
  ::kill(static_cast<pid_t>(lost), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 3) && PidOf(run, 0) != lost, 30000);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "finished", 120000);
  // Each rank checks its digest of the parameters against nobody; but a newcomer that had others would have
  // spoilt the loss, and it is rank 0 here, whose file is kept.
  QVERIFY(home_.Show(run)["test_accuracy"].get<double>() > 0.75);
}

void ElasticTest::workersJoinAndLeave() {
  const QString run = Start(2, 1000000, {{"max_workers", 3}});
  QCOMPARE(home_.Ctl({"workers", "add", run, "2"}).exit_code, 2);
  QCOMPARE(home_.Ctl({"workers", "add", run, "1"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 3), 30000);
  QCOMPARE(home_.Ctl({"workers", "remove", run, "2"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 1), 30000);
  QVERIFY(home_.Show(run)["error"].get<std::string>().empty());
  QCOMPARE(home_.Ctl({"stop", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "stopped", 20000);
  // It is resumed with what it had at the end.
  QCOMPARE(home_.Ctl({"resume", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 1), 30000);
  home_.Ctl({"kill", run});
}

void ElasticTest::aFrozenWorkerIsEndedAndChangesNothing() {
  const QString run = Start(3, 1000000, Json::object());
  const qint64 frozen = PidOf(run, 2);
  ::kill(static_cast<pid_t>(frozen), SIGSTOP);
  QTRY_VERIFY_WITH_TIMEOUT(Trains(run, 2), 30000);
  ::kill(static_cast<pid_t>(frozen), SIGCONT);
  QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(frozen), 10000);
  const int steps = home_.Show(run)["steps"].get<int>();
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["steps"].get<int>() > steps + 20, 20000);
  QCOMPARE(World(run), 2);
  home_.Ctl({"kill", run});
}

CONCERTINA_TEST(ElasticTest)

}  // namespace concertina::elastic_test

#include "elastic_test.moc"
