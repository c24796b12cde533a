// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// simulation.cc: what happens when, by the seed (see simulation.h).
#include "tests/core/engine/simulation/simulation.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "core/engine/run_preparation.h"
#include "core/engine/run_query.h"
#include "tests/core/engine/simulation/control_checks.h"
#include "tests/core/engine/simulation/crash_store.h"
#include "tests/core/engine/simulation/engine_box.h"
#include "tests/core/engine/simulation/machines.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {
namespace {

using Request = proto::ControlRunRequest;

constexpr int64_t kCores = 4;
constexpr double kBadSeconds = 40;     // of faults and commands; then things are left to themselves
constexpr double kGoodSeconds = 2000;  // in which all runs must end

class Simulation {
 public:
  Simulation(uint64_t seed, const Home& home, std::string table)
      : world_(seed),
        home_(home),
        table_(std::move(table)),
        store_(world_),
        engine_(world_, store_, home, kCores),
        machines_(world_, home),
        checks_(world_, store_, machines_, engine_, kCores) {
    machines_.SetEngine(engine_);
  }

  Outcome Run();

 private:
  void ScheduleAll();
  void Loop();
  // A person.
  std::string Experiment();
  void Submit();
  void Command();
  void CommandOn(const std::string& run);
  void Resume(const std::string& run);
  void Mark(const std::string& run);
  void Delete(const std::string& run);
  void Restore(const std::string& run);
  void Fork(const std::string& run);
  void Empty();
  // Bad luck.
  void Fault();
  void KillEngine();
  void StopEngine();
  void StartEngine(double seconds);
  void FillDisk(CrashStore::Room left);
  void HarmWorker();
  // The end.
  void Help();

