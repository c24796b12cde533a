// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_archive_test.cc: a run as a file and back, from one home into another; a file that anybody has touched
// is refused, and leaves nothing.
#include "core/engine/run_archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <random>

#include "absl/strings/match.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/memory_store.h"
#include "tests/core/store/failing_disk.h"
#include "tests/test_program.h"

namespace concertina::run_archive_test {
namespace {

proto::RunSummary SomeRun() {
  proto::RunSummary run;
  run.set_run("20261124-031500-a1b2c3");
  run.set_name("LeNet-5");
  run.set_state(proto::FINISHED);
  run.set_spec_json("{\"seed\": 3}");
  run.set_created_unix_ms(1700000000000);
  run.set_last_checkpoint_step(7);
  run.mutable_marks()->add_tags("ablation");
  run.mutable_marks()->set_note("why");
  run.mutable_marks()->set_pinned(true);
  return run;
}

}  // namespace

class RunArchiveTest : public QObject {
  Q_OBJECT
 private slots:
  void comesBackAsItWas() {
    MemoryStore store;
    std::vector<int64_t> steps;
    std::vector<double> seconds, values;
    for (int64_t i = 0; i < 40000; ++i) {  // more than one record takes
      steps.push_back(i);
      seconds.push_back(0.1 * static_cast<double>(i));
      values.push_back(1.0 / static_cast<double>(i + 1));
    }
    store.Append("", "train/loss", kWholeRun, "", steps, seconds, values);
    store.Append("", "time/compute", 2, "s", std::span(steps).first(3), std::span(seconds).first(3),
                 std::span(values).first(3));
    const std::string large(3 << 20, 'p');
    Put("parameters.safetensors", large);
    Put("rank-0.log", "");
    Put("secret.pem", "no");  // nothing that a run's folder has besides goes along
    const QByteArray bytes = Archived(store, SomeRun());
    QVERIFY(!bytes.contains("secret"));

    MemoryStore again;
    std::map<std::string, std::string> files;
    RunArchiveVisitor visitor;
    visitor.points = [&](const SeriesDescription& series, std::span<const int64_t> s,
                         std::span<const double> t, std::span<const double> v) {
      again.Append("", series.name, series.rank, series.unit, s, t, v);
      return absl::OkStatus();
    };
    visitor.file = [&](const std::string& name, std::span<const uint8_t> piece) {
      files[name].append(piece.begin(), piece.end());
      return absl::OkStatus();
    };
    const absl::StatusOr<proto::RunSummary> run = Read(bytes, visitor);
    QVERIFY2(run.ok(), run.status().ToString().c_str());
    QCOMPARE(run->name(), std::string("LeNet-5"));
    QCOMPARE(run->marks().tags(0), std::string("ablation"));
    QCOMPARE(run->marks().note(), std::string("why"));
    QVERIFY(!run->marks().pinned());
    QCOMPARE(run->last_checkpoint_step(), int64_t{0});
    QCOMPARE(again.series.size(), size_t{2});
    const auto& loss = again.series.at({"train/loss", kWholeRun});
    QCOMPARE(loss.steps, steps);
    QCOMPARE(loss.seconds, seconds);
    QCOMPARE(loss.values, values);
    QCOMPARE(again.series.at({"time/compute", 2}).unit, std::string("s"));
    QCOMPARE(files.size(), size_t{2});
    QVERIFY(files["parameters.safetensors"] == large);
    QVERIFY(files.contains("rank-0.log"));
  }

