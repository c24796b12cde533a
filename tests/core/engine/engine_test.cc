// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_test.cc: the engine through its service: what it answers, what it refuses, what it keeps over its
// end.
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "core/proto/engine_launch.h"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/written_checkpoint.h"
#include "tests/test_program.h"

namespace concertina::engine_test {

using Action = proto::ControlRunRequest;

class EngineTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void isFoundOnItsHomeAndOnlyWhileItRuns() {
    QCOMPARE(FindEngine(room_->options().home).status().code(), absl::StatusCode::kUnavailable);
    QVERIFY(room_->Start().ok());
    QCOMPARE(*FindEngine(room_->options().home), room_->engine().address());
    struct stat found = {};
    QCOMPARE(stat(room_->engine().address().substr(5).c_str(), &found), 0);
    QCOMPARE(found.st_mode & 0777, mode_t{0600});
    const proto::EngineStatus status = Status();
    QCOMPARE(status.version(), std::string(CONCERTINA_VERSION));
    QCOMPARE(status.home(), room_->options().home);
    QCOMPARE(status.pid(), static_cast<int64_t>(getpid()));
    room_->End();
    QCOMPARE(FindEngine(room_->options().home).status().code(), absl::StatusCode::kUnavailable);
  }

  void aSecondOneIsRefusedAndTheFirstGoesOn() {
    QVERIFY(room_->Start().ok());
    const auto second = Engine::Start(room_->options());
    QCOMPARE(second.status().code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY(absl::StrContains(second.status().message(), room_->options().home));
    QCOMPARE(Status().runs_active(), int64_t{0});
    QCOMPARE(*FindEngine(room_->options().home), room_->engine().address());
  }

  void aDatabaseThatIsNoneIsLeftAlone() {
    QVERIFY(room_->Start().ok());
    room_->End();
    const QString path = QString::fromStdString(room_->options().home + "/concertina.db");
    const QByteArray rubbish(8192, 'x');
    {
      QFile file(path);
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
      file.write(rubbish);
    }
    QFile::remove(path + "-wal");
    const absl::Status status = room_->Start();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), rubbish);
  }

  void endsByItselfWhenNobodyIsThere() {
    room_->options().idle_exit_seconds = 0.2;
    QVERIFY(room_->Start().ok());
    grpc::ClientContext context;
    const auto reader = WatchRuns(context);
    QVERIFY(!room_->engine().Wait(Deadline::After(0.6)));  // somebody looks
    context.TryCancel();
    QVERIFY(room_->engine().Wait(Deadline::After(kPatienceSeconds)));
  }

  void staysWhileARunGoesOn() {
    room_->options().idle_exit_seconds = 0.2;
    QVERIFY(room_->Start().ok());
    QVERIFY(!room_->Launched(1).empty());
    QVERIFY(!room_->engine().Wait(Deadline::After(0.6)));
  }

  void shutdownIsRefusedWhileRunsGoUnlessTheyAreToStop() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(1);
    QCOMPARE(Shutdown(false).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY(Shutdown(true).ok());
    QVERIFY(room_->engine().Wait(Deadline::After(kPatienceSeconds)));
    QVERIFY(PuppetStage::Get().AllGone());
    room_->End();
    QVERIFY(room_->Start().ok());
    QCOMPARE(room_->Show(run).state(), proto::STOPPED);
  }

  void faultsAreToldAllAtOnceAndNothingIsStored() {
    QVERIFY(room_->Start().ok());
    Json spec = Json::parse(room_->Spec(2));
    spec["optimizer"] = {{"kind", "sgdd"}};
    spec["training"]["batch_size"] = -1;
    spec["workers"][0]["count"] = 3;
    proto::SubmitRequest request;
    request.set_spec_json(spec.dump());
    proto::SubmitReply reply;
    grpc::ClientContext context;
    QVERIFY(room_->stub().Submit(&context, request, &reply).ok());
    QCOMPARE(reply.run(), std::string());
    std::set<std::string> pointers;
    for (const auto& fault : reply.faults()) pointers.insert(fault.pointer());
    QVERIFY(pointers.contains("/optimizer/kind"));
    QVERIFY(pointers.contains("/training/batch_size"));
    QVERIFY(pointers.size() >= 3);
    QCOMPARE(Status().runs_stored(), int64_t{0});
    QCOMPARE(PuppetStage::Get().launches(), 0);
  }

  void faultsOfTheDataAreFaultsToo() {
    QVERIFY(room_->Start().ok());
    Json spec = Json::parse(room_->Spec(1));
    spec["dataset"]["path"] = "/nonexistent/table.csv";
    proto::SpecRequest request;
    request.set_spec_json(spec.dump());
    proto::ValidateReply reply;
    grpc::ClientContext context;
    QVERIFY(room_->stub().Validate(&context, request, &reply).ok());
    QVERIFY(!reply.valid());
    QCOMPARE(reply.faults_size(), 1);
    QVERIFY(absl::StartsWith(reply.faults(0).pointer(), "/dataset"));
  }

  void aValidSpecComesBackWhole() {
    QVERIFY(room_->Start().ok());
    proto::SpecRequest request;
    request.set_spec_json(room_->Spec(2));
    proto::ValidateReply valid;
    proto::PlanReply plan;
    grpc::ClientContext first, second;
    QVERIFY(room_->stub().Validate(&first, request, &valid).ok());
    QVERIFY(valid.valid());
    QVERIFY(Json::parse(valid.spec_json())["optimizer"].contains("learning_rate"));
    QVERIFY(room_->stub().MakePlan(&second, request, &plan).ok());
    QCOMPARE(Json::parse(plan.json())["world_size"].get<int>(), 2);
  }

  void samplesOfADatasetAreSeen() {
    QVERIFY(room_->Start().ok());
    proto::GetSamplesRequest request;
    request.set_spec_json(room_->Spec(2));
    request.set_count(3);
    proto::GetSamplesReply reply;
    grpc::ClientContext first, second, third;
    QVERIFY(room_->stub().GetSamples(&first, request, &reply).ok());
    QCOMPARE(reply.faults_size(), 0);
    QCOMPARE(reply.samples_size(), 3);
    QVERIFY(reply.available() > 3);
    request.set_worker(2);
    const grpc::Status status = room_->stub().GetSamples(&second, request, &reply);
    QCOMPARE(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY(absl::StrContains(status.error_message(), "from 0 to 1"));
    request.set_spec_json(R"({"dataset": {"kind": "mnits"}})");
    QVERIFY(room_->stub().GetSamples(&third, request, &reply).ok());
    QVERIFY(reply.faults_size() > 0);
    QCOMPARE(reply.samples_size(), 0);
  }

  void describesWhatThereIs() {
    QVERIFY(room_->Start().ok());
    QVERIFY(Describe("", "")["categories"].size() > 5);
    const Json one = Describe("launcher", "local");
    QCOMPARE(one["categories"].size(), size_t{1});
    QCOMPARE(one["categories"][0]["components"][0]["kind"].get<std::string>(), std::string("local"));
    QCOMPARE(Describe("experiment", "training")["categories"][0]["components"].size(), size_t{1});
    proto::DescribeRequest request;
    request.set_category("launcher");
    request.set_kind("locall");
    proto::DescribeReply reply;
    grpc::ClientContext context;
    const grpc::Status status = room_->stub().Describe(&context, request, &reply);
    QCOMPARE(status.error_code(), grpc::StatusCode::NOT_FOUND);
    QVERIFY(absl::StrContains(status.error_message(), "\"local\" meant"));
  }

  void aWatcherSeesTheRunToItsEnd() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(2);
    grpc::ClientContext context;
    proto::WatchRequest request;
    request.set_run(run.substr(0, run.size() - 2));  // its beginning will do
    request.set_metrics(true);
    const auto reader = room_->stub().Watch(&context, request);
    proto::WatchMessage message;
    QVERIFY(reader->Read(&message));
    QCOMPARE(message.summary().run(), run);
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 20);
    PuppetStage::Get().Say(0, "a line");
    std::vector<int64_t> steps;
    bool line = false, event = false;
    std::thread finish([&] {
      room_->WaitForState(run, proto::RUNNING);
      for (int rank = 0; rank < 2; ++rank) {
        workers[static_cast<size_t>(rank)]->Steps(20, 5);
        workers[static_cast<size_t>(rank)]->Finished(25);
        workers[static_cast<size_t>(rank)]->WaitFor(proto::EngineMessage::kGoodbye);
        PuppetStage::Get().Exit(rank, {});
      }
    });
    proto::RunSummary last;
    while (reader->Read(&message)) {
      if (message.has_summary()) last = message.summary();
      line |= message.log().line() == "a line";
      event |= message.event().kind() == "state";
      for (const auto& column : message.metrics().columns()) {
        QCOMPARE(column.rank(), -1);
        QCOMPARE(column.values_size(), message.metrics().steps_size());
      }
      steps.insert(steps.end(), message.metrics().steps().begin(), message.metrics().steps().end());
    }
    finish.join();
    QVERIFY(reader->Finish().ok());
    QCOMPARE(last.state(), proto::FINISHED);  // the last word is the last state
    QCOMPARE(last.steps(), int64_t{25});
    QVERIFY(line && event);
    QCOMPARE(steps.size(), size_t{25});
    QVERIFY(std::is_sorted(steps.begin(), steps.end()));
  }

  void watchingWhatHasEndedEndsAtOnce() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    grpc::ClientContext context, unknown;
    proto::WatchRequest request;
    request.set_run(run);
    const auto reader = room_->stub().Watch(&context, request);
    proto::WatchMessage message;
    QVERIFY(reader->Read(&message));
    QCOMPARE(message.summary().state(), proto::FINISHED);
    QVERIFY(!reader->Read(&message));
    QVERIFY(reader->Finish().ok());
    request.set_run("nothing");
    const auto none = room_->stub().Watch(&unknown, request);
    QVERIFY(!none->Read(&message));
    QCOMPARE(none->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  }

  void whoWatchesAllRunsSeesThemComeAndGo() {
    QVERIFY(room_->Start().ok());
    grpc::ClientContext context;
    const auto reader = WatchRuns(context);
    const std::string run = Finished();
    proto::RunSummary summary;
    while (summary.state() != proto::FINISHED) QVERIFY(reader->Read(&summary));
    QCOMPARE(summary.run(), run);
    proto::RunRequest request;
    request.set_run(run);
    proto::DeleteRunReply reply;
    grpc::ClientContext deletion;
    QVERIFY(room_->stub().DeleteRun(&deletion, request, &reply).ok());
    QVERIFY(reader->Read(&summary));
    QCOMPARE(summary.run(), run);
    QCOMPARE(summary.state(), proto::RUN_STATE_UNSPECIFIED);
    room_->End();  // an engine that ends tells those who look on
    while (reader->Read(&summary)) {
    }
    QCOMPARE(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }

  void aResumedRunGoesOnFromItsCheckpoint() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(2);
    const std::string old_token = PuppetStage::Get().RequestOf(0).token;
    auto workers = PuppetWorker::AllReady(2);
    const std::string checkpoint = room_->run_folder(run) + "/checkpoints/step-000000000006";
    for (auto& worker : workers) {
      worker->Steps(0, 6);
      worker->Evaluation(6, 0.5);  // of the parameters that the checkpoint holds
      worker->Steps(6, 4);
    }
    QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), 6, 2, 2));
    workers[0]->Checkpoint(6, checkpoint);
    QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), 9, 2, 1));  // one rank had no time for it
    workers[0]->Failed(absl::StatusCode::kInternal, "broken");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QCOMPARE(room_->Show(run).bytes_sent(), uint64_t{2000});
    workers.clear();

    QVERIFY(room_->Control(run, Action::RESUME).ok());
    QVERIFY(PuppetStage::Get().WaitForLaunch(4));
    PuppetWorker late(PuppetStage::Get().RequestOf(0).engine_address);
    late.Hello(run, 0, old_token);  // a worker of the first attempt
    QCOMPARE(late.WaitForEnd()->error_code(), grpc::StatusCode::PERMISSION_DENIED);
    workers = PuppetWorker::AllReady(2);
    QCOMPARE(workers[1]->assignment().checkpoint(), checkpoint);
    QCOMPARE(workers[1]->assignment().incarnation(), 2U);
    QCOMPARE(room_->Series(run, "train/loss").x_size(), 6);
    QCOMPARE(room_->Series(run, "test/accuracy").mean_size(), 1);
    for (auto& worker : workers) {
      worker->Steps(6, 10);
      worker->Finished(16);
    }
    PuppetStage::Get().Exit(0, {});
    PuppetStage::Get().Exit(1, {});
    QVERIFY(room_->WaitForState(run, proto::FINISHED));
    const proto::RunSummary summary = room_->Show(run);
    QCOMPARE(summary.attempt(), 2U);
    QCOMPARE(summary.error(), std::string());
    QCOMPARE(summary.steps(), int64_t{16});
    QCOMPARE(summary.bytes_sent(), uint64_t{3200});
    const proto::GetSeriesReply loss = room_->Series(run, "train/loss");
    QCOMPARE(loss.x_size(), 16);
    for (int i = 0; i < 16; ++i) QCOMPARE(loss.x(i), static_cast<double>(i));
    QCOMPARE(room_->Series(run, "comm/bytes_total").mean(15), 3200.0);
    QCOMPARE(room_->Control(run, Action::RESUME).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  }

  void aDamagedCheckpointIsPassedOverForTheOneBefore() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(2);
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 10);
    for (const int64_t step : {4, 8}) {
      QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), step, 2, 2));
      workers[0]->Checkpoint(step, CheckpointFolder(room_->run_folder(run), step));
    }
    workers[0]->Failed(absl::StatusCode::kInternal, "broken");
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QCOMPARE(room_->Show(run).last_checkpoint_step(), int64_t{8});
    workers.clear();
    QFile part(QString::fromStdString(CheckpointFile(CheckpointFolder(room_->run_folder(run), 8), 1)));
    QVERIFY(part.open(QIODevice::ReadWrite) && part.seek(part.size() - 70));
    QVERIFY(part.putChar('\x55'));
    part.close();

    QVERIFY(room_->Control(run, Action::RESUME).ok());
    QVERIFY(PuppetStage::Get().WaitForLaunch(4));
    workers = PuppetWorker::AllReady(2);
    QCOMPARE(workers[0]->assignment().checkpoint(), CheckpointFolder(room_->run_folder(run), 4));
    QCOMPARE(room_->Show(run).last_checkpoint_step(), int64_t{4});
    std::string told;
    for (const proto::RunEvent& event : room_->Events(run))
      if (absl::StrContains(event.message(), "passed over")) told = event.message();
    QVERIFY2(absl::StrContains(told, "from step 4") && absl::StrContains(told, "before step 8") &&
                 absl::StrContains(told, "rank-1") && absl::StrContains(told, "SHA-256"),
             told.c_str());
  }

  void aPauseForWantOfRoomSaysWhyAndEndsByItself() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(1);
    auto workers = PuppetWorker::AllReady(1);
    workers[0]->Steps(0, 3);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    proto::WorkerMessage message;
    message.mutable_state()->set_state("paused");
    message.mutable_state()->set_reason("rank 0: no space left");
    workers[0]->Send(message);
    QVERIFY(room_->WaitForState(run, proto::PAUSED));
    QCOMPARE(room_->Show(run).pause_reason(), std::string("rank 0: no space left"));
    QCOMPARE(room_->Events(run).back().kind(), std::string("paused"));
    QCOMPARE(room_->Events(run).back().message(), std::string("rank 0: no space left"));
    message.mutable_state()->set_state("running");
    message.mutable_state()->clear_reason();
    workers[0]->Send(message);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    QCOMPARE(room_->Show(run).pause_reason(), std::string());
    QVERIFY(room_->Control(run, Action::KILL).ok());
  }

  void withoutACheckpointThereIsNothingToResume() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(1);
    QVERIFY(room_->Control(run, Action::KILL).ok());
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    const grpc::Status status = room_->Control(run, Action::RESUME);
    QCOMPARE(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QVERIFY(absl::StrContains(status.error_message(), "checkpoint_every_steps"));
  }

  // A copy of the home, taken while the run goes on, is what an engine that is killed leaves.
  void whatAKilledEngineLeftIsFoundAndToldAndTheQueueGoesOn() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(4);
    auto workers = PuppetWorker::AllReady(4);
    for (auto& worker : workers) worker->Steps(0, 10);
    QVERIFY(room_->WaitForState(run, proto::RUNNING));
    const std::string waits = room_->Submit(room_->Spec(1, "the next"));
    QCOMPARE(room_->Series(run, "train/loss").x_size(), 10);  // and so in the store
    const std::string copy = room_->path("copy");
    QVERIFY(mkdir(copy.c_str(), 0700) == 0);
    // Transactions come at most every 200 ms: both runs must be in the files.
    QVERIFY(Eventually([&] {
      for (const char* name : {"/concertina.db", "/concertina.db-wal"}) {
        QFile::remove(QString::fromStdString(copy + name));
        QFile::copy(QString::fromStdString(room_->options().home + name),
                    QString::fromStdString(copy + name));
      }
      const auto store = Store::Open(copy + "/concertina.db");
      return store.ok() && (*store)->Runs()->size() == 2 &&
             (*store)->ReadSeries(run, "train/loss", kWholeRun, 0, 100, 0).ok();
    }));
    workers.clear();
    room_->End();
    PuppetStage::Get().Clear();

    // Written in the last moment, and never told.
    QVERIFY(WriteWholeCheckpoint(copy + "/runs/" + run, 8, 4, 4));
    room_->options().home = copy;
    QVERIFY(room_->Start().ok());
    const proto::RunSummary left = room_->Show(run);
    QCOMPARE(left.state(), proto::FAILED);
    QVERIFY2(absl::StrContains(left.error(), "the engine ended"), left.error().c_str());
    QVERIFY2(absl::StrContains(left.error(), "from step 8"), left.error().c_str());
    QCOMPARE(left.last_checkpoint_step(), int64_t{8});
    QVERIFY(left.ended_unix_ms() > 0);
    QCOMPARE(room_->Series(run, "train/loss").x_size(), 10);
    QCOMPARE(room_->Events(run).back().kind(), std::string("state"));
    QVERIFY(room_->WaitForState(waits, proto::STARTING));  // it had not begun: it is as it was
    QVERIFY(PuppetStage::Get().WaitForLaunch(1));
  }

  void everyFormatIsExported_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("holds");
    QTest::newRow("csv") << "csv"
                         << "series.csv" << QByteArray("train/loss");
    QTest::newRow("json") << "json"
                          << "run.json" << QByteArray("comm/bytes_total");
    QTest::newRow("html") << "html"
                          << "run.html" << QByteArray("<svg");
    QTest::newRow("safetensors") << "safetensors"
                                 << "parameters.safetensors" << QByteArray("not really");
  }
  void everyFormatIsExported() {
    QFETCH(QString, format);
    QFETCH(QString, file);
    QFETCH(QByteArray, holds);
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    // Larger than a piece, and not a multiple of one.
    QByteArray parameters = "not really" + QByteArray(600'001, 'p');
    QFile out(QString::fromStdString(room_->run_folder(run) + "/parameters.safetensors"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(parameters);
    out.close();
    QByteArray data;
    std::vector<std::string> names;
    const grpc::Status status = Export(run, format.toStdString(), names, data);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(names, (std::vector<std::string>{file.toStdString()}));
    QVERIFY(data.contains(holds));
    if (format == "safetensors") QCOMPARE(data, parameters);
  }
  void whatCannotBeExportedIsTold() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    QByteArray data;
    std::vector<std::string> names;
    const grpc::Status unknown = Export(run, "tensorbord", names, data);
    QCOMPARE(unknown.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    QVERIFY(absl::StrContains(unknown.error_message(), "\"tensorboard\" meant"));
    QCOMPARE(Export(run, "onnx", names, data).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    QCOMPARE(Export("none", "csv", names, data).error_code(), grpc::StatusCode::NOT_FOUND);
  }

  void seriesAreListedWithTheirRanks() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    proto::ListSeriesRequest request;
    request.set_run(run);
    proto::ListSeriesReply reply;
    grpc::ClientContext context;
    QVERIFY(room_->stub().ListSeries(&context, request, &reply).ok());
    std::map<std::string, std::vector<int>> ranks;
    for (const auto& series : reply.series())
      ranks[series.name()] = {series.ranks().begin(), series.ranks().end()};
    QCOMPARE(ranks["train/loss"], (std::vector<int>{-1, 0, 1}));
    QCOMPARE(ranks["comm/bytes_total"], (std::vector<int>{-1}));
  }

  void wrongRequestsAreAnsweredAndHarmNothing() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    for (const std::string& name : {std::string(), std::string("../../etc"), std::string(100000, 'x')}) {
      proto::RunRequest request;
      request.set_run(name);
      proto::RunSummary summary;
      proto::DeleteRunReply deleted;
      grpc::ClientContext a, b;
      QVERIFY(!room_->stub().GetRun(&a, request, &summary).ok());
      QVERIFY(!room_->stub().DeleteRun(&b, request, &deleted).ok());
    }
    for (const char* text : {"", "null", "[", "{\"training\": 5}", "{\"workers\": [{\"launcher\": {}}]}"}) {
      proto::SubmitRequest request;
      request.set_spec_json(text);
      proto::SubmitReply reply;
      grpc::ClientContext context;
      QVERIFY(room_->stub().Submit(&context, request, &reply).ok());
      QVERIFY2(reply.faults_size() > 0 && reply.run().empty(), text);
    }
    proto::SubmitRequest large;
    large.set_spec_json(std::string(20 << 20, ' '));
    proto::SubmitReply reply;
    grpc::ClientContext context;
    QCOMPARE(room_->stub().Submit(&context, large, &reply).error_code(),
             grpc::StatusCode::RESOURCE_EXHAUSTED);
    QCOMPARE(room_->Control(run, Action::NONE).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    proto::GetLogRequest log;
    log.set_run(run);
    log.set_rank(7);
    proto::GetLogReply lines;
    grpc::ClientContext logs;
    QCOMPARE(room_->stub().GetLog(&logs, log, &lines).error_code(), grpc::StatusCode::NOT_FOUND);
    QCOMPARE(Status().runs_stored(), int64_t{1});
  }

 private:
  proto::EngineStatus Status() {
    proto::EngineStatus status;
    grpc::ClientContext context;
    room_->stub().Status(&context, {}, &status);
    return status;
  }
  grpc::Status Shutdown(bool stop_runs) {
    proto::ShutdownRequest request;
    request.set_stop_runs(stop_runs);
    proto::ShutdownReply reply;
    grpc::ClientContext context;
    return room_->stub().Shutdown(&context, request, &reply);
  }
  Json Describe(const std::string& category, const std::string& kind) {
    proto::DescribeRequest request;
    request.set_category(category);
    request.set_kind(kind);
    proto::DescribeReply reply;
    grpc::ClientContext context;
    room_->stub().Describe(&context, request, &reply);
    return Json::parse(reply.json(), nullptr, false);
  }
  // Open for certain: the engine says so before anything else.
  std::unique_ptr<grpc::ClientReader<proto::RunSummary>> WatchRuns(grpc::ClientContext& context) {
    auto reader = room_->stub().WatchRuns(&context, {});
    reader->WaitForInitialMetadata();
    return reader;
  }
  grpc::Status Export(const std::string& run, const std::string& format, std::vector<std::string>& names,
                      QByteArray& data) {
    proto::ExportRequest request;
    request.set_run(run);
    request.set_format(format);
    grpc::ClientContext context;
    const auto reader = room_->stub().Export(&context, request);
    proto::ExportChunk chunk;
    while (reader->Read(&chunk)) {
      if (!chunk.file_name().empty()) names.push_back(chunk.file_name());
      data += QByteArray::fromStdString(chunk.data());
    }
    return reader->Finish();
  }
  // A run of two workers and ten steps, from beginning to end.
  std::string Finished() {
    const std::string run = room_->Launched(2);
    auto workers = PuppetWorker::AllReady(2);
    for (int rank = 0; rank < 2; ++rank) {
      workers[static_cast<size_t>(rank)]->Steps(0, 10);
      workers[static_cast<size_t>(rank)]->Finished(10);
      workers[static_cast<size_t>(rank)]->WaitFor(proto::EngineMessage::kGoodbye);
      PuppetStage::Get().Exit(rank, {});
    }
    return room_->WaitForState(run, proto::FINISHED) ? run : "";
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(EngineTest)

}  // namespace concertina::engine_test

#include "engine_test.moc"
