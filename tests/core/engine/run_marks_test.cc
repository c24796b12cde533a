// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks_test.cc: tags, notes, pin and bin, as rules and through the engine, over its end.
#include "core/engine/run_marks.h"

#include "absl/strings/match.h"
#include "tests/core/engine/engine_room.h"
#include "tests/core/store/failing_disk.h"
#include "tests/test_program.h"

namespace concertina::run_marks_test {

class RunMarksTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void tags_data() {
    QTest::addColumn<QString>("tag");
    QTest::addColumn<QString>("kept");  // "": refused
    QTest::newRow("a word") << "ablation"
                            << "ablation";
    QTest::newRow("two words") << "two words"
                               << "two words";
    QTest::newRow("blanks around") << "  lr "
                                   << "lr";
    QTest::newRow("from right to left") << QString::fromUtf8("ניסוי") << QString::fromUtf8("ניסוי");
    QTest::newRow("nothing") << ""
                             << "";
    QTest::newRow("blanks") << "   "
                            << "";
    QTest::newRow("a comma") << "a,b"
                             << "";
    QTest::newRow("a quotation mark") << "a\"b"
                                      << "";
    QTest::newRow("a line's end") << "a\nb"
                                  << "";
    QTest::newRow("the longest") << QString(100, 'x') << QString(100, 'x');
    QTest::newRow("too long") << QString(101, 'x') << "";
  }
  void tags() {
    QFETCH(QString, tag);
    QFETCH(QString, kept);
    const absl::StatusOr<std::string> checked = CheckTag(tag.toStdString());
    QCOMPARE(checked.ok(), !kept.isEmpty());
    if (checked.ok()) QCOMPARE(*checked, kept.toStdString());
  }
  void bytesThatAreNoTextAreNoTag() { QVERIFY(!CheckTag("\xff\xfe").ok()); }

