// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table.cc: see run_table.h; marks and the bin are in run_bin.cc.
#include "core/engine/run_table.h"

#include <algorithm>

#include "absl/time/time.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "core/engine/run_marks.h"
#include "core/engine/run_preparation.h"
#include "core/engine/run_query.h"
#include "core/engine/stored_run.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMostPreparationErrorBytes = 64 * 1024;
constexpr double kPrepareAgainSeconds = 1;  // where too much waits for the pool

// Of a run that was here before; one that has trained goes on from its checkpoint. In the pool.
absl::Status PrepareAgain(Store& store, const proto::RunSummary& summary, const std::string& datasets_folder,
                          const std::string& run_folder, bool has_trained,
                          std::optional<PreparedRun>& prepared, std::optional<ResumePoint>& resume) {
  std::string spec_json = summary.spec_json();
  // The checkpoint first: without one the rest does not matter.
  if (has_trained) {
    ASSIGN_OR_RETURN(resume, FindResumePoint(store, summary.run(), run_folder, CheckpointRanksOf(summary)));
    ASSIGN_OR_RETURN(spec_json, SpecForRanks(spec_json, resume->ranks));
  }
  std::vector<Fault> faults;
  ASSIGN_OR_RETURN(prepared, PrepareRun(spec_json, datasets_folder, faults));
  return FaultsToStatus(faults);
}

}  // namespace

RunTable::RunTable(EngineLoop& loop, Store& store, WorkPool& pool, const Home& home, Watchers& watchers,
                   const RunLimits& limits, int64_t cores, std::vector<std::string> plugin_folders,
                   std::function<std::string()> make_token)
    : loop_(loop),
      store_(store),
      pool_(pool),
      home_(home),
      watchers_(watchers),
      queue_(cores),
      join_tokens_(JoinTokens::NewSecret(), loop.clock()),
      context_{loop,
               store,
               pool,
               home,
               watchers,
               join_tokens_,
               limits,
               std::move(plugin_folders),
               [this](const Params& params) { return LauncherFor(params); },
               [this](const std::string& run) { OnEnded(run); },
               std::move(make_token)},
      self_(std::make_shared<RunTable*>(this)) {}

RunTable::~RunTable() {
  *self_ = nullptr;
  live_.clear();
  launchers_.clear();  // ends and reaps whatever still runs
}

absl::StatusOr<Launcher*> RunTable::LauncherFor(const Params& params) {
  Json key = params.json();
  key.erase("count");  // how many of them it starts makes no other launcher
  std::unique_ptr<Launcher>& launcher = launchers_[key.dump()];
  if (launcher == nullptr) {
    ASSIGN_OR_RETURN(launcher, Registry::Global().Create<Launcher>("launcher", params));
  }
  return launcher.get();
}

// Creation times are what runs are ordered by, so no two are the same.
int64_t RunTable::NewCreationTime() {
  return last_created_ = std::max(last_created_ + 1, loop_.wall_unix_ms());
}

void RunTable::PutEnded(const proto::RunSummary& summary) {
  store_.PutRun(StoredAs(summary));
  ended_[summary.run()] = summary;
}

