// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_channel_test.cc: a client believes the engine of its kit, and nobody who stands in for it.
#include "core/proto/engine_channel.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/server_credentials.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>

#include "absl/strings/match.h"
#include "core/base/file.h"
#include "core/proto/engine.grpc.pb.h"
#include "core/security/authority.h"
#include "core/security/provision.h"
#include "tests/test_program.h"

namespace concertina::engine_channel_test {
namespace {

class AnsweringService final : public proto::Engine::Service {
 public:
  grpc::Status Status(grpc::ServerContext*, const proto::StatusRequest*, proto::EngineStatus*) override {
    ++calls;
    return grpc::Status::OK;
  }
  std::atomic<int> calls = 0;
};

std::string KitText(const std::string& path) {
  const auto text = ReadFile(path, 1 << 20);
  return text.ok() ? *text : "";
}

}  // namespace

class EngineChannelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnk-XXXXXX");
    out_ = folder_->filePath("out").toStdString();
    QVERIFY(Provision({.folder = out_, .persons = {"ada"}}).ok());
    auto authority = Authority::Load(
        {KitText(out_ + "/authority/authority.crt"), KitText(out_ + "/authority/authority.key")});
    QVERIFY(authority.ok());
    authority_ = std::make_unique<Authority>(*std::move(authority));
  }

  void onlyTheRightEngineIsBelieved_data() {
    QTest::addColumn<QString>("which");
    QTest::addColumn<bool>("isBelieved");
    QTest::newRow("the engine (to compare)") << "right" << true;
    QTest::newRow("known under another name") << "other host" << false;
    QTest::newRow("a worker that plays the engine") << "worker" << false;
    QTest::newRow("a person that plays the engine") << "person" << false;
    QTest::newRow("of another authority") << "other authority" << false;
    QTest::newRow("expired") << "expired" << false;
    QTest::newRow("revoked") << "revoked" << false;
    QTest::newRow("a name without an identity") << "nobody" << false;
  }
  void onlyTheRightEngineIsBelieved() {
    QFETCH(QString, which);
    QFETCH(bool, isBelieved);
    IssueRequest request{.uri = "concertina://engine/main", .ip_addresses = {"127.0.0.1"}};
    if (which == "other host") {
      request.ip_addresses = {"127.0.0.2"};
      request.dns_names = {"elsewhere.example"};
    }
    if (which == "worker") request.uri = "concertina://worker/main";
    if (which == "person") request.uri = "concertina://person/ada";
    if (which == "nobody") request.uri = "https://127.0.0.1/";
    if (which == "expired") {
      request.valid_seconds = -60;
      request.backdated_seconds = 3600;
    }
    auto identity = authority_->Issue(request);
    if (which == "other authority") {
      const auto other = Authority::Make("Concertina authority of main", 86400);
      QVERIFY(other.ok());
      identity = other->Issue(request);
    }
    if (which == "revoked") {
      QVERIFY(RevokeIdentity(out_, "engine/main").ok());
      identity = absl::StatusOr<Identity>(
          Identity{KitText(out_ + "/engine-main/identity.crt"), KitText(out_ + "/engine-main/identity.key")});
    }
    QVERIFY(identity.ok());

    AnsweringService service;
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = authority_->identity().certificate_pem;
    options.pem_key_cert_pairs.push_back({identity->key_pem, identity->certificate_pem});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    QVERIFY(server != nullptr && port > 0);

    const auto channel = OpenEngineChannel("127.0.0.1:" + std::to_string(port), out_ + "/person-ada",
                                           grpc::ChannelArguments());
    QVERIFY2(channel.ok(), std::string(channel.status().message()).c_str());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    proto::EngineStatus reply;
    const grpc::Status status = proto::Engine::NewStub(*channel)->Status(&context, {}, &reply);
    QVERIFY2(status.ok() == isBelieved, status.error_message().c_str());
    QCOMPARE(service.calls.load(), isBelieved ? 1 : 0);
    if (!isBelieved) QCOMPARE(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    server->Shutdown(std::chrono::system_clock::now());
  }

  void aSocketNeedsNoKit() {
    QVERIFY(OpenEngineChannel("unix:/tmp/x.sock", "", grpc::ChannelArguments()).ok());
    QVERIFY(OpenEngineChannel("unix:/tmp/x.sock", "/no/kit", grpc::ChannelArguments()).ok());
  }
  void aNetworkNeedsOneAndSaysHowToGetIt() {
    for (const char* address : {"127.0.0.1:7717", "localhost:7717", "[::1]:7717"}) {
      const auto channel = OpenEngineChannel(address, "", grpc::ChannelArguments());
      QCOMPARE(channel.status().code(), absl::StatusCode::kFailedPrecondition);
      QVERIFY(absl::StrContains(channel.status().message(), "concertinactl provision"));
    }
    QCOMPARE(OpenEngineChannel("127.0.0.1:7717", out_ + "/nothing", grpc::ChannelArguments()).status().code(),
             absl::StatusCode::kNotFound);
    QCOMPARE(
        OpenEngineChannel("127.0.0.1:7717", out_ + "/engine-main", grpc::ChannelArguments()).status().code(),
        absl::StatusCode::kPermissionDenied);
    for (const char* address : {"", "7717", "tcp:1.2.3.4:5", "dns:///localhost:7717", "/tmp/x.sock"})
      QCOMPARE(OpenEngineChannel(address, out_ + "/person-ada", grpc::ChannelArguments()).status().code(),
               absl::StatusCode::kInvalidArgument);
  }
  void theKitComesFromTheEnvironmentWhereNoneIsGiven() {
    const QByteArray before = qgetenv("CONCERTINA_KIT");
    qputenv("CONCERTINA_KIT", "/a/kit");
    QCOMPARE(KitFolder(""), std::string("/a/kit"));
    QCOMPARE(KitFolder("/b"), std::string("/b"));
    qunsetenv("CONCERTINA_KIT");
    QCOMPARE(KitFolder(""), std::string());
    if (!before.isEmpty()) qputenv("CONCERTINA_KIT", before);
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::string out_;
  std::unique_ptr<Authority> authority_;
};

CONCERTINA_TEST(EngineChannelTest)

}  // namespace concertina::engine_channel_test

#include "engine_channel_test.moc"
