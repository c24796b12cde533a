// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_return_test.cc: an engine finds a run whose workers outlived the engine before: who may come back, what
// all are told then, and what becomes of the run when they do not come. A table of runs without threads; the
// workers' processes are real, and only looked at.
#include <signal.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <optional>
#include <span>

#include "absl/strings/match.h"
#include "core/base/child_process.h"
#include "core/edge/sha256.h"
#include "core/engine/run_query.h"
#include "core/engine/run_table.h"
#include "nlohmann/json.hpp"
#include "tests/core/engine/engine_room.h"
#include "tests/core/engine/memory_store.h"
#include "tests/core/engine/written_checkpoint.h"
#include "tests/test_program.h"

namespace concertina::run_return_test {
namespace {

constexpr const char* kRun = "20260101-000000-abcdef";
constexpr uint32_t kIncarnation = 2;

std::string SecretOf(int rank) { return std::string(63, 's') + std::to_string(rank); }
std::string HashOf(const std::string& text) {
  return Sha256Hex(std::as_bytes(std::span(text.data(), text.size())));
}

class HeardLink final : public WorkerLink {
 public:
  void Send(proto::EngineMessage message) override { heard.push_back(std::move(message)); }
  void SendHeartbeat(uint64_t kept) override { kept_number = kept; }
  void Close(const absl::Status& status) override {
    if (!closed) closed = status;
  }
  bool IsWelcome() const { return !heard.empty() && heard.front().has_welcome() && !closed; }
  std::vector<proto::EngineMessage> heard;
  std::optional<absl::Status> closed;
  uint64_t kept_number = 0;
};

}  // namespace

class RunReturnTest : public QObject {
  Q_OBJECT

