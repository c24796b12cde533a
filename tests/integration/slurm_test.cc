// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_test.cc: workers as one job of a real Slurm with two virtual nodes, which both are this machine.
#include "tests/integration/slurm_cluster.h"

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::slurm_test {

using Json = nlohmann::json;

class SlurmTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    if (const QString why = SlurmCluster::WhyNot(); !why.isEmpty()) QSKIP(qPrintable(why));
    const QString fault = cluster_.Start();
    QVERIFY2(fault.isEmpty(), qPrintable(fault));
  }
  void cleanupTestCase() {
    home_.StopEngine();
    cluster_.Stop();
  }
  void theClusterIsTestedBeforeARun();
  void twoNodesEqualThisMachineBitForBit();
  void anMpiWorldOfOneNodeEqualsThisMachineBitForBit();
  void aResumedRunEqualsOneNeverInterrupted();
  void aStoppedRunLeavesNoJob();
  void aJobThatIsCancelledFailsTheRunInWords();
  void aWorkerThatIsKilledIsNamedWithItsSignal();
  void aWrongPartitionIsRefusedWithSlurmsReason();
  void aJobThatWaitsSaysWhy();

 private:
  static Json Here(int steps) {
    Json spec = SmallSpec(2, steps);
    spec["exchange"] = {{"kind", "all-reduce"}, {"algorithm", "ring"}};
    return spec;
  }
  static Json There(int steps) {
    Json spec = Here(steps);
    spec["workers"] = {{{"launcher", "slurm"}, {"count", 2}, {"nodes", 2}, {"time_minutes", 10}}};
    return spec;
  }
  bool Trains(const QString& run) { return home_.Trains(run, 60000); }
  bool Ends(const QString& run, const char* state, int timeout_ms = 30000) {
    return QTest::qWaitFor([&] { return home_.Show(run).value("state", "") == state; }, timeout_ms);
  }
  QString Log(const QString& run) { return QString::fromUtf8(home_.Ctl({"log", run, "--rank", "0"}).out); }
  static QString Jobs() { return SlurmCluster::Output("squeue", {"--noheader", "--format=%i"}); }
  static bool NoJobIsLeft() {
    return QTest::qWaitFor([] { return Jobs().isEmpty(); }, 20000);
  }

  SlurmCluster cluster_;
  TestHome home_;  // behind it: its engine knows SLURM_CONF
};

void SlurmTest::theClusterIsTestedBeforeARun() {
  const CtlResult good = home_.CtlJson({"launcher", "test", R"({"launcher": "slurm", "nodes": 2})"});
  QVERIFY2(good.exit_code == 0, good.err.constData());
  QVERIFY2(good.json()["ready"] == true, good.out.constData());
  QVERIFY2(good.json()["system"].get<std::string>().find("n[1-2]") != std::string::npos,
           good.out.constData());
  const Json bad = home_.CtlJson({"launcher", "test", R"({"launcher": "slurm", "nodes": 3})"}).json();
  QVERIFY(bad["ready"] == false);
  QVERIFY2(bad["error"].get<std::string>().find("\"nodes\"") != std::string::npos, bad.dump().c_str());
  QVERIFY(Jobs().isEmpty());
}

void SlurmTest::twoNodesEqualThisMachineBitForBit() {
  const Json expected = home_.Run(Here(60)), got = home_.Run(There(60));
  QVERIFY2(got["state"] == "finished", got.dump(2).c_str());
  QVERIFY(!expected["parameters_sha256"].get<std::string>().empty());
  QVERIFY(got["parameters_sha256"] == expected["parameters_sha256"]);
  // Each rank was a task of its own node.
  const QString run = QString::fromStdString(got["run"]);
  const QStringList jobs = QDir(home_.file("runs/" + run)).entryList({"slurm-0-*"}, QDir::Dirs);
  QCOMPARE(jobs.size(), 1);
  QVERIFY2(Log(run).contains("queued at Slurm"), qPrintable(Log(run)));
  // Neither tokens nor what the workers had of their own are left.
  const QDir folder(home_.file("runs/" + run + "/" + jobs[0]));
  QTRY_COMPARE_WITH_TIMEOUT(folder.entryList(QDir::Files), (QStringList{"job.out", "job.sh"}), 15000);
  QCOMPARE(QDir(home_.file("runs/" + run)).entryList({"rank-*"}, QDir::Dirs), QStringList());
  QVERIFY(NoJobIsLeft());
}

