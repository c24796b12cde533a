// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_state_test.cc: what Slurm 22.05 writes is understood, and told in plain words.
#include "core/engine/slurm_state.h"

#include <QTest>

#include "fmt/format.h"
#include "tests/test_program.h"

namespace concertina::slurm_state_test {
namespace {

// As scontrol writes it, shortened.
std::string Shown(const std::string& state, const std::string& reason, const std::string& exit = "0:0") {
  return fmt::format(
      "JobId=2 JobName=concertina-x UserId=root(0) Account=(null) QOS=(null) JobState={} Reason={} "
      "Dependency=(null) "
      "Requeue=0 Restarts=0 ExitCode={} RunTime=00:00:01 ReqNodeList=(null) ExcNodeList=(null) "
      "NodeList=n[1-2] "
      "BatchHost=n1 Command=/tmp/a JobState=RUNNING/j.sh WorkDir=/tmp \n",
      state, reason, exit);
}

}  // namespace

class SlurmStateTest : public QObject {
  Q_OBJECT
 private slots:
  void aLineOfScontrolIsRead() {
    const auto job =
        ParseSlurmState("slurm_load_jobs: a warning\n" + Shown("FAILED", "NonZeroExitCode", "137:9"));
    QVERIFY2(job.ok(), job.status().ToString().c_str());
    const SlurmState expected{
        .state = "FAILED", .reason = "NonZeroExitCode", .nodes = "n[1-2]", .exit_code = 137, .signal = 9};
    QVERIFY(*job == expected);
    QCOMPARE(ParseSlurmState(Shown("RUNNING", "None"))->reason, std::string());
    QCOMPARE(ParseSlurmState("slurm_load_jobs error: Invalid job id specified\n").status().code(),
             absl::StatusCode::kNotFound);
    for (const char* other :
         {"", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n", "JobId=2 \n",
          "JobId=2 JobState=RUNNING ExitCode=x:0\n", "JobId=2 JobState=RUNNING\n"})
      QCOMPARE(ParseSlurmState(other).status().code(), absl::StatusCode::kUnavailable);
  }

  void theNumberIsFoundAmongWarnings() {
    QCOMPARE(*ParseSlurmId("12\n"), std::string("12"));
    QCOMPARE(*ParseSlurmId("12;cluster\n"), std::string("12"));
    QCOMPARE(*ParseSlurmId("sbatch: Warning: can't run 2 processes on 5 nodes, setting nnodes to 2\n1234\n"),
             std::string("1234"));
    for (const char* none : {"", "sbatch: error: x\n", "-3\n", "12 --x\n", "123456789012345\n"})
      QVERIFY(!ParseSlurmId(none).ok());
  }

  void statesAreToldInPlainWords_data() {
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("words");
    QTest::addColumn<bool>("isOver");
    const auto row = [](const char* state, const char* reason, const char* words, bool is_over) {
      QTest::addRow("%s %s", state, reason) << state << reason << words << is_over;
    };
    row("PENDING", "None", "waits", false);
    row("PENDING", "Resources", "waits: the partition has no free nodes (Resources)", false);
    row("PENDING", "ReqNodeNotAvail,_UnavailableNodes:n[1-2]",
        "waits: nodes that it needs are down, drained or reserved (ReqNodeNotAvail,_UnavailableNodes:n[1-2])",
        false);
    row("PENDING", "AssocGrpCpuLimit",
        "waits: the account has no more to give until other jobs end (AssocGrpCpuLimit)", false);
    row("PENDING", "NewReason", "waits (NewReason)", false);
    row("RUNNING", "None", "runs on n[1-2]", false);
    row("COMPLETING", "None", "is ending", false);
    row("COMPLETED", "None", "has ended", true);
    row("CANCELLED", "Resources", "was cancelled", true);
    row("FAILED", "NonZeroExitCode", "failed: its script ended with an error (NonZeroExitCode)", true);
    row("TIMEOUT", "TimeLimit", "reached its time limit (\"time_minutes\")", true);
    row("NODE_FAIL", "NodeDown", "lost one of its nodes", true);
    row("PREEMPTED", "None", "had to make room for a job of higher priority", true);
    row("OUT_OF_MEMORY", "OutOfMemory",
        "used more memory than it was given (ask for more with --mem in \"extra\")", true);
    row("BOOT_FAIL", "None", "was given a node that could not be started", true);
    row("DEADLINE", "DeadLine", "could not end before its deadline", true);
    row("SUSPENDED", "None", "is suspended: its processes stand still", false);
    row("NEW_STATE", "None", "is NEW_STATE", false);
  }
  void statesAreToldInPlainWords() {
    QFETCH(QString, state);
    QFETCH(QString, reason);
    QFETCH(QString, words);
    QFETCH(bool, isOver);
    const auto job = ParseSlurmState(Shown(state.toStdString(), reason.toStdString()));
    QVERIFY(job.ok());
    QCOMPARE(QString::fromStdString(SlurmWords(*job)), words);
    QCOMPARE(IsOver(*job), isOver);
  }