  void everyShorterAndEveryChangedFileIsRefused() {
    MemoryStore store;
    const int64_t step = 1;
    const double value = 2;
    store.Append("", "x", kWholeRun, "", {&step, 1}, {&value, 1}, {&value, 1});
    Put("rank-0.log", "a line");
    const QByteArray whole = Archived(store, SomeRun());
    QVERIFY(Read(whole, {}).ok());
    for (qsizetype length = 0; length < whole.size(); ++length) {
      const absl::Status status = Read(whole.left(length), {}).status();
      QVERIFY2(absl::IsDataLoss(status), qPrintable(QString("cut at %1").arg(length)));
    }
    for (qsizetype at = 0; at < whole.size(); ++at) {
      QByteArray changed = whole;
      changed[at] = char(changed[at] ^ 0x41);
      QVERIFY2(!Read(changed, {}).ok(), qPrintable(QString("changed at %1").arg(at)));
    }
    const absl::Status longer = Read(whole + "x", {}).status();
    QVERIFY2(absl::StrContains(longer.message(), "behind"), longer.ToString().c_str());
    QVERIFY(absl::StrContains(Read("PK\3\4 something else", {}).status().message(), "no run"));
  }

  // Whole, with good checksums, and still nothing that may come in.
  void whatLiesIsRefused_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("words");
    QTest::newRow("a way out of the folder") << 4 << QByteArray("../../x") << QByteArray("x") << "no file";
    QTest::newRow("a file of another kind") << 4 << QByteArray("plugin.so") << QByteArray("x") << "no file";
    QTest::newRow("no number") << 4 << QByteArray("rank-.log") << QByteArray("x") << "no file";
    QTest::newRow("a way within a name") << 4 << QByteArray("rank-/../.log") << QByteArray("x") << "no file";
    QTest::newRow("points that are none")
        << 3 << QByteArray(R"({"name":"x","unit":"","rank":-1})") << QByteArray("rubbish") << "damaged";
    QTest::newRow("a series without a name") << 3 << QByteArray("{}") << QByteArray("x") << "series";
    QTest::newRow("a rank below") << 3 << QByteArray(R"({"name":"x","unit":"","rank":-7})") << QByteArray("x")
                                  << "series";
    QTest::newRow("an event that is none") << 2 << QByteArray() << QByteArray("[1]") << "event";
    QTest::newRow("a second summary") << 1 << QByteArray() << QByteArray("x") << "summary";
  }
  void whatLiesIsRefused() {
    QFETCH(int, kind);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, content);
    QFETCH(QString, words);
    QByteArray bytes = "CNCTRUN1";
    AddRecord(bytes, 1, "", QByteArray::fromStdString(SomeRun().SerializeAsString()));
    AddRecord(bytes, uint32_t(kind), name, content);
    uint64_t records = 2;
    AddRecord(bytes, 5, "", QByteArray(reinterpret_cast<const char*>(&records), 8));
    const absl::Status status = Read(bytes, {}).status();
    QVERIFY2(absl::StrContains(status.message(), words.toStdString()), status.ToString().c_str());
  }

  void aRunThatCannotBeOneIsRefused_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"id", "state", "spec", "tags", "workers", "future"}) QTest::newRow(what) << what;
  }
  void aRunThatCannotBeOneIsRefused() {
    QFETCH(QString, what);
    proto::RunSummary run = SomeRun();
    if (what == "id") run.set_run("../../../etc/passwd..");
    if (what == "state") run.set_state(proto::RUNNING);
    if (what == "spec") run.set_spec_json("[");
    if (what == "tags") run.mutable_marks()->add_tags("a,b");
    if (what == "future") run.set_created_unix_ms(std::numeric_limits<int64_t>::max());
    if (what == "workers")
      for (int i = 0; i < 5000; ++i) run.add_workers();
    QByteArray bytes = "CNCTRUN1";
    AddRecord(bytes, 1, "", QByteArray::fromStdString(run.SerializeAsString()));
    uint64_t records = 1;
    AddRecord(bytes, 5, "", QByteArray(reinterpret_cast<const char*>(&records), 8));
    QCOMPARE(Read(bytes, {}).status().code(), absl::StatusCode::kInvalidArgument);
  }

  // What is written is at most 16,384 points a record; more would keep the engine busy for a few bytes.
  void aRecordOfTooManyPointsIsRefused() {
    MemoryStore store;
    const std::vector<int64_t> steps(size_t{1} << 15, 3);
    const std::vector<double> seconds(steps.size(), 1.0), values(steps.size(), 2.0);
    QByteArray bytes = "CNCTRUN1";
    AddRecord(bytes, 1, "", QByteArray::fromStdString(SomeRun().SerializeAsString()));
    std::vector<uint8_t> packed;
    EncodePoints(steps, seconds, values, packed);
    AddRecord(bytes, 3, R"({"name":"x","unit":"","rank":-1})",
              QByteArray(reinterpret_cast<const char*>(packed.data()), qsizetype(packed.size())));
    uint64_t records = 2;
    AddRecord(bytes, 5, "", QByteArray(reinterpret_cast<const char*>(&records), 8));
    const absl::Status status = Read(bytes, {}).status();
    QVERIFY2(absl::StrContains(status.message(), "at most 16384"), status.ToString().c_str());
  }

  void nobodyWaitsForWhatIsNotWanted() {
    MemoryStore store;
    Put("rank-0.log", "x");
    const QByteArray bytes = Archived(store, SomeRun());
    QCOMPARE(Read(bytes, {.goes_on = [] { return false; }}).status().code(), absl::StatusCode::kCancelled);
  }

  // A folder that is there though no run is in it: nothing of it is taken away.
  void aFolderThatIsThereIsLeftAlone() {
    QByteArray bytes;
    std::string run, taken;
    {
      EngineRoom room;
      QVERIFY(room.Start().ok());
      run = Finished(room);
      bytes = Exported(room, run);
    }
    EngineRoom room;
    QVERIFY(room.Start().ok());
    const QString folder = QString::fromStdString(room.run_folder(run));
    QVERIFY(QDir().mkpath(folder));
    QFile kept(folder + "/parameters.safetensors");
    QVERIFY(kept.open(QIODevice::WriteOnly));
    kept.close();
    QCOMPARE(Import(room, bytes, taken).error_code(), grpc::StatusCode::ALREADY_EXISTS);
    QVERIFY(kept.exists());
    QVERIFY(QDir().rename(folder, folder + "-away"));
    QVERIFY(Import(room, bytes, taken).ok());  // and the id is free
  }

  void anotherHomeTakesItIn() {
    QByteArray bytes;
    std::string run;
    proto::RunSummary before;
    std::vector<proto::RunEvent> events;
    {
      EngineRoom room;
      QVERIFY(room.Start().ok());
      run = Finished(room);
      before = room.Show(run);
      events = room.Events(run);
      bytes = Exported(room, run);
      QVERIFY(bytes.startsWith("CNCTRUN1"));
      std::string taken;
      QCOMPARE(Import(room, bytes, taken).error_code(), grpc::StatusCode::ALREADY_EXISTS);
    }
    EngineRoom room;
    QVERIFY(room.Start().ok());
    std::string taken;
    QByteArray damaged = bytes;
    damaged[damaged.size() / 2] = char(damaged[damaged.size() / 2] ^ 1);
    QCOMPARE(Import(room, damaged, taken).error_code(), grpc::StatusCode::DATA_LOSS);
    QVERIFY(!QFile::exists(QString::fromStdString(room.run_folder(run))));
    const grpc::Status status = Import(room, bytes, taken);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(taken, run);
    const proto::RunSummary after = room.Show(run);
    QCOMPARE(after.name(), before.name());
    QCOMPARE(after.steps(), before.steps());
    QCOMPARE(after.spec_json(), before.spec_json());
    QCOMPARE(room.Events(run).size(), events.size() + 1);  // and that it was taken in
    room.End();
    QVERIFY(room.Start().ok());
    QCOMPARE(room.Show(run).steps(), before.steps());
    QCOMPARE(Exported(room, run).size() > 0, true);
  }
  // What the store had of it already must not be there twice.
  void whatCouldNotBeUndoneIsNotThereTwice() {
    QByteArray bytes;
    std::string run, taken;
    size_t events = 0;
    {
      EngineRoom room;
      QVERIFY(room.Start().ok());
      run = Finished(room);
      events = room.Events(run).size();
      bytes = Exported(room, run);
    }
    for (int64_t allowed = 0; allowed < 48; allowed += 2) {
      FailingDisk disk;
      EngineRoom room;
      QVERIFY(room.Start().ok());
      const std::string here = Finished(room);  // the log begins: that would have to be confirmed
      disk.FailSyncs(true);  // it is stored, and yet given up; and then there is no room to take it out again
      disk.Allow(allowed);
      QVERIFY(!Import(room, bytes, taken).ok());
      disk.FailSyncs(false);
      disk.Allow(-1);
      QVERIFY(!room.Events(here).empty());  // and so the store has tried again
      const grpc::Status status = Import(room, bytes, taken);
      QVERIFY2(status.ok(), status.error_message().c_str());
      QCOMPARE(room.Events(run).size(), events + 1);
      QCOMPARE(room.Series(run, "train/loss").x_size(), 10);
    }
  }

 private:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void Put(const char* name, const std::string& content) {
    QFile file(folder().filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(content.data(), qint64(content.size())) < 0)
      qFatal("cannot write");
  }
  QTemporaryDir& folder() {
    if (folder_ == nullptr) init();
    return *folder_;
  }
  QByteArray Archived(Store& store, const proto::RunSummary& run) {
    const int file = *OpenNamelessFile(folder().path().toStdString());
    if (const absl::Status status = WriteRunArchive(store, folder().path().toStdString(), run, file);
        !status.ok())
      qFatal("%s", status.ToString().c_str());
    const off_t size = lseek(file, 0, SEEK_END);
    QByteArray bytes(size, '\0');
    if (pread(file, bytes.data(), size_t(size), 0) != size) qFatal("cannot read");
    close(file);
    folder_.reset();
    return bytes;
  }
  absl::StatusOr<proto::RunSummary> Read(const QByteArray& bytes, const RunArchiveVisitor& visitor) {
    const int file = *OpenNamelessFile(QDir::tempPath().toStdString());
    if (write(file, bytes.constData(), size_t(bytes.size())) != bytes.size()) qFatal("cannot write");
    absl::StatusOr<proto::RunSummary> run = ReadRunArchive(file, visitor);
    close(file);
    return run;
  }
  static void AddRecord(QByteArray& bytes, uint32_t kind, const QByteArray& name, const QByteArray& content) {
    const uint32_t head[3] = {kind, uint32_t(name.size()), uint32_t(content.size())};
    const QByteArray summed = QByteArray(reinterpret_cast<const char*>(head), 12) + name + content;
    const uint32_t crc =
        Crc32c({reinterpret_cast<const uint8_t*>(summed.constData()), size_t(summed.size())});
    bytes += summed.left(12) + QByteArray(reinterpret_cast<const char*>(&crc), 4) + name + content;
  }
  static std::string Finished(EngineRoom& room) {
    const std::string run = room.Launched(1);
    auto workers = PuppetWorker::AllReady(1);
    workers[0]->Steps(0, 10);
    workers[0]->Finished(10);
    workers[0]->WaitFor(proto::EngineMessage::kGoodbye);
    PuppetStage::Get().Exit(0, {});
    return room.WaitForState(run, proto::FINISHED) ? run : "";
  }
  static QByteArray Exported(EngineRoom& room, const std::string& run) {
    grpc::ClientContext context;
    proto::ExportRequest request;
    request.set_run(run);
    request.set_format("run");
    const auto reader = room.stub().Export(&context, request);
    QByteArray bytes;
    proto::ExportChunk chunk;
    while (reader->Read(&chunk)) bytes += QByteArray::fromStdString(chunk.data());
    return reader->Finish().ok() ? bytes : QByteArray();
  }
  static grpc::Status Import(EngineRoom& room, const QByteArray& bytes, std::string& run) {
    grpc::ClientContext context;
    proto::ImportReply reply;
    const auto writer = room.stub().ImportRun(&context, &reply);
    for (qsizetype at = 0; at < bytes.size(); at += 1000) {
      proto::ImportChunk chunk;
      chunk.set_data(bytes.mid(at, 1000).toStdString());
      if (!writer->Write(chunk)) break;
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    run = reply.run();
    return status;
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

CONCERTINA_TEST(RunArchiveTest)

}  // namespace concertina::run_archive_test

#include "run_archive_test.moc"
