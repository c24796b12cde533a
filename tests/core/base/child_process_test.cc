// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// child_process_test.cc: what a child is fed and what it reads; how launchers use it is in
// engine/local_launcher_test.cc.
#include "core/base/child_process.h"

#include <signal.h>
#include <sys/wait.h>

#include <QTemporaryDir>
#include <QTest>
#include <cerrno>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "core/base/file.h"
#include "tests/test_program.h"

namespace concertina::child_process_test {
namespace {

struct Seen {
  absl::Mutex mutex;
  std::string output ABSL_GUARDED_BY(mutex);
  std::optional<ChildExit> exit ABSL_GUARDED_BY(mutex);
  std::optional<ChildExit> WaitForExit() {
    absl::MutexLock lock(&mutex);
    const auto over = [this] {
      mutex.AssertReaderHeld();
      return exit.has_value();
    };
    mutex.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(20));
    return exit;
  }
  std::string Output() {
    absl::MutexLock lock(&mutex);
    return output;
  }
};

absl::StatusOr<pid_t> StartShell(ChildProcesses& children, Seen& seen, const std::string& script,
                                 ChildCommand command = {}) {
  command.arguments = {"/bin/sh", "-c", script};
  return children.Start(
      command,
      [&seen](std::string_view bytes) {
        absl::MutexLock lock(&seen.mutex);
        seen.output += bytes;
      },
      [&seen](const ChildExit& exit) {
        absl::MutexLock lock(&seen.mutex);
        seen.exit = exit;
      });
}

}  // namespace

