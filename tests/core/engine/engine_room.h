// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_room.h: a real engine on a home of its own, with workers that are puppets: the launcher only notes
// what it was asked to start, and the test speaks for each rank over the engine's real socket.
#pragma once

#include <grpcpp/grpcpp.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <deque>
#include <map>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/registry.h"
#include "core/engine/engine.h"
#include "core/engine/launcher.h"
#include "core/proto/engine.grpc.pb.h"
#include "core/proto/home.grpc.pb.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

inline constexpr double kPatienceSeconds = 20;  // far more than anything here takes

// Polls until `condition` holds; for what has no event of its own to wait for.
template <class Condition>
bool Eventually(const Condition& condition, double seconds = kPatienceSeconds) {
  for (const Deadline deadline = Deadline::After(seconds); !deadline.Passed();) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

// What was launched. Tests name ranks of the run that launched that rank last.
class PuppetStage {
 public:
  struct Puppet {
    LaunchRequest request;
    Launcher::OnExit on_exit;
    Launcher::OnLine on_line;
    bool asked_to_end = false, killed = false, gone = false;
  };
  static PuppetStage& Get() {
    static PuppetStage stage;
    return stage;
  }
  void Clear() {
    absl::MutexLock lock(&mutex_);
    puppets_.clear();
    newest_.clear();
    stubborn_ = false;
    are_threads_ = false;
    refuse_rank_ = -1;
    launches_ = 0;
    kit_.clear();
    report_ = absl::UnimplementedError("puppets have no machine");
    adopted_.clear();
  }
  // SIGTERM is not heard: only killing helps.
  void BeStubborn() {
    absl::MutexLock lock(&mutex_);
    stubborn_ = true;
  }
  // Workers that are launched from here on have no process of their own.
  void BeThreads() {
    absl::MutexLock lock(&mutex_);
    are_threads_ = true;
  }
  bool are_threads() {
    absl::MutexLock lock(&mutex_);
    return are_threads_;
  }
  void RefuseRank(int rank) {
    absl::MutexLock lock(&mutex_);
    refuse_rank_ = rank;
  }
  int launches() {
    absl::MutexLock lock(&mutex_);
    return launches_;
  }
  // What workers come with from here on.
  void GiveKit(const std::string& folder) {
    absl::MutexLock lock(&mutex_);
    kit_ = folder;
  }
  std::string kit() {
    absl::MutexLock lock(&mutex_);
    return kit_;
  }
  // What a test of the machine gives from here on.
  void GiveReport(const absl::StatusOr<HostReport>& report) {
    absl::MutexLock lock(&mutex_);
    report_ = report;
  }
  absl::StatusOr<HostReport> report() {
    absl::MutexLock lock(&mutex_);
    return report_;
  }
  bool WaitForLaunch(int count) {
    return Eventually([&] { return launches() >= count; });
  }
  LaunchRequest RequestOf(int rank) {
    absl::MutexLock lock(&mutex_);
    return Newest(rank).request;
  }
  bool WasAskedToEnd(int rank) {
    absl::MutexLock lock(&mutex_);
    return Newest(rank).asked_to_end;
  }
  bool WasKilled(int rank) {
    absl::MutexLock lock(&mutex_);
    return Newest(rank).killed;
  }
  bool AllGone() {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, puppet] : puppets_)
      if (!puppet.gone) return false;
    return true;
  }
  void Say(int rank, const std::string& line) {
    Launcher::OnLine on_line;
    {
      absl::MutexLock lock(&mutex_);
      on_line = Newest(rank).on_line;
    }
    on_line(line);
  }
  void Exit(int rank, const WorkerExit& exit) { Exit(RequestOf(rank).run, rank, exit); }
  void Exit(const std::string& run, int rank, const WorkerExit& exit) {
    Launcher::OnExit on_exit;
    {
      absl::MutexLock lock(&mutex_);
      Puppet& puppet = puppets_[{run, rank}];
      if (puppet.gone) return;
      puppet.gone = true;
      on_exit = puppet.on_exit;
    }
    on_exit(exit);
  }

  absl::Status Launch(const LaunchRequest& request, Launcher::OnExit on_exit, Launcher::OnLine on_line) {
    absl::MutexLock lock(&mutex_);
    if (request.rank == refuse_rank_) return absl::ResourceExhaustedError("no process can be made");
    newest_[request.rank] = request.run;
    puppets_[{request.run, request.rank}] = {request, std::move(on_exit), std::move(on_line)};
    ++launches_;
    return absl::OkStatus();
  }
  // Of an earlier engine: known by the number of its process, of which nothing is touched.
  void Adopt(pid_t pid, Launcher::OnExit on_exit) {
    absl::MutexLock lock(&mutex_);
    adopted_[pid] = {.request = {}, .on_exit = std::move(on_exit), .on_line = {}};
  }
  bool IsAdopted(pid_t pid) {
    absl::MutexLock lock(&mutex_);
    return adopted_.contains(pid);
  }
  bool AdoptedIsGone(pid_t pid) {
    absl::MutexLock lock(&mutex_);
    return adopted_[pid].gone;
  }
  void EndAdopted(pid_t pid, const WorkerExit& exit) {
    Launcher::OnExit on_exit;
    {
      absl::MutexLock lock(&mutex_);
      if (std::exchange(adopted_[pid].gone, true)) return;
      on_exit = adopted_[pid].on_exit;
    }
    on_exit(exit);
  }
  void Signal(const std::string& run, int rank, bool kill) {
    bool ends = kill;
    {
      absl::MutexLock lock(&mutex_);
      Puppet& puppet = puppets_[{run, rank}];
      (kill ? puppet.killed : puppet.asked_to_end) = true;
      ends |= !stubborn_;
    }
    if (ends) Exit(run, rank, {.signal = kill ? 9 : 15});
  }

 private:
  Puppet& Newest(int rank) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return puppets_[{newest_[rank], rank}]; }

  absl::Mutex mutex_;
  std::map<std::pair<std::string, int>, Puppet> puppets_ ABSL_GUARDED_BY(mutex_);
  std::map<int, std::string> newest_ ABSL_GUARDED_BY(mutex_);
  std::map<pid_t, Puppet> adopted_ ABSL_GUARDED_BY(mutex_);
  bool stubborn_ ABSL_GUARDED_BY(mutex_) = false;
  bool are_threads_ ABSL_GUARDED_BY(mutex_) = false;
  int refuse_rank_ ABSL_GUARDED_BY(mutex_) = -1;
  int launches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string kit_ ABSL_GUARDED_BY(mutex_);
  absl::StatusOr<HostReport> report_ ABSL_GUARDED_BY(mutex_);
};

