// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// life_cycle_test.cc: runs from the queue to their end, and every way in which workers can spoil them.
#include "absl/strings/match.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::life_cycle_test {

using Action = proto::ControlRunRequest;

class LifeCycleTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void aRunGoesFromTheQueueToItsEnd() {
    const std::string run = Begin(2);
    auto workers = PuppetWorker::AllReady(2);
    const proto::Assignment task = workers[1]->assignment();
    QCOMPARE(task.rank(), 1U);
    QCOMPARE(task.world_size(), 2U);
    QCOMPARE(task.run_folder(), room_->run_folder(run));
    QCOMPARE(task.incarnation(), 1U);
    QCOMPARE(task.checkpoint(), std::string());
    QVERIFY(QFile::exists(QString::fromStdString(task.run_folder())));
    QCOMPARE(task.secret(), workers[0]->assignment().secret());
    QVERIFY(task.secret().size() >= 32);
    QCOMPARE(room_->Show(run).state(), proto::STARTING);

    for (auto& worker : workers) worker->Steps(0, 10);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    const std::string parameters = task.run_folder() + "/parameters.safetensors";
    for (size_t rank = 0; rank < 2; ++rank) {
      workers[rank]->Evaluation(10, 0.75);
      workers[rank]->Finished(10, false, rank == 0 ? parameters : "");
      QVERIFY(workers[rank]->WaitFor(proto::EngineMessage::kGoodbye).has_value());
    }
    QVERIFY(room_->Show(run).state() != proto::FINISHED);  // their processes still run
    PuppetStage::Get().Exit(0, {});
    PuppetStage::Get().Exit(1, {});
    QVERIFY(room_->WaitForState(run, proto::FINISHED));

