// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// authority_test.cc: what an authority issues is what was asked for, and is believed by nobody else's; what
// is wrong with a certificate is found, one thing at a time.
#include "core/security/authority.h"

#include <QTest>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/security/certificate.h"
#include "core/security/openssl.h"
#include "tests/core/security/forged_certificate.h"
#include "tests/test_program.h"

namespace concertina::authority_test {
namespace {

constexpr Role kPeople[] = {Role::kPerson};

int64_t Now() { return absl::ToUnixSeconds(Clock::Real().Wall()); }

// The message with which `certificate` is turned away; "" if it is let in.
std::string Refusal(const std::string& certificate, int64_t now,
                    std::function<bool(const std::string&)> is_revoked = nullptr) {
  const auto admission =
      Admit(certificate, {.roles = kPeople, .is_revoked = std::move(is_revoked), .now_unix = now});
  return admission.ok() ? "" : std::string(admission.status().message());
}

}  // namespace

class AuthorityTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    auto made = Authority::Make("test", 86400);
    QVERIFY2(made.ok(), std::string(made.status().message()).c_str());
    authority_ = std::make_unique<Authority>(*std::move(made));
    auto other = Authority::Make("test", 86400);  // of the same name
    QVERIFY(other.ok());
    other_ = std::make_unique<Authority>(*std::move(other));
  }

  void whatIsIssuedIsWhatWasAskedFor() {
    const auto identity = authority_->Issue({.uri = "concertina://person/ada",
                                             .dns_names = {"gpu-1", "gpu-1.example.org"},
                                             .ip_addresses = {"10.0.0.7", "fd00::7"},
                                             .valid_seconds = 3600,
                                             .backdated_seconds = 60});
    QVERIFY2(identity.ok(), std::string(identity.status().message()).c_str());
    const auto facts = ReadCertificate(identity->certificate_pem);
    QVERIFY(facts.ok());
    QCOMPARE(facts->uri, std::string("concertina://person/ada"));
    QVERIFY(!facts->is_authority);
    QCOMPARE(facts->security_bits, 128);
    QCOMPARE(facts->fingerprint.size(), size_t{64});
    QVERIFY(std::abs(facts->not_after_unix - (Now() + 3600)) <= 5);  // the test's own seconds
    QVERIFY(std::abs(facts->not_before_unix - (Now() - 60)) <= 5);
    QVERIFY(CheckIssuer(identity->certificate_pem, authority_->identity().certificate_pem).ok());
    const auto certificate = CertificateFromPem(identity->certificate_pem);
    QVERIFY(certificate.ok());
    for (const char* name : {"gpu-1", "gpu-1.example.org"})
      QCOMPARE(X509_check_host(certificate->get(), name, 0, 0, nullptr), 1);
    for (const char* ip : {"10.0.0.7", "fd00::7"}) QCOMPARE(X509_check_ip_asc(certificate->get(), ip, 0), 1);
    QCOMPARE(X509_check_host(certificate->get(), "gpu-2", 0, 0, nullptr), 0);
    QCOMPARE(X509_check_purpose(certificate->get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
    QCOMPARE(X509_check_purpose(certificate->get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  }
  void noTwoHaveTheSameKeyOrNumber() {
    const auto first = authority_->Issue({.uri = "concertina://person/ada"});
    const auto second = authority_->Issue({.uri = "concertina://person/ada"});
    QVERIFY(first.ok() && second.ok());
    QVERIFY(first->key_pem != second->key_pem);
    QVERIFY(ReadCertificate(first->certificate_pem)->serial !=
            ReadCertificate(second->certificate_pem)->serial);
  }
  void nobodyIsBelievedBeyondTheAuthoritysEnd() {
    const auto identity = authority_->Issue({.uri = "concertina://person/ada", .valid_seconds = 1e8});
    QVERIFY(identity.ok());
    QCOMPARE(ReadCertificate(identity->certificate_pem)->not_after_unix,
             ReadCertificate(authority_->identity().certificate_pem)->not_after_unix);
  }
  void aNameIsNotReadAsTwo() {  // OpenSSL's configuration language would make a second URI of it
    const auto identity = authority_->Issue({.uri = "concertina://person/a,URI:concertina://engine/main"});
    QVERIFY(identity.ok());
    QCOMPARE(ReadCertificate(identity->certificate_pem)->uri,
             std::string("concertina://person/a,URI:concertina://engine/main"));
    QVERIFY(!Refusal(identity->certificate_pem, Now()).empty());
  }

  void wrongRequestsAreRefused_data() {
    QTest::addColumn<QString>("uri");
    QTest::addColumn<QString>("dns");
    QTest::addColumn<QString>("ip");
    QTest::addColumn<double>("seconds");
    const QString right = QStringLiteral("concertina://person/ada");
    QTest::newRow("nobody") << QString() << QString() << QString() << 60.0;
    QTest::newRow("a space") << right + " x" << QString() << QString() << 60.0;
    QTest::newRow("no host") << right << QStringLiteral("a b") << QString() << 60.0;
    QTest::newRow("no address") << right << QString() << QStringLiteral("10.0.0.256") << 60.0;
    QTest::newRow("ends before it begins") << right << QString() << QString() << -600.0;
    QTest::newRow("ages") << right << QString() << QString() << 1e12;
  }
  void wrongRequestsAreRefused() {
    QFETCH(QString, uri);
    QFETCH(QString, dns);
    QFETCH(QString, ip);
    QFETCH(double, seconds);
    IssueRequest request{.uri = uri.toStdString(), .valid_seconds = seconds};
    if (!dns.isEmpty()) request.dns_names = {dns.toStdString()};
    if (!ip.isEmpty()) request.ip_addresses = {ip.toStdString()};
    const auto identity = authority_->Issue(request);
    QCOMPARE(identity.status().code(), absl::StatusCode::kInvalidArgument);
  }

  void anAuthorityIsLoadedWithItsOwnKeyOnly() {
    const Identity& ours = authority_->identity();
    const auto loaded = Authority::Load(ours);
    QVERIFY(loaded.ok());
    const auto issued = loaded->Issue({.uri = "concertina://person/ada"});
    QVERIFY(issued.ok());
    QVERIFY(CheckIssuer(issued->certificate_pem, ours.certificate_pem).ok());
    QVERIFY(!Authority::Load({ours.certificate_pem, other_->identity().key_pem}).ok());
    QVERIFY(!Authority::Load(*issued).ok());  // signs nothing
    QVERIFY(!Authority::Load({"", ""}).ok());
    QVERIFY(!Authority::Load({ours.key_pem, ours.certificate_pem}).ok());
  }
  void anAuthorityOfTheSameNameIsAnother() {
    const auto identity = other_->Issue({.uri = "concertina://person/ada"});
    QVERIFY(identity.ok());
    QCOMPARE(CheckIssuer(identity->certificate_pem, authority_->identity().certificate_pem).code(),
             absl::StatusCode::kPermissionDenied);
  }

  void eachFaultOfACertificateIsFound() {
    const auto right = authority_->Issue({.uri = "concertina://person/ada", .valid_seconds = 3600});
    QVERIFY(right.ok());
    const int64_t now = Now();
    QCOMPARE(Refusal(right->certificate_pem, now), std::string());
    QVERIFY(absl::StrContains(Refusal(right->certificate_pem, now + 3700), "ended on"));
    QVERIFY(absl::StrContains(Refusal(right->certificate_pem, now - 3700), "valid from"));
    const std::string serial = ReadCertificate(right->certificate_pem)->serial;
    QVERIFY(absl::StrContains(
        Refusal(right->certificate_pem, now, [&](const std::string& each) { return each == serial; }),
        "revoked"));
    QCOMPARE(Refusal(right->certificate_pem, now, [](const std::string& each) { return each == "00"; }),
             std::string());
    const auto worker = authority_->Issue({.uri = "concertina://worker/ada"});
    QVERIFY(absl::StrContains(Refusal(worker->certificate_pem, now), "wrong role"));
    const auto stranger = authority_->Issue({.uri = "https://example.org/person/ada"});
    QVERIFY(absl::StrContains(Refusal(stranger->certificate_pem, now), "nobody here"));
    QVERIFY(!Refusal("no certificate", now).empty());
  }
  void forgeriesAreFound_data() {
    QTest::addColumn<int>("rsaBits");
    QTest::addColumn<bool>("isAuthority");
    QTest::addColumn<int>("uris");
    QTest::addColumn<QString>("reason");
    QTest::newRow("as it should be, on a curve") << 0 << false << 1 << QString();
    QTest::newRow("as it should be, RSA") << 2048 << false << 1 << QString();
    QTest::newRow("a weak key") << 1024 << false << 1 << QStringLiteral("too weak");
    QTest::newRow("an authority's") << 0 << true << 1 << QStringLiteral("authority's certificate");
    QTest::newRow("nobody's") << 0 << false << 0 << QStringLiteral("names nobody");
    QTest::newRow("two people's") << 0 << false << 2 << QStringLiteral("names nobody, or several");
  }
  void forgeriesAreFound() {
    QFETCH(int, rsaBits);
    QFETCH(bool, isAuthority);
    QFETCH(int, uris);
    QFETCH(QString, reason);
    Forgery forgery{.rsa_bits = rsaBits, .is_authority = isAuthority};
    for (int i = 0; i < uris; ++i) forgery.uris.push_back("concertina://person/p" + std::to_string(i));
    const Identity forged = Forge(*authority_, forgery);
    QVERIFY(!forged.certificate_pem.empty());
    const std::string refusal = Refusal(forged.certificate_pem, Now());
    QCOMPARE(refusal.empty(), reason.isEmpty());
    QVERIFY2(absl::StrContains(refusal, reason.toStdString()), refusal.c_str());
  }

 private:
  std::unique_ptr<Authority> authority_, other_;
};

CONCERTINA_TEST(AuthorityTest)

}  // namespace concertina::authority_test

#include "authority_test.moc"
