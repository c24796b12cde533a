// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_port_test.cc: a real port on loopback, and everybody who must not come in at it: wrong certificates at
// the handshake, wrong roles at the call, the revoked in the middle of a stream.
#include "core/proto/tls_port.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <signal.h>
#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "core/base/file.h"
#include "core/engine/engine.h"
#include "core/engine/rights.h"
#include "core/proto/audit_log.h"
#include "core/proto/engine.grpc.pb.h"
#include "core/proto/engine_channel.h"
#include "core/proto/home.grpc.pb.h"
#include "core/security/kit.h"
#include "core/security/provision.h"
#include "nlohmann/json.hpp"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/raw_tls_client.h"
#include "tests/core/security/forged_certificate.h"
#include "tests/test_program.h"

namespace concertina::tls_port_test {
namespace {

// Counts who comes through; everything but these two is unimplemented.
class DoorService final : public proto::Engine::CallbackService {
 public:
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const proto::StatusRequest*,
                                   proto::EngineStatus*) override {
    ++calls_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const proto::SubmitRequest*,
                                   proto::SubmitReply*) override {
    ++calls_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  // A stream that begins and then says nothing, until it is cancelled.
  grpc::ServerWriteReactor<proto::RunSummary>* WatchRuns(grpc::CallbackServerContext*,
                                                         const proto::WatchRunsRequest*) override {
    class Silent final : public grpc::ServerWriteReactor<proto::RunSummary> {
     public:
      Silent() { StartSendInitialMetadata(); }
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    ++calls_;
    return new Silent;
  }
  int calls() const { return calls_; }

 private:
  std::atomic<int> calls_ = 0;
};

// An open WatchRuns of one person, read by a thread.
class OpenStream {
 public:
  explicit OpenStream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(proto::Engine::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader_ = stub_->WatchRuns(&context_, {});
    reader_->WaitForInitialMetadata();
    thread_ = std::thread([this] {
      proto::RunSummary summary;
      while (reader_->Read(&summary)) {
      }
      status_ = reader_->Finish();
      ended_ = true;
    });
  }
  ~OpenStream() {
    context_.TryCancel();
    thread_.join();
  }
  bool ended() const { return ended_; }
  const grpc::Status& status() const { return status_; }  // once ended

 private:
  const std::unique_ptr<proto::Engine::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<proto::RunSummary>> reader_;
  grpc::Status status_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

std::string TextOfFile(const std::string& path) {
  const auto text = ReadFile(path, 64 << 20);
  return text.ok() ? *text : "";
}

grpc::Status CallStatus(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  proto::EngineStatus reply;
  return proto::Engine::NewStub(channel)->Status(&context, {}, &reply);
}

// Any call by its name, with an empty message.
grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
  const bool is_endless = name == "/concertina.proto.Engine/WatchRuns";
  const grpc::internal::RpcMethod method(name.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(is_endless ? 3 : 10));
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer reply;
  return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(channel.get(), method,
                                                                               &context, request, &reply);
}

}  // namespace

class TlsPortTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { signal(SIGPIPE, SIG_IGN); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnt-XXXXXX");
    out_ = folder_->filePath("out").toStdString();
    const auto kits = Provision({.folder = out_, .workers = {"pool"}, .persons = {"ada", "bob"}});
    QVERIFY2(kits.ok(), std::string(kits.status().message()).c_str());
    auto authority = Authority::Load(
        {TextOfFile(out_ + "/authority/authority.crt"), TextOfFile(out_ + "/authority/authority.key")});
    QVERIFY(authority.ok());
    authority_ = std::make_unique<Authority>(*std::move(authority));
    service_ = std::make_unique<DoorService>();
    home_ = std::make_unique<proto::Home::CallbackService>();
    auto port = TlsPort::Open({.listen = "127.0.0.1:0",
                               .kit = out_ + "/engine-main",
                               .audit_file = audit_file(),
                               .rights = Rights()},
                              {service_.get(), home_.get()});
    QVERIFY2(port.ok(), std::string(port.status().message()).c_str());
    port_ = *std::move(port);
  }
  void cleanup() {
    port_.reset();
    service_.reset();
    home_.reset();
  }

  void whoBelongsHereIsServed() {
    QVERIFY2(CallStatus(ChannelOf("person-ada")).ok(),
             CallStatus(ChannelOf("person-ada")).error_message().c_str());
    QVERIFY(CallStatus(ChannelOf("person-bob")).ok());
    QVERIFY(service_->calls() >= 2);
  }

