// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_harm_test.cc: a worker is killed, frozen or slowed down by hand: by the engine where the process is its
// own child, by the worker itself elsewhere; what cannot be is refused, with why.
#include <limits>

#include "absl/strings/match.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::run_harm_test {

using Harm = proto::HarmWorkerRequest;

class RunHarmTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    room_ = std::make_unique<EngineRoom>();
    reply_.Clear();
  }
  void cleanup() { room_.reset(); }

  void aKilledChildIsMarkedBeforeItsConsequence() {
    const std::string run = Begin();
    auto workers = Running(run);
    QVERIFY(Ask(run, 1, Harm::KILL).ok());
    QCOMPARE(reply_.text(), std::string("rank 1 is killed"));
    QCOMPARE(reply_.recovery(), std::string("resumes"));
    QVERIFY(PuppetStage::Get().WasKilled(1));
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StartsWith(room_->Show(run).error(), "rank 1 "));
    const auto marks = Marks(run);
    QCOMPARE(marks.size(), size_t{1});
    QCOMPARE(marks[0].message(), std::string("By hand: rank 1 is killed."));
    const Json details = Json::parse(marks[0].json());
    QCOMPARE(details["rank"].get<int>(), 1);
    QVERIFY(details["by_hand"].get<bool>() && !details.contains("entry"));
    QCOMPARE(room_->Show(run).faults_done_size(), 0);  // a later attempt has only the experiment's
    // Over, and gone from the engine's hands.
    const grpc::Status late = Ask(run, 0, Harm::KILL);
    QCOMPARE(late.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY2(absl::StrContains(late.error_message(), "failed"), late.error_message().c_str());
  }

  void whoIsNoChildStopsItself() {
    const std::string run = Begin(/*away=*/true);
    auto workers = Running(run);
    QVERIFY(Ask(run, 1, Harm::FREEZE, 30).ok());
    QCOMPARE(reply_.text(), std::string("rank 1 is frozen for 30 s"));
    auto told = workers[1]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(told.has_value());
    QCOMPARE(told->harm().act(), proto::Harm::FREEZE);
    QCOMPARE(told->harm().seconds(), 30.0);
    QVERIFY(Eventually([&] { return room_->Show(run).workers(1).state() == "frozen"; }));
    const grpc::Status thawed = Ask(run, 1, Harm::THAW);  // it hears nothing
    QCOMPARE(thawed.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY2(absl::StrContains(thawed.error_message(), "kill -CONT 1001"), thawed.error_message().c_str());
    for (const Harm::Act act : {Harm::KILL, Harm::FREEZE}) QVERIFY(!Ask(run, 1, act).ok());
    QCOMPARE(Marks(run).size(), size_t{1});
  }

  // One that is slowed down too is not told to be slow no more, and then that nothing can be done.
  void whatCannotBeThawedIsLeftAsItIs() {
    const std::string run = Begin(/*away=*/true);
    auto workers = Running(run);
    QVERIFY(Ask(run, 1, Harm::SLOW, 0, 4).ok());
    const auto slow = workers[1]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(slow.has_value() && slow->harm().act() == proto::Harm::SLOW);
    QVERIFY(Ask(run, 1, Harm::FREEZE).ok());
    const auto frozen = workers[1]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(frozen.has_value() && frozen->harm().act() == proto::Harm::FREEZE);
    QCOMPARE(Ask(run, 1, Harm::THAW).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY(Ask(run, 0, Harm::SLOW, 0, 2).ok());  // what was sent to rank 1 before has been queued by now
    QVERIFY(!workers[1]->WaitFor(proto::EngineMessage::kHarm, 0.2).has_value());
  }

  void whoIsNoChildEndsItself() {
    const std::string run = Begin(/*away=*/true);
    auto workers = Running(run);
    QVERIFY(Ask(run, 1, Harm::KILL).ok());
    const auto told = workers[1]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(told.has_value());
    QCOMPARE(told->harm().act(), proto::Harm::KILL);
    QVERIFY(!PuppetStage::Get().WasKilled(1));  // by the launcher
    QCOMPARE(Marks(run).size(), size_t{1});
  }

  // The worker itself tells where it begins and ends, as of the experiment's own.
  void aSlowRankSaysSoAndIsSlowNoMore() {
    const std::string run = Begin();
    auto workers = Running(run);
    QVERIFY(!Ask(run, 0, Harm::THAW).ok());  // nothing was done to it
    QVERIFY(Ask(run, 0, Harm::SLOW, 0, 4).ok());
    auto told = workers[0]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(told.has_value());
    QCOMPARE(told->harm().slowdown(), 4.0);
    QCOMPARE(told->harm().seconds(), 0.0);
    QVERIFY(Marks(run).empty());
    proto::WorkerMessage acted;
    acted.mutable_fault()->set_act(told->harm().number());
    acted.mutable_fault()->set_step(6);
    workers[0]->Send(acted);
    QVERIFY(Eventually([&] { return Marks(run).size() == 1; }));
    QCOMPARE(Marks(run)[0].step(), int64_t{6});
    QVERIFY(absl::StrContains(Marks(run)[0].message(), "4 times as long"));
    QVERIFY(Ask(run, 0, Harm::THAW).ok());
    const auto over = workers[0]->WaitFor(proto::EngineMessage::kHarm);
    QVERIFY(over.has_value());
    QCOMPARE(over->harm().act(), proto::Harm::SLOW_NO_MORE);
    QCOMPARE(over->harm().number(), told->harm().number());
    acted.mutable_fault()->set_has_ended(true);
    workers[0]->Send(acted);
    QVERIFY(Eventually([&] { return Marks(run).size() == 2; }));
    QVERIFY(!Ask(run, 0, Harm::THAW).ok());
  }

  void aThreadOfTheEngineIsSpared() {
    PuppetStage::Get().BeThreads();
    const std::string run = Begin();
    auto workers = Running(run);
    for (const Harm::Act act : {Harm::LOOK, Harm::KILL, Harm::FREEZE}) {
      const grpc::Status refused = Ask(run, 1, act);
      QCOMPARE(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
      QVERIFY2(absl::StrContains(refused.error_message(), "thread of the engine"),
               refused.error_message().c_str());
    }
    QVERIFY(!PuppetStage::Get().WasKilled(1));
    QVERIFY(Ask(run, 1, Harm::SLOW, 0, 2).ok());  // it computes, as any other
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  void whatCannotBeIsRefused_data() {
    QTest::addColumn<int>("rank");
    QTest::addColumn<int>("act");
    QTest::addColumn<double>("seconds");
    QTest::addColumn<double>("slowdown");
    QTest::addColumn<QString>("said");
    const double infinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    QTest::newRow("a rank too high") << 2 << int(Harm::KILL) << 0.0 << 0.0 << "from 0 to 1";
    QTest::newRow("a rank below none") << -1 << int(Harm::KILL) << 0.0 << 0.0 << "from 0 to 1";
    QTest::newRow("no act") << 0 << 77 << 0.0 << 0.0 << "an act is needed";
    QTest::newRow("less than no time") << 0 << int(Harm::FREEZE) << -1.0 << 0.0 << "86400";
    QTest::newRow("an infinite time") << 0 << int(Harm::FREEZE) << infinity << 0.0 << "86400";
    QTest::newRow("no time that is a number") << 0 << int(Harm::FREEZE) << nan << 0.0 << "86400";
    QTest::newRow("faster") << 0 << int(Harm::SLOW) << 0.0 << 0.5 << "above 1";
    QTest::newRow("no slowdown that is a number") << 0 << int(Harm::SLOW) << 0.0 << nan << "above 1";
  }
  void whatCannotBeIsRefused() {
    QFETCH(int, rank);
    QFETCH(int, act);
    QFETCH(double, seconds);
    QFETCH(double, slowdown);
    QFETCH(QString, said);
    const std::string run = Begin();
    auto workers = Running(run);
    const grpc::Status refused = Ask(run, rank, static_cast<Harm::Act>(act), seconds, slowdown);
    QCOMPARE(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY2(QString::fromStdString(refused.error_message()).contains(said), refused.error_message().c_str());
    QVERIFY(Marks(run).empty());
    QVERIFY(!Ask("nobody", 0, Harm::KILL).ok());
  }

  void lookingHarmsNobody() {
    const std::string run = Begin();
    auto workers = Running(run);
    QVERIFY(Ask(run, 0, Harm::LOOK).ok());
    QCOMPARE(reply_.recovery(), std::string("resumes"));
    QVERIFY(reply_.text().empty());
    QVERIFY(Marks(run).empty());
    QVERIFY(!PuppetStage::Get().WasKilled(0));
  }

 private:
  std::string Begin(bool away = false) {
    if (const absl::Status status = room_->Start(); !status.ok())
      qFatal("the engine does not start: %s", std::string(status.message()).c_str());
    Json spec = Json::parse(room_->Spec(2));
    if (away)
      spec["workers"] =
          Json::array({{{"launcher", "puppet"}, {"count", 1}}, {{"launcher", "far-puppet"}, {"count", 1}}});
    const std::string run = room_->Submit(spec.dump());
    return PuppetStage::Get().WaitForLaunch(2) ? run : "";
  }
  std::vector<std::unique_ptr<PuppetWorker>> Running(const std::string& run) {
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 5);
    if (!room_->WaitForState(run, proto::RUNNING)) qWarning("the run does not start");
    return workers;
  }
  grpc::Status Ask(const std::string& run, int rank, Harm::Act act, double seconds = 0, double slowdown = 0) {
    Harm request;
    request.set_run(run);
    request.set_rank(rank);
    request.set_act(act);
    request.set_seconds(seconds);
    request.set_slowdown(slowdown);
    grpc::ClientContext context;
    return room_->stub().HarmWorker(&context, request, &reply_);
  }
  std::vector<proto::RunEvent> Marks(const std::string& run) {
    std::vector<proto::RunEvent> marks;
    for (const proto::RunEvent& event : room_->Events(run))
      if (event.kind() == "fault") marks.push_back(event);
    return marks;
  }
  std::unique_ptr<EngineRoom> room_;
  proto::HarmWorkerReply reply_;
};

CONCERTINA_TEST(RunHarmTest)

}  // namespace concertina::run_harm_test

#include "run_harm_test.moc"
