// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link_return_test.cc: the engine dies, and a rank calls the next one: what it says again, whom it
// obeys, and when it gives up.
#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "core/base/clock.h"
#include "core/proto/deadlines.h"
#include "core/worker/engine_link.h"
#include "tests/test_program.h"

namespace concertina::engine_link_return_test {
namespace {

constexpr double kMuchTime = 20;
constexpr char kSecret[] = "the secret of this incarnation";

// Takes whoever comes, keeps what it says, and can die as a process does: without a word of its own.
class MortalEngine final : public proto::Home::Service {
 public:
  MortalEngine(const std::string& address, double grace_seconds, uint64_t kept = 0, bool welcomes = true)
      : grace_seconds_(grace_seconds), kept_(kept), welcomes_(welcomes) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~MortalEngine() override { Die(); }
  bool listens() const { return server_ != nullptr; }
  void Die() {
    if (server_ == nullptr) return;
    {
      absl::MutexLock lock(&mutex_);
      is_dead_ = true;
    }
    // It listens no more, and who is heard finds out at its next word.
    server_->Shutdown(WallDeadline(kMuchTime));
    server_.reset();
  }

  grpc::Status Join(grpc::ServerContext*,
                    grpc::ServerReaderWriter<proto::EngineMessage, proto::WorkerMessage>* stream) override {
    proto::WorkerMessage said;
    if (!stream->Read(&said)) return Killed();
    {
      absl::MutexLock lock(&mutex_);
      hello_ = said.hello();
    }
    proto::EngineMessage message;
    if (said.hello().has_back()) {
      if (!welcomes_) return {grpc::StatusCode::PERMISSION_DENIED, "there is no such place to come back to"};
      message.mutable_welcome();
      stream->Write(message);
    } else {
      message.mutable_assignment()->set_incarnation(3);
      message.mutable_assignment()->set_engine_grace_seconds(grace_seconds_);
      message.mutable_assignment()->set_return_secret(kSecret);
      stream->Write(message);
      message.mutable_peers()->add_addresses("here");
      stream->Write(message);
      message.mutable_control()->set_action(proto::Control::HISTOGRAM);
      stream->Write(message);
      message.mutable_knob()->set_pointer("/optimizer/learning_rate");
      stream->Write(message);
    }
    while (stream->Read(&said)) {
      absl::MutexLock lock(&mutex_);
      if (is_dead_) return Killed();
      if (!said.has_heartbeat()) said_.push_back(said);
      if (kept_ > 0 && said.number() == kept_) {
        message.mutable_heartbeat()->set_kept(kept_);
        stream->Write(message);
        message.mutable_control()->set_action(
            proto::Control::CHECKPOINT);  // by which it is seen that it came
        stream->Write(message);
      }
      if (!said.has_finished()) continue;
      message.mutable_goodbye();
      stream->Write(message);
    }
    return Killed();
  }

  // So many messages that are no heartbeats.
  bool WaitFor(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] {
      mutex_.AssertReaderHeld();
      return said_.size() >= count;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(kMuchTime));
  }
  std::vector<proto::WorkerMessage> said() {
    absl::MutexLock lock(&mutex_);
    return said_;
  }
  proto::Hello hello() {
    absl::MutexLock lock(&mutex_);
    return hello_.value_or(proto::Hello());
  }

 private:
  // What the other end makes of a connection that is gone.
  static grpc::Status Killed() { return {grpc::StatusCode::UNAVAILABLE, "killed"}; }

  const double grace_seconds_;
  const uint64_t kept_;
  const bool welcomes_;
  absl::Mutex mutex_;
  bool is_dead_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<proto::Hello> hello_ ABSL_GUARDED_BY(mutex_);
  std::vector<proto::WorkerMessage> said_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

void AddRow(StepRecorder& recorder, Recorder::Series series, int64_t step) {
  recorder.BeginRow(step);
  recorder.Record(series, step, 1.0 / static_cast<double>(1 + step));
  recorder.CommitRow(static_cast<double>(step));
}

proto::WorkerMessage Checkpoint(int64_t step) {
  proto::WorkerMessage message;
  message.mutable_checkpoint()->set_step(step);
  return message;
}

}  // namespace

class EngineLinkReturnTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::string address_;
  StepRecorder recorder_{1};
  std::unique_ptr<ControlQueue> controls_;
  std::unique_ptr<EngineLink> link_;
  std::unique_ptr<absl::Notification> lost_;
  std::string why_;

  void Link(double silence_seconds = kMuchTime) {
    WorkerOptions options;
    options.engine_address = address_;
    options.run = "run";
    options.rank = 1;
    options.token = "once";
    controls_ = std::make_unique<ControlQueue>();
    lost_ = std::make_unique<absl::Notification>();
    link_ = std::make_unique<EngineLink>(
        options, recorder_, *controls_,
        [this](const absl::Status& why) {
          why_ = std::string(why.message());
          lost_->Notify();
        },
        silence_seconds);
    QVERIFY(link_->Join(Deadline::After(kMuchTime)).ok());
    QVERIFY(link_->WaitForPeers(Deadline::After(kMuchTime)).ok());
    QVERIFY(controls_->WaitForMoreThan(1, Deadline::After(kMuchTime)));
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnr-XXXXXX");
    address_ = "unix:" + folder_->filePath("s").toStdString();
  }
  void cleanup() { link_.reset(); }

