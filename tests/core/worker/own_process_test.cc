// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_process_test.cc: a process stops itself and goes on, or ends itself; tried on children of this one.
#include "core/worker/own_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTest>

#include "core/base/clock.h"
#include "tests/test_program.h"

namespace concertina::own_process_test {
namespace {

constexpr int kWell = 7, kNotWell = 8;

// A child that stops itself, and then leaves no guard behind.
pid_t StoppedChild(double seconds) {
  const pid_t child = fork();
  if (child != 0) return child;
  const bool is_well = StopOwnProcess(seconds).ok();
  _exit(is_well && waitpid(-1, nullptr, WNOHANG) < 0 ? kWell : kNotWell);
}

}  // namespace

class OwnProcessTest : public QObject {
  Q_OBJECT
 private slots:
  void aStoppedOneGoesOnByItself() {
    const pid_t child = StoppedChild(0.3);
    int status = 0;
    QCOMPARE(waitpid(child, &status, WUNTRACED), child);
    QVERIFY(WIFSTOPPED(status));
    const double before = Clock::Real().SteadySeconds();
    QCOMPARE(waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), kWell);
    QVERIFY(Clock::Real().SteadySeconds() - before > 0.15);  // less than all: it was seen a little later
  }

  void somebodyElseMayBeSooner() {
    const pid_t child = StoppedChild(0);
    int status = 0;
    QCOMPARE(waitpid(child, &status, WUNTRACED), child);
    QVERIFY(WIFSTOPPED(status));
    kill(child, SIGCONT);
    QCOMPARE(waitpid(child, &status, 0), child);
    QCOMPARE(WEXITSTATUS(status), kWell);
  }

  void aKilledOneSaysNothing() {
    const pid_t child = fork();
    if (child == 0) KillOwnProcess();
    int status = 0;
    QCOMPARE(waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(WTERMSIG(status), SIGKILL);
  }
};

CONCERTINA_TEST(OwnProcessTest)

}  // namespace concertina::own_process_test

#include "own_process_test.moc"
