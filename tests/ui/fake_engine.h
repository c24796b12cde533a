// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine.h: an engine for tests of the desktop, on a Unix socket: the whole service, answered from
// memory, with runs and curves like those of LeNet-5 on Fashion-MNIST. It moves only when a test says so.
#pragma once

#include <QDateTime>
#include <QString>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
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
#include "absl/time/time.h"
#include "core/analysis/pyramid.h"
#include "core/proto/engine.grpc.pb.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "nlohmann/json.hpp"
#include "tests/ui/synthetic_run.h"

namespace concertina::ui {

inline constexpr char kSpecOfTests[] = R"({
  "name": "LeNet-5, ring, top-k 1 %", "seed": 7,
  "dataset": {"kind": "fashion-mnist", "partition": {"kind": "iid"}},
  "model": {"kind": "lenet-5"},
  "optimizer": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "schedule": {"kind": "constant"}},
  "training": {"batch_size": 64, "epochs": 3},
  "mesh": {"data": 4, "pipeline": 1, "tensor": 1},
  "exchange": {"kind": "all-reduce", "algorithm": "ring", "bucket_mib": 4},
  "gradient": [{"kind": "top-k", "ratio": 0.01, "error_feedback": true}],
  "network": {"transport": "grpc", "bandwidth_mbit": 1000, "latency_ms": 0.5},
  "workers": [{"launcher": "local", "count": 4}]})";

inline constexpr char kDescribeOfTests[] = R"({"categories": [
  {"category": "optimizer", "components": [{"kind": "sgd", "title": "Stochastic gradient descent", "summary": "", "citation": "",
    "parameters": [
      {"name": "learning_rate", "type": "number", "unit": "", "default": 0.05, "minimum": 0, "maximum": 10, "choices": [],
       "doc": "The step along the negative gradient.", "live": true},
      {"name": "momentum", "type": "number", "unit": "", "default": 0.9, "minimum": 0, "maximum": 1, "choices": [],
       "doc": "How much of the last update is kept.", "live": true},
      {"name": "nesterov", "type": "boolean", "unit": "", "default": false, "choices": [], "doc": "", "live": false},
      {"name": "schedule", "type": "component", "unit": "", "choices": ["schedule"], "doc": "", "live": false}]}]},
  {"category": "schedule", "components": [{"kind": "constant", "title": "Constant", "summary": "", "citation": "",
    "parameters": [{"name": "factor", "type": "number", "unit": "", "default": 1, "minimum": 0, "maximum": 1, "choices": [],
      "doc": "", "live": true}]}]},
  {"category": "gradient-codec", "components": [{"kind": "top-k", "title": "Top-k sparsification", "summary": "",
    "citation": "", "parameters": [
      {"name": "ratio", "type": "number", "unit": "", "default": 0.01, "minimum": 1e-6, "maximum": 1, "choices": [],
       "doc": "k/d, the share of elements that is sent.", "live": true},
      {"name": "error_feedback", "type": "boolean", "unit": "", "default": true, "choices": [], "doc": "", "live": false}]}]},
  {"category": "compressor", "components": [
    {"kind": "prune-l1", "title": "Prune the smallest weights", "summary": "", "citation": "", "parameters": [
      {"name": "amount", "type": "number", "unit": "", "default": 0.5, "minimum": 0, "maximum": 1, "choices": [],
       "doc": "Share of the weights that is zero afterwards.", "live": false}]},
    {"kind": "retrain", "title": "Retrain", "summary": "", "citation": "", "parameters": [
      {"name": "epochs", "type": "number", "unit": "epochs", "default": 1, "minimum": 1e-6, "maximum": 100000,
       "choices": [], "doc": "", "live": false}]},
    {"kind": "int8", "title": "8 bits, weights and activations", "summary": "", "citation": "", "parameters": []}]},
  {"category": "experiment", "components": [{"kind": "network", "title": "Network", "summary": "", "citation": "",
    "parameters": [
      {"name": "transport", "type": "choice", "unit": "", "default": "auto", "choices": ["auto", "grpc"], "doc": "", "live": false},
      {"name": "bandwidth_mbit", "type": "number", "unit": "Mbit/s", "default": 0, "minimum": 0, "maximum": 1e6, "choices": [],
       "doc": "What each emulated link lets through; 0 is free.", "live": true},
      {"name": "latency_ms", "type": "number", "unit": "ms", "default": 0, "minimum": 0, "maximum": 10000, "choices": [],
       "doc": "How long a message is on its way.", "live": true}]},
    {"kind": "workers", "title": "Workers", "summary": "", "citation": "", "parameters": [
      {"name": "count", "type": "integer", "unit": "workers", "default": 1, "minimum": 1, "maximum": 4096, "choices": [],
       "doc": "Workers that this launcher starts.", "live": false},
      {"name": "speed", "type": "number", "unit": "", "default": 1, "minimum": 0.01, "maximum": 1, "choices": [],
       "doc": "Emulates slower workers.", "live": true},
      {"name": "bandwidth_mbit", "type": "number", "unit": "Mbit/s", "default": 0, "minimum": 0, "maximum": 1e6,
       "choices": [], "doc": "Bandwidth of the emulated link of these workers.", "live": true}]}]}]})";

