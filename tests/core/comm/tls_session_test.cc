// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_session_test.cc: who is believed in a TLS handshake and who is not, with the reason; bytes come as they
// were sent, over as many keys as they need, and bytes that somebody touched do not come.
#include "core/comm/tls_session.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <QTest>
#include <array>
#include <functional>

#include "absl/strings/match.h"
#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/comm/socket.h"
#include "fmt/format.h"
#include "tests/core/comm/certificates.h"
#include "tests/test_program.h"

namespace concertina::tls_session_test {
namespace {

using Pair = std::array<Socket, 2>;

Pair MakePair() {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return {};
  return {Socket(ends[0]), Socket(ends[1])};
}

std::vector<uint8_t> RandomBytes(uint64_t seed, size_t size) {
  Rng rng(seed, "tls session test");
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.Next());
  return bytes;
}

// What one end said of its handshake; not settled: Unknown.
using Said = absl::StatusOr<bool>;
bool IsSettled(const Said& said) { return !said.ok() || *said; }

// Turns both until each has an end, or nothing moves any more.
void Shake(TlsSession& one, Said& one_said, const std::function<bool()>& other) {
  const Deadline deadline = Deadline::After(10);
  for (bool is_other_settled = false; !(IsSettled(one_said) && is_other_settled) && !deadline.Passed();) {
    if (!IsSettled(one_said)) one_said = one.Handshake();
    if (!is_other_settled) is_other_settled = other();
  }
}
void Shake(TlsSession& one, Said& one_said, TlsSession& other, Said& other_said) {
  Shake(one, one_said, [&] {
    if (!IsSettled(other_said)) other_said = other.Handshake();
    return IsSettled(other_said);
  });
}

// Another program's TLS, which believes everybody, with what it may get wrong.
struct Stranger {
  int most_version = TLS1_3_VERSION;
  std::string certificate_pem;  // "": none
  std::string key_pem;
  bool dials = true;
};
class RawPeer {
 public:
  RawPeer(const Stranger& stranger, int fd)
      : context_(SSL_CTX_new(stranger.dials ? TLS_client_method() : TLS_server_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, stranger.most_version);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    if (!stranger.certificate_pem.empty()) {
      SSL_CTX_use_certificate(context_, CertificateFrom(stranger.certificate_pem).get());
      SSL_CTX_use_PrivateKey(context_, KeyFrom(stranger.key_pem).get());
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd);
    stranger.dials ? SSL_set_connect_state(ssl_) : SSL_set_accept_state(ssl_);
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  ~RawPeer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool Settled() {  // one way or the other
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    const int error = SSL_get_error(ssl_, result);
    is_established_ = result == 1;
    return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  }
  bool is_established() const { return is_established_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool is_established_ = false;
};

// All of `bytes` from one to the other; false if something did not come.
absl::Status Move(TlsSession& from, TlsSession& to, const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> got(bytes.size() + 1);
  size_t sent = 0, came = 0;
  const Deadline deadline = Deadline::After(20);
  while (came < bytes.size() && !deadline.Passed()) {
    ASSIGN_OR_RETURN(const size_t out, from.Write(std::span(bytes).subspan(sent)));
    sent += out;
    ASSIGN_OR_RETURN(const size_t in, to.Read(std::span(got).subspan(came)));
    came += in;
  }
  got.resize(came);
  return got == bytes ? absl::OkStatus() : absl::DataLossError(fmt::format("{} bytes came", came));
}

absl::StatusOr<std::unique_ptr<TlsCredentials>> GoodCredentials(int rank, uint64_t records_a_key) {
  ASSIGN_OR_RETURN(const RunCredentials credentials, CredentialsOf(rank));
  return TlsCredentials::Create(credentials, records_a_key);
}

struct Ends {
  Pair sockets;
  std::unique_ptr<TlsCredentials> credentials[2];
  std::unique_ptr<TlsSession> sessions[2];  // rank 0 accepted, rank 1 dialled
};
absl::StatusOr<Ends> Connected(uint64_t records_a_key = kRecordsAKey) {
  Ends ends;
  ends.sockets = MakePair();
  for (const int rank : {0, 1}) {
    ASSIGN_OR_RETURN(ends.credentials[rank], GoodCredentials(rank, records_a_key));
  }
  ASSIGN_OR_RETURN(ends.sessions[0],
                   TlsSession::Acceptor(*ends.credentials[0], ends.sockets[0].fd(), {false, true}));
  ASSIGN_OR_RETURN(ends.sessions[1], TlsSession::Dialler(*ends.credentials[1], ends.sockets[1].fd(), 0));
  Said said[2] = {false, false};
  Shake(*ends.sessions[0], said[0], *ends.sessions[1], said[1]);
  for (const Said& one : said) {
    RETURN_IF_ERROR(one.status());
    if (!*one) return absl::DeadlineExceededError("the handshake does not end");
  }
  return ends;
}

}  // namespace

class TlsSessionTest : public QObject {
  Q_OBJECT
 private slots:
  void twoRanksOfARunBelieveEachOther() {
    const auto ends = Connected();
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    QCOMPARE(ends->sessions[0]->peer_rank(), 1);
    QCOMPARE(ends->sessions[1]->peer_rank(), 0);
    for (const auto& session : ends->sessions) QCOMPARE(session->version(), std::string("TLSv1.3"));
  }