void RunTable::Recover(const std::vector<StoredRun>& stored) {
  std::vector<proto::RunSummary> queued;
  for (const StoredRun& each : stored) {
    proto::RunSummary summary;
    if (!summary.ParseFromString(each.summary) || summary.run() != each.id) {
      summary.Clear();  // its figures are lost, the run is not
      summary.set_run(each.id);
      summary.set_name(each.name);
      summary.set_spec_json(each.spec_json);
      summary.set_created_unix_ms(each.created_unix_ms);
    }
    summary.set_state(RunStateOf(each.state));
    proto::AtWork at_work;
    at_work.Swap(summary.mutable_at_work());
    summary.clear_at_work();
    *summary.mutable_marks() = FromStored(each.marks);  // not as they were when the figures were written
    if (summary.marks().deleted_unix_ms() != 0) {
      bin_[summary.run()] = std::move(summary);
      continue;
    }
    // A clock that was wrong once does not stay so for all runs to come.
    last_created_ = std::max(last_created_, std::min(summary.created_unix_ms(), loop_.wall_unix_ms()));
    if (HasEnded(summary.state())) {
      ended_[summary.run()] = std::move(summary);
    } else if (summary.state() == proto::QUEUED) {
      // It had begun where it has a checkpoint, and the store could not write so down: its disk was full.
      if (summary.attempt() == 1 && summary.parent().empty() &&
          NewestCheckpoint(home_.run(summary.run()), CheckpointRanksOf(summary)))
        summary.set_attempt(2);
      queued.push_back(std::move(summary));
    } else {
      if (MayTakeUp(summary, at_work))
        TakeUp(std::move(summary), at_work);
      else if (std::optional<proto::RunSummary> goes_on = LeaveBehind(std::move(summary), at_work))
        queued.push_back(*std::move(goes_on));
    }
  }
  std::sort(queued.begin(), queued.end(),
            [](const auto& a, const auto& b) { return a.created_unix_ms() < b.created_unix_ms(); });
  for (const proto::RunSummary& summary : queued) RecoverQueued(summary);
  ExpireBin();
  has_recovered_ = true;
}

void RunTable::RecoverQueued(proto::RunSummary summary) {
  // It may have been resumed and then never started: it goes on from the same checkpoint.
  const bool resumed = summary.attempt() > 1 || !summary.parent().empty();
  ended_[summary.run()] = summary;
  busy_.insert(summary.run());
  queue_.Reserve(summary.run());  // whoever is prepared sooner, or comes meanwhile, is behind it
  absl::Status posted = pool_.Post([self = self_, &loop = loop_, &store = store_, folder = home_.datasets(),
                                    run_folder = home_.run(summary.run()), summary, resumed] {
    auto prepared = std::make_shared<std::optional<PreparedRun>>();
    auto resume = std::make_shared<std::optional<ResumePoint>>();
    const absl::Status status = PrepareAgain(store, summary, folder, run_folder, resumed, *prepared, *resume);
    loop.Post([self, summary, prepared, resume, status] {
      if (*self == nullptr) return;
      RunTable& table = **self;
      table.busy_.erase(summary.run());
      proto::RunSummary failed = summary;
      *failed.mutable_marks() = table.ended_.at(summary.run()).marks();  // they may have changed meanwhile
      table.ended_.erase(summary.run());
      if (status.ok())
        return table.Enqueue(
            std::make_unique<Run>(table.context_, *std::move(*prepared), failed, std::move(*resume)));
      table.queue_.Remove(failed.run());
      failed.set_state(proto::FAILED);
      failed.set_queue_position(0);
      // It may quote a cell in any coding, and no UTF-8 would make the list of all runs unreadable.
      const std::string why = CutUtf8(std::string(status.message()), kMostPreparationErrorBytes);
      failed.set_error(failed.error().empty() ? why : fmt::format("{}; {}", failed.error(), why));
      failed.set_ended_unix_ms(table.loop_.wall_unix_ms());
      table.PutEnded(failed);
      table.watchers_.PublishSummary(failed);
      table.watchers_.End(failed.run());
      table.StartWhatFits();
    });
  });
  if (posted.ok()) return;
  spdlog::warn("run {}: {}", summary.run(), std::string(posted.message()));
  loop_.After(kPrepareAgainSeconds, [self = self_, id = summary.run()] {
    if (*self != nullptr) (*self)->RecoverQueued((*self)->ended_.at(id));
  });
}

absl::StatusOr<std::string> RunTable::Resolve(const std::string& text) const {
  std::vector<std::pair<int64_t, std::string>> by_creation;
  for (const auto& [id, summary] : ended_) by_creation.emplace_back(summary.created_unix_ms(), id);
  for (const auto& [id, run] : live_) by_creation.emplace_back(run->created_unix_ms(), id);
  std::sort(by_creation.begin(), by_creation.end());
  std::vector<std::string> ids;
  ids.reserve(by_creation.size());
  for (auto& [created, id] : by_creation) ids.push_back(std::move(id));
  return ResolveRun(text, ids);
}

