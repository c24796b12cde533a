// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_peer_test.cc: what one end sends comes out of the other, whole and by tag; an end that does not read
// makes the other wait; lying frames, foreign bytes and broken connections end it, and lose nothing that
// came.
#include "core/comm/tls_peer.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <QTest>
#include <cstring>

#include "absl/strings/match.h"
#include "core/base/clock.h"
#include "core/base/rng.h"
#include "fmt/format.h"
#include "tests/allocations.h"
#include "tests/core/comm/certificates.h"
#include "tests/test_program.h"

namespace concertina::tls_peer_test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes RandomBytes(uint64_t seed, size_t size) {
  Rng rng(seed, "tls peer test");
  Bytes bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.Next());
  return bytes;
}

// A TCP connection between two ranks, with TLS established on it.
struct Ends {
  std::unique_ptr<TlsCredentials> credentials[2];
  Socket sockets[2];
  std::unique_ptr<TlsSession> sessions[2];
};
absl::StatusOr<Ends> Connected() {
  Ends ends;
  uint16_t port = 0;
  ASSIGN_OR_RETURN(const Socket listener, ListenOnHost("127.0.0.1", port));
  ASSIGN_OR_RETURN(ends.sockets[1], StartDialling(SocketAddress{.host = INADDR_LOOPBACK, .port = port}));
  pollfd readable{.fd = listener.fd(), .events = POLLIN, .revents = 0};
  poll(&readable, 1, 10'000);
  ends.sockets[0] = Accept(listener);
  for (const int rank : {0, 1}) {
    ASSIGN_OR_RETURN(const RunCredentials credentials, CredentialsOf(rank));
    ASSIGN_OR_RETURN(ends.credentials[rank], TlsCredentials::Create(credentials));
  }
  ASSIGN_OR_RETURN(ends.sessions[0],
                   TlsSession::Acceptor(*ends.credentials[0], ends.sockets[0].fd(), {false, true}));
  ASSIGN_OR_RETURN(ends.sessions[1], TlsSession::Dialler(*ends.credentials[1], ends.sockets[1].fd(), 0));
  bool is_done[2] = {false, false};
  for (const Deadline deadline = Deadline::After(10); !(is_done[0] && is_done[1]);) {
    if (deadline.Passed()) return absl::DeadlineExceededError("the handshake does not end");
    for (const int rank : {0, 1})
      if (!is_done[rank]) {
        ASSIGN_OR_RETURN(is_done[rank], ends.sessions[rank]->Handshake());
      }
  }
  return ends;
}

// Rank 0 as a peer sees it, and rank 1, or only the session and socket of rank 1.
struct Pair {
  Ends ends;
  std::unique_ptr<TlsPeer> peers[2];
};
absl::StatusOr<std::unique_ptr<Pair>> MakePair(bool second = true) {
  auto pair = std::make_unique<Pair>();
  ASSIGN_OR_RETURN(pair->ends, Connected());
  for (const int end : {0, 1})
    if (end == 0 || second)
      pair->peers[end] = std::make_unique<TlsPeer>(1 - end, std::move(pair->ends.sockets[end]),
                                                   std::move(pair->ends.sessions[end]), LinkShape{});
  return pair;
}

// What epoll would say: that everything may have changed. True if anything moved.
absl::StatusOr<bool> Turn(TlsPeer& peer, bool reads = true) {
  peer.OnEvents(EPOLLIN | EPOLLOUT);
  bool has_moved = peer.WriteOn();
  if (reads) {
    ASSIGN_OR_RETURN(const bool has_read, peer.ReadOn());
    has_moved |= has_read;
  }
  return has_moved;
}

// Takes a message of `size` that comes with `tag` to peers[to].
absl::StatusOr<Bytes> Receive(Pair& pair, int to, uint32_t tag, size_t size) {
  Bytes bytes(size);
  size_t got = 0;
  bool is_there = false;
  for (const Deadline deadline = Deadline::After(20); !is_there || got < size;) {
    if (deadline.Passed()) return absl::DeadlineExceededError(fmt::format("{} of {} bytes", got, size));
    for (const auto& peer : pair.peers) RETURN_IF_ERROR(Turn(*peer).status());
    while (TlsFrame* const frame = pair.peers[to]->Find(tag)) {
      if (frame->message_bytes != size || frame->offset != got) return absl::InternalError("out of order");
      if (frame->bytes > 0) std::memcpy(bytes.data() + got, frame->piece().data(), frame->bytes);
      got += frame->bytes;
      is_there = true;
      pair.peers[to]->Drop(frame);
    }
  }
  return bytes;
}

// Reads until it fails, and says how.
absl::Status ReadToTheEnd(TlsPeer& peer) {
  for (const Deadline deadline = Deadline::After(10); !deadline.Passed();)
    RETURN_IF_ERROR(Turn(peer).status());
  return absl::DeadlineExceededError("no end");
}

Bytes FrameOf(const FrameHeader& header, const Bytes& piece = {}) {
  Bytes frame(kFrameHeaderBytes);
  WriteFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(frame.data(), kFrameHeaderBytes));
  frame.insert(frame.end(), piece.begin(), piece.end());
  return frame;
}

