// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_launcher_test.cc: one job for all workers of an entry, followed and cancelled, with stand-ins of
// Slurm's programs that say what the test wants; a real Slurm has tests/integration/slurm_test.cc.
#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::slurm_launcher_test {
namespace {

constexpr int kWaitMs = 20000;
constexpr int kFirstRank = 2;

class Seen {
 public:
  void Line(int rank, const std::string& line) {
    absl::MutexLock lock(&mutex_);
    lines_[rank] += line + "\n";
  }
  void Exit(int rank, const WorkerExit& exit) {
    absl::MutexLock lock(&mutex_);
    exits_[rank].push_back(exit);
  }
  void Event(const std::string& event) {
    absl::MutexLock lock(&mutex_);
    events_ += event + "\n";
  }
  QString lines(int rank) {
    absl::MutexLock lock(&mutex_);
    return QString::fromStdString(lines_[rank]);
  }
  QString events() {
    absl::MutexLock lock(&mutex_);
    return QString::fromStdString(events_);
  }
  // "" until it has ended; "twice" is a mistake.
  QString exit(int rank) {
    absl::MutexLock lock(&mutex_);
    const std::vector<WorkerExit>& exits = exits_[rank];
    if (exits.size() > 1) return "twice";
    return exits.empty() ? QString() : QString::fromStdString(exits[0].Text());
  }

 private:
  absl::Mutex mutex_;
  std::map<int, std::string> lines_ ABSL_GUARDED_BY(mutex_);
  std::map<int, std::vector<WorkerExit>> exits_ ABSL_GUARDED_BY(mutex_);
  std::string events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

class SlurmLauncherTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { path_ = qgetenv("PATH"); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    seen_ = std::make_unique<Seen>();
    for (const char* name : {"bin", "run"}) QVERIFY(QDir(folder_->path()).mkdir(name));
    Program("sbatch",
            "env >$DIR/environment\necho sbatch \"$@\" >>$DIR/calls\ncat $DIR/answer\nexit $(cat $DIR/code)");
    Program("scontrol", "cat $DIR/state");
    Program("scancel", "echo scancel \"$@\" >>$DIR/calls");
    Write("answer", "sbatch: Warning: something\n7\n");
    Write("code", "0");
    State("PENDING", "Resources");
    qputenv("PATH", file("bin").toUtf8() + ":" + path_);
    qputenv("SBATCH_PARTITION", "another");
    qputenv("SLURM_JOB_ID", "99");
    qputenv("SLURM_CONF", "/the/conf");
  }
  void cleanup() {
    launcher_.reset();
    for (const char* name : {"SBATCH_PARTITION", "SLURM_JOB_ID", "SLURM_CONF"}) qunsetenv(name);
    qputenv("PATH", path_);
  }

  void allWorkersAreOneJobThatIsFollowed() {
    Launch(2);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("Slurm job 7: queued at Slurm\n"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(
        seen_->events().contains("Slurm job 7: waits: the partition has no free nodes (Resources)"), kWaitMs);
    QCOMPARE(Read("calls"), QString("sbatch --parsable %1/job.sh\n").arg(job()));
    const QString environment = Read("environment");
    QVERIFY(!environment.contains("SBATCH_") && !environment.contains("SLURM_JOB_ID"));
    QVERIFY(environment.contains("SLURM_CONF=/the/conf\n"));
    for (int rank : {kFirstRank, kFirstRank + 1}) {
      const QString token = QString("%1/token-%2").arg(job()).arg(rank);
      QCOMPARE(QFile(token).permissions() & ~(QFile::ReadUser | QFile::WriteUser),
               QFile::ReadOwner | QFile::WriteOwner);
      QCOMPARE(ReadPath(token), QString("token%1\n").arg(rank));
    }
    QVERIFY(!environment.contains("token2") && !ReadPath(job() + "/job.sh").contains("token2"));

    State("RUNNING", "None");
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("runs on n[1-2]"), kWaitMs);
    Write("run/" + job_name() + "/rank-1.out", "one\ntw");
    QTRY_VERIFY_WITH_TIMEOUT(seen_->lines(kFirstRank + 1) == "one\n", kWaitMs);
    Write("run/" + job_name() + "/rank-1.out", "one\ntwo\n");
    Write(QString("run/%1/exit-%2").arg(job_name()).arg(kFirstRank + 1), "137\n");
    QTRY_VERIFY_WITH_TIMEOUT(!seen_->exit(kFirstRank + 1).isEmpty(), kWaitMs);
    QCOMPARE(seen_->exit(kFirstRank + 1), QString("was killed by signal 9 (Killed)"));
    QCOMPARE(seen_->lines(kFirstRank + 1), QString("one\ntwo\n"));
    QCOMPARE(seen_->exit(kFirstRank), QString());  // it goes on
    State("COMPLETED", "None");
    QTRY_VERIFY_WITH_TIMEOUT(!seen_->exit(kFirstRank).isEmpty(), kWaitMs);
    QCOMPARE(seen_->exit(kFirstRank), QString("ended with exit code 0"));
    QTRY_VERIFY_WITH_TIMEOUT(QDir(job()).entryList(QDir::Files) == QStringList{"job.sh"}, kWaitMs);
    QVERIFY(!Read("calls").contains("scancel"));
  }