  void wrongCertificatesAreTurnedAwayInTheHandshake_data() {
    QTest::addColumn<QString>("which");
    QTest::addColumn<bool>("isLetIn");
    QTest::newRow("a person's (to compare)") << "right" << true;
    QTest::newRow("a person's, TLS 1.2 (to compare)") << "tls 1.2" << true;
    QTest::newRow("a person's, TLS 1.3 (to compare)") << "tls 1.3" << true;
    QTest::newRow("a person's, RSA 2048 (to compare)") << "rsa 2048" << true;
    QTest::newRow("of another authority") << "other authority" << false;
    QTest::newRow("expired") << "expired" << false;
    QTest::newRow("not yet valid") << "not yet" << false;
    QTest::newRow("of a role that has no business here") << "engine" << false;
    QTest::newRow("of nobody's role") << "boss" << false;
    QTest::newRow("of nobody") << "nobody" << false;
    QTest::newRow("revoked") << "revoked" << false;
    QTest::newRow("self-signed") << "self-signed" << false;
    QTest::newRow("none") << "none" << false;
    QTest::newRow("with a weak key, RSA 1024") << "rsa 1024" << false;
    QTest::newRow("no TLS at all") << "plain" << false;
    QTest::newRow("TLS 1.1") << "tls 1.1" << false;
    QTest::newRow("an authority's") << "authority" << false;
    QTest::newRow("an authority's that may sign handshakes") << "forged authority" << false;
  }
  void wrongCertificatesAreTurnedAwayInTheHandshake() {
    QFETCH(QString, which);
    QFETCH(bool, isLetIn);
    const std::string uri = "concertina://person/ada";
    const auto issued = [&](IssueRequest request) {
      const auto identity = authority_->Issue(request);
      return identity.ok() ? *identity : Identity{};
    };
    KnockAs as{.identity = issued({.uri = uri})};
    const Identity right = as.identity;
    if (which == "tls 1.2") as.version = TLS1_2_VERSION;
    if (which == "tls 1.3") as.version = TLS1_3_VERSION;
    if (which == "tls 1.1") as.version = TLS1_1_VERSION;
    if (which == "plain") as.in_plain_text = true;
    if (which == "none") as.identity = {};
    if (which == "other authority") {
      const auto other = Authority::Make("Concertina authority of main", 86400);
      QVERIFY(other.ok());
      as.identity = *other->Issue({.uri = uri});
    }
    if (which == "expired")
      as.identity = issued({.uri = uri, .valid_seconds = -60, .backdated_seconds = 3600});
    if (which == "not yet")
      as.identity = issued({.uri = uri, .valid_seconds = 7200, .backdated_seconds = -3600});
    if (which == "engine") as.identity = issued({.uri = "concertina://engine/main"});
    if (which == "boss") as.identity = issued({.uri = "concertina://boss/ada"});
    if (which == "nobody") as.identity = Forge(*authority_, {});
    if (which == "self-signed") as.identity = Forge(*authority_, {.uris = {uri}, .is_self_signed = true});
    if (which == "rsa 2048") as.identity = Forge(*authority_, {.uris = {uri}, .rsa_bits = 2048});
    if (which == "rsa 1024") as.identity = Forge(*authority_, {.uris = {uri}, .rsa_bits = 1024});
    if (which == "authority") as.identity = authority_->identity();
    if (which == "forged authority") as.identity = Forge(*authority_, {.uris = {uri}, .is_authority = true});
    if (which == "revoked") {
      as.identity = KitIdentity("person-ada");
      QVERIFY(RevokeIdentity(out_, "person/ada").ok());
      // The port looks every second; the same knock is let in before and turned away from then on.
      QVERIFY(Eventually([&] { return Knock(Port(), as).kind == KnockAnswer::kTurnedAway; }, 10));
    }
    QVERIFY(which == "none" || !as.identity.certificate_pem.empty());
    const KnockAnswer answer = Knock(Port(), as);
    QVERIFY2(answer.kind == (isLetIn ? KnockAnswer::kLetIn : KnockAnswer::kTurnedAway),
             answer.reason.c_str());
    QVERIFY2(answer.sent_bytes > 0, answer.reason.c_str());  // by the server, not by OpenSSL at this end
    if (!isLetIn)
      QVERIFY2(Eventually([&] { return IsNotedAsRefused(which); }), TextOfFile(audit_file()).c_str());
    QCOMPARE(service_->calls(), 0);
    QCOMPARE(Knock(Port(), {.identity = right}).kind, KnockAnswer::kLetIn);  // and the port stands
  }

