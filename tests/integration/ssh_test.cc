// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_test.cc: workers elsewhere: by a real sshd, which here is this machine, and by hand.
#include <QDateTime>
#include <QDirIterator>
#include <QFileInfo>
#include <algorithm>

#include "core/base/clock.h"
#include "tests/integration/programs.h"
#include "tests/integration/ssh_server.h"
#include "tests/test_program.h"

namespace concertina::ssh_test {

using Json = nlohmann::json;

class SshTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    const QString fault = server_.Start();
    QVERIFY2(fault.isEmpty(), qPrintable(fault));
  }
  void theMachineIsTestedBeforeARun();
  void workersElsewhereEqualWorkersHereBitForBit();
  void aResumedRunElsewhereEqualsOneNeverInterrupted();
  void aReplacementComesToTheSameMachine();
  void theEndOfTheClientEndsTheWorker();
  void aFrozenWorkerIsFoundAndEnded();
  void theEndOfTheEngineEndsTheWorkers();
  void aChangedHostKeyStopsWithItsReason();
  void anUnknownHostStopsWithItsReason();
  void aWorkerByHandJoinsWithItsLine();
  void aModelIsMeasuredOnItsDeviceAndStaysThere();

 private:
  bool Trains(const QString& run) { return home_.Trains(run, 40000); }
  // Two workers there, and one here; rank 0 is there, and so are the parameters.
  Json Mixed(int steps) const {
    Json spec = Here(steps);
    spec["workers"] = {server_.Entry(2), {{"launcher", "local"}, {"count", 1}}};
    return spec;
  }
  static Json Here(int steps) {
    Json spec = SmallSpec(3, steps);
    spec["exchange"] = {{"kind", "all-reduce"}, {"algorithm", "ring"}};
    return spec;
  }
  // Which kernels are fastest is measured by each home for itself, and last bits may differ by it: both have
  // one.
  void ShareKernelChoices() const {
    QDir().mkpath(server_.work());
    QFile::remove(server_.work() + "/kernels.json");
    QFile::copy(home_.file("kernels.json"), server_.work() + "/kernels.json");
  }
  // Processes whose arguments have all of these words, the programs of the test itself aside.
  static std::vector<qint64> ProcessesWith(const QList<QByteArray>& words) {
    std::vector<qint64> found;
    for (const QString& name : QDir("/proc").entryList(QDir::Dirs)) {
      QFile arguments("/proc/" + name + "/cmdline");
      if (name.toLongLong() == 0 || !arguments.open(QIODevice::ReadOnly)) continue;
      const QByteArray text = arguments.readAll();
      if (!text.isEmpty() && std::all_of(words.begin(), words.end(),
                                         [&](const QByteArray& word) { return text.contains(word); }))
        found.push_back(name.toLongLong());
    }
    return found;
  }
  // Nothing of the run is left: no worker, no keeper, no client.
  static bool NothingIsLeftOf(const QString& run) {
    return QTest::qWaitFor([&] { return ProcessesWith({"--run", run.toUtf8()}).empty(); }, 20000);
  }
  TestHome home_;
  SshServer server_;
};

void SshTest::theMachineIsTestedBeforeARun() {
  const auto test = [&](const Json& entry) {
    return home_.CtlJson({"launcher", "test", QString::fromStdString(entry.dump())});
  };
  const CtlResult good = test(server_.Entry(1));
  QVERIFY2(good.exit_code == 0, good.err.constData());
  const Json report = good.json();
  QVERIFY2(report["ready"] == true, report.dump().c_str());
  QVERIFY(report["cores"].get<int>() >= 1);
  QVERIFY(report["memory_bytes"].get<double>() > 1e8);
  const std::vector<std::string> datasets = report["datasets"];
  QVERIFY(std::find(datasets.begin(), datasets.end(), "fashion-mnist") != datasets.end());
  QVERIFY(report["seconds"].get<double>() < 20);
  QVERIFY(report["will_copy"] == true && !QFile::exists(server_.work() + "/bin/concertina-worker"));

  const Json changed = test(server_.Entry(1, "changed")).json();
  QVERIFY(changed["ready"] == false);
  QVERIFY2(changed["error"].get<std::string>().find("host key") != std::string::npos, changed.dump().c_str());
  Json wrong = server_.Entry(1);
  wrong["host"] = "-oProxyCommand=touch /tmp/x";
  QCOMPARE(test(wrong).exit_code, 2);
}

