// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_transport_test.cc: what "grpc" between hosts, frames within TLS, adds to what every transport owes
// (transport_test.cc): whoever has no right certificate is refused with the reason and disturbs nobody,
// nothing goes out in the clear, hosts have names, and every byte is counted.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QTest>
#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "core/comm/meeting.h"
#include "core/comm/resolver.h"
#include "core/comm/socket.h"
#include "core/comm/tls_session.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/test_program.h"

namespace concertina::tls_transport_test {
namespace {

constexpr uint32_t kTag = 7;
constexpr char kSecret[] = "the secret of this run";
const auto kIgnore = [](size_t, std::span<const std::byte>) {};

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

absl::StatusOr<std::unique_ptr<TransportListener>> ListenWith(
    const absl::StatusOr<RunCredentials>& credentials, const std::string& advertise_host = "127.0.0.1",
    const std::string& listen_host = "") {
  RETURN_IF_ERROR(credentials.status());
  ASSIGN_OR_RETURN(const auto kind, MakeTransportKind("grpc"));
  return kind->Listen({.secret = kSecret,
                       .folder = "",
                       .credentials = *credentials,
                       .listen_host = listen_host,
                       .advertise_host = advertise_host});
}
absl::StatusOr<std::unique_ptr<TransportListener>> ListenInTheClear() {
  ASSIGN_OR_RETURN(const auto kind, MakeTransportKind("grpc"));
  return kind->Listen({.secret = kSecret});
}

using Met = absl::StatusOr<std::unique_ptr<Transport>>;

// Rank 1 joins rank 0, and a message goes each way.
absl::Status MeetAndTalk(TransportListener& zero, TransportListener& one) {
  const std::vector<std::string> addresses = {zero.address(), one.address()};
  const auto talk = [&](TransportListener& listener, int rank) -> absl::Status {
    ASSIGN_OR_RETURN(const auto transport, listener.Connect(rank, addresses, {}, Deadline::After(20)));
    const std::vector<std::byte> bytes(100'000, std::byte{5});
    RETURN_IF_ERROR(transport->Send(1 - rank, kTag, bytes, Deadline::After(20)));
    RETURN_IF_ERROR(transport->Receive(1 - rank, kTag, bytes.size(), Deadline::After(20), kIgnore));
    return transport->Flush(1 - rank, Deadline::After(20));
  };
  absl::Status said;
  std::thread other([&] { said = talk(one, 1); });
  absl::Status status = talk(zero, 0);
  other.join();
  return status.ok() ? said : status;
}

// A connection to a listener, as anybody can make one.
absl::StatusOr<Socket> DialAsAStranger(const std::string& address) {
  ASSIGN_OR_RETURN(Resolver resolver, Resolver::Start({address}));
  ASSIGN_OR_RETURN(const KernelAddress where, resolver.Next(address));
  ASSIGN_OR_RETURN(Socket socket, StartDialling(where));
  pollfd writable{.fd = socket.fd(), .events = POLLOUT, .revents = 0};
  poll(&writable, 1, 10'000);
  RETURN_IF_ERROR(ConnectResult(socket));
  return socket;
}

// Until it has an end, or the deadline passes.
absl::Status ShakeHands(TlsSession& session, const Socket& socket, Deadline deadline) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool is_done, session.Handshake());
    if (is_done) return absl::OkStatus();
    if (deadline.Passed()) return absl::DeadlineExceededError("no end");
    pollfd polled{.fd = socket.fd(), .events = session.awaits(), .revents = 0};
    poll(&polled, 1, 50);
  }
}

}  // namespace