  void whatIsNotStoredIsSaidAgain() {
    auto first = std::make_unique<MortalEngine>(address_, kMuchTime, /*kept=*/1);
    QVERIFY(first->listens());
    Link();
    QVERIFY(link_->Send(Checkpoint(1)).ok());  // number 1, which is stored
    QVERIFY(link_->Send(Checkpoint(2)).ok());
    QVERIFY(first->WaitFor(2));
    QVERIFY(controls_->WaitForMoreThan(2, Deadline::After(kMuchTime)));
    link_->SetProgress(7, 0.5, "compute");
    first.reset();

    // Nobody is there, and training goes on.
    const Recorder::Series loss = recorder_.Open("train/loss", "", RankFold::kMean);
    for (int64_t step = 2; step < 7; ++step) AddRow(recorder_, loss, step);
    QVERIFY(link_->SendMetrics().ok());
    QVERIFY(link_->Send(Checkpoint(7)).ok());
    QVERIFY(!lost_->HasBeenNotified());

    MortalEngine second(address_, kMuchTime);
    QVERIFY(second.listens());
    QTRY_VERIFY_WITH_TIMEOUT(!second.said().empty() && second.said().back().checkpoint().step() == 7, 20000);
    const proto::Hello hello = second.hello();
    QVERIFY(hello.token().empty());  // it was for once
    QCOMPARE(hello.back().secret(), std::string(kSecret));
    QCOMPARE(hello.back().incarnation(), uint32_t{3});
    QCOMPARE(hello.back().step(), int64_t{7});
    QCOMPARE(hello.back().requests_size(), 3);
    QCOMPARE(hello.back().requests(0).control().action(), proto::Control::HISTOGRAM);
    QCOMPARE(hello.back().requests(1).knob().pointer(), std::string("/optimizer/learning_rate"));

    const std::vector<proto::WorkerMessage> said = second.said();
    QCOMPARE(said[0].metrics().declared_size(), 1);  // whoever did not hear it hears it first
    QCOMPARE(said[0].metrics().tables_size(), 0);
    std::vector<int64_t> steps;
    for (size_t i = 1; i < said.size(); ++i) {
      QVERIFY(said[i].is_said_again());
      QCOMPARE(said[i].incarnation(), uint32_t{3});
      QCOMPARE(said[i].metrics().declared_size(), 0);
      for (const proto::MetricTable& table : said[i].metrics().tables())
        steps.insert(steps.end(), table.steps().begin(), table.steps().end());
    }
    QCOMPARE(said[1].checkpoint().step(), int64_t{2});  // the first is stored
    QCOMPARE(steps, (std::vector<int64_t>{2, 3, 4, 5, 6}));
    QCOMPARE(said.back().checkpoint().step(), int64_t{7});
    // And what comes now is new.
    QVERIFY(link_->Send(Checkpoint(8)).ok());
    QVERIFY(second.WaitFor(said.size() + 1));
    QVERIFY(!second.said().back().is_said_again());
    QVERIFY(!lost_->HasBeenNotified());
  }

  void whoHasFinishedWaitsForTheNextOne() {
    auto first = std::make_unique<MortalEngine>(address_, kMuchTime);
    Link();
    first.reset();
    proto::WorkerMessage last;
    last.mutable_finished()->set_step(100);
    absl::Status finished = absl::UnknownError("nothing yet");
    std::thread waiter([&] { finished = link_->Finish(last, Deadline::After(kMuchTime)); });
    MortalEngine second(address_, kMuchTime);
    waiter.join();
    QVERIFY2(finished.ok(), finished.ToString().c_str());
    QVERIFY(!lost_->HasBeenNotified());
    link_.reset();  // or the engine waits for another word of it
  }

  void nobodyComes() {
    constexpr double kGrace = 0.6;
    auto first = std::make_unique<MortalEngine>(address_, kGrace);
    Link();
    const double died = SteadyNow();
    first.reset();
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kMuchTime)));
    QVERIFY(SteadyNow() - died >= kGrace);
    QVERIFY2(absl::StrContains(why_, "no other came"), why_.c_str());
    QCOMPARE(link_->Send(Checkpoint(1)).code(), absl::StatusCode::kUnavailable);
  }

  void theNextOneDoesNotWantIt() {
    auto first = std::make_unique<MortalEngine>(address_, kMuchTime);
    Link();
    first.reset();
    MortalEngine second(address_, kMuchTime, 0, /*welcomes=*/false);
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kMuchTime)));
    QVERIFY2(absl::StrContains(why_, "no such place"), why_.c_str());
    QVERIFY(second.said().empty());
  }

  void withoutAGraceItIsLostAtOnce() {
    auto first = std::make_unique<MortalEngine>(address_, 0);
    Link();
    first.reset();
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kMuchTime)));
    QVERIFY2(absl::StrContains(why_, "the engine is gone"), why_.c_str());
  }

  // It is left in the middle of its waiting, and all threads end.
  void whoIsAwayCanBeTakenDown() {
    auto first = std::make_unique<MortalEngine>(address_, kMuchTime);
    Link();
    first.reset();
    QVERIFY(link_->Send(Checkpoint(1)).ok());
    const double begin = SteadyNow();
    link_.reset();
    QVERIFY(SteadyNow() - begin < kMuchTime / 2);
    QVERIFY(!lost_->HasBeenNotified());
  }

  void whoIsAskedToEndDoesNotWaitForAnEngine() {
    auto first = std::make_unique<MortalEngine>(address_, 2 * kMuchTime);
    Link();
    first.reset();
    link_->StopWaiting();
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kMuchTime)));
  }
};

CONCERTINA_TEST(EngineLinkReturnTest)

}  // namespace concertina::engine_link_return_test

#include "engine_link_return_test.moc"