void SshTest::workersElsewhereEqualWorkersHereBitForBit() {
  Json here = Here(60), mixed = Mixed(60);
  here["training"]["checkpoint_every_steps"] = mixed["training"]["checkpoint_every_steps"] = 20;
  const Json expected = home_.Run(here);
  QVERIFY(expected["state"] == "finished");
  ShareKernelChoices();
  const Json got = home_.Run(mixed);
  QVERIFY2(got["state"] == "finished", got.dump(2).c_str());
  QVERIFY(!expected["parameters_sha256"].get<std::string>().empty());
  QVERIFY(got["parameters_sha256"] == expected["parameters_sha256"]);
  QVERIFY(got["workers"][0]["pid"].get<qint64>() > 0);
  // What the engine needs has come to it: the parameters, and all ranks' files of the kept checkpoints.
  const QString run = QString::fromStdString(got["run"]);
  QCOMPARE(
      home_.Ctl({"export", run, "--to", "safetensors", "--out", home_.file("kept.safetensors")}).exit_code,
      0);
  const QDir checkpoints(home_.file("runs/" + run + "/checkpoints"));
  const QStringList steps = checkpoints.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
  QCOMPARE(steps, QStringList({"step-000000000020", "step-000000000040"}));
  for (const QString& step : steps)
    QCOMPARE(QDir(checkpoints.filePath(step)).entryList(QDir::Files),
             QStringList({"manifest.json", "rank-0", "rank-1", "rank-2"}));
  // And nothing of the run is left there, neither files nor the folder of the socket.
  QVERIFY(NothingIsLeftOf(run));
  QTRY_COMPARE_WITH_TIMEOUT(QDir(server_.work()).entryList(QDir::Dirs | QDir::NoDotAndDotDot),
                            QStringList({"bin", "datasets", "runs"}), 10000);
  QVERIFY(QDir(server_.work() + "/runs").isEmpty());
}

void SshTest::aResumedRunElsewhereEqualsOneNeverInterrupted() {
  Json here = Here(1500), mixed = Mixed(1500);
  mixed["training"]["checkpoint_every_steps"] = here["training"]["checkpoint_every_steps"] = 50;
  const Json expected = home_.Run(here);
  ShareKernelChoices();
  const QString run = home_.Start(mixed);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run).value("last_checkpoint_step", 0) >= 100, 60000);
  const Json going = home_.Show(run);
  QVERIFY2(going["state"] == "running", going.dump(2).c_str());
  ::kill(going["workers"][1]["pid"].get<int>(), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "failed", 15000);
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("rank 1") != std::string::npos && error.find("signal 9") != std::string::npos,
           error.c_str());
  QVERIFY(NothingIsLeftOf(run));
  QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "finished" || home_.Show(run)["state"] == "failed",
                           120000);
  const Json resumed = home_.Show(run);
  QVERIFY2(resumed["state"] == "finished", resumed.dump(2).c_str());
  QCOMPARE(resumed["attempt"].get<int>(), 2);
  QVERIFY(resumed["parameters_sha256"] == expected["parameters_sha256"]);
}

// Ranks are given anew when the group forms anew, twice here, and all three have their files on one machine.
void SshTest::aReplacementComesToTheSameMachine() {
  Json spec = SmallSpec(3, 3000);
  spec["workers"] = {server_.Entry(3)};
  spec["elastic"] = {{"min_workers", 2}, {"replace", true}};
  spec["training"]["checkpoint_every_steps"] = 100;
  const QString run = home_.Start(spec);
  QVERIFY(Trains(run));
  const auto replaced = [&](size_t seat, qint64 before) {
    const Json shown = home_.Show(run);
    if (shown["state"] == "failed" || shown["spec"]["mesh"]["data"] != 3) return false;
    int running = 0;
    for (const Json& worker : shown["workers"]) running += worker["state"] == "running" ? 1 : 0;
    return running == 3 && shown["workers"][seat].value("pid", qint64{0}) != before;
  };
  for (const size_t seat : {size_t{0}, size_t{1}}) {
    const qint64 pid = home_.Show(run)["workers"][seat]["pid"].get<qint64>();
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    QVERIFY2(QTest::qWaitFor([&] { return replaced(seat, pid); }, 40000), home_.Show(run).dump(2).c_str());
  }
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "finished" || home_.Show(run)["state"] == "failed",
                           180000);
  const Json shown = home_.Show(run);
  QVERIFY2(shown["state"] == "finished" && shown["steps"] == 3000, shown.dump(2).c_str());
  QVERIFY(!shown["parameters_sha256"].get<std::string>().empty());
  // Those of the killed went with the next that came.
  QVERIFY(NothingIsLeftOf(run));
  QTRY_VERIFY_WITH_TIMEOUT(QDir(server_.work() + "/runs").isEmpty(), 10000);
}

