// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// group_test.cc: an elastic run's group forms anew when a worker is lost, replaced, joins or leaves; and what
// comes of an older incarnation is refused.
#include <set>

#include "absl/strings/match.h"
#include "core/analysis/timeline.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::group_test {

using Kind = proto::EngineMessage;
using Workers = std::vector<std::unique_ptr<PuppetWorker>>;

class GroupTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void theOthersFormAGroupFromTheLargestStep() {
    const std::string run = Begin(4, {});
    Workers workers = Running(4);
    Kill(1, *workers[1]);
    for (const size_t rank : {0, 2, 3}) {
      const auto part = workers[rank]->WaitFor(Kind::kPart);
      QVERIFY(part.has_value());
      QCOMPARE(part->part().incarnation(), 1U);
    }
    Part(*workers[0], 1, 5);
    Part(*workers[2], 1, 6);  // it had made the step that the others had not
    Part(*workers[3], 1, 5);
    uint32_t rank = 0;
    std::set<std::string> secrets;
    for (const size_t seat : {0, 2, 3}) {
      QVERIFY(workers[seat]->WaitFor(Kind::kAssignment).has_value());
      const proto::Assignment task = workers[seat]->assignment();
      QCOMPARE(task.rank(), rank++);
      QCOMPARE(task.world_size(), 3U);
      QCOMPARE(task.incarnation(), 2U);
      QCOMPARE(task.state().source_rank(), 1U);
      QCOMPARE(task.state().step(), int64_t{6});
      QCOMPARE(task.state().epochs(), 0.6);
      const Json spec = Json::parse(task.spec_json());
      QCOMPARE(spec["mesh"]["data"].get<int>(), 3);
      QCOMPARE(spec["workers"][0]["count"].get<int>(), 3);
      QCOMPARE(spec["elastic"]["base_workers"].get<int>(), 4);
      secrets.insert(task.secret());
    }
    QCOMPARE(secrets.size(), size_t{1});
    for (const size_t seat : {0, 2, 3}) workers[seat]->Ready();
    for (const size_t seat : {0, 2, 3}) {
      const auto peers = workers[seat]->WaitFor(Kind::kPeers);
      QVERIFY(peers.has_value());
      QCOMPARE(peers->peers().addresses_size(), 3);
    }
    for (const size_t seat : {0, 2, 3}) workers[seat]->Steps(6, 4);
    QVERIFY(Eventually([&] { return room_->Show(run).steps() == 10; }));  // nobody waits for the lost one's
    const proto::RunSummary shown = room_->Show(run);
    QCOMPARE(shown.state(), proto::RUNNING);
    QCOMPARE(shown.samples(), int64_t{6 * 16 + 4 * 12});
    QCOMPARE(shown.workers(1).state(), std::string("gone"));
    QCOMPARE(shown.workers(2).axis(0), 1U);
    const std::vector<Json> groups = Groups(run);
    QCOMPARE(groups.size(), size_t{1});
    const Json expected = Json{{"workers", 3}, {"workers_before", 4}, {"step", 6}, {"incarnation", 2}};
    QVERIFY2(groups[0] == expected, groups[0].dump().c_str());
    for (const size_t seat : {0, 2, 3}) {
      workers[seat]->Finished(10);
      PuppetStage::Get().Exit(static_cast<int>(seat), {});
    }
    QVERIFY(room_->WaitForState(run, proto::FINISHED));
  }

  void aReplacementTakesTheSeatAndTheOldOneIsRefused() {
    const std::string run = Begin(2, {{"replace", true}});
    Workers workers = Running(2);
    const LaunchRequest old = PuppetStage::Get().RequestOf(1);
    Kill(1, *workers[1]);
    Regroup({workers[0].get()}, 1, 5);
    QVERIFY(PuppetStage::Get().WaitForLaunch(3));
    // 1,000 times its old token, while another worker is on the way to its seat.
    for (int i = 0; i < 1000; ++i) {
      PuppetWorker ghost(old.engine_address);
      ghost.Hello(run, 1, old.token);
      const auto end = ghost.WaitForEnd();
      QVERIFY(end.has_value());
      QCOMPARE(end->error_code(), grpc::StatusCode::PERMISSION_DENIED);
      QVERIFY2(absl::StrContains(end->error_message(), "incarnation 2"), end->error_message().c_str());
      if (i % 100 == 0) workers[0]->Heartbeat(6);
    }
    const LaunchRequest fresh = PuppetStage::Get().RequestOf(1);
    QVERIFY(fresh.token != old.token);
    PuppetWorker joiner(fresh.engine_address);
    joiner.Hello(run, 1, fresh.token);
    const auto asked = workers[0]->WaitFor(Kind::kControl);
    QVERIFY(asked.has_value());
    QCOMPARE(asked->control().action(), proto::Control::REGROUP);
    Part(*workers[0], 2, 9);
    for (PuppetWorker* worker : {workers[0].get(), &joiner}) {
      QVERIFY(worker->WaitFor(Kind::kAssignment).has_value());
      QCOMPARE(worker->assignment().world_size(), 2U);
      QCOMPARE(worker->assignment().incarnation(), 3U);
      QCOMPARE(worker->assignment().state().step(), int64_t{9});
      QCOMPARE(worker->assignment().state().source_rank(), 0U);
      worker->Ready();
    }
    QVERIFY(joiner.WaitFor(Kind::kPeers).has_value());
    // A batch of a worker that had the seat before, however it comes here.
    proto::WorkerMessage late;
    late.set_incarnation(1);
    late.mutable_metrics()->set_rank(1);
    joiner.Send(late);
    const auto end = joiner.WaitForEnd();
    QVERIFY(end.has_value());
    QCOMPARE(end->error_code(), grpc::StatusCode::ABORTED);
    QVERIFY2(absl::StrContains(end->error_message(), "incarnation 1"), end->error_message().c_str());
  }

  void workersJoinAndLeaveWhenAsked() {
    const std::string run = Begin(2, {{"min_workers", 2}, {"max_workers", 3}});
    Workers workers = Running(2);
    QCOMPARE(Change(run, 2).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    QCOMPARE(Change(run, -1).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY(Change(run, 1).ok());
    QVERIFY(PuppetStage::Get().WaitForLaunch(3));
    const LaunchRequest request = PuppetStage::Get().RequestOf(2);
    PuppetWorker joiner(request.engine_address);
    joiner.Hello(run, 2, request.token);
    Workers all = std::move(workers);
    for (auto& worker : all) {
      QVERIFY(worker->WaitFor(Kind::kControl).has_value());
      Part(*worker, 1, 7);
    }
    QVERIFY(joiner.WaitFor(Kind::kAssignment).has_value());
    QCOMPARE(joiner.assignment().rank(), 2U);
    for (auto& worker : all) QVERIFY(worker->WaitFor(Kind::kAssignment).has_value());
    for (auto& worker : all) worker->Ready();
    joiner.Ready();
    for (auto& worker : all) QVERIFY(worker->WaitFor(Kind::kPeers).has_value());
    // The last rank leaves again: goodbye, and no harm is done.
    QVERIFY(Change(run, -1).ok());
    for (auto& worker : all) {
      QVERIFY(worker->WaitFor(Kind::kControl).has_value());
      Part(*worker, 2, 8);
    }
    Part(joiner, 2, 8);
    QVERIFY(joiner.WaitFor(Kind::kGoodbye).has_value());
    PuppetStage::Get().Exit(2, {});
    for (auto& worker : all) {
      QVERIFY(worker->WaitFor(Kind::kAssignment).has_value());
      QCOMPARE(worker->assignment().world_size(), 2U);
    }
    QCOMPARE(Groups(run).size(), size_t{2});
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  // What was asked before the group had formed, or was not done by then, is asked of the new one.
  void aNewGroupPausesAndGoesOnAsWasAsked_data() {
    QTest::addColumn<bool>("pausesBefore");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<bool>("resumesMeanwhile");
    QTest::addColumn<int>("told");
    QTest::newRow("a pause that nobody has obeyed") << true << "none" << false << int{proto::Control::PAUSE};
    QTest::newRow("a pause") << true << "" << false << int{proto::Control::PAUSE};
    QTest::newRow("a resume while it forms") << true << "" << true << int{proto::Control::RESUME};
    QTest::newRow("no room, and nobody asked")
        << false << "the disk is full" << false << int{proto::Control::RESUME};
    QTest::newRow("a pause, and no room")
        << true << "the disk is full" << false << int{proto::Control::PAUSE};
  }
  void aNewGroupPausesAndGoesOnAsWasAsked() {
    QFETCH(bool, pausesBefore);
    QFETCH(QString, reason);
    QFETCH(bool, resumesMeanwhile);
    QFETCH(int, told);
    room_->options().limits.control_wait = 0.05;  // answered, though nobody obeys
    const std::string run = Begin(3, {});
    Workers workers = Running(3);
    if (pausesBefore) QVERIFY(room_->Control(run, proto::ControlRunRequest::PAUSE).ok());
    if (reason != "none") {
      proto::WorkerMessage paused;
      paused.mutable_state()->set_state("paused");
      paused.mutable_state()->set_step(5);
      paused.mutable_state()->set_reason(reason.toStdString());
      workers[0]->Send(paused);
      QVERIFY(room_->WaitForState(run, proto::PAUSED));
    }
    Kill(2, *workers[2]);
    for (const size_t seat : {0, 1}) QVERIFY(workers[seat]->WaitFor(Kind::kPart).has_value());
    if (resumesMeanwhile) QVERIFY(room_->Control(run, proto::ControlRunRequest::RESUME).ok());
    for (const size_t seat : {0, 1}) Part(*workers[seat], 1, 5);
    for (const size_t seat : {0, 1}) {
      QVERIFY(workers[seat]->WaitFor(Kind::kAssignment).has_value());
      workers[seat]->Ready();
    }
    for (const size_t seat : {0, 1}) {
      QVERIFY(workers[seat]->WaitFor(Kind::kPeers).has_value());
      const auto control = workers[seat]->WaitFor(Kind::kControl);
      QVERIFY(control.has_value());
      QCOMPARE(int{control->control().action()}, told);
    }
  }

  void aRecordingEndsWithItsGroup() {
    const std::string run = Begin(3, {});
    Workers workers = Running(3);
    const int64_t recording = Record(run);
    Kill(2, *workers[2]);  // and the others leave before they have sent theirs
    const Json told = Told(run);
    QCOMPARE(told.value("recording", int64_t{0}), recording);
    QVERIFY2(absl::StrContains(told["error"].get<std::string>(), "group changed"), told.dump().c_str());
  }

  void aGroupThatFormedAnewIsRecordedByItsOwnRanks() {
    const std::string run = Begin(3, {});
    Workers workers = Running(3);
    Kill(1, *workers[1]);
    Regroup({workers[0].get(), workers[2].get()}, 1, 5);
    const int64_t recording = Record(run);
    for (const int rank : {0, 1}) {
      proto::WorkerMessage message;
      message.mutable_spans()->set_recording(recording);
      message.mutable_spans()->set_packed(PackSpans({.rank = rank, .recording = recording}));
      workers[rank == 0 ? 0 : 2]->Send(message);
    }
    const Json told = Told(run);
    QVERIFY2(told.value("error", "it was not told").empty(), told.dump().c_str());
    QCOMPARE(told["ranks"].get<int>(), 2);
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  void tooFewEndTheRun() {
    const std::string run = Begin(3, {{"min_workers", 3}});
    Workers workers = Running(3);
    Kill(2, *workers[2]);
    for (const size_t rank : {0, 1}) Part(*workers[rank], 1, 5);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY2(absl::StrContains(room_->Show(run).error(), "/elastic/min_workers is 3"),
             room_->Show(run).error().c_str());
  }

  void whoDoesNotLeaveIsLostToo() {
    room_->options().limits.hang = 0.3;
    const std::string run = Begin(3, {});
    Workers workers = Running(3);
    Kill(2, *workers[2]);
    Part(*workers[0], 1, 5);  // rank 1 says nothing of the kind
    QVERIFY(workers[0]->WaitFor(Kind::kAssignment).has_value());
    QCOMPARE(workers[0]->assignment().world_size(), 1U);
    QVERIFY(PuppetStage::Get().WasKilled(1));
  }

  void oneThatWaitedAndIsSentAwayIsOfNoGroup() {
    const std::string run = Begin(2, {{"min_workers", 2}, {"max_workers", 3}});
    Workers workers = Running(2);
    QVERIFY(Change(run, 1).ok());
    QVERIFY(PuppetStage::Get().WaitForLaunch(3));
    const LaunchRequest request = PuppetStage::Get().RequestOf(2);
    PuppetWorker joiner(request.engine_address);
    joiner.Hello(run, 2, request.token);
    for (auto& worker : workers) QVERIFY(worker->WaitFor(Kind::kControl).has_value());
    QVERIFY(Change(run, -1).ok());
    QVERIFY(joiner.WaitFor(Kind::kGoodbye).has_value());
    for (auto& worker : workers) Part(*worker, 1, 7);
    for (auto& worker : workers) {
      QVERIFY(worker->WaitFor(Kind::kAssignment).has_value());
      QCOMPARE(worker->assignment().world_size(), 2U);
    }
  }

  void aPeersEndInTheFirstStepIsBlamedOnTheOneThatDied() {
    const std::string run = Begin(2, {});
    Workers workers = PuppetWorker::AllReady(2);
    proto::WorkerMessage parted;
    parted.mutable_parted()->set_incarnation(1);
    parted.mutable_parted()->set_reason("rank 1 hung up");
    workers[0]->Send(parted);
    Kill(1, *workers[1]);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 "), error.c_str());
  }

  void withoutTheSectionTheRunFailsAsEver() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Submit(room_->Spec(2));
    QVERIFY(PuppetStage::Get().WaitForLaunch(2));
    Workers workers = Running(2);
    QCOMPARE(Change(run, 1).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    Kill(1, *workers[1]);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
  }

 private:
  std::string Begin(int workers, const Json& elastic) {
    if (const absl::Status started = room_->Start(); !started.ok())
      qWarning("%s", std::string(started.message()).c_str());
    Json spec = Json::parse(room_->Spec(workers));
    spec["elastic"] = elastic.is_null() ? Json::object() : elastic;
    const std::string run = room_->Submit(spec.dump());
    return PuppetStage::Get().WaitForLaunch(workers) ? run : "";
  }
  Workers Running(int count) {
    Workers workers = PuppetWorker::AllReady(count);
    for (auto& worker : workers) worker->Steps(0, 5);
    if (!room_->WaitForState(PuppetStage::Get().RequestOf(0).run, proto::RUNNING))
      qWarning("the run does not start");
    return workers;
  }
  static void Kill(int rank, PuppetWorker& worker) {
    worker.HangUp();
    PuppetStage::Get().Exit(rank, {.signal = 9});
  }
  static void Part(PuppetWorker& worker, uint32_t incarnation, int64_t step) {
    proto::WorkerMessage message;
    message.mutable_parted()->set_incarnation(incarnation);
    message.mutable_parted()->set_step(step);
    message.mutable_parted()->set_epochs(static_cast<double>(step) / 10);
    message.mutable_parted()->set_has_state(true);
    worker.Send(message);
  }
  static void Regroup(const std::vector<PuppetWorker*>& workers, uint32_t incarnation, int64_t step) {
    for (PuppetWorker* worker : workers) {
      worker->WaitFor(Kind::kPart);
      Part(*worker, incarnation, step);
    }
    for (PuppetWorker* worker : workers) {
      worker->WaitFor(Kind::kAssignment);
      worker->Ready();
    }
    for (PuppetWorker* worker : workers) worker->WaitFor(Kind::kPeers);
  }
  grpc::Status Change(const std::string& run, int change) {
    proto::ChangeWorkersRequest request;
    request.set_run(run);
    request.set_change(change);
    proto::ChangeWorkersReply reply;
    grpc::ClientContext context;
    return room_->stub().ChangeWorkers(&context, request, &reply);
  }
  // The number of a recording that was asked for.
  int64_t Record(const std::string& run) {
    proto::ControlRunRequest request;
    request.set_run(run);
    request.set_action(proto::ControlRunRequest::SPANS);
    proto::ControlRunReply reply;
    grpc::ClientContext context;
    const grpc::Status status = room_->stub().ControlRun(&context, request, &reply);
    if (!status.ok()) qWarning("%s", status.error_message().c_str());
    return reply.recording();
  }
  // What is told of the recording, once it is; an empty object: nothing.
  Json Told(const std::string& run) {
    Json told = Json::object();
    Eventually([&] {
      for (const proto::RunEvent& event : room_->Events(run))
        if (event.kind() == "timeline") told = Json::parse(event.json());
      return !told.empty() || room_->Show(run).state() != proto::RUNNING;
    });
    return told;
  }
  std::vector<Json> Groups(const std::string& run) {
    std::vector<Json> groups;
    for (const proto::RunEvent& event : room_->Events(run))
      if (event.kind() == "group") groups.push_back(Json::parse(event.json()));
    return groups;
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(GroupTest)

}  // namespace concertina::group_test

#include "group_test.moc"