const proto::RunSummary* RunTable::Find(const std::string& id) {
  if (Run* run = Live(id)) return &run->summary();
  const auto ended = ended_.find(id);
  return ended == ended_.end() ? nullptr : &ended->second;
}

std::vector<const proto::RunSummary*> RunTable::All() {
  std::vector<const proto::RunSummary*> all;
  for (const auto& [id, summary] : ended_) all.push_back(&summary);
  for (const auto& [id, run] : live_) all.push_back(&run->summary());
  return all;
}

Run* RunTable::Live(const std::string& id) {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : found->second.get();
}

size_t RunTable::active() const {
  return taking_up_.size() +
         static_cast<size_t>(std::count_if(live_.begin(), live_.end(),
                                           [](const auto& entry) { return entry.second->active(); }));
}

std::string RunTable::NewId(int64_t created) {
  const std::string when =
      absl::FormatTime("%Y%m%d-%H%M%S", absl::FromUnixMillis(created), absl::UTCTimeZone());
  std::string id;
  do {
    id = when + "-" + context_.make_token().substr(0, 6);
  } while (Find(id) != nullptr || bin_.contains(id));
  return id;
}

void RunTable::Submit(PreparedRun prepared, Submitted done) {
  proto::RunSummary summary;
  const int64_t created = NewCreationTime();
  summary.set_run(NewId(created));
  summary.set_name(prepared.spec.name);
  summary.set_created_unix_ms(created);
  summary.set_attempt(1);
  const std::string id = summary.run();
  Enqueue(std::make_unique<Run>(context_, std::move(prepared), std::move(summary), std::nullopt));
  AnswerOnceQueued(id, [id, done](const absl::Status& status) { status.ok() ? done(id) : done(status); });
}

void RunTable::OnceOnDisk(Done done) {
  const absl::Status posted = pool_.Post([&loop = loop_, &store = store_, done] {
    const absl::Status synced = store.Sync();
    loop.Post([done, synced] { done(synced); });
  });
  if (!posted.ok()) done(posted);
}

void RunTable::AnswerOnceOnDisk(Done done) {
  OnceOnDisk([done](const absl::Status& synced) {
    done(synced.ok() ? synced
                     : Annotate(synced,
                                "it is done, but not on the disk yet, and is written when that is "
                                "possible again; until then it is lost if the engine ends"));
  });
}

// A run that cannot be written down is not begun.
void RunTable::AnswerOnceQueued(const std::string& id, Done done) {
  OnceOnDisk([self = self_, id, done](const absl::Status& synced) {
    if (synced.ok()) return done(synced);
    const absl::Status refused = Annotate(synced, "the run was not begun, since nothing can be stored");
    if (*self != nullptr) (*self)->Withdraw(id, refused);
    done(refused);
  });
}

// Nobody is told of it: it must not go on as if somebody were.
void RunTable::Withdraw(const std::string& id, const absl::Status& why) {
  queue_.Remove(id);
  if (Run* run = Live(id)) run->End(proto::FAILED, std::string(why.message()), true);
}

void RunTable::EnqueueOnceOnDisk(std::unique_ptr<Run> run, const proto::RunSummary& before, Done done) {
  const std::string id = run->id();
  queue_.Reserve(id);
  Run& queued = *run;
  live_[id] = std::move(run);
  watchers_.PublishSummary(queued.summary());
  StartWhatFits();
  OnceOnDisk([self = self_, id, before, done](const absl::Status& synced) {
    if (*self != nullptr && (*self)->queue_.PositionOf(id) > 0) {  // it was not stopped meanwhile
      RunTable& table = **self;
      if (Run* const waits = table.Live(id); waits != nullptr && synced.ok()) {
        table.queue_.Push(id, waits->threads());
        table.StartWhatFits();
      } else {
        table.PutBack(id, before);
      }
    }
    done(synced.ok() ? synced : Annotate(synced, "the run does not go on, since nothing can be stored"));
  });
}