class PuppetLauncher final : public Launcher {
 public:
  // `is_elsewhere`: its workers share no file system with the engine, and nobody sees their end.
  explicit PuppetLauncher(bool is_elsewhere = false) : is_elsewhere_(is_elsewhere) {}
  bool is_elsewhere() const override { return is_elsewhere_; }
  std::string kit_folder() const override { return PuppetStage::Get().kit(); }
  std::string advertise_host() const override { return is_elsewhere_ ? "127.0.0.1" : ""; }
  void Test(OnReport done) override { done(PuppetStage::Get().report()); }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override {
    RETURN_IF_ERROR(PuppetStage::Get().Launch(request, std::move(on_exit), std::move(on_line)));
    class Worker final : public LaunchedWorker {
     public:
      Worker(std::string run, int rank, bool is_seen)
          : run_(std::move(run)), rank_(rank), is_seen_(is_seen) {}
      bool end_is_seen() const override { return is_seen_; }
      int64_t pid() const override { return 1000 + rank_; }
      bool has_process() const override { return has_process_; }
      void Terminate() override { PuppetStage::Get().Signal(run_, rank_, false); }
      void Kill() override { PuppetStage::Get().Signal(run_, rank_, true); }

     private:
      const std::string run_;
      const int rank_;
      const bool is_seen_;
      const bool has_process_ = !PuppetStage::Get().are_threads();
    };
    return std::make_unique<Worker>(request.run, request.rank, !is_elsewhere_);
  }

  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Adopt(const ProcessIdentity& process,
                                                        OnExit on_exit) override {
    class Adopted final : public LaunchedWorker {
     public:
      explicit Adopted(const ProcessIdentity& process) : process_(process) {}
      int64_t pid() const override { return process_.pid; }
      ProcessIdentity process() const override { return process_; }
      void Terminate() override { PuppetStage::Get().EndAdopted(process_.pid, {.signal = 15}); }
      void Kill() override { PuppetStage::Get().EndAdopted(process_.pid, {.signal = 9}); }

     private:
      const ProcessIdentity process_;
    };
    if (!IsAlive(process)) return absl::NotFoundError("it has ended");
    PuppetStage::Get().Adopt(process.pid, std::move(on_exit));
    return std::make_unique<Adopted>(process);
  }

