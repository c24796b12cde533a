// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// faults_test.cc: what dies, hangs or is in the way, and what the user is told.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::faults_test {

using Json = nlohmann::json;

class FaultsTest : public QObject {
  Q_OBJECT
 private slots:
  void aKilledWorkerFailsTheRunWithRankAndSignal();
  void aLostWorkerIsToldAndTheOthersFinish_data();
  void aLostWorkerIsToldAndTheOthersFinish();
  void aLostServerFailsTheRunWithRankAndSignal();
  void aFrozenWorkerIsFound();
  void aKilledEngineLeavesNoWorkerAndLosesNoRun();
  void aCheckpointLacksNothingThatWasMeasuredBefore();
  void aSecondEngineOnAHomeIsRefused();
  void anEngineThatIsDyingIsWaitedFor();
  void aLossThatIsNotANumberFailsTheRun();
  void stopKeepsWhatThereIs();
  void pauseHoldsAndResumeGoesOn();
  void aKnobTurnsWhileTheRunGoes();

 private:
  Json Show(const QString& run) {
    const CtlResult shown = home_.CtlJson({"show", run});
    if (shown.exit_code != 0) qWarning("show: exit status %d: %s", shown.exit_code, shown.err.constData());
    return shown.json();
  }
  // Starts a long run and waits for its first steps.
  QString Start(Json spec) {
    const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
    const QString run = result.json().is_object() ? QString::fromStdString(result.json()["run"]) : QString();
    const bool going = QTest::qWaitFor([&] { return Show(run).value("steps", 0) > 5; }, 20000);
    if (!going) qWarning("the run does not start: %s", result.err.constData());
    return run;
  }
  std::vector<qint64> Pids(const QString& run) {
    std::vector<qint64> pids;
    const Json shown = Show(run);
    for (const Json& worker : shown["workers"]) pids.push_back(worker["pid"].get<qint64>());
    return pids;
  }
  bool AllGone(const std::vector<qint64>& pids) {
    return std::none_of(pids.begin(), pids.end(), [](qint64 pid) { return ProcessLives(pid); });
  }
  TestHome home_;
};

void FaultsTest::aKilledWorkerFailsTheRunWithRankAndSignal() {
  const QString run = Start(SmallSpec(3, 1000000));
  const auto pids = Pids(run);
  QVERIFY(!pids.empty());
  QCOMPARE(pids.size(), size_t{3});
  ::kill(static_cast<pid_t>(pids[1]), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "failed", 5000);
  const std::string error = Show(run)["error"];
  QVERIFY2(error.find("rank 1") != std::string::npos, error.c_str());
  QVERIFY2(error.find("SIGKILL") != std::string::npos || error.find("signal 9") != std::string::npos,
           error.c_str());
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 5000);
}

void FaultsTest::aLostWorkerIsToldAndTheOthersFinish_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("servers");
  QTest::addColumn<int>("lost");
  QTest::newRow("async, the server beside rank 0")
      << R"({"kind": "parameter-server", "mode": "async"})" << 0 << 2;
  QTest::newRow("async, a server of its own")
      << R"({"kind": "parameter-server", "mode": "async", "dedicated_servers": 1})" << 1 << 0;
  QTest::newRow("elastic averaging") << R"({"kind": "easgd"})" << 0 << 1;
  QTest::newRow("gossip") << R"({"kind": "gossip"})" << 0 << 1;
  QTest::newRow("gossip, who speaks") << R"({"kind": "gossip"})" << 0 << 0;
}

void FaultsTest::aLostWorkerIsToldAndTheOthersFinish() {
  QFETCH(QString, exchange);
  QFETCH(int, servers);
  QFETCH(int, lost);
  Json spec = SmallSpec(3, 3000);
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.01}};
  spec["exchange"] = Json::parse(exchange.toStdString());
  spec["workers"][0]["count"] = 3 + servers;
  const QString run = Start(spec);
  const auto pids = Pids(run);
  QCOMPARE(pids.size(), size_t(3 + servers));
  QVERIFY(Show(run)["state"] == "running");
  QProcess watch;
  watch.start(TestHome::Program("concertinactl"), {"watch", run, "--json", "--home", home_.path()});
  QVERIFY(watch.waitForReadyRead(10000));
  ::kill(static_cast<pid_t>(pids[static_cast<size_t>(lost)]), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] != "running", 60000);
  const Json shown = Show(run);
  QVERIFY2(shown["state"] == "finished", shown.dump(2).c_str());
  QCOMPARE(shown["steps"].get<int>(), 3000);
  QVERIFY(shown["test_accuracy"].get<double>() > 0.5);
  QVERIFY(!shown["parameters_sha256"].get<std::string>().empty());
  QVERIFY(watch.state() == QProcess::NotRunning || watch.waitForFinished(20000));
  int told = 0;
  for (const QByteArray& line : watch.readAllStandardOutput().split('\n')) {
    const Json message = Json::parse(line.toStdString(), nullptr, false);
    if (!message.is_object() || !message.contains("event")) continue;
    const Json& event = message["event"];
    if (event["kind"] != "worker-lost") continue;
    ++told;
    QCOMPARE(event["details"]["rank"].get<int>(), lost);
    QCOMPARE(event["details"]["signal"].get<int>(), SIGKILL);
    QVERIFY(event["details"]["step"].get<int>() > 0);
    const std::string text = event["message"];
    QVERIFY2(text.find("rank " + std::to_string(lost)) == 0 && text.find("signal 9") != std::string::npos,
             text.c_str());
  }
  QCOMPARE(told, 1);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 5000);
}

