// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_service.cc: see engine_service.h.
#include "core/engine/engine_service.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/clock.h"
#include "core/base/registry.h"
#include "core/compress/integer_steps.h"
#include "core/engine/export_stream.h"
#include "core/engine/models_of_runs.h"
#include "core/engine/rank_log.h"
#include "core/engine/recipe_step_file.h"
#include "core/engine/run_preparation.h"
#include "core/engine/run_query.h"
#include "core/engine/series_query.h"
#include "core/engine/step_estimate.h"
#include "core/engine/timeline_file.h"
#include "core/engine/sweep_expansion.h"
#include "core/proto/spec_faults.h"
#include "core/proto/status_conversion.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Everything that a spec can name, or one category of it, or one component.
absl::StatusOr<std::string> Described(const std::string& category, const std::string& kind) {
  Json all = Registry::Global().ToJson();
  Json sections = Json::array();
  for (const Descriptor& section : SpecSections()) sections.push_back(DescriptorToJson(section));
  // What bytes bring here is a matter of the processor.
  for (Json& each : all["categories"])
    if (each["category"] == "compressor")
      for (Json& component : each["components"])
        if (GivesIntegerProducts(component["kind"].get<std::string>()))
          component["here"] = IntegerProductsJson();
  all["categories"].push_back({{"category", "experiment"}, {"components", std::move(sections)}});
  if (category.empty()) return all.dump();
  std::vector<std::string> categories, kinds;
  for (Json& each : all["categories"]) {
    categories.push_back(each["category"].get<std::string>());
    if (categories.back() != category) continue;
    if (kind.empty()) return Json{{"categories", {std::move(each)}}}.dump();
    for (Json& component : each["components"]) {
      kinds.push_back(component["kind"].get<std::string>());
      if (kinds.back() != kind) continue;
      Json one = {{"category", category}, {"components", {std::move(component)}}};
      return Json{{"categories", {std::move(one)}}}.dump();
    }
  }
  const bool of_kind = !kinds.empty();
  const std::vector<std::string>& names = of_kind ? kinds : categories;
  const std::string nearest = NearestName(of_kind ? kind : category, names);
  return absl::NotFoundError(fmt::format(
      "there is no {} \"{}\"{}; there are {}", of_kind ? category : "category", of_kind ? kind : category,
      nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest), fmt::join(names, ", ")));
}

}  // namespace

void EngineService::Touch() {
  last_activity_.store(Clock::Real().SteadySeconds(), std::memory_order_relaxed);
}

EngineService::Reactor* EngineService::OnLoop(Context* context, std::function<absl::Status()> call) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([reactor, call = std::move(call)] { reactor->Finish(ToGrpc(call())); });
  return reactor;
}

EngineService::Reactor* EngineService::OnceAnswered(Context* context,
                                                    std::function<void(RunTable::Done done)> call) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, call = std::move(call)] {
    call([this, reactor](const absl::Status& status) {
      Touch();
      reactor->Finish(ToGrpc(status));
    });
  });
  return reactor;
}

EngineService::Reactor* EngineService::InPool(Context* context, std::function<absl::Status()> call) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  const absl::Status posted = parts_.pool.Post([this, reactor, call = std::move(call)] {
    const absl::Status status = call();
    Touch();
    reactor->Finish(ToGrpc(status));
  });
  if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  return reactor;
}

EngineService::Reactor* EngineService::OnIdleKnown(Context* context,
                                                   std::function<absl::Status(bool is_idle)> call) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, call = std::move(call)] {
    const bool is_idle = parts_.table.active() == 0;
    const absl::Status posted = parts_.pool.Post([this, reactor, call, is_idle] {
      const absl::Status status = call(is_idle);
      Touch();
      reactor->Finish(ToGrpc(status));
    });
    if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  });
  return reactor;
}

EngineService::Reactor* EngineService::OnStored(Context* context, const std::string& run,
                                                std::function<absl::Status(const proto::RunSummary&)> call) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, run, call = std::move(call)] {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(run);
    if (!id.ok()) return reactor->Finish(ToGrpc(id.status()));
    if (Run* live = parts_.table.Live(*id)) live->Flush();
    const absl::Status posted = parts_.pool.Post(
        [reactor, call, summary = *parts_.table.Find(*id)] { reactor->Finish(ToGrpc(call(summary))); });
    if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  });
  return reactor;
}