    const proto::RunSummary summary = room_->Show(run);
    QCOMPARE(summary.steps(), int64_t{10});
    QCOMPARE(summary.total_steps(), int64_t{100});
    QCOMPARE(summary.parameters(), int64_t{10});
    QCOMPARE(summary.samples(), int64_t{80});
    QCOMPARE(summary.bytes_sent(), uint64_t{2000});
    QCOMPARE(summary.test_accuracy(), 0.75);
    QCOMPARE(summary.parameters_sha256(), std::string(64, 'a'));
    QCOMPARE(summary.peak_memory_bytes(), uint64_t{12345});
    QCOMPARE(summary.attempt(), 1U);
    QVERIFY(qAbs(summary.train_loss() - 0.1) < 1e-12);
    QVERIFY(summary.created_unix_ms() <= summary.started_unix_ms());
    QVERIFY(summary.started_unix_ms() <= summary.ended_unix_ms());
    QCOMPARE(summary.workers(1).host(), std::string("stage"));
    QCOMPARE(summary.workers(1).step(), int64_t{10});
    QCOMPARE(summary.workers(1).axis_size(), 3);
    QCOMPARE(room_->Series(run, "train/loss").x_size(), 10);
    QCOMPARE(room_->Series(run, "train/loss", 1).x_size(), 10);
    QCOMPARE(room_->Series(run, "comm/bytes_total").mean(9), 2000.0);
    QCOMPARE(room_->Series(run, "test/accuracy", -1, "bytes").x(0), 2000.0);
    QCOMPARE(room_->Events(run).back().kind(), std::string("state"));
    QVERIFY(!PuppetStage::Get().WasKilled(0));
  }

  // Before a checkpoint counts as written: what was measured before it is in the store, and not on the way.
  void measurementsAreKeptWhenAsked() {
    const std::string run = Begin(2);
    auto workers = PuppetWorker::AllReady(2);
    for (uint64_t number = 1; number <= 3; ++number) {
      const auto first = static_cast<int64_t>(10 * (number - 1));
      for (auto& worker : workers) {
        worker->Steps(first, 10);
        worker->KeepMetrics(number);
      }
      for (auto& worker : workers) {
        const auto kept = worker->WaitFor(proto::EngineMessage::kMetricsKept);
        QVERIFY(kept.has_value());
        QCOMPARE(kept->metrics_kept().number(), number);
      }
      QCOMPARE(room_->Series(run, "train/loss").x_size(), static_cast<int>(10 * number));
      QCOMPARE(room_->Series(run, "train/loss", 1).x_size(), static_cast<int>(10 * number));
    }
  }

  void aWorkerThatDiesFailsTheRun() {
    const std::string run = Begin(3);
    auto workers = Running(3);
    PuppetStage::Get().Say(1, "something terrible");
    workers[1]->HangUp();
    PuppetStage::Get().Exit(1, {.signal = 11});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    for (const char* part : {"rank 1", "signal 11 (Segmentation fault)", "at step 5", "something terrible"})
      QVERIFY2(absl::StrContains(error, part), error.c_str());
    QVERIFY(PuppetStage::Get().AllGone());  // already when the state is told
    QVERIFY(PuppetStage::Get().WasAskedToEnd(0));
  }

  void anExchangeThatCanGoesOnWithoutALostWorker() {
    const std::string run = Begin(3, {{"kind", "parameter-server"}, {"mode", "async"}});
    auto workers = Running(3);
    workers[1]->HangUp();
    PuppetStage::Get().Exit(1, {.signal = 9});
    const auto lost = [&] {
      std::vector<proto::RunEvent> events;
      for (const proto::RunEvent& event : room_->Events(run))
        if (event.kind() == "worker-lost") events.push_back(event);
      return events;
    };
    QVERIFY(Eventually([&] { return !lost().empty(); }));
    const proto::RunEvent event = lost()[0];
    for (const char* part : {"rank 1", "signal 9", "at step 5", "2 of 3 workers go on"})
      QVERIFY2(absl::StrContains(event.message(), part), event.message().c_str());
    const Json details = Json::parse(event.json());
    const Json expected = {{"rank", 1}, {"signal", 9}, {"step", 5}, {"workers_left", 2}};
    QVERIFY2(details == expected, event.json().c_str());
    QCOMPARE(room_->Show(run).workers(1).state(), std::string("gone"));
    workers[0]->Steps(5, 5);
    workers[2]->Steps(5, 5);
    QVERIFY(Eventually([&] { return room_->Show(run).steps() == 10; }));  // nobody waits for the lost one's
    for (const size_t rank : {0, 2}) {
      workers[rank]->Finished(10, false, "");
      PuppetStage::Get().Exit(static_cast<int>(rank), {});
    }
    QVERIFY(room_->WaitForState(run, proto::FINISHED));
    QCOMPARE(lost().size(), size_t{1});
  }

  void theLastWorkerAndALoneServerCannotBeSpared() {
    std::string run = Begin(3, {{"kind", "parameter-server"}, {"mode", "async"}, {"dedicated_servers", 1}});
    auto workers = Running(3);
    for (const int rank : {0, 1}) {
      workers[static_cast<size_t>(rank)]->HangUp();
      PuppetStage::Get().Exit(rank, {.signal = 9});
    }
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY2(absl::StartsWith(room_->Show(run).error(), "all workers are lost"),
             room_->Show(run).error().c_str());
    room_ = std::make_unique<EngineRoom>();
    run = Begin(3, {{"kind", "parameter-server"}, {"mode", "async"}, {"dedicated_servers", 1}});
    auto others = Running(3);
    others[2]->HangUp();
    PuppetStage::Get().Exit(2, {.signal = 9});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY2(absl::StartsWith(room_->Show(run).error(), "rank 2 "), room_->Show(run).error().c_str());
  }

  // The peers of a dead worker often speak first.
  void aConsequenceWaitsForItsCause() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    workers[0]->Failed(absl::StatusCode::kUnavailable, "rank 1: connection lost");
    QVERIFY(workers[0]->WaitFor(proto::EngineMessage::kGoodbye).has_value());
    workers[1]->HangUp();
    PuppetStage::Get().Exit(1, {.signal = 9});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 ") && absl::StrContains(error, "signal 9"), error.c_str());
  }

  // Of a job that was cancelled the launcher knows why, after all its workers have failed.
  void whatALauncherKnowsSaysMoreThanWhatItsWorkersFelt() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    for (auto& worker : workers) worker->Failed(absl::StatusCode::kCancelled, "the run was ended");
    for (auto& worker : workers) QVERIFY(worker->WaitFor(proto::EngineMessage::kGoodbye).has_value());
    for (int rank = 0; rank < 2; ++rank)
      PuppetStage::Get().Exit(rank, {.exit_code = 1, .message = "the job was cancelled", .is_cause = true});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY2(absl::StrContains(room_->Show(run).error(), "the job was cancelled"),
             room_->Show(run).error().c_str());
  }

  void aConsequenceWithoutACauseIsToldInTheEnd() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    workers[0]->Failed(absl::StatusCode::kUnavailable, "rank 1: connection lost");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StrContains(room_->Show(run).error(), "rank 1: connection lost"));
  }

  void aLossThatIsNoNumberFailsAtOnceAndKeepsTheCheckpoint() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    workers[0]->Checkpoint(4, room_->run_folder(run) + "/checkpoints/step-4");
    workers[0]->Failed(absl::StatusCode::kOutOfRange, "the loss is nan at step 5");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QCOMPARE(room_->Show(run).error(), std::string("rank 0: the loss is nan at step 5"));
    QCOMPARE(room_->Show(run).last_checkpoint_step(), int64_t{4});
  }

  void aSilentWorkerIsFound() {
    room_->options().limits.silence = 0.3;
    const std::string run = Begin(2);
    auto workers = Running(2);
    QVERIFY(Eventually([&] {
      workers[0]->Heartbeat(6);
      return room_->Show(run).state() == proto::FAILED;
    }));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 ") && absl::StrContains(error, "said nothing for"),
             error.c_str());
    QVERIFY(PuppetStage::Get().AllGone());
  }

  void aWorkerThatMakesNoStepIsFound() {
    room_->options().limits.hang = 0.3;
    const std::string run = Begin(2);
    auto workers = Running(2);
    QVERIFY(Eventually([&] {
      workers[0]->Heartbeat(7);
      workers[1]->Heartbeat(5);  // a step behind: it keeps the other waiting
      return room_->Show(run).state() == proto::FAILED;
    }));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 ") && absl::StrContains(error, "made no step for"),
             error.c_str());
  }

  void evaluationsAndPausesAreNoHang() {
    room_->options().limits.hang = 0.1;
    const std::string run = Begin(1);
    auto workers = Running(1);
    const Deadline several_times_as_long = Deadline::After(0.5);
    while (!several_times_as_long.Passed()) workers[0]->Heartbeat(5, "evaluate");
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  // A step of a recipe may be longer than any limit, so long as it says that it gets on.
  void whatIsDoneIsShownAndIsProgress() {
    room_->options().limits.hang = room_->options().limits.evaluate = 0.3;
    const std::string run = Begin(1);
    auto workers = Running(1);
    const Deadline several_times_as_long = Deadline::After(1.2);
    for (int layer = 0; !several_times_as_long.Passed(); ++layer)
      workers[0]->Heartbeat(5, "compress", "layer " + std::to_string(layer));
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
    QVERIFY(Eventually([&] {
      workers[0]->Heartbeat(5, "compress", "the last layer");
      return room_->Show(run).doing() == "the last layer";
    }));
    QVERIFY(Eventually([&] {
      workers[0]->Heartbeat(6);
      return room_->Show(run).doing().empty();
    }));
  }

  void aWorkerThatNeverCallsIsFound_data() {
    QTest::addColumn<bool>("joins");
    QTest::addColumn<QString>("says");
    QTest::newRow("no hello") << false << "did not call home";
    QTest::newRow("never ready") << true << "was not ready";
  }
  void aWorkerThatNeverCallsIsFound() {
    QFETCH(bool, joins);
    QFETCH(QString, says);
    room_->options().limits.join = 0.3;
    const std::string run = Begin(2);
    auto first = PuppetWorker::Joined(0);
    first->Ready();
    auto second = joins ? PuppetWorker::Joined(1) : nullptr;
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StrContains(error, says.toStdString()) && absl::StrContains(error, "rank 1"),
             error.c_str());
  }

  // Preparing a dataset may take minutes, and is said.
  void whoPreparesMayTakeLonger() {
    room_->options().limits.join = 0.5;  // a busy machine takes a tenth to begin
    const std::string run = Begin(1);
    auto worker = PuppetWorker::Joined(0);
    worker->Heartbeat(0, "preparing");
    const Deadline several_times_as_long = Deadline::After(1.5);
    while (!several_times_as_long.Passed()) worker->Heartbeat(0, "preparing");
    worker->Ready();
    QVERIFY(worker->WaitFor(proto::EngineMessage::kPeers).has_value());
    QCOMPARE(room_->Show(run).state(), proto::STARTING);
  }

  void strangersAreTurnedAwayAndDoNoHarm_data() {
    QTest::addColumn<QString>("who");
    QTest::newRow("wrong token") << "wrong";
    QTest::newRow("no token") << "none";
    QTest::newRow("the token of another rank") << "other";
    QTest::newRow("a token that was used") << "used";
    QTest::newRow("no such rank") << "rank";
    QTest::newRow("no such run") << "run";
    QTest::newRow("no hello") << "hello";
  }
  void strangersAreTurnedAwayAndDoNoHarm() {
    QFETCH(QString, who);
    const std::string run = Begin(2);
    auto first = PuppetWorker::Joined(0);
    const LaunchRequest request = PuppetStage::Get().RequestOf(1);
    PuppetWorker stranger(request.engine_address);
    if (who == "wrong") stranger.Hello(run, 1, std::string(request.token.size(), '0'));
    if (who == "none") stranger.Hello(run, 1, "");
    if (who == "other") stranger.Hello(run, 0, request.token);
    if (who == "used") stranger.Hello(run, 0, PuppetStage::Get().RequestOf(0).token);
    if (who == "rank") stranger.Hello(run, 1000000, request.token);
    if (who == "run") stranger.Hello("20200101-000000-abcdef", 1, request.token);
    if (who == "hello") stranger.Heartbeat(1);
    const auto end = stranger.WaitForEnd();
    QVERIFY(end.has_value());
    QCOMPARE(end->error_code(),
             who == "hello" ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::PERMISSION_DENIED);
    QVERIFY(!absl::StrContains(end->error_message(), request.token));
    // The right one still finds its place, and the run goes its way.
    first->Ready();
    auto second = PuppetWorker::Joined(1);
    second->Ready();
    QVERIFY(second->WaitFor(proto::EngineMessage::kPeers).has_value());
    QCOMPARE(room_->Show(run).error(), std::string());
  }

  void aWorkerOfAnotherVersionIsToldSo() {
    const std::string run = Begin(1);
    const LaunchRequest request = PuppetStage::Get().RequestOf(0);
    PuppetWorker worker(request.engine_address);
    worker.Hello(run, 0, request.token, "0.0.0-older");
    QCOMPARE(worker.WaitForEnd()->error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StrContains(room_->Show(run).error(), "0.0.0-older"));
  }

  void whoBreaksTheProtocolFailsItsRunOnly_data() {
    QTest::addColumn<QString>("how");
    for (const char* how :
         {"hello twice", "ready twice", "empty message", "undeclared series", "ragged table",
          "checkpoint elsewhere", "checkpoint above", "other model", "too many layers", "too many octaves"})
      QTest::newRow(how) << how;
  }
  void whoBreaksTheProtocolFailsItsRunOnly() {
    QFETCH(QString, how);
    const std::string run = Begin(2);
    auto first = PuppetWorker::Joined(0), second = PuppetWorker::Joined(1);
    first->Ready();
    second->Ready(how == "other model" ? 11 : 10);
    proto::WorkerMessage message;
    if (how == "hello twice") second->Hello(run, 1, "");
    if (how == "ready twice") second->Ready();
    if (how == "empty message") second->Send(message);
    if (how == "undeclared series") second->Evaluation(0, 1);
    if (how == "ragged table") {
      message.mutable_metrics()->add_tables()->add_steps(1);
      second->Send(message);
    }
    if (how == "too many layers") {
      for (int i = 0; i < 100; ++i) message.mutable_histogram()->add_layers();
      second->Send(message);
    }
    if (how == "too many octaves") {
      message.mutable_histogram()->add_layers()->mutable_counts()->Resize(1000, 1);
      second->Send(message);
    }
    if (how == "checkpoint elsewhere") second->Checkpoint(1, "/etc");
    if (how == "checkpoint above") second->Checkpoint(1, room_->run_folder(run) + "/../other/checkpoints");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 "), error.c_str());
    QVERIFY2(absl::StrContains(error, how == "other model" ? "built a model" : "broke the protocol"),
             error.c_str());
    // The engine is as well as before.
    const std::string next = Begin(1, false);
    auto workers = Running(1);
    QVERIFY(room_->WaitForState(next, proto::RUNNING));
  }

  void whoIgnoresTheRequestToEndIsKilled() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    PuppetStage::Get().BeStubborn();
    workers[0]->Failed(absl::StatusCode::kInternal, "broken");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(PuppetStage::Get().WasAskedToEnd(1));
    QVERIFY(PuppetStage::Get().WasKilled(1));
    QVERIFY(PuppetStage::Get().AllGone());
  }

  void aWorkerThatCannotBeStartedFailsTheRunAndEndsTheOthers() {
    QVERIFY(room_->Start().ok());
    PuppetStage::Get().RefuseRank(1);
    const std::string run = room_->Submit(room_->Spec(2));
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StrContains(room_->Show(run).error(), "no process can be made"));
    QVERIFY(PuppetStage::Get().AllGone());
  }

  void aPauseIsAnsweredWhenItIsReached() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    std::thread obedient([&] {
      for (auto& worker : workers) {
        const auto asked = worker->WaitFor(proto::EngineMessage::kControl);
        if (asked && asked->control().action() == proto::Control::PAUSE && asked->control().at_step() > 5)
          worker->StateReached("paused", 8);
      }
    });
    proto::RunState state = proto::RUN_STATE_UNSPECIFIED;
    QVERIFY(room_->Control(run, Action::PAUSE, &state).ok());
    obedient.join();
    QCOMPARE(state, proto::PAUSED);
    QVERIFY(room_->Control(run, Action::PAUSE, &state).ok());  // it is already
    std::thread again([&] {
      const auto asked = workers[0]->WaitFor(proto::EngineMessage::kControl);
      if (asked && asked->control().action() == proto::Control::RESUME)
        workers[0]->StateReached("running", 8);
    });
    QVERIFY(room_->Control(run, Action::RESUME, &state).ok());
    again.join();
    QCOMPARE(state, proto::RUNNING);
    QCOMPARE(room_->Control(run, Action::RESUME).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    const auto events = room_->Events(run);
    QCOMPARE(events[events.size() - 2].kind(), std::string("paused"));
    QCOMPARE(events.back().kind(), std::string("resumed"));
  }

  void stopKeepsWhatThereIs() {
    const std::string run = Begin(1);
    auto workers = Running(1);
    QVERIFY(room_->Control(run, Action::STOP).ok());
    const auto asked = workers[0]->WaitFor(proto::EngineMessage::kControl);
    QVERIFY(asked.has_value());
    QCOMPARE(asked->control().action(), proto::Control::STOP);
    workers[0]->Finished(7, true);
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    QCOMPARE(room_->Show(run).error(), std::string());
  }

  void killEndsAtOnce() {
    const std::string run = Begin(1);
    auto workers = Running(1);
    PuppetStage::Get().BeStubborn();
    QVERIFY(room_->Control(run, Action::KILL).ok());
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    QVERIFY(PuppetStage::Get().WasKilled(0));
    QVERIFY(!PuppetStage::Get().WasAskedToEnd(0));
  }

  void aKnobIsCheckedSentAndRemembered() {
    const std::string run = Begin(2);
    auto workers = Running(2);
    QVERIFY(SetKnob(run, "/optimizer/learning_rate", "-1").error_code() ==
            grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY(SetKnob(run, "/model/kind", "\"mlp\"").error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY(SetKnob(run, "/optimizer/learning_rate", "0.001").ok());
    for (auto& worker : workers) {
      const auto sent = worker->WaitFor(proto::EngineMessage::kKnob);
      QVERIFY(sent.has_value());
      QCOMPARE(sent->knob().json(), std::string("0.001"));
      QVERIFY(sent->knob().at_step() > 5);
    }
    proto::WorkerMessage applied;
    applied.mutable_knob()->set_pointer("/optimizer/learning_rate");
    applied.mutable_knob()->set_json("0.001");
    applied.mutable_knob()->set_step(9);
    workers[0]->Send(applied);
    QVERIFY(Eventually([&] { return room_->Events(run).back().kind() == "knob"; }));
    const Json spec = Json::parse(room_->Show(run).spec_json());
    QCOMPARE(spec["optimizer"]["learning_rate"].get<double>(), 0.001);
  }

  void aPolicyTurnsItsKnobInsteadOfAPerson() {
    QVERIFY(room_->Start().ok());
    Json spec = Json::parse(room_->Spec(2));
    spec["knobs"] = {{{"pointer", "/optimizer/learning_rate"},
                      {"policy", {{"kind", "linear"}, {"from", 0.1}, {"to", 0.01}}}}};
    const int before = PuppetStage::Get().launches();
    const std::string run = room_->Submit(spec.dump());
    QVERIFY(PuppetStage::Get().WaitForLaunch(before + 2));
    auto workers = Running(2);
    const grpc::Status held = SetKnob(run, "/optimizer/learning_rate", "0.001");
    QVERIFY(held.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY2(absl::StrContains(held.error_message(), "/knobs/0"), held.error_message().c_str());
    QVERIFY(SetKnob(run, "/optimizer/momentum", "0.5").ok());  // another
    proto::WorkerMessage applied;  // as rank 0 tells it of itself, without having been asked
    applied.mutable_knob()->set_pointer("/optimizer/learning_rate");
    applied.mutable_knob()->set_json("0.1");
    workers[0]->Send(applied);
    QVERIFY(Eventually([&] { return room_->Events(run).back().kind() == "knob"; }));
    const Json shown = Json::parse(room_->Show(run).spec_json());
    QCOMPARE(shown["optimizer"]["learning_rate"].get<double>(), 0.1);
  }

  void runsWaitForEachOtherInTheirOrder() {
    const std::string first = Begin(3);  // of 4 cores
    const std::string second = room_->Submit(room_->Spec(2));
    const std::string third = room_->Submit(room_->Spec(1));  // would fit, but must not overtake
    QCOMPARE(room_->Show(second).queue_position(), 1);
    QCOMPARE(room_->Show(third).queue_position(), 2);
    QCOMPARE(room_->Show(third).state(), proto::QUEUED);
    QCOMPARE(PuppetStage::Get().launches(), 3);
    QVERIFY(room_->Control(second, Action::STOP).ok());
    QVERIFY(room_->WaitForState(second, proto::STOPPED));
    QVERIFY(room_->WaitForState(third, proto::STARTING));  // now it is the first, and fits
    QCOMPARE(room_->Show(third).queue_position(), 0);
    QCOMPARE(room_->Show(first).state(), proto::STARTING);
  }

  void whatGoesOnIsNotDeleted() {
    const std::string run = Begin(1);
    auto workers = Running(1);
    QCOMPARE(Delete(run).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY(room_->Control(run, Action::KILL).ok());
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    QVERIFY(QFile::exists(QString::fromStdString(room_->run_folder(run))));
    QVERIFY(Delete(run).ok());
    QVERIFY(QFile::exists(QString::fromStdString(room_->run_folder(run))));  // it is in the bin
    QCOMPARE(Delete(run).error_code(), grpc::StatusCode::NOT_FOUND);
  }

 private:
  std::string Begin(int workers, bool start = true) {
    if (start)
      if (const absl::Status status = room_->Start(); !status.ok())
        qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    return room_->Launched(workers);
  }
  // Workers of another exchange; its servers are among them.
  std::string Begin(int workers, const Json& exchange) {
    if (const absl::Status status = room_->Start(); !status.ok())
      qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    Json spec = Json::parse(room_->Spec(workers));
    spec["exchange"] = exchange;
    spec["mesh"]["data"] = workers - exchange.value("dedicated_servers", 0);
    const int before = PuppetStage::Get().launches();
    const std::string run = room_->Submit(spec.dump());
    return PuppetStage::Get().WaitForLaunch(before + workers) ? run : "";
  }
  std::vector<std::unique_ptr<PuppetWorker>> Running(int count) {
    auto workers = PuppetWorker::AllReady(count);
    for (auto& worker : workers) worker->Steps(0, 5);
    const std::string run = PuppetStage::Get().RequestOf(0).run;
    if (!room_->WaitForState(run, proto::RUNNING)) qWarning("the run does not start");
    return workers;
  }
  grpc::Status SetKnob(const std::string& run, const std::string& pointer, const std::string& json) {
    proto::SetKnobRequest request;
    request.set_run(run);
    request.set_pointer(pointer);
    request.set_json(json);
    proto::SetKnobReply reply;
    grpc::ClientContext context;
    return room_->stub().SetKnob(&context, request, &reply);
  }
  grpc::Status Delete(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    proto::DeleteRunReply reply;
    grpc::ClientContext context;
    return room_->stub().DeleteRun(&context, request, &reply);
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(LifeCycleTest)

}  // namespace concertina::life_cycle_test

#include "life_cycle_test.moc"