// On one node: PMIx of two on one machine is at a loss, since the second daemon finds the first one's folder.
void SlurmTest::anMpiWorldOfOneNodeEqualsThisMachineBitForBit() {
  if (!QFile::exists(QStringLiteral(CONCERTINA_BIN_DIR "/../transports/mpi.so")))
    QSKIP("the transport mpi was not built (libopenmpi-dev)");
  QProcess list;
  list.setProcessChannelMode(QProcess::MergedChannels);
  list.start("srun", {"--mpi=list"});
  QVERIFY(list.waitForFinished(20000));
  if (!list.readAll().contains("pmix")) QSKIP("this Slurm has no PMIx");
  Json there = There(60);
  there["workers"][0]["nodes"] = 1;
  there["network"] = {{"transport", "mpi"}};
  const Json expected = home_.Run(Here(60)), got = home_.Run(there);
  QVERIFY2(got["state"] == "finished", got.dump(2).c_str());
  QCOMPARE(got.value("transport", ""), std::string("mpi"));
  QVERIFY(got["parameters_sha256"] == expected["parameters_sha256"]);
  QVERIFY(NoJobIsLeft());
}

void SlurmTest::aResumedRunEqualsOneNeverInterrupted() {
  Json here = Here(1500), there = There(1500);
  here["training"]["checkpoint_every_steps"] = there["training"]["checkpoint_every_steps"] = 50;
  const Json expected = home_.Run(here);
  const QString run = home_.Start(there);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run).value("last_checkpoint_step", 0) >= 100, 60000);
  SlurmCluster::Output("scancel", {Jobs()});
  QVERIFY2(Ends(run, "failed"), home_.Show(run).dump(2).c_str());
  QVERIFY(NoJobIsLeft());
  QCOMPARE(home_.CtlJson({"resume", run}).exit_code, 0);
  QVERIFY2(Ends(run, "finished", 120000), home_.Show(run).dump(2).c_str());
  QVERIFY(home_.Show(run)["parameters_sha256"] == expected["parameters_sha256"]);
}

void SlurmTest::aStoppedRunLeavesNoJob() {
  const QString run = home_.Start(There(1000000));
  QVERIFY2(Trains(run), home_.Show(run).dump(2).c_str());
  QCOMPARE(home_.CtlJson({"stop", run}).exit_code, 0);
  QVERIFY2(Ends(run, "stopped"), home_.Show(run).dump(2).c_str());
  QVERIFY(NoJobIsLeft());
}

void SlurmTest::aJobThatIsCancelledFailsTheRunInWords() {
  const QString run = home_.Start(There(1000000));
  QVERIFY2(Trains(run), home_.Show(run).dump(2).c_str());
  SlurmCluster::Output("scancel", {Jobs()});
  QVERIFY2(Ends(run, "failed"), home_.Show(run).dump(2).c_str());
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("Slurm job ") != std::string::npos && error.find("was cancelled") != std::string::npos,
           error.c_str());
  QVERIFY(NoJobIsLeft());
}

void SlurmTest::aWorkerThatIsKilledIsNamedWithItsSignal() {
  const QString run = home_.Start(There(1000000));
  QVERIFY2(Trains(run), home_.Show(run).dump(2).c_str());
  ::kill(home_.Show(run)["workers"][1]["pid"].get<int>(), SIGKILL);
  QVERIFY2(Ends(run, "failed"), home_.Show(run).dump(2).c_str());
  const std::string error = home_.Show(run)["error"];
  QVERIFY2(error.find("rank 1") != std::string::npos && error.find("signal 9") != std::string::npos,
           error.c_str());
  QVERIFY(NoJobIsLeft());  // the other worker's job is cancelled with the run
}

void SlurmTest::aWrongPartitionIsRefusedWithSlurmsReason() {
  Json spec = There(20);
  spec["workers"][0]["partition"] = "nowhere";
  const Json run = home_.Run(spec);
  QVERIFY(run["state"] == "failed");
  const std::string error = run["error"];
  QVERIFY2(error.find("could not be started: Slurm refused the job: Invalid partition name specified") !=
               std::string::npos,
           error.c_str());
  // What can never be meant does not come as far as Slurm.
  spec["workers"][0]["partition"] = "main\n#SBATCH --uid=0";
  QCOMPARE(home_.CtlJson({"run", home_.Write("spec.json", spec.dump())}).exit_code, 2);
}

void SlurmTest::aJobThatWaitsSaysWhy() {
  SlurmCluster::Output("scontrol", {"update", "partitionname=main", "state=down"});
  const QString run = home_.Start(There(20));
  const bool said = QTest::qWaitFor(
      [&] { return Log(run).contains("waits: the partition is down (PartitionDown)"); }, 20000);
  const QString log = Log(run);
  SlurmCluster::Output("scontrol", {"update", "partitionname=main", "state=up"});
  QVERIFY2(said, qPrintable(log));
  QVERIFY2(Ends(run, "finished", 60000), home_.Show(run).dump(2).c_str());
}

CONCERTINA_TEST(SlurmTest)

}  // namespace concertina::slurm_test

#include "slurm_test.moc"
