// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fork_test.cc: a run goes on from a checkpoint of another, with its past, its place in the family, and one
// thing changed; and recordings that workers send are asked for, stored and told.
#include "core/engine/fork.h"

#include "absl/strings/match.h"
#include "core/analysis/timeline.h"
#include "core/worker/checkpoint_manifest.h"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/memory_store.h"
#include "tests/test_program.h"

namespace concertina::fork_test {
namespace {

// Remembers in which order it was told what: an engine that is killed leaves any beginning of that.
class OrderStore final : public MemoryStore {
 public:
  std::vector<std::string> told;
  void PutRun(StoredRun run) override {
    told.push_back("run " + run.state);
    MemoryStore::PutRun(std::move(run));
  }
  void AddEvent(const std::string&, StoredEvent event) override { told.push_back("event " + event.kind); }
  void Append(const std::string& run, const std::string& name, int rank, const std::string& unit,
              std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values) override {
    told.push_back("series");
    MemoryStore::Append(run, name, rank, unit, steps, seconds, values);
  }
  absl::Status Sync() override {
    told.push_back("sync");
    return health;
  }
  absl::Status DeleteRun(const std::string&) override {
    told.push_back("delete");
    return absl::OkStatus();
  }
};

}  // namespace

class ForkTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void aForkGoesOnFromTheCheckpointWithTheChange() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    WriteCheckpoints(run, 3, 2);
    WriteCheckpoints(run, 5, 2);
    workers[0]->Checkpoint(5, CheckpointFolder(room_->run_folder(run), 5));
    QVERIFY(Eventually([&] { return room_->Show(run).last_checkpoint_step() == 5; }));

    proto::SubmitReply reply;
    const grpc::Status status = Fork(run, 4, {"/optimizer/learning_rate=0.25"}, reply);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QVERIFY(reply.faults().empty());
    const std::string child = reply.run();
    QVERIFY(!child.empty() && child != run);
    QVERIFY(PuppetStage::Get().WaitForLaunch(4));
    const proto::RunSummary summary = room_->Show(child);
    QCOMPARE(summary.parent(), run);
    QCOMPARE(summary.parent_step(), int64_t{3});  // the newest at or before 4
    QCOMPARE(Json::parse(summary.spec_json())["optimizer"]["learning_rate"].get<double>(), 0.25);
    QVERIFY2(absl::StrContains(summary.name(), "learning_rate=0.25"), summary.name().c_str());
    QVERIFY(Json::parse(room_->Show(run).spec_json())["optimizer"]["learning_rate"].get<double>() != 0.25);

