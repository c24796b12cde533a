// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// resume_test.cc: a run that is to go on begins once the disk has it, and where the disk does not take it
// the run is what it was before. A table of runs without threads: the test says what comes after what.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <optional>

#include "absl/strings/match.h"
#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "core/engine/home.h"
#include "core/engine/run_query.h"
#include "core/engine/run_table.h"
#include "nlohmann/json.hpp"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/memory_store.h"
#include "tests/core/engine/written_checkpoint.h"
#include "tests/test_program.h"

namespace concertina::resume_test {

class ResumeTest : public QObject {
  Q_OBJECT

  static constexpr const char* kRun = "20260101-000000-abcdef";

  struct Parts {
    explicit Parts(const std::string& folder) : home(*Home::Open(folder)), loop(clock), pool(0) {
      table =
          std::make_unique<RunTable>(loop, store, pool, *home, watchers, RunLimits{}, 4,
                                     std::vector<std::string>(), [] { return std::string("0123456789"); });
    }
    std::unique_ptr<Home> home;
    MemoryStore store;
    VirtualClock clock;
    EngineLoop loop;
    WorkPool pool;
    Watchers watchers;
    std::unique_ptr<RunTable> table;
  };
  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Parts> parts_;
  std::optional<absl::Status> answer_;

  void RunLoop() {
    while (parts_->loop.RunNext()) {
    }
  }
  // The oldest piece of work, and what follows from it.
  bool Work() {
    RunLoop();
    const std::function<void()> task = parts_->pool.TakeNext();
    if (task) task();
    RunLoop();
    return task != nullptr;
  }
  void Ask(proto::ControlRunRequest::Action action) {
    answer_.reset();
    parts_->table->Control(kRun, action, [this](const absl::Status& status) { answer_ = status; });
  }
  proto::RunSummary Summary() { return *parts_->table->Find(kRun); }
  std::string Stored() { return parts_->store.runs[kRun].state; }

  // A run of an earlier engine that has ended so, with a checkpoint.
  void Recover(proto::RunState state) {
    const nlohmann::json spec = {
        {"name", "again"},
        {"dataset",
         {{"kind", "csv"}, {"path", folder_->filePath("table.csv").toStdString()}, {"label", "label"}}},
        {"model", {{"kind", "logistic-regression"}}},
        {"training", {{"batch_size", 4}, {"epochs", 10}}},
        {"mesh", {{"data", 1}}},
        {"exchange", {{"kind", "single"}}},
        {"workers", {{{"launcher", "puppet"}, {"count", 1}}}}};
    proto::RunSummary summary;
    summary.set_run(kRun);
    summary.set_name("again");
    summary.set_state(state);
    summary.set_error(state == proto::FAILED ? "rank 0: its machine burns" : "");
    summary.set_attempt(1);
    summary.set_created_unix_ms(1000);
    summary.set_spec_json(spec.dump());
    StoredRun stored;
    stored.id = kRun;
    stored.state = RunStateName(state);
    stored.spec_json = summary.spec_json();
    stored.summary = summary.SerializeAsString();
    QVERIFY(WriteWholeCheckpoint(parts_->home->run(kRun), 5, 1, 1));
    parts_->table->Recover({stored});
    RunLoop();
  }