  struct Parts {
    explicit Parts(const std::string& folder) : home(*Home::Open(folder)), loop(clock), pool(0) {
      clock.Advance(1000);
      RunLimits limits;
      limits.silence = 1e6;  // those that have come say little here
      table = std::make_unique<RunTable>(loop, store, pool, *home, watchers, limits, 4,
                                         std::vector<std::string>(),
                                         [n = 0]() mutable { return fmt::format("{:064d}", ++n); });
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
  std::unique_ptr<ChildProcesses> children_;
  std::vector<ProcessIdentity> processes_;
  std::unique_ptr<Parts> parts_;

  void RunLoop() {
    while (parts_->loop.RunNext()) {
    }
  }
  void Advance(double seconds) {
    for (double passed = 0; passed < seconds; passed += 0.05) {
      parts_->clock.Advance(0.05);
      RunLoop();
      Work();
    }
  }
  bool Work() {
    RunLoop();
    const std::function<void()> task = parts_->pool.TakeNext();
    if (task) task();
    RunLoop();
    return task != nullptr;
  }
  proto::RunSummary Summary() { return *parts_->table->Find(kRun); }

  // As an engine that was killed has left it, at step 10.
  proto::RunSummary Left(proto::RunState state, int resumes = 0) {
    const nlohmann::json spec = {
        {"name", "outlived"},
        {"dataset",
         {{"kind", "csv"}, {"path", folder_->filePath("table.csv").toStdString()}, {"label", "label"}}},
        {"model", {{"kind", "logistic-regression"}}},
        {"training",
         {{"batch_size", 4},
          {"epochs", 10},
          {"checkpoint_every_steps", 5},
          {"resume_after_failure", resumes}}},
        {"mesh", {{"data", 2}}},
        {"exchange", {{"kind", "all-reduce"}}},
        {"workers", {{{"launcher", "puppet"}, {"count", 2}}}}};
    proto::RunSummary summary;
    summary.set_run(kRun);
    summary.set_name("outlived");
    summary.set_state(state);
    summary.set_attempt(1);
    summary.set_incarnation(kIncarnation);
    summary.set_steps(10);
    summary.set_created_unix_ms(1000);
    summary.set_spec_json(spec.dump());
    proto::AtWork& at_work = *summary.mutable_at_work();
    at_work.set_can_go_on(true);
    for (int rank = 0; rank < 2; ++rank) {
      const ProcessIdentity& process = processes_[static_cast<size_t>(rank)];
      summary.add_workers()->set_rank(static_cast<uint32_t>(rank));
      summary.mutable_workers(rank)->set_pid(process.pid);
      proto::WorkerAtWork& worker = *at_work.add_workers();
      worker.set_rank(rank);
      worker.set_pid(process.pid);
      worker.set_start_ticks(process.start_ticks);
      worker.set_boot_id(process.boot_id);
      worker.set_secret_sha256(HashOf(SecretOf(rank)));
    }
    return summary;
  }
  void Recover(const proto::RunSummary& summary) {
    StoredRun stored;
    stored.id = kRun;
    stored.state = RunStateName(summary.state());
    stored.spec_json = summary.spec_json();
    stored.summary = summary.SerializeAsString();
    for (int rank = -1; rank < 2; ++rank)
      for (int64_t step = 0; step < (rank < 0 ? 8 : 10); ++step) {
        const double seconds = 0.01 * static_cast<double>(step + 1), loss = Loss(step);
        parts_->store.Append(kRun, "train/loss", rank, "", std::span(&step, 1), std::span(&seconds, 1),
                             std::span(&loss, 1));
      }
    parts_->table->Recover({stored});
    RunLoop();
  }
  static double Loss(int64_t step) { return 1.0 / static_cast<double>(1 + step); }

  proto::WorkerMessage Hello(int rank) {
    proto::WorkerMessage message;
    proto::Hello& hello = *message.mutable_hello();
    hello.set_run(kRun);
    hello.set_rank(static_cast<uint32_t>(rank));
    hello.set_pid(processes_[static_cast<size_t>(rank % 2)].pid);
    hello.set_version(CONCERTINA_VERSION);
    hello.mutable_back()->set_secret(SecretOf(rank));
    hello.mutable_back()->set_incarnation(kIncarnation);
    hello.mutable_back()->set_step(10);
    return message;
  }
  std::shared_ptr<HeardLink> Call(const proto::WorkerMessage& hello) {
    auto link = std::make_shared<HeardLink>();
    parts_->table->OnOpened(link);
    parts_->table->OnMessage(link, hello);
    RunLoop();
    return link;
  }
  void Steps(const std::shared_ptr<HeardLink>& link, int rank, int64_t first, int64_t end) {
    proto::WorkerMessage message;
    message.set_incarnation(kIncarnation);
    message.set_number(static_cast<uint64_t>(end));
    proto::MetricBatch& batch = *message.mutable_metrics();
    batch.set_rank(static_cast<uint32_t>(rank));
    if (first < 10) {
      batch.add_declared()->set_name("train/loss");
      message.set_is_said_again(true);
    }
    proto::MetricTable& table = *batch.add_tables();
    table.add_columns();
    for (int64_t step = first; step < end; ++step) {
      table.add_steps(step);
      table.add_seconds(0.01 * static_cast<double>(step + 1));
      table.mutable_columns(0)->add_values(Loss(step));
    }
    parts_->table->OnMessage(link, message);
    RunLoop();
  }

 private slots:
  void init() {
    PuppetStage::Get().Clear();
    folder_.emplace();
    children_ = std::make_unique<ChildProcesses>();
    processes_.clear();
    for (int rank = 0; rank < 2; ++rank) {
      ChildCommand command;
      command.arguments = {"/bin/sleep", "1000"};
      const auto pid = children_->Start(
          command, [](std::string_view) {}, [](const ChildExit&) {});
      QVERIFY(pid.ok());
      processes_.push_back(IdentityOf(*pid));
      QVERIFY(processes_.back().is_known());
    }
    parts_ = std::make_unique<Parts>(folder_->filePath("home").toStdString());
    QFile table(folder_->filePath("table.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("a,label\n");
    for (int i = 0; i < 200; ++i) table.write(QByteArray::number(i) + (i % 2 == 0 ? ",yes\n" : ",no\n"));
  }
  void cleanup() {
    parts_->table.reset();
    parts_.reset();
    children_.reset();
    folder_.reset();
  }

  void allComeBackAndEachStepIsStoredOnce() {
    Recover(Left(proto::RUNNING));
    QCOMPARE(Summary().state(), proto::RUNNING);
    const auto early = Call(Hello(0));  // while the run is read
    QVERIFY(early->closed && absl::IsUnavailable(*early->closed));
    QVERIFY(Work());
    QCOMPARE(Summary().state(), proto::RUNNING);
    QVERIFY(!Summary().has_at_work());
    const auto first = Call(Hello(0)), second = Call(Hello(1));
    QVERIFY(first->IsWelcome() && second->IsWelcome());
    Steps(first, 0, 4, 12);
    Steps(second, 1, 9, 12);
    Steps(first, 0, 12, 15);
    Steps(second, 1, 12, 15);
    Advance(1);
    QCOMPARE(Summary().state(), proto::RUNNING);
    QCOMPARE(Summary().steps(), int64_t{15});
    QCOMPARE(Summary().attempt(), uint32_t{1});
    for (int rank = -1; rank < 2; ++rank) {
      const MemoryStore::Kept& kept = parts_->store.series[{"train/loss", rank}];
      for (size_t i = 0; i < kept.steps.size(); ++i) {
        QCOMPARE(kept.steps[i], static_cast<int64_t>(i));
        QCOMPARE(kept.values[i], Loss(kept.steps[i]));
      }
      QCOMPARE(kept.steps.size(), size_t{15});
    }
    QCOMPARE(first->kept_number, uint64_t{15});  // it need not keep it any more
    // The next engine would find it again.
    proto::RunSummary stored;
    QVERIFY(stored.ParseFromString(parts_->store.runs[kRun].summary));
    QVERIFY(stored.at_work().can_go_on());
    QCOMPARE(stored.at_work().workers(1).secret_sha256(), HashOf(SecretOf(1)));
    QVERIFY(!absl::StrContains(parts_->store.runs[kRun].summary, SecretOf(1)));
  }

  void whatSomeWereAskedIsAskedOfAll() {
    Recover(Left(proto::RUNNING));
    QVERIFY(Work());
    proto::WorkerMessage hello = Hello(1);
    hello.mutable_hello()->mutable_back()->add_requests()->mutable_control()->set_action(
        proto::Control::PAUSE);
    const auto second = Call(hello);
    // It is refused until all have come.
    std::optional<absl::Status> refused;
    parts_->table->Control(kRun, proto::ControlRunRequest::STOP,
                           [&](const absl::Status& status) { refused = status; });
    QVERIFY(refused && absl::IsFailedPrecondition(*refused));
    const auto first = Call(Hello(0));
    QVERIFY(first->IsWelcome() && second->IsWelcome());
    QCOMPARE(first->heard.size(), size_t{2});
    QCOMPARE(first->heard[1].control().action(), proto::Control::PAUSE);
    QCOMPARE(second->heard.size(), size_t{1});
  }

  void aStrangerIsRefused_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"a wrong secret", "no secret", "another process", "an older incarnation",
                             "a newer incarnation", "no such rank", "another rank's secret"})
      QTest::newRow(what) << what;
  }
  void aStrangerIsRefused() {
    QFETCH(QString, what);
    Recover(Left(proto::RUNNING));
    QVERIFY(Work());
    proto::WorkerMessage message = Hello(1);
    proto::Hello& hello = *message.mutable_hello();
    if (what == "a wrong secret") hello.mutable_back()->set_secret(std::string(64, 'x'));
    if (what == "no secret") hello.mutable_back()->clear_secret();
    if (what == "another process") hello.set_pid(hello.pid() + 1);
    if (what == "an older incarnation") hello.mutable_back()->set_incarnation(kIncarnation - 1);
    if (what == "a newer incarnation") hello.mutable_back()->set_incarnation(kIncarnation + 1);
    if (what == "no such rank") hello.set_rank(2);
    if (what == "another rank's secret") hello.mutable_back()->set_secret(SecretOf(0));
    const auto refused = Call(message);
    QVERIFY(refused->heard.empty());
    QVERIFY(refused->closed.has_value());
    QVERIFY(absl::IsPermissionDenied(*refused->closed) || absl::IsAborted(*refused->closed));
    // Who is right is taken all the same, and nobody after it.
    QVERIFY(Call(Hello(1))->IsWelcome());
    const auto late = Call(Hello(1));
    QVERIFY(late->heard.empty() && late->closed && absl::IsAborted(*late->closed));
  }