void FaultsTest::aLostServerFailsTheRunWithRankAndSignal() {
  Json spec = SmallSpec(2, 1000000);
  spec["exchange"] = {{"kind", "parameter-server"}, {"mode", "async"}, {"dedicated_servers", 1}};
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.01}};
  spec["workers"][0]["count"] = 3;
  const QString run = Start(spec);
  const auto pids = Pids(run);
  QCOMPARE(pids.size(), size_t{3});
  ::kill(static_cast<pid_t>(pids[2]), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "failed", 10000);
  const std::string error = Show(run)["error"];
  QVERIFY2(error.find("rank 2") != std::string::npos, error.c_str());
  QVERIFY2(error.find("signal 9") != std::string::npos || error.find("SIGKILL") != std::string::npos,
           error.c_str());
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 8000);
}

void FaultsTest::aFrozenWorkerIsFound() {
  const QString run = Start(SmallSpec(2, 1000000));
  const auto pids = Pids(run);
  QVERIFY(!pids.empty());
  ::kill(static_cast<pid_t>(pids[0]), SIGSTOP);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "failed", 15000);
  QCOMPARE(home_.CtlJson({"watch", run}).exit_code, 1);  // for scripts as for people
  const std::string error = Show(run)["error"];
  QVERIFY2(error.find("rank 0") != std::string::npos, error.c_str());
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 8000);
}

void FaultsTest::aKilledEngineLeavesNoWorkerAndLosesNoRun() {
  Json spec = SmallSpec(2, 1000000);
  spec["training"]["checkpoint_every_steps"] = 20;
  spec["training"]["engine_grace_seconds"] = 0;  // what becomes of others: engine_return_test.cc
  const QString run = Start(spec);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run).value("last_checkpoint_step", 0) >= 20, 10000);
  const auto pids = Pids(run);
  QVERIFY(!pids.empty());
  ::kill(static_cast<pid_t>(home_.EnginePid()), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 10000);
  // The next command starts a new engine, which finds the run as it was left.
  const Json found = Show(run);
  QCOMPARE(found["state"].get<std::string>(), std::string("failed"));
  QVERIFY(found["error"].get<std::string>().find("engine") != std::string::npos);
  QVERIFY(home_.CtlJson({"series", run, "train/loss"}).json()["points"].size() > 5);
  QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "running", 15000);
  QVERIFY(Show(run)["steps"].get<int>() >= 20);
  home_.Ctl({"kill", run});
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] != "running", 10000);
}

// The engine dies as soon as a checkpoint is whole; a run that goes on from there has every step before it.
void FaultsTest::aCheckpointLacksNothingThatWasMeasuredBefore() {
  Json spec = SmallSpec(3, 1000000);
  spec["training"]["checkpoint_every_steps"] = 37;
  spec["training"]["engine_grace_seconds"] = 0;
  const QString run = Start(spec);
  const auto pids = Pids(run);
  const auto newest = [&] {
    int step = 0;
    const QDir folder(home_.file("runs/" + run + "/checkpoints"));
    for (const QString& each : folder.entryList({"step-*"}, QDir::Dirs))
      if (folder.exists(each + "/manifest.json")) step = std::max(step, each.mid(5).toInt());
    return step;
  };
  const int before = newest();
  const QDeadlineTimer deadline(20000);
  while (newest() == before && !deadline.hasExpired()) QTest::qWait(1);
  ::kill(static_cast<pid_t>(home_.EnginePid()), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 10000);
  const int kept = newest();
  QVERIFY(kept > before);
  for (const char* series : {"train/loss", "comm/bytes_sent"}) {
    const Json points = home_.CtlJson({"series", run, series}).json()["points"];
    QVERIFY2(static_cast<int>(points.size()) >= kept, points.dump().c_str());
    for (int step = 0; step < kept; ++step)
      QCOMPARE(points[static_cast<size_t>(step)][0].get<double>(), step);
  }
}