 private:
  const bool is_elsewhere_;
};

// One rank as the engine sees it: its stream, in the hands of the test. Only the last messages' kinds are
// kept.
class PuppetWorker {
 public:
  explicit PuppetWorker(const std::string& address)
      : PuppetWorker(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}
  explicit PuppetWorker(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(proto::Home::NewStub(channel)), stream_(stub_->Join(&context_)), reader_([this] { Read(); }) {}
  ~PuppetWorker() { HangUp(); }

  // As the launcher asked for rank `rank`.
  static std::unique_ptr<PuppetWorker> Joined(int rank) {
    const LaunchRequest request = PuppetStage::Get().RequestOf(rank);
    auto worker = std::make_unique<PuppetWorker>(request.engine_address);
    worker->Hello(request.run, rank, request.token);
    worker->WaitFor(proto::EngineMessage::kAssignment);
    return worker;
  }
  // Joined, ready, and told its peers, all of them.
  static std::vector<std::unique_ptr<PuppetWorker>> AllReady(int count) {
    std::vector<std::unique_ptr<PuppetWorker>> workers;
    for (int rank = 0; rank < count; ++rank) workers.push_back(Joined(rank));
    for (auto& worker : workers) worker->Ready();
    for (auto& worker : workers) worker->WaitFor(proto::EngineMessage::kPeers);
    return workers;
  }

  bool Send(const proto::WorkerMessage& message) { return stream_->Write(message); }
  void Hello(const std::string& run, int rank, const std::string& token,
             const std::string& version = CONCERTINA_VERSION) {
    proto::WorkerMessage message;
    message.mutable_hello()->set_run(run);
    message.mutable_hello()->set_rank(static_cast<uint32_t>(rank));
    message.mutable_hello()->set_token(token);
    message.mutable_hello()->set_pid(1000 + rank);
    message.mutable_hello()->set_host("stage");
    message.mutable_hello()->set_version(version);
    Send(message);
  }
  void Ready(int64_t parameters = 10, int64_t total_steps = 100) {
    proto::WorkerMessage message;
    message.mutable_ready()->set_address("127.0.0.1:1");
    message.mutable_ready()->set_parameters(parameters);
    message.mutable_ready()->set_total_steps(total_steps);
    Send(message);
  }
  void Heartbeat(int64_t step, const std::string& phase = "compute", const std::string& doing = "") {
    proto::WorkerMessage message;
    message.mutable_heartbeat()->set_step(step);
    message.mutable_heartbeat()->set_phase(phase);
    message.mutable_heartbeat()->set_doing(doing);
    Send(message);
  }
  // Steps [first, first + count) with loss 1 / (1 + step), 100 bytes sent and 10 ms each.
  void Steps(int64_t first, int64_t count) {
    proto::WorkerMessage message;
    proto::MetricBatch& batch = *message.mutable_metrics();
    const char* names[] = {"train/loss", "comm/bytes_sent", "test/accuracy"};
    for (uint32_t id = declared_ ? 3 : 0; id < 3; ++id) {
      proto::SeriesDeclaration& series = *batch.add_declared();
      series.set_id(id);
      series.set_name(names[id]);
      series.set_fold(id == 1 ? proto::SUM : proto::MEAN);
    }
    declared_ = true;
    proto::MetricTable& table = *batch.add_tables();
    for (uint32_t id = 0; id < 2; ++id) table.add_columns()->set_series(id);
    for (int64_t step = first; step < first + count; ++step) {
      table.add_steps(step);
      table.add_seconds(0.01 * static_cast<double>(step + 1));
      table.mutable_columns(0)->add_values(1.0 / static_cast<double>(1 + step));
      table.mutable_columns(1)->add_values(100);
    }
    Send(message);
  }
  void Evaluation(int64_t step, double accuracy) {
    proto::WorkerMessage message;
    proto::MetricTable& table = *message.mutable_metrics()->add_tables();
    table.add_steps(step);
    table.add_seconds(0.01 * static_cast<double>(step));
    table.add_columns()->set_series(2);
    table.mutable_columns(0)->add_values(accuracy);
    Send(message);
  }
  void Checkpoint(int64_t step, const std::string& path) {
    proto::WorkerMessage message;
    message.mutable_checkpoint()->set_step(step);
    message.mutable_checkpoint()->set_path(path);
    message.mutable_checkpoint()->set_bytes(100);
    Send(message);
  }
  void KeepMetrics(uint64_t number) {
    proto::WorkerMessage message;
    message.mutable_keep_metrics()->set_number(number);
    Send(message);
  }
  void StateReached(const std::string& state, int64_t step) {
    proto::WorkerMessage message;
    message.mutable_state()->set_state(state);
    message.mutable_state()->set_step(step);
    Send(message);
  }
  void Finished(int64_t step, bool stopped = false, const std::string& parameters_path = "") {
    proto::WorkerMessage message;
    message.mutable_finished()->set_step(step);
    message.mutable_finished()->set_stopped(stopped);
    message.mutable_finished()->set_parameters_path(parameters_path);
    message.mutable_finished()->set_parameters_sha256(std::string(64, 'a'));
    message.mutable_finished()->set_peak_memory_bytes(12345);
    Send(message);
  }
  void Failed(absl::StatusCode code, const std::string& what) {
    proto::WorkerMessage message;
    message.mutable_failed()->set_code(static_cast<int>(code));
    message.mutable_failed()->set_message(what);
    Send(message);
  }
  // The next message of that kind, if it comes; heartbeats and others before it are passed over.
  std::optional<proto::EngineMessage> WaitFor(proto::EngineMessage::KindCase kind,
                                              double seconds = kPatienceSeconds) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] {
      mutex_.AssertReaderHeld();
      while (!received_.empty() && received_.front().kind_case() != kind) {
        if (received_.front().has_assignment()) assignment_ = received_.front().assignment();
        received_.pop_front();
      }
      return !received_.empty() || ended_;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(seconds));
    if (received_.empty()) return std::nullopt;
    proto::EngineMessage message = std::move(received_.front());
    received_.pop_front();
    if (message.has_assignment()) assignment_ = message.assignment();
    return message;
  }
  // How the engine ended the stream; nothing if it has not.
  std::optional<grpc::Status> WaitForEnd(double seconds = kPatienceSeconds) {
    absl::MutexLock lock(&mutex_);
    const auto over = [&] {
      mutex_.AssertReaderHeld();
      return ended_;
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(seconds))) return std::nullopt;
    return status_;
  }
  void HangUp() {
    context_.TryCancel();
    if (reader_.joinable()) reader_.join();
  }
  proto::Assignment assignment() {
    absl::MutexLock lock(&mutex_);
    return assignment_;
  }

 private:
  void Read() {
    proto::EngineMessage message;
    while (stream_->Read(&message)) {
      absl::MutexLock lock(&mutex_);
      received_.push_back(message);
    }
    const grpc::Status status = stream_->Finish();
    absl::MutexLock lock(&mutex_);
    status_ = status;
    ended_ = true;
  }

  grpc::ClientContext context_;
  std::unique_ptr<proto::Home::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<proto::WorkerMessage, proto::EngineMessage>> stream_;
  bool declared_ = false;
  absl::Mutex mutex_;
  std::deque<proto::EngineMessage> received_ ABSL_GUARDED_BY(mutex_);
  proto::Assignment assignment_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
};

