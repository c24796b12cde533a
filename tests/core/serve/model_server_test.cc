// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_server_test.cc: a served model is asked at its socket and at its port, and by nobody who may not;
// where it cannot listen, that is said, and nothing of others is touched.
#include "core/serve/model_server.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <thread>

#include "core/proto/engine.grpc.pb.h"
#include "core/proto/engine_channel.h"
#include "core/security/provision.h"
#include "core/serve/bench_served.h"
#include "core/serve/model_client.h"
#include "tests/core/serve/small_model.h"
#include "tests/test_program.h"

namespace concertina::model_server_test {
namespace {

mode_t ModeOf(const std::string& path) {
  struct stat found = {};
  return stat(path.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

// A socket file that nobody listens at any more.
bool LeaveDeadSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof(address.sun_path) - 1));
  const int made = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool is_bound = bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(made);
  return is_bound;
}

// A call as others may write it: without our client's checks.
grpc::Status RawClassify(const std::string& address, const proto::ClassifyRequest& request,
                         std::chrono::milliseconds patience, proto::ClassifyReply& reply) {
  const auto channel = OpenEngineChannel(address, "", {});
  if (!channel.ok()) return {grpc::StatusCode::INTERNAL, "no channel"};
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  return proto::Model::NewStub(*channel)->Classify(&context, request, &reply);
}

}  // namespace

class ModelServerTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { signal(SIGPIPE, SIG_IGN); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnm-XXXXXX");
    auto served = LoadServedModel(WriteBrightestPixel(folder_->filePath("model.edge")), 2);
    QVERIFY2(served.ok(), qPrintable(MessageOf(served.status())));
    service_ = std::make_unique<ModelService>(*std::move(served));
  }
  void cleanup() {
    server_.reset();
    service_.reset();
  }

  void itIsAskedAtItsSocket() {
    Listen("");
    const std::string path = server_->address().substr(5);
    QVERIFY2(path.ends_with("/model.sock"), path.c_str());
    QCOMPARE(ModeOf(path), mode_t{0600});
    QCOMPARE(ModeOf(path.substr(0, path.rfind('/'))), mode_t{0700});
    auto client = ModelClient::Open(server_->address(), "");
    QVERIFY2(client.ok(), qPrintable(MessageOf(client.status())));
    QVERIFY(client->sample() == (Shape{1, 2, 2}));
    const std::vector<float> samples = {0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0};
    const auto reply = client->Classify(samples, {.top = 2});
    QVERIFY2(reply.ok(), qPrintable(MessageOf(reply.status())));
    QCOMPARE(reply->samples_size(), 3);
    for (const auto& [at, wanted] : {std::pair{0, 1}, {1, 3}, {2, 0}})
      QCOMPARE(reply->samples(at).scores(0).class_index(), static_cast<int64_t>(wanted));
    QCOMPARE(reply->samples(0).scores_size(), 2);
    QCOMPARE(service_->figures().samples, int64_t{3});
    QCOMPARE(service_->figures().calls, int64_t{1});
    server_.reset();
    QVERIFY(!QFile::exists(QString::fromStdString(path.substr(0, path.rfind('/')))));  // nothing is left
    const auto gone = client->Classify(samples, {});
    QVERIFY(absl::IsUnavailable(gone.status()));
    QVERIFY2(MessageOf(gone.status()).contains("concertinactl serve"), qPrintable(MessageOf(gone.status())));
  }

  void wrongRequestsAreRefusedAndTheNextIsAnswered() {
    Listen("");
    proto::ClassifyRequest request;
    request.set_encoding(proto::ClassifyRequest::PIXELS);
    request.set_sample_count(1);
    request.set_samples("123");
    proto::ClassifyReply reply;
    QCOMPARE(RawClassify(server_->address(), request, std::chrono::seconds(10), reply).error_code(),
             grpc::StatusCode::INVALID_ARGUMENT);
    request.set_samples(std::string(size_t{8} << 20, '\0'));  // more than the door takes
    QCOMPARE(RawClassify(server_->address(), request, std::chrono::seconds(10), reply).error_code(),
             grpc::StatusCode::RESOURCE_EXHAUSTED);
    request.set_samples("1234");
    QVERIFY(RawClassify(server_->address(), request, std::chrono::seconds(10), reply).ok());
    QCOMPARE(reply.samples(0).scores(0).class_index(), int64_t{3});
    QCOMPARE(service_->figures().calls, int64_t{1});
    QCOMPARE(service_->figures().refused, int64_t{1});  // the larger one never came as far
  }

  void manyAskAtOnce() {
    Listen("");
    std::atomic<int> right = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
      callers.emplace_back([&, caller] {
        auto client = ModelClient::Open(server_->address(), "");
        std::vector<float> sample(4, 0.0F);
        sample[static_cast<size_t>(caller)] = 1;
        for (int i = 0; client.ok() && i < 50; ++i)
          if (const auto reply = client->Classify(sample, {});
              reply.ok() && reply->samples(0).scores(0).class_index() == caller)
            ++right;
      });
    for (std::thread& caller : callers) caller.join();
    QCOMPARE(right.load(), 200);
    QCOMPARE(service_->figures().samples, int64_t{200});
  }

  void whereItCannotListenItSaysSo_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    QTest::newRow("another listens") << "in use" << static_cast<int>(absl::StatusCode::kAlreadyExists)
                                     << "listens there already";
    QTest::newRow("a file is there") << "file" << static_cast<int>(absl::StatusCode::kAlreadyExists)
                                     << "no socket";
    QTest::newRow("others can enter")
        << "open" << static_cast<int>(absl::StatusCode::kFailedPrecondition) << "chmod 700";
    QTest::newRow("too long") << "long" << static_cast<int>(absl::StatusCode::kInvalidArgument) << "bytes";
    QTest::newRow("no address") << "word" << static_cast<int>(absl::StatusCode::kInvalidArgument)
                                << "HOST:PORT";
    QTest::newRow("a port without a kit")
        << "port" << static_cast<int>(absl::StatusCode::kFailedPrecondition) << "start-up kit";
  }
  void whereItCannotListenItSaysSo() {
    QFETCH(QString, what);
    QFETCH(int, code);
    QFETCH(QString, words);
    const std::string path = folder_->filePath("m.sock").toStdString();
    std::string listen = "unix:" + path;
    if (what == "in use") Listen(listen);
    if (what == "file") QVERIFY(WriteFileAtomically(path, "a letter").ok());
    if (what == "open") {
      QVERIFY(QDir().mkpath(folder_->filePath("open")));
      QCOMPARE(chmod(qPrintable(folder_->filePath("open")), 0755), 0);
      listen = "unix:" + folder_->filePath("open/m.sock").toStdString();
    }
    if (what == "long") listen = "unix:" + path + std::string(100, 'x');
    if (what == "word") listen = "here";
    if (what == "port") listen = "127.0.0.1:0";
    const auto second = ModelServer::Open({.listen = listen}, *service_);
    QVERIFY2(static_cast<int>(second.status().code()) == code, qPrintable(MessageOf(second.status())));
    QVERIFY2(MessageOf(second.status()).contains(words), qPrintable(MessageOf(second.status())));
    if (what == "file") QCOMPARE(*ReadFile(path, 100), std::string("a letter"));
    if (what == "in use") QVERIFY(ModelClient::Open(server_->address(), "").ok());  // it goes on
  }

  void aDeadSocketIsReplaced() {
    const std::string path = folder_->filePath("m.sock").toStdString();
    QVERIFY(LeaveDeadSocket(path));
    Listen("unix:" + path);
    QVERIFY(ModelClient::Open("unix:" + path, "").ok());
    server_.reset();
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
    QVERIFY(folder_->isValid() && QDir(folder_->path()).exists());  // a folder that was there stays
  }

  // Its socket was taken away, and another listens there when it ends.
  void whoEndsTakesOnlyItsOwnSocketAway() {
    const std::string path = folder_->filePath("m.sock").toStdString();
    Listen("unix:" + path);
    QCOMPARE(unlink(path.c_str()), 0);
    auto second = ModelServer::Open({.listen = "unix:" + path}, *service_);
    QVERIFY2(second.ok(), qPrintable(MessageOf(second.status())));
    server_.reset();
    QVERIFY(QFile::exists(QString::fromStdString(path)));
    QVERIFY(ModelClient::Open("unix:" + path, "").ok());
    second->reset();
    QVERIFY(QDir(folder_->path())
                .entryList({"*.sock", ".*"}, QDir::System | QDir::Hidden | QDir::Files)
                .isEmpty());
  }

  void whoeverIsNoModelIsNotBelieved() {
    // An engine's service at the socket: it is said that this is none.
    const std::string path = folder_->filePath("engine.sock").toStdString();
    proto::Engine::Service engine;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
    builder.RegisterService(&engine);
    const std::unique_ptr<grpc::Server> other = builder.BuildAndStart();
    QVERIFY(other != nullptr);
    const auto client = ModelClient::Open("unix:" + path, "");
    QVERIFY(absl::IsFailedPrecondition(client.status()));
    QVERIFY2(MessageOf(client.status()).contains("no served model"), qPrintable(MessageOf(client.status())));
    other->Shutdown(std::chrono::system_clock::now());
  }

  void aPersonIsLetInAtThePortAndNobodyElse() {
    const std::string kits = folder_->filePath("kits").toStdString();
    const auto made = Provision({.folder = kits, .workers = {"pool"}, .persons = {"ada"}});
    QVERIFY2(made.ok(), qPrintable(MessageOf(made.status())));
    const std::string audit = folder_->filePath("audit.log").toStdString();
    auto server = ModelServer::Open(
        {.listen = "127.0.0.1:0", .kit = kits + "/engine-main", .audit_file = audit}, *service_);
    QVERIFY2(server.ok(), qPrintable(MessageOf(server.status())));
    server_ = *std::move(server);
    QVERIFY(!server_->address().ends_with(":0"));
    auto person = ModelClient::Open(server_->address(), kits + "/person-ada");
    QVERIFY2(person.ok(), qPrintable(MessageOf(person.status())));
    QVERIFY(person->Classify(std::vector<float>{0, 0, 1, 0}, {}).ok());
    QVERIFY(!ModelClient::Open(server_->address(), kits + "/worker-pool").ok());
    const auto bare = ModelClient::Open(server_->address(), "");
    QVERIFY(absl::IsFailedPrecondition(bare.status()));
    QCOMPARE(service_->figures().calls, int64_t{1});
    QVERIFY(!ModelServer::Open({.listen = "127.0.0.1:0", .kit = kits + "/person-ada", .audit_file = audit},
                               *service_)
                 .ok());
    server_.reset();
    const auto lines = ReadFile(audit, 1 << 20);
    QVERIFY(lines.ok() && lines->find("concertina.proto.Model/Classify") != std::string::npos);
  }

  void whatACallTakesIsMeasured() {
    Listen("");
    auto client = ModelClient::Open(server_->address(), "");
    QVERIFY(client.ok());
    const std::vector<float> samples = {0, 1, 0, 0, 0, 0, 0, 1};
    const auto latency = BenchServed(*client, {.queries = 30, .batch = 5}, samples);
    QVERIFY2(latency.ok(), qPrintable(MessageOf(latency.status())));
    QCOMPARE(latency->call.queries, int64_t{30});
    QCOMPARE(service_->figures().calls, int64_t{33});  // a tenth more, to warm up
    QCOMPARE(service_->figures().samples, int64_t{165});
    QVERIFY(latency->call.p50_seconds > 0 && latency->call.p50_seconds <= latency->call.p90_seconds &&
            latency->call.p90_seconds <= latency->call.p99_seconds);
    QVERIFY(latency->model.mean_seconds < latency->call.mean_seconds);
    QVERIFY(std::abs(latency->samples_per_second * latency->call.mean_seconds - 5) < 1e-9);
    for (const ServedBench& wrong : {ServedBench{.queries = 0}, ServedBench{.batch = 257}})
      QVERIFY(absl::IsInvalidArgument(BenchServed(*client, wrong, samples).status()));
    QVERIFY(absl::IsInvalidArgument(BenchServed(*client, {}, {}).status()));
  }

 private:
  void Listen(const std::string& listen) {
    auto server = ModelServer::Open({.listen = listen}, *service_);
    QVERIFY2(server.ok(), qPrintable(MessageOf(server.status())));
    server_ = *std::move(server);
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<ModelService> service_;
  std::unique_ptr<ModelServer> server_;
};

CONCERTINA_TEST(ModelServerTest)

}  // namespace concertina::model_server_test

#include "model_server_test.moc"