  World world_;
  const Home& home_;
  const std::string table_;
  CrashStore store_;
  EngineBox engine_;
  Machines machines_;
  ControlChecks checks_;
  Outcome outcome_;
  double fault_every_ = 0, command_every_ = 0;
  bool kills_engine_ = false, is_over_ = false, is_bad_ = true;
};

Outcome Simulation::Run() {
  const double begun = world_.now();
  engine_.Start();
  ScheduleAll();
  Loop();
  if (world_.violation().empty() && !is_over_)
    world_.Violate("nothing moves any more, and not all runs have ended");
  outcome_.violation = world_.violation();
  outcome_.seconds = world_.now() - begun;
  for (const auto& [id, seen] : checks_.runs()) {
    ++outcome_.runs;
    outcome_.finished += seen.told == proto::FINISHED ? 1 : 0;
  }
  outcome_.noticed = checks_.noticed();
  outcome_.held = checks_.kept().held();
  outcome_.held_up = store_.held_up();
  const std::string& trace = world_.trace();
  for (size_t at = 0; (at = trace.find(": event group: ", at)) != std::string::npos; ++at)
    ++outcome_.regroups;
  for (size_t at = 0; (at = trace.find(": event resuming: ", at)) != std::string::npos; ++at)
    ++outcome_.resumes;
  for (size_t at = 0; (at = trace.find(": event engine: ", at)) != std::string::npos; ++at)
    ++outcome_.returns;
  outcome_.trace = trace;
  return std::move(outcome_);
}

void Simulation::ScheduleAll() {
  // Some have good luck only, some a quiet person, some an engine that lives.
  const double kind = world_.chance.Uniform();
  if (kind > 0.15) fault_every_ = world_.Between(2, 12);
  if (kind > 0.3) command_every_ = world_.Between(1, 6);
  kills_engine_ = kind > 0.45;
  machines_.outlive_engines = world_.Chance(0.5);
  if (fault_every_ > 0) {
    const auto share = [this] { return world_.Chance(0.3) ? 0.05 : 0.0; };
    machines_.refused_share = share();
    machines_.mute_share = share();
    machines_.stillborn_share = share();
  }
  const int submits = 2 + world_.Pick(4);
  for (int i = 0; i < submits; ++i) world_.After(world_.Between(0, kBadSeconds * 0.6), [this] { Submit(); });
  if (command_every_ > 0) world_.After(world_.Between(0, 2 * command_every_), [this] { Command(); });
  if (fault_every_ > 0) world_.After(world_.Between(0, 2 * fault_every_), [this] { Fault(); });
  world_.After(kBadSeconds, [this] {
    world_.Note("from now on nothing happens to anybody");
    is_bad_ = false;
    store_.SetRoom(CrashStore::Room::kEnough);
    machines_.refused_share = machines_.mute_share = machines_.stillborn_share = 0;
    Help();
  });
}

void Simulation::Loop() {
  const double until = world_.now() + kBadSeconds + kGoodSeconds;
  while (world_.violation().empty() && !is_over_) {
    engine_.BeginWork();
    if (!engine_.RunNext()) {
      const double event = world_.next(), timer = engine_.next_timer();
      if (std::min(event, timer) > until) return;
      if (event <= timer)
        world_.RunNext();
      else
        world_.AdvanceTo(timer);
    }
    checks_.AfterEvent();
  }
}

std::string Simulation::Experiment() {
  const int workers = 1 + world_.Pick(4);
  const int kind =
      workers == 1 ? 0 : 1 + world_.Pick(4);  // all-reduce, the same elastic (twice), asynchronous
  std::string exchange = R"({"kind": "all-reduce"})";
  if (kind == 0) exchange = R"({"kind": "single"})";
  if (kind == 4) exchange = R"({"kind": "parameter-server", "mode": "async"})";
  std::string elastic;
  if (kind == 2 || kind == 3)
    elastic = fmt::format(R"("elastic": {{"min_workers": {}, "max_workers": {}, "replace": {}}}, )",
                          1 + world_.Pick(workers), workers + world_.Pick(2), world_.Chance(0.5));
  const int every = world_.Chance(0.6) ? 2 + world_.Pick(8) : 0;
  return fmt::format(
      R"({{"name": "r{}", "seed": {}, "dataset": {{"kind": "csv", "path": "{}", "label": "label"}}, )"
      R"("model": {{"kind": "logistic-regression"}}, "mesh": {{"data": {}}}, "exchange": {}, {})"
      R"("training": {{"batch_size": 4, "epochs": 10, "checkpoint_every_steps": {}, "resume_after_failure": {}}}, )"
      R"("workers": [{{"launcher": "{}", "count": {}}}]}})",
      world_.Pick(1000), world_.Pick(1000), table_, workers, exchange, elastic, every,
      every > 0 ? world_.Pick(3) : 0, world_.Chance(0.75) ? "near" : "far", workers);
}

// As the service does it.
void Simulation::Submit() {
  if (!engine_.takes_commands()) {
    if (is_bad_) world_.After(1, [this] { Submit(); });
    return;
  }
  const std::string spec = Experiment();
  const auto answered = checks_.Expect("submit", 30);
  const int generation = engine_.generation();
  const absl::Status posted = engine_.pool().Post([this, spec, answered, generation] {
    std::vector<concertina::Fault> faults;
    auto prepared = std::make_shared<absl::StatusOr<std::optional<PreparedRun>>>(
        PrepareRun(spec, home_.datasets(), faults));
    if (!faults.empty() || !prepared->ok())
      return world_.Violate("an experiment is refused: {}", faults.empty() ? "" : faults[0].message);
    if (const absl::Status health = store_.Health(); !health.ok()) return answered(health);
    engine_.Post(generation, [this, prepared, answered] {
      if (engine_.is_gone()) return;
      engine_.table().Submit(***std::move(prepared),
                             [this, answered](const absl::StatusOr<std::string>& run) {
                               answered(run.status());
                               if (run.ok()) checks_.Acknowledge(*run);
                             });
    });
  });
  if (!posted.ok()) answered(posted);
}

void Simulation::Command() {
  if (!is_bad_) return;
  world_.After(world_.Between(0, 2 * command_every_), [this] { Command(); });
  if (!engine_.takes_commands()) return;
  if (world_.Chance(0.1)) return Submit();
  if (world_.Chance(0.03)) return Empty();
  const std::vector<const proto::RunSummary*> all = engine_.table().All();
  const std::vector<const proto::RunSummary*> bin = engine_.table().InBin();
  if (!bin.empty() && world_.Chance(0.3)) {
    const std::string id = bin[static_cast<size_t>(world_.Pick(static_cast<int>(bin.size())))]->run();
    return world_.Chance(0.7) ? Restore(id) : Mark(id);
  }
  if (all.empty()) return;
  std::vector<std::string> ids;
  for (const proto::RunSummary* run : all) ids.push_back(run->run());
  std::sort(ids.begin(), ids.end());
  CommandOn(ids[static_cast<size_t>(world_.Pick(static_cast<int>(ids.size())))]);
}

void Simulation::CommandOn(const std::string& run) {
  RunTable& table = engine_.table();
  const auto control = [&](Request::Action action, const char* name, double seconds) {
    table.Control(run, action, checks_.Expect(fmt::format("{} {}", name, run), seconds));
  };
  switch (world_.Pick(14)) {
    case 0:
      checks_.Meddle(run);
      checks_.LeavesQueue(run);
      return control(Request::STOP, "stop", 30);
    case 1:
      if (world_.Chance(0.5)) return;
      checks_.Meddle(run);
      checks_.LeavesQueue(run);
      return control(Request::KILL, "kill", 30);
    case 2:
    case 3:
      return control(Request::PAUSE, "pause", 30);
    case 4:
    case 5:
    case 6:
      return Resume(run);
    case 7:
      return control(Request::CHECKPOINT, "checkpoint", 30);
    case 8:
    case 9: {
      concertina::Run* const live = table.Live(run);
      if (live == nullptr) return;
      checks_.Meddle(run);
      const int change = world_.Chance(0.6) ? 1 : -1;
      const auto answered = checks_.Expect(fmt::format("{:+} worker of {}", change, run), 1);
      return answered(live->ChangeWorkers(change).status());
    }
    case 10:
      return Fork(run);
    case 11:
    case 12:
      return Mark(run);
    default:
      return Delete(run);
  }
}

void Simulation::Resume(const std::string& run) {
  // Its curves are cut back to the checkpoint, on a disk that has no room for that any more; and before there
  // is, the engine may be gone with what it said to be stored.
  if (fault_every_ > 0 && world_.Chance(0.8)) {
    FillDisk(CrashStore::Room::kForShortWrites);
    if (kills_engine_ && world_.Chance(0.7))
      world_.After(world_.Between(0.5, 5), [this] {
        if (is_bad_) KillEngine();
      });
  }
  RunTable& table = engine_.table();
  const bool is_over = table.Live(run) == nullptr;
  const int64_t attempt = table.Find(run)->attempt() + 1;
  const auto answered = checks_.Expect("resume " + run, 60);
  table.Control(run, Request::RESUME, [this, run, is_over, attempt, answered](const absl::Status& status) {
    answered(status);
    if (status.ok() && is_over) checks_.kept().Resumed(run, attempt);
  });
}

void Simulation::Mark(const std::string& run) {
  const int64_t number = ++outcome_.marks;
  const bool pins = world_.Chance(0.3);
  const auto answered = checks_.Expect(fmt::format("mark {} with {}", run, number), 30);
  if (pins) checks_.kept().AskPin(run);
  engine_.table().Mark(AcknowledgedChecks::MarkRequest(run, number, pins),
                       [this, run, number, pins, answered](const absl::Status& status) {
                         answered(status);
                         if (status.ok()) checks_.kept().Marked(run, number, pins);
                       });
}

void Simulation::Delete(const std::string& run) {
  const auto answered = checks_.Expect("delete " + run, 30);
  checks_.LeavesQueue(run);
  const auto number = std::make_shared<int64_t>(0);
  engine_.table().Delete(run, [this, run, number, answered](const absl::Status& status) {
    answered(status);
    if (status.ok()) checks_.kept().Binned(run, *number);
  });
  if (engine_.table().Find(run) != nullptr) return;  // it goes on
  checks_.Meddle(run);
  checks_.Bin(run, true);
  *number = checks_.kept().AskBin(run, true);
}

void Simulation::Restore(const std::string& run) {
  const auto answered = checks_.Expect("restore " + run, 30);
  const auto number = std::make_shared<int64_t>(0);
  engine_.table().Restore(run, [this, run, number, answered](const absl::Status& status) {
    answered(status);
    if (status.ok()) checks_.kept().Binned(run, *number);
  });
  if (engine_.table().Find(run) == nullptr) return;
  checks_.Bin(run, false);
  *number = checks_.kept().AskBin(run, false);
}

void Simulation::Fork(const std::string& run) {
  proto::ForkRequest request;
  request.set_run(run);
  request.set_step(world_.Chance(0.5) ? -1 : world_.Pick(20));
  const auto answered = checks_.Expect("fork " + run, 60);
  engine_.table().Fork(run, request,
                       [this, answered](const absl::StatusOr<std::string>& forked, const auto& faults) {
                         answered(forked.ok() && forked->empty()
                                      ? absl::InvalidArgumentError(faults.empty() ? "" : faults[0].message)
                                      : forked.status());
                         if (!forked.ok() || forked->empty() || engine_.is_gone()) return;
                         ++outcome_.forks;
                         checks_.Acknowledge(*forked);
                       });
}

void Simulation::Empty() {
  std::vector<std::string> ids;
  for (const proto::RunSummary* run : engine_.table().InBin()) ids.push_back(run->run());
  for (const std::string& id : ids) checks_.Purge(id);
  engine_.table().EmptyBin(
      {}, [this, ids, answered = checks_.Expect("empty the bin", 30)](const absl::StatusOr<int64_t>& runs) {
        answered(runs.status());
        if (!runs.ok() || engine_.is_gone()) return;
        const std::vector<const proto::RunSummary*> left = engine_.table().InBin();
        for (const std::string& id : ids)
          if (std::none_of(left.begin(), left.end(), [&id](const auto* each) { return each->run() == id; }))
            checks_.kept().Purged(id);
      });
}

void Simulation::Fault() {
  if (!is_bad_) return;
  world_.After(world_.Between(0, 2 * fault_every_), [this] { Fault(); });
  const double kind = world_.chance.Uniform();
  if (kind < 0.12)
    FillDisk(CrashStore::Room::kNone);
  else if (kind < 0.3 && kills_engine_)
    world_.Chance(0.75) ? KillEngine() : StopEngine();
  else
    HarmWorker();
}

void Simulation::KillEngine() {
  if (!engine_.is_up()) return;
  ++outcome_.engine_kills;
  const int generation = engine_.generation();
  const bool cuts_power = world_.Chance(0.4);
  checks_.BeforeCrash(cuts_power);
  outcome_.power_cuts += cuts_power ? 1 : 0;
  cuts_power ? engine_.CutPower() : engine_.Kill();
  machines_.EngineIsGone(generation, cuts_power);
  StartEngine(world_.Between(0.05, 3));
}

void Simulation::StopEngine() {
  if (!engine_.takes_commands()) return;
  for (const auto& [id, seen] : checks_.runs()) checks_.Meddle(id);
  const int generation = engine_.generation();
  engine_.Stop([this, generation] {
    checks_.BeforeCrash(false);
    machines_.EngineIsGone(generation, false);
    StartEngine(world_.Between(0.05, 3));
  });
}

void Simulation::StartEngine(double seconds) {
  world_.After(seconds, [this] {
    engine_.Start();
    checks_.AfterStart();
  });
}

void Simulation::FillDisk(CrashStore::Room left) {
  if (store_.room() != CrashStore::Room::kEnough) return;
  ++outcome_.full_disks;
  store_.SetRoom(left);
  world_.After(world_.Between(0.2, 8), [this] { store_.SetRoom(CrashStore::Room::kEnough); });
}

void Simulation::HarmWorker() {
  const std::vector<std::shared_ptr<Process>> alive = machines_.alive();
  if (alive.empty()) return;
  Process& process = *alive[static_cast<size_t>(world_.Pick(static_cast<int>(alive.size())))];
  const bool is_at_work = process.phase != Process::Phase::kDone && process.phase != Process::Phase::kBegins;
  const RunLimits limits;
  // The store and the pool may take their time before an end is told.
  const double until_told = limits.blame + limits.other_half + limits.grace + 8;
  const auto harm = [&](const char* what, double seconds) {
    if (!machines_.is_newest(process)) return;  // it has no part in the run any more
    ++outcome_.worker_harms;
    checks_.Harm(process.run, process.seat, what, is_at_work && !process.is_away ? seconds : 0);
  };
  switch (world_.Pick(11)) {
    case 0:
    case 1:
    case 2:
      harm("killed", until_told);
      return machines_.Die(process, {.signal = world_.Chance(0.5) ? 9 : 11});
    case 3:
      return machines_.Freeze(process, 1);  // less than anybody notices
    case 4:
      harm("frozen for 10 s", 0);
      return machines_.Freeze(process, 10);
    case 5:
      harm("frozen", limits.silence + until_told);
      return machines_.Freeze(process, kForever);
    case 6:
      if (process.link != nullptr) {
        world_.Note("the link of {} stalls", NameOf(process));
        process.link->StallUntil(world_.now() + world_.Between(0.1, 2));
      }
      return;
    case 7: {
      if (process.link == nullptr) return;
      world_.Note("the link of {} is cut", NameOf(process));
      const int ways = world_.Pick(3);
      harm("cut off", ways == 1 ? 0 : limits.silence + until_told);
      if (ways != 1) process.link->CutUp();
      if (ways != 0) process.link->CutDown();
      return;
    }
    case 8: {
      // Anybody's token that was used, in whatever life of the engine.
      if (!engine_.takes_commands()) return;
      const auto& all = machines_.processes();
      const Process& any = *all[static_cast<size_t>(world_.Pick(static_cast<int>(all.size())))];
      if (any.is_ghost || !any.has_said_hello) return;
      ++outcome_.ghosts;
      return machines_.ReplayJoin(any);
    }
    case 9:
      if (!process.has_said_hello) return;
      harm("spoke twice", 0);
      return machines_.SayHelloTwice(process);
    default:
      if (process.first_incarnation < 2) return;
      harm("spoke of the past", 0);
      return machines_.SendStale(process);
  }
}

// Once nothing happens any more: what waits for a person is helped on, until all have ended.
void Simulation::Help() {
  world_.After(5, [this] { Help(); });
  if (!engine_.takes_commands()) return;
  const std::vector<std::shared_ptr<Process>> alive = machines_.alive();
  const bool any_left =
      std::any_of(alive.begin(), alive.end(), [](const auto& each) { return each->is_seen; });
  if (checks_.all_ended() && !any_left) {
    checks_.AtTheEnd();
    is_over_ = true;
    return;
  }
  for (const auto& [id, seen] : checks_.runs())
    if (seen.told == proto::PAUSED && engine_.table().Live(id) != nullptr)
      engine_.table().Control(id, Request::RESUME, checks_.Expect("resume " + id, 60));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Ground>> Ground::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<Home> home, Home::Open(folder + "/home"));
  const std::string table = folder + "/table.csv";
  std::ofstream rows(table);
  rows << "a,b,label\n";
  for (int i = 0; i < 200; ++i) rows << i % 7 << ',' << i % 5 << ',' << i % 2 << '\n';
  return std::unique_ptr<Ground>(new Ground(std::move(home), table));
}

void Ground::Clear() {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(home_->runs(), error), end; !error && entry != end;
       entry.increment(error))
    std::filesystem::remove_all(entry->path(), error);
}

Outcome Ground::Simulate(uint64_t seed) {
  Clear();
  Outcome outcome = Simulation(seed, *home_, table_).Run();
  // Where it lives is not the seed's.
  for (std::string* text : {&outcome.trace, &outcome.violation})
    for (size_t at = 0; (at = text->find(home_->path(), at)) != std::string::npos;)
      text->replace(at, home_->path().size(), "HOME");
  return outcome;
}

}  // namespace concertina::simulation
