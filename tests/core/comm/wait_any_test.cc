// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// wait_any_test.cc: what every transport owes a rank that waits for many and outlives some: whoever comes
// first, nobody starves, a wake ends the wait, a lost peer fails only itself, each link its own shape.
#include <signal.h>

#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <fstream>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/comm/bench_ranks.h"
#include "core/comm/link_shaper.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"

namespace concertina {
namespace {

const auto kIgnore = [](size_t, std::span<const std::byte>) {};
const std::array<std::byte, 4> kWord = {};
constexpr uint32_t kTag = 7;

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

absl::Status SendWord(Transport& transport, int to, uint32_t tag = kTag) {
  RETURN_IF_ERROR(transport.Send(to, tag, kWord, Deadline::After(20)));
  return transport.Flush(to, Deadline::After(20));
}
absl::Status TakeWord(Transport& transport, int from, uint32_t tag = kTag) {
  return transport.Receive(from, tag, kWord.size(), Deadline::After(20), kIgnore);
}
// The rank that comes first, whose word is taken.
absl::StatusOr<int> TakeAny(Transport& transport, std::span<const int> from) {
  ASSIGN_OR_RETURN(const int rank, transport.WaitAny(from, kTag, Deadline::After(20)));
  RETURN_IF_ERROR(TakeWord(transport, rank));
  return rank;
}

// A process that is killed cannot say goodbye: what its peers then do, as a job between real processes.
// Rank 2 is killed after a word to each; ranks 0 and 1 must go on, or be told, as the job says.
absl::StatusOr<Json> OutliveAKilledRank(Transport& transport, const Json& job) {
  const bool survives = job.value("survives", false);
  if (survives) transport.SurviveLoss();
  if (transport.rank() == 2) {
    for (const int to : {0, 1}) RETURN_IF_ERROR(SendWord(transport, to));
    for (const int from : {0, 1}) RETURN_IF_ERROR(TakeWord(transport, from));
    raise(SIGKILL);
  }
  const int other = 1 - transport.rank();
  // What is on its way to the killed one must come free again.
  std::vector<std::byte> large(size_t{8} << 20);
  RETURN_IF_ERROR(transport.Send(2, kTag + 1, large, Deadline::After(20)));
  RETURN_IF_ERROR(TakeWord(transport, 2));
  RETURN_IF_ERROR(transport.Send(2, kTag, kWord, Deadline::After(20)));
  const absl::Status lost = TakeWord(transport, 2);
  RETURN_IF_ERROR(
      Expect(absl::IsUnavailable(lost) && absl::StartsWith(lost.message(), "rank 2: "), lost.ToString()));
  absl::Status status;
  if (survives) {
    status = Expect(transport.is_lost(2) && !transport.is_lost(other), "who is lost?");
    if (status.ok()) status = transport.Flush(2, Deadline::After(20));
    if (status.ok()) status = SendWord(transport, other);
    if (status.ok()) status = TakeWord(transport, other);
    if (status.ok())
      status = Expect(absl::IsUnavailable(transport.Send(2, kTag, kWord, Deadline::After(1))), "still sends");
    const std::array<int, 1> dead = {2};
    if (status.ok())
      status =
          Expect(absl::IsUnavailable(transport.WaitAny(dead, kTag, Deadline::After(20)).status()), "waits");
  } else {
    const absl::Status told = transport.Send(other, kTag, kWord, Deadline::After(1));
    status =
        Expect(absl::IsUnavailable(told) && absl::StrContains(told.message(), "rank 2: "), told.ToString());
  }
  std::ofstream(job.value("folder", "") + "/" + std::to_string(transport.rank())) << status.ToString();
  RETURN_IF_ERROR(status);
  return Json("well");
}
[[maybe_unused]] const bool added = AddBenchJob("outlive", OutliveAKilledRank);

}  // namespace

class WaitAnyTest : public QObject {
  Q_OBJECT