// The engine and a client of it.
class EngineRoom {
 public:
  EngineRoom() : folder_(QDir::tempPath() + "/cne-XXXXXX") {
    PuppetStage::Get().Clear();
    options_.home = folder_.filePath("home").toStdString();
    options_.cores = 4;
    options_.stop_seconds = 0.05;
    options_.limits.blame = 0.2;
    options_.limits.grace = 0.2;
    options_.limits.tick = 0.02;
    options_.limits.other_half = 0.1;
    QFile table(folder_.filePath("table.csv"));
    if (!table.open(QIODevice::WriteOnly)) return;
    table.write("a,b,label\n");
    for (int i = 0; i < 200; ++i) table.write(fmt::format("{},{},{}\n", i % 7, i % 5, i % 2).c_str());
  }
  ~EngineRoom() { engine_.reset(); }

  EngineOptions& options() { return options_; }
  std::string path(const std::string& name) const {
    return folder_.filePath(QString::fromStdString(name)).toStdString();
  }
  std::string run_folder(const std::string& run) const { return options_.home + "/runs/" + run; }

  absl::Status Start() {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Start(options_);
    if (!engine.ok()) return engine.status();
    engine_ = *std::move(engine);
    stub_ =
        proto::Engine::NewStub(grpc::CreateChannel(engine_->address(), grpc::InsecureChannelCredentials()));
    return absl::OkStatus();
  }
  void End() { engine_.reset(); }
  Engine& engine() { return *engine_; }
  proto::Engine::Stub& stub() { return *stub_; }

