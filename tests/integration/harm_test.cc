// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// harm_test.cc: concertinactl harm on real processes: children of the engine, a worker that a person started,
// a thread of the engine.
#include <csignal>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::harm_test {

using Json = nlohmann::json;

class HarmTest : public QObject {
  Q_OBJECT
 private slots:
  void aKilledWorkerIsNoticed();
  void aShortFreezeIsSurvivedAndMarked();
  void aFrozenWorkerIsThawedOrEvicted();
  void aSlowWorkerIsSlowUntilItIsThawed();
  void aWorkerByHandEndsAndStopsItself();
  void whatCannotBeHarmedIsRefused();

 private:
  bool Trains(const QString& run) const { return home_.Trains(run, 30000); }
  CtlResult Harm(const QString& run, const QStringList& words) const {
    return home_.CtlJson(QStringList{"harm", run} + words);
  }
  std::vector<Json> Faults(const QString& run) const {
    std::vector<Json> faults;
    const Json events = home_.CtlJson({"events", run}).json();
    for (const Json& event : events["events"])
      if (event["kind"] == "fault") faults.push_back(event);
    return faults;
  }
  bool HasStopped(qint64 pid) const {
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!stat.open(QIODevice::ReadOnly)) return false;
    const QByteArray text = stat.readAll();
    const qsizetype close = text.lastIndexOf(')');
    return close > 0 && text.mid(close + 2, 1) == "T";
  }
  void End(const QString& run) const {
    home_.Ctl({"kill", run});
    QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] != "running" && home_.Show(run)["state"] != "paused",
                             15000);
  }
  TestHome home_;
};

void HarmTest::aKilledWorkerIsNoticed() {
  const QString run = home_.Start(SmallSpec(3, 1000000));
  QVERIFY(Trains(run));
  const CtlResult killed = Harm(run, {"1", "kill"});
  QVERIFY2(killed.exit_code == 0, killed.err.constData());
  QCOMPARE(killed.json()["text"].get<std::string>(), std::string("rank 1 is killed"));
  QCOMPARE(killed.json()["recovery"].get<std::string>(), std::string("resumes"));
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "failed", 10000);
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("rank 1") == 0 && error.find("signal 9") != std::string::npos, error.c_str());
  QCOMPARE(Faults(run).size(), size_t{1});
  QVERIFY(Faults(run)[0]["message"].get<std::string>().find("By hand: rank 1 is killed") == 0);
}