void SshTest::theEndOfTheClientEndsTheWorker() {
  const QString run = home_.Start(Mixed(1000000));
  QVERIFY(Trains(run));
  const std::vector<qint64> clients =
      ProcessesWith({"ssh", "ProxyCommand=/bin/false", "--token-stdin", run.toUtf8()});
  QCOMPARE(clients.size(), size_t{2});
  ::kill(static_cast<pid_t>(clients[0]), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "failed", 15000);
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("ssh client was killed by signal 9") != std::string::npos &&
               error.find("127.0.0.1") != std::string::npos,
           error.c_str());
  QVERIFY(NothingIsLeftOf(run));
}

void SshTest::aFrozenWorkerIsFoundAndEnded() {
  const QString run = home_.Start(Mixed(1000000));
  QVERIFY(Trains(run));
  ::kill(home_.Show(run)["workers"][0]["pid"].get<int>(), SIGSTOP);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "failed", 25000);
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("rank 0") != std::string::npos, error.c_str());
  QVERIFY(NothingIsLeftOf(run));  // its keeper does not ask for ever
}

void SshTest::theEndOfTheEngineEndsTheWorkers() {
  const QString run = home_.Start(Mixed(1000000));
  QVERIFY(Trains(run));
  ::kill(static_cast<pid_t>(home_.EnginePid()), SIGKILL);
  QVERIFY(NothingIsLeftOf(run));
  QTRY_VERIFY_WITH_TIMEOUT(ProcessesWith({"ssh", server_.file("known").toUtf8()}).empty(), 10000);
}

void SshTest::aChangedHostKeyStopsWithItsReason() {
  Json spec = Mixed(20);
  spec["workers"][0] = server_.Entry(2, "changed");
  const Json run = home_.Run(spec);
  QVERIFY(run["state"] == "failed");
  const std::string error = run["error"];
  for (const char* part : {"could not be started", "127.0.0.1", "another host key", "ssh-keygen -R"})
    QVERIFY2(error.find(part) != std::string::npos, error.c_str());
}

void SshTest::anUnknownHostStopsWithItsReason() {
  Json spec = Mixed(20);
  spec["workers"][0]["known_hosts"] = server_.file("nobody").toStdString();
  const std::string error = home_.Run(spec)["error"];
  QVERIFY2(error.find("not known yet") != std::string::npos, error.c_str());
}

void SshTest::aWorkerByHandJoinsWithItsLine() {
  Json here = SmallSpec(2, 60);
  here["exchange"] = {{"kind", "all-reduce"}, {"algorithm", "ring"}};
  Json by_hand = here;
  by_hand["workers"] = {{{"launcher", "local"}, {"count", 1}},
                        {{"launcher", "manual"}, {"wait_seconds", 60}}};
  const Json expected = home_.Run(here);
  const QString run = home_.Start(by_hand);
  QString line;
  QTRY_VERIFY_WITH_TIMEOUT(
      [&] {
        line = QString::fromUtf8(home_.Ctl({"workers", "lines", run}).out).section('\n', 0, 0);
        return line.contains("concertina-worker --engine ");
      }(),
      10000);
  const QString token = line.section(' ', 0, 0).section('=', 1);
  QVERIFY2(token.size() > 60, qPrintable(line));
  // As a person would paste it, with the home of another machine.
  QProcess shell;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("PATH", QStringLiteral(CONCERTINA_BIN_DIR) + ":" + environment.value("PATH"));
  environment.insert("XDG_CACHE_HOME", home_.file("elsewhere"));
  shell.setProcessEnvironment(environment);
  QDir().mkpath(home_.file("elsewhere/concertina"));
  QFile::copy(home_.file("kernels.json"), home_.file("elsewhere/concertina/kernels.json"));
  shell.start("/bin/sh", {"-c", line});
  QVERIFY(shell.waitForFinished(90000));
  QVERIFY2(shell.exitCode() == 0, shell.readAllStandardError().constData());
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "finished", 15000);
  QVERIFY(home_.Show(run)["parameters_sha256"] == expected["parameters_sha256"]);
  // Whoever asks later gets nothing, and nothing that stays holds the token.
  QVERIFY(!home_.Ctl({"workers", "lines", run}).out.contains("CONCERTINA_TOKEN"));
  int files = 0;
  for (QDirIterator each(home_.path(), QDir::Files, QDirIterator::Subdirectories); each.hasNext();) {
    QFile file(each.next());
    if (!file.open(QIODevice::ReadOnly)) continue;
    ++files;
    QVERIFY2(!file.readAll().contains(token.toUtf8()), qPrintable(file.fileName()));
  }
  QVERIFY(files > 3);
  QVERIFY(!home_.Ctl({"events", run}).out.contains("CONCERTINA_TOKEN"));
}

