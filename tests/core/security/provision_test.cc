// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// provision_test.cc: kits are made once and never replaced unasked, everything wrong with one is found, and a
// revocation reaches every kit of the folder.
#include "core/security/provision.h"

#include <sys/stat.h>

#include <cmath>
#include <map>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "core/base/file.h"
#include "core/security/kit.h"
#include "core/security/openssl.h"
#include "core/security/revocation_list.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::provision_test {
namespace {

unsigned int Mode(const std::string& path) {
  struct stat found = {};
  return lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::string Text(const std::string& path) {
  const auto text = ReadFile(path, 1 << 20);
  return text.ok() ? *text : "";
}

}  // namespace

class ProvisionTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnp-XXXXXX");
    out_ = folder_->filePath("out").toStdString();
  }

  void everyIdentityGetsAWholePrivateKit() {
    const auto kits = Provision(Wanted());
    QVERIFY2(kits.ok(), std::string(kits.status().message()).c_str());
    QCOMPARE(kits->size(), size_t{3});
    for (const ProvisionedKit& each : *kits) {
      QCOMPARE(each.state, std::string("made"));
      const auto kit = ReadKit(each.folder);
      QVERIFY2(kit.ok(), std::string(kit.status().message()).c_str());
      QVERIFY(kit->identity == each.identity);
      QCOMPARE(kit->engine_address, std::string("gpu-1:7717"));
      QCOMPARE(kit->facts.not_after_unix, each.expires_unix);
      QCOMPARE(Mode(kit->folder), 0700U);
      QCOMPARE(Mode(kit->key_file()), 0600U);
      const auto json = nlohmann::json::parse(Text(kit->folder + "/kit.json"));
      QCOMPARE(json.at("role").get<std::string>(), std::string(RoleName(each.identity.role)));
      QVERIFY(json.contains("expires"));
      QVERIFY(!QFile::exists(QString::fromStdString(kit->folder + "/authority.key")));
    }
    QVERIFY((*kits)[0].identity == (IdentityName{Role::kEngine, "main"}));
    QCOMPARE(Mode(out_ + "/authority"), 0700U);
    QCOMPARE(Mode(out_ + "/authority/authority.key"), 0600U);
  }
  void onlyTheEngineHasTheNamesOfAHost() {
    QVERIFY(Provision(Wanted()).ok());
    for (const char* kit : {"/engine-main", "/person-ada", "/worker-pool-a"}) {
      const auto certificate = CertificateFromPem(Text(out_ + kit + "/identity.crt"));
      QVERIFY(certificate.ok());
      const int expected = std::string_view(kit) == "/engine-main" ? 1 : 0;
      for (const char* host : {"gpu-1", "localhost"})
        QCOMPARE(X509_check_host(certificate->get(), host, 0, 0, nullptr), expected);
      for (const char* ip : {"127.0.0.1", "::1"})
        QCOMPARE(X509_check_ip_asc(certificate->get(), ip, 0), expected);
    }
  }
  void onceMoreAddsAndReplacesNothing() {
    QVERIFY(Provision(Wanted()).ok());
    const std::string key = Text(out_ + "/person-ada/identity.key");
    const std::string authority = Text(out_ + "/authority/authority.key");
    ProvisionRequest more{.folder = out_, .workers = {"pool-a", "pool-b"}, .persons = {"ada"}};
    const auto kits = Provision(more);
    QVERIFY2(kits.ok(), std::string(kits.status().message()).c_str());
    std::map<std::string, std::string> states;
    for (const ProvisionedKit& each : *kits) states[IdentityText(each.identity)] = each.state;
    const std::map<std::string, std::string> expected = {{"engine/main", "kept"},
                                                         {"worker/pool-a", "kept"},
                                                         {"worker/pool-b", "made"},
                                                         {"person/ada", "kept"}};
    QVERIFY(states == expected);
    QCOMPARE(Text(out_ + "/person-ada/identity.key"), key);
    QCOMPARE(Text(out_ + "/authority/authority.key"), authority);
    QCOMPARE(ReadKit(out_ + "/worker-pool-b")->engine_address, std::string("gpu-1:7717"));
  }
  void anotherAddressIsNotTakenInSilence() {
    QVERIFY(Provision(Wanted()).ok());
    ProvisionRequest moved{.folder = out_, .engine_address = "gpu-2:7717"};
    QCOMPARE(Provision(moved).status().code(), absl::StatusCode::kAlreadyExists);
    moved.renewed = {"engine/main"};
    const auto kits = Provision(moved);
    QVERIFY2(kits.ok(), std::string(kits.status().message()).c_str());
    QCOMPARE(kits->front().state, std::string("renewed"));
    QCOMPARE(ReadKit(out_ + "/engine-main")->engine_address, std::string("gpu-2:7717"));
  }
  void renewingGivesAnotherKeyInTheSamePlace() {
    QVERIFY(Provision(Wanted()).ok());
    const std::string key = Text(out_ + "/worker-pool-a/identity.key");
    ProvisionRequest renewal{.folder = out_, .renewed = {"pool-a"}};
    QVERIFY(Provision(renewal).ok());
    QVERIFY(Text(out_ + "/worker-pool-a/identity.key") != key);
    QVERIFY(ReadKit(out_ + "/worker-pool-a").ok());
    QCOMPARE(QDir(QString::fromStdString(out_)).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 4);
  }
  void wrongRequestsAreRefusedAndLeaveNothing_data() {
    QTest::addColumn<QString>("person");
    QTest::addColumn<QString>("address");
    QTest::addColumn<double>("days");
    QTest::newRow("a path") << "../ada"
                            << "gpu-1:7717" << 30.0;
    QTest::newRow("a slash") << "a/b"
                             << "gpu-1:7717" << 30.0;
    QTest::newRow("no port") << "ada"
                             << "gpu-1" << 30.0;
    QTest::newRow("port 0") << "ada"
                            << "gpu-1:0" << 30.0;
    QTest::newRow("a port too large") << "ada"
                                      << "gpu-1:65536" << 30.0;
    QTest::newRow("no host") << "ada"
                             << ":7717" << 30.0;
    QTest::newRow("a host of two words") << "ada"
                                         << "gpu 1:7717" << 30.0;
    QTest::newRow("no days") << "ada"
                             << "gpu-1:7717" << 0.0;
    QTest::newRow("a century") << "ada"
                               << "gpu-1:7717" << 36500.0;
    QTest::newRow("no number of days") << "ada"
                                       << "gpu-1:7717" << std::nan("");
  }
  void wrongRequestsAreRefusedAndLeaveNothing() {
    QFETCH(QString, person);
    QFETCH(QString, address);
    QFETCH(double, days);
    ProvisionRequest request{.folder = out_,
                             .engine_address = address.toStdString(),
                             .persons = {person.toStdString()},
                             .valid_days = days};
    QCOMPARE(Provision(request).status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(!QFile::exists(QString::fromStdString(out_)));
  }
  void anOpenAuthorityIsNotUsed() {
    QVERIFY(Provision(Wanted()).ok());
    QCOMPARE(chmod((out_ + "/authority/authority.key").c_str(), 0644), 0);
    QCOMPARE(Provision(Wanted()).status().code(), absl::StatusCode::kPermissionDenied);
    QCOMPARE(chmod((out_ + "/authority/authority.key").c_str(), 0600), 0);
    QCOMPARE(chmod((out_ + "/authority").c_str(), 0755), 0);
    QCOMPARE(Provision(Wanted()).status().code(), absl::StatusCode::kPermissionDenied);
  }

  void whatOthersCanReadIsRefused_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<uint>("mode");
    QTest::addColumn<bool>("good");
    QTest::newRow("as it was made") << "/identity.key" << 0600U << true;
    QTest::newRow("read only") << "/identity.key" << 0400U << true;
    QTest::newRow("a key for the group") << "/identity.key" << 0640U << false;
    QTest::newRow("a key for all") << "/identity.key" << 0604U << false;
    QTest::newRow("a key that the group can write") << "/identity.key" << 0620U << false;
    QTest::newRow("a folder for the group") << "" << 0750U << false;
    QTest::newRow("a folder for all") << "" << 0755U << false;
  }
  void whatOthersCanReadIsRefused() {
    QFETCH(QString, path);
    QFETCH(uint, mode);
    QFETCH(bool, good);
    QVERIFY(Provision(Wanted()).ok());
    const std::string kit = out_ + "/person-ada";
    QCOMPARE(chmod((kit + path.toStdString()).c_str(), mode), 0);
    const auto read = ReadKit(kit);
    QCOMPARE(read.ok(), good);
    if (good) return;
    QCOMPARE(read.status().code(), absl::StatusCode::kPermissionDenied);
    QVERIFY(absl::StrContains(read.status().message(), "chmod"));
  }
  void everyFaultOfAKitIsFound_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("from");  // of this kit; "": made empty; "-": taken away
    for (const char* file : {"authority.crt", "identity.crt", "identity.key", "crl.pem", "kit.json"}) {
      QTest::addRow("no %s", file) << file << "-";
      QTest::addRow("an empty %s", file) << file << "";
      QTest::addRow("the %s of another authority", file) << file << "other/person-ada";
    }
    QTest::newRow("another's certificate") << "identity.crt"
                                           << "out/worker-pool-a";
    QTest::newRow("another's key") << "identity.key"
                                   << "out/worker-pool-a";
    QTest::newRow("another's name") << "kit.json"
                                    << "out/worker-pool-a";
  }
  void everyFaultOfAKitIsFound() {
    QFETCH(QString, file);
    QFETCH(QString, from);
    QVERIFY(Provision(Wanted()).ok());
    ProvisionRequest other = Wanted();
    other.folder = folder_->filePath("other").toStdString();
    QVERIFY(Provision(other).ok());
    const std::string kit = out_ + "/person-ada", path = kit + "/" + file.toStdString();
    QVERIFY(ReadKit(kit).ok());
    if (from == "-") {
      QVERIFY(QFile::remove(QString::fromStdString(path)));
    } else {
      const std::string text = from.isEmpty() ? "" : Text(folder_->filePath(from + "/" + file).toStdString());
      if (file == "kit.json" && from.startsWith("other")) return;  // it says the same
      QVERIFY(WriteFileAtomically(path, text).ok());
    }
    QVERIFY2(!ReadKit(kit).ok(), qPrintable(file + " from " + from));
  }
  void anExpiredKitSaysSo() {
    QVERIFY(Provision(Wanted()).ok());
    const auto authority =
        Authority::Load({Text(out_ + "/authority/authority.crt"), Text(out_ + "/authority/authority.key")});
    QVERIFY(authority.ok());
    const auto identity =
        authority->Issue({.uri = "concertina://person/ada", .valid_seconds = -60, .backdated_seconds = 3600});
    QVERIFY(identity.ok());
    const std::string kit = out_ + "/person-ada";
    QVERIFY(WriteFileAtomically(kit + "/identity.crt", identity->certificate_pem).ok());
    QVERIFY(WriteFileAtomically(kit + "/identity.key", identity->key_pem).ok());
    const auto read = ReadKit(kit);
    QCOMPARE(read.status().code(), absl::StatusCode::kPermissionDenied);
    QVERIFY(absl::StrContains(read.status().message(), "ended on"));
  }
  void noFolderIsNoKit() {
    QCOMPARE(ReadKit(out_ + "/nothing").status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(ReadKit("").status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(!ReadKit("/etc/passwd").ok());
  }

  void aRevocationReachesEveryKit() {
    QVERIFY(Provision(Wanted()).ok());
    ProvisionRequest renewal{.folder = out_, .renewed = {"person/ada"}};
    QVERIFY(Provision(renewal).ok());
    const auto revocation = RevokeIdentity(out_, "ada");
    QVERIFY2(revocation.ok(), std::string(revocation.status().message()).c_str());
    QCOMPARE(revocation->serials.size(), size_t{2});  // the renewed one's forerunner too
    QCOMPARE(revocation->lists.size(), size_t{4});
    for (const std::string& list : revocation->lists) {
      const auto serials = ReadRevocationList(Text(list), Text(out_ + "/authority/authority.crt"));
      QVERIFY(serials.ok());
      QCOMPARE(serials->size(), size_t{2});
    }
    QVERIFY(absl::StrContains(ReadKit(out_ + "/person-ada").status().message(), "revoked"));
    QVERIFY(ReadKit(out_ + "/engine-main").ok());
    // Who comes later gets the list as it is.
    ProvisionRequest later{.folder = out_, .persons = {"bob"}};
    QVERIFY(Provision(later).ok());
    QCOMPARE(Text(out_ + "/person-bob/crl.pem"), Text(out_ + "/authority/crl.pem"));
  }
  void whoIsNotThereCannotBeRevoked() {
    QCOMPARE(RevokeIdentity(out_, "ada").status().code(), absl::StatusCode::kNotFound);
    QVERIFY(!QFile::exists(QString::fromStdString(out_)));
    ProvisionRequest request = Wanted();
    request.workers.push_back("ada");
    QVERIFY(Provision(request).ok());
    const auto near = RevokeIdentity(out_, "person/adb");
    QCOMPARE(near.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(absl::StrContains(near.status().message(), "person/ada"));
    QCOMPARE(RevokeIdentity(out_, "ada").status().code(), absl::StatusCode::kInvalidArgument);  // which?
    QVERIFY(RevokeIdentity(out_, "worker/ada").ok());
    QVERIFY(ReadKit(out_ + "/person-ada").ok());
  }

  void addressesAreReadStrictly_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::newRow("a name") << "gpu-1:7717"
                            << "gpu-1" << 7717;
    QTest::newRow("IPv4") << "10.0.0.7:1"
                          << "10.0.0.7" << 1;
    QTest::newRow("IPv6") << "[fd00::7]:65535"
                          << "fd00::7" << 65535;
    for (const char* wrong : {"", ":", "a:", ":1", "a:b", "a:-1", "a:+1", "a: 1", "a:1x", "fd00::7:1",
                              "a/b:1", "unix:/x", "dns:///a:1", "[]:1", "a:99999", "a:100000"})
      QTest::newRow(*wrong == '\0' ? "nothing" : wrong) << wrong << "" << 0;
  }
  void addressesAreReadStrictly() {
    QFETCH(QString, text);
    QFETCH(QString, host);
    QFETCH(int, port);
    const auto parsed = ParseHostPort(text.toStdString());
    QCOMPARE(parsed.ok(), port != 0);
    if (port == 0) return;
    QCOMPARE(parsed->host, host.toStdString());
    QCOMPARE(parsed->port, port);
  }

 private:
  ProvisionRequest Wanted() const {
    return {.folder = out_, .engine_address = "gpu-1:7717", .workers = {"pool-a"}, .persons = {"ada"}};
  }
  std::unique_ptr<QTemporaryDir> folder_;
  std::string out_;
};

CONCERTINA_TEST(ProvisionTest)

}  // namespace concertina::provision_test

#include "provision_test.moc"
