// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_service_machines.cc: the calls that go out to another machine: is it ready for workers, and how fast
// is a model there. On the way of the data: the command line -> here -> engine/launcher.h,
// engine/device_bench.h.
#include <unistd.h>

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "core/engine/device_bench.h"
#include "core/engine/engine_service.h"
#include "core/engine/run_export.h"
#include "core/engine/run_preparation.h"
#include "core/engine/ssh_session.h"
#include "core/engine/this_machine.h"
#include "core/proto/spec_faults.h"
#include "core/proto/status_conversion.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// What machines say and quote, in any coding: a string that is no UTF-8 would cost the whole answer.
std::string Told(std::string_view text) {
  constexpr size_t kMostToldBytes = 4000;
  return CutUtf8(text, kMostToldBytes);
}
std::string Told(const absl::Status& status) { return Told(std::string(status.message())); }

// A call that can be ended while it goes on.
class MeasuringCall final : public grpc::ServerUnaryReactor {
 public:
  // `stop` runs once, on gRPC's thread, if who called cancels it or is gone. False: that is so already.
  bool StopWith(std::function<void()> stop) {
    absl::MutexLock lock(&mutex_);
    if (!is_cancelled_) stop_ = std::move(stop);
    return !is_cancelled_;
  }
  void OnCancel() override {
    std::function<void()> stop;
    {
      absl::MutexLock lock(&mutex_);
      is_cancelled_ = true;
      stop = std::move(stop_);
    }
    if (stop != nullptr) stop();
  }
  void OnDone() override { delete this; }

