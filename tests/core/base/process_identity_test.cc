// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// process_identity_test.cc: a process is known by more than its number, and nobody else is hit.
#include "core/base/process_identity.h"

#include <signal.h>
#include <unistd.h>

#include <QTest>

#include "absl/synchronization/mutex.h"
#include "core/base/child_process.h"
#include "tests/test_program.h"

namespace concertina::process_identity_test {
namespace {

// A child that sleeps, and what is heard of its end.
class Sleeper {
 public:
  explicit Sleeper(ChildProcesses& children) {
    ChildCommand command;
    command.arguments = {"/bin/sleep", "1000"};
    const absl::StatusOr<pid_t> started = children.Start(
        command, [](std::string_view) {}, [this](const ChildExit& exit) { Heard(exit); });
    pid_ = started.value_or(0);
  }
  Sleeper() = default;
  pid_t pid() const { return pid_; }
  void Heard(const ChildExit& exit) {
    absl::MutexLock lock(&mutex_);
    exit_ = exit;
    has_ended_ = true;
  }
  bool HasEnded() {
    absl::MutexLock lock(&mutex_);
    return has_ended_;
  }
  ChildExit exit() {
    absl::MutexLock lock(&mutex_);
    return exit_;
  }

 private:
  pid_t pid_ = 0;
  absl::Mutex mutex_;
  ChildExit exit_ ABSL_GUARDED_BY(mutex_);
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

class ProcessIdentityTest : public QObject {
  Q_OBJECT
 private slots:
  void oneOfTheSameNumberIsAnother_data() {
    QTest::addColumn<int>("ticks");
    QTest::addColumn<QString>("boot");
    QTest::newRow("begun later") << 1 << "";
    QTest::newRow("begun earlier") << -1 << "";
    QTest::newRow("of an earlier boot") << 0 << "00000000-0000-0000-0000-000000000000";
  }
  void oneOfTheSameNumberIsAnother() {
    QFETCH(int, ticks);
    QFETCH(QString, boot);
    Sleeper heard;
    ChildProcesses children;
    Sleeper sleeper(children);
    QVERIFY(sleeper.pid() > 0);
    const ProcessIdentity right = IdentityOf(sleeper.pid());
    QVERIFY(right.is_known());
    ProcessIdentity wrong = right;
    wrong.start_ticks += static_cast<uint64_t>(ticks);
    if (!boot.isEmpty()) wrong.boot_id = boot.toStdString();
    QVERIFY(IsAlive(right));
    QVERIFY(!IsAlive(wrong));
    QCOMPARE(KillProcess(wrong).code(), absl::StatusCode::kNotFound);
    QCOMPARE(children.Adopt(wrong, [&heard](const ChildExit& exit) { heard.Heard(exit); }).code(),
             absl::StatusCode::kNotFound);
    QVERIFY(IsAlive(right));
    QVERIFY(KillProcess(right).ok());
    QTRY_VERIFY_WITH_TIMEOUT(sleeper.HasEnded(), 20000);
    QCOMPARE(sleeper.exit().signal, SIGKILL);
    QVERIFY(!IsAlive(right));
    QCOMPARE(KillProcess(right).code(), absl::StatusCode::kNotFound);
    QVERIFY(!heard.HasEnded());
  }

  void nobodyIsNobody() {
    QVERIFY(!IdentityOf(0).is_known());
    QVERIFY(!IdentityOf(-1).is_known());
    QVERIFY(!IsAlive(ProcessIdentity{}));
    QCOMPARE(KillProcess(ProcessIdentity{.pid = getpid(), .start_ticks = 0, .boot_id = ""}).code(),
             absl::StatusCode::kNotFound);
  }

  // As the engine after the one that started it.
  void oneThatAnotherStartedIsAdopted() {
    ChildProcesses starter;
    Sleeper sleeper(starter);
    QVERIFY(sleeper.pid() > 0);
    Sleeper heard;
    ChildProcesses adopter;
    QVERIFY(adopter.Adopt(IdentityOf(sleeper.pid()), [&heard](const ChildExit& exit) { heard.Heard(exit); })
                .ok());
    QVERIFY(!heard.HasEnded());
    adopter.Signal(sleeper.pid(), SIGTERM);
    QTRY_VERIFY_WITH_TIMEOUT(heard.HasEnded() && sleeper.HasEnded(), 20000);
    QVERIFY(!heard.exit().is_known);
    QVERIFY(sleeper.exit().is_known);
    QCOMPARE(sleeper.exit().signal, SIGTERM);
  }

  void whoGoesTakesAlongWhatItAdopted() {
    ChildProcesses starter;
    Sleeper sleeper(starter);
    QVERIFY(sleeper.pid() > 0);
    Sleeper heard;
    {
      ChildProcesses adopter;
      QVERIFY(adopter.Adopt(IdentityOf(sleeper.pid()), [&heard](const ChildExit& exit) { heard.Heard(exit); })
                  .ok());
    }
    QVERIFY(heard.HasEnded());
    QTRY_VERIFY_WITH_TIMEOUT(sleeper.HasEnded(), 20000);
    QCOMPARE(sleeper.exit().signal, SIGKILL);
  }
};

CONCERTINA_TEST(ProcessIdentityTest)

}  // namespace concertina::process_identity_test

#include "process_identity_test.moc"