void FaultsTest::aSecondEngineOnAHomeIsRefused() {
  home_.Ctl({"engine", "start"});
  QProcess second;
  second.start(TestHome::Program("concertina-engine"), {"--home", home_.path()});
  QVERIFY(second.waitForFinished(10000));
  QVERIFY(second.exitCode() != 0);
  QVERIFY(second.readAllStandardError().contains("engine"));
  QVERIFY(home_.EnginePid() > 0);
}

// One that was killed holds the home until the kernel has done with it, which a slow disk delays: whoever
// asks for an engine meanwhile gets the next one, and no error.
void FaultsTest::anEngineThatIsDyingIsWaitedFor() {
  TestHome home;
  QVERIFY(home.CtlJson({"engine", "start"}).exit_code == 0);
  home.StopEngine();
  const int dying = ::open(home.file("engine.lock").toUtf8().constData(), O_RDWR | O_CLOEXEC);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  QCOMPARE(::fcntl(dying, F_OFD_SETLK, &whole), 0);
  QFile log(home.file("engine.log"));
  const qint64 before = log.size();
  QProcess asks;
  asks.start(TestHome::Program("concertinactl"), {"engine", "start", "--home", home.path()});
  QTRY_VERIFY_WITH_TIMEOUT(log.size() > before, 10000);  // an engine was started, and refused
  QVERIFY(asks.state() == QProcess::Running);
  ::close(dying);
  QVERIFY(asks.waitForFinished(20000));
  QVERIFY2(asks.exitCode() == 0, asks.readAllStandardError().constData());
  QVERIFY(home.EnginePid() > 0);
}

void FaultsTest::aLossThatIsNotANumberFailsTheRun() {
  Json spec = SmallSpec(2, 2000);
  spec["optimizer"]["learning_rate"] = 1000;
  const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(result.json()["state"].get<std::string>(), std::string("failed"));
  const std::string error = result.json()["error"];
  QVERIFY2(error.find("step") != std::string::npos && error.find("learning_rate") != std::string::npos,
           error.c_str());
}

void FaultsTest::stopKeepsWhatThereIs() {
  const QString run = Start(SmallSpec(2, 1000000));
  QCOMPARE(home_.CtlJson({"stop", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "stopped", 15000);
  const Json stopped = Show(run);
  QVERIFY(stopped["test_accuracy"].is_number());
  QVERIFY(stopped["last_checkpoint_step"].get<int>() > 0);
  QCOMPARE(home_.CtlJson({"export", run, "--to", "safetensors", "--out", home_.file("kept.safetensors")})
               .exit_code,
           0);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(Pids(run)), 5000);
}

void FaultsTest::pauseHoldsAndResumeGoesOn() {
  const QString run = Start(SmallSpec(2, 1000000));
  QCOMPARE(home_.CtlJson({"pause", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] == "paused", 10000);
  const int steps = Show(run)["steps"].get<int>();
  QTest::qWait(700);  // longer than several metric batches: a run that still goes would show it
  QCOMPARE(Show(run)["steps"].get<int>(), steps);
  QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["steps"].get<int>() > steps, 10000);
  home_.Ctl({"kill", run});
}

void FaultsTest::aKnobTurnsWhileTheRunGoes() {
  const QString run = Start(SmallSpec(2, 1000000));
  const CtlResult set = home_.CtlJson({"set", run, "/optimizer/learning_rate=0.001"});
  QVERIFY2(set.exit_code == 0, set.err.constData());
  QTRY_VERIFY_WITH_TIMEOUT(
      [&] {
        const Json points = home_.CtlJson({"series", run, "train/learning_rate"}).json()["points"];
        return !points.empty() && std::abs(points.back()[1].get<double>() - 0.001) < 1e-9;
      }(),
      10000);
  QCOMPARE(home_.CtlJson({"set", run, "/model/kind=\"lenet-5\""}).exit_code, 2);
  QCOMPARE(home_.CtlJson({"set", run, "/optimizer/learning_rate=-1"}).exit_code, 2);
  home_.Ctl({"kill", run});
  QTRY_VERIFY_WITH_TIMEOUT(Show(run)["state"] != "running", 10000);
}

CONCERTINA_TEST(FaultsTest)

}  // namespace concertina::faults_test

#include "faults_test.moc"
