// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_link_test.cc: what goes into one plain end comes out of the other, and an end that does not read makes
// the other wait; ends, broken connections and parting lose nothing that had come.
#include "core/comm/tls_link.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <QTest>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/comm/link_shaper.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"
#include "tests/allocations.h"
#include "tests/core/comm/certificates.h"
#include "tests/test_program.h"

namespace concertina::tls_link_test {
namespace {

std::vector<uint8_t> RandomBytes(uint64_t seed, size_t size) {
  Rng rng(seed, "tls link test");
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.Next());
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

// Links that a thread turns, as one that waits for gRPC does.
class TurnedLinks {
 public:
  explicit TurnedLinks(std::unique_ptr<TlsLinks> links) : links_(std::move(links)) {
    thread_ = std::thread([this] {
      while (!is_ending_.load()) {
        links_->Turn();
        links_->Sleep(SteadyNanoseconds() + kMillisecond * 1000);
      }
    });
  }
  ~TurnedLinks() {
    is_ending_.store(true);
    links_->Wake();
    thread_.join();
  }

 private:
  const std::unique_ptr<TlsLinks> links_;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

// Both ends with a link each: plain[0] <-> plain[1].
struct Linked {
  Ends ends;
  std::unique_ptr<TurnedLinks> links[2];
  Socket plain[2];
};
absl::StatusOr<std::unique_ptr<Linked>> Link(bool second = true) {
  auto linked = std::make_unique<Linked>();
  ASSIGN_OR_RETURN(linked->ends, Connected());
  for (const int rank : {0, 1}) {
    if (rank == 1 && !second) break;
    ASSIGN_OR_RETURN(auto links, TlsLinks::Create());
    ASSIGN_OR_RETURN(linked->plain[rank], links->Add(std::move(linked->ends.sockets[rank]),
                                                     std::move(linked->ends.sessions[rank])));
    linked->links[rank] = std::make_unique<TurnedLinks>(std::move(links));
  }
  return linked;
}

bool Await(const Socket& socket, short events, Deadline deadline) {
  pollfd polled{.fd = socket.fd(), .events = events, .revents = 0};
  return poll(&polled, 1, static_cast<int>(std::min(deadline.SecondsLeft(), 60.0) * 1e3)) > 0;
}

// Reads exactly `bytes`' size, or until the end or the deadline; gives how many came.
size_t ReadAll(const Socket& socket, std::span<uint8_t> bytes, Deadline deadline) {
  size_t got = 0;
  while (got < bytes.size() && Await(socket, POLLIN, deadline)) {
    const ssize_t n = recv(socket.fd(), bytes.data() + got, bytes.size() - got, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) break;
    got += static_cast<size_t>(std::max<ssize_t>(n, 0));
  }
  return got;
}
bool IsAtEnd(const Socket& socket, Deadline deadline) {
  uint8_t byte = 0;
  return Await(socket, POLLIN, deadline) && recv(socket.fd(), &byte, 1, MSG_DONTWAIT) <= 0;
}
size_t WriteSome(const Socket& socket, std::span<const uint8_t> bytes) {
  const ssize_t n = send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return n > 0 ? static_cast<size_t>(n) : 0;
}
bool WriteAll(const Socket& socket, std::span<const uint8_t> bytes, Deadline deadline) {
  while (!bytes.empty() && Await(socket, POLLOUT, deadline)) bytes = bytes.subspan(WriteSome(socket, bytes));
  return bytes.empty();
}

}  // namespace

class TlsLinkTest : public QObject {
  Q_OBJECT
 private slots:
  void bothDirectionsAtOnceComeWhole_data() {
    QTest::addColumn<quint64>("size");
    for (const quint64 size : {1, 3, 16385, 262'144, 262'145, (64 << 20) + 1})
      QTest::addRow("%llu", size) << size;
  }
  void bothDirectionsAtOnceComeWhole() {
    QFETCH(quint64, size);
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> sent[2] = {RandomBytes(1, size), RandomBytes(2, size)};
    std::vector<uint8_t> came[2] = {std::vector<uint8_t>(size), std::vector<uint8_t>(size)};
    std::thread threads[2];
    for (const size_t end : {0, 1})
      threads[end] = std::thread([&, end] {
        const Socket& socket = (*linked)->plain[end];
        const Deadline deadline = Deadline::After(30);
        size_t out = 0, in = 0;
        while ((out < size || in < size) && !deadline.Passed()) {
          Await(socket, static_cast<short>(out < size ? POLLIN | POLLOUT : POLLIN), deadline);
          out += WriteSome(socket, std::span(sent[end]).subspan(out));
          const ssize_t n = in < size ? recv(socket.fd(), came[end].data() + in, size - in, MSG_DONTWAIT) : 0;
          in += static_cast<size_t>(std::max<ssize_t>(n, 0));
        }
      });
    for (std::thread& thread : threads) thread.join();
    QVERIFY(came[0] == sent[1]);
    QVERIFY(came[1] == sent[0]);
  }