void SshTest::aModelIsMeasuredOnItsDeviceAndStaysThere() {
  const Json trained = home_.Run(SmallSpec(2, 20));
  const QString run = QString::fromStdString(trained["run"]);
  const Json entry = server_.Entry(1);
  const auto text = [&](const char* name) { return QString::fromStdString(entry[name]); };
  const QStringList device = {"--host", text("host"), "--port",   QString::number(entry["port"].get<int>()),
                              "--key",  text("key"),  "--folder", text("folder")};
  const auto deploy = [&](const QString& known, const QStringList& more = {}) {
    return home_.CtlJson(QStringList{"deploy", run, "--known-hosts", known} + device + more, 60000);
  };
  const CtlResult done = deploy(server_.file("known"), {"--queries", "64"});
  QVERIFY2(done.exit_code == 0, (done.err + done.out).constData());
  const Json report = done.json();
  QCOMPARE(report["bench"]["queries"].get<int>(), 64);
  QVERIFY(report["bench"]["p50_seconds"].get<double>() > 0);
  // The very model of the run is there, and answers.
  const QString model = home_.file("exported.edge");
  QCOMPARE(home_.CtlJson({"export", run, "--to", "edge", "--out", model}).exit_code, 0);
  QFile here(model), there(QString::fromStdString(report["model"]));
  QVERIFY(here.open(QIODevice::ReadOnly) && there.open(QIODevice::ReadOnly));
  QVERIFY(here.readAll() == there.readAll());
  QVERIFY(there.fileName().startsWith(server_.work()));
  QCOMPARE(QProcess::execute(QString::fromStdString(report["program"]), {"info", there.fileName()}), 0);
  // Nothing that was made for it stays in the home, and the program is copied once.
  QVERIFY(QDir(home_.file("")).entryList({"device-*"}).isEmpty());
  const QString program = QString::fromStdString(report["program"]);
  const QDateTime copied = QFileInfo(program).lastModified();
  QCOMPARE(deploy(server_.file("known")).exit_code, 0);
  QCOMPARE(QFileInfo(program).lastModified(), copied);

  // Who asked is gone: the measurement, of half a minute, is ended, and what was made for it is removed.
  QProcess gone;
  gone.start(TestHome::Program("concertinactl"),
             QStringList{"deploy", run, "--known-hosts", server_.file("known"), "--queries", "1000000"} +
                 device + QStringList{"--home", home_.path()});
  const auto kept = [&] { return QDir(home_.file("")).entryList({"device-*"}); };
  QTRY_VERIFY_WITH_TIMEOUT(!kept().isEmpty(), 15000);
  gone.kill();
  QVERIFY(gone.waitForFinished(5000));
  QTRY_VERIFY_WITH_TIMEOUT(kept().isEmpty(), 10000);

  const CtlResult changed = deploy(server_.file("changed"));
  QCOMPARE(changed.exit_code, 1);
  const std::string error = changed.json()["error"];
  QVERIFY2(error.find("host key") != std::string::npos, error.c_str());
  QCOMPARE(deploy(server_.file("known"), {"--queries", "-1"}).exit_code, 2);
}

CONCERTINA_TEST(SshTest)

}  // namespace concertina::ssh_test

#include "ssh_test.moc"
