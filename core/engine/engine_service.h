// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_service.h: the calls of engine.proto, each handed to the thread that owns what it asks for.
// On the way of the data: ui/client, concertinactl -> here -> engine/run_table.h, store/store.h.
//
// A call runs on the engine loop, or, where it reads files or the store, in the work pool; never on gRPC's
// threads. Its reply belongs to gRPC until Finish, whatever the caller does meanwhile.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/child_process.h"
#include "core/engine/launcher.h"
#include "core/engine/run_table.h"
#include "core/experiment/calibration.h"
#include "core/proto/engine.grpc.pb.h"

namespace concertina {

struct EngineParts {
  EngineLoop& loop;
  WorkPool& pool;
  Store& store;
  const Home& home;
  Watchers& watchers;
  RunTable& table;
  std::vector<std::string> refused_plugins;
  int64_t started_unix_ms = 0;
  int cores = 1;                                 // that workers may take together
  Calibration* calibration = nullptr;            // where plans may have a step's time
  std::function<std::string()> network_address;  // see Engine
  std::function<void()> stop;                    // ends the engine; any thread
};

class EngineService final : public proto::Engine::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  explicit EngineService(EngineParts parts) : parts_(std::move(parts)) {}

  // Tests of launchers and measurements on devices that go on are ended, and no more begin; before the engine
  // is taken down.
  void EndTests();

  // When the last call came or ended, by the steady clock; for idleness.
  double last_activity() const { return last_activity_.load(std::memory_order_relaxed); }

  Reactor* Status(Context*, const proto::StatusRequest*, proto::EngineStatus*) override;
  Reactor* Shutdown(Context*, const proto::ShutdownRequest*, proto::ShutdownReply*) override;
  Reactor* Describe(Context*, const proto::DescribeRequest*, proto::DescribeReply*) override;
  Reactor* Validate(Context*, const proto::SpecRequest*, proto::ValidateReply*) override;
  Reactor* MakePlan(Context*, const proto::SpecRequest*, proto::PlanReply*) override;
  Reactor* GetSamples(Context*, const proto::GetSamplesRequest*, proto::GetSamplesReply*) override;
  Reactor* ExpandSweep(Context*, const proto::ExpandSweepRequest*, proto::ExpandSweepReply*) override;
  Reactor* Submit(Context*, const proto::SubmitRequest*, proto::SubmitReply*) override;
  Reactor* ListRuns(Context*, const proto::ListRunsRequest*, proto::ListRunsReply*) override;
  Reactor* GetRun(Context*, const proto::RunRequest*, proto::RunSummary*) override;
  grpc::ServerWriteReactor<proto::WatchMessage>* Watch(Context*, const proto::WatchRequest*) override;
  grpc::ServerWriteReactor<proto::RunSummary>* WatchRuns(Context*, const proto::WatchRunsRequest*) override;
  Reactor* ControlRun(Context*, const proto::ControlRunRequest*, proto::ControlRunReply*) override;
  Reactor* SetKnob(Context*, const proto::SetKnobRequest*, proto::SetKnobReply*) override;
  Reactor* ChangeWorkers(Context*, const proto::ChangeWorkersRequest*, proto::ChangeWorkersReply*) override;
  Reactor* HarmWorker(Context*, const proto::HarmWorkerRequest*, proto::HarmWorkerReply*) override;
  Reactor* DeleteRun(Context*, const proto::RunRequest*, proto::DeleteRunReply*) override;
  Reactor* RestoreRun(Context*, const proto::RunRequest*, proto::RestoreRunReply*) override;
  Reactor* EmptyBin(Context*, const proto::EmptyBinRequest*, proto::EmptyBinReply*) override;
  Reactor* MarkRuns(Context*, const proto::MarkRunsRequest*, proto::MarkRunsReply*) override;
  Reactor* GetSparklines(Context*, const proto::SparklinesRequest*, proto::SparklinesReply*) override;
  grpc::ServerReadReactor<proto::ImportChunk>* ImportRun(Context*, proto::ImportReply*) override;
  Reactor* ListSeries(Context*, const proto::ListSeriesRequest*, proto::ListSeriesReply*) override;
  Reactor* GetSeries(Context*, const proto::GetSeriesRequest*, proto::GetSeriesReply*) override;
  Reactor* ListEvents(Context*, const proto::RunRequest*, proto::ListEventsReply*) override;
  Reactor* GetLog(Context*, const proto::GetLogRequest*, proto::GetLogReply*) override;
  Reactor* StartLines(Context*, const proto::RunRequest*, proto::StartLinesReply*) override;
  Reactor* TestLauncher(Context*, const proto::TestLauncherRequest*, proto::TestLauncherReply*) override;
  Reactor* MeasureOnDevice(Context*, const proto::MeasureOnDeviceRequest*,
                           proto::MeasureOnDeviceReply*) override;
  grpc::ServerWriteReactor<proto::ExportChunk>* Export(Context*, const proto::ExportRequest*) override;
  Reactor* Fork(Context*, const proto::ForkRequest*, proto::SubmitReply*) override;
  Reactor* GetTimeline(Context*, const proto::GetTimelineRequest*, proto::GetTimelineReply*) override;
  Reactor* SlowMotion(Context*, const proto::SlowMotionRequest*, proto::SlowMotionReply*) override;
  Reactor* GetTraffic(Context*, const proto::RunRequest*, proto::TrafficReply*) override;
  Reactor* GetRecipeStep(Context*, const proto::GetRecipeStepRequest*, proto::GetRecipeStepReply*) override;