void HarmTest::aShortFreezeIsSurvivedAndMarked() {
  const QString run = home_.Start(SmallSpec(2, 1000000));
  QVERIFY(Trains(run));
  const qint64 pid = home_.Show(run)["workers"][1]["pid"].get<qint64>();
  QCOMPARE(Harm(run, {"1", "freeze", "--seconds", "1"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Faults(run).size() == 2, 10000);  // it begins and ends
  QVERIFY(Faults(run)[1]["details"]["ended"].get<bool>());
  QTRY_VERIFY_WITH_TIMEOUT(!HasStopped(pid), 5000);
  const int steps = home_.Show(run)["steps"].get<int>();
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["steps"].get<int>() > steps + 5, 10000);
  QVERIFY(home_.Show(run)["state"] == "running");
  End(run);
}

void HarmTest::aFrozenWorkerIsThawedOrEvicted() {
  Json spec = SmallSpec(3, 1000000);
  spec["elastic"] = Json::object();
  const QString run = home_.Start(spec);
  QVERIFY(Trains(run));
  const qint64 pid = home_.Show(run)["workers"][2]["pid"].get<qint64>();
  QCOMPARE(Harm(run, {"2", "freeze"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(HasStopped(pid), 5000);
  QCOMPARE(home_.Show(run)["workers"][2]["state"].get<std::string>(), std::string("frozen"));
  QCOMPARE(Harm(run, {"2", "thaw"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(!HasStopped(pid), 5000);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["workers"][2]["state"] == "running", 5000);
  const CtlResult again = Harm(run, {"2", "freeze"});
  QCOMPARE(again.json()["recovery"].get<std::string>(), std::string("regroups"));
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["spec"]["mesh"]["data"] == 2, 30000);
  QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(pid), 10000);
  QVERIFY(home_.Show(run)["state"] == "running");
  QVERIFY(Harm(run, {"2", "kill"}).exit_code != 0);  // it is gone
  End(run);
}

void HarmTest::aSlowWorkerIsSlowUntilItIsThawed() {
  const QString run = home_.Start(SmallSpec(2, 1000000));
  QVERIFY(Trains(run));
  QVERIFY(Harm(run, {"0", "thaw"}).exit_code != 0);
  QCOMPARE(Harm(run, {"0", "slow", "--factor", "3"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Faults(run).size() == 1, 10000);
  QVERIFY(Faults(run)[0]["message"].get<std::string>().find("3 times as long") != std::string::npos);
  QCOMPARE(Harm(run, {"0", "thaw"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Faults(run).size() == 2, 10000);
  QVERIFY(Faults(run)[1]["details"]["ended"].get<bool>());
  End(run);
}

// The engine has no process of it: the worker itself does what is asked.
void HarmTest::aWorkerByHandEndsAndStopsItself() {
  Json spec = SmallSpec(2, 1000000);
  spec["workers"] = {{{"launcher", "local"}, {"count", 1}}, {{"launcher", "manual"}, {"wait_seconds", 60}}};
  const QString run = home_.Start(spec);
  QString line;
  QTRY_VERIFY_WITH_TIMEOUT(
      [&] {
        line = QString::fromUtf8(home_.Ctl({"workers", "lines", run}).out).section('\n', 0, 0);
        return line.contains("concertina-worker --engine ");
      }(),
      10000);
  QProcess shell;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("PATH", QStringLiteral(CONCERTINA_BIN_DIR) + ":" + environment.value("PATH"));
  environment.insert("XDG_CACHE_HOME", home_.file("elsewhere"));
  shell.setProcessEnvironment(environment);
  shell.start("/bin/sh", {"-c", "exec env " + line});
  QVERIFY(shell.waitForStarted(5000));
  QVERIFY(Trains(run));
  const qint64 pid = home_.Show(run)["workers"][1]["pid"].get<qint64>();
  QCOMPARE(pid, shell.processId());
  QCOMPARE(Harm(run, {"1", "freeze", "--seconds", "2"}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(HasStopped(pid), 2000);
  QVERIFY(Harm(run, {"1", "thaw"}).err.contains("kill -CONT"));
  QTRY_VERIFY_WITH_TIMEOUT(!HasStopped(pid), 5000);
  const int steps = home_.Show(run)["steps"].get<int>();
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["steps"].get<int>() > steps + 5, 10000);
  QCOMPARE(Harm(run, {"1", "kill"}).exit_code, 0);
  QVERIFY(shell.waitForFinished(10000));
  QCOMPARE(shell.exitStatus(), QProcess::CrashExit);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "failed", 15000);
  QVERIFY(home_.Show(run)["error"].get<std::string>().find("rank 1") != std::string::npos);
}

void HarmTest::whatCannotBeHarmedIsRefused() {
  Json spec = SmallSpec(2, 1000000);
  spec["workers"][0]["launcher"] = "in-process";
  const QString run = home_.Start(spec);
  QVERIFY(Trains(run));
  for (const char* act : {"kill", "freeze"}) {
    const CtlResult refused = Harm(run, {"1", act});
    QVERIFY(refused.exit_code != 0);
    QVERIFY2(refused.err.contains("thread of the engine"), refused.err.constData());
  }
  const CtlResult nobody = Harm(run, {"2", "kill"});
  QCOMPARE(nobody.exit_code, 2);
  QVERIFY2(nobody.err.contains("from 0 to 1"), nobody.err.constData());
  QVERIFY(home_.Show(run)["state"] == "running");
  QVERIFY(Faults(run).empty());
  End(run);
  const CtlResult late = Harm(run, {"0", "kill"});
  QVERIFY(late.exit_code != 0);
  QVERIFY2(late.err.contains("stopped"), late.err.constData());
}

CONCERTINA_TEST(HarmTest)

}  // namespace concertina::harm_test

#include "harm_test.moc"
