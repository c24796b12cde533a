// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport_test.cc: what every transport owes its ranks, over every transport there is.
#include "core/comm/transport.h"

#include <QTest>
#include <cstring>
#include <numeric>

#include "absl/strings/match.h"
#include "core/base/rng.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/test_program.h"

namespace concertina::transport_test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes Pattern(uint64_t seed, size_t size) {
  Rng rng(seed, "transport test");
  Bytes bytes(size);
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    const uint64_t word = rng.Next();
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < size; ++i) bytes[i] = static_cast<std::byte>(rng.Next());
  return bytes;
}

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

// Receives and compares with `expected`; the pieces must ascend without gaps.
absl::Status ReceiveAndCompare(Transport& transport, int from, uint32_t tag, const Bytes& expected) {
  size_t next = 0;
  bool is_same = true;
  RETURN_IF_ERROR(transport.Receive(
      from, tag, expected.size(), Deadline::After(20), [&](size_t offset, std::span<const std::byte> piece) {
        is_same = is_same && offset == next && offset + piece.size() <= expected.size() &&
                  std::memcmp(piece.data(), expected.data() + offset, piece.size()) == 0;
        next = offset + piece.size();
      }));
  return Expect(is_same && next == expected.size(),
                fmt::format("what came from {} is not what was sent", from));
}

}  // namespace

class TransportTest : public QObject {
  Q_OBJECT

