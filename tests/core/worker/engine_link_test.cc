// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link_test.cc: a worker's line to an engine that goes on, and to one that does not.
#include "core/worker/engine_link.h"

#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <stop_token>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "core/base/clock.h"
#include "fmt/format.h"
#include "tests/test_program.h"

namespace concertina::engine_link_test {
namespace {

constexpr double kSilence = 0.6, kPace = 0.05, kMuchTime = 20;
constexpr int kWords = 30;  // for longer than a silence may be

// Gives an assignment, speaks for a while, and takes nothing.
class DeafEngine final : public proto::Home::Service {
 public:
  explicit DeafEngine(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.SetMaxReceiveMessageSize(64 << 20);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // its window stays as small as it is
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~DeafEngine() override {
    over_.Notify();
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }
  bool listens() const { return server_ != nullptr; }
  double spoke_at() {
    absl::MutexLock lock(&mutex_);
    return spoke_at_;
  }

  grpc::Status Join(grpc::ServerContext*,
                    grpc::ServerReaderWriter<proto::EngineMessage, proto::WorkerMessage>* stream) override {
    proto::WorkerMessage hello;
    if (!stream->Read(&hello)) return grpc::Status::CANCELLED;
    proto::EngineMessage message;
    message.mutable_assignment()->set_incarnation(1);
    for (int i = 0; i < kWords && stream->Write(message); ++i) {
      {
        absl::MutexLock lock(&mutex_);
        spoke_at_ = SteadyNow();
      }
      message.mutable_heartbeat();
      if (over_.WaitForNotificationWithTimeout(absl::Seconds(kPace))) break;
    }
    over_.WaitForNotificationWithTimeout(absl::Seconds(2 * kMuchTime));
    return grpc::Status::OK;
  }

 private:
  absl::Notification over_;
  absl::Mutex mutex_;
  double spoke_at_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Gives an assignment, and then names ranks that are given up.
class CuttingEngine final : public proto::Home::Service {
 public:
  explicit CuttingEngine(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~CuttingEngine() override {
    over_.Notify();
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }
  bool listens() const { return server_ != nullptr; }
  void NameTheNext() { goes_on_.Notify(); }

  grpc::Status Join(grpc::ServerContext*,
                    grpc::ServerReaderWriter<proto::EngineMessage, proto::WorkerMessage>* stream) override {
    proto::EngineMessage message;
    message.mutable_assignment()->set_incarnation(3);
    stream->Write(message);
    const auto cut_off = [&](uint32_t incarnation, uint32_t rank) {
      message.mutable_cut_off()->set_incarnation(incarnation);
      message.mutable_cut_off()->set_rank(rank);
      message.mutable_cut_off()->set_reason("was cut off");
      stream->Write(message);
    };
    cut_off(2, 5);  // of a group before
    cut_off(3, 1);
    message.mutable_peers();
    stream->Write(message);
    goes_on_.WaitForNotificationWithTimeout(absl::Seconds(kMuchTime));
    cut_off(2, 6);
    cut_off(3, 2);
    over_.WaitForNotificationWithTimeout(absl::Seconds(kMuchTime));
    return grpc::Status::OK;
  }

 private:
  absl::Notification goes_on_, over_;
  std::unique_ptr<grpc::Server> server_;
};

// More than any window takes: whoever sends it waits until it is read.
void FillWithRows(StepRecorder& recorder) {
  std::vector<Recorder::Series> all;
  for (int i = 0; i < 100; ++i) all.push_back(recorder.Open(fmt::format("test/{}", i), "", RankFold::kMean));
  for (int64_t step = 0; step < static_cast<int64_t>(StepRecorder::kMaxRows); ++step) {
    recorder.BeginRow(step);
    for (const Recorder::Series series : all) recorder.Record(series, step, 1);
    recorder.CommitRow(static_cast<double>(step));
  }
}

}  // namespace

class EngineLinkTest : public QObject {
  Q_OBJECT
 private slots:
  void anEngineThatIsFrozenIsFoundOutWhileAWriteWaits() {
    const QTemporaryDir folder(QDir::tempPath() + "/cnl-XXXXXX");
    const std::string address = "unix:" + folder.filePath("s").toStdString();
    DeafEngine engine(address);
    QVERIFY(engine.listens());
    StepRecorder recorder(0);
    FillWithRows(recorder);
    ControlQueue controls;
    absl::Notification lost;
    std::string why;
    double lost_at = 0;
    WorkerOptions options;
    options.engine_address = address;
    options.run = "run";
    EngineLink link(
        options, recorder, controls,
        [&](const absl::Status& status) {
          why = std::string(status.message());
          lost_at = SteadyNow();
          lost.Notify();
        },
        kSilence);
    QVERIFY(link.Join(Deadline::After(kMuchTime)).ok());
    QVERIFY(lost.WaitForNotificationWithTimeout(absl::Seconds(kMuchTime)));
    QVERIFY2(absl::StrContains(why, "no word"), why.c_str());
    // It was not given up while it spoke, though it took nothing.
    QVERIFY(lost_at - engine.spoke_at() > 0.5 * kSilence);
    // And who sends does not wait any more.
    proto::WorkerMessage message;
    message.mutable_state()->set_state("paused");
    QCOMPARE(link.Send(message).code(), absl::StatusCode::kUnavailable);
  }

  // Those of before the links stood, and those of later; of this group only.
  void whoIsGivenUpIsNamedToTheStepThread() {
    const QTemporaryDir folder(QDir::tempPath() + "/cnl-XXXXXX");
    const std::string address = "unix:" + folder.filePath("s").toStdString();
    CuttingEngine engine(address);
    QVERIFY(engine.listens());
    StepRecorder recorder(0);
    ControlQueue controls;
    WorkerOptions options;
    options.engine_address = address;
    options.run = "run";
    EngineLink link(
        options, recorder, controls, [](const absl::Status&) {}, 2 * kMuchTime);
    QVERIFY(link.Join(Deadline::After(kMuchTime)).ok());
    QVERIFY(link.WaitForPeers(Deadline::After(kMuchTime)).ok());  // what was said before has come
    absl::Mutex mutex;
    std::vector<int> cut;
    link.SetCutOff([&](int rank, const std::string& reason) {
      absl::MutexLock lock(&mutex);
      if (reason == "was cut off") cut.push_back(rank);
    });
    {
      absl::MutexLock lock(&mutex);
      QCOMPARE(cut, std::vector<int>{1});
    }
    engine.NameTheNext();
    {
      absl::MutexLock lock(&mutex);
      const auto both = [&] { return cut.size() == 2; };
      QVERIFY(mutex.AwaitWithTimeout(absl::Condition(&both), absl::Seconds(kMuchTime)));
      QCOMPARE(cut, (std::vector<int>{1, 2}));
    }
    link.SetCutOff(nullptr);
  }

  // A person's Control-C, while the others of the group are waited for.
  void whoIsAskedToEndWaitsForNobody() {
    const QTemporaryDir folder(QDir::tempPath() + "/cnl-XXXXXX");
    const std::string address = "unix:" + folder.filePath("s").toStdString();
    DeafEngine engine(address);
    QVERIFY(engine.listens());
    StepRecorder recorder(0);
    ControlQueue controls;
    WorkerOptions options;
    options.engine_address = address;
    options.run = "run";
    EngineLink link(
        options, recorder, controls, [](const absl::Status&) {}, 2 * kMuchTime);
    QVERIFY(link.Join(Deadline::After(kMuchTime)).ok());
    std::stop_source stop;
    const std::stop_callback asked(stop.get_token(), [&link] { link.StopWaiting(); });
    absl::Status peers;
    std::thread waiter([&] { peers = link.WaitForPeers(Deadline::After(kMuchTime)).status(); });
    stop.request_stop();
    waiter.join();
    QCOMPARE(peers.code(), absl::StatusCode::kCancelled);
    QCOMPARE(link.WaitForNextGroup(Deadline::After(kMuchTime)).status().code(), absl::StatusCode::kCancelled);
  }
};

CONCERTINA_TEST(EngineLinkTest)

}  // namespace concertina::engine_link_test

#include "engine_link_test.moc"
