// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_slow_motion_test.cc: the engine lets one message of a run go after the other, as somebody asks; it lets
// all go when they leave, stop, or forget it; and it says what cannot be slowed down.
#include "absl/strings/match.h"
#include "core/proto/rank_message.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::run_slow_motion_test {

using Request = proto::SlowMotionRequest;

class RunSlowMotionTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void oneMessageGoesAfterTheOther() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    proto::SlowMotionReply reply = Ask(run, Request::LOOK);
    QVERIFY(!reply.on());
    QCOMPARE(reply.obstacle(), std::string());
    QVERIFY(Ask(run, Request::BEGIN).on());
    for (auto& worker : workers) {
      const auto control = worker->WaitFor(proto::EngineMessage::kControl);
      QVERIFY(control.has_value());
      QVERIFY(control->control().action() == proto::Control::SLOW_MOTION);
      QCOMPARE(control->control().steps(), int64_t{1});
    }
    Hold(*workers[1], 1, 5);
    QVERIFY(Eventually([&] { return Ask(run, Request::LOOK).waiting_size() == 1; }));
    Hold(*workers[0], 1, 5);
    QVERIFY(Eventually([&] { return Ask(run, Request::LOOK).waiting_size() == 2; }));
    reply = Ask(run, Request::NEXT);
    QCOMPARE(reply.moved_size(), 1);
    QCOMPARE(reply.moved(0).from(), 1);  // it waited longer
    QCOMPARE(reply.moved(0).order(), uint64_t{1});
    QCOMPARE(FromRankMessage(reply.moved(0)).note.part, 2);
    QCOMPARE(reply.waiting_size(), 1);
    const auto grant = workers[1]->WaitFor(proto::EngineMessage::kGrant);
    QVERIFY(grant.has_value());
    QCOMPARE(grant->grant().number(), uint64_t{1});
    QVERIFY(!grant->grant().all());
    // What is left of the step goes as it comes, and what is of the next waits.
    reply = Ask(run, Request::STEP, reply.moved_count());
    QCOMPARE(reply.moved_size(), 1);
    QCOMPARE(reply.moved(0).from(), 0);
    QVERIFY(workers[0]->WaitFor(proto::EngineMessage::kGrant).has_value());
    Hold(*workers[0], 2, 5);
    QVERIFY(workers[0]->WaitFor(proto::EngineMessage::kGrant).has_value());
    Hold(*workers[0], 3, 6);
    QVERIFY(Eventually([&] { return Ask(run, Request::LOOK).waiting_size() == 1; }));
    QCOMPARE(Ask(run, Request::LOOK).moved_count(), uint64_t{3});

    QVERIFY(!Ask(run, Request::LEAVE).on());
    for (auto& worker : workers) {
      const auto open = worker->WaitFor(proto::EngineMessage::kGrant);
      QVERIFY(open.has_value() && open->grant().all());
      const auto control = worker->WaitFor(proto::EngineMessage::kControl);
      QVERIFY(control.has_value() && control->control().steps() == 0);
    }
    Hold(*workers[1], 9, 6);  // was on its way
    const auto late = workers[1]->WaitFor(proto::EngineMessage::kGrant);
    QVERIFY(late.has_value() && late->grant().all());
    QCOMPARE(Events(run), 2);
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  void nobodyIsGivenUpMeanwhile() {
    room_->options().limits.hang = 0.2;
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    QVERIFY(Ask(run, Request::BEGIN).on());
    const Deadline patient = Deadline::After(0.8);  // four times as long as a run may hang
    QVERIFY(!Eventually(
        [&] {
          for (auto& worker : workers) worker->Heartbeat(5);
          return room_->Show(run).state() != proto::RUNNING;
        },
        patient.SecondsLeft()));
    QVERIFY(Ask(run, Request::LOOK).on());
  }

  void whoForgetsItLetsItGoOn() {
    room_->options().limits.slow_motion = 0.1;
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    QVERIFY(Ask(run, Request::BEGIN).on());
    QVERIFY(Eventually([&] { return !Ask(run, Request::LOOK).on(); }));
    const auto open = workers[0]->WaitFor(proto::EngineMessage::kGrant);
    QVERIFY(open.has_value() && open->grant().all());
  }

  void pauseAndStopLeaveIt_data() {
    QTest::addColumn<int>("action");
    QTest::newRow("pause") << static_cast<int>(proto::ControlRunRequest::PAUSE);
    QTest::newRow("stop") << static_cast<int>(proto::ControlRunRequest::STOP);
  }
  void pauseAndStopLeaveIt() {
    QFETCH(int, action);
    room_->options().limits.control_wait = 0.1;
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    QVERIFY(Ask(run, Request::BEGIN).on());
    QVERIFY(room_->Control(run, static_cast<proto::ControlRunRequest::Action>(action)).ok());
    QVERIFY(!Ask(run, Request::LOOK).on());
    const auto open = workers[1]->WaitFor(proto::EngineMessage::kGrant);
    QVERIFY(open.has_value() && open->grant().all());
  }

  void itSaysWhatItCannotDo() {
    const std::string run = Begin(1);
    auto workers = Running(run, 1);
    QVERIFY(absl::StrContains(Ask(run, Request::LOOK).obstacle(), "one rank"));
    proto::SlowMotionReply reply;
    grpc::Status status = Call(run, Request::BEGIN, 0, reply);
    QVERIFY(status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
    status = Call(run, Request::NEXT, 0, reply);
    QVERIFY2(absl::StrContains(status.error_message(), "begin"), status.error_message().c_str());
    status = Call("20200101-000000-0000", Request::LOOK, 0, reply);
    QVERIFY(!status.ok());
  }

  void aMessageThatCannotBeEndsTheRun() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    QVERIFY(Ask(run, Request::BEGIN).on());
    proto::WorkerMessage message;
    message.mutable_waits()->set_number(1);
    message.mutable_waits()->set_from(1);  // says rank 0
    message.mutable_waits()->set_to(0);
    workers[0]->Send(message);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StrContains(room_->Show(run).error(), "broke the protocol"));
  }

 private:
  std::string Begin(int workers) {
    if (const absl::Status status = room_->Start(); !status.ok())
      qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    return room_->Launched(workers);
  }
  std::vector<std::unique_ptr<PuppetWorker>> Running(const std::string& run, int count) {
    auto workers = PuppetWorker::AllReady(count);
    for (auto& worker : workers) worker->Steps(0, 5);
    if (!room_->WaitForState(run, proto::RUNNING)) qWarning("the run does not start");
    return workers;
  }
  // The worker says that a message to the other waits.
  static void Hold(PuppetWorker& worker, uint64_t number, int64_t step) {
    const int rank = static_cast<int>(worker.assignment().rank());
    proto::WorkerMessage message;
    *message.mutable_waits() = ToRankMessage({.number = number,
                                              .from = rank,
                                              .to = 1 - rank,
                                              .bytes = 31000,
                                              .step = step,
                                              .note = {.kind = MessageKind::kReduce, .part = 2, .parts = 4}});
    worker.Send(message);
  }
  grpc::Status Call(const std::string& run, Request::Action action, uint64_t after,
                    proto::SlowMotionReply& reply) {
    Request request;
    request.set_run(run);
    request.set_action(action);
    request.set_after(after);
    grpc::ClientContext context;
    return room_->stub().SlowMotion(&context, request, &reply);
  }
  proto::SlowMotionReply Ask(const std::string& run, Request::Action action, uint64_t after = 0) {
    proto::SlowMotionReply reply;
    const grpc::Status status = Call(run, action, after, reply);
    if (!status.ok()) qWarning("%s", status.error_message().c_str());
    return reply;
  }
  int Events(const std::string& run) {
    const auto events = room_->Events(run);
    return static_cast<int>(std::count_if(events.begin(), events.end(), [](const proto::RunEvent& event) {
      return event.kind() == "slow-motion";
    }));
  }

  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(RunSlowMotionTest)

}  // namespace concertina::run_slow_motion_test

#include "run_slow_motion_test.moc"