 private slots:
  void init() {
    PuppetStage::Get().Clear();
    folder_.emplace();
    parts_ = std::make_unique<Parts>(folder_->filePath("home").toStdString());
    QFile table(folder_->filePath("table.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("a,label\n");
    for (int i = 0; i < 60; ++i) table.write(QByteArray::number(i) + (i % 2 == 0 ? ",yes\n" : ",no\n"));
  }
  void cleanup() {
    parts_->table.reset();
    parts_.reset();
    folder_.reset();
  }

  // The table was replaced by one in Latin-1 meanwhile; the error quotes a cell of it.
  void anErrorThatQuotesAnotherCodingIsStoredAsText() {
    QFile table(folder_->filePath("table.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("a,label\n1,yes\n\xfc,no\n");
    table.close();
    Recover(proto::QUEUED);
    QVERIFY(Work());  // prepared
    QCOMPARE(Summary().state(), proto::FAILED);
    QVERIFY2(absl::StrContains(Summary().error(), "expected a number"), Summary().error().c_str());
    QVERIFY(IsUtf8(Summary().error()));
    proto::RunSummary stored;
    QVERIFY(stored.ParseFromString(parts_->store.runs[kRun].summary));
  }

  void aDiskThatDoesNotTakeItLeavesTheRunAsItWas_data() {
    QTest::addColumn<int>("state");
    QTest::newRow("stopped") << static_cast<int>(proto::STOPPED);
    QTest::newRow("failed") << static_cast<int>(proto::FAILED);
  }
  void aDiskThatDoesNotTakeItLeavesTheRunAsItWas() {
    QFETCH(int, state);
    const auto before = static_cast<proto::RunState>(state);
    Recover(before);
    const std::string error = Summary().error();
    Ask(proto::ControlRunRequest::RESUME);
    QVERIFY(Work());  // prepared
    QVERIFY(!answer_.has_value());
    QCOMPARE(Summary().state(), proto::QUEUED);
    QCOMPARE(Stored(), std::string("queued"));
    QCOMPARE(PuppetStage::Get().launches(), 0);  // the disk does not have it yet

    parts_->store.health = absl::ResourceExhaustedError("the disk is full");
    QVERIFY(Work());
    QVERIFY(answer_.has_value());
    QCOMPARE(answer_->code(), absl::StatusCode::kResourceExhausted);
    QVERIFY2(answer_->message().find("does not go on") != std::string::npos, answer_->ToString().c_str());
    QCOMPARE(Summary().state(), before);
    QCOMPARE(Summary().error(), error);
    QCOMPARE(Summary().attempt(), 1U);
    QCOMPARE(Stored(), RunStateName(before));
    QVERIFY(parts_->table->Live(kRun) == nullptr);
    QCOMPARE(parts_->table->queued(), size_t{0});
    QCOMPARE(PuppetStage::Get().launches(), 0);

    // Once there is room it can be asked again.
    parts_->store.health = absl::OkStatus();
    Ask(proto::ControlRunRequest::RESUME);
    while (!answer_.has_value() && Work()) {
    }
    QVERIFY(answer_.has_value());
    QVERIFY2(answer_->ok(), answer_->ToString().c_str());
    QCOMPARE(Summary().state(), proto::STARTING);
    QCOMPARE(Summary().attempt(), 2U);
    QCOMPARE(PuppetStage::Get().launches(), 1);
  }

  // Who stops it while the disk is asked has the last word, whatever the disk says.
  void aRunThatIsStoppedMeanwhileDoesNotBegin_data() {
    QTest::addColumn<bool>("full");
    QTest::newRow("and the disk has room") << false;
    QTest::newRow("and the disk is full") << true;
  }
  void aRunThatIsStoppedMeanwhileDoesNotBegin() {
    QFETCH(bool, full);
    Recover(proto::FAILED);
    Ask(proto::ControlRunRequest::RESUME);
    QVERIFY(Work());
    QCOMPARE(Summary().state(), proto::QUEUED);
    if (full) parts_->store.health = absl::ResourceExhaustedError("the disk is full");
    std::optional<absl::Status> stopped;
    parts_->table->Control(kRun, proto::ControlRunRequest::STOP,
                           [&](const absl::Status& status) { stopped = status; });
    QVERIFY(stopped.has_value() && stopped->ok());
    while (Work()) {
    }
    QVERIFY(answer_.has_value());
    QCOMPARE(answer_->ok(), !full);
    QCOMPARE(Summary().state(), proto::STOPPED);
    QCOMPARE(PuppetStage::Get().launches(), 0);
    QCOMPARE(parts_->table->queued(), size_t{0});
  }
};
CONCERTINA_TEST(ResumeTest)

}  // namespace concertina::resume_test
#include "resume_test.moc"