  void whatSlurmRefusesStartsNoWorker() {
    Write("answer", "sbatch: error: Batch job submission failed: Invalid partition name specified\n");
    Write("code", "1");
    Launch(2);
    for (int rank : {kFirstRank, kFirstRank + 1}) {
      QTRY_VERIFY_WITH_TIMEOUT(!seen_->exit(rank).isEmpty(), kWaitMs);
      QVERIFY2(seen_->exit(rank).startsWith(
                   "could not be started: Slurm refused the job: Invalid partition name specified (sinfo"),
               qPrintable(seen_->exit(rank)));
    }
    QVERIFY(!QFile::exists(QString("%1/token-%2").arg(job()).arg(kFirstRank)));
  }

  // The controller may yet make a job of it, which nobody would follow.
  void aSubmissionWithoutAnAnswerIsTakenBack() {
    Write("answer", "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n");
    Write("code", "1");
    Launch(1);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->exit(kFirstRank).contains("timed out"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(Read("calls").contains("scancel --name=concertina-r-slurm-"), kWaitMs);
  }

  void theEndOfAllCancelsTheJob() {
    State("RUNNING", "None");
    Launch(2);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("runs on"), kWaitMs);
    for (const auto& order : orders_) order.worker->Terminate();
    QTRY_VERIFY_WITH_TIMEOUT(Read("calls").contains("scancel 7\n"), kWaitMs);
    QVERIFY(!Read("calls").contains("KILL"));
    for (const auto& order : orders_) order.worker->Kill();
    QTRY_VERIFY_WITH_TIMEOUT(Read("calls").contains("scancel --signal=KILL --full 7\n"), kWaitMs);
    State("CANCELLED", "None");
    for (int rank : {kFirstRank, kFirstRank + 1})
      QTRY_VERIFY_WITH_TIMEOUT(seen_->exit(rank) == "ended: Slurm job 7 was cancelled", kWaitMs);
    QCOMPARE(Read("calls").count("scancel"), 2);
  }

  void theEndOfOneLeavesTheOthers() {
    State("RUNNING", "None");
    Launch(3);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("runs on"), kWaitMs);
    const QString end = QString("%1/end-%2").arg(job()).arg(kFirstRank + 1);
    orders_[1].worker->Kill();
    QTRY_COMPARE_WITH_TIMEOUT(ReadPath(end), QString("KILL\n"), kWaitMs);
    QVERIFY(!Read("calls").contains("scancel"));
    Write(QString("run/%1/exit-%2").arg(job_name()).arg(kFirstRank + 1), "137\n");
    QTRY_VERIFY_WITH_TIMEOUT(!seen_->exit(kFirstRank + 1).isEmpty(), kWaitMs);
    // Now the others are all.
    orders_[0].worker->Kill();
    orders_[2].worker->Kill();
    QTRY_VERIFY_WITH_TIMEOUT(Read("calls").contains("scancel 7\n"), kWaitMs);
  }

