// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine.h: an engine for tests of the desktop, on a Unix socket: the whole service, answered from
// memory, with runs and curves like those of LeNet-5 on Fashion-MNIST. It moves only when a test says so.
// By theme: fake_engine_specs.cc, fake_engine_runs.cc, fake_engine_measured.cc; fake_engine.cc is the rest.
#pragma once

#include <QString>
#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/proto/engine.grpc.pb.h"
#include "grpcpp/server.h"
#include "grpcpp/server_context.h"
#include "tests/ui/fake_engine_words.h"
#include "tests/ui/synthetic_run.h"

namespace concertina::ui {

class FakeEngine final : public proto::Engine::Service {
 public:
  std::atomic<int> sparkline_calls = 0;
  ~FakeEngine() override { stop(); }

  // The address is "unix:" and this path.
  void start(const QString& socket_path);
  void stop();
  QString address() const { return QStringLiteral("unix:") + path_; }

  // A summary as the engine would give it; streams hear of it.
  void put(const proto::RunSummary& run);
  // The same of what the run is now. In one go: a test and a call may change it at the same time.
  proto::RunSummary change(const std::string& id, const std::function<void(proto::RunSummary&)>& how);
  proto::RunSummary run(const std::string& id);
  void forget(const std::string& id);
  static proto::RunSummary makeRun(const std::string& id, const std::string& name, proto::RunState state);
  // The run goes on to `step`: its metrics reach the watchers, its summary everybody.
  void advance(const std::string& id, int64_t step);
  void tellEvent(const std::string& id, const proto::RunEvent& event);
  void tellLog(const std::string& id, int rank, const std::string& line);
  int watchers() const;
  int runListeners() const;

  // Every unary call but Status answers with this, if it is not OK.
  void refuseWith(const grpc::Status& status);
  // "control stop 20261124-…", "knob /optimizer/learning_rate 0.1", …
  std::vector<std::string> calls() const;
  std::vector<std::string> submitted() const;  // specs
  // What SPANS is answered with, until putTimeline gives it.
  static constexpr int64_t kNextRecording = 1764281540123;
  // What GetTimeline gives of that recording, a rank each.
  void putTimeline(const std::vector<std::string>& packed);
  // What SlowMotion answers.
  void putMotion(const proto::SlowMotionReply& reply);
  // What GetTraffic answers, of every run.
  void putTraffic(const proto::TrafficReply& reply);
  // What GetRecipeStep gives; any other step is not found.
  void putRecipeStep(const std::string& id, int64_t index, const std::string& json);
  SyntheticRun synthetic;
  std::map<std::string, SyntheticRun> own;  // runs that are not like it; set before they are asked for
  std::string plan = R"({"total_steps": 705, "global_batch_size": 256, "world_size": 4})";  // of every spec
  proto::GetSamplesReply samples;  // of every dataset; set before they are asked for
  std::function<std::string(const std::string& run)> parameters;  // what a run exports as safetensors
  std::string page;  // what an export as HTML gives; "": what every other gives
  std::string home;  // of the engine, if a test needs one
  std::string describe = kDescribeOfTests;
  proto::MeasureOnDeviceReply device;        // what every measurement gives; set before it is asked for
  std::atomic<bool> device_is_slow = false;  // no measurement ends by itself while this is set
  proto::TestLauncherReply host;             // what every machine answers; set before it is asked
  std::atomic<bool> host_is_slow = false;    // no machine answers while this is set
  std::atomic<bool> export_is_cut = false;   // an export ends in its second file while this is set
  std::atomic<bool> export_is_slow = false;  // an export stops after its first bytes while this is set
  // What LOOK saw in slow motion is not told while this is set; so many have looked since.
  std::atomic<bool> looks_are_slow = false;
  std::atomic<int> slow_looks = 0;
  // No list of runs is answered while this is set; so many have been asked for since.
  std::atomic<bool> lists_are_slow = false;
  std::atomic<int> slow_lists = 0;
  std::atomic<bool> streams_are_late = false;  // no stream of runs begins while this is set
  std::atomic<bool> thins = false;  // GetSeries keeps to max_points, as the store does; else it gives all
  // Ranges of a series are not told while this is set; so many were waited for, and so many given up.
  std::atomic<bool> ranges_are_slow = false;
  std::atomic<int> waiting_ranges = 0, cancelled_ranges = 0;
  std::atomic<bool> stop_hangs = false;  // a run that does not stop when it is asked to
  std::atomic<bool> silent = false;      // an engine that hangs: no unary call is answered while this is set

