// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// revocation_list_test.cc: a list grows and forgets nobody; one that is not the authority's changes nothing.
#include "core/security/revocation_list.h"

#include <QTemporaryDir>
#include <QTest>

#include "core/base/file.h"
#include "core/security/certificate.h"
#include "tests/test_program.h"

namespace concertina::revocation_list_test {

class RevocationListTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    auto made = Authority::Make("test", 86400);
    auto other = Authority::Make("test", 86400);
    QVERIFY(made.ok() && other.ok());
    authority_ = std::make_unique<Authority>(*std::move(made));
    other_ = std::make_unique<Authority>(*std::move(other));
  }

  void everyEntryStays() {
    auto list = MakeRevocationList(*authority_);
    QVERIFY2(list.ok(), std::string(list.status().message()).c_str());
    std::set<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      QCOMPARE(*ReadRevocationList(*list, Ours()), expected);
      const std::string certificate = Issued(*authority_);
      list = AddToRevocationList(*authority_, *list, certificate);
      QVERIFY2(list.ok(), std::string(list.status().message()).c_str());
      expected.insert(ReadCertificate(certificate)->serial);
    }
    QCOMPARE(*ReadRevocationList(*list, Ours()), expected);
    QCOMPARE(expected.size(), size_t{20});
  }
  void twiceIsOnce() {
    const std::string certificate = Issued(*authority_);
    auto list = AddToRevocationList(*authority_, *MakeRevocationList(*authority_), certificate);
    list = AddToRevocationList(*authority_, *list, certificate);
    QVERIFY(list.ok());
    QCOMPARE(ReadRevocationList(*list, Ours())->size(), size_t{1});
  }
  void whatIsNotTheAuthoritysIsRefused() {
    const auto theirs = MakeRevocationList(*other_);
    QVERIFY(theirs.ok());
    QCOMPARE(ReadRevocationList(*theirs, Ours()).status().code(), absl::StatusCode::kPermissionDenied);
    QCOMPARE(AddToRevocationList(*authority_, *theirs, Issued(*authority_)).status().code(),
             absl::StatusCode::kPermissionDenied);
    QCOMPARE(
        AddToRevocationList(*authority_, *MakeRevocationList(*authority_), Issued(*other_)).status().code(),
        absl::StatusCode::kPermissionDenied);
    for (const char* text : {"", "no list", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"})
      QCOMPARE(ReadRevocationList(text, Ours()).status().code(), absl::StatusCode::kInvalidArgument);
  }
  void aChangedByteIsFound() {
    const std::string list =
        *AddToRevocationList(*authority_, *MakeRevocationList(*authority_), Issued(*authority_));
    const size_t begin = list.find('\n') + 1, end = list.rfind("-----END");
    const std::set<std::string> entries = *ReadRevocationList(list, Ours());
    int refused = 0;
    for (size_t i = begin; i < end; ++i) {
      if (list[i] == '\n' || list[i] == '=') continue;
      std::string wrong = list;
      wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
      const auto read = ReadRevocationList(wrong, Ours());
      // Here and there a bit means nothing (the unused ones of Base64 and of a bit string): then nothing
      // changed.
      if (read.ok()) QCOMPARE(*read, entries);
      refused += !read.ok();
    }
    QVERIFY2(refused > 200, qPrintable(QString::number(refused)));
  }

  void theWatchFollowsItsFileAndBelievesNoOther() {
    const QTemporaryDir folder;
    const std::string list_file = folder.filePath("crl.pem").toStdString();
    const std::string authority_file = folder.filePath("authority.crt").toStdString();
    QCOMPARE(RevocationWatch::Open(list_file, authority_file).status().code(), absl::StatusCode::kNotFound);
    QVERIFY(WriteFileAtomically(authority_file, Ours()).ok());
    const std::string empty = *MakeRevocationList(*authority_);
    QVERIFY(WriteFileAtomically(list_file, empty).ok());
    const auto watch = RevocationWatch::Open(list_file, authority_file);
    QVERIFY(watch.ok());
    const std::string certificate = Issued(*authority_);
    const std::string serial = ReadCertificate(certificate)->serial;
    QVERIFY(!(*watch)->Refresh());
    QVERIFY(!(*watch)->IsRevoked(serial));

    QVERIFY(WriteFileAtomically(list_file, *AddToRevocationList(*authority_, empty, certificate)).ok());
    QVERIFY((*watch)->Refresh());
    QVERIFY((*watch)->IsRevoked(serial));
    // Half a file, another's list, none at all: the door does not open again.
    QVERIFY(WriteFileAtomically(list_file, empty.substr(0, empty.size() / 2)).ok());
    QVERIFY(!(*watch)->Refresh());
    QVERIFY((*watch)->IsRevoked(serial));
    QVERIFY(WriteFileAtomically(list_file, *MakeRevocationList(*other_)).ok());
    QVERIFY(!(*watch)->Refresh());
    QVERIFY((*watch)->IsRevoked(serial));
    QVERIFY(QFile::remove(QString::fromStdString(list_file)));
    QVERIFY(!(*watch)->Refresh());
    QVERIFY((*watch)->IsRevoked(serial));
  }

 private:
  const std::string& Ours() const { return authority_->identity().certificate_pem; }
  static std::string Issued(const Authority& authority) {
    const auto identity = authority.Issue({.uri = "concertina://person/ada"});
    return identity.ok() ? identity->certificate_pem : "";
  }
  std::unique_ptr<Authority> authority_, other_;
};

CONCERTINA_TEST(RevocationListTest)

}  // namespace concertina::revocation_list_test

#include "revocation_list_test.moc"
