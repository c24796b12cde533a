// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half_open_test.cc: a real engine and a real worker's line over real sockets, between which one direction
// falls silent while nothing is closed: who hears nothing any more takes the other for dead within the
// silence that is allowed.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "core/worker/engine_link.h"
#include "tests/core/engine/engine_room.h"
#include "tests/one_way_relay.h"
#include "tests/test_program.h"

namespace concertina::half_open_test {
namespace {

constexpr double kSilence = 1;          // a worker's heartbeats come every half second
constexpr double kSoon = kSilence + 2;  // a busy machine takes its time
constexpr double kNever = 60;

}  // namespace

class HalfOpenTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnh-XXXXXX");
    room_ = std::make_unique<EngineRoom>();
    room_->options().limits.heartbeat = 0.1;
  }
  void cleanup() {
    link_.reset();  // before what it calls home to
    relay_.reset();
    room_.reset();
  }

  void theEngineGivesUpAWorkerThatItDoesNotHear() {
    const std::string run = Joined(kSilence, kNever);
    QVERIFY(!run.empty());
    // For longer than that silence nothing happens while both are heard.
    QVERIFY(!lost_->WaitForNotificationWithTimeout(absl::Seconds(1.2 * kSilence)));
    QCOMPARE(room_->Show(run).error(), std::string());
    const double before = Clock::Real().SteadySeconds();
    relay_->Silence(OneWayRelay::kToTarget);
    QVERIFY(Eventually([&] { return !room_->Show(run).error().empty(); }, kSoon));
    QVERIFY(Clock::Real().SteadySeconds() - before > 0.4 * kSilence);  // it was not given up for less
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 0 ") && absl::StrContains(error, "said nothing for"),
             error.c_str());
    // What the engine says still comes through: the worker is told, and ends.
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kSoon)));
  }

  void aWorkerGivesUpAnEngineThatItDoesNotHear() {
    const std::string run = Joined(kNever, kSilence);
    QVERIFY(!run.empty());
    QVERIFY(!lost_->WaitForNotificationWithTimeout(absl::Seconds(1.2 * kSilence)));
    relay_->Silence(OneWayRelay::kToCaller);
    QVERIFY(lost_->WaitForNotificationWithTimeout(absl::Seconds(kSoon)));
    QVERIFY2(absl::StrContains(why_, "no word"), why_.c_str());
    // It hangs up, and that gets through.
    QVERIFY(Eventually([&] { return !room_->Show(run).error().empty(); }));
  }

 private:
  // A worker that has joined through the relay; "": it could not. What each side allows of silence.
  std::string Joined(double engine_silence, double worker_silence) {
    room_->options().limits.silence = engine_silence;
    if (!room_->Start().ok()) return "";
    const std::string run = room_->Submit(room_->Spec(1));
    if (!PuppetStage::Get().WaitForLaunch(1)) return "";
    const LaunchRequest request = PuppetStage::Get().RequestOf(0);
    const std::string at = folder_->filePath("relay").toStdString();
    relay_ = std::make_unique<OneWayRelay>(at, request.engine_address.substr(std::strlen("unix:")));
    if (!relay_->listens()) return "";
    WorkerOptions options;
    options.engine_address = "unix:" + at;
    options.run = run;
    options.rank = 0;
    options.token = request.token;
    recorder_ = std::make_unique<StepRecorder>(0);
    controls_ = std::make_unique<ControlQueue>();
    lost_ = std::make_unique<absl::Notification>();
    link_ = std::make_unique<EngineLink>(
        options, *recorder_, *controls_,
        [this](const absl::Status& status) {
          why_ = std::string(status.message());
          lost_->Notify();
        },
        worker_silence);
    const auto assignment = link_->Join(Deadline::After(kPatienceSeconds));
    if (!assignment.ok()) qWarning("%s", std::string(assignment.status().message()).c_str());
    return assignment.ok() ? run : "";
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<EngineRoom> room_;
  std::unique_ptr<OneWayRelay> relay_;
  std::unique_ptr<StepRecorder> recorder_;
  std::unique_ptr<ControlQueue> controls_;
  std::unique_ptr<absl::Notification> lost_;
  std::string why_;  // before lost_
  std::unique_ptr<EngineLink> link_;
};

CONCERTINA_TEST(HalfOpenTest)

}  // namespace concertina::half_open_test

#include "half_open_test.moc"