  void aJobCancelledFromOutsideSaysSo() {
    State("RUNNING", "None");
    Launch(1);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("runs on"), kWaitMs);
    State("TIMEOUT", "TimeLimit");
    QTRY_COMPARE_WITH_TIMEOUT(seen_->exit(kFirstRank),
                              QString("ended: Slurm job 7 reached its time limit (\"time_minutes\")"),
                              kWaitMs);
  }

  void aSlurmThatDoesNotAnswerIsWaitedFor() {
    Launch(1);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("waits"), kWaitMs);
    Write("state", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n");
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("Unable to contact"), kWaitMs);
    State("RUNNING", "None");
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("answers again"), kWaitMs);
    QCOMPARE(seen_->exit(kFirstRank), QString());
    Write("state", "slurm_load_jobs error: Invalid job id specified\n");
    QTRY_COMPARE_WITH_TIMEOUT(seen_->exit(kFirstRank),
                              QString("ended: Slurm job 7 is not known to Slurm any more"), kWaitMs);
  }

  void theEndOfTheLauncherCancelsTheJob() {
    Launch(2);
    QTRY_VERIFY_WITH_TIMEOUT(seen_->events().contains("queued"), kWaitMs);
    launcher_.reset();
    QVERIFY2(Read("calls").contains("scancel 7\n"), qPrintable(Read("calls")));
  }

  void moreNodesThanWorkersAreRefusedAtOnce() {
    QVERIFY(Make({{"nodes", 3}, {"program", "/bin/true"}}));
    Order(2);
    const absl::Status status = launcher_->LaunchAll(orders_);
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(orders_[0].worker == nullptr);
  }

  void aClusterIsTestedWithoutAJob() {
    Write("answer",
          "sbatch: Job 4 to start at 2026-11-27T16:51:43 using 2 processors on nodes n1 in partition main\n");
    QVERIFY(Make(Json::object()));
    absl::Mutex mutex;
    std::optional<absl::StatusOr<HostReport>> report;
    launcher_->Test([&](const absl::StatusOr<HostReport>& got) {
      absl::MutexLock lock(&mutex);
      report = got;
    });
    const auto has = [&] { return report.has_value(); };
    absl::MutexLock lock(&mutex);
    QVERIFY(mutex.AwaitWithTimeout(absl::Condition(&has), absl::Milliseconds(kWaitMs)));
    QVERIFY2(report->ok(), report->status().ToString().c_str());
    QCOMPARE((*report)->cores, int64_t{2});
    QCOMPARE(Read("calls"), QString("sbatch --test-only\n"));
  }

 private:
  QString file(const QString& name) const { return folder_->filePath(name); }
  static QString ReadPath(const QString& path) {
    QFile in(path);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
  }
  QString Read(const QString& name) const { return ReadPath(file(name)); }
  void Write(const QString& name, const QString& text) const {
    QVERIFY(WriteFileAtomically(file(name).toStdString(), text.toStdString()).ok());
  }
  void Program(const QString& name, const QString& script) const {
    Write("bin/" + name, "#!/bin/sh\nDIR=" + folder_->path() + "\n" + script + "\n");
    ::chmod(file("bin/" + name).toUtf8().constData(), 0700);
  }
  void State(const QString& state, const QString& reason) const {
    Write("state", QString("JobId=7 JobName=x JobState=%1 Reason=%2 ExitCode=0:0 NodeList=n[1-2] \n")
                       .arg(state, reason));
  }
  QString job_name() const {
    const QStringList jobs = QDir(file("run")).entryList({"slurm-*"}, QDir::Dirs);
    return jobs.size() == 1 ? jobs[0] : QString("none");
  }
  QString job() const { return file("run/" + job_name()); }
  bool Make(Json entry) {
    entry["kind"] = "slurm";
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("launcher", entry, "", faults);
    auto made = Registry::Global().Create<Launcher>("launcher", params);
    if (!faults.empty() || !made.ok()) return false;
    launcher_ = *std::move(made);
    return true;
  }
  void Order(int count) {
    orders_.clear();
    for (int i = 0; i < count; ++i) {
      LaunchOrder order;
      const int rank = kFirstRank + i;
      order.request.run = "r";
      order.request.rank = rank;
      order.request.token = "token" + std::to_string(rank);
      order.request.engine_address = "unix:/x";
      order.request.log_path = file("run/rank-%1.log").arg(rank).toStdString();
      order.request.home = folder_->path().toStdString();
      order.request.tell = [seen = seen_.get()](const std::string& event) { seen->Event(event); };
      order.on_exit = [seen = seen_.get(), rank](const WorkerExit& exit) { seen->Exit(rank, exit); };
      order.on_line = [seen = seen_.get(), rank](const std::string& line) { seen->Line(rank, line); };
      orders_.push_back(std::move(order));
    }
  }
  void Launch(int count) {
    QVERIFY(Make({{"program", "/bin/true"}}));
    Order(count);
    const absl::Status status = launcher_->LaunchAll(orders_);
    QVERIFY2(status.ok(), status.ToString().c_str());
  }

  QByteArray path_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Seen> seen_;
  std::unique_ptr<Launcher> launcher_;
  std::vector<LaunchOrder> orders_;
};

CONCERTINA_TEST(SlurmLauncherTest)

}  // namespace concertina::slurm_launcher_test

#include "slurm_launcher_test.moc"