EngineService::Reactor* EngineService::Status(Context* context, const proto::StatusRequest*,
                                              proto::EngineStatus* reply) {
  return OnLoop(context, [this, reply] {
    reply->set_version(CONCERTINA_VERSION);
    reply->set_pid(getpid());
    reply->set_home(parts_.home.path());
    reply->set_address(parts_.home.address());
    reply->set_network_address(parts_.network_address());
    reply->set_runs_active(static_cast<int64_t>(parts_.table.active()));
    reply->set_runs_queued(static_cast<int64_t>(parts_.table.queued()));
    reply->set_runs_stored(static_cast<int64_t>(parts_.table.size()));
    reply->set_started_unix_ms(parts_.started_unix_ms);
    for (const std::string& refused : parts_.refused_plugins) reply->add_refused_plugins(refused);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::Shutdown(Context* context, const proto::ShutdownRequest* request,
                                                proto::ShutdownReply*) {
  return OnLoop(context, [this, stop_runs = request->stop_runs()]() -> absl::Status {
    const size_t active = parts_.table.active();
    if (active > 0 && !stop_runs)
      return absl::FailedPreconditionError(
          fmt::format("{} run{} on; stop {} first, or ask for runs to be stopped too", active,
                      active == 1 ? " goes" : "s go", active == 1 ? "it" : "them"));
    parts_.stop();
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::Describe(Context* context, const proto::DescribeRequest* request,
                                                proto::DescribeReply* reply) {
  return InPool(context, [reply, request]() -> absl::Status {
    ASSIGN_OR_RETURN(*reply->mutable_json(), Described(request->category(), request->kind()));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::string> EngineService::Resolved(const std::string& spec_json,
                                                    std::vector<Fault>& faults) {
  const FindRun find = [this](const std::string& name) {
    absl::StatusOr<proto::RunSummary> found = absl::UnavailableError("the engine is ending");
    parts_.loop.Run([&] {
      const absl::StatusOr<std::string> id = parts_.table.Resolve(name);
      found = id.ok() ? absl::StatusOr<proto::RunSummary>(*parts_.table.Find(*id)) : id.status();
    });
    return found;
  };
  return WithModelsOfRuns(spec_json, find, parts_.store, parts_.home, faults);
}

EngineService::Reactor* EngineService::Validate(Context* context, const proto::SpecRequest* request,
                                                proto::ValidateReply* reply) {
  return InPool(context, [this, request, reply]() -> absl::Status {
    std::vector<Fault> faults;
    ASSIGN_OR_RETURN(const std::string spec, Resolved(request->spec_json(), faults));
    std::optional<PreparedRun> prepared;
    if (faults.empty()) {
      ASSIGN_OR_RETURN(prepared, PrepareRun(spec, parts_.home.datasets(), faults));
    }
    *reply->mutable_faults() = ToMessages(faults);
    reply->set_valid(prepared.has_value());
    if (prepared) reply->set_spec_json(prepared->spec.json);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::MakePlan(Context* context, const proto::SpecRequest* request,
                                                proto::PlanReply* reply) {
  return OnIdleKnown(context, [this, request, reply](bool is_idle) -> absl::Status {
    std::vector<Fault> faults;
    ASSIGN_OR_RETURN(const std::string spec, Resolved(request->spec_json(), faults));
    SpecCheck check = CheckSpec(spec);
    faults.insert(faults.end(), check.faults.begin(), check.faults.end());
    *reply->mutable_faults() = ToMessages(faults);
    if (!faults.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Plan plan, PlanOf(check.spec, parts_.home.datasets(), faults));
    *reply->mutable_faults() = ToMessages(faults);
    if (!faults.empty()) return absl::OkStatus();
    // Beside a run neither the run nor the figures would be what they are.
    const Calibration::Measure measure = !is_idle               ? Calibration::Measure::kNever
                                         : request->calibrate() ? Calibration::Measure::kAgain
                                                                : Calibration::Measure::kIfMissing;
    reply->set_json(parts_.calibration == nullptr
                        ? plan.json
                        : WithStepSeconds(check.spec, plan, parts_.cores, *parts_.calibration, measure));
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::ExpandSweep(Context* context, const proto::ExpandSweepRequest* request,
                                                   proto::ExpandSweepReply* reply) {
  return InPool(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(*reply, ExpandedSweep(*request, parts_.home.datasets()));
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::Submit(Context* context, const proto::SubmitRequest* request,
                                              proto::SubmitReply* reply) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  const absl::Status posted = parts_.pool.Post([this, reactor, request, reply] {
    std::vector<Fault> faults;
    const absl::StatusOr<std::string> spec = Resolved(request->spec_json(), faults);
    if (!spec.ok()) return reactor->Finish(ToGrpc(spec.status()));
    absl::StatusOr<std::optional<PreparedRun>> prepared;
    if (faults.empty())
      prepared = PrepareRun(*spec, parts_.home.datasets(), faults);
    else
      prepared = std::optional<PreparedRun>();
    *reply->mutable_faults() = ToMessages(faults);
    if (!prepared.ok() || !prepared->has_value()) return reactor->Finish(ToGrpc(prepared.status()));
    // A run that cannot be written down is not begun.
    if (const absl::Status health = parts_.store.Health(); !health.ok())
      return reactor->Finish(
          ToGrpc(Annotate(health, "the run was not started, since nothing can be stored")));
    parts_.loop.Post([this, reactor, reply, shared = std::make_shared<PreparedRun>(**std::move(prepared))] {
      parts_.table.Submit(std::move(*shared), [this, reactor, reply](const absl::StatusOr<std::string>& run) {
        Touch();
        if (run.ok()) reply->set_run(*run);
        reactor->Finish(ToGrpc(run.status()));
      });
    });
  });
  if (!posted.ok()) reactor->Finish(ToGrpc(posted));
  return reactor;
}

EngineService::Reactor* EngineService::ListRuns(Context* context, const proto::ListRunsRequest* request,
                                                proto::ListRunsReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<const proto::RunSummary*> runs,
                     QueryRuns(request->bin() ? parts_.table.InBin() : parts_.table.All(), *request));
    for (const proto::RunSummary* run : runs) *reply->add_runs() = *run;
    if (request->group().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<std::string> groups, RunGroupNames(runs, request->group()));
    for (const std::string& group : groups) reply->add_groups(group);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::GetRun(Context* context, const proto::RunRequest* request,
                                              proto::RunSummary* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    *reply = *parts_.table.Find(id);
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<proto::WatchMessage>* EngineService::Watch(Context*,
                                                                    const proto::WatchRequest* request) {
  Touch();
  const std::shared_ptr<WatchStream> stream =
      WatchStream::Open(parts_.loop, [this](const std::shared_ptr<WatchStream>& done) {
        parts_.watchers.Remove(done);
        Touch();
      });
  parts_.loop.Post([this, stream, wanted = *request] {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(wanted.run());
    if (!id.ok()) return stream->End(ToGrpc(id.status()));
    Run* live = parts_.table.Live(*id);
    if (live != nullptr)
      live->Flush();  // what others have been shown is in the store; what follows comes here
    auto first = std::make_shared<proto::WatchMessage>();
    *first->mutable_summary() = *parts_.table.Find(*id);
    stream->Offer(std::move(first));
    if (live == nullptr) return stream->End();
    parts_.watchers.Add(*id, stream, {.metrics = wanted.metrics(), .ranks = wanted.ranks()});
  });
  return stream.get();
}

grpc::ServerWriteReactor<proto::RunSummary>* EngineService::WatchRuns(Context*,
                                                                      const proto::WatchRunsRequest*) {
  Touch();
  const std::shared_ptr<RunsStream> stream =
      RunsStream::Open(parts_.loop, [this](const std::shared_ptr<RunsStream>& done) {
        parts_.watchers.Remove(done);
        Touch();
      });
  parts_.loop.Post([this, stream] {
    parts_.watchers.Add(stream);
    stream->SayThatItBegan();
  });
  return stream.get();
}

EngineService::Reactor* EngineService::ControlRun(Context* context, const proto::ControlRunRequest* request,
                                                  proto::ControlRunReply* reply) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, request, reply] {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(request->run());
    if (!id.ok()) return reactor->Finish(ToGrpc(id.status()));
    if (request->action() == proto::ControlRunRequest::SPANS) {
      Run* const live = parts_.table.Live(*id);
      absl::StatusOr<int64_t> recording = absl::FailedPreconditionError(fmt::format(
          "run {} is {}: steps are recorded while it trains", *id,
          RunStateName(parts_.table.Find(*id)->state())));
      if (live != nullptr) recording = live->RecordSpans(request->steps());
      if (recording.ok()) reply->set_recording(*recording);
      reply->set_state(parts_.table.Find(*id)->state());
      return reactor->Finish(ToGrpc(recording.status()));
    }
    parts_.table.Control(*id, request->action(),
                         [this, reactor, reply, id = *id](const absl::Status& status) {
                           if (const proto::RunSummary* summary = parts_.table.Find(id))
                             reply->set_state(summary->state());
                           reactor->Finish(ToGrpc(status));
                         });
  });
  return reactor;
}

EngineService::Reactor* EngineService::SetKnob(Context* context, const proto::SetKnobRequest* request,
                                               proto::SetKnobReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    Run* run = parts_.table.Live(id);
    if (run == nullptr)
      return absl::FailedPreconditionError(fmt::format("run {} is {}: knobs turn while a run goes on", id,
                                                       RunStateName(parts_.table.Find(id)->state())));
    ASSIGN_OR_RETURN(const int64_t step, run->SetKnob(request->pointer(), request->json()));
    reply->set_step(step);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::ChangeWorkers(Context* context,
                                                     const proto::ChangeWorkersRequest* request,
                                                     proto::ChangeWorkersReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    Run* run = parts_.table.Live(id);
    if (run == nullptr)
      return absl::FailedPreconditionError(
          fmt::format("run {} is {}: workers join and leave while a run goes on", id,
                      RunStateName(parts_.table.Find(id)->state())));
    ASSIGN_OR_RETURN(const int workers, run->ChangeWorkers(request->change()));
    reply->set_workers(workers);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::HarmWorker(Context* context, const proto::HarmWorkerRequest* request,
                                                  proto::HarmWorkerReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    Run* run = parts_.table.Live(id);
    if (run == nullptr)
      return absl::FailedPreconditionError(
          fmt::format("run {} is {}: a worker can be killed, frozen or slowed down while its run goes on", id,
                      RunStateName(parts_.table.Find(id)->state())));
    return run->HarmWorker(*request, *reply);
  });
}

EngineService::Reactor* EngineService::DeleteRun(Context* context, const proto::RunRequest* request,
                                                 proto::DeleteRunReply*) {
  return OnceAnswered(context, [this, request](RunTable::Done done) {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(request->run());
    id.ok() ? parts_.table.Delete(*id, std::move(done)) : done(id.status());
  });
}

EngineService::Reactor* EngineService::ListSeries(Context* context, const proto::ListSeriesRequest* request,
                                                  proto::ListSeriesReply* reply) {
  return OnStored(context, request->run(), [this, reply](const proto::RunSummary& run) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, parts_.store.ListSeries(run.run()));
    std::map<std::string, proto::SeriesInfo> by_name;
    for (const SeriesDescription& series : all) {
      proto::SeriesInfo& info = by_name[series.name];
      info.set_name(series.name);
      info.set_unit(series.unit);
      info.add_ranks(series.rank);
      info.set_points(std::max(info.points(), series.points));
    }
    for (auto& [name, info] : by_name) {
      std::sort(info.mutable_ranks()->begin(), info.mutable_ranks()->end());
      *reply->add_series() = std::move(info);
    }
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::GetSeries(Context* context, const proto::GetSeriesRequest* request,
                                                 proto::GetSeriesReply* reply) {
  return OnStored(context, request->run(),
                  [this, request, reply](const proto::RunSummary& run) -> absl::Status {
                    proto::GetSeriesRequest of_run = *request;
                    of_run.set_run(run.run());
                    ASSIGN_OR_RETURN(*reply, QuerySeries(parts_.store, of_run, run.steps_per_epoch()));
                    return absl::OkStatus();
                  });
}

EngineService::Reactor* EngineService::ListEvents(Context* context, const proto::RunRequest* request,
                                                  proto::ListEventsReply* reply) {
  return OnStored(context, request->run(), [this, reply](const proto::RunSummary& run) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StoredEvent> events, parts_.store.Events(run.run()));
    for (const StoredEvent& event : events) {
      proto::RunEvent& put = *reply->add_events();
      put.set_step(event.step);
      put.set_seconds(event.seconds);
      put.set_unix_ms(event.unix_ms);
      put.set_kind(event.kind);
      put.set_message(event.message);
      put.set_json(event.json);
    }
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::GetLog(Context* context, const proto::GetLogRequest* request,
                                              proto::GetLogReply* reply) {
  return OnStored(
      context, request->run(), [this, request, reply](const proto::RunSummary& run) -> absl::Status {
        constexpr int kDefaultLines = 200, kMostLines = 100000;
        const int count =
            request->last_lines() <= 0 ? kDefaultLines : std::min(request->last_lines(), kMostLines);
        if (request->rank() >= run.workers_size())
          return absl::NotFoundError(fmt::format("the run has {} workers; there is no rank {}",
                                                 run.workers_size(), request->rank()));
        for (int rank = 0; rank < run.workers_size(); ++rank) {
          if (request->rank() >= 0 && request->rank() != rank) continue;
          for (std::string& line :
               LastLines(fmt::format("{}/rank-{}.log", parts_.home.run(run.run()), rank), count)) {
            proto::RankLog& log = *reply->add_lines();
            log.set_rank(rank);
            log.set_line(std::move(line));
          }
        }
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<proto::ExportChunk>* EngineService::Export(Context*,
                                                                    const proto::ExportRequest* request) {
  Touch();
  return ExportStream::Open(parts_, *request);
}

EngineService::Reactor* EngineService::Fork(Context* context, const proto::ForkRequest* request,
                                            proto::SubmitReply* reply) {
  Touch();
  Reactor* reactor = context->DefaultReactor();
  parts_.loop.Post([this, reactor, request, reply] {
    const absl::StatusOr<std::string> id = parts_.table.Resolve(request->run());
    if (!id.ok()) return reactor->Finish(ToGrpc(id.status()));
    parts_.table.Fork(*id, *request,
                      [this, reactor, reply](const absl::StatusOr<std::string>& run,
                                             const std::vector<Fault>& faults) {
                        Touch();
                        if (run.ok()) reply->set_run(*run);
                        *reply->mutable_faults() = ToMessages(faults);
                        reactor->Finish(ToGrpc(run.status()));
                      });
  });
  return reactor;
}

EngineService::Reactor* EngineService::GetTimeline(Context* context,
                                                   const proto::GetTimelineRequest* request,
                                                   proto::GetTimelineReply* reply) {
  return OnStored(context, request->run(),
                  [this, request, reply](const proto::RunSummary& run) -> absl::Status {
                    ASSIGN_OR_RETURN(*reply, ReadTimeline(parts_.home.run(run.run()), *request));
                    return absl::OkStatus();
                  });
}

EngineService::Reactor* EngineService::SlowMotion(Context* context, const proto::SlowMotionRequest* request,
                                                  proto::SlowMotionReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    if (Run* run = parts_.table.Live(id); run != nullptr) return run->SlowMotion(*request, *reply);
    const std::string why =
        fmt::format("run {} is {}: messages are held back while it trains", id,
                    RunStateName(parts_.table.Find(id)->state()));
    if (request->action() != proto::SlowMotionRequest::LOOK) return absl::FailedPreconditionError(why);
    reply->set_step(-1);
    reply->set_obstacle(why);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::GetTraffic(Context* context, const proto::RunRequest* request,
                                                  proto::TrafficReply* reply) {
  return OnLoop(context, [this, request, reply]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string id, parts_.table.Resolve(request->run()));
    if (const Run* run = parts_.table.Live(id); run != nullptr) run->FillTraffic(*reply);
    return absl::OkStatus();
  });
}

EngineService::Reactor* EngineService::GetRecipeStep(Context* context,
                                                     const proto::GetRecipeStepRequest* request,
                                                     proto::GetRecipeStepReply* reply) {
  return OnStored(context, request->run(),
                  [this, request, reply](const proto::RunSummary& run) -> absl::Status {
                    ASSIGN_OR_RETURN(*reply->mutable_json(),
                                     ReadRecipeStep(parts_.home.run(run.run()), run, request->index()));
                    return absl::OkStatus();
                  });
}

}  // namespace concertina