  // What is taken is what buffers hold: two of a link a side, and the kernel's of a pair of sockets a side
  // and of TCP (4 MiB to send and 6 MiB to receive, by default); 32 MiB are far more than those.
  void whoDoesNotReadMakesTheOtherWait() {
    constexpr size_t kOffered = size_t{256} << 20, kMost = size_t{32} << 20;
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> piece = RandomBytes(3, size_t{1} << 20);
    size_t taken = 0;
    // It waits once no more is taken for as long.
    while (taken < kOffered && Await((*linked)->plain[0], POLLOUT, Deadline::After(0.5)))
      taken += WriteSome((*linked)->plain[0], std::span(piece).subspan(taken % piece.size()));
    QVERIFY2(taken >= kLinkBytes && taken < kMost, fmt::format("{} bytes were taken", taken).c_str());
    // Nothing is lost, and it goes on as soon as somebody reads.
    std::vector<uint8_t> came(taken);
    QCOMPARE(ReadAll((*linked)->plain[1], came, Deadline::After(20)), taken);
    for (size_t i = 0; i < taken; i += 4093) QCOMPARE(came[i], piece[i % piece.size()]);
    QVERIFY(Await((*linked)->plain[0], POLLOUT, Deadline::After(10)));
  }

  void anEndIsToldAndTheOtherDirectionGoesOn() {
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> bytes = RandomBytes(4, size_t{1} << 20);
    std::vector<uint8_t> came(bytes.size());
    for (const size_t from : {0, 1}) {
      const Socket& source = (*linked)->plain[from];
      const Socket& sink = (*linked)->plain[1 - from];
      std::thread writes([&] {
        WriteAll(source, bytes, Deadline::After(10));
        shutdown(source.fd(), SHUT_WR);
      });
      const size_t got = ReadAll(sink, came, Deadline::After(10));
      writes.join();
      QCOMPARE(got, bytes.size());
      QVERIFY(came == bytes);
      QVERIFY(IsAtEnd(sink, Deadline::After(10)));
    }
  }

  void whatWasSaidComesAlthoughTheLinkGoes() {
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> bytes = RandomBytes(5, 100'000);
    QVERIFY(WriteAll((*linked)->plain[0], bytes, Deadline::After(10)));
    (*linked)->plain[0].Close();
    (*linked)->links[0].reset();
    std::vector<uint8_t> came(bytes.size());
    QCOMPARE(ReadAll((*linked)->plain[1], came, Deadline::After(10)), bytes.size());
    QVERIFY(came == bytes);
    QVERIFY(IsAtEnd((*linked)->plain[1], Deadline::After(10)));
  }

  // A plain end that is still open does not hold its links, and a peer that reads nothing not for long.
  void linksGoInTime() {
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    double before = Clock::Real().SteadySeconds();
    (*linked)->links[1].reset();
    QVERIFY(Clock::Real().SteadySeconds() - before < TlsLinks::kLinkPartingSeconds + 1);
    const auto stuck = Link(/*second=*/false);
    QVERIFY2(stuck.ok(), stuck.status().ToString().c_str());
    const std::vector<uint8_t> piece = RandomBytes(6, size_t{1} << 20);
    while (Await((*stuck)->plain[0], POLLOUT, Deadline::After(0.2))) WriteSome((*stuck)->plain[0], piece);
    before = Clock::Real().SteadySeconds();
    (*stuck)->links[0].reset();
    QVERIFY(Clock::Real().SteadySeconds() - before < TlsLinks::kLinkPartingSeconds + 1);
  }

  void aConnectionThatBreaksIsToldAtOnceAndWhatCameBeforeComes() {
    auto linked = Link(/*second=*/false);
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> bytes = RandomBytes(7, 1000);
    const auto sent = (*linked)->ends.sessions[1]->Write(bytes);
    QVERIFY(sent.ok() && *sent == bytes.size());
    const double before = Clock::Real().SteadySeconds();
    (*linked)->ends.sockets[1].Close();  // as when a process is killed: without a word of TLS
    std::vector<uint8_t> came(bytes.size());
    QCOMPARE(ReadAll((*linked)->plain[0], came, Deadline::After(10)), bytes.size());
    QVERIFY(came == bytes);
    QVERIFY(IsAtEnd((*linked)->plain[0], Deadline::After(10)));
    QVERIFY(Clock::Real().SteadySeconds() - before < 1);
  }

  void bytesThatAreNotThePeersEndTheLink() {
    auto linked = Link(/*second=*/false);
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> forged = RandomBytes(8, 500);
    QVERIFY(WriteAll((*linked)->ends.sockets[1], forged, Deadline::After(10)));
    QVERIFY(IsAtEnd((*linked)->plain[0], Deadline::After(10)));
  }

  // Of ours: OpenSSL has its own.
  void nothingIsAllocatedWhileItRuns() {
    const auto linked = Link();
    QVERIFY2(linked.ok(), linked.status().ToString().c_str());
    const std::vector<uint8_t> bytes = RandomBytes(9, 300'000);
    std::vector<uint8_t> came(bytes.size());
    const auto there = [&] {
      size_t out = 0, in = 0;
      const Deadline deadline = Deadline::After(10);
      while (in < came.size() && !deadline.Passed()) {
        out += WriteSome((*linked)->plain[0], std::span(bytes).subspan(out));
        const ssize_t n = recv((*linked)->plain[1].fd(), came.data() + in, came.size() - in, MSG_DONTWAIT);
        in += static_cast<size_t>(std::max<ssize_t>(n, 0));
      }
      return in == came.size();
    };
    for (int i = 0; i < 3; ++i) QVERIFY(there());
    const int64_t before = allocations;
    for (int i = 0; i < 20; ++i)
      if (!there()) QFAIL("it stands still");
    const int64_t made = allocations - before;
    QCOMPARE(made, int64_t{0});
  }
};

CONCERTINA_TEST(TlsLinkTest)

}  // namespace concertina::tls_link_test

#include "tls_link_test.moc"
