// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_launcher_test.cc: real processes (shell scripts in the worker's place): what they are given, how they
// end, and that nothing of them stays.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/engine/this_machine.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::local_launcher_test {
namespace {

// What a launcher's thread tells.
struct Heard {
  absl::Mutex mutex;
  std::vector<std::string> lines ABSL_GUARDED_BY(mutex);
  std::optional<WorkerExit> exit ABSL_GUARDED_BY(mutex);
  int exits ABSL_GUARDED_BY(mutex) = 0;

  std::optional<WorkerExit> WaitForExit() {
    absl::MutexLock lock(&mutex);
    const auto ended = [this] {
      mutex.AssertReaderHeld();
      return exit.has_value();
    };
    mutex.AwaitWithTimeout(absl::Condition(&ended), absl::Seconds(10));
    return exit;
  }
  bool WaitForLine(const std::string& line) {
    absl::MutexLock lock(&mutex);
    const auto there = [this, &line] {
      mutex.AssertReaderHeld();
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    };
    return mutex.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(10));
  }
  std::vector<std::string> Lines() {
    absl::MutexLock lock(&mutex);
    return lines;
  }
};

bool Lives(int64_t pid) { return kill(static_cast<pid_t>(pid), 0) == 0; }

// An orphan's body is for init to remove, in its own time: what has become a zombie is gone.
bool IsGoneSoon(int64_t pid) {
  for (const Deadline deadline = Deadline::After(10); !deadline.Passed(); usleep(1000)) {
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!stat.open(QIODevice::ReadOnly) || stat.readAll().contains(") Z ")) return true;
  }
  return false;
}

}  // namespace

class LocalLauncherTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    qputenv("CONCERTINA_PROGRAMS", folder_->path().toUtf8());
    const absl::Status made = Make(Json::object());
    QVERIFY2(made.ok(), std::string(made.message()).c_str());
  }
  void cleanup() {
    launcher_.reset();
    qunsetenv("CONCERTINA_PROGRAMS");
  }

  void theWorkerIsGivenItsTaskAndTheTokenInSecret() {
    Write(
        "echo \"args $*\"; echo \"token $CONCERTINA_TOKEN\" >&2; cat; tr '\\0' ' ' </proc/$$/cmdline; echo");
    Heard heard;
    const auto worker = Launch(heard);
    QVERIFY(worker.ok());
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->signal, 0);
    QCOMPARE(exit->exit_code, 0);
    const std::vector<std::string> lines = heard.Lines();
    QCOMPARE(lines.size(), size_t{3});
    QCOMPARE(lines[0],
             std::string("args --engine unix:/x --run the-run --rank 3 --plugins /p1 --plugins /p2"));
    QCOMPARE(lines[1], std::string("token s3cret"));
    QVERIFY(!absl::StrContains(lines[2], "s3cret"));
    QCOMPARE(LastLines(folder_->filePath("rank-3.log").toStdString(), 10), lines);
  }

  void endsAreToldAsTheyWere_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("text");
    QTest::newRow("exit code") << "exit 3"
                               << "ended with exit code 3";
    QTest::newRow("kill") << "kill -9 $$"
                          << "was killed by signal 9 (Killed)";
    QTest::newRow("crash") << "kill -11 $$"
                           << "was killed by signal 11 (Segmentation fault)";
  }
  void endsAreToldAsTheyWere() {
    QFETCH(QString, script);
    QFETCH(QString, text);
    Write(script);
    Heard heard;
    QVERIFY(Launch(heard).ok());
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(QString::fromStdString(exit->Text()), text);
  }

  void whatItStartedEndsWithIt() {
    // The grandchild keeps the output open, ignores SIGTERM, and would sleep for long.
    Write("(trap '' TERM; sleep 1000) & echo child $!; echo last words; exit 7");
    Heard heard;
    QVERIFY(Launch(heard).ok());
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->exit_code, 7);
    const std::vector<std::string> lines = heard.Lines();
    QCOMPARE(lines.back(), std::string("last words"));
    QVERIFY(IsGoneSoon(std::stoll(lines[0].substr(6))));
  }

  void isAskedFirstAndThenKilled() {
    Write("trap 'echo asked' TERM; echo ready; while :; do sleep 0.05; done");
    Heard heard;
    const auto worker = Launch(heard);
    QVERIFY(worker.ok());
    QVERIFY(heard.WaitForLine("ready"));
    (*worker)->Terminate();
    QVERIFY(heard.WaitForLine("asked"));
    QVERIFY(Lives((*worker)->pid()));
    (*worker)->Kill();
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->signal, SIGKILL);
    (*worker)->Kill();  // its number may be another's by now: nobody is hit
    (*worker)->Terminate();
  }

  void aStoppedOneIsKilledToo() {
    Write("echo ready; kill -STOP $$; sleep 1000");
    Heard heard;
    const auto worker = Launch(heard);
    QVERIFY(heard.WaitForLine("ready"));
    (*worker)->Kill();
    QVERIFY(heard.WaitForExit().has_value());
  }

  void endingTheLauncherEndsAll() {
    Write("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    Heard heard[3];
    std::vector<int64_t> pids;
    for (Heard& each : heard) {
      const auto worker = Launch(each);
      QVERIFY(worker.ok());
      QVERIFY(each.WaitForLine("ready"));
      pids.push_back((*worker)->pid());
    }
    launcher_.reset();
    for (const int64_t pid : pids) QVERIFY(!Lives(pid));  // reaped, not only dead
    for (Heard& each : heard) {
      absl::MutexLock lock(&each.mutex);
      QCOMPARE(each.exits, 1);
    }
  }

  void eachWorkerIsPinnedToItsCores() {
    const std::vector<int> usable = UsableCores();
    std::string list;
    for (const int core : usable) list += (list.empty() ? "" : ",") + std::to_string(core);
    QVERIFY(Make({{"cores", list}}).ok());
    Write("sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/self/status");
    Heard heard;
    QVERIFY(Launch(heard).ok());
    QVERIFY(heard.WaitForExit().has_value());
    // Rank 3 of one thread each: the fourth core, counted round.
    QCOMPARE(heard.Lines(), std::vector<std::string>{std::to_string(usable[3 % usable.size()])});
  }

  void itStandsBackAndItsMappingsAreBounded() {
    QVERIFY(Make({{"niceness", 5}, {"memory_mib", 100}}).ok());
    Write("cut -d' ' -f19 /proc/self/stat; ulimit -d");
    Heard heard;
    QVERIFY(Launch(heard).ok());
    QVERIFY(heard.WaitForExit().has_value());
    const int own = getpriority(PRIO_PROCESS, 0);
    QCOMPARE(heard.Lines(), (std::vector<std::string>{std::to_string(std::min(19, own + 5)),
                                                      std::to_string(2 * 100 * 1024 + 1024 * 1024)}));
  }

  void whoUsesMoreMemoryThanItMayIsEndedInWords() {
    QVERIFY(Make({{"memory_mib", 48}}).ok());
    Write("echo small; read line; x=$(head -c 100000000 /dev/zero | tr '\\0' a); echo large; sleep 1000");
    Heard heard;
    QVERIFY(Launch(heard).ok());  // its input is empty: read returns at once
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    const QString text = QString::fromStdString(exit->Text());
    QVERIFY2(text.contains("of memory, and may use 48: give it more (memory_mib)"), qPrintable(text));
    QVERIFY(exit->is_cause && exit->signal == 0);
    QCOMPARE(heard.Lines().front(), std::string("small"));
  }
  void whoUsesLessIsLeftAlone() {
    QVERIFY(Make({{"memory_mib", 2048}}).ok());
    Write("sleep 1; echo done");  // looked at some times meanwhile
    Heard heard;
    QVERIFY(Launch(heard).ok());
    const auto exit = heard.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->exit_code, 0);
    QCOMPARE(exit->Text(), std::string("ended with exit code 0"));
  }

  void coresThatCannotBeAreRefused_data() {
    QTest::addColumn<QString>("cores");
    QTest::addColumn<QString>("expected");
    for (const char* bad : {"x", "0,", ",", "3-1", "1-", "-1", "0 1", "0-1-2", "+1", "99999999999"})
      QTest::newRow(bad) << bad << "as 0-3,6";
    QTest::newRow("one that is not ours") << "1023"
                                          << "cores that the engine may use";
  }
  void coresThatCannotBeAreRefused() {
    QFETCH(QString, cores);
    QFETCH(QString, expected);
    const absl::Status made = Make({{"cores", cores.toStdString()}});
    QCOMPARE(made.code(), absl::StatusCode::kInvalidArgument);
    const QString message = QString::fromStdString(std::string(made.message()));
    QVERIFY2(message.startsWith("cores: found ") && message.contains(expected), qPrintable(message));
  }

  void thisMachineIsTested() {
    Write("[ \"$*\" = --version ] && echo " CONCERTINA_VERSION);
    const absl::StatusOr<HostReport> report = Test();
    QVERIFY2(report.ok(), std::string(report.status().message()).c_str());
    QCOMPARE(report->version, std::string(CONCERTINA_VERSION));
    QCOMPARE(report->cores, static_cast<int64_t>(UsableCores().size()));
    QVERIFY(!report->host.empty() && report->memory_bytes > 0 && !report->will_copy);
    QVERIFY(Make({{"cores", std::to_string(UsableCores().front())}}).ok());
    QCOMPARE(Test()->cores, int64_t{1});
  }
  void whatStandsInTheWayIsSaid_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("words");
    QTest::newRow("another version") << "echo 0.0.1"
                                     << "is of version 0.0.1, the engine of " CONCERTINA_VERSION;
    QTest::newRow("a library is missing") << "echo 'error while loading shared libraries: libx' >&2; exit 127"
                                          << "cannot be run here: error while";
    QTest::newRow("it says nothing") << "exit 3"
                                     << "cannot be run here: ended with exit code 3";
  }
  void whatStandsInTheWayIsSaid() {
    QFETCH(QString, script);
    QFETCH(QString, words);
    Write(script);
    const absl::StatusOr<HostReport> report = Test();
    QVERIFY(!report.ok());
    QVERIFY2(QString::fromStdString(std::string(report.status().message())).contains(words),
             std::string(report.status().message()).c_str());
  }

 private:
  absl::Status Make(const Json& more) {
    Json entry = {{"kind", "local"}};
    entry.update(more);
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("launcher", entry, "", faults);
    RETURN_IF_ERROR(FaultsToStatus(faults));
    ASSIGN_OR_RETURN(launcher_, Registry::Global().Create<Launcher>("launcher", params));
    return absl::OkStatus();
  }
  absl::StatusOr<HostReport> Test() {
    struct Answer {
      absl::Mutex mutex;
      std::optional<absl::StatusOr<HostReport>> report ABSL_GUARDED_BY(mutex);
    };
    const auto answer = std::make_shared<Answer>();
    launcher_->Test([answer](const absl::StatusOr<HostReport>& report) {
      absl::MutexLock lock(&answer->mutex);
      answer->report = report;
    });
    absl::MutexLock lock(&answer->mutex);
    const auto there = [&answer] {
      answer->mutex.AssertReaderHeld();
      return answer->report.has_value();
    };
    if (!answer->mutex.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(20)))
      return absl::DeadlineExceededError("no answer");
    return *answer->report;
  }
  void Write(const QString& script) const {
    const QString path = folder_->filePath("concertina-worker");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\n" + script.toUtf8() + "\n");
    file.close();
    QCOMPARE(chmod(path.toUtf8().constData(), 0755), 0);
  }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(Heard& heard) {
    LaunchRequest request;
    request.run = "the-run";
    request.rank = 3;
    request.token = "s3cret";
    request.engine_address = "unix:/x";
    request.log_path = folder_->filePath("rank-3.log").toStdString();
    request.plugin_folders = {"/p1", "/p2"};
    return launcher_->Launch(
        request,
        [&heard](const WorkerExit& exit) {
          absl::MutexLock lock(&heard.mutex);
          heard.exit = exit;
          ++heard.exits;
        },
        [&heard](const std::string& line) {
          absl::MutexLock lock(&heard.mutex);
          heard.lines.push_back(line);
        });
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Launcher> launcher_;
};

CONCERTINA_TEST(LocalLauncherTest)

}  // namespace concertina::local_launcher_test

#include "local_launcher_test.moc"