class TlsTransportTest : public QObject {
  Q_OBJECT
 private slots:
  void strangersDisturbNobody_data() {
    QTest::addColumn<QString>("stranger");
    for (const char* stranger : {"a browser", "the proof in the clear", "silent", "hangs up", "another run"})
      QTest::newRow(stranger) << stranger;
  }
  void strangersDisturbNobody() {
    QFETCH(QString, stranger);
    const auto zero = ListenWith(CredentialsOf(0)), one = ListenWith(CredentialsOf(1));
    QVERIFY2(zero.ok() && one.ok(), zero.status().ToString().c_str());
    auto socket = DialAsAStranger((*zero)->address());
    QVERIFY2(socket.ok(), socket.status().ToString().c_str());
    std::thread lying;
    if (stranger == "a browser" || stranger == "the proof in the clear") {
      const QByteArray bytes = stranger == "a browser" ? QByteArray("GET / HTTP/1.1\r\n\r\n")
                                                       : QByteArray("CTNPROOF") + QByteArray(48, 1);
      QVERIFY(send(socket->fd(), bytes.data(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL) > 0);
    } else if (stranger == "hangs up") {
      socket->Close();
    } else if (stranger == "another run") {
      lying = std::thread([&] {
        const auto lies = CredentialsOf(1, "another-run");
        const auto credentials = TlsCredentials::Create(*lies);
        const auto session = TlsSession::Dialler(**credentials, socket->fd(), 0);
        ShakeHands(**session, *socket, Deadline::After(10)).IgnoreError();
      });
    }
    const absl::Status status = MeetAndTalk(**zero, **one);
    if (lying.joinable()) lying.join();
    QVERIFY2(status.ok(), status.ToString().c_str());
  }

  void whoWaitsInVainHearsWhoWasRefused_data() {
    QTest::addColumn<QString>("stranger");
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("words");
    QTest::newRow("another rank") << "another rank" << 1.5 << "of rank 2, which is not expected here";
    QTest::newRow("in the clear") << "clear" << 1.5 << "does not speak TLS";
    QTest::newRow("silent") << "silent" << kProofSeconds + 1 << "the other end was silent";
    QTest::newRow("silent within TLS") << "silent inside" << kProofSeconds + 1 << "the other end was silent";
  }
  void whoWaitsInVainHearsWhoWasRefused() {
    QFETCH(QString, stranger);
    QFETCH(double, seconds);
    QFETCH(QString, words);
    const auto zero = ListenWith(CredentialsOf(0));
    QVERIFY2(zero.ok(), zero.status().ToString().c_str());
    Met met = absl::UnknownError("");
    std::thread waits([&] {
      met = (*zero)->Connect(0, {(*zero)->address(), "127.0.0.1:1"}, {}, Deadline::After(seconds));
    });
    auto socket = DialAsAStranger((*zero)->address());
    absl::Status said = socket.status();
    if (said.ok() && stranger == "clear") {
      const QByteArray bytes = QByteArray("CTNPROOF") + QByteArray(48, 1);
      if (send(socket->fd(), bytes.data(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL) < 0)
        said = absl::InternalError("not sent");
    }
    std::unique_ptr<TlsCredentials> credentials;
    std::unique_ptr<TlsSession> session;
    if (said.ok() && (stranger == "another rank" || stranger == "silent inside")) {
      const auto own = CredentialsOf(stranger == "another rank" ? 2 : 1);
      credentials = *TlsCredentials::Create(*own);
      session = *TlsSession::Dialler(*credentials, socket->fd(), 0);
      // In TLS 1.3 a dialler is done before it is looked at.
      said = ShakeHands(*session, *socket, Deadline::After(5));
    }
    waits.join();
    QVERIFY2(said.ok(), said.ToString().c_str());
    QVERIFY2(absl::IsDeadlineExceeded(met.status()), met.status().ToString().c_str());
    QVERIFY(absl::StartsWith(met.status().message(), "rank 1: has not connected"));
    QVERIFY2(absl::StrContains(met.status().message(), words.toStdString()), met.status().ToString().c_str());
  }

  void anImpostorAtAPeersAddressIsRefused_data() {
    QTest::addColumn<int>("rank");
    QTest::addColumn<QString>("run");
    QTest::addColumn<QString>("words");
    QTest::newRow("another rank") << 2 << kTestRun << "of rank 2; one of rank 0 expected";
    QTest::newRow("another run") << 0 << "another-run"
                                 << "a rank of run run-of-the-tests expected";
  }
  void anImpostorAtAPeersAddressIsRefused() {
    QFETCH(int, rank);
    QFETCH(QString, run);
    QFETCH(QString, words);
    uint16_t port = 0;
    const auto listener = ListenOnHost("127.0.0.1", port);
    QVERIFY(listener.ok());
    const auto one = ListenWith(CredentialsOf(1));
    QVERIFY2(one.ok(), one.status().ToString().c_str());
    Met met = absl::UnknownError("");
    const std::string address = fmt::format("127.0.0.1:{}", port);
    std::thread honest([&] {
      met = (*one)->Connect(1, {address, (*one)->address()}, {}, Deadline::After(10));
    });
    pollfd readable{.fd = listener->fd(), .events = POLLIN, .revents = 0};
    poll(&readable, 1, 10'000);
    const Socket socket = Accept(*listener);
    const auto lies = CredentialsOf(rank, run.toStdString());
    const auto credentials = TlsCredentials::Create(*lies);
    const auto session = TlsSession::Acceptor(**credentials, socket.fd(), {true, true, true});
    const absl::Status heard = ShakeHands(**session, socket, Deadline::After(10));
    honest.join();
    QVERIFY(!heard.ok());
    QVERIFY2(absl::IsPermissionDenied(met.status()), met.status().ToString().c_str());
    QVERIFY(absl::StartsWith(met.status().message(), "rank 0 at " + address));
    QVERIFY2(absl::StrContains(met.status().message(), words.toStdString()), met.status().ToString().c_str());
  }

  // One with credentials and one without do not come together, whoever dials.
  void nobodyFallsBackToSpeakingInTheClear_data() {
    QTest::addColumn<bool>("dialler_has_tls");
    QTest::newRow("the dialler has credentials") << true;
    QTest::newRow("the acceptor has credentials") << false;
  }
  void nobodyFallsBackToSpeakingInTheClear() {
    QFETCH(bool, dialler_has_tls);
    const auto zero = dialler_has_tls ? ListenInTheClear() : ListenWith(CredentialsOf(0));
    const auto one = dialler_has_tls ? ListenWith(CredentialsOf(1)) : ListenInTheClear();
    QVERIFY2(zero.ok() && one.ok(), zero.status().ToString().c_str());
    const std::vector<std::string> addresses = {(*zero)->address(), (*one)->address()};
    Met met[2] = {absl::UnknownError(""), absl::UnknownError("")};
    std::thread other([&] { met[1] = (*one)->Connect(1, addresses, {}, Deadline::After(1)); });
    met[0] = (*zero)->Connect(0, addresses, {}, Deadline::After(1));
    other.join();
    for (const Met& end : met) QVERIFY(!end.ok());
  }

  void withoutCredentialsNothingLeavesTheHost() {
    const auto one = ListenInTheClear();
    QVERIFY(one.ok());
    QVERIFY(absl::StartsWith((*one)->address(), "127.0.0.1:"));
    const Met met = (*one)->Connect(1, {"10.0.0.7:4000", (*one)->address()}, {}, Deadline::After(1));
    QVERIFY2(absl::IsInvalidArgument(met.status()), met.status().ToString().c_str());
  }

  void halfCredentialsAreNoReasonForNone_data() {
    QTest::addColumn<QString>("missing");
    for (const char* missing : {"authority", "certificate", "key", "run"}) QTest::newRow(missing) << missing;
  }
  void halfCredentialsAreNoReasonForNone() {
    QFETCH(QString, missing);
    auto credentials = CredentialsOf(0);
    QVERIFY(credentials.ok());
    if (missing == "authority") credentials->authority_pem.clear();
    if (missing == "certificate") credentials->certificate_pem.clear();
    if (missing == "key") credentials->key_pem.clear();
    if (missing == "run") credentials->run.clear();
    QVERIFY(absl::IsInvalidArgument(ListenWith(credentials).status()));
  }

  void aCertificateOfAnotherRankIsNoUse() {
    const auto two = ListenWith(CredentialsOf(2));
    QVERIFY(two.ok());
    const Met met = (*two)->Connect(1, {"127.0.0.1:1", (*two)->address()}, {}, Deadline::After(1));
    QVERIFY2(absl::IsInvalidArgument(met.status()), met.status().ToString().c_str());
    QVERIFY(absl::StrContains(met.status().message(), "rank 1: was given the certificate of rank 2"));
  }

  // "localhost" may lead to ::1 first, where nobody is.
  void hostsHaveNames() {
    const auto zero = ListenWith(CredentialsOf(0), "localhost", "127.0.0.1");
    const auto one = ListenWith(CredentialsOf(1), "localhost", "127.0.0.1");
    QVERIFY2(zero.ok() && one.ok(), zero.status().ToString().c_str());
    QVERIFY(absl::StartsWith((*zero)->address(), "localhost:"));
    const absl::Status status = MeetAndTalk(**zero, **one);
    QVERIFY2(status.ok(), status.ToString().c_str());
  }

  void hostsHaveAddressesOfIpv6() {
    const auto zero = ListenWith(CredentialsOf(0), "::1", "::1");
    if (!zero.ok()) QSKIP("this host has no IPv6");
    const auto one = ListenWith(CredentialsOf(1), "::1", "::1");
    QVERIFY(one.ok());
    QVERIFY(absl::StartsWith((*zero)->address(), "[::1]:"));
    const absl::Status status = MeetAndTalk(**zero, **one);
    QVERIFY2(status.ok(), status.ToString().c_str());
  }

  void withoutAHostTheOwnNameIsAdvertised() {
    char name[256] = {};
    QVERIFY(gethostname(name, sizeof name - 1) == 0);
    const auto zero = ListenWith(CredentialsOf(0), "");
    QVERIFY2(zero.ok(), zero.status().ToString().c_str());
    QVERIFY(absl::StartsWith((*zero)->address(), std::string(name) + ":"));
  }

  void aNameThatLeadsNowhereEndsInTime() {
    const auto one = ListenWith(CredentialsOf(1));
    QVERIFY(one.ok());
    const double before = Clock::Real().SteadySeconds();
    const Met met =
        (*one)->Connect(1, {"no-such-host.invalid:4000", (*one)->address()}, {}, Deadline::After(3));
    QVERIFY(Clock::Real().SteadySeconds() - before < 5);
    // Whether a name server says so at once or is not there at all.
    QVERIFY2(absl::IsUnavailable(met.status()) || absl::IsDeadlineExceeded(met.status()),
             met.status().ToString().c_str());
    QVERIFY2(absl::StrContains(met.status().message(), "no-such-host.invalid"),
             met.status().ToString().c_str());
  }

  void addressesAreParsed_data() {
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");  // 0: refused
    QTest::newRow("a name") << "node-7:4000"
                            << "node-7" << 4000;
    QTest::newRow("IPv4") << "10.0.0.7:65535"
                          << "10.0.0.7" << 65535;
    QTest::newRow("IPv6") << "[fe80::7]:1"
                          << "fe80::7" << 1;
    QTest::newRow("IPv6 without brackets") << "fe80::7:1"
                                           << "" << 0;
    QTest::newRow("a name in brackets") << "[node]:1"
                                        << "" << 0;
    QTest::newRow("no port") << "node"
                             << "" << 0;
    QTest::newRow("an empty port") << "node:"
                                   << "" << 0;
    QTest::newRow("port 0") << "node:0"
                            << "" << 0;
    QTest::newRow("a port too large") << "node:65536"
                                      << "" << 0;
    QTest::newRow("a port and more") << "node:1x"
                                     << "" << 0;
    QTest::newRow("no host") << ":1"
                             << "" << 0;
    QTest::newRow("a host without end") << QString(256, 'a') + ":1"
                                        << "" << 0;
  }
  void addressesAreParsed() {
    QFETCH(QString, address);
    QFETCH(QString, host);
    QFETCH(int, port);
    const auto parsed = ParseHostPort(address.toStdString());
    QCOMPARE(parsed.ok(), port != 0);
    if (port == 0) {
      QVERIFY(absl::IsInvalidArgument(parsed.status()));
      return;
    }
    QCOMPARE(QString::fromStdString(parsed->host), host);
    QCOMPARE(int{parsed->port}, port);
    QCOMPARE(QString::fromStdString(ToString(*parsed)), address);
  }

  void onlyAnAddressIsListenedOn() {
    uint16_t port = 0;
    QVERIFY(absl::IsInvalidArgument(ListenOnHost("localhost", port).status()));
    QVERIFY(ListenOnHost("", port).ok());
    QVERIFY(port != 0);
  }

  // What one end sent is what the other received, but for what is said while they look, and for what the
  // kernel of a busy machine sent again: that is counted as sent, and received once.
  void bothEndsCountTheSameBytes() {
    constexpr size_t kBytes = (size_t{12} << 20) + 11;
    constexpr double kTalkBytes = 8192, kSentAgain = 0.02;
    std::atomic<uint64_t> sent[2] = {0, 0}, received[2] = {0, 0};
    std::atomic<int> done = 0;
    const auto said = RunRanks(kBetweenHosts, 2, {}, [&](Transport& transport) -> absl::Status {
      const auto self = static_cast<size_t>(transport.rank());
      const int other = 1 - transport.rank();
      const std::vector<std::byte> message(self == 0 ? kBytes : kBytes / 3);
      RETURN_IF_ERROR(transport.Send(other, kTag, message, Deadline::After(20)));
      RETURN_IF_ERROR(
          transport.Receive(other, kTag, self == 0 ? kBytes / 3 : kBytes, Deadline::After(20), kIgnore));
      RETURN_IF_ERROR(transport.Flush(other, Deadline::After(20)));
      RETURN_IF_ERROR(transport.Send(other, kTag + 1, {}, Deadline::After(20)));
      RETURN_IF_ERROR(transport.Receive(other, kTag + 1, 0, Deadline::After(20), kIgnore));
      ++done;
      const Deadline deadline = Deadline::After(10);
      while (done < 2 && !deadline.Passed()) std::this_thread::yield();
      const ByteCounts counts = transport.counts();
      sent[self] = counts.whole_sent;
      received[self] = counts.whole_received;
      ++done;
      while (done < 4 && !deadline.Passed()) std::this_thread::yield();
      // A record of TLS, 22 bytes in 16384 or fewer of what is said, is counted.
      RETURN_IF_ERROR(Expect(static_cast<double>(counts.whole_sent) >
                                 static_cast<double>(counts.payload_sent) * (1 + 20.0 / 16384),
                             fmt::format("{} of {}", counts.whole_sent, counts.payload_sent)));
      return Expect(transport.link_name() == "tls, free", transport.link_name());
    });
    QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
    for (const size_t from : {0, 1}) {
      const double difference = static_cast<double>(sent[from]) - static_cast<double>(received[1 - from]);
      QVERIFY2(difference > -kTalkBytes &&
                   difference < kTalkBytes + kSentAgain * static_cast<double>(received[1 - from]),
               fmt::format("{} and {}", sent[from].load(), received[1 - from].load()).c_str());
    }
  }
};

CONCERTINA_TEST(TlsTransportTest)

}  // namespace concertina::tls_transport_test

#include "tls_transport_test.moc"