  static void verifyAll(const std::vector<absl::Status>& said) {
    const absl::Status error = FirstError(said);
    QVERIFY2(error.ok(), std::string(error.message()).c_str());
  }
  void addKinds() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : KindsAndTls()) QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }

 private slots:
  void whoComesFirstIsAnswered_data() { addKinds(); }
  void whoComesFirstIsAnswered() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 4, {}, [](Transport& transport) -> absl::Status {
      // Each waits for rank 0's word before it sends its own: so the order of arrivals is known.
      if (transport.rank() != 0) {
        RETURN_IF_ERROR(TakeWord(transport, 0));
        RETURN_IF_ERROR(SendWord(transport, 0, kTag + 1));  // another tag answers nobody
        return SendWord(transport, 0);
      }
      const std::array<int, 3> all = {1, 2, 3};
      for (const int wanted : {3, 1, 2}) {
        RETURN_IF_ERROR(SendWord(transport, wanted));
        ASSIGN_OR_RETURN(const int came, TakeAny(transport, all));
        RETURN_IF_ERROR(Expect(came == wanted, fmt::format("{} for {}", came, wanted)));
      }
      return absl::OkStatus();
    }));
  }

  void nobodyStarves_data() { addKinds(); }
  void nobodyStarves() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 4, {}, [](Transport& transport) -> absl::Status {
      constexpr int kRounds = 5;
      if (transport.rank() != 0) {
        for (int i = 0; i < kRounds; ++i) RETURN_IF_ERROR(SendWord(transport, 0));
        return SendWord(transport, 0, kTag + 1);
      }
      for (const int from : {1, 2, 3}) RETURN_IF_ERROR(TakeWord(transport, from, kTag + 1));  // all is there
      const std::array<int, 3> all = {3, 1, 2};
      std::array<int, 3> answered = {};
      for (int i = 0; i < 3 * kRounds; ++i) {
        ASSIGN_OR_RETURN(const int came, TakeAny(transport, all));
        RETURN_IF_ERROR(Expect(came == 1 + i % 3, fmt::format("{} at {}", came, i)));
        ++answered[static_cast<size_t>(came - 1)];
      }
      return Expect(answered[0] == kRounds && answered[1] == kRounds && answered[2] == kRounds, "counts");
    }));
  }

  void aDeadlineThatHasPassedIsAQuestion_data() { addKinds(); }
  void aDeadlineThatHasPassedIsAQuestion() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 1) {
        RETURN_IF_ERROR(TakeWord(transport, 0));
        return SendWord(transport, 0);
      }
      const std::array<int, 1> other = {1};
      const auto nobody = transport.WaitAny(other, kTag, Deadline::After(0));
      RETURN_IF_ERROR(Expect(absl::IsDeadlineExceeded(nobody.status()), nobody.status().ToString()));
      RETURN_IF_ERROR(SendWord(transport, 1));
      const Deadline deadline = Deadline::After(20);
      for (;;) {
        const auto somebody = transport.WaitAny(other, kTag, Deadline::After(0));
        if (somebody.ok()) return TakeWord(transport, *somebody);
        RETURN_IF_ERROR(Expect(absl::IsDeadlineExceeded(somebody.status()) && !deadline.Passed(),
                               somebody.status().ToString()));
      }
    }));
  }

  void aDeadlineNamesAllRanks_data() { addKinds(); }
  void aDeadlineNamesAllRanks() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 3, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() != 0) return TakeWord(transport, 0);
      const std::array<int, 2> others = {1, 2};
      const absl::Status status = transport.WaitAny(others, kTag, Deadline::After(0.1)).status();
      for (const int to : others) RETURN_IF_ERROR(SendWord(transport, to));
      return Expect(absl::IsDeadlineExceeded(status) &&
                        absl::StrContains(status.message(), "ranks 1, 2: nothing for 0.1"),
                    status.ToString());
    }));
  }

  // gRPC would sleep for up to 50 ms here; the median of many, because other programs want the cores too.
  void aWakeEndsTheWaitAtOnce_data() { addKinds(); }
  void aWakeEndsTheWaitAtOnce() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 1) return TakeWord(transport, 0);
      const std::array<int, 1> other = {1};
      transport.Wake();  // before the wait counts as well
      transport.Wake();
      ASSIGN_OR_RETURN(int came, transport.WaitAny(other, kTag, Deadline::After(20)));
      RETURN_IF_ERROR(Expect(came == -1, "not woken"));
      std::vector<double> seconds;
      for (int round = 0; round < 15; ++round) {
        std::atomic<double> woken_at = 0;
        std::thread waker([&] {
          const Deadline asleep = Deadline::After(0.02);  // longer than any spin
          while (!asleep.Passed()) std::this_thread::yield();
          woken_at = Clock::Real().SteadySeconds();
          transport.Wake();
        });
        const auto answer = transport.WaitAny(other, kTag, Deadline::After(20));
        const double now = Clock::Real().SteadySeconds();
        waker.join();
        RETURN_IF_ERROR(answer.status());
        RETURN_IF_ERROR(Expect(*answer == -1 && woken_at > 0, "it did not wait for the wake"));
        seconds.push_back(now - woken_at);
      }
      RETURN_IF_ERROR(Expect(Median(seconds) < 0.005, fmt::format("woken after {} s", Median(seconds))));
      const absl::Status nobody = transport.WaitAny(other, kTag, Deadline::After(0.01)).status();
      RETURN_IF_ERROR(Expect(absl::IsDeadlineExceeded(nobody), "a wake was left over"));
      return SendWord(transport, 1);
    }));
  }

  void whatFliesOnAnEmulatedLinkIsNotThereYet_data() { addKinds(); }
  void whatFliesOnAnEmulatedLinkIsNotThereYet() {
    QFETCH(QString, kind);
    const LinkShape shape{.bandwidth_mbit = 0, .latency_ms = 150};
    verifyAll(RunRanks(kind.toStdString(), 2, shape, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 1) {
        const double now = Clock::Real().SteadySeconds();
        RETURN_IF_ERROR(transport.Send(0, kTag, std::as_bytes(std::span(&now, 1)), Deadline::After(20)));
        RETURN_IF_ERROR(transport.Flush(0, Deadline::After(20)));
        return TakeWord(transport, 0);
      }
      const std::array<int, 1> other = {1};
      ASSIGN_OR_RETURN(const int came, transport.WaitAny(other, kTag, Deadline::After(20)));
      const double arrived = Clock::Real().SteadySeconds();
      double sent = 0;
      RETURN_IF_ERROR(transport.Receive(
          came, kTag, sizeof sent, Deadline::After(20), [&](size_t offset, std::span<const std::byte> piece) {
            std::memcpy(reinterpret_cast<std::byte*>(&sent) + offset, piece.data(), piece.size());
          }));
      RETURN_IF_ERROR(SendWord(transport, 1));
      // Never early; late by what other programs take of the cores.
      return Expect(arrived - sent >= 0.15 && arrived - sent < 0.3, fmt::format("{} s", arrived - sent));
    }));
  }

  void aLostMessageComesByRetransmission_data() { addKinds(); }
  void aLostMessageComesByRetransmission() {
    QFETCH(QString, kind);
    LinkShape shape{.loss = 0.3};
    const int64_t timer = 200'000'000;  // the least, in nanoseconds
    while (LiveShape(shape).Deviation(1) != timer || LiveShape(shape).Deviation(2) != 0) ++shape.seed;
    verifyAll(RunRanks(kind.toStdString(), 2, shape, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 1) {
        const double now = Clock::Real().SteadySeconds();
        RETURN_IF_ERROR(SendWord(transport, 0));  // this one is lost, and the next waits for it
        RETURN_IF_ERROR(transport.Send(0, kTag + 1, std::as_bytes(std::span(&now, 1)), Deadline::After(20)));
        RETURN_IF_ERROR(transport.Flush(0, Deadline::After(20)));
        return TakeWord(transport, 0);
      }
      double sent = 0;
      RETURN_IF_ERROR(transport.Receive(1, kTag + 1, sizeof sent, Deadline::After(20),
                                        [&](size_t offset, std::span<const std::byte> piece) {
                                          std::memcpy(reinterpret_cast<std::byte*>(&sent) + offset,
                                                      piece.data(), piece.size());
                                        }));
      const double arrived = Clock::Real().SteadySeconds();
      RETURN_IF_ERROR(TakeWord(transport, 1));
      RETURN_IF_ERROR(SendWord(transport, 1));
      // Never early; late by what other programs take of the cores.
      return Expect(arrived - sent >= 0.2 && arrived - sent < 1, fmt::format("{} s", arrived - sent));
    }));
  }

  void aSlowLinkSlowsOnlyItsPair_data() { addKinds(); }
  void aSlowLinkSlowsOnlyItsPair() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 3, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 0) {
        transport.SetShape(1, {.bandwidth_mbit = 0, .latency_ms = 400});
        const double began = Clock::Real().SteadySeconds();
        RETURN_IF_ERROR(SendWord(transport, 1));
        const std::array<int, 2> others = {1, 2};
        for (const int wanted : {2, 1}) {  // rank 1 sends first
          ASSIGN_OR_RETURN(const int came, TakeAny(transport, others));
          RETURN_IF_ERROR(Expect(came == wanted, fmt::format("{} for {}", came, wanted)));
        }
        RETURN_IF_ERROR(Expect(Clock::Real().SteadySeconds() - began >= 0.4, "the slow link was not slow"));
        transport.SetShape(LinkShape{});  // undoes it
        const double again = Clock::Real().SteadySeconds();
        RETURN_IF_ERROR(SendWord(transport, 1));
        RETURN_IF_ERROR(TakeWord(transport, 1));
        return Expect(Clock::Real().SteadySeconds() - again < 0.4, "still slow");
      }
      if (transport.rank() == 1) {
        RETURN_IF_ERROR(TakeWord(transport, 0));
        RETURN_IF_ERROR(SendWord(transport, 0));
        RETURN_IF_ERROR(SendWord(transport, 2));
        RETURN_IF_ERROR(TakeWord(transport, 0));
        return SendWord(transport, 0);
      }
      RETURN_IF_ERROR(TakeWord(transport, 1));
      return SendWord(transport, 0);
    }));
  }

  void aLostPeerFailsOnlyWhatConcernsIt_data() { addKinds(); }
  void aLostPeerFailsOnlyWhatConcernsIt() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 4, {}, [](Transport& transport) -> absl::Status {
      transport.SurviveLoss();
      const std::array<int, 3> others = {1, 2, 3};
      // Nobody is lost before all are ready for it.
      if (transport.rank() != 0) RETURN_IF_ERROR(SendWord(transport, 0, kTag + 1));
      if (transport.rank() == 2) {  // fails, after a last word
        RETURN_IF_ERROR(SendWord(transport, 0));
        RETURN_IF_ERROR(TakeWord(transport, 0));
        transport.Abort(absl::DataLossError("the disk is full"));
        return absl::OkStatus();
      }
      if (transport.rank() == 3) {  // leaves in good order
        RETURN_IF_ERROR(SendWord(transport, 0));
        return TakeWord(transport, 0);
      }
      if (transport.rank() == 1) {
        for (int i = 0; i < 20; ++i) RETURN_IF_ERROR(SendWord(transport, 0));
        RETURN_IF_ERROR(TakeWord(transport, 0));
        const absl::Status status = TakeWord(transport, 2);
        return Expect(absl::IsUnavailable(status) && absl::StrContains(status.message(), "the disk is full"),
                      status.ToString());
      }
      for (const int from : others) RETURN_IF_ERROR(TakeWord(transport, from, kTag + 1));
      for (const int to : {2, 3}) RETURN_IF_ERROR(SendWord(transport, to));
      const Deadline deadline = Deadline::After(20);
      std::array<int, 4> came = {};
      while (came != std::array<int, 4>{0, 20, 1, 1} || !transport.is_lost(2) || !transport.is_lost(3)) {
        const auto next = transport.WaitAny(others, kTag, Deadline::After(0.001));
        RETURN_IF_ERROR(Expect(!deadline.Passed(), fmt::format("{} {} {}", came[1], came[2], came[3])));
        if (absl::IsDeadlineExceeded(next.status())) continue;
        RETURN_IF_ERROR(next.status());
        RETURN_IF_ERROR(TakeWord(transport, *next));
        ++came[static_cast<size_t>(*next)];
      }
      const absl::Status failed = transport.Send(2, kTag, kWord, Deadline::After(1));
      RETURN_IF_ERROR(Expect(absl::IsUnavailable(failed) && absl::StartsWith(failed.message(), "rank 2: ") &&
                                 absl::StrContains(failed.message(), "the disk is full"),
                             failed.ToString()));
      const absl::Status left = TakeWord(transport, 3);
      RETURN_IF_ERROR(Expect(absl::IsUnavailable(left) && absl::StrContains(left.message(), "has left"),
                             left.ToString()));
      RETURN_IF_ERROR(Expect(!transport.is_lost(1), "rank 1 lives"));
      RETURN_IF_ERROR(SendWord(transport, 1));
      // Rank 1 goes too: then nobody is left.
      const absl::Status all = transport.WaitAny(others, kTag, Deadline::After(20)).status();
      return Expect(absl::IsUnavailable(all) && absl::StrContains(all.message(), "ranks 1, 2, 3"),
                    all.ToString());
    }));
  }

  void aKilledProcessIsOutlivedOrNamed_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("survives");
    for (const char* kind : {"grpc", kBetweenHosts, "shared-memory"}) {
      QTest::addRow("%s, outlived", kind) << kind << true;
      QTest::addRow("%s, named", kind) << kind << false;
    }
  }
  void aKilledProcessIsOutlivedOrNamed() {
    QFETCH(QString, kind);
    QFETCH(bool, survives);
    const QTemporaryDir folder;
    const bool with_tls = kind == kBetweenHosts;
    const auto result =
        RunBenchRanks("outlive", 3, {{"survives", survives}, {"folder", folder.path().toStdString()}}, 60,
                      with_tls ? "grpc" : kind.toStdString(), with_tls);
    QVERIFY(!result.ok());  // one rank was killed
    for (const char* rank : {"0", "1"}) {
      std::ifstream file(folder.path().toStdString() + "/" + rank);
      std::string said;
      std::getline(file, said);
      QVERIFY2(said == "OK", (std::string(rank) + ": " + said + " / " + result.status().ToString()).c_str());
    }
  }
};

}  // namespace concertina

int main(int argc, char** argv) {
  if (concertina::IsBenchRank(argc, argv)) return concertina::ServeBenchRank(argc, argv);
  concertina::WaitAnyTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "wait_any_test.moc"