  void addKinds() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : KindsAndTls()) QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }
  void addKindsAndSizes() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("size");
    for (const std::string& kind : KindsAndTls())
      for (const int size : {1, 2, 3, 5})
        QTest::addRow("%s, %d ranks", kind.c_str(), size) << QString::fromStdString(kind) << size;
  }
  static void verifyAll(const std::vector<absl::Status>& said) {
    const absl::Status error = FirstError(said);
    QVERIFY2(error.ok(), std::string(error.message()).c_str());
  }

 private slots:
  void thereAreAllKinds() {
    const auto kinds = Registry::Global().Kinds("transport");
    for (const char* kind : {"grpc", "shared-memory", "in-process", "mpi", "gloo"})
      QVERIFY2(std::find(kinds.begin(), kinds.end(), kind) != kinds.end(), kind);
  }

  void everyoneHearsEveryoneWhenAllSendFirst_data() { addKindsAndSizes(); }
  void everyoneHearsEveryoneWhenAllSendFirst() {
    QFETCH(QString, kind);
    QFETCH(int, size);
    verifyAll(RunRanks(kind.toStdString(), size, {}, [size](Transport& transport) -> absl::Status {
      RETURN_IF_ERROR(Expect(transport.size() == size, "wrong size"));
      const size_t lengths[] = {0, 1, 3, 4096, (size_t{1} << 20) - 1, (size_t{1} << 20) + 1, size_t{5} << 20};
      std::vector<Bytes> sent;
      for (int to = 0; to < size; ++to)
        for (const size_t length : lengths)
          if (to != transport.rank()) {
            sent.push_back(Pattern(static_cast<uint64_t>(transport.rank() * 100 + to) + length, length));
            RETURN_IF_ERROR(transport.Send(to, 7, sent.back(), Deadline::After(20)));
          }
      for (int from = 0; from < size; ++from)
        for (const size_t length : lengths)
          if (from != transport.rank())
            RETURN_IF_ERROR(ReceiveAndCompare(
                transport, from, 7,
                Pattern(static_cast<uint64_t>(from * 100 + transport.rank()) + length, length)));
      for (int to = 0; to < size; ++to)
        if (to != transport.rank()) RETURN_IF_ERROR(transport.Flush(to, Deadline::After(20)));
      return absl::OkStatus();
    }));
  }

  void tagsKeepMessagesApartAndInOrder_data() { addKinds(); }
  void tagsKeepMessagesApartAndInOrder() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      std::vector<Bytes> messages;
      for (uint64_t i = 0; i < 40; ++i) messages.push_back(Pattern(i, 10 + i * 50'000));
      if (transport.rank() == 0) {
        for (uint32_t i = 0; i < 40; ++i)
          RETURN_IF_ERROR(transport.Send(1, i % 4, messages[i], Deadline::After(20)));
        return transport.Flush(1, Deadline::After(20));
      }
      for (const uint32_t tag : {3u, 0u, 2u, 1u})
        for (uint32_t i = tag; i < 40; i += 4)
          RETURN_IF_ERROR(ReceiveAndCompare(transport, 0, tag, messages[i]));
      return absl::OkStatus();
    }));
  }

  void aMessageOfTheSendersSizeComesWhole_data() { addKinds(); }
  void aMessageOfTheSendersSizeComesWhole() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      std::vector<uint8_t> got;
      for (const size_t length : {size_t{0}, size_t{1}, size_t{100'000}, size_t{3} << 20}) {
        const Bytes message = Pattern(length, length);
        if (transport.rank() == 0) {
          RETURN_IF_ERROR(transport.Send(1, 1, message, Deadline::After(20)));
          RETURN_IF_ERROR(transport.Flush(1, Deadline::After(20)));
        } else {
          RETURN_IF_ERROR(transport.ReceiveMessage(0, 1, length, Deadline::After(20), got));
          RETURN_IF_ERROR(Expect(got.size() == length && std::memcmp(got.data(), message.data(), length) == 0,
                                 "not what was sent"));
        }
      }
      return absl::OkStatus();
    }));
  }

  void twoRanksSwapInPlace_data() { addKinds(); }
  void twoRanksSwapInPlace() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      const auto self = static_cast<uint64_t>(transport.rank());
      for (const size_t length : {size_t{0}, size_t{5}, size_t{1} << 20, size_t{24} << 20}) {
        Bytes bytes = Pattern(self, length);
        const Bytes theirs = Pattern(1 - self, length);
        RETURN_IF_ERROR(transport.SendReceive(1 - transport.rank(), 9, bytes, Deadline::After(20),
                                              [&](size_t offset, std::span<const std::byte> piece) {
                                                std::memcpy(bytes.data() + offset, piece.data(),
                                                            piece.size());
                                              }));
        RETURN_IF_ERROR(Expect(bytes == theirs, "the swap damaged something"));
      }
      return absl::OkStatus();
    }));
  }

  void aMessageOfAnotherSizeIsDataLoss_data() { addKinds(); }
  void aMessageOfAnotherSizeIsDataLoss() {
    QFETCH(QString, kind);
    const auto said = RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      const Bytes message(100);
      if (transport.rank() == 0) {
        RETURN_IF_ERROR(transport.Send(1, 1, message, Deadline::After(20)));
        RETURN_IF_ERROR(transport.Send(1, 2, message, Deadline::After(20)));
        return transport.Flush(1, Deadline::After(20));
      }
      std::vector<uint8_t> got;
      const absl::Status longer = transport.ReceiveMessage(0, 2, 99, Deadline::After(20), got);
      RETURN_IF_ERROR(Expect(absl::IsDataLoss(longer) && absl::StrContains(longer.message(), "rank 0") &&
                                 absl::StrContains(longer.message(), "at most 99"),
                             longer.ToString()));
      return transport.Receive(0, 1, 99, Deadline::After(20), [](size_t, std::span<const std::byte>) {});
    });
    QVERIFY2(said[0].ok(), std::string(said[0].message()).c_str());
    QVERIFY2(absl::IsDataLoss(said[1]), said[1].ToString().c_str());
    QVERIFY(absl::StrContains(said[1].message(), "rank 0: a message of 100 bytes"));
  }

  void nobodyIsNotAPeer_data() { addKinds(); }
  void nobodyIsNotAPeer() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 2, {}, [](Transport& transport) -> absl::Status {
      for (const int peer : {-1, 2, transport.rank()}) {
        RETURN_IF_ERROR(
            Expect(absl::IsInvalidArgument(transport.Send(peer, 1, {}, Deadline::Never())), "send"));
        RETURN_IF_ERROR(Expect(absl::IsInvalidArgument(transport.Flush(peer, Deadline::Never())), "flush"));
        RETURN_IF_ERROR(Expect(absl::IsInvalidArgument(transport.Receive(
                                   peer, 1, 0, Deadline::Never(), [](size_t, std::span<const std::byte>) {})),
                               "receive"));
      }
      return absl::OkStatus();
    }));
  }

  void aDeadlineEndsAWaitAndNamesTheRank_data() { addKinds(); }
  void aDeadlineEndsAWaitAndNamesTheRank() {
    QFETCH(QString, kind);
    const auto said = RunRanks(kind.toStdString(), 3, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 0) {
        const auto ignore = [](size_t, std::span<const std::byte>) {};
        const double before = Clock::Real().SteadySeconds();
        const absl::Status status = transport.Receive(2, 1, 4, Deadline::After(0.2), ignore);
        const double took = Clock::Real().SteadySeconds() - before;
        RETURN_IF_ERROR(Expect(absl::IsDeadlineExceeded(status) &&
                                   absl::StrContains(status.message(), "rank 2: nothing for 0.2"),
                               status.ToString()));
        RETURN_IF_ERROR(Expect(took >= 0.2 && took < 1.2, fmt::format("took {} s", took)));
        const Bytes word(4);
        RETURN_IF_ERROR(transport.Send(2, 1, word, Deadline::After(5)));  // the transport lives on
        return transport.Receive(2, 1, 4, Deadline::After(5), ignore);
      }
      if (transport.rank() == 2) {
        const Bytes word(4);
        RETURN_IF_ERROR(ReceiveAndCompare(transport, 0, 1, word));
        RETURN_IF_ERROR(transport.Send(0, 1, word, Deadline::After(5)));
        return transport.Flush(0, Deadline::After(5));
      }
      return absl::OkStatus();
    });
    verifyAll(said);
  }

  // Who waits for a third rank hears of it too.
  void aRankThatAbortsIsNamedToAllWithinASecond_data() { addKinds(); }
  void aRankThatAbortsIsNamedToAllWithinASecond() {
    QFETCH(QString, kind);
    std::atomic<double> aborted_at = 0;
    std::atomic<double> last_ended_at = 0;
    const auto said = RunRanks(kind.toStdString(), 4, {}, [&](Transport& transport) -> absl::Status {
      const auto ignore = [](size_t, std::span<const std::byte>) {};
      if (transport.rank() == 2) {
        const Bytes word(4);
        for (const int from : {0, 1, 3}) RETURN_IF_ERROR(ReceiveAndCompare(transport, from, 1, word));
        std::thread other([&] {  // from any thread, while this one waits
          aborted_at = Clock::Real().SteadySeconds();
          transport.Abort(absl::DataLossError("the data folder is gone"));
        });
        const absl::Status status = transport.Receive(0, 5, 4, Deadline::After(20), ignore);
        other.join();
        return Expect(absl::IsDataLoss(status), status.ToString());
      }
      const Bytes word(4);
      RETURN_IF_ERROR(transport.Send(2, 1, word, Deadline::After(5)));
      const absl::Status status =
          transport.Receive((transport.rank() + 1) % 2, 5, 4, Deadline::After(20), ignore);
      last_ended_at = std::max<double>(last_ended_at, Clock::Real().SteadySeconds());
      RETURN_IF_ERROR(Expect(absl::IsUnavailable(status) && absl::StartsWith(status.message(), "rank 2: ") &&
                                 absl::StrContains(status.message(), "the data folder is gone"),
                             status.ToString()));
      const absl::Status again = transport.Send(0, 1, {}, Deadline::After(5));
      return Expect(transport.rank() == 0 || absl::IsUnavailable(again), "sends on");
    });
    verifyAll(said);
    QVERIFY2(last_ended_at - aborted_at < 1, fmt::format("{} s", last_ended_at - aborted_at).c_str());
  }

  void aRankThatAbortsWhileNobodyDrivesItIsNamedToo_data() { addKinds(); }
  void aRankThatAbortsWhileNobodyDrivesItIsNamedToo() {
    QFETCH(QString, kind);
    std::atomic<int> ended = 0;
    verifyAll(RunRanks(kind.toStdString(), 3, {}, [&](Transport& transport) -> absl::Status {
      const auto nothing = [](size_t, std::span<const std::byte>) {};
      if (transport.rank() == 1) {
        // Only once all are connected: who is still on the way would fail there.
        for (const int other : {0, 2})
          RETURN_IF_ERROR(transport.Receive(other, 4, 0, Deadline::After(20), nothing));
        transport.Abort(absl::InternalError("this rank has lost its way"));
        const Deadline deadline = Deadline::After(5);
        while (ended < 2 && !deadline.Passed()) std::this_thread::yield();  // it lives on, and calls nothing
        return Expect(ended == 2, "the others waited on");
      }
      RETURN_IF_ERROR(transport.Send(1, 4, {}, Deadline::After(20)));
      const absl::Status status = transport.Receive(2 - transport.rank(), 5, 4, Deadline::After(20), nothing);
      ++ended;
      return Expect(absl::IsUnavailable(status) && absl::StartsWith(status.message(), "rank 1: "),
                    status.ToString());
    }));
  }

  void aRankThatLeftInGoodOrderDisturbsOnlyWhoWaitsForIt_data() { addKinds(); }
  void aRankThatLeftInGoodOrderDisturbsOnlyWhoWaitsForIt() {
    QFETCH(QString, kind);
    verifyAll(RunRanks(kind.toStdString(), 3, {}, [](Transport& transport) -> absl::Status {
      const Bytes message = Pattern(1, size_t{3} << 20);
      if (transport.rank() == 2) {  // sends and is gone
        for (const int to : {0, 1}) RETURN_IF_ERROR(transport.Send(to, 1, message, Deadline::After(5)));
        for (const int to : {0, 1}) RETURN_IF_ERROR(transport.Flush(to, Deadline::After(5)));
        return absl::OkStatus();
      }
      const int other = 1 - transport.rank();
      for (int round = 0; round < 50; ++round) {
        RETURN_IF_ERROR(transport.Send(other, 1, message, Deadline::After(5)));
        RETURN_IF_ERROR(ReceiveAndCompare(transport, other, 1, message));
      }
      RETURN_IF_ERROR(transport.Flush(other, Deadline::After(5)));
      RETURN_IF_ERROR(ReceiveAndCompare(transport, 2, 1, message));
      const absl::Status status =
          transport.Receive(2, 1, 4, Deadline::After(5), [](size_t, std::span<const std::byte>) {});
      return Expect(absl::IsUnavailable(status) && absl::StrContains(status.message(), "rank 2: has left"),
                    status.ToString());
    }));
  }

  void abortWithoutPeersEndsCallsToo() {
    auto transports = MakeInProcessTransports(1);
    transports[0]->Abort(absl::CancelledError("stopped by hand"));
    QVERIFY(absl::IsInvalidArgument(transports[0]->Flush(0, Deadline::After(1))));
  }

  void payloadIsCountedToTheByte_data() { addKindsAndSizes(); }
  void payloadIsCountedToTheByte() {
    QFETCH(QString, kind);
    QFETCH(int, size);
    const bool with_tls = kind == kBetweenHosts;
    verifyAll(RunRanks(kind.toStdString(), size, {}, [size, with_tls](Transport& transport) -> absl::Status {
      const size_t length = (size_t{12} << 20) + 11;
      const Bytes message(length);
      const auto others = static_cast<uint64_t>(size - 1);
      for (int to = 0; to < size; ++to)
        if (to != transport.rank()) RETURN_IF_ERROR(transport.Send(to, 1, message, Deadline::After(20)));
      for (int from = 0; from < size; ++from)
        if (from != transport.rank()) RETURN_IF_ERROR(ReceiveAndCompare(transport, from, 1, message));
      for (int to = 0; to < size; ++to)
        if (to != transport.rank()) RETURN_IF_ERROR(transport.Flush(to, Deadline::After(20)));
      ByteCounts counts = transport.counts();
      // What a link holds has left the caller's buffers, and not yet this process.
      const Deadline leaves = Deadline::After(with_tls ? 10 : 0);
      while (counts.whole_sent < counts.payload_sent && !leaves.Passed()) {
        for (int to = 0; to < size; ++to)
          if (to != transport.rank()) RETURN_IF_ERROR(transport.Flush(to, Deadline::After(20)));
        counts = transport.counts();
      }
      RETURN_IF_ERROR(
          Expect(counts.payload_sent == others * length && counts.payload_received == others * length &&
                     counts.messages_sent == others,
                 fmt::format("sent {} received {}", counts.payload_sent, counts.payload_received)));
      // By rank: all of it, to each other alike but for its greeting, and nothing to itself.
      std::vector<uint64_t> sent(static_cast<size_t>(size));
      RETURN_IF_ERROR(Expect(transport.CountSent(sent), "not counted by rank"));
      for (int to = 0; to < size; ++to) {
        const uint64_t bytes = sent[static_cast<size_t>(to)];
        RETURN_IF_ERROR(Expect(to == transport.rank() ? bytes == 0 : bytes >= (with_tls ? 1 : length),
                               fmt::format("{} bytes to rank {}", bytes, to)));
      }
      RETURN_IF_ERROR(Expect(std::accumulate(sent.begin(), sent.end(), uint64_t{0}) >= counts.whole_sent,
                             "the parts are less than the whole"));
      // Whole bytes: never less than the payload; with 1 MiB frames less than 3 % more, and a greeting a
      // peer. The kernel counts as sent what it sends again too: over loopback its probes for a lost tail are
      // 64 KiB each, and a busy machine has seen ten for one message here.
      const auto greetings = 2000.0 * static_cast<double>(others);
      const double most_received = 1.03 * static_cast<double>(counts.payload_received) + greetings;
      const double most_sent = 1.5 * static_cast<double>(counts.payload_sent) + greetings;
      return Expect(counts.whole_sent >= counts.payload_sent &&
                        counts.whole_received >= counts.payload_received &&
                        static_cast<double>(counts.whole_sent) <= most_sent &&
                        static_cast<double>(counts.whole_received) <= most_received,
                    fmt::format("sent {} whole of payload {}, received {} whole of payload {}",
                                counts.whole_sent, counts.payload_sent, counts.whole_received,
                                counts.payload_received));
    }));
  }
};

CONCERTINA_TEST(TransportTest)

}  // namespace concertina::transport_test

#include "transport_test.moc"