  grpc::Status Status(grpc::ServerContext* context, const proto::StatusRequest*,
                      proto::EngineStatus* reply) override;
  grpc::Status Describe(grpc::ServerContext*, const proto::DescribeRequest*,
                        proto::DescribeReply* reply) override;
  grpc::Status Validate(grpc::ServerContext*, const proto::SpecRequest* request,
                        proto::ValidateReply* reply) override;
  grpc::Status MeasureOnDevice(grpc::ServerContext* context, const proto::MeasureOnDeviceRequest* request,
                               proto::MeasureOnDeviceReply* reply) override;
  grpc::Status TestLauncher(grpc::ServerContext* context, const proto::TestLauncherRequest* request,
                            proto::TestLauncherReply* reply) override;
  grpc::Status MakePlan(grpc::ServerContext*, const proto::SpecRequest*, proto::PlanReply* reply) override;
  grpc::Status GetSamples(grpc::ServerContext*, const proto::GetSamplesRequest* request,
                          proto::GetSamplesReply* reply) override;
  // Every combination of the axes' values; of successive halving the rungs that halve, from 1 epoch on.
  grpc::Status ExpandSweep(grpc::ServerContext*, const proto::ExpandSweepRequest* request,
                           proto::ExpandSweepReply* reply) override;
  bool names_runs = false;  // a run is called what its spec says, not "new"
  grpc::Status Submit(grpc::ServerContext*, const proto::SubmitRequest* request,
                      proto::SubmitReply* reply) override;
  grpc::Status ListRuns(grpc::ServerContext* context, const proto::ListRunsRequest* request,
                        proto::ListRunsReply* reply) override;
  grpc::Status ControlRun(grpc::ServerContext*, const proto::ControlRunRequest* request,
                          proto::ControlRunReply* reply) override;
  grpc::Status SetKnob(grpc::ServerContext*, const proto::SetKnobRequest* request,
                       proto::SetKnobReply* reply) override;
  grpc::Status ChangeWorkers(grpc::ServerContext*, const proto::ChangeWorkersRequest* request,
                             proto::ChangeWorkersReply* reply) override;
  grpc::Status HarmWorker(grpc::ServerContext*, const proto::HarmWorkerRequest* request,
                          proto::HarmWorkerReply* reply) override;
  grpc::Status DeleteRun(grpc::ServerContext*, const proto::RunRequest* request,
                         proto::DeleteRunReply*) override;
  grpc::Status StartLines(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::StartLinesReply* reply) override;
  void setStartLines(std::vector<std::string> lines);
  grpc::Status RestoreRun(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::RestoreRunReply*) override;
  grpc::Status EmptyBin(grpc::ServerContext*, const proto::EmptyBinRequest* request,
                        proto::EmptyBinReply* reply) override;
  grpc::Status MarkRuns(grpc::ServerContext*, const proto::MarkRunsRequest* request,
                        proto::MarkRunsReply*) override;
  grpc::Status GetSparklines(grpc::ServerContext*, const proto::SparklinesRequest* request,
                             proto::SparklinesReply* reply) override;
  grpc::Status ImportRun(grpc::ServerContext*, grpc::ServerReader<proto::ImportChunk>* reader,
                         proto::ImportReply* reply) override;
  grpc::Status ListSeries(grpc::ServerContext*, const proto::ListSeriesRequest* request,
                          proto::ListSeriesReply* reply) override;
  // Every step: what is measured of x is so in each of them.
  grpc::Status joined(const proto::GetSeriesRequest& request, proto::GetSeriesReply* reply);
  grpc::Status GetSeries(grpc::ServerContext* context, const proto::GetSeriesRequest* request,
                         proto::GetSeriesReply* reply) override;
  grpc::Status ListEvents(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::ListEventsReply* reply) override;
  grpc::Status GetLog(grpc::ServerContext*, const proto::GetLogRequest* request,
                      proto::GetLogReply* reply) override;
  grpc::Status Export(grpc::ServerContext* context, const proto::ExportRequest* request,
                      grpc::ServerWriter<proto::ExportChunk>* writer) override;
  grpc::Status GetTimeline(grpc::ServerContext*, const proto::GetTimelineRequest* request,
                           proto::GetTimelineReply* reply) override;
  grpc::Status SlowMotion(grpc::ServerContext* context, const proto::SlowMotionRequest* request,
                          proto::SlowMotionReply* reply) override;
  grpc::Status GetTraffic(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::TrafficReply* reply) override;
  grpc::Status Fork(grpc::ServerContext*, const proto::ForkRequest* request,
                    proto::SubmitReply* reply) override;
  grpc::Status GetRecipeStep(grpc::ServerContext*, const proto::GetRecipeStepRequest* request,
                             proto::GetRecipeStepReply* reply) override;
  grpc::Status Watch(grpc::ServerContext* context, const proto::WatchRequest* request,
                     grpc::ServerWriter<proto::WatchMessage>* writer) override;
  grpc::Status WatchRuns(grpc::ServerContext* context, const proto::WatchRunsRequest*,
                         grpc::ServerWriter<proto::RunSummary>* writer) override;

 private:
  struct Listener {
    std::string run;
    std::deque<proto::WatchMessage> queue;
  };
  static proto::WatchMessage asMessage(const proto::RunSummary& run);
  // Writes what is queued until the stream or the engine ends.
  void serve(
      grpc::ServerContext* context, std::set<Listener*>& listeners, Listener& listener,
      const std::function<bool(const proto::WatchMessage&)>& write,
      const std::function<void()>& listens = [] {});
  grpc::Status answer(const std::string& call);
  // As long as `is_slow` is set, and the caller and the engine are still there.
  void wait(grpc::ServerContext* context, const std::atomic<bool>& is_slow) const;

  QString path_;
  std::atomic<int> submitted_ = 0;
  std::vector<std::string> submitted_specs_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::map<std::string, proto::RunSummary> runs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, proto::RunSummary> bin_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<proto::RunEvent>> events_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<proto::RankLog>> logs_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> timeline_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> start_lines_ ABSL_GUARDED_BY(mutex_);
  proto::SlowMotionReply motion_ ABSL_GUARDED_BY(mutex_);
  proto::TrafficReply traffic_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int64_t>, std::string> recipe_steps_ ABSL_GUARDED_BY(mutex_);
  std::set<Listener*> run_listeners_, watchers_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
  grpc::Status refusal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace concertina::ui