// As if nobody had asked: it has neither begun nor cut off what it had recorded.
void RunTable::PutBack(const std::string& id, proto::RunSummary before) {
  queue_.Remove(id);
  if (Run* const run = Live(id)) *before.mutable_marks() = run->summary().marks();
  live_.erase(id);
  PutEnded(before);
  watchers_.PublishSummary(before);
  watchers_.End(id);
  StartWhatFits();
}

void RunTable::Enqueue(std::unique_ptr<Run> run) {
  queue_.Push(run->id(), run->threads());
  Run& queued = *run;
  live_[run->id()] = std::move(run);
  watchers_.PublishSummary(queued.summary());
  StartWhatFits();
}

void RunTable::StartWhatFits() {
  // Start may fail at once, and then comes back here.
  if (starting_) return;
  if (!taking_up_.empty()) return;  // they take of the cores already, and nobody has counted it yet
  starting_ = true;
  while (!stopping_) {
    int64_t runs = 0, threads = 0;
    for (const auto& [id, run] : live_) {
      if (!run->active()) continue;
      ++runs;
      threads += run->threads();
    }
    const std::optional<std::string> next = queue_.TakeNext(runs, threads);
    if (!next) break;
    if (Run* run = Live(*next)) run->Start();
  }
  for (const auto& [id, run] : live_) run->SetQueuePosition(queue_.PositionOf(id));
  starting_ = false;
}

void RunTable::OnEnded(const std::string& id) {
  queue_.Remove(id);
  // Not now: the run is still on the stack.
  loop_.Post([self = self_, id] {
    if (*self == nullptr) return;
    RunTable& table = **self;
    if (const auto found = table.live_.find(id); found != table.live_.end()) {
      const proto::RunSummary ended = found->second->summary();
      table.ended_[id] = ended;
      table.live_.erase(found);
      // One that goes on by itself is taken up as one that an earlier engine left in the queue.
      if (ended.state() == proto::QUEUED && !table.stopping_) {
        table.RecoverQueued(ended);
        return table.StartWhatFits();
      }
    }
    table.watchers_.End(id);  // of those, too, who came since its last word
    table.StartWhatFits();
  });
}

void RunTable::Control(const std::string& id, proto::ControlRunRequest::Action action, Done done) {
  if (Run* run = Live(id)) {
    // It must not start while its end is written down.
    if (action == proto::ControlRunRequest::STOP || action == proto::ControlRunRequest::KILL)
      queue_.Remove(id);
    return run->Control(action, std::move(done));
  }
  if (action == proto::ControlRunRequest::RESUME) return Resume(id, std::move(done));
  if (taking_up_.contains(id))
    return done(absl::FailedPreconditionError(fmt::format(
        "run {}: its engine was ended, and this one is taking it up; try again in a moment", id)));
  const proto::RunSummary* summary = Find(id);
  done(
      absl::FailedPreconditionError(fmt::format("run {} is {} already", id, RunStateName(summary->state()))));
}

void RunTable::Resume(const std::string& id, Done done) {
  const proto::RunSummary& ended = ended_.at(id);
  const auto refuse = [&](const std::string& why) {
    done(absl::FailedPreconditionError(fmt::format("run {} {}", id, why)));
  };
  if (ended.state() == proto::FINISHED) return refuse("is finished; start a new one with more epochs");
  if (busy_.contains(id)) return refuse("is being resumed or deleted");
  if (stopping_) return refuse("cannot go on: the engine is ending");
  busy_.insert(id);
  absl::Status posted = pool_.Post([self = self_, &loop = loop_, &store = store_, folder = home_.datasets(),
                                    run_folder = home_.run(id), summary = ended, done] {
    auto prepared = std::make_shared<std::optional<PreparedRun>>();
    auto resume = std::make_shared<std::optional<ResumePoint>>();
    absl::Status status = store.Health();
    status = status.ok() ? PrepareAgain(store, summary, folder, run_folder, true, *prepared, *resume)
                         : Annotate(status, "the run does not go on, since nothing can be stored");
    loop.Post([self, summary, prepared, resume, status, done] {
      if (*self == nullptr) return done(absl::UnavailableError("the engine is ending"));
      RunTable& table = **self;
      table.busy_.erase(summary.run());
      if (!status.ok()) return done(status);
      const proto::RunSummary before = table.ended_.at(summary.run());  // with the marks that it has by now
      proto::RunSummary again = before;
      again.set_attempt(again.attempt() + 1);
      table.ended_.erase(again.run());
      table.EnqueueOnceOnDisk(
          std::make_unique<Run>(table.context_, *std::move(*prepared), std::move(again), std::move(*resume)),
          before, done);
    });
  });
  if (!posted.ok()) {
    busy_.erase(id);
    done(posted);
  }
}