  // The liar has a certificate and believes everybody that the right authority signed; the honest one does
  // not believe him, whoever of them dialled.
  void aWrongCertificateIsRefusedWithItsReason_data() {
    QTest::addColumn<QString>("liar");
    QTest::addColumn<QString>("words");
    const char* const rows[][2] = {
        {"another authority", "not signed by this run's authority"},
        {"another authority of the same name", "not signed by this run's authority"},
        {"signed by itself", "signed by itself"},
        {"signed by a rank", "not signed by this run's authority"},
        {"expired", "has expired"},
        {"not yet valid", "is not valid yet"},
        {"another run", "a rank of run run-of-the-tests expected"},
        {"a run whose name begins so", "a rank of run run-of-the-tests expected"},
        {"another rank", "of rank 2"},
        {"no rank", "a rank of run run-of-the-tests expected"},
        {"nobody", "does not name a rank by exactly one URI"},
        {"two at once", "does not name a rank by exactly one URI"},
        {"touched", "not signed by this run's authority"}};
    for (const auto& row : rows) QTest::newRow(row[0]) << row[0] << row[1];
  }
  void aWrongCertificateIsRefusedWithItsReason() {
    QFETCH(QString, liar);
    QFETCH(QString, words);
    QVERIFY(TestAuthority().ok());
    for (const bool liar_dials : {true, false}) {
      const int liar_rank = liar_dials ? 1 : 0;
      auto lies = WrongCredentials(liar.toStdString(), liar_rank);
      QVERIFY2(lies.ok(), lies.status().ToString().c_str());
      const auto ours = GoodCredentials(1 - liar_rank, kRecordsAKey);
      QVERIFY(ours.ok());
      const Pair sockets = MakePair();
      auto honest = liar_dials ? TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true})
                               : TlsSession::Dialler(**ours, sockets[0].fd(), 0);
      QVERIFY(honest.ok());
      RawPeer dishonest(
          {.certificate_pem = lies->certificate_pem, .key_pem = lies->key_pem, .dials = liar_dials},
          sockets[1].fd());
      Said honest_said = false;
      Shake(**honest, honest_said, [&] { return dishonest.Settled(); });
      QVERIFY2(absl::IsPermissionDenied(honest_said.status()), honest_said.status().ToString().c_str());
      QVERIFY2(absl::StrContains(honest_said.status().message(), words.toStdString()),
               honest_said.status().ToString().c_str());
      QVERIFY(!(*honest)->is_established());
    }
  }

