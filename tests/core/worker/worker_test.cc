// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker_test.cc: what a worker says last, to an engine that gives it work that cannot be done.
#include "core/worker/worker.h"

#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "core/base/utf8.h"
#include "core/proto/home.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::worker_test {
namespace {

// Gives one assignment, and keeps what the worker failed with.
class StrictEngine final : public proto::Home::Service {
 public:
  StrictEngine(const std::string& address, proto::Assignment assignment)
      : assignment_(std::move(assignment)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~StrictEngine() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }
  bool listens() const { return server_ != nullptr; }
  std::optional<proto::WorkerFailed> failed() {
    absl::MutexLock lock(&mutex_);
    return failed_;
  }

  grpc::Status Join(grpc::ServerContext*,
                    grpc::ServerReaderWriter<proto::EngineMessage, proto::WorkerMessage>* stream) override {
    proto::WorkerMessage message;
    if (!stream->Read(&message)) return grpc::Status::CANCELLED;
    proto::EngineMessage answer;
    *answer.mutable_assignment() = assignment_;
    stream->Write(answer);
    while (stream->Read(&message)) {
      if (!message.has_failed()) continue;
      {
        absl::MutexLock lock(&mutex_);
        failed_ = message.failed();
      }
      answer.mutable_goodbye();
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

 private:
  const proto::Assignment assignment_;
  absl::Mutex mutex_;
  std::optional<proto::WorkerFailed> failed_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

class WorkerTest : public QObject {
  Q_OBJECT
 private slots:
  // A table in Latin-1: the error quotes its cell, and a string that is no UTF-8 would end the stream.
  void anErrorThatQuotesAnotherCodingIsTold() {
    const QTemporaryDir folder(QDir::tempPath() + "/cnw-XXXXXX");
    QFile table(folder.filePath("table.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write(
        "size,label\n1,yes\n2,no\ngr\xfc\xdf"
        "er,no\n");
    table.close();
    const nlohmann::json spec = {
        {"name", "latin"},
        {"dataset", {{"kind", "csv"}, {"path", table.fileName().toStdString()}, {"label", "label"}}},
        {"model", {{"kind", "logistic-regression"}}},
        {"training", {{"batch_size", 1}, {"epochs", 1}}},
        {"mesh", {{"data", 1}}},
        {"exchange", {{"kind", "single"}}},
        {"workers", {{{"launcher", "local"}, {"count", 1}}}}};
    proto::Assignment assignment;
    assignment.set_spec_json(spec.dump());
    assignment.set_world_size(1);
    assignment.set_incarnation(1);
    assignment.set_run_folder(folder.path().toStdString());
    assignment.set_datasets_folder(folder.path().toStdString());
    const std::string address = "unix:" + folder.filePath("s").toStdString();
    StrictEngine engine(address, assignment);
    QVERIFY(engine.listens());
    WorkerOptions options;
    options.engine_address = address;
    options.run = "run";
    const absl::Status ended = RunWorker(options, std::stop_token());
    QVERIFY(!ended.ok());
    const auto failed = engine.failed();
    QVERIFY(failed.has_value());
    QVERIFY2(absl::StrContains(failed->message(), "expected a number"), failed->message().c_str());
    QVERIFY(IsUtf8(failed->message()));
  }
};

CONCERTINA_TEST(WorkerTest)

}  // namespace concertina::worker_test

#include "worker_test.moc"