void RunTable::StopAll(double patience) {
  stopping_ = true;
  for (const auto& [id, run] : live_)
    if (run->active()) run->Control(proto::ControlRunRequest::STOP, [](const absl::Status&) {});
  loop_.After(patience, [self = self_] {
    if (*self != nullptr) (*self)->EndAll();
  });
}

void RunTable::EndAll() {
  for (const auto& [id, run] : live_)
    if (run->active()) run->End(proto::STOPPED, "the engine was stopped while the run went on", true);
}

void RunTable::OnOpened(const std::shared_ptr<WorkerLink>& link) {
  size_t unjoined = 0;
  for (const auto& [each, place] : links_) unjoined += place.rank < 0;
  if (unjoined >= kMaxUnjoined) link->Close(absl::ResourceExhaustedError("too many workers join at once"));
  links_[link] = {};
  loop_.After(kHelloSeconds, [self = self_, weak = std::weak_ptr<WorkerLink>(link)] {
    const std::shared_ptr<WorkerLink> late = weak.lock();
    if (*self == nullptr || late == nullptr) return;
    const auto found = (*self)->links_.find(late);
    if (found != (*self)->links_.end() && found->second.rank < 0)
      late->Close(absl::DeadlineExceededError("no hello was heard"));
  });
}

void RunTable::OnMessage(const std::shared_ptr<WorkerLink>& link, const proto::WorkerMessage& message) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  Place& place = found->second;
  if (place.rank >= 0) {
    if (Run* run = Live(place.run)) return run->OnMessage(place.rank, link, message);
    return link->Close(absl::AbortedError("the run is over"));
  }
  if (!message.has_hello()) return link->Close(absl::InvalidArgumentError("a hello was expected"));
  const proto::Hello& hello = message.hello();
  if (hello.has_back() && (!has_recovered_ || taking_up_.contains(hello.run())))
    return link->Close(
        absl::UnavailableError("the engine is taking its runs up again; call again in a moment"));
  Run* run = Live(hello.run());
  absl::StatusOr<int> rank =
      absl::PermissionDeniedError("there is no such place to join, or not with this token");
  if (run != nullptr) rank = hello.has_back() ? run->ComeBack(link, hello) : run->Join(link, hello);
  if (!rank.ok()) {
    spdlog::warn("a worker was turned away: {}", std::string(rank.status().message()));
    return link->Close(rank.status());
  }
  place = {run->id(), *rank};
}

void RunTable::CutOff(const std::string& certificate, const std::string& why) {
  std::vector<std::pair<std::shared_ptr<WorkerLink>, Place>> cut;
  for (const auto& [link, place] : links_)
    if (place.rank >= 0 && link->certificate() == certificate) cut.emplace_back(link, place);
  for (const auto& [link, place] : cut)
    if (Run* run = Live(place.run)) run->CutOff(place.rank, link, why);
}

void RunTable::OnClosed(const std::shared_ptr<WorkerLink>& link) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  const Place place = found->second;
  links_.erase(found);
  if (place.rank < 0) return;
  if (Run* run = Live(place.run)) run->OnClosed(place.rank, link);
}

}  // namespace concertina