class FakeEngine final : public proto::Engine::Service {
 public:
  std::atomic<int> sparkline_calls = 0;
  ~FakeEngine() override { stop(); }

  // The address is "unix:" and this path.
  void start(const QString& socket_path) {
    path_ = socket_path;
    stopping_ = false;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address().toStdString(), grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  void stop() {
    if (server_ == nullptr) return;
    stopping_ = true;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
    server_.reset();
  }
  QString address() const { return QStringLiteral("unix:") + path_; }

  // A summary as the engine would give it; streams hear of it.
  void put(const proto::RunSummary& run) {
    change(run.run(), [&](proto::RunSummary& now) { now = run; });
  }
  // The same of what the run is now. In one go: a test and a call may change it at the same time.
  proto::RunSummary change(const std::string& id, const std::function<void(proto::RunSummary&)>& how) {
    absl::MutexLock lock(&mutex_);
    proto::RunSummary& run = runs_[id];
    how(run);
    for (Listener* listener : run_listeners_) listener->queue.push_back(asMessage(run));
    for (Listener* listener : watchers_)
      if (listener->run == id) listener->queue.push_back(asMessage(run));
    return run;
  }
  proto::RunSummary run(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    return runs_[id];
  }
  void forget(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    runs_.erase(id);
  }
  static proto::RunSummary makeRun(const std::string& id, const std::string& name, proto::RunState state) {
    proto::RunSummary run;
    run.set_run(id);
    run.set_name(name);
    run.set_state(state);
    run.set_seed(7);
    run.set_total_steps(705);
    run.set_spec_json(kSpecOfTests);
    run.set_created_unix_ms(QDateTime::currentMSecsSinceEpoch() - 61000);
    run.set_started_unix_ms(QDateTime::currentMSecsSinceEpoch() - 60000);
    run.set_attempt(1);
    run.set_parameters(431080);
    for (int rank = 0; rank < 4; ++rank) {
      proto::Worker* worker = run.add_workers();
      worker->set_rank(uint32_t(rank));
      worker->set_pid(48210 + rank);
      worker->set_host("localhost");
      worker->add_axis(uint32_t(rank));
      worker->add_axis(0);
      worker->add_axis(0);
      worker->set_state(state == proto::RUNNING ? "running" : "gone");
    }
    return run;
  }
  // The run goes on to `step`: its metrics reach the watchers, its summary everybody.
  void advance(const std::string& id, int64_t step) {
    {
      absl::MutexLock lock(&mutex_);
      proto::WatchMessage message;
      *message.mutable_metrics() = synthetic.rows(runs_[id].steps(), step);
      for (Listener* listener : watchers_)
        if (listener->run == id) listener->queue.push_back(message);
    }
    change(id, [&](proto::RunSummary& run) { synthetic.summarise(run, step); });
  }
  void tellEvent(const std::string& id, const proto::RunEvent& event) {
    absl::MutexLock lock(&mutex_);
    events_[id].push_back(event);
    proto::WatchMessage message;
    *message.mutable_event() = event;
    for (Listener* listener : watchers_)
      if (listener->run == id) listener->queue.push_back(message);
  }
  void tellLog(const std::string& id, int rank, const std::string& line) {
    absl::MutexLock lock(&mutex_);
    proto::WatchMessage message;
    message.mutable_log()->set_rank(rank);
    message.mutable_log()->set_line(line);
    logs_[id].push_back(message.log());
    for (Listener* listener : watchers_)
      if (listener->run == id) listener->queue.push_back(message);
  }
  int watchers() const {
    absl::MutexLock lock(&mutex_);
    return int(watchers_.size());
  }
  int runListeners() const {
    absl::MutexLock lock(&mutex_);
    return int(run_listeners_.size());
  }

  // Every unary call but Status answers with this, if it is not OK.
  void refuseWith(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    refusal_ = status;
  }
  std::vector<std::string> calls()
      const {  // "control stop 20261124-…", "knob /optimizer/learning_rate 0.1", …
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  std::vector<std::string> submitted() const {  // specs
    absl::MutexLock lock(&mutex_);
    return submitted_specs_;
  }
  // What SPANS is answered with, until putTimeline gives it.
  static constexpr int64_t kNextRecording = 1764281540123;
  // What GetTimeline gives of that recording, a rank each.
  void putTimeline(const std::vector<std::string>& packed) {
    absl::MutexLock lock(&mutex_);
    timeline_ = packed;
  }
  // What SlowMotion answers.
  void putMotion(const proto::SlowMotionReply& reply) {
    absl::MutexLock lock(&mutex_);
    motion_ = reply;
  }
  // What GetTraffic answers, of every run.
  void putTraffic(const proto::TrafficReply& reply) {
    absl::MutexLock lock(&mutex_);
    traffic_ = reply;
  }
  // What GetRecipeStep gives; any other step is not found.
  void putRecipeStep(const std::string& id, int64_t index, const std::string& json) {
    absl::MutexLock lock(&mutex_);
    recipe_steps_[{id, index}] = json;
  }
  SyntheticRun synthetic;
  std::map<std::string, SyntheticRun> own;  // runs that are not like it; set before they are asked for
  std::string plan = R"({"total_steps": 705, "global_batch_size": 256, "world_size": 4})";  // of every spec
  proto::GetSamplesReply samples;             // of every dataset; set before they are asked for
  std::function<std::string(const std::string& run)> parameters;  // what a run exports as safetensors
  std::string page;  // what an export as HTML gives; "": what every other gives
  std::string home;                                               // of the engine, if a test needs one
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
                      proto::EngineStatus* reply) override {
    while (silent && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    reply->set_version("0.1.0");
    reply->set_address(address().toStdString());
    reply->set_home(home);
    return grpc::Status::OK;
  }
  grpc::Status Describe(grpc::ServerContext*, const proto::DescribeRequest*,
                        proto::DescribeReply* reply) override {
    reply->set_json(describe);
    return answer("describe");
  }
  grpc::Status Validate(grpc::ServerContext*, const proto::SpecRequest* request,
                        proto::ValidateReply* reply) override {
    reply->set_spec_json(request->spec_json());
    reply->set_valid(request->spec_json().find("\"fault\"") == std::string::npos);
    if (!reply->valid()) {
      proto::SpecFault* fault = reply->add_faults();
      fault->set_pointer("/model/kind");
      fault->set_found("\"lenet-6\"");
      fault->set_expected("a model");
      fault->set_suggestion("lenet-5");
      fault->set_message("/model/kind: found \"lenet-6\", expected a model; did you mean \"lenet-5\"?");
    }
    return answer("validate");
  }
  grpc::Status MeasureOnDevice(grpc::ServerContext* context, const proto::MeasureOnDeviceRequest* request,
                               proto::MeasureOnDeviceReply* reply) override {
    const grpc::Status status = answer("device " + request->run() + " " + std::to_string(request->queries()) +
                                       " " + request->entry_json());
    while (device_is_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    if (context->IsCancelled()) answer("device cancelled");
    *reply = device;
    return status;
  }
  grpc::Status TestLauncher(grpc::ServerContext* context, const proto::TestLauncherRequest* request,
                            proto::TestLauncherReply* reply) override {
    const grpc::Status status = answer("test " + request->entry_json());
    while (host_is_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    if (context->IsCancelled()) answer("test cancelled");
    *reply = host;
    return status;
  }
  grpc::Status MakePlan(grpc::ServerContext*, const proto::SpecRequest*, proto::PlanReply* reply) override {
    reply->set_json(plan);
    return answer("plan");
  }
  grpc::Status GetSamples(grpc::ServerContext*, const proto::GetSamplesRequest* request,
                          proto::GetSamplesReply* reply) override {
    *reply = samples;
    return answer("samples " + std::to_string(request->has_worker() ? request->worker() : -1));
  }
  // Every combination of the axes' values; of successive halving the rungs that halve, from 1 epoch on.
  grpc::Status ExpandSweep(grpc::ServerContext*, const proto::ExpandSweepRequest* request,
                           proto::ExpandSweepReply* reply) override {
    const auto sweep = nlohmann::json::parse(request->sweep_json());
    if (request->sweep_json().find("\"fault\"") != std::string::npos) {
      proto::SpecFault* fault = reply->add_faults();
      fault->set_pointer("/axes/0/values/0");
      fault->set_message("/axes/0/values/0: found \"fault\", expected none");
      return answer("expand");
    }
    std::vector<std::pair<std::string, nlohmann::json>> points = {{"", sweep.at("base")}};
    for (const auto& axis : sweep.at("axes")) {
      std::vector<std::pair<std::string, nlohmann::json>> longer;
      for (const auto& [label, spec] : points)
        for (const auto& value : axis.value("values", nlohmann::json::array({1, 2}))) {
          const bool has_label = value.is_object() && value.contains("label");
          auto changed = spec;
          changed[nlohmann::json::json_pointer(axis.at("pointer").get<std::string>())] =
              has_label ? value.at("value") : value;
          const std::string words = has_label ? value.at("label").get<std::string>() : value.dump();
          longer.emplace_back(label.empty() ? words : label + ", " + words, std::move(changed));
        }
      points = std::move(longer);
    }
    const std::string name = sweep.value("name", "sweep");
    const int64_t repeats = sweep.value("repeats", int64_t{1});
    reply->set_name(name);
    reply->set_point_count(int64_t(points.size()));
    reply->set_run_count(int64_t(points.size()) * repeats);
    reply->set_objective("test_accuracy");
    reply->set_more_is_better(true);
    reply->set_epochs(3);
    if (sweep.contains("search") && sweep.at("search").at("kind") == "successive-halving")
      for (size_t count = points.size(), epochs = 1; count > 0; count /= 2, ++epochs) {
        proto::SweepRung* rung = reply->add_rungs();
        rung->set_points(int64_t(count));
        rung->set_epochs(double(epochs));
      }
    for (size_t i = 0; i < points.size() && int(i) < request->max_points(); ++i) {
      proto::SweepPointSpecs* point = reply->add_points();
      point->set_label(points[i].first);
      for (int64_t repeat = 0; repeat < repeats; ++repeat) {
        auto spec = points[i].second;
        spec["name"] = name + " · " + points[i].first;
        if (repeat > 0) spec["seed"] = spec.value("seed", 1) + repeat;
        point->add_spec_json(spec.dump());
      }
    }
    return answer("expand");
  }
  bool names_runs = false;  // a run is called what its spec says, not "new"
  grpc::Status Submit(grpc::ServerContext*, const proto::SubmitRequest* request,
                      proto::SubmitReply* reply) override {
    const int before = submitted_++;
    proto::RunSummary run = makeRun("20261124-031500-new" + (before == 0 ? "" : std::to_string(before + 1)),
                                    "new", proto::QUEUED);
    if (names_runs) run.set_name(nlohmann::json::parse(request->spec_json()).value("name", ""));
    run.set_spec_json(request->spec_json());
    put(run);
    reply->set_run(run.run());
    {
      absl::MutexLock lock(&mutex_);
      submitted_specs_.push_back(request->spec_json());
    }
    return answer("submit");
  }
  grpc::Status ListRuns(grpc::ServerContext* context, const proto::ListRunsRequest* request,
                        proto::ListRunsReply* reply) override {
    if (lists_are_slow) ++slow_lists;
    while (lists_are_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, run] : request->bin() ? bin_ : runs_) *reply->add_runs() = run;
    return grpc::Status::OK;
  }
  grpc::Status ControlRun(grpc::ServerContext*, const proto::ControlRunRequest* request,
                          proto::ControlRunReply* reply) override {
    static constexpr const char* kWords[] = {"none",       "pause", "resume",   "stop",
                                             "checkpoint", "kill",  "histogram"};
    if (request->action() == proto::ControlRunRequest::SPANS) {
      reply->set_recording(kNextRecording);
      return answer("record " + std::to_string(request->steps()) + " " + request->run());
    }
    const grpc::Status status =
        answer(std::string("control ") + kWords[request->action()] + " " + request->run());
    if (!status.ok()) return status;
    reply->set_state(change(request->run(), [&](proto::RunSummary& run) {
                       switch (request->action()) {
                         case proto::ControlRunRequest::PAUSE:
                           run.set_state(proto::PAUSED);
                           break;
                         case proto::ControlRunRequest::RESUME:
                           run.set_state(proto::RUNNING);
                           break;
                         case proto::ControlRunRequest::STOP:
                           if (!stop_hangs) run.set_state(proto::STOPPED);
                           break;
                         case proto::ControlRunRequest::KILL:
                           run.set_state(proto::STOPPED);
                           break;
                         default:
                           break;
                       }
                     }).state());
    return status;
  }
  grpc::Status SetKnob(grpc::ServerContext*, const proto::SetKnobRequest* request,
                       proto::SetKnobReply* reply) override {
    const grpc::Status status = answer("knob " + request->pointer() + " " + request->json());
    reply->set_step(run(request->run()).steps() + 1);
    return status;
  }
  grpc::Status ChangeWorkers(grpc::ServerContext*, const proto::ChangeWorkersRequest* request,
                             proto::ChangeWorkersReply* reply) override {
    const grpc::Status status = answer("workers " + std::to_string(request->change()) + " " + request->run());
    reply->set_workers(run(request->run()).workers_size() + request->change());
    return status;
  }
  grpc::Status HarmWorker(grpc::ServerContext*, const proto::HarmWorkerRequest* request,
                          proto::HarmWorkerReply* reply) override {
    static constexpr const char* kActs[] = {"look", "kill", "freeze", "thaw", "slow"};
    std::string said = std::string("harm ") + kActs[request->act()] + " " + std::to_string(request->rank());
    if (request->seconds() > 0) said += " for " + std::to_string(int(request->seconds()));
    if (request->slowdown() > 0) said += " by " + std::to_string(int(request->slowdown()));
    const grpc::Status status = answer(said + " " + request->run());
    reply->set_recovery("regroups");
    return status;
  }
  grpc::Status DeleteRun(grpc::ServerContext*, const proto::RunRequest* request,
                         proto::DeleteRunReply*) override {
    const grpc::Status status = answer("delete " + request->run());
    if (!status.ok()) return status;
    {
      absl::MutexLock lock(&mutex_);
      if (const auto found = runs_.find(request->run()); found != runs_.end())
        bin_[found->first] = found->second;
    }
    forget(request->run());
    return status;
  }
  grpc::Status StartLines(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::StartLinesReply* reply) override {
    const grpc::Status status = answer("start lines " + request->run());
    absl::MutexLock lock(&mutex_);
    for (size_t rank = 0; rank < start_lines_.size(); ++rank) {
      proto::StartLine& put = *reply->add_lines();
      put.set_rank(static_cast<uint32_t>(rank));
      put.set_line(start_lines_[rank]);
    }
    return status;
  }
  void setStartLines(std::vector<std::string> lines) {
    absl::MutexLock lock(&mutex_);
    start_lines_ = std::move(lines);
  }
  grpc::Status RestoreRun(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::RestoreRunReply*) override {
    const grpc::Status status = answer("restore " + request->run());
    if (!status.ok()) return status;
    proto::RunSummary run;
    {
      absl::MutexLock lock(&mutex_);
      const auto found = bin_.find(request->run());
      if (found == bin_.end()) return {grpc::StatusCode::NOT_FOUND, "there is no such run in the bin"};
      run = found->second;
      bin_.erase(found);
    }
    put(run);
    return status;
  }
  grpc::Status EmptyBin(grpc::ServerContext*, const proto::EmptyBinRequest* request,
                        proto::EmptyBinReply* reply) override {
    const grpc::Status status = answer("empty bin " + std::to_string(request->runs_size()));
    if (!status.ok()) return status;
    absl::MutexLock lock(&mutex_);
    const size_t before = bin_.size();
    if (request->runs().empty()) bin_.clear();
    for (const std::string& run : request->runs()) bin_.erase(run);
    reply->set_runs(int64_t(before - bin_.size()));
    return status;
  }
  grpc::Status MarkRuns(grpc::ServerContext*, const proto::MarkRunsRequest* request,
                        proto::MarkRunsReply*) override {
    std::string what = "mark";
    for (const std::string& run : request->runs()) what += " " + run;
    for (const std::string& tag : request->add_tags()) what += " +" + tag;
    for (const std::string& tag : request->remove_tags()) what += " -" + tag;
    if (request->has_note()) what += " note=" + request->note();
    if (request->has_name()) what += " name=" + request->name();
    if (request->has_color()) what += " color=" + std::to_string(request->color());
    if (request->has_pinned()) what += request->pinned() ? " pin" : " unpin";
    const grpc::Status status = answer(what);
    if (!status.ok()) return status;
    for (const std::string& id : request->runs())
      change(id, [&](proto::RunSummary& run) {
        auto& tags = *run.mutable_marks()->mutable_tags();
        for (const std::string& tag : request->remove_tags())
          tags.erase(std::remove(tags.begin(), tags.end(), tag), tags.end());
        for (const std::string& tag : request->add_tags())
          if (std::find(tags.begin(), tags.end(), tag) == tags.end()) *tags.Add() = tag;
        if (request->has_note()) run.mutable_marks()->set_note(request->note());
        if (request->has_name()) run.set_name(request->name());
        if (request->has_color()) run.mutable_marks()->set_color(request->color());
        if (request->has_pinned()) run.mutable_marks()->set_pinned(request->pinned());
      });
    return status;
  }
  grpc::Status GetSparklines(grpc::ServerContext*, const proto::SparklinesRequest* request,
                             proto::SparklinesReply* reply) override {
    for (const std::string& run : request->runs()) {
      proto::Sparkline& line = *reply->add_sparklines();
      line.set_run(run);
      for (int i = 0; i < 16; ++i) line.add_values(1.0F / float(i + 1));
    }
    ++sparkline_calls;  // asked for by the page itself: no word among what a person asks, nor refused
    return grpc::Status::OK;
  }
  grpc::Status ImportRun(grpc::ServerContext*, grpc::ServerReader<proto::ImportChunk>* reader,
                         proto::ImportReply* reply) override {
    proto::ImportChunk chunk;
    size_t bytes = 0;
    while (reader->Read(&chunk)) bytes += chunk.data().size();
    const grpc::Status status = answer("import " + std::to_string(bytes));
    if (!status.ok()) return status;
    put(makeRun("imported", "imported", proto::FINISHED));
    reply->set_run("imported");
    return status;
  }
  grpc::Status ListSeries(grpc::ServerContext*, const proto::ListSeriesRequest* request,
                          proto::ListSeriesReply* reply) override {
    const int64_t steps = run(request->run()).steps();
    if (steps == 0) return grpc::Status::OK;
    for (const auto& [name, unit] : synthetic.allSeries()) {
      proto::SeriesInfo* info = reply->add_series();
      info->set_name(name);
      info->set_unit(unit);
      info->add_ranks(-1);
      info->set_points(steps);
    }
    return answer("list-series");
  }
  // Every step: what is measured of x is so in each of them.
  grpc::Status joined(const proto::GetSeriesRequest& request, proto::GetSeriesReply* reply) {
    const auto found = own.find(request.run());
    const SyntheticRun& synthetic = found == own.end() ? this->synthetic : found->second;
    for (int64_t step = 1; step <= run(request.run()).steps(); ++step) {
      const double x = synthetic.value(request.x_series(), step), y = synthetic.value(request.name(), step);
      if (std::isnan(x) || std::isnan(y)) continue;
      if (reply->x_size() > 0 && x < reply->x(reply->x_size() - 1)) reply->set_x_goes_back(true);
      for (auto* values : {reply->mutable_x(), reply->mutable_x_min(), reply->mutable_x_max()})
        values->Add(x);
      for (auto* values : {reply->mutable_mean(), reply->mutable_min(), reply->mutable_max()}) values->Add(y);
      reply->add_steps(double(step));
      if (request.with_counts()) reply->add_counts(1);
      if (request.with_counts()) reply->add_seconds(synthetic.seconds(step));
    }
    return grpc::Status::OK;
  }
  grpc::Status GetSeries(grpc::ServerContext* context, const proto::GetSeriesRequest* request,
                         proto::GetSeriesReply* reply) override {
    const grpc::Status status =
        answer("series " + request->name() + " " + request->x() + request->x_series());
    if (!status.ok()) return status;
    if (!request->x_series().empty()) return joined(*request, reply);
    const bool is_range = request->x_from() < request->x_to();
    if (is_range && ranges_are_slow) {
      ++waiting_ranges;
      while (ranges_are_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
      if (context->IsCancelled()) ++cancelled_ranges;
    }
    const int64_t steps = run(request->run()).steps();
    const auto found = own.find(request->run());
    const SyntheticRun& synthetic = found == own.end() ? this->synthetic : found->second;
    Pyramid::Points points;
    for (int64_t step = 1; step <= steps; ++step) {
      const double x = synthetic.at(request->x(), step);
      if (is_range && (x < request->x_from() || x > request->x_to())) continue;
      const double value = request->rank() >= 0
                               ? synthetic.valueOfRank(request->name(), request->rank(), step)
                           : request->name() == "progress/epoch"   ? synthetic.epoch(step)
                           : request->name() == "comm/bytes_total" ? synthetic.bytes(step)
                                                                   : synthetic.value(request->name(), step);
      if (std::isnan(value)) continue;
      points.steps.push_back(step);
      points.seconds.push_back(synthetic.seconds(step));
      points.values.push_back(value);
    }
    Pyramid pyramid;
    pyramid.Append(points.steps, points.seconds, points.values);
    const auto buckets = ReadZoomed(pyramid, 0, pyramid.size(0), thins ? request->max_points() : 0);
    for (const SeriesBucket& bucket : *buckets) {
      // Between two steps every axis is a line.
      const auto before = static_cast<int64_t>(bucket.step);
      const double share = bucket.step - static_cast<double>(before),
                   from = synthetic.at(request->x(), before);
      reply->add_x(share == 0 ? from : from + share * (synthetic.at(request->x(), before + 1) - from));
      reply->add_mean(bucket.mean);
      reply->add_min(bucket.min);
      reply->add_max(bucket.max);
      if (!request->with_counts()) continue;
      reply->add_counts(bucket.count);
      reply->add_seconds(bucket.seconds);
    }
    reply->set_total_points(pyramid.size(0));
    for (const auto& [name, unit] : SyntheticRun::series())
      if (name == request->name()) reply->set_unit(unit);
    return status;
  }
  grpc::Status ListEvents(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::ListEventsReply* reply) override {
    absl::MutexLock lock(&mutex_);
    for (const proto::RunEvent& event : events_[request->run()]) *reply->add_events() = event;
    return grpc::Status::OK;
  }
  grpc::Status GetLog(grpc::ServerContext*, const proto::GetLogRequest* request,
                      proto::GetLogReply* reply) override {
    absl::MutexLock lock(&mutex_);
    for (const proto::RankLog& line : logs_[request->run()])
      if (request->rank() < 0 || line.rank() == request->rank()) *reply->add_lines() = line;
    return grpc::Status::OK;
  }
  grpc::Status Export(grpc::ServerContext* context, const proto::ExportRequest* request,
                      grpc::ServerWriter<proto::ExportChunk>* writer) override {
    const grpc::Status status = answer("export " + request->format());
    if (!status.ok()) return status;
    proto::ExportChunk chunk;
    if (parameters && request->format() == "safetensors") {
      chunk.set_file_name("run.safetensors");
      chunk.set_data(parameters(request->run()));
      writer->Write(chunk);
      return status;
    }
    if (!page.empty() && request->format() == "html") {
      chunk.set_file_name("run.html");
      chunk.set_data(page);
      writer->Write(chunk);
      return status;
    }
    chunk.set_file_name("../run." + request->format());  // a name that would like to leave its folder
    chunk.set_data("step,loss\n");
    writer->Write(chunk);
    while (export_is_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
    chunk.clear_file_name();
    chunk.set_data("1,2.3\n");
    writer->Write(chunk);
    chunk.set_file_name("events." + request->format());
    chunk.set_data("step,kind\n");
    writer->Write(chunk);
    if (export_is_cut) return {grpc::StatusCode::UNAVAILABLE, "the engine goes"};
    return status;
  }
  grpc::Status GetTimeline(grpc::ServerContext*, const proto::GetTimelineRequest* request,
                           proto::GetTimelineReply* reply) override {
    const grpc::Status status = answer("timeline " + request->run());
    absl::MutexLock lock(&mutex_);
    if (timeline_.empty()) return status;
    proto::TimelineRecording& recording = *reply->add_recordings();
    recording.set_recording(kNextRecording);
    for (size_t rank = 0; rank < timeline_.size(); ++rank) recording.add_ranks(static_cast<int>(rank));
    if (request->rank() >= 0) reply->set_packed(timeline_.at(static_cast<size_t>(request->rank())));
    return status;
  }
  grpc::Status SlowMotion(grpc::ServerContext* context, const proto::SlowMotionRequest* request,
                          proto::SlowMotionReply* reply) override {
    static constexpr const char* kWords[] = {"look", "begin", "next", "step", "leave"};
    const grpc::Status status =
        answer(std::string("motion ") + kWords[request->action()] + " " + request->run());
    {
      absl::MutexLock lock(&mutex_);
      *reply = motion_;
    }
    if (looks_are_slow && request->action() == proto::SlowMotionRequest::LOOK) {
      ++slow_looks;
      while (looks_are_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    }
    return status;
  }
  grpc::Status GetTraffic(grpc::ServerContext*, const proto::RunRequest* request,
                          proto::TrafficReply* reply) override {
    const grpc::Status status = answer("traffic " + request->run());
    absl::MutexLock lock(&mutex_);
    *reply = traffic_;
    return status;
  }
  grpc::Status Fork(grpc::ServerContext*, const proto::ForkRequest* request,
                    proto::SubmitReply* reply) override {
    std::string changes;
    for (const std::string& change : request->changes()) {
      changes += " " + change;
      if (change.starts_with("/")) continue;
      proto::SpecFault& fault = *reply->add_faults();
      fault.set_message("\"" + change + "\" is no assignment");
    }
    const grpc::Status status =
        answer(std::string(request->validate_only() ? "ask to fork " : "fork ") + request->run() + changes);
    if (!status.ok() || request->validate_only() || !reply->faults().empty()) return status;
    proto::RunSummary child = makeRun("20261124-031500-fork", "a fork", proto::QUEUED);
    child.set_parent(request->run());
    put(child);
    reply->set_run(child.run());
    return status;
  }
  grpc::Status GetRecipeStep(grpc::ServerContext*, const proto::GetRecipeStepRequest* request,
                             proto::GetRecipeStepReply* reply) override {
    const grpc::Status status =
        answer("recipe-step " + request->run() + " " + std::to_string(request->index()));
    absl::MutexLock lock(&mutex_);
    const auto found = recipe_steps_.find({request->run(), request->index()});
    if (status.ok() && found == recipe_steps_.end())
      return {grpc::StatusCode::NOT_FOUND, "run " + request->run() + " has not come so far"};
    if (status.ok()) reply->set_json(found->second);
    return status;
  }
  grpc::Status Watch(grpc::ServerContext* context, const proto::WatchRequest* request,
                     grpc::ServerWriter<proto::WatchMessage>* writer) override {
    const proto::RunSummary run = this->run(request->run());
    if (run.run().empty()) return {grpc::StatusCode::NOT_FOUND, "there is no run " + request->run()};
    Listener listener;
    listener.run = request->run();
    listener.queue.push_back(asMessage(run));
    serve(context, watchers_, listener, [&](const proto::WatchMessage& message) {
      if (!writer->Write(message)) return false;
      return !message.has_summary() || message.summary().state() < proto::FINISHED;
    });
    return grpc::Status::OK;
  }
  grpc::Status WatchRuns(grpc::ServerContext* context, const proto::WatchRunsRequest*,
                         grpc::ServerWriter<proto::RunSummary>* writer) override {
    Listener listener;
    while (streams_are_late && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
    // What is put once the client has heard of the stream must come by it.
    serve(
        context, run_listeners_, listener,
        [&](const proto::WatchMessage& message) { return writer->Write(message.summary()); },
        [&] { writer->SendInitialMetadata(); });
    return grpc::Status::OK;
  }

 private:
  struct Listener {
    std::string run;
    std::deque<proto::WatchMessage> queue;
  };
  static proto::WatchMessage asMessage(const proto::RunSummary& run) {
    proto::WatchMessage message;
    *message.mutable_summary() = run;
    return message;
  }
  // Writes what is queued until the stream or the engine ends.
  void serve(
      grpc::ServerContext* context, std::set<Listener*>& listeners, Listener& listener,
      const std::function<bool(const proto::WatchMessage&)>& write,
      const std::function<void()>& listens = [] {}) {
    mutex_.Lock();
    listeners.insert(&listener);
    mutex_.Unlock();
    listens();
    for (bool going = true; going && !context->IsCancelled() && !stopping_;) {
      mutex_.LockWhenWithTimeout(absl::Condition(
                                     +[](Listener* l) { return !l->queue.empty(); }, &listener),
                                 absl::Milliseconds(10));
      std::deque<proto::WatchMessage> batch;
      batch.swap(listener.queue);
      mutex_.Unlock();
      for (const proto::WatchMessage& message : batch)
        if (going) going = write(message);
    }
    absl::MutexLock lock(&mutex_);
    listeners.erase(&listener);
  }
  grpc::Status answer(const std::string& call) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back(call);
    return refusal_;
  }

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
