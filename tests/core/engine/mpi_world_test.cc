// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mpi_world_test.cc: how mpirun is asked for a world, and what its words say of each rank. The words are
// those of Open MPI 4.1.4.
#include "core/engine/mpi_world.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "tests/test_program.h"

namespace concertina::mpi_world_test {
namespace {

constexpr char kKilled[] =
    "[1,0]<stderr>:rank 0 trains\n"
    "--------------------------------------------------------------------------\n"
    "Primary job  terminated normally, but 1 process returned\n"
    "a non-zero exit code. Per user-direction, the job has been aborted.\n"
    "--------------------------------------------------------------------------\n"
    "mpirun noticed that process rank 1 with PID 0 on node box exited on signal 9 (Killed).\n"
    "--------------------------------------------------------------------------\n";
constexpr char kFailed[] =
    "mpirun detected that one or more processes exited with non-zero status, thus causing\n"
    "the job to be terminated. The first process to do so was:\n"
    "\n"
    "  Process name: [[17571,1],2]\n"
    "  Exit code:    3\n";

struct Read {
  std::map<int, std::string> lines;
  MpirunOutput output{3, [this](int rank, std::string_view line) { lines[rank] += line; }};
};

std::vector<LaunchOrder> OrdersOf(int first_rank, int count) {
  std::vector<LaunchOrder> orders;
  for (int i = 0; i < count; ++i) {
    LaunchRequest request;
    request.run = "the-run";
    request.rank = first_rank + i;
    request.token = "s3cret-" + std::to_string(i);
    request.engine_address = "unix:/x";
    request.plugin_folders = {"/p1"};
    request.transport = "mpi";
    orders.push_back({.request = request, .on_exit = {}, .on_line = {}, .worker = nullptr});
  }
  return orders;
}

}  // namespace

class MpiWorldTest : public QObject {
  Q_OBJECT
 private slots:
  void cleanup() { qputenv("PATH", path_); }

  void allRanksAreOneMpirunAndNoTokenIsInItsArguments() {
    const QTemporaryDir folder;
    QFile mpirun(folder.filePath("mpirun"));
    QVERIFY(mpirun.open(QIODevice::WriteOnly));
    mpirun.write("#!/bin/sh\n");
    mpirun.close();
    QVERIFY(mpirun.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    qputenv("PATH", folder.path().toUtf8());
    const std::vector<LaunchOrder> orders = OrdersOf(2, 3);
    const auto command = MpirunCommand("/bin/concertina-worker", orders);
    QVERIFY2(command.ok(), command.status().ToString().c_str());
    std::string line;
    for (const std::string& argument : command->arguments) line += argument + " ";
    QVERIFY2(absl::StrContains(line, "mpirun -np 3 "), line.c_str());
    QVERIFY2(absl::StrContains(
                 line, "/bin/concertina-worker --engine unix:/x --run the-run --first-rank 2 --plugins /p1"),
             line.c_str());
    QVERIFY2(!absl::StrContains(line, "s3cret"), line.c_str());
    QCOMPARE(std::count(command->environment.begin(), command->environment.end(),
                        "CONCERTINA_TOKENS=s3cret-0,s3cret-1,s3cret-2"),
             1);
  }

  void withoutMpirunItSaysWhatToInstall() {
    const QTemporaryDir folder;
    qputenv("PATH", folder.path().toUtf8());
    const std::vector<LaunchOrder> orders = OrdersOf(0, 2);
    const absl::Status status = MpirunCommand("/bin/concertina-worker", orders).status();
    QVERIFY2(absl::IsNotFound(status) && absl::StrContains(status.message(), "openmpi-bin"),
             status.ToString().c_str());
  }

  void linesGoToTheirRank() {
    Read read;
    for (const char c :
         std::string("[1,2]<stdout>:two\n[1,0]<stderr>:[1,1]<stdout>:quoted\nmpirun says\n[1,9]<stdout>:x\n"
                     "[1,1]<stdout>:no end"))
      read.output.Add({&c, 1});  // however the bytes come
    read.output.Finish();
    QCOMPARE(read.lines[2], std::string("two\n"));
    QCOMPARE(read.lines[1], std::string("no end"));
    QCOMPARE(read.lines[0], std::string("[1,1]<stdout>:quoted\nmpirun says\n[1,9]<stdout>:x\n"));
  }

  void aLineWithoutEndIsCut() {
    Read read;
    const std::string much(3 * MpirunOutput::kMostLineBytes, 'x');
    read.output.Add(much);
    read.output.Finish();
    QCOMPARE(read.lines[0].size(), much.size());
  }

  void whoWasKilledIsTheCause() {
    Read read;
    read.output.Add(kKilled);
    read.output.Finish();
    QCOMPARE(read.output.culprit(), std::optional<int>(1));
    const WorkerExit exit = read.output.ExitOf(1, {.exit_code = 137});
    QCOMPARE(exit.signal, 9);
    QVERIFY(exit.is_cause);
    const WorkerExit other = read.output.ExitOf(0, {.exit_code = 137});
    QVERIFY(!other.is_cause);
    QCOMPARE(other.Text(), std::string("ended: mpirun ended all when rank 1 of the MPI world had ended"));
  }

  void whoFailedIsTheCause() {
    Read read;
    read.output.Add(kFailed);
    read.output.Finish();
    const WorkerExit exit = read.output.ExitOf(2, {.exit_code = 3});
    QCOMPARE(exit.Text(), std::string("ended with exit code 3"));
    QVERIFY(exit.is_cause);
  }

  void aGoodEndIsOneForAll() {
    Read read;
    for (int rank = 0; rank < 3; ++rank) {
      const WorkerExit exit = read.output.ExitOf(rank, {});
      QVERIFY(exit.exit_code == 0 && exit.signal == 0 && !exit.is_cause && exit.message.empty());
    }
  }

 private:
  const QByteArray path_ = qgetenv("PATH");
};

CONCERTINA_TEST(MpiWorldTest)

}  // namespace concertina::mpi_world_test

#include "mpi_world_test.moc"