 private:
  absl::Mutex mutex_;
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> stop_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

EngineService::Reactor* EngineService::StartLines(Context* context, const proto::RunRequest* request,
                                                  proto::StartLinesReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    const Run* run = parts_.table.Live(id);
    if (run == nullptr) return absl::OkStatus();
    for (auto& [rank, line] : run->StartLines()) {
      proto::StartLine& put = *reply->add_lines();
      put.set_rank(static_cast<uint32_t>(rank));
      put.set_line(line);
    }
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::TestLauncher(Context* context,
                                                    const proto::TestLauncherRequest* request,
                                                    proto::TestLauncherReply* reply) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  uint64_t id = 0;
  {
    absl::MutexLock lock(&tests_mutex_);
    id = ++last_test_;
  }
  const double begun = Clock::Real().SteadySeconds();
  const auto finish = [this, reactor, reply, begun, id](const absl::StatusOr<HostReport>& report) {
    reply->set_seconds(Clock::Real().SteadySeconds() - begun);
    if (report.ok()) {
      reply->set_host(Told(report->host));
      reply->set_version(Told(report->version));
      reply->set_will_copy(report->will_copy);
      reply->set_system(Told(report->system));
      reply->set_cores(report->cores);
      reply->set_memory_bytes(report->memory_bytes);
      for (const std::string& dataset : report->datasets) reply->add_datasets(Told(dataset));
    } else {
      reply->set_error(Told(report.status()));
    }
    Touch();
    // A launcher cannot go on its own thread; where the pool takes nothing more, EndTests takes it.
    parts_.pool
        .Post([this, id] {
          std::shared_ptr<Launcher> done;
          absl::MutexLock lock(&tests_mutex_);
          if (const auto found = tests_.find(id); found != tests_.end()) done = std::move(found->second);
          tests_.erase(id);
        })
        .IgnoreError();
    reactor->Finish(grpc::Status::OK);
  };
  const absl::Status posted =
      parts_.pool.Post([this, reactor, reply, id, finish, entry = request->entry_json()] {
        const absl::StatusOr<bool> has_begun = BeginTest(entry, id, *reply, finish);
        if (!has_begun.ok()) return reactor->Finish(ToGrpc(has_begun.status()));
        if (!*has_begun) reactor->Finish(grpc::Status::OK);
      });
  if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  return reactor;
}

// The rest of the experiment does not matter here: the entry is checked as one of it.
absl::StatusOr<std::optional<Params>> EngineService::LauncherOf(const std::string& entry_json,
                                                                std::vector<Fault>& faults) {
  const Json entry = Json::parse(entry_json, nullptr, false);
  if (!entry.is_object())
    return absl::InvalidArgumentError(
        R"(an object was expected, like {"launcher": "ssh", "host": "box1"}, as in the "workers" of an experiment)");
  const SpecCheck check = CheckSpec(Json{{"workers", Json::array({entry})}}.dump());
  for (const Fault& fault : check.faults)
    if (fault.pointer.starts_with("/workers/0")) faults.push_back(fault);
  if (check.spec.workers.size() != 1 || !faults.empty()) return std::nullopt;
  return check.spec.workers[0].launcher;
}

absl::StatusOr<bool> EngineService::BeginTest(const std::string& entry_json, uint64_t id,
                                              proto::TestLauncherReply& reply, Launcher::OnReport done) {
  constexpr size_t kMostTests = 8;
  std::vector<Fault> faults;
  ASSIGN_OR_RETURN(const std::optional<Params> entry, LauncherOf(entry_json, faults));
  std::shared_ptr<Launcher> launcher;
  if (entry) {
    absl::StatusOr<std::unique_ptr<Launcher>> made = Registry::Global().Create<Launcher>("launcher", *entry);
    if (made.ok())
      launcher = *std::move(made);
    else
      faults.push_back(LauncherFault(made.status(), "/workers/0"));
  }
  *reply.mutable_faults() = ToMessages(faults);
  if (!faults.empty()) return false;
  if (launcher == nullptr)
    return absl::InternalError("the entry was not understood, and no fault found in it");
  {
    absl::MutexLock lock(&tests_mutex_);
    if (tests_ended_) return absl::UnavailableError("the engine is ending");
    if (tests_.size() >= kMostTests)
      return absl::ResourceExhaustedError("several machines are being tested already; try again");
    tests_[id] = launcher;
  }
  if (launcher->is_elsewhere()) {
    launcher->Test(std::move(done));
    return true;
  }
  // Workers of this machine find what is in the engine's home, too.
  launcher->Test(
      [done = std::move(done), home = parts_.home.datasets()](const absl::StatusOr<HostReport>& found) {
        absl::StatusOr<HostReport> report = found;
        if (report.ok()) {
          std::vector<std::string> names = DatasetsIn({home});
          names.insert(names.end(), report->datasets.begin(), report->datasets.end());
          std::sort(names.begin(), names.end());
          names.erase(std::unique(names.begin(), names.end()), names.end());
          report->datasets = std::move(names);
        }
        done(report);
      });
  return true;
}

EngineService::Reactor* EngineService::MeasureOnDevice(Context*, const proto::MeasureOnDeviceRequest* request,
                                                       proto::MeasureOnDeviceReply* reply) {
  Touch();
  auto* const reactor = new MeasuringCall;
  parts_.loop.Post([this, reactor, request, reply] {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(request->run());
    if (!id.ok()) return reactor->Finish(ToGrpc(id.status()));
    const absl::Status posted =
        parts_.pool.Post([this, reactor, request, reply, summary = *parts_.table.Find(*id)] {
          const auto stop_with = [reactor](std::function<void()> stop) {
            return reactor->StopWith(std::move(stop));
          };
          const absl::StatusOr<bool> has_begun =
              BeginMeasurement(summary, *request, *reply, reactor, stop_with);
          if (!has_begun.ok()) return reactor->Finish(ToGrpc(has_begun.status()));
          if (!*has_begun) reactor->Finish(grpc::Status::OK);
        });
    if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  });
  return reactor;
}

absl::StatusOr<bool> EngineService::BeginMeasurement(const proto::RunSummary& run,
                                                     const proto::MeasureOnDeviceRequest& request,
                                                     proto::MeasureOnDeviceReply& reply, Reactor* reactor,
                                                     const StopWith& stop_with) {
  if (request.queries() < 0 || request.queries() > DeviceBench::kMostQueries)
    return absl::InvalidArgumentError(
        fmt::format("queries: found {}, expected 1 to {}", request.queries(), DeviceBench::kMostQueries));
  std::vector<Fault> faults;
  ASSIGN_OR_RETURN(const std::optional<Params> entry, LauncherOf(request.entry_json(), faults));
  *reply.mutable_faults() = ToMessages(faults);
  if (!faults.empty()) return false;
  if (!entry || entry->kind() != "ssh")
    return absl::InvalidArgumentError(
        R"(a device is reached by ssh: an entry like {"launcher": "ssh", "host": "pi"} was expected)");
  DeviceBench::Settings settings{.host = {}, .ssh = {}, .model = {}, .name = run.run() + ".edge"};
  ASSIGN_OR_RETURN(settings.host, SshHostOf(*entry));
  ASSIGN_OR_RETURN(settings.ssh, FindSsh());
  if (request.queries() > 0) settings.queries = request.queries();
  ASSIGN_OR_RETURN(std::vector<ExportedFile> files, ExportRun(parts_.store, parts_.home, run, "edge"));
  settings.model = files[0].path;
  const bool is_ours = settings.model.empty();  // made for this, and removed
  if (is_ours) {
    settings.model = parts_.home.path() + "/device-" + MakeToken().substr(0, 16) + ".edge";
    RETURN_IF_ERROR(WriteFileAtomically(settings.model, files[0].content));
  }
  const auto finish = [this, &reply, reactor, begun = Clock::Real().SteadySeconds(), is_ours,
                       path = settings.model](const absl::StatusOr<DeviceFigures>& figures) {
    if (is_ours) unlink(path.c_str());
    reply.set_seconds(Clock::Real().SteadySeconds() - begun);
    if (figures.ok()) {
      reply.set_host(Told(figures->host));
      reply.set_system(Told(figures->system));
      reply.set_program(Told(figures->program));
      reply.set_model(Told(figures->model));
      reply.set_bench_json(figures->bench_json);
    } else {
      reply.set_error(Told(figures.status()));
    }
    Touch();
    reactor->Finish(grpc::Status::OK);
  };
  absl::MutexLock lock(&tests_mutex_);
  if (tests_ended_) {
    if (is_ours) unlink(settings.model.c_str());
    return absl::UnavailableError("the engine is ending");
  }
  if (device_children_ == nullptr) device_children_ = std::make_unique<ChildProcesses>();
  const std::string model = settings.model;
  const auto bench = std::make_shared<DeviceBench>(*device_children_, std::move(settings), finish);
  const auto stop = [this, weak = std::weak_ptr(bench)] {
    absl::MutexLock children_lock(&tests_mutex_);
    if (device_children_ == nullptr) return;  // ending, and the rest with it
    device_children_->Post([weak] {
      if (const std::shared_ptr<DeviceBench> running = weak.lock()) running->Cancel();
    });
  };
  if (!stop_with(stop)) {
    if (is_ours) unlink(model.c_str());
    return absl::CancelledError("cancelled before anything was copied");
  }
  device_children_->Post([bench] { bench->Begin(); });
  return true;
}

void EngineService::EndTests() {
  std::map<uint64_t, std::shared_ptr<Launcher>> tests;
  std::unique_ptr<ChildProcesses> devices;
  absl::MutexLock lock(&tests_mutex_);
  tests_ended_ = true;
  tests.swap(tests_);
  devices.swap(device_children_);
}

}  // namespace concertina
