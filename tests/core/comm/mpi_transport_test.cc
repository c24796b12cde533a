// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mpi_transport_test.cc: what every transport owes its ranks (transport_test.cc), over MPI, whose ranks are
// processes that mpirun starts: this program, with a job and a folder to meet in.
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "core/base/rng.h"
#include "core/comm/all_reduce.h"
#include "core/comm/communicator.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"

namespace concertina {
namespace {

using Bytes = std::vector<std::byte>;
constexpr char kRankCommand[] = "mpi-rank";
constexpr size_t kSizes[] = {0, 1, 3, 4064, 4065, (size_t{1} << 20) + 1};
const auto kIgnoreAll = [](size_t, std::span<const std::byte>) {};

absl::Status Expected(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

std::byte PatternAt(int from, int to, size_t i) {
  return static_cast<std::byte>(static_cast<size_t>(from * 31 + to * 7) + i + (i >> 12));
}

// All send everything first; empty messages, those beside their header, and those in many pieces.
absl::Status EveryoneHearsEveryone(Transport& transport) {
  const int self = transport.rank();
  std::vector<Bytes> sent;
  for (int to = 0; to < transport.size(); ++to)
    for (const size_t size : kSizes) {
      if (to == self) continue;
      Bytes& bytes = sent.emplace_back(size);
      for (size_t i = 0; i < size; ++i) bytes[i] = PatternAt(self, to, i);
      RETURN_IF_ERROR(transport.Send(to, 7, bytes, Deadline::After(20)));
    }
  for (int from = 0; from < transport.size(); ++from)
    for (const size_t size : kSizes) {
      if (from == self) continue;
      bool is_same = true;
      size_t next = 0;
      RETURN_IF_ERROR(transport.Receive(
          from, 7, size, Deadline::After(20), [&](size_t offset, std::span<const std::byte> piece) {
            is_same = is_same && offset == next;
            for (size_t i = 0; i < piece.size(); ++i)
              is_same = is_same && piece[i] == PatternAt(from, self, offset + i);
            next = offset + piece.size();
          }));
      RETURN_IF_ERROR(
          Expected(is_same && next == size, fmt::format("{} bytes of {} are damaged", size, from)));
    }
  for (int to = 0; to < transport.size(); ++to)
    if (to != self) RETURN_IF_ERROR(transport.Flush(to, Deadline::After(20)));
  size_t total = 0;
  for (const size_t size : kSizes) total += size;
  const auto others = static_cast<uint64_t>(transport.size() - 1);
  const ByteCounts counts = transport.counts();
  return Expected(counts.payload_sent == others * total && counts.payload_received == others * total &&
                      counts.whole_sent >= counts.payload_sent,
                  fmt::format("counted {} and {} bytes, {} expected", counts.payload_sent,
                              counts.payload_received, others * total));
}

// Along every way, and the same bits on all: 0, 1, 3 and 2^20 + 1 elements.
absl::Status AllReduceAlongEveryWay(Transport& transport) {
  std::vector<int> members(static_cast<size_t>(transport.size()));
  for (size_t i = 0; i < members.size(); ++i) members[i] = static_cast<int>(i);
  Communicator everyone(transport, members, 1);
  for (const std::string& name : AllReduceNames()) {
    if (name == "auto") continue;
    for (const size_t size : {size_t{0}, size_t{1}, size_t{3}, (size_t{1} << 20) + 1}) {
      std::vector<float> values(size);
      // Whole numbers below 2^24: their sums are exact in any order.
      for (size_t i = 0; i < size; ++i)
        values[i] = static_cast<float>((i * 7 + static_cast<size_t>(transport.rank()) * 13) % 1000);
      const AllReduceWay way{.algorithm = *AllReduceAlgorithmNamed(name), .group = 2};
      RETURN_IF_ERROR(Annotate(everyone.AllReduceSum(values, Deadline::After(30), 1, way),
                               fmt::format("{}, {}", name, size)));
      for (size_t i = 0; i < size; ++i) {
        float sum = 0;
        for (int rank = 0; rank < transport.size(); ++rank)
          sum += static_cast<float>((i * 7 + static_cast<size_t>(rank) * 13) % 1000);
        if (values[i] != sum)
          return absl::InternalError(
              fmt::format("{}, element {} of {}: {}, {} expected", name, i, size, values[i], sum));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ADeadlineEndsAWait(Transport& transport) {
  if (transport.rank() == 0) {
    const double before = SteadyNow();
    const absl::Status status = transport.Receive(1, 1, 4, Deadline::After(0.2), kIgnoreAll);
    RETURN_IF_ERROR(Expected(absl::IsDeadlineExceeded(status) &&
                                 absl::StrContains(status.message(), "rank 1: nothing for 0.2") &&
                                 SteadyNow() - before < 3,
                             status.ToString()));
    const Bytes word(4);
    RETURN_IF_ERROR(transport.Send(1, 1, word, Deadline::After(5)));  // the transport lives on
    return transport.Receive(1, 1, 4, Deadline::After(20), kIgnoreAll);
  }
  if (transport.rank() == 1) {
    RETURN_IF_ERROR(transport.Receive(0, 1, 4, Deadline::After(20), kIgnoreAll));
    const Bytes word(4);
    RETURN_IF_ERROR(transport.Send(0, 1, word, Deadline::After(5)));
    return transport.Flush(0, Deadline::After(5));
  }
  return absl::OkStatus();
}

absl::Status AnotherSizeIsRefused(Transport& transport) {
  const Bytes message(100);
  if (transport.rank() == 0) {
    RETURN_IF_ERROR(transport.Send(1, 1, message, Deadline::After(20)));
    return transport.Flush(1, Deadline::After(20));
  }
  if (transport.rank() > 1) return absl::OkStatus();
  const absl::Status status = transport.Receive(0, 1, 99, Deadline::After(20), kIgnoreAll);
  return Expected(
      absl::IsDataLoss(status) && absl::StrContains(status.message(), "rank 0: a message of 100 bytes"),
      status.ToString());
}

// Whoever waits for another hears of it, and why. Then nobody calls MPI any more, and each goes as it is.
absl::Status AnAbortIsToldToAll(Transport& transport) {
  if (transport.rank() == 1) {
    transport.Abort(absl::DataLossError("the data folder is gone"));
    return Expected(absl::IsDataLoss(transport.Receive(0, 5, 4, Deadline::After(20), kIgnoreAll)), "goes on");
  }
  const int other = transport.rank() == 0 ? transport.size() - 1 : 0;
  const absl::Status status = transport.Receive(other, 5, 4, Deadline::After(20), kIgnoreAll);
  return Expected(
      absl::IsUnavailable(status) && absl::StrContains(status.message(), "the data folder is gone"),
      status.ToString());
}

const std::map<std::string, std::function<absl::Status(Transport&)>>& MpiJobs() {
  static const std::map<std::string, std::function<absl::Status(Transport&)>> jobs = {
      {"everyone", EveryoneHearsEveryone},
      {"all-reduce", AllReduceAlongEveryWay},
      {"deadline", ADeadlineEndsAWait},
      {"another-size", AnotherSizeIsRefused},
      {"abort", AnAbortIsToldToAll}};
  return jobs;
}

// Everyone's address by files of `folder`.
absl::StatusOr<std::vector<std::string>> SwapAddresses(const QString& folder, int rank, int size,
                                                       const std::string& own) {
  QFile file(QString("%1/new-%2").arg(folder).arg(rank));
  if (!file.open(QIODevice::WriteOnly)) return absl::UnavailableError("no file to meet by");
  file.write(own.data(), static_cast<qint64>(own.size()));
  file.close();
  file.rename(QString("%1/at-%2").arg(folder).arg(rank));
  std::vector<std::string> addresses;
  const Deadline deadline = Deadline::After(20);
  while (static_cast<int>(addresses.size()) < size) {
    QFile other(QString("%1/at-%2").arg(folder).arg(addresses.size()));
    if (other.open(QIODevice::ReadOnly))
      addresses.push_back(other.readAll().toStdString());
    else if (deadline.Passed())
      return absl::DeadlineExceededError("a rank did not come");
    else
      std::this_thread::yield();
  }
  return addresses;
}

// The job says how it went in a file: mpirun may end a world whose ranks just go.
absl::Status RunMpiRank(const std::string& job, const QString& folder, int rank, int size) {
  ASSIGN_OR_RETURN(const auto kind, MakeTransportKind("mpi"));
  ASSIGN_OR_RETURN(const auto listener, kind->Listen({.secret = "the secret of this run"}));
  ASSIGN_OR_RETURN(const auto addresses, SwapAddresses(folder, rank, size, listener->address()));
  ASSIGN_OR_RETURN(const auto transport, listener->Connect(rank, addresses, {}, Deadline::After(30)));
  const absl::Status status = MpiJobs().at(job)(*transport);
  QFile said(QString("%1/said-%2").arg(folder).arg(rank));
  if (said.open(QIODevice::WriteOnly)) said.write(QByteArray::fromStdString(status.ToString()));
  return status;
}

int MpiRankMain(char** argv) {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  const char* const size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (rank == nullptr || size == nullptr) return 2;
  const absl::Status status = RunMpiRank(argv[2], argv[3], std::atoi(rank), std::atoi(size));
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::fflush(nullptr);
  std::_Exit(status.ok() ? 0 : 1);
}

}  // namespace

class MpiTransportTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void aProcessThatMpirunDidNotStartIsToldSo();
  void allOwedOverMpi_data();
  void allOwedOverMpi();

 private:
  QString mpirun_;
};

void MpiTransportTest::initTestCase() {
  mpirun_ = QStandardPaths::findExecutable("mpirun");
  if (mpirun_.isEmpty()) QSKIP("mpirun is not installed (openmpi-bin)");
  if (!QFile::exists(QCoreApplication::applicationDirPath() + "/../transports/mpi.so"))
    QSKIP("the transport mpi was not built (libopenmpi-dev)");
}

void MpiTransportTest::aProcessThatMpirunDidNotStartIsToldSo() {
  qunsetenv("PMIX_RANK");
  const auto kind = MakeTransportKind("mpi");
  QVERIFY(kind.ok());
  const absl::Status status = (*kind)->Listen({.secret = "s"}).status();
  QVERIFY2(
      absl::IsFailedPrecondition(status) && absl::StrContains(status.message(), "neither mpirun nor srun"),
      status.ToString().c_str());
}

void MpiTransportTest::allOwedOverMpi_data() {
  QTest::addColumn<QString>("job");
  QTest::addColumn<int>("ranks");
  for (const int ranks : {1, 2, 3, 4, 5, 6, 7, 8})
    QTest::addRow("everyone, %d ranks", ranks) << "everyone" << ranks;
  for (const int ranks : {1, 2, 3, 4, 8})
    QTest::addRow("all-reduce, %d ranks", ranks) << "all-reduce" << ranks;
  QTest::newRow("a deadline") << "deadline" << 3;
  QTest::newRow("a message of another size") << "another-size" << 2;
  QTest::newRow("an abort") << "abort" << 3;
}

void MpiTransportTest::allOwedOverMpi() {
  QFETCH(QString, job);
  QFETCH(int, ranks);
  const QTemporaryDir folder;
  QProcess mpirun;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("OMPI_ALLOW_RUN_AS_ROOT", "1");
  environment.insert("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
  mpirun.setProcessEnvironment(environment);
  mpirun.setProcessChannelMode(QProcess::MergedChannels);
  mpirun.start(mpirun_, {"-np",
                         QString::number(ranks),
                         "--oversubscribe",
                         "--bind-to",
                         "none",
                         "--host",
                         "localhost",
                         "--mca",
                         "plm",
                         "isolated",
                         "--mca",
                         "pml",
                         "ob1",
                         "--mca",
                         "btl",
                         "self,vader",
                         QCoreApplication::applicationFilePath(),
                         kRankCommand,
                         job,
                         folder.path()});
  const bool has_ended = mpirun.waitForFinished(50000);
  if (!has_ended) mpirun.kill(), mpirun.waitForFinished(5000);
  const QByteArray output = mpirun.readAll();
  QVERIFY2(has_ended, output.constData());
  int heard = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    QFile said(QString("%1/said-%2").arg(folder.path()).arg(rank));
    // After an abort the first that goes takes the others with it, which is mpirun's way.
    if (job == "abort" && !said.exists()) continue;
    QVERIFY2(said.open(QIODevice::ReadOnly), output.constData());
    QCOMPARE(said.readAll(), QByteArray("OK"));
    ++heard;
  }
  QVERIFY(heard > 0);
  if (job != "abort") QCOMPARE(mpirun.exitCode(), 0);
}

}  // namespace concertina

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], concertina::kRankCommand) == 0) return concertina::MpiRankMain(argv);
  QCoreApplication application(argc, argv);
  concertina::MpiTransportTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "mpi_transport_test.moc"