 private:
  Reactor* OnLoop(Context* context, std::function<absl::Status()> call);
  // `call` runs on the loop, and answers by `done`, then or later.
  Reactor* OnceAnswered(Context* context, std::function<void(RunTable::Done done)> call);
  Reactor* InPool(Context* context, std::function<absl::Status()> call);
  // Asks on the loop whether no run goes, then goes on in the pool.
  Reactor* OnIdleKnown(Context* context, std::function<absl::Status(bool is_idle)> call);
  // Finds the run on the loop (with what it has measured so far written to the store), then goes on in the
  // pool.
  Reactor* OnStored(Context* context, const std::string& run,
                    std::function<absl::Status(const proto::RunSummary& summary)> call);
  void Touch();
  // In the pool: the experiment with the models of the runs that it names, or faults.
  absl::StatusOr<std::string> Resolved(const std::string& spec_json, std::vector<Fault>& faults);
  // False: there are faults, and `done` does not come.
  absl::StatusOr<bool> BeginTest(const std::string& entry_json, uint64_t id, proto::TestLauncherReply& reply,
                                 Launcher::OnReport done);
  // In the pool. The faults of an entry of "workers", and the entry itself where there are none.
  static absl::StatusOr<std::optional<Params>> LauncherOf(const std::string& entry_json,
                                                          std::vector<Fault>& faults);
  // Keeps what ends the call if it is cancelled. False: that has happened.
  using StopWith = std::function<bool(std::function<void()> stop)>;
  // In the pool. False: there are faults, and nothing has begun.
  absl::StatusOr<bool> BeginMeasurement(const proto::RunSummary& run,
                                        const proto::MeasureOnDeviceRequest& request,
                                        proto::MeasureOnDeviceReply& reply, Reactor* reactor,
                                        const StopWith& stop_with);

  const EngineParts parts_;
  std::atomic<double> last_activity_ = 0;
  absl::Mutex tests_mutex_;
  std::map<uint64_t, std::shared_ptr<Launcher>> tests_ ABSL_GUARDED_BY(tests_mutex_);
  uint64_t last_test_ ABSL_GUARDED_BY(tests_mutex_) = 0;
  bool tests_ended_ ABSL_GUARDED_BY(tests_mutex_) = false;
  std::unique_ptr<ChildProcesses> device_children_ ABSL_GUARDED_BY(tests_mutex_);  // from the first on
};

}  // namespace concertina
