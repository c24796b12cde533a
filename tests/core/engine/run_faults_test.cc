// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_faults_test.cc: the engine brings on the faults that an experiment asks for, once each, and goes on by
// itself as often as it may.
#include "absl/strings/match.h"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/written_checkpoint.h"
#include "tests/test_program.h"

namespace concertina::run_faults_test {

class RunFaultsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void aKillComesAtItsStepAndIsMarkedBeforeItsConsequence() {
    const std::string run = Begin({{{"kind", "kill"}, {"rank", 1}, {"at_step", 8}}});
    auto workers = Running(2);
    for (auto& worker : workers) worker->Steps(5, 2);
    QVERIFY(Eventually([&] { return room_->Show(run).steps() == 7; }));
    QVERIFY(!PuppetStage::Get().WasKilled(1));
    for (auto& worker : workers) worker->Steps(7, 2);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(PuppetStage::Get().WasKilled(1));
    QVERIFY(absl::StartsWith(room_->Show(run).error(), "rank 1 "));
    const auto marks = Marks(run, "fault");
    QCOMPARE(marks.size(), size_t{1});
    QCOMPARE(marks[0].message(), std::string("By /faults/0: rank 1 is killed."));
    QCOMPARE(Json::parse(marks[0].json())["rank"].get<int>(), 1);
    QCOMPARE(room_->Show(run).faults_done_size(), 1);
  }

  void whoseProcessIsNotTheEnginesStopsItself() {
    const std::string run = Begin({{{"kind", "freeze"}, {"rank", 0}, {"at_step", 2}, {"seconds", 60}}});
    auto workers = Running(2);
    const auto told = workers[0]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(told.has_value());
    QCOMPARE(told->harm().act(), proto::Harm::FREEZE);
    QCOMPARE(told->harm().seconds(), 60.0);
    QVERIFY(Eventually([&] { return Marks(run, "fault").size() == 1; }));
  }

  void whatCannotBeFrozenIsSaid() {
    PuppetStage::Get().BeThreads();
    const std::string run = Begin({{{"kind", "freeze"}, {"rank", 0}, {"at_step", 2}}});
    auto workers = Running(2);
    QVERIFY(Eventually([&] { return !Marks(run, "fault").empty(); }));
    QVERIFY(absl::StrContains(Marks(run, "fault")[0].message(), "not so"));
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  // All ranks tell of a partition; another's numbers are not believed.
  void whatWorkersTellBecomesOneMark() {
    const std::string run = Begin({{{"kind", "partition"}, {"ranks", Json::array({0})}, {"at_step", 3}}});
    auto workers = Running(2);
    proto::WorkerMessage acted;
    acted.mutable_fault()->set_step(3);
    for (auto& worker : workers) worker->Send(acted);
    proto::WorkerMessage strange;
    strange.mutable_fault()->set_act(77);
    workers[0]->Send(strange);
    acted.mutable_fault()->set_has_ended(true);
    for (auto& worker : workers) worker->Send(acted);
    QVERIFY(Eventually([&] { return Marks(run, "fault").size() == 2; }));
    QCOMPARE(Marks(run, "fault")[0].step(), int64_t{3});
    for (auto& worker : workers) worker->Steps(5, 2);
    QVERIFY(Eventually([&] { return room_->Show(run).steps() == 7; }));
    QCOMPARE(Marks(run, "fault").size(), size_t{2});
  }

  void aRunGoesOnByItselfAsOftenAsItMay() {
    const std::string run = Begin({{{"kind", "kill"}, {"rank", 1}, {"at_step", 5}}}, 1);
    auto workers = PuppetWorker::AllReady(2);
    QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), 4, 2, 2));
    for (auto& worker : workers) worker->Steps(0, 6);
    QVERIFY(PuppetStage::Get().WaitForLaunch(4));  // both once more
    workers = PuppetWorker::AllReady(2);
    QCOMPARE(workers[0]->assignment().incarnation(), 2U);
    QVERIFY(absl::EndsWith(workers[0]->assignment().checkpoint(), "step-000000000004"));
    QCOMPARE(workers[0]->assignment().faults_done_size(), 1);
    for (auto& worker : workers) worker->Steps(4, 6);  // past the kill, which was
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    QVERIFY(Eventually([&] { return room_->Show(run).steps() == 10; }));
    QVERIFY(!PuppetStage::Get().WasKilled(1));
    QCOMPARE(room_->Show(run).automatic_resumes(), 1U);
    QCOMPARE(Marks(run, "resuming").size(), size_t{1});
    workers[0]->HangUp();
    PuppetStage::Get().Exit(0, {.signal = 11});
    QVERIFY(room_->WaitForState(run, proto::FAILED));  // it was once
    QVERIFY(absl::StrContains(room_->Show(run).error(), "signal 11"));
    QCOMPARE(PuppetStage::Get().launches(), 4);
  }

  void withoutACheckpointTheFirstErrorStays() {
    const std::string run = Begin({}, 3);
    auto workers = Running(2);
    workers[0]->HangUp();
    PuppetStage::Get().Exit(0, {.signal = 11});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    for (const char* part : {"signal 11", "no checkpoint"})
      QVERIFY2(absl::StrContains(room_->Show(run).error(), part), room_->Show(run).error().c_str());
  }

  // It would only come to the same again.
  void aLossThatIsNoNumberIsNotTriedOnceMore() {
    const std::string run = Begin({}, 3);
    auto workers = PuppetWorker::AllReady(2);
    QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), 4, 2, 2));
    for (auto& worker : workers) worker->Steps(0, 5);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    workers[0]->Failed(absl::StatusCode::kOutOfRange, "the loss is nan at step 5");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QCOMPARE(PuppetStage::Get().launches(), 2);
  }

 private:
  std::string Begin(const Json& faults, int resumes = 0) {
    if (const absl::Status status = room_->Start(); !status.ok())
      qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    Json spec = Json::parse(room_->Spec(2));
    if (!faults.empty()) spec["faults"] = faults;
    spec["training"]["resume_after_failure"] = resumes;
    const std::string run = room_->Submit(spec.dump());
    return PuppetStage::Get().WaitForLaunch(2) ? run : "";
  }
  std::vector<std::unique_ptr<PuppetWorker>> Running(int count) {
    auto workers = PuppetWorker::AllReady(count);
    for (auto& worker : workers) worker->Steps(0, 5);
    if (!room_->WaitForState(PuppetStage::Get().RequestOf(0).run, proto::RUNNING))
      qWarning("the run does not start");
    return workers;
  }
  std::vector<proto::RunEvent> Marks(const std::string& run, const std::string& kind) {
    std::vector<proto::RunEvent> marks;
    for (const proto::RunEvent& event : room_->Events(run))
      if (event.kind() == kind) marks.push_back(event);
    return marks;
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(RunFaultsTest)

}  // namespace concertina::run_faults_test

#include "run_faults_test.moc"