  void aRequestChangesWhatItNames() {
    proto::RunMarks marks;
    marks.add_tags("a");
    marks.add_tags("b");
    marks.set_note("old");
    marks.set_deleted_unix_ms(5);
    proto::MarkRunsRequest request;
    request.add_add_tags("c");
    request.add_add_tags("a");  // has it already
    request.add_remove_tags("b");
    request.add_remove_tags("never there");
    request.set_color(3);
    const auto changed = ChangeMarks(marks, request);
    QVERIFY(changed.ok());
    QCOMPARE(TagsText(*changed), std::string("a, c"));
    QCOMPARE(changed->note(), std::string("old"));
    QCOMPARE(changed->color(), 3U);
    QCOMPARE(changed->deleted_unix_ms(), int64_t{5});
    request.set_note(std::string(kMostNoteBytes + 1, 'x'));
    QCOMPARE(ChangeMarks(marks, request).status().code(), absl::StatusCode::kInvalidArgument);
    request.set_note("");
    request.set_color(kMostColor + 1);
    QCOMPARE(ChangeMarks(marks, request).status().code(), absl::StatusCode::kInvalidArgument);
    request.set_color(0);
    for (int i = 0; i < kMostTags; ++i) request.add_add_tags("tag " + std::to_string(i));
    QCOMPARE(ChangeMarks(marks, request).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void names_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("kept");  // "": refused
    QTest::newRow("words") << QByteArray("LeNet-5, warm-up") << QByteArray("LeNet-5, warm-up");
    QTest::newRow("blanks around") << QByteArray("  a \t") << QByteArray("a");
    QTest::newRow("nothing") << QByteArray(" ") << QByteArray();
    QTest::newRow("two lines") << QByteArray("a\nb") << QByteArray();
    QTest::newRow("no text") << QByteArray("\xff\xfe") << QByteArray();
    QTest::newRow("the longest") << QByteArray(300, 'x') << QByteArray(300, 'x');
    QTest::newRow("too long") << QByteArray(301, 'x') << QByteArray();
  }
  void names() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, kept);
    const absl::StatusOr<std::string> checked = CheckRunName(name.toStdString());
    QCOMPARE(checked.ok(), !kept.isEmpty());
    if (checked.ok()) QCOMPARE(*checked, kept.toStdString());
  }

  // Over the end of the engine, and without a change of what was run.
  void aRunHasAnotherName() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished(), other = Finished();
    const proto::RunSummary before = room_->Show(run);
    proto::MarkRunsRequest request;
    request.add_runs(run);
    request.set_name("  the one of the paper ");
    QVERIFY(Mark(request).ok());
    QCOMPARE(room_->Show(run).name(), std::string("the one of the paper"));
    request.set_name("");
    QCOMPARE(Mark(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    request.set_name("one for two");
    request.add_runs(other);
    QCOMPARE(Mark(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    room_->End();
    QVERIFY(room_->Start().ok());
    const proto::RunSummary after = room_->Show(run);
    QCOMPARE(after.name(), std::string("the one of the paper"));
    QCOMPARE(after.spec_json(), before.spec_json());
    QCOMPARE(room_->Show(other).name(), before.name());
  }

  void marksOutliveTheEngineAndOneRunIsPinned() {
    QVERIFY(room_->Start().ok());
    const std::string first = Finished(), second = Finished();
    proto::MarkRunsRequest request;
    request.add_runs(first);
    request.add_runs(second);
    request.add_add_tags("both");
    request.set_note("why");
    QVERIFY(Mark(request).ok());
    QVERIFY(Pin(first).ok());
    QVERIFY(room_->Show(first).marks().pinned());
    QVERIFY(Pin(second).ok());
    QVERIFY(!room_->Show(first).marks().pinned());
    room_->End();
    QVERIFY(room_->Start().ok());
    QCOMPARE(room_->Show(first).marks().note(), std::string("why"));
    QCOMPARE(TagsText(room_->Show(second).marks()), std::string("both"));
    QVERIFY(room_->Show(second).marks().pinned());
    QVERIFY(!room_->Show(first).marks().pinned());
  }

  void allOrNone() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    proto::MarkRunsRequest request;
    request.add_runs(run);
    request.add_runs("no-such-run");
    request.add_add_tags("x");
    QCOMPARE(Mark(request).error_code(), grpc::StatusCode::NOT_FOUND);
    QVERIFY(room_->Show(run).marks().tags().empty());
    request.clear_runs();
    QCOMPARE(Mark(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }

  void aRunThatGoesOnIsMarkedToo() {
    QVERIFY(room_->Start().ok());
    const std::string run = room_->Launched(1);
    proto::MarkRunsRequest request;
    request.add_runs(run);
    request.add_add_tags("live");
    QVERIFY(Mark(request).ok());
    QCOMPARE(TagsText(room_->Show(run).marks()), std::string("live"));
    proto::MarkRunsRequest rename;
    rename.add_runs(run);
    rename.set_name("live too");
    QVERIFY(Mark(rename).ok());
    QCOMPARE(room_->Show(run).name(), std::string("live too"));
    QVERIFY(room_->Control(run, proto::ControlRunRequest::KILL).ok());
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    QCOMPARE(TagsText(room_->Show(run).marks()), std::string("live"));
    QCOMPARE(room_->Show(run).name(), std::string("live too"));
  }

  void whatWasDeletedComesBackWhole() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    QVERIFY(Pin(run).ok());
    const proto::RunSummary before = room_->Show(run);
    QVERIFY(Delete(run).ok());
    QCOMPARE(List(false), std::vector<std::string>{});
    QCOMPARE(List(true), std::vector<std::string>{run});
    room_->End();  // the bin outlives the engine
    QVERIFY(room_->Start().ok());
    QCOMPARE(List(true), std::vector<std::string>{run});
    QVERIFY(Restore(run).ok());
    QCOMPARE(List(true), std::vector<std::string>{});
    const proto::RunSummary after = room_->Show(run);
    QCOMPARE(after.state(), before.state());
    QCOMPARE(after.steps(), before.steps());
    QCOMPARE(after.spec_json(), before.spec_json());
    QCOMPARE(after.marks().SerializeAsString(), before.marks().SerializeAsString());
    QVERIFY(room_->Events(run).size() > 0);
    QCOMPARE(Restore(run).error_code(), grpc::StatusCode::NOT_FOUND);
  }

  void theBinIsEmptied() {
    QVERIFY(room_->Start().ok());
    const std::string first = Finished(), second = Finished(), kept = Finished();
    for (const std::string& run : {first, second}) QVERIFY(Delete(run).ok());
    proto::EmptyBinReply reply;
    QVERIFY(EmptyBin({first, first}, reply).ok());
    QCOMPARE(reply.runs(), int64_t{1});
    QVERIFY(!QFile::exists(QString::fromStdString(room_->run_folder(first))));
    QVERIFY(QFile::exists(QString::fromStdString(room_->run_folder(second))));
    QVERIFY(EmptyBin({}, reply).ok());
    QCOMPARE(reply.runs(), int64_t{1});
    QVERIFY(!QFile::exists(QString::fromStdString(room_->run_folder(second))));
    QVERIFY(EmptyBin({}, reply).ok());
    QCOMPARE(reply.runs(), int64_t{0});
    QCOMPARE(EmptyBin({kept}, reply).error_code(), grpc::StatusCode::NOT_FOUND);  // it is not in the bin
    QCOMPARE(List(false), std::vector<std::string>{kept});
    QCOMPARE(Restore(first).error_code(), grpc::StatusCode::NOT_FOUND);
  }

  // A power cut may bring the run back then.
  void filesOfARunThatMayNotBeGoneStay() {
    FailingDisk disk;
    QVERIFY(room_->Start().ok());
    const std::string run = Finished(), other = Finished();
    for (const std::string& each : {run, other}) QVERIFY(Delete(each).ok());
    proto::EmptyBinReply reply;
    disk.FailSyncs(true);
    QVERIFY(!EmptyBin({run}, reply).ok());
    QVERIFY(QFile::exists(QString::fromStdString(room_->run_folder(run))));
    disk.FailSyncs(false);
    QVERIFY(EmptyBin({other}, reply).ok());
    QVERIFY(!QFile::exists(QString::fromStdString(room_->run_folder(other))));
    room_.reset();  // before its disk
  }

  void smallCurvesOfManyRuns() {
    QVERIFY(room_->Start().ok());
    const std::string run = Finished();
    proto::SparklinesRequest request;
    request.add_runs(run);
    request.add_runs("no-such-run");
    request.set_series("train/loss");
    request.set_max_points(4);
    proto::SparklinesReply reply;
    grpc::ClientContext context;
    QVERIFY(room_->stub().GetSparklines(&context, request, &reply).ok());
    QCOMPARE(reply.sparklines_size(), 2);
    QVERIFY(reply.sparklines(0).values_size() > 0 && reply.sparklines(0).values_size() <= 4);
    QCOMPARE(reply.sparklines(1).values_size(), 0);
    for (int i = 0; i < 300; ++i) request.add_runs(run);
    grpc::ClientContext again;
    QCOMPARE(room_->stub().GetSparklines(&again, request, &reply).error_code(),
             grpc::StatusCode::INVALID_ARGUMENT);
  }

 private:
  std::string Finished() {
    const std::string run = room_->Launched(1);
    auto workers = PuppetWorker::AllReady(1);
    workers[0]->Steps(0, 10);
    workers[0]->Finished(10);
    workers[0]->WaitFor(proto::EngineMessage::kGoodbye);
    PuppetStage::Get().Exit(0, {});
    return room_->WaitForState(run, proto::FINISHED) ? run : "";
  }
  grpc::Status Mark(const proto::MarkRunsRequest& request) {
    proto::MarkRunsReply reply;
    grpc::ClientContext context;
    return room_->stub().MarkRuns(&context, request, &reply);
  }
  grpc::Status Pin(const std::string& run) {
    proto::MarkRunsRequest request;
    request.add_runs(run);
    request.set_pinned(true);
    return Mark(request);
  }
  grpc::Status Delete(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    proto::DeleteRunReply reply;
    grpc::ClientContext context;
    return room_->stub().DeleteRun(&context, request, &reply);
  }
  grpc::Status Restore(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    proto::RestoreRunReply reply;
    grpc::ClientContext context;
    return room_->stub().RestoreRun(&context, request, &reply);
  }
  grpc::Status EmptyBin(const std::vector<std::string>& runs, proto::EmptyBinReply& reply) {
    proto::EmptyBinRequest request;
    for (const std::string& run : runs) request.add_runs(run);
    reply.Clear();
    grpc::ClientContext context;
    return room_->stub().EmptyBin(&context, request, &reply);
  }
  std::vector<std::string> List(bool bin) {
    proto::ListRunsRequest request;
    request.set_bin(bin);
    proto::ListRunsReply reply;
    grpc::ClientContext context;
    if (!room_->stub().ListRuns(&context, request, &reply).ok()) return {"no answer"};
    std::vector<std::string> ids;
    for (const proto::RunSummary& run : reply.runs()) ids.push_back(run.run());
    return ids;
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(RunMarksTest)

}  // namespace concertina::run_marks_test

#include "run_marks_test.moc"