  void aStrangersTlsIsRefusedWithItsReason_data() {
    QTest::addColumn<QString>("stranger");
    QTest::addColumn<QString>("words");
    QTest::newRow("TLS 1.1") << "TLS 1.1"
                             << "does not speak TLS 1.2 or later";
    QTest::newRow("without a certificate") << "none"
                                           << "shows no certificate";
    QTest::newRow("TLS 1.2, without a certificate") << "none, 1.2"
                                                    << "shows no certificate";
    QTest::newRow("a weak key") << "weak"
                                << "not to be believed";
  }
  void aStrangersTlsIsRefusedWithItsReason() {
    QFETCH(QString, stranger);
    QFETCH(QString, words);
    const auto identity = IssueTo(TestAuthority(), RankUri(kTestRun, 1));
    QVERIFY(identity.ok());
    Stranger made;
    if (stranger == "TLS 1.1") {
      made = {.most_version = TLS1_1_VERSION,
              .certificate_pem = identity->certificate_pem,
              .key_pem = identity->key_pem};
    } else if (stranger == "none, 1.2") {
      made.most_version = TLS1_2_VERSION;
    } else if (stranger == "weak") {
      const OwnedKey key(EVP_RSA_gen(1024));
      QVERIFY(key != nullptr);
      made.certificate_pem = Altered(identity->certificate_pem, TestAuthority()->identity().key_pem,
                                     [&key](X509* certificate) { X509_set_pubkey(certificate, key.get()); });
      const std::unique_ptr<BIO, FreeOfCertificates> bio(BIO_new(BIO_s_mem()));
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
      char* text = nullptr;
      const long size = BIO_get_mem_data(bio.get(), &text);
      made.key_pem.assign(text, static_cast<size_t>(size));
    }
    const auto ours = GoodCredentials(0, kRecordsAKey);
    QVERIFY(ours.ok());
    const Pair sockets = MakePair();
    auto honest = TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true});
    QVERIFY(honest.ok());
    Said said = false;
    RawPeer client(made, sockets[1].fd());
    Shake(**honest, said, [&] { return client.Settled(); });
    QVERIFY2(absl::IsPermissionDenied(said.status()), said.status().ToString().c_str());
    QVERIFY2(absl::StrContains(said.status().message(), words.toStdString()),
             said.status().ToString().c_str());
  }

  // Those above are refused for what they get wrong alone.
  void aStrangersTlsIsTakenWhereItIsRight_data() {
    QTest::addColumn<int>("version");
    QTest::newRow("TLS 1.2") << TLS1_2_VERSION;
    QTest::newRow("TLS 1.3") << TLS1_3_VERSION;
  }
  void aStrangersTlsIsTakenWhereItIsRight() {
    QFETCH(int, version);
    const auto identity = IssueTo(TestAuthority(), RankUri(kTestRun, 1));
    const auto ours = GoodCredentials(0, kRecordsAKey);
    QVERIFY(identity.ok() && ours.ok());
    const Pair sockets = MakePair();
    auto honest = TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true});
    QVERIFY(honest.ok());
    Said said = false;
    RawPeer client(
        {.most_version = version, .certificate_pem = identity->certificate_pem, .key_pem = identity->key_pem},
        sockets[1].fd());
    Shake(**honest, said, [&] { return client.Settled(); });
    QVERIFY2(said.ok() && *said, said.status().ToString().c_str());
    QVERIFY(client.is_established());
    QCOMPARE((*honest)->version(), std::string(version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
  }

  void bytesThatAreNoTlsAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("a browser") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    QTest::newRow("the proof in the clear") << QByteArray("CTNPROOF") + QByteArray(48, '\1');
    QTest::newRow("zeros") << QByteArray(64, '\0');
    QTest::newRow("a record longer than any")
        << QByteArray("\x16\x03\x01\xff\xff", 5) + QByteArray(600, '\1');
    QTest::newRow("a handshake of nonsense") << QByteArray("\x16\x03\x01\x00\x40", 5) + QByteArray(64, '\7');
  }
  void bytesThatAreNoTlsAreRefused() {
    QFETCH(QByteArray, bytes);
    for (const bool we_dial : {true, false}) {
      const auto ours = GoodCredentials(we_dial ? 1 : 0, kRecordsAKey);
      QVERIFY(ours.ok());
      const Pair sockets = MakePair();
      auto honest = we_dial ? TlsSession::Dialler(**ours, sockets[0].fd(), 0)
                            : TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true});
      QVERIFY(honest.ok());
      QCOMPARE(send(sockets[1].fd(), bytes.data(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL),
               static_cast<ssize_t>(bytes.size()));
      Said said = false;
      Shake(**honest, said, [] { return true; });
      QVERIFY2(absl::IsPermissionDenied(said.status()), said.status().ToString().c_str());
      QVERIFY(!said.status().message().empty());
    }
  }

  void silenceIsNoFailure() {  // whoever waits has the deadline (meeting.cc)
    const auto ours = GoodCredentials(0, kRecordsAKey);
    QVERIFY(ours.ok());
    const Pair sockets = MakePair();
    auto honest = TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true});
    QVERIFY(honest.ok());
    const Said said = (*honest)->Handshake();
    QVERIFY(said.ok() && !*said);
  }

  void whoHangsUpIsGone() {
    const auto ours = GoodCredentials(0, kRecordsAKey);
    QVERIFY(ours.ok());
    Pair sockets = MakePair();
    auto honest = TlsSession::Acceptor(**ours, sockets[0].fd(), {false, true});
    QVERIFY(honest.ok());
    sockets[1].Close();
    QVERIFY(absl::IsUnavailable((*honest)->Handshake().status()));
  }

  void whatIsSentComes_data() {
    QTest::addColumn<quint64>("size");
    for (const quint64 size : {1, 16383, 16384, 16385, 3'000'001}) QTest::addRow("%llu", size) << size;
  }
  void whatIsSentComes() {
    QFETCH(quint64, size);
    const auto ends = Connected();
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    for (const int from : {0, 1}) {
      const absl::Status status =
          Move(*ends->sessions[from], *ends->sessions[1 - from], RandomBytes(from, size));
      QVERIFY2(status.ok(), status.ToString().c_str());
    }
  }

  void keysAreRenewed() {
    const auto ends = Connected(/*records_a_key=*/3);
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    for (const int from : {0, 1}) {
      const absl::Status status =
          Move(*ends->sessions[from], *ends->sessions[1 - from], RandomBytes(from, size_t{1} << 20));
      QVERIFY2(status.ok(), status.ToString().c_str());
      QVERIFY2(ends->sessions[from]->keys() >= 10,
               fmt::format("{} keys", ends->sessions[from]->keys()).c_str());
    }
  }

  void oneKeyIsEnoughForLittle() {
    const auto ends = Connected();
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    QVERIFY(Move(*ends->sessions[0], *ends->sessions[1], RandomBytes(1, size_t{1} << 20)).ok());
    QCOMPARE(ends->sessions[0]->keys(), 1);
  }

  void bytesThatSomebodyTouchedDoNotCome() {
    auto ends = Connected();
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    const std::vector<uint8_t> bytes = RandomBytes(1, 1000);
    const auto sent = ends->sessions[0]->Write(bytes);
    QVERIFY(sent.ok() && *sent == bytes.size());
    // Somebody on the way takes the record, and hands on one with a bit turned.
    std::array<uint8_t, 4096> record;
    const ssize_t size = recv(ends->sockets[1].fd(), record.data(), record.size(), MSG_DONTWAIT);
    QVERIFY(size > 1000);
    record[500] ^= 1;
    QCOMPARE(send(ends->sockets[0].fd(), record.data(), static_cast<size_t>(size), MSG_NOSIGNAL), size);
    std::vector<uint8_t> got(2000);
    const auto came = ends->sessions[1]->Read(got);
    QVERIFY2(absl::IsDataLoss(came.status()), came.status().ToString().c_str());
  }

  void aCloseInOrderIsToldAfterWhatWasSent() {
    auto ends = Connected();
    QVERIFY2(ends.ok(), ends.status().ToString().c_str());
    QVERIFY(ends->sessions[0]->Write(RandomBytes(1, 100)).ok());
    const auto closed = ends->sessions[0]->Close();
    QVERIFY(closed.ok() && *closed);
    std::vector<uint8_t> got(200);
    const auto came = ends->sessions[1]->Read(got);
    QVERIFY(came.ok() && *came == 100);
    QVERIFY(absl::IsUnavailable(ends->sessions[1]->Read(got).status()));
    // The other direction goes on.
    QVERIFY(Move(*ends->sessions[1], *ends->sessions[0], RandomBytes(2, 100)).ok());
  }

  void credentialsThatCannotWorkAreRefused_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("words");
    QTest::newRow("no run") << "run"
                            << "a run is expected";
    QTest::newRow("no authority") << "authority"
                                  << "the authority is not a certificate";
    QTest::newRow("no certificate") << "certificate"
                                    << "this rank's own is not a certificate";
    QTest::newRow("no key") << "key"
                            << "the key cannot be read";
    QTest::newRow("another's key") << "another's key"
                                   << "the key is not that of";
    QTest::newRow("of another run") << "another run"
                                    << "a rank of run elsewhere expected";
    QTest::newRow("a rank in another spelling") << "spelling"
                                                << "a rank of run";
  }
  void credentialsThatCannotWorkAreRefused() {
    QFETCH(QString, what);
    QFETCH(QString, words);
    auto credentials = CredentialsOf(1);
    const auto other = CredentialsOf(2);
    QVERIFY(credentials.ok() && other.ok());
    const std::string key = credentials->key_pem;
    if (what == "run") credentials->run = "";
    if (what == "authority") credentials->authority_pem = "no PEM";
    if (what == "certificate") credentials->certificate_pem = credentials->key_pem;
    if (what == "key") credentials->key_pem = credentials->certificate_pem;
    if (what == "another's key") credentials->key_pem = other->key_pem;
    if (what == "another run") credentials->run = "elsewhere";
    if (what == "spelling")
      credentials->certificate_pem =
          Altered(credentials->certificate_pem, TestAuthority()->identity().key_pem,
                  [](X509* certificate) { SetNames(certificate, "URI:" + RankUri(kTestRun, 0) + "1"); });
    const auto made = TlsCredentials::Create(*credentials);
    QVERIFY2(absl::IsInvalidArgument(made.status()), made.status().ToString().c_str());
    QVERIFY2(absl::StrContains(made.status().message(), words.toStdString()),
             made.status().ToString().c_str());
    QVERIFY(!absl::StrContains(made.status().message(), key.substr(60, 20)));
  }

 private:
  static absl::StatusOr<RunCredentials> WrongCredentials(const std::string& how, int rank) {
    ASSIGN_OR_RETURN(RunCredentials lies, CredentialsOf(rank));
    const std::string authority_key = TestAuthority()->identity().key_pem;
    const auto alter = [&](const std::string& signer, const std::function<void(X509*)>& change) {
      lies.certificate_pem = Altered(lies.certificate_pem, signer, change);
    };
    if (how.starts_with("another authority")) {
      const auto other = Authority::Make(
          how == "another authority" ? "somebody else's authority" : "the authority of the tests", 86400);
      ASSIGN_OR_RETURN(const RunCredentials theirs, CredentialsOf(rank, kTestRun, other));
      lies.certificate_pem = theirs.certificate_pem;
      lies.key_pem = theirs.key_pem;
    } else if (how == "signed by itself") {
      alter(lies.key_pem, [](X509* certificate) {
        // What says whose key signed it goes with the signer.
        const int at = X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1);
        if (at >= 0) X509_EXTENSION_free(X509_delete_ext(certificate, at));
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
      });
    } else if (how == "signed by a rank") {
      ASSIGN_OR_RETURN(const RunCredentials rank_2, CredentialsOf(2));
      alter(rank_2.key_pem, [](X509*) {});
    } else if (how == "expired") {
      alter(authority_key, [](X509* certificate) {
        X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
        X509_gmtime_adj(X509_getm_notAfter(certificate), -3600);
      });
    } else if (how == "not yet valid") {
      alter(authority_key,
            [](X509* certificate) { X509_gmtime_adj(X509_getm_notBefore(certificate), 1800); });
    } else if (how == "another run" || how == "a run whose name begins so") {
      const std::string run = how == "another run" ? "another-run" : std::string(kTestRun) + "-2";
      ASSIGN_OR_RETURN(const RunCredentials theirs, CredentialsOf(rank, run));
      lies = theirs;
    } else if (how == "another rank") {
      ASSIGN_OR_RETURN(lies, CredentialsOf(2));
    } else if (how == "no rank") {
      alter(authority_key, [](X509* certificate) {
        SetNames(certificate, "URI:concertina://run/" + std::string(kTestRun) + "/engine");
      });
    } else if (how == "nobody") {
      alter(authority_key, RemoveNames);
    } else if (how == "two at once") {
      alter(authority_key, [rank](X509* certificate) {
        SetNames(certificate, "URI:" + RankUri(kTestRun, rank) + ",URI:" + RankUri(kTestRun, rank + 1));
      });
    } else if (how == "touched") {
      // Another name under the signature of the first.
      ASSIGN_OR_RETURN(const RunCredentials rank_2, CredentialsOf(2));
      const OwnedCertificate certificate = CertificateFrom(rank_2.certificate_pem);
      SetNames(certificate.get(), "URI:" + RankUri(kTestRun, rank));
      i2d_re_X509_tbs(certificate.get(), nullptr);  // what was read is written no more
      lies.certificate_pem = PemOf(certificate.get());
      lies.key_pem = rank_2.key_pem;
    } else {
      return absl::InternalError("no such lie: " + how);
    }
    return lies;
  }
};

CONCERTINA_TEST(TlsSessionTest)

}  // namespace concertina::tls_session_test

#include "tls_session_test.moc"
