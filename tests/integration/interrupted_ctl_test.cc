// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// interrupted_ctl_test.cc: concertinactl against an engine that stalls, sends half, or goes: Control-C is
// heard at any time, and what there is by then is told.
#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QFile>
#include <csignal>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "core/proto/engine.grpc.pb.h"
#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::interrupted_ctl_test {

using Json = nlohmann::json;

// One run, "r"; an export of it stalls until it is cancelled: a TensorBoard log in the second of its files,
// others in their one.
class StallingEngine final : public proto::Engine::Service {
 public:
  explicit StallingEngine(const QString& socket) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket.toStdString(), grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~StallingEngine() override { Leave(); }
  bool is_listening() const { return server_ != nullptr; }
  void Leave() {
    leaves_ = true;
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  }
  bool stalls() const { return stalling_ > 0; }
  bool was_stopped() const { return is_stopped_; }

  grpc::Status GetRun(grpc::ServerContext* context, const proto::RunRequest* request,
                      proto::RunSummary* reply) override {
    if (request->run() == "stalled") Stall(*context);
    reply->set_run(request->run());
    reply->set_state(is_stopped_ ? proto::STOPPED : proto::RUNNING);
    return grpc::Status::OK;
  }
  grpc::Status Submit(grpc::ServerContext*, const proto::SubmitRequest*, proto::SubmitReply* reply) override {
    reply->set_run("r");
    return grpc::Status::OK;
  }
  grpc::Status ControlRun(grpc::ServerContext*, const proto::ControlRunRequest* request,
                          proto::ControlRunReply*) override {
    if (request->action() == proto::ControlRunRequest::STOP) is_stopped_ = true;
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context, const proto::WatchRequest*,
                     grpc::ServerWriter<proto::WatchMessage>* writer) override {
    proto::WatchMessage message;
    message.mutable_summary()->set_run("r");
    message.mutable_summary()->set_state(proto::RUNNING);
    writer->Write(message);
    Stall(*context);
    return Left();
  }
  grpc::Status Export(grpc::ServerContext* context, const proto::ExportRequest* request,
                      grpc::ServerWriter<proto::ExportChunk>* writer) override {
    proto::ExportChunk chunk;
    for (const char* name : {"first", "second"}) {
      chunk.set_file_name(name);
      chunk.set_data("some");
      writer->Write(chunk);
      if (request->format() != "tensorboard") break;
    }
    Stall(*context);
    return Left();
  }

 private:
  void Stall(const grpc::ServerContext& context) {
    ++stalling_;
    while (!context.IsCancelled() && !leaves_ && !is_stopped_) absl::SleepFor(absl::Milliseconds(5));
    --stalling_;
  }
  grpc::Status Left() const {
    return leaves_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the engine goes") : grpc::Status::OK;
  }

  std::atomic<int> stalling_ = 0;
  std::atomic<bool> leaves_ = false, is_stopped_ = false;
  std::unique_ptr<grpc::Server> server_;
};

class InterruptedCtlTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    engine_ = std::make_unique<StallingEngine>(home_.file("e.sock"));
    QVERIFY(engine_->is_listening());
  }
  void cleanup() { engine_.reset(); }

  void controlCIsHeardAtAnyTime_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("signal");
    QTest::addColumn<QString>("words");
    QTest::newRow("a call that is not answered") << QStringList{"show", "stalled"} << SIGINT << "interrupted";
    QTest::newRow("the same, ended") << QStringList{"show", "stalled"} << SIGTERM << "interrupted";
    QTest::newRow("watch") << QStringList{"watch", "r"} << SIGINT << "";
    QTest::newRow("serve looks for its run") << QStringList{"serve", "stalled"} << SIGINT << "interrupted";
    QTest::newRow("serve fetches its model") << QStringList{"serve", "r"} << SIGINT << "interrupted";
    QTest::newRow("serve is ended as it fetches") << QStringList{"serve", "r"} << SIGTERM << "interrupted";
    QTest::newRow("compress fetches its model")
        << QStringList{"compress", "r", "RECIPE"} << SIGINT << "interrupted";
  }
  void controlCIsHeardAtAnyTime() {
    QFETCH(QStringList, arguments);
    QFETCH(int, signal);
    QFETCH(QString, words);
    arguments.replaceInStrings("RECIPE", R"([{"kind": "int8"}])");
    const CtlResult result = Interrupt(arguments, signal);
    QVERIFY2(result.exit_code == 130, result.err.constData());
    QVERIFY2(result.err.contains(words.toUtf8()), result.err.constData());
    for (const QByteArray& line : result.out.split('\n'))
      QVERIFY2(line.isEmpty() || !Json::parse(line.toStdString(), nullptr, false).is_discarded(),
               line.constData());
    QVERIFY2(QDir(home_.file("tmp")).isEmpty(), "a temporary folder was left");
  }

  // Nobody interrupts: the call's own deadline does.
  void anEngineThatGivesNoAnswerIsNone() {
    const CtlResult result =
        home_.CtlJson({"--engine", "unix:" + home_.file("e.sock"), "show", "stalled"}, 30000);
    QVERIFY2(result.exit_code == 3, result.err.constData());
    QVERIFY2(result.err.contains("e.sock gave no answer within 5 s"), result.err.constData());
    QVERIFY(result.json().contains("error"));
  }

  // The first Control-C stops the run, and the command ends with what it is by then.
  void controlCStopsTheRun() {
    const CtlResult result = Interrupt({"run", home_.Write("spec.json", SmallSpec(1, 10).dump())}, SIGINT);
    QVERIFY2(result.exit_code == 130, result.err.constData());
    QVERIFY(engine_->was_stopped());
    QCOMPARE(result.json()["state"].get<std::string>(), std::string("stopped"));
  }

  void anExportThatIsCutSaysWhatIsThere_data() {
    QTest::addColumn<bool>("leaves");
    QTest::addColumn<int>("exit_code");
    QTest::newRow("Control-C") << false << 130;
    QTest::newRow("the engine goes") << true << 3;
  }
  void anExportThatIsCutSaysWhatIsThere() {
    QFETCH(bool, leaves);
    QFETCH(int, exit_code);
    const QString out = home_.file(leaves ? "left" : "cut");
    const CtlResult result =
        Interrupt({"export", "r", "--to", "tensorboard", "--out", out}, leaves ? 0 : SIGINT, out + "/first");
    QVERIFY2(result.exit_code == exit_code, result.err.constData());
    const Json told = result.json();
    QVERIFY2(told.is_object() && told["files"].size() == 1, result.out.constData());
    QCOMPARE(told["files"][0].get<std::string>(), (out + "/first").toStdString());
    QVERIFY2(!result.err.contains("nothing was written") && result.err.contains("missing"),
             result.err.constData());
    QCOMPARE(QDir(out).entryList(QDir::Files), QStringList{"first"});
  }

 private:
  // Started, waited for until the engine stalls it, and a file is there, and interrupted (signal 0: the
  // engine goes).
  CtlResult Interrupt(QStringList arguments, int signal, const QString& file = {}) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QDir().mkpath(home_.file("tmp"));
    environment.insert("TMPDIR", home_.file("tmp"));
    process.setProcessEnvironment(environment);
    arguments << "--json"
              << "--home" << home_.path() << "--engine"
              << "unix:" + home_.file("e.sock");
    process.start(TestHome::Program("concertinactl"), arguments);
    CtlResult result;
    const auto is_there = [&] {
      return (engine_->stalls() && (file.isEmpty() || QFile::exists(file))) ||
             process.state() == QProcess::NotRunning;
    };
    if (!QTest::qWaitFor(is_there, 30000)) result.err = "it never came so far";
    if (signal == 0)
      engine_->Leave();
    else if (process.state() == QProcess::Running)
      ::kill(static_cast<pid_t>(process.processId()), signal);
    // Well below the deadline of the call that stalls.
    if (!process.waitForFinished(4000)) {
      process.kill();
      process.waitForFinished(5000);
      result.err = "it was not heard";
      return result;
    }
    result.exit_code =
        process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err += process.readAllStandardError();
    return result;
  }

  TestHome home_;
  std::unique_ptr<StallingEngine> engine_;
};

CONCERTINA_TEST(InterruptedCtlTest)

}  // namespace concertina::interrupted_ctl_test

#include "interrupted_ctl_test.moc"