  void whoDoesNotComeIsLost_data() {
    QTest::addColumn<int>("resumes");
    QTest::newRow("and the run fails") << 0;
    QTest::newRow("and the run goes on from its checkpoint") << 1;
  }
  void whoDoesNotComeIsLost() {
    QFETCH(int, resumes);
    QVERIFY(WriteWholeCheckpoint(parts_->home->run(kRun), 5, 2, 2));
    Recover(Left(proto::RUNNING, resumes));
    QVERIFY(Work());
    const auto first = Call(Hello(0));
    QVERIFY(first->IsWelcome());
    Advance(9);
    QCOMPARE(Summary().state(), proto::RUNNING);
    Advance(3);
    for (const ProcessIdentity& process : processes_) QVERIFY(PuppetStage::Get().AdoptedIsGone(process.pid));
    Advance(2);
    if (resumes == 0) {
      QCOMPARE(Summary().state(), proto::FAILED);
      QVERIFY2(absl::StrContains(Summary().error(), "rank 1"), Summary().error().c_str());
      QVERIFY2(absl::StrContains(Summary().error(), "did not call home again"), Summary().error().c_str());
    } else {
      QCOMPARE(Summary().attempt(), uint32_t{2});
      QCOMPARE(Summary().automatic_resumes(), uint32_t{1});
    }
    const auto late = Call(Hello(1));
    QVERIFY(late->heard.empty() && late->closed.has_value());
  }

  void whatCannotBeTakenUpIsEndedExactly() {
    proto::RunSummary summary = Left(proto::STARTING);
    proto::WorkerAtWork& reused = *summary.mutable_at_work()->mutable_workers(1);
    reused.set_start_ticks(reused.start_ticks() + 1);  // its number is another process's by now
    Recover(summary);
    QCOMPARE(Summary().state(), proto::FAILED);
    QVERIFY(absl::StrContains(Summary().error(), "the engine ended"));
    QVERIFY(Eventually([&] { return !IsAlive(processes_[0]); }));
    QVERIFY(IsAlive(processes_[1]));
  }

  void aRunWithoutItsProcessesFailsAtOnce() {
    const proto::RunSummary summary = Left(proto::RUNNING);
    for (const ProcessIdentity& process : processes_) children_->Signal(process.pid, SIGKILL);
    QVERIFY(Eventually([&] { return !IsAlive(processes_[0]) && !IsAlive(processes_[1]); }));
    Recover(summary);
    QCOMPARE(Summary().state(), proto::FAILED);
  }
};

CONCERTINA_TEST(RunReturnTest)

}  // namespace concertina::run_return_test

#include "run_return_test.moc"