class ChildProcessTest : public QObject {
  Q_OBJECT
 private slots:
  void readsWhatItIsFedAndThenTheEnd() {
    Seen seen;
    ChildProcesses children;
    const auto child = StartShell(children, seen, "cat; echo over", {.is_fed = true});
    QVERIFY(child.ok());
    // More than a socket holds: it waits until it is read.
    const std::string long_text(size_t{1} << 20, 'x');
    children.Feed(*child, "one\n");
    children.Feed(*child, long_text);
    children.EndInput(*child);
    children.Feed(*child, "too late");
    const auto exit = seen.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->exit_code, 0);
    QVERIFY(seen.Output() == "one\n" + long_text + "over\n");
  }

  void feedingOneThatReadsNoMoreHarmsNobody() {
    Seen seen;
    ChildProcesses children;
    const auto child = StartShell(children, seen, "exec <&-; echo closed; sleep 1000", {.is_fed = true});
    QVERIFY(child.ok());
    QTRY_COMPARE_WITH_TIMEOUT(seen.Output(), std::string("closed\n"), 20000);
    children.Feed(*child, std::string(100000, 'x'));
    children.Signal(*child, SIGKILL);
    const auto exit = seen.WaitForExit();
    QVERIFY(exit.has_value());
    QCOMPARE(exit->signal, SIGKILL);
  }

  void readsAFileOrNothing() {
    QTemporaryDir folder;
    const std::string file = folder.filePath("input").toStdString();
    QVERIFY(WriteFileAtomically(file, "of the file").ok());
    Seen of_file, of_nothing;
    ChildProcesses children;
    QVERIFY(StartShell(children, of_file, "cat", {.input_file = file}).ok());
    QVERIFY(StartShell(children, of_nothing, "cat; echo nothing").ok());
    QVERIFY(of_file.WaitForExit().has_value() && of_nothing.WaitForExit().has_value());
    QCOMPARE(of_file.Output(), std::string("of the file"));
    QCOMPARE(of_nothing.Output(), std::string("nothing\n"));
    Seen none;
    QCOMPARE(StartShell(children, none, "cat", {.input_file = file + "x"}).status().code(),
             absl::StatusCode::kNotFound);
  }

  void theEnvironmentIsTheEnginesWithWhatIsPutInItsPlace() {
    qputenv("CONCERTINA_TEST_A", "old");
    qputenv("CONCERTINA_TEST_B", "kept");
    Seen seen;
    ChildProcesses children;
    QVERIFY(StartShell(children, seen, "echo $CONCERTINA_TEST_A $CONCERTINA_TEST_B",
                       {.environment = {"CONCERTINA_TEST_A=new"}})
                .ok());
    QVERIFY(seen.WaitForExit().has_value());
    QCOMPARE(seen.Output(), std::string("new kept\n"));
    Seen without;
    QVERIFY(StartShell(children, without, "echo ${CONCERTINA_TEST_A-none} $CONCERTINA_TEST_B",
                       {.environment = {"CONCERTINA_TEST_A"}})
                .ok());
    QVERIFY(without.WaitForExit().has_value());
    QCOMPARE(without.Output(), std::string("none kept\n"));
  }

  void programsAreFoundInTheFoldersOfPath() {
    const auto shell = FindOnPath("sh", "dash");
    QVERIFY(shell.ok() && shell->ends_with("/sh"));
    const auto none = FindOnPath("no-such-program", "the-package");
    QCOMPARE(none.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(std::string(none.status().message()).find("the-package") != std::string::npos);
  }

  void timersAndChildrenCanBeMadeFromItsOwnThread() {
    Seen first, second;
    ChildProcesses children;
    QVERIFY(children.Post(
        [&] { children.After(0.01, [&] { QVERIFY(StartShell(children, second, "echo second").ok()); }); }));
    QVERIFY(second.WaitForExit().has_value());
    QCOMPARE(second.Output(), std::string("second\n"));
  }

  void aProgramIsRunToItsEnd() {
    const ChildAnswer ended = RunToEnd(
        {.arguments = {"/bin/sh", "-c", "echo first; echo $WORD >&2; exit 7"}, .environment = {"WORD=last"}},
        Deadline::After(20));
    QVERIFY2(ended.status.ok(), ended.status.ToString().c_str());
    QCOMPARE(ended.exit.exit_code, 7);
    QCOMPARE(ended.exit.signal, 0);
    QCOMPARE(ended.output, std::string("first\nlast\n"));
    const ChildAnswer killed = RunToEnd({.arguments = {"/bin/sh", "-c", "kill -9 $$"}}, Deadline::After(20));
    QVERIFY(killed.status.ok());
    QCOMPARE(killed.exit.signal, SIGKILL);
  }

  void ofAFloodTheBeginningIsKept() {
    const ChildAnswer ended =
        RunToEnd({.arguments = {"/bin/sh", "-c", "echo begun; head -c 1000000 /dev/zero | tr '\\0' x"}},
                 Deadline::After(20));
    QVERIFY(ended.status.ok());
    QCOMPARE(ended.exit.exit_code, 0);
    QCOMPARE(ended.output.size(), size_t{64} << 10);
    QVERIFY(ended.output.starts_with("begun\nx") && ended.output.ends_with("x"));
  }

  void aProgramThatDoesNotEndIsKilled() {
    const ChildAnswer ended =
        RunToEnd({.arguments = {"/bin/sh", "-c", "echo words; sleep 1000"}}, Deadline::After(0.2));
    QCOMPARE(ended.status.code(), absl::StatusCode::kDeadlineExceeded);
    QVERIFY(ended.status.message().find("/bin/sh") != std::string_view::npos);
    QCOMPARE(ended.exit.signal, SIGKILL);
    const pid_t left = waitpid(-1, nullptr, WNOHANG);  // it is reaped when the call returns
    const int error = errno;
    QCOMPARE(left, -1);
    QCOMPARE(error, ECHILD);
  }

  void whatCannotStartSaysWhy() {
    const ChildAnswer none =
        RunToEnd({.arguments = {"/bin/cat"}, .input_file = "/no/such/file"}, Deadline::After(20));
    QCOMPARE(none.status.code(), absl::StatusCode::kNotFound);
    QCOMPARE(none.exit.exit_code, 127);
    QVERIFY(none.output.find("/no/such/file") != std::string::npos);
  }

  void aCallIsFedAndAnswers() {
    absl::Notification is_over;
    ChildAnswer answer;
    ChildProcesses children;
    QVERIFY(children.Post([&] {
      children.Call({.arguments = {"/bin/cat"}}, "what it reads", 20, [&](const ChildAnswer& given) {
        answer = given;
        is_over.Notify();
      });
    }));
    QVERIFY(is_over.WaitForNotificationWithTimeout(absl::Seconds(20)));
    QVERIFY(answer.status.ok());
    QCOMPARE(answer.output, std::string("what it reads"));
  }
};

CONCERTINA_TEST(ChildProcessTest)

}  // namespace concertina::child_process_test

#include "child_process_test.moc"