  void theEndOfAJobIsTheEndOfItsWorkers_data() {
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("exit");
    QTest::addColumn<bool>("hasStarted");
    QTest::addColumn<QString>("text");
    QTest::newRow("well") << "COMPLETED"
                          << "0:0" << true << "ended with exit code 0";
    QTest::newRow("cancelled") << "CANCELLED"
                               << "0:15" << true << "ended: Slurm job 7 was cancelled";
    QTest::newRow("cancelled while it waited")
        << "CANCELLED"
        << "0:0" << false << "could not be started: Slurm job 7 was cancelled";
    QTest::newRow("failed") << "FAILED"
                            << "3:0" << true << "ended: Slurm job 7 failed, exit code 3";
    QTest::newRow("killed") << "FAILED"
                            << "0:9" << true << "ended: Slurm job 7 failed, by signal 9";
    QTest::newRow("too long") << "TIMEOUT"
                              << "0:0" << true
                              << "ended: Slurm job 7 reached its time limit (\"time_minutes\")";
    QTest::newRow("a node") << "NODE_FAIL"
                            << "0:0" << true << "ended: Slurm job 7 lost one of its nodes";
  }
  void theEndOfAJobIsTheEndOfItsWorkers() {
    QFETCH(QString, state);
    QFETCH(QString, exit);
    QFETCH(bool, hasStarted);
    QFETCH(QString, text);
    const auto job = ParseSlurmState(Shown(state.toStdString(), "None", exit.toStdString()));
    QVERIFY(job.ok());
    const WorkerExit end = SlurmEnd("7", *job, hasStarted);
    QCOMPARE(QString::fromStdString(end.Text()), text);
    QCOMPARE(end.is_cause, state != "COMPLETED");
    QCOMPARE(end.exit_code == 0, state == "COMPLETED");
  }

  void refusalsSayWhatToDo() {
    QCOMPARE(
        SlurmRefusal("sbatch: error: invalid partition specified: nope\n"
                     "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
                     1),
        std::string(
            "Slurm refused the job: Invalid partition name specified (sinfo lists the partitions; look at "
            "\"partition\")"));
    QCOMPARE(SlurmRefusal("sbatch: error: something new\n", 1),
             std::string("Slurm refused the job: something new"));
    QCOMPARE(SlurmRefusal("", 127), std::string("sbatch ended with exit code 127 (it could not be run)"));
  }

  void anEstimateIsRead() {
    const auto estimate = ParseSlurmEstimate(
        "sbatch: Job 4 to start at 2026-11-27T16:51:43 using 2 processors on nodes n[1-2] in partition "
        "main\n",
        0);
    QVERIFY(estimate.ok());
    QCOMPARE(estimate->start, std::string("2026-11-27T16:51:43"));
    QCOMPARE(estimate->nodes, std::string("n[1-2]"));
    QCOMPARE(estimate->partition, std::string("main"));
    QCOMPARE(estimate->cores, int64_t{2});
    const auto refused = ParseSlurmEstimate("allocation failure: Invalid partition name specified\n", 1);
    QVERIFY(std::string(refused.status().message()).find("sinfo") != std::string::npos);
  }
};

CONCERTINA_TEST(SlurmStateTest)

}  // namespace concertina::slurm_state_test

#include "slurm_state_test.moc"