  void everyRoleGetsItsCallsAndNoOther() {
    const std::shared_ptr<grpc::Channel> person = ChannelOf("person-ada"), worker = ChannelOf("worker-pool");
    for (const CallRight& right : Rights()) {
      const std::string call(right.call);
      for (const auto& [role, channel] :
           {std::pair(Role::kPerson, person), std::pair(Role::kWorker, worker)}) {
        const grpc::Status status = CallByName(channel, call);
        QVERIFY2(
            (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) == !MayCall(Rights(), role, call),
            (call + ": " + status.error_message()).c_str());
      }
    }
    for (const char* call : {"/concertina.proto.Engine/Nothing", "/x.y/Z"})
      QCOMPARE(CallByName(person, call).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  }
  void aRefusedCallNeverReachesItsService() {
    const std::shared_ptr<grpc::Channel> worker = ChannelOf("worker-pool");
    for (int i = 0; i < 100; ++i)
      QCOMPARE(CallStatus(worker).error_code(), grpc::StatusCode::PERMISSION_DENIED);
    QVERIFY(absl::StrContains(CallStatus(worker).error_message(), "worker/pool may not call"));
    QCOMPARE(service_->calls(), 0);
  }

  void theRevokedAreCutOffInTheMiddleOfAStream() {
    CopyKit("person-ada", "ada-elsewhere");
    const std::shared_ptr<grpc::Channel> ada = ChannelOf("person-ada");
    OpenStream hers(ada), his(ChannelOf("person-bob"));
    QVERIFY(!hers.ended());
    QVERIFY(RevokeIdentity(out_, "person/ada").ok());
    QVERIFY(Eventually([&] { return hers.ended(); }, 10));
    QCOMPARE(hers.status().error_code(), grpc::StatusCode::CANCELLED);
    // On the connection that she still has, and on a new one.
    const int before = service_->calls();
    const grpc::Status again = CallStatus(ada);
    QCOMPARE(again.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    QVERIFY(absl::StrContains(again.error_message(), "revoked"));
    QCOMPARE(CallStatus(ChannelOf("ada-elsewhere")).error_code(), grpc::StatusCode::UNAVAILABLE);
    QCOMPARE(service_->calls(), before);
    QVERIFY(!his.ended());
    QVERIFY(CallStatus(ChannelOf("person-bob")).ok());
  }
  void aCallThatEndedByItselfIsForgotten() {
    { OpenStream hers(ChannelOf("person-ada")); }
    for (int i = 0; i < 50; ++i) QVERIFY(CallStatus(ChannelOf("person-ada")).ok());
    QVERIFY(RevokeIdentity(out_, "person/ada").ok());
    // Cutting off who has gone already must find nothing: the others go on.
    OpenStream his(ChannelOf("person-bob"));
    QVERIFY(Eventually(
        [&] {
          return Knock(Port(), {.identity = KitIdentity("person-ada")}).kind == KnockAnswer::kTurnedAway;
        },
        10));
    QVERIFY(!his.ended());
  }

  void aRenewedCertificateIsShownWithoutARestart() {
    OpenStream his(ChannelOf("person-bob"));
    const KnockAs ada{.identity = KitIdentity("person-ada")};
    const std::string before = Knock(Port(), ada).server_serial;
    QVERIFY(!before.empty());
    const auto renewed = Provision({.folder = out_, .renewed = {"engine/main"}});
    QVERIFY2(renewed.ok(), std::string(renewed.status().message()).c_str());
    const std::string expected = ReadKit(out_ + "/engine-main")->facts.serial;
    QVERIFY(expected != before);
    QVERIFY(Eventually([&] { return Knock(Port(), ada).server_serial == expected; }));
    QVERIFY(CallStatus(ChannelOf("person-ada")).ok());
    QVERIFY(!his.ended());
  }

  void sizesAreCapped() {
    const std::shared_ptr<grpc::Channel> ada = ChannelOf("person-ada");
    const auto stub = proto::Engine::NewStub(ada);
    const auto submit = [&](size_t bytes, size_t metadata_bytes) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
      if (metadata_bytes > 0) context.AddMetadata("x-long", std::string(metadata_bytes, 'x'));
      proto::SubmitRequest request;
      request.set_spec_json(std::string(bytes, ' '));
      proto::SubmitReply reply;
      return stub->Submit(&context, request, &reply);
    };
    QVERIFY(submit(1 << 20, 1000).ok());
    const int before = service_->calls();
    QCOMPARE(submit(5 << 20, 0).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    QVERIFY(!submit(10, 16 << 10).ok());
    QCOMPARE(service_->calls(), before);
    // The server may close the connection on which it was lied to; the next one is served.
    QVERIFY(Eventually([&] { return submit(10, 0).ok(); }));
  }

  void everythingIsNotedAndNoSecretIs() {
    QVERIFY(CallStatus(ChannelOf("person-ada")).ok());
    QCOMPARE(CallStatus(ChannelOf("worker-pool")).error_code(), grpc::StatusCode::PERMISSION_DENIED);
    QCOMPARE(Knock(Port(), {.identity = *authority_->Issue({.uri = "concertina://boss/x"})}).kind,
             KnockAnswer::kTurnedAway);
    const auto noted = [&](const char* identity, const char* rpc, const char* verdict) {
      const QStringList lines =
          QString::fromStdString(TextOfFile(audit_file())).split('\n', Qt::SkipEmptyParts);
      for (const QString& line : lines) {
        const auto json = nlohmann::json::parse(line.toStdString(), nullptr, false);
        if (json.is_object() && json.value("identity", "") == identity && json.value("rpc", "") == rpc &&
            json.value("verdict", "") == verdict && json.value("time", "").size() == 24)
          return true;
      }
      return false;
    };
    const char* call = "/concertina.proto.Engine/Status";
    QVERIFY(Eventually([&] { return noted("concertina://person/ada", "", "admitted"); }));
    QVERIFY(Eventually([&] { return noted("concertina://person/ada", call, "admitted"); }));
    QVERIFY(Eventually([&] { return noted("concertina://worker/pool", call, "refused"); }));
    QVERIFY(Eventually([&] { return noted("concertina://boss/x", "", "refused"); }));
    QVERIFY(absl::StrContains(TextOfFile(audit_file()), "ipv4:127.0.0.1:"));
    QVERIFY(!absl::StrContains(TextOfFile(audit_file()), "BEGIN"));
    struct stat found = {};
    QCOMPARE(stat(audit_file().c_str(), &found), 0);
    QCOMPARE(found.st_mode & 07777, 0600U);
  }

  void aPortIsOpenedOnlyWithAnEnginesKit_data() {
    QTest::addColumn<QString>("listen");
    QTest::addColumn<QString>("kit");
    QTest::addColumn<int>("code");
    const auto code = [](absl::StatusCode each) { return static_cast<int>(each); };
    QTest::newRow("none") << "127.0.0.1:0"
                          << "" << code(absl::StatusCode::kFailedPrecondition);
    QTest::newRow("a person's") << "127.0.0.1:0"
                                << "person-ada" << code(absl::StatusCode::kFailedPrecondition);
    QTest::newRow("no kit there") << "127.0.0.1:0"
                                  << "nothing" << code(absl::StatusCode::kNotFound);
    QTest::newRow("no address") << "7717"
                                << "engine-main" << code(absl::StatusCode::kInvalidArgument);
    QTest::newRow("a socket") << "unix:/tmp/x"
                              << "engine-main" << code(absl::StatusCode::kInvalidArgument);
    QTest::newRow("not of this machine") << "192.0.2.1:7717"
                                         << "engine-main" << code(absl::StatusCode::kUnavailable);
  }
  void aPortIsOpenedOnlyWithAnEnginesKit() {
    QFETCH(QString, listen);
    QFETCH(QString, kit);
    QFETCH(int, code);
    const auto port = TlsPort::Open({.listen = listen.toStdString(),
                                     .kit = kit.isEmpty() ? "" : out_ + "/" + kit.toStdString(),
                                     .audit_file = audit_file() + "-2",
                                     .rights = Rights()},
                                    {service_.get()});
    QCOMPARE(static_cast<int>(port.status().code()), code);
  }

  // The whole engine: the same services on its socket and on its port.
  void theEngineServesBothItsSocketAndItsPort() {
    EngineRoom room;
    room.options().listen = "127.0.0.1:0";
    QCOMPARE(room.Start().code(), absl::StatusCode::kFailedPrecondition);
    room.options().kit = out_ + "/engine-main";
    const absl::Status started = room.Start();
    QVERIFY2(started.ok(), std::string(started.message()).c_str());
    const std::string address = room.engine().network_address();
    const auto channel = OpenEngineChannel(address, out_ + "/person-ada", {});
    QVERIFY(channel.ok());
    grpc::ClientContext context;
    proto::EngineStatus status;
    QVERIFY(proto::Engine::NewStub(*channel)->Status(&context, {}, &status).ok());
    QCOMPARE(status.network_address(), address);
    QVERIFY(absl::StartsWith(status.address(), "unix:"));
    QVERIFY(!room.Submit(room.Spec(1)).empty());  // by the socket, without a certificate
  }

  // A token that was given out with a kit is good with the certificate of that kit alone.
  void aTokenIsOfItsCertificate() {
    QVERIFY(Provision({.folder = out_, .workers = {"thief"}}).ok());
    EngineRoom room;
    room.options().listen = "127.0.0.1:0";
    room.options().kit = out_ + "/engine-main";
    QVERIFY(room.Start().ok());
    PuppetStage::Get().GiveKit(out_ + "/worker-pool");
    const std::string run = room.Submit(room.Spec(1));
    QVERIFY(PuppetStage::Get().WaitForLaunch(1));
    const LaunchRequest request = PuppetStage::Get().RequestOf(0);
    const auto channel = [&](const std::string& kit) {
      return OpenEngineChannel(room.engine().network_address(), out_ + "/" + kit, {});
    };
    const auto thiefs = channel("worker-thief"), own = channel("worker-pool");
    QVERIFY(thiefs.ok() && own.ok());
    PuppetWorker thief(*thiefs);
    thief.Hello(run, 0, request.token);
    const auto end = thief.WaitForEnd();
    QVERIFY(end.has_value());
    QCOMPARE(end->error_code(), grpc::StatusCode::PERMISSION_DENIED);
    PuppetWorker worker(*own);
    worker.Hello(run, 0, request.token);
    QVERIFY(worker.WaitFor(proto::EngineMessage::kAssignment).has_value());
    QCOMPARE(room.Show(run).error(), std::string());
  }

  // One that knows of no kit may be shown with any, as of workers that are started by hand; and from then on
  // it is of that one: another is told what a stranger is, and the run's people hear of it.
  void aTokenWithoutACertificateIsGoodOverTheSocketAndThePortAndIsThenOfWhoUsedIt() {
    QVERIFY(Provision({.folder = out_, .workers = {"thief"}}).ok());
    EngineRoom room;
    room.options().listen = "127.0.0.1:0";
    room.options().kit = out_ + "/engine-main";
    QVERIFY(room.Start().ok());
    const std::string run = room.Submit(room.Spec(2));
    QVERIFY(PuppetStage::Get().WaitForLaunch(2));
    const auto channel = OpenEngineChannel(room.engine().network_address(), out_ + "/worker-pool", {});
    QVERIFY(channel.ok());
    PuppetWorker far(*channel);
    far.Hello(run, 0, PuppetStage::Get().RequestOf(0).token);
    QVERIFY(far.WaitFor(proto::EngineMessage::kAssignment).has_value());
    const auto other = PuppetWorker::Joined(1);  // stays, as long as the run is to go on
    QVERIFY(other->assignment().world_size() == 2);
    const auto said_to = [&](const std::string& kit) {
      const auto of_kit = OpenEngineChannel(room.engine().network_address(), out_ + "/" + kit, {});
      if (!of_kit.ok()) return std::string(of_kit.status().message());
      PuppetWorker again(*of_kit);
      again.Hello(run, 0, PuppetStage::Get().RequestOf(0).token);
      const auto end = again.WaitForEnd();
      return end.has_value() ? end->error_message() : std::string("let in");
    };
    const std::string to_thief = said_to("worker-thief"), to_owner = said_to("worker-pool");
    QVERIFY2(absl::StrContains(to_thief, "there is no such place to join"), to_thief.c_str());
    QVERIFY2(absl::StrContains(to_owner, "this token was used before"), to_owner.c_str());
    QVERIFY(absl::StrContains(said_to("worker-thief"), "there is no such place to join"));
    int told = 0;
    for (const proto::RunEvent& event : room.Events(run))
      told += absl::StrContains(event.message(), "another certificate") ? 1 : 0;
    QCOMPARE(told, 1);
    QCOMPARE(room.Show(run).error(), std::string());
  }

  // Who knocks and knocks writes no more lines than are let through; the next one says how many are missing.
  void aFloodOfKnocksIsCountedNotWritten() {
    const KnockAs plain{.identity = {}, .version = 0, .in_plain_text = true};
    constexpr int kKnocks = static_cast<int>(AuditLog::kRefusedAtOnce) + 100;
    for (int i = 0; i < kKnocks; ++i) QCOMPARE(Knock(Port(), plain).kind, KnockAnswer::kTurnedAway);
    QVERIFY(CallStatus(ChannelOf("person-ada")).ok());
    QVERIFY2(Eventually([&] { return absl::StrContains(TextOfFile(audit_file()), "\"lost\":"); }),
             TextOfFile(audit_file()).c_str());
    int64_t lines = 0, lost = 0;
    for (const nlohmann::json& line : AuditLines()) {
      lost += line.value("lost", int64_t{0});
      lines += line.value("verdict", "") == "refused" ? 1 : 0;
    }
    QVERIFY2(lines < kKnocks && lines + lost >= kKnocks, qPrintable(QString("%1, %2").arg(lines).arg(lost)));
  }

 private:
  std::vector<nlohmann::json> AuditLines() const {
    std::vector<nlohmann::json> lines;
    const QStringList all = QString::fromStdString(TextOfFile(audit_file())).split('\n', Qt::SkipEmptyParts);
    for (const QString& line : all) {
      nlohmann::json json = nlohmann::json::parse(line.toStdString(), nullptr, false);
      if (json.is_object()) lines.push_back(std::move(json));
    }
    return lines;
  }
  // With who and why, though gRPC ends most of these handshakes before anybody here is asked.
  bool IsNotedAsRefused(const QString& which) const {
    const char* why = which == "plain"             ? "did not speak TLS"
                      : which == "tls 1.1"         ? "older than 1.2"
                      : which == "none"            ? "showed no certificate"
                      : which == "other authority" ? "not of this authority"
                      : which == "expired"         ? "has expired"
                                                   : "";
    for (const nlohmann::json& line : AuditLines())
      if (line.value("verdict", "") == "refused" && line.value("rpc", "x").empty() &&
          absl::StrContains(line.value("peer", ""), "ipv4:127.0.0.1:") &&
          absl::StrContains(line.value("reason", ""), why) && !line.value("reason", "").empty())
        return true;
    return false;
  }
  int Port() const { return std::stoi(port_->address().substr(port_->address().rfind(':') + 1)); }
  std::string audit_file() const { return folder_->filePath("audit.log").toStdString(); }
  Identity KitIdentity(const std::string& kit) const {
    return {TextOfFile(out_ + "/" + kit + "/identity.crt"), TextOfFile(out_ + "/" + kit + "/identity.key")};
  }
  void CopyKit(const std::string& kit, const std::string& to) const {
    QVERIFY(MakeFolder(out_ + "/" + to).ok());
    for (const char* file : {"/authority.crt", "/identity.crt", "/identity.key", "/crl.pem"})
      QVERIFY(WriteFileAtomically(out_ + "/" + to + file, TextOfFile(out_ + "/" + kit + file)).ok());
    // Under another name than kit.json until it is wanted: a revocation gives its list to all kits of the
    // folder.
    QVERIFY(WriteFileAtomically(out_ + "/" + to + "/json", TextOfFile(out_ + "/" + kit + "/kit.json")).ok());
  }
  // Of its own, with a connection of its own.
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& kit) const {
    const std::string json = out_ + "/" + kit + "/json";
    if (QFile::exists(QString::fromStdString(json)))
      QFile::rename(QString::fromStdString(json), QString::fromStdString(out_ + "/" + kit + "/kit.json"));
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    const auto channel = OpenEngineChannel(port_->address(), out_ + "/" + kit, arguments);
    if (!channel.ok()) qWarning("%s", std::string(channel.status().message()).c_str());
    return channel.ok() ? *channel : nullptr;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::string out_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<DoorService> service_;
  std::unique_ptr<proto::Home::CallbackService> home_;
  std::unique_ptr<TlsPort> port_;
};

CONCERTINA_TEST(TlsPortTest)

}  // namespace concertina::tls_port_test

#include "tls_port_test.moc"