  std::string Spec(int workers, const std::string& name = "puppets") const {
    const Json spec = {{"name", name},
                       {"dataset", {{"kind", "csv"}, {"path", path("table.csv")}, {"label", "label"}}},
                       {"model", {{"kind", "logistic-regression"}}},
                       {"training", {{"batch_size", 4}, {"epochs", 5}}},
                       {"mesh", {{"data", workers}}},
                       {"exchange", {{"kind", workers > 1 ? "all-reduce" : "single"}}},
                       {"workers", {{{"launcher", "puppet"}, {"count", workers}}}}};
    return spec.dump();
  }
  // The id, or "" (and the faults in the log).
  std::string Submit(const std::string& spec) {
    proto::SubmitRequest request;
    request.set_spec_json(spec);
    proto::SubmitReply reply;
    grpc::ClientContext context;
    const grpc::Status status = stub_->Submit(&context, request, &reply);
    if (!status.ok()) qWarning("%s", status.error_message().c_str());
    for (const auto& fault : reply.faults()) qWarning("%s", fault.message().c_str());
    return reply.run();
  }
  // Submitted, and its workers launched.
  std::string Launched(int workers) {
    const int before = PuppetStage::Get().launches();
    std::string run = Submit(Spec(workers));
    return PuppetStage::Get().WaitForLaunch(before + workers) ? run : "";
  }
  proto::RunSummary Show(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    proto::RunSummary summary;
    grpc::ClientContext context;
    stub_->GetRun(&context, request, &summary);
    return summary;
  }
  bool WaitForState(const std::string& run, proto::RunState state) {
    return Eventually([&] { return Show(run).state() == state; });
  }
  grpc::Status Control(const std::string& run, proto::ControlRunRequest::Action action,
                       proto::RunState* state = nullptr) {
    proto::ControlRunRequest request;
    request.set_run(run);
    request.set_action(action);
    proto::ControlRunReply reply;
    grpc::ClientContext context;
    const grpc::Status status = stub_->ControlRun(&context, request, &reply);
    if (state != nullptr) *state = reply.state();
    return status;
  }
  std::vector<proto::RunEvent> Events(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    proto::ListEventsReply reply;
    grpc::ClientContext context;
    stub_->ListEvents(&context, request, &reply);
    return {reply.events().begin(), reply.events().end()};
  }
  proto::GetSeriesReply Series(const std::string& run, const std::string& name, int rank = -1,
                               const std::string& x = "step") {
    proto::GetSeriesRequest request;
    request.set_run(run);
    request.set_name(name);
    request.set_rank(rank);
    request.set_x(x);
    proto::GetSeriesReply reply;
    grpc::ClientContext context;
    stub_->GetSeries(&context, request, &reply);
    return reply;
  }

 private:
  QTemporaryDir folder_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<proto::Engine::Stub> stub_;
};

}  // namespace concertina