bool WriteAll(TlsSession& session, const Bytes& bytes) {
  const absl::StatusOr<size_t> sent =
      session.Write({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  return sent.ok() && *sent == bytes.size();
}

}  // namespace

class TlsPeerTest : public QObject {
  Q_OBJECT
 private slots:
  void bothDirectionsAtOnceComeWhole_data() {
    QTest::addColumn<quint64>("size");
    const quint64 piece = kTlsPieceBytes;
    for (const quint64 size : {quint64{0}, quint64{1}, quint64{16352}, quint64{16353}, piece - 1, piece,
                               piece + 1, quint64{(24 << 20) + 1}})
      QTest::addRow("%llu", size) << size;
  }
  void bothDirectionsAtOnceComeWhole() {
    QFETCH(quint64, size);
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes sent[2] = {RandomBytes(1, size), RandomBytes(2, size)};
    for (const size_t end : {0, 1}) (*pair)->peers[end]->Send(FrameKind::kData, 7, sent[end]);
    for (const int to : {0, 1}) {
      const auto came = Receive(**pair, to, 7, size);
      QVERIFY2(came.ok(), came.status().ToString().c_str());
      QVERIFY(*came == sent[1 - to]);
    }
    for (const Deadline deadline = Deadline::After(10); !(*pair)->peers[0]->flushed() && !deadline.Passed();)
      QVERIFY(Turn(*(*pair)->peers[0]).ok());
    QVERIFY((*pair)->peers[0]->flushed());
    // Records of TLS and headers of frames are counted, and little else.
    const KernelBytes whole = (*pair)->peers[0]->whole_bytes();
    QVERIFY2(whole.received >= size + kFrameHeaderBytes + 22 && whole.received < size + size / 100 + 200,
             fmt::format("{} of {}", whole.received, size).c_str());
  }

  void messagesAreFoundByTheirTags() {
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes first = RandomBytes(3, 200'000), second = RandomBytes(4, 10), third = RandomBytes(5, 10);
    (*pair)->peers[0]->Send(FrameKind::kData, 1, first);
    (*pair)->peers[0]->Send(FrameKind::kData, 2, second);
    (*pair)->peers[0]->Send(FrameKind::kData, 2, third);
    QVERIFY(Receive(**pair, 1, 2, second.size()).value_or(Bytes()) == second);
    QVERIFY((*pair)->peers[1]->kept_bytes() >= first.size());
    QVERIFY(Receive(**pair, 1, 1, first.size()).value_or(Bytes()) == first);
    QVERIFY(Receive(**pair, 1, 2, third.size()).value_or(Bytes()) == third);
    QCOMPARE((*pair)->peers[1]->kept_bytes(), uint64_t{0});
  }

  // What is taken is what the records gathered and the kernel hold (4 MiB to send and 6 MiB to receive, by
  // default).
  void whoDoesNotReadMakesTheOtherWait() {
    constexpr size_t kOffered = size_t{64} << 20, kMost = size_t{24} << 20;
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes bytes = RandomBytes(6, kOffered);
    TlsPeer& writer = *(*pair)->peers[0];
    writer.Send(FrameKind::kData, 1, bytes);
    for (int still = 0; still < 1000;) still = Turn(writer, /*reads=*/false).value_or(false) ? 0 : still + 1;
    const size_t taken = kOffered - writer.Unwritten(0);
    QVERIFY2(taken > 0 && taken < kMost, fmt::format("{} bytes were taken", taken).c_str());
    QVERIFY(!writer.flushed());
    QVERIFY(Receive(**pair, 1, 1, kOffered).value_or(Bytes()) == bytes);
    QCOMPARE(writer.Unwritten(0), size_t{0});
  }

  // The frame that was begun is ended, so that what is said next is understood.
  void whatIsDroppedLeavesTheConnectionInOrder() {
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes bytes = RandomBytes(7, size_t{1} << 20);
    TlsPeer& writer = *(*pair)->peers[0];
    TlsPeer& reader = *(*pair)->peers[1];
    writer.Send(FrameKind::kData, 1, bytes);
    writer.Send(FrameKind::kData, 1, bytes);
    writer.DropUnwritten();
    const std::string why = "the disk is full";
    writer.Send(FrameKind::kGoodbye, 0, std::as_bytes(std::span(why)));
    for (const Deadline deadline = Deadline::After(10); !reader.said_goodbye && !deadline.Passed();)
      for (TlsPeer* const peer : {&writer, &reader}) QVERIFY(Turn(*peer).ok());
    QCOMPARE(reader.parting_words, why);
    QVERIFY(reader.kept_bytes() < bytes.size());
  }

  void whoIsLostIsToldSoAndSendsNothingMore() {
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    TlsPeer& one = *(*pair)->peers[0];
    one.Lose(absl::UnavailableError("rank 1: is not wanted any more"));
    QVERIFY(one.is_lost() && one.flushed());
    QCOMPARE(one.why_lost().message(), "rank 1: is not wanted any more");
    QVERIFY(absl::IsUnavailable(ReadToTheEnd(*(*pair)->peers[1])));
  }

  void aConnectionThatBreaksIsToldAtOnceAndWhatCameBeforeComes() {
    auto pair = MakePair(/*second=*/false);
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes bytes = RandomBytes(8, 1000);
    QVERIFY(WriteAll(*(*pair)->ends.sessions[1], FrameOf({.tag = 5, .message_bytes = 1000}, bytes)));
    (*pair)->ends.sockets[1].Close();  // as when a process is killed: without a word of TLS
    TlsPeer& peer = *(*pair)->peers[0];
    const double before = Clock::Real().SteadySeconds();
    QVERIFY(absl::IsUnavailable(ReadToTheEnd(peer)));
    QVERIFY(Clock::Real().SteadySeconds() - before < 1);
    const TlsFrame* const frame = peer.Find(5);
    QVERIFY(frame != nullptr && std::ranges::equal(frame->piece(), bytes));
  }

  void bytesThatAreNotThePeersEndIt() {
    auto pair = MakePair(/*second=*/false);
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes forged = RandomBytes(9, 500);
    QCOMPARE(send((*pair)->ends.sockets[1].fd(), forged.data(), forged.size(), MSG_NOSIGNAL), ssize_t{500});
    const absl::Status said = ReadToTheEnd(*(*pair)->peers[0]);
    QVERIFY2(absl::IsDataLoss(said), said.ToString().c_str());
  }

  // Nothing is kept for a header that lies.
  void lyingFramesAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("what");
    const auto row = [](const char* name, const FrameHeader& header, const char* what) {
      const Bytes frame = FrameOf(header);
      QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(frame.data()),
                                        static_cast<qsizetype>(frame.size()))
                          << what;
    };
    row("unknown kind", {.kind = static_cast<FrameKind>(0x1234)}, "unknown kind");
    row("too long", {.message_bytes = kMaxMessageBytes + 1}, "at most");
    row("beyond its end", {.message_bytes = 10, .offset = 11}, "of a message of 10");
    row("empty piece", {.message_bytes = 10, .offset = 10}, "empty frame");
    row("long goodbye", {.kind = FrameKind::kGoodbye, .message_bytes = 501}, "a goodbye of 501 bytes");
  }
  void lyingFramesAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, what);
    auto pair = MakePair(/*second=*/false);
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const auto* const first = reinterpret_cast<const std::byte*>(bytes.constData());
    QVERIFY(WriteAll(*(*pair)->ends.sessions[1], Bytes(first, first + bytes.size())));
    const absl::Status said = ReadToTheEnd(*(*pair)->peers[0]);
    QVERIFY2(absl::IsDataLoss(said) && absl::StrContains(said.message(), what.toStdString()),
             said.ToString().c_str());
    QCOMPARE((*pair)->peers[0]->kept_bytes(), uint64_t{0});
  }

  void helloIsSaidOnce() {
    auto pair = MakePair(/*second=*/false);
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    TlsPeer& peer = *(*pair)->peers[0];
    const Bytes hello = FrameOf({.kind = FrameKind::kHello});
    QVERIFY(WriteAll(*(*pair)->ends.sessions[1], hello));
    for (const Deadline deadline = Deadline::After(10); !peer.is_open && !deadline.Passed();)
      QVERIFY(Turn(peer).ok());
    QVERIFY(peer.is_open);
    QVERIFY(WriteAll(*(*pair)->ends.sessions[1], hello));
    QVERIFY(absl::IsDataLoss(ReadToTheEnd(peer)));
  }

  // Of ours: OpenSSL has its own.
  void nothingIsAllocatedWhileItRuns() {
    const auto pair = MakePair();
    QVERIFY2(pair.ok(), pair.status().ToString().c_str());
    const Bytes bytes = RandomBytes(10, 300'000);
    const auto there = [&] {
      size_t got = 0;
      const Deadline deadline = Deadline::After(10);
      (*pair)->peers[0]->Send(FrameKind::kData, 3, bytes);
      while (got < bytes.size() && !deadline.Passed()) {
        for (const auto& peer : (*pair)->peers)
          if (!Turn(*peer).ok()) return false;
        while (TlsFrame* const frame = (*pair)->peers[1]->Find(3)) {
          got += frame->bytes;
          (*pair)->peers[1]->Drop(frame);
        }
      }
      return got == bytes.size();
    };
    for (int i = 0; i < 3; ++i) QVERIFY(there());
    const int64_t before = allocations;
    for (int i = 0; i < 20; ++i)
      if (!there()) QFAIL("it stands still");
    const int64_t made = allocations - before;
    QCOMPARE(made, int64_t{0});
  }
};

CONCERTINA_TEST(TlsPeerTest)

}  // namespace concertina::tls_peer_test

#include "tls_peer_test.moc"