    auto forked = PuppetWorker::AllReady(2);
    const proto::Assignment task = forked[1]->assignment();
    QVERIFY(task.is_fork());
    QCOMPARE(task.checkpoint(), CheckpointFolder(room_->run_folder(child), 3));
    const auto laid = ReadCheckpoint(task.checkpoint(), 1);
    QVERIFY(laid.ok());
    QCOMPARE(laid->parameters[0], 1.0F);
    // Its past is its parent's, up to there.
    QCOMPARE(room_->Series(child, "train/loss").x_size(), 3);
    for (auto& worker : forked) worker->Steps(3, 2);
    QVERIFY(Eventually([&] { return room_->Series(child, "train/loss").x_size() == 5; }));
    QCOMPARE(room_->Show(child).bytes_sent(), uint64_t{1000});  // of five steps, two ranks, 100 each
    std::vector<std::string> kinds;
    for (const proto::RunEvent& event : room_->Events(child)) kinds.push_back(event.kind());
    QVERIFY(std::find(kinds.begin(), kinds.end(), "fork") != kinds.end());
  }

  // An engine may be killed while a fork is laid down: the next one must not start it with half of its past.
  void itIsQueuedOnceAllOfItIsThere() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    WriteCheckpoints(run, 3, 2);
    OrderStore store;
    store.series[{"train/loss", -1}] = {
        .unit = "", .steps = {0, 1, 2, 3}, .seconds = {1, 2, 3, 4}, .values = {4, 3, 2, 1}};
    proto::ForkRequest request;
    request.set_run(run);
    request.set_step(3);
    const ForkPlace place{.datasets_folder = room_->options().home + "/datasets",
                          .parent_folder = room_->run_folder(run),
                          .child_folder = room_->run_folder("child"),
                          .child = "child",
                          .created_unix_ms = 1764281540123};
    std::vector<Fault> faults;
    const auto forked = PrepareFork(store, room_->Show(run), request, place, faults);
    QVERIFY2(forked.ok(), std::string(forked.status().message()).c_str());
    QVERIFY(faults.empty() && forked->has_value());
    QCOMPARE(store.told,
             (std::vector<std::string>{"run failed", "series", "event fork", "run queued", "sync"}));
    proto::RunSummary kept;
    QVERIFY(kept.ParseFromString(store.runs["child"].summary));
    QVERIFY(kept.error().empty() && kept.ended_unix_ms() == 0 && kept.parent_step() == 3);

    // What cannot be stored is not there, and no file of it.
    store.told.clear();
    store.health = absl::ResourceExhaustedError("the disk is full");
    ForkPlace other = place;
    other.child = "other";
    other.child_folder = room_->run_folder("other");
    QVERIFY(!PrepareFork(store, room_->Show(run), request, other, faults).ok());
    QCOMPARE(store.told.back(), std::string("delete"));
    QVERIFY(!QDir(QString::fromStdString(other.child_folder)).exists());
  }

  // What is left out stands for the default, in the run that was stored and in the one that is asked for.
  void aRunOlderThanAParameterOfItsModelIsForked() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    WriteCheckpoints(run, 3, 2);
    proto::RunSummary older = room_->Show(run);
    Json spec = Json::parse(older.spec_json());
    QCOMPARE(spec["model"].erase("initializer"), size_t{1});
    older.set_spec_json(spec.dump());
    OrderStore store;
    proto::ForkRequest request;
    request.set_run(run);
    request.set_step(3);
    const ForkPlace place{.datasets_folder = room_->options().home + "/datasets",
                          .parent_folder = room_->run_folder(run),
                          .child_folder = room_->run_folder("child"),
                          .child = "child",
                          .created_unix_ms = 1764281540123};
    std::vector<Fault> faults;
    const auto forked = PrepareFork(store, older, request, place, faults);
    QVERIFY2(forked.ok(), std::string(forked.status().message()).c_str());
    QVERIFY2(faults.empty(), faults.empty() ? "" : faults[0].message.c_str());
    QVERIFY(forked->has_value());
    // Another value than the default is another model than the checkpoint's.
    request.add_changes("/model/initializer=\"xavier\"");
    ForkPlace other = place;
    other.child = "other";
    other.child_folder = room_->run_folder("other");
    QVERIFY(PrepareFork(store, older, request, other, faults).ok());
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(faults[0].pointer, std::string("/model"));
  }

  void whatCannotBeForkedIsSaid_data() {
    QTest::addColumn<qint64>("step");
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("words");
    QTest::newRow("before the first checkpoint") << qint64{2} << "/name=\"x\""
                                                 << "no checkpoint at or before step 2";
    QTest::newRow("another model") << qint64{5} << R"(/model={"kind":"mlp","hidden":[3]})"
                                   << "/model";
    QTest::newRow("another seed") << qint64{5} << "/seed=99"
                                  << "/seed";
    QTest::newRow("no such field") << qint64{5} << "/optimizer/learning_rat=1"
                                   << "learning_rate";
    QTest::newRow("no assignment") << qint64{5} << "learning_rate"
                                   << "learning_rate";
    QTest::newRow("it ends there") << qint64{5} << "/training/max_steps=3"
                                   << "/training";
  }
  void whatCannotBeForkedIsSaid() {
    QFETCH(qint64, step);
    QFETCH(QString, change);
    QFETCH(QString, words);
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    WriteCheckpoints(run, 3, 2);
    const int launches = PuppetStage::Get().launches();
    proto::SubmitReply reply;
    const grpc::Status status = Fork(run, step, {change.toStdString()}, reply);
    QVERIFY(reply.run().empty());
    std::string said = status.error_message();
    for (const proto::SpecFault& fault : reply.faults()) said += fault.message() + "\n";
    QVERIFY2(absl::StrContains(said, words.toStdString()), said.c_str());
    QCOMPARE(PuppetStage::Get().launches(), launches);
    // Nothing of it is left.
    QCOMPARE(QDir(QString::fromStdString(room_->options().home + "/runs"))
                 .entryList(QDir::Dirs | QDir::NoDotAndDotDot)
                 .size(),
             1);
  }

  void aRunThatGoesOnWritesACheckpointFirst() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    proto::SubmitReply reply;
    grpc::Status status;
    std::thread caller([&] { status = Fork(run, -1, {}, reply); });
    const auto asked = workers[0]->WaitFor(proto::EngineMessage::kControl);
    if (asked) {
      WriteCheckpoints(run, 7, 2);
      workers[0]->Checkpoint(7, CheckpointFolder(room_->run_folder(run), 7));
    }
    caller.join();
    QVERIFY(asked.has_value());
    QVERIFY(asked->control().action() == proto::Control::CHECKPOINT);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(room_->Show(reply.run()).parent_step(), int64_t{7});
  }

  void aRecordingIsAskedForStoredAndTold() {
    const std::string run = Begin(2);
    auto workers = Running(run, 2);
    proto::ControlRunRequest request;
    request.set_run(run);
    request.set_action(proto::ControlRunRequest::SPANS);
    request.set_steps(12);
    proto::ControlRunReply reply;
    {
      grpc::ClientContext context;
      QVERIFY(room_->stub().ControlRun(&context, request, &reply).ok());
    }
    QVERIFY(reply.recording() > 0);
    for (int rank = 0; rank < 2; ++rank) {
      const auto control = workers[static_cast<size_t>(rank)]->WaitFor(proto::EngineMessage::kControl);
      QVERIFY(control.has_value() && control->control().action() == proto::Control::SPANS);
      QCOMPARE(control->control().steps(), int64_t{12});
      QCOMPARE(control->control().recording(), reply.recording());
      proto::WorkerMessage message;
      message.mutable_spans()->set_recording(reply.recording());
      message.mutable_spans()->set_packed(PackSpans(
          {.rank = rank,
           .recording = reply.recording(),
           .first_step = 6,
           .steps = 12,
           .spans = {{.kind = SpanKind::kForward, .step = 6, .begin_seconds = 1, .end_seconds = 2}}}));
      workers[static_cast<size_t>(rank)]->Send(message);
    }
    const auto told = [&] {
      const auto events = room_->Events(run);
      return std::count_if(events.begin(), events.end(),
                           [](const proto::RunEvent& event) { return event.kind() == "timeline"; });
    };
    QVERIFY(Eventually([&] { return told() == 1; }));
    proto::GetTimelineRequest wanted;
    wanted.set_run(run);
    wanted.set_rank(1);
    proto::GetTimelineReply timeline;
    grpc::ClientContext context;
    QVERIFY(room_->stub().GetTimeline(&context, wanted, &timeline).ok());
    QCOMPARE(timeline.recordings(0).ranks_size(), 2);
    QCOMPARE(UnpackSpans(timeline.packed())->rank, 1);
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  void aRecordingDoesNotWaitForAWorkerThatIsLost() {
    QVERIFY(room_->Start().ok());
    Json spec = Json::parse(room_->Spec(3));
    spec["exchange"] = {{"kind", "parameter-server"}, {"mode", "async"}};
    const std::string run = room_->Submit(spec.dump());
    QVERIFY(PuppetStage::Get().WaitForLaunch(3));
    auto workers = Running(run, 3);
    proto::ControlRunRequest request;
    request.set_run(run);
    request.set_action(proto::ControlRunRequest::SPANS);
    proto::ControlRunReply reply;
    grpc::ClientContext context;
    QVERIFY(room_->stub().ControlRun(&context, request, &reply).ok());
    for (const int rank : {0, 2}) {
      proto::WorkerMessage message;
      message.mutable_spans()->set_recording(reply.recording());
      message.mutable_spans()->set_packed(PackSpans({.rank = rank, .recording = reply.recording()}));
      workers[static_cast<size_t>(rank)]->Send(message);
    }
    QVERIFY(Eventually([&] {
      proto::GetTimelineRequest wanted;
      wanted.set_run(run);
      wanted.set_rank(-1);
      proto::GetTimelineReply timeline;
      grpc::ClientContext asked;
      return room_->stub().GetTimeline(&asked, wanted, &timeline).ok() && timeline.recordings_size() == 1 &&
             timeline.recordings(0).ranks_size() == 2;
    }));
    workers[1]->HangUp();
    PuppetStage::Get().Exit(1, {.signal = 9});
    Json told;
    QVERIFY(Eventually([&] {
      for (const proto::RunEvent& event : room_->Events(run))
        if (event.kind() == "timeline") told = Json::parse(event.json());
      return !told.is_null();
    }));
    QCOMPARE(told["ranks"].get<int>(), 2);
    QCOMPARE(told["error"].get<std::string>(), std::string());
  }

  void aRecordingThatNobodyAskedForEndsTheRun() {
    const std::string run = Begin(1);
    auto workers = Running(run, 1);
    proto::WorkerMessage message;
    message.mutable_spans()->set_recording(1);
    message.mutable_spans()->set_packed(PackSpans({.rank = 0, .recording = 1}));
    workers[0]->Send(message);
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(absl::StrContains(room_->Show(run).error(), "broke the protocol"));
  }

 private:
  std::string Begin(int workers) {
    room_->options().cores = 8;  // a run and its fork go side by side
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
  void WriteCheckpoints(const std::string& run, int64_t step, int ranks) {
    const std::string folder = CheckpointFolder(room_->run_folder(run), step);
    CheckpointManifest manifest{.step = step, .in_step = true, .parts = {}};
    for (int rank = 0; rank < ranks; ++rank) {
      Checkpoint checkpoint{.step = step, .rank = rank, .world_size = ranks};
      checkpoint.spec_json = room_->Show(run).spec_json();
      checkpoint.parameters = {static_cast<float>(rank)};
      const auto part = WriteCheckpoint(folder, checkpoint);
      QVERIFY2(part.ok(), std::string(part.status().message()).c_str());
      manifest.parts.push_back({.step = step, .bytes = part->bytes, .sha256 = part->sha256});
    }
    QVERIFY(WriteCheckpointManifest(Disk::Real(), folder, manifest).ok());
  }
  grpc::Status Fork(const std::string& run, int64_t step, const std::vector<std::string>& changes,
                    proto::SubmitReply& reply) {
    proto::ForkRequest request;
    request.set_run(run);
    request.set_step(step);
    for (const std::string& change : changes) request.add_changes(change);
    grpc::ClientContext context;
    return room_->stub().Fork(&context, request, &reply);
  }

  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(ForkTest)

}  // namespace concertina::fork_test

#include "fork_test.moc"
