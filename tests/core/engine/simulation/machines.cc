// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// machines.cc: links, the launcher, and how processes begin and end (see machines.h).
#include "tests/core/engine/simulation/machines.h"

#include <algorithm>
#include <utility>

#include "core/base/registry.h"

namespace concertina::simulation {
namespace {

Machines* the_machines = nullptr;

class SimulatedWorker final : public LaunchedWorker {
 public:
  explicit SimulatedWorker(std::shared_ptr<Process> process) : process_(std::move(process)) {}
  int64_t pid() const override { return process_->number; }
  ProcessIdentity process() const override {
    if (!process_->outlives) return {};
    return {.pid = process_->number,
            .start_ticks = static_cast<uint64_t>(process_->number),
            .boot_id = kSimulatedBoot};
  }
  bool end_is_seen() const override { return process_->is_seen; }
  void Terminate() override { Signal(15); }
  void Kill() override { Signal(9); }
  absl::Status Freeze() override {
    if (!process_->is_seen) return LaunchedWorker::Freeze();
    Machines::Get().Freeze(*process_, kForever);
    return absl::OkStatus();
  }
  void Thaw() override { Machines::Get().Thaw(*process_); }

 private:
  void Signal(int signal) {
    Machines& machines = Machines::Get();
    if (!process_->is_seen || !process_->is_alive) return;
    machines.world().Note("{} gets signal {}", NameOf(*process_), signal);
    const auto end = [process = process_, signal] {
      if (!process->is_alive) return;
      if (signal != 9 && process->frozen_until > 0) {  // it hears of it when it goes on
        process->deferred.push_back([process] { Machines::Get().Die(*process, {.signal = 15}); });
        return;
      }
      Machines::Get().Die(*process, {.signal = signal});
    };
    machines.world().After(machines.world().Between(0.001, signal == 9 ? 0.02 : 0.4), end);
  }

  const std::shared_ptr<Process> process_;
};

class SimulatedLauncher final : public Launcher {
 public:
  explicit SimulatedLauncher(bool is_seen) : is_seen_(is_seen) {}
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine) override {
    ASSIGN_OR_RETURN(std::shared_ptr<Process> process,
                     Machines::Get().Launch(request, is_seen_, std::move(on_exit)));
    return std::make_unique<SimulatedWorker>(std::move(process));
  }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Adopt(const ProcessIdentity& identity,
                                                        OnExit on_exit) override {
    ASSIGN_OR_RETURN(std::shared_ptr<Process> process, Machines::Get().Adopt(identity, std::move(on_exit)));
    return std::make_unique<SimulatedWorker>(std::move(process));
  }

 private:
  const bool is_seen_;
};

REGISTER_COMPONENT(Launcher,
                   Descriptor({.category = "launcher", .kind = "near", .title = "Simulated", .params = {}}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
                     return std::make_unique<SimulatedLauncher>(/*is_seen=*/true);
                   });
REGISTER_COMPONENT(Launcher,
                   Descriptor({.category = "launcher", .kind = "far", .title = "Unseen", .params = {}}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
                     return std::make_unique<SimulatedLauncher>(/*is_seen=*/false);
                   });

}  // namespace

std::string NameOf(const Process& process) {
  return fmt::format("{}process {} (rank {} of {})", process.is_ghost ? "ghost of " : "", process.number,
                     process.seat, process.run);
}

// Links.

Link::Link(Machines& machines, std::weak_ptr<Process> process)
    : machines_(machines), process_(std::move(process)), generation_(machines.engine().generation()) {}

double Link::Arrival(double& last) {
  World& world = machines_.world();
  last = std::max({last, world.now() + world.Between(0.0005, 0.004), stalled_until_});
  return last - world.now();
}

void Link::Send(proto::EngineMessage message) {
  if (engine_has_closed_ || is_cut_down_) return;
  machines_.world().After(Arrival(last_down_), [self = shared_from_this(), message = std::move(message)] {
    const std::shared_ptr<Process> process = self->process_.lock();
    if (process != nullptr && process->is_alive && !self->worker_has_closed_)
      self->machines_.OnMessage(*process, message);
  });
}

void Link::SendHeartbeat(uint64_t kept) {
  proto::EngineMessage message;
  message.mutable_heartbeat()->set_kept(kept);
  Send(std::move(message));
}

void Link::Close(const absl::Status& status) {
  if (std::exchange(engine_has_closed_, true)) return;
  World& world = machines_.world();
  if (!is_cut_down_)
    world.After(Arrival(last_down_), [self = shared_from_this(), status] {
      const std::shared_ptr<Process> process = self->process_.lock();
      if (process == nullptr || !process->is_alive || std::exchange(self->worker_has_closed_, true)) return;
      self->machines_.OnLinkClosed(*process, status);
    });
  // What was read before is told yet; whether the other end takes the news or not, the stream is over.
  world.After(world.Between(0.0005, 0.004), [self = shared_from_this()] { self->TellEngineOfTheEnd(); });
}

void Link::Up(proto::WorkerMessage message) {
  if (worker_has_closed_ || is_cut_up_) return;
  machines_.world().After(Arrival(last_up_), [self = shared_from_this(), message = std::move(message)] {
    if (self->end_is_told_) return;
    self->machines_.engine().Post(self->generation_, [self, message] {
      EngineBox& engine = self->machines_.engine();
      if (engine.is_gone()) return;
      const std::shared_ptr<Process> process = self->process_.lock();
      if (process != nullptr && message.has_hello()) process->has_said_hello = true;
      if (process != nullptr && message.has_metrics() && !self->engine_has_closed_ && self->machines_.on_row)
        for (const proto::MetricTable& table : message.metrics().tables())
          for (const int64_t step : table.steps())
            if (table.columns(0).values(0) != kPoison) self->machines_.on_row(*process, step);
      engine.table().OnMessage(self, message);
    });
  });
}

void Link::HangUp() {
  if (std::exchange(worker_has_closed_, true) || is_cut_up_) return;
  machines_.world().After(Arrival(last_up_), [self = shared_from_this()] { self->TellEngineOfTheEnd(); });
}

void Link::TellEngineOfTheEnd() {
  if (std::exchange(end_is_told_, true)) return;
  engine_has_closed_ = true;
  machines_.engine().Post(generation_, [self = shared_from_this()] {
    EngineBox& engine = self->machines_.engine();
    if (!engine.is_gone()) engine.table().OnClosed(self);
  });
}

// Processes.

Machines::Machines(World& world, const Home& home) : world_(world), home_(home) { the_machines = this; }
Machines::~Machines() {
  the_machines = nullptr;
  for (const std::shared_ptr<Process>& process : processes_) {  // they know one another
    process->deferred.clear();
    process->link = nullptr;
    process->on_exit = nullptr;
  }
}
Machines& Machines::Get() { return *the_machines; }

std::vector<std::shared_ptr<Process>> Machines::alive() const {
  std::vector<std::shared_ptr<Process>> alive;
  for (const std::shared_ptr<Process>& process : processes_)
    if (process->is_alive && !process->is_ghost) alive.push_back(process);
  return alive;
}

bool Machines::is_newest(const Process& process) const {
  return std::none_of(processes_.begin(), processes_.end(), [&process](const auto& each) {
    return !each->is_ghost && each->number > process.number && each->run == process.run &&
           each->seat == process.seat;
  });
}

absl::StatusOr<std::shared_ptr<Process>> Machines::Launch(const LaunchRequest& request, bool is_seen,
                                                          Launcher::OnExit on_exit) {
  auto process = std::make_shared<Process>();
  process->run = request.run;
  process->seat = request.rank;
  if (world_.Chance(refused_share)) {
    world_.Note("rank {} of {} is not launched", request.rank, request.run);
    on_harm(*process, "refused");
    return absl::ResourceExhaustedError("no process can be made");
  }
  process->number = static_cast<int>(processes_.size()) + 1;
  process->token = request.token;
  process->generation = engine_->generation();
  process->is_seen = is_seen;
  process->outlives = outlive_engines && is_seen && request.outlives_engine;
  process->on_exit = std::move(on_exit);
  processes_.push_back(process);
  world_.Note("{} is launched", NameOf(*process));
  if (world_.Chance(mute_share)) {  // it hangs before it calls home
    on_harm(*process, "mute");
    return process;
  }
  if (world_.Chance(stillborn_share)) {
    on_harm(*process, "stillborn");
    Do(*process, world_.Between(0.01, 0.5), [this](Process& of) { Die(of, {.exit_code = 3}); });
    return process;
  }
  Do(*process, world_.Between(0.05, 0.8), [this](Process& of) { Connect(of); });
  return process;
}

void Machines::Do(Process& process, double seconds, std::function<void(Process&)> act) {
  world_.After(seconds, [self = process.shared_from_this(), act = std::move(act)] {
    if (!self->is_alive) return;
    if (self->frozen_until > 0)
      self->deferred.push_back([raw = self.get(), act] { act(*raw); });
    else
      act(*self);
  });
}

void Machines::Connect(Process& process) {
  if (!engine_->is_up()) return Die(process, {.exit_code = 1});
  process.phase = Phase::kJoins;
  process.heard = world_.now();
  process.link = std::make_shared<Link>(*this, process.weak_from_this());
  engine_->Post(engine_->generation(), [this, link = process.link] { engine_->table().OnOpened(link); });
  proto::WorkerMessage message;
  message.mutable_hello()->set_run(process.run);
  message.mutable_hello()->set_rank(static_cast<uint32_t>(process.seat));
  message.mutable_hello()->set_token(process.token);
  message.mutable_hello()->set_pid(process.number);
  message.mutable_hello()->set_host("simulated");
  message.mutable_hello()->set_version(CONCERTINA_VERSION);
  Send(process, std::move(message));
  if (!process.is_ghost) Beat(process);
}

void Machines::Die(Process& process, const WorkerExit& exit) {
  if (!std::exchange(process.is_alive, false)) return;
  world_.Note("{} {}", NameOf(process), exit.Text());
  process.deferred.clear();
  if (process.link != nullptr) process.link->HangUp();
  if (process.is_ghost) return;
  if (process.is_seen) {
    world_.After(world_.Between(0.001, 0.1),
                 [this, exit, generation = process.generation, on_exit = process.on_exit] {
                   if (engine_->is_up() && engine_->generation() == generation) on_exit(exit);
                 });
  }
  HangUpOnPeers(process);
}

void Machines::Freeze(Process& process, double seconds) {
  if (!process.is_alive) return;
  world_.Note("{} stands still for {} s", NameOf(process), seconds);
  process.frozen_until = std::max(process.frozen_until, world_.now() + seconds);
  if (seconds == kForever) return;
  world_.After(seconds, [this, self = process.shared_from_this()] {
    if (self->is_alive && world_.now() >= self->frozen_until - 1e-9) Thaw(*self);
  });
}

void Machines::Thaw(Process& process) {
  if (!process.is_alive || process.frozen_until == 0) return;
  world_.Note("{} goes on", NameOf(process));
  process.frozen_until = 0;
  std::deque<std::function<void()>> deferred;
  deferred.swap(process.deferred);
  for (const std::function<void()>& act : deferred)
    if (process.is_alive) act();
}

void Machines::EngineIsGone(int generation, bool is_machine_gone) {
  for (const std::shared_ptr<Process>& process : alive()) {
    // Those that no engine has taken up yet are of an earlier one, and call on.
    if (is_machine_gone && process->is_seen) {
      Die(*process, {.signal = 9});
      continue;
    }
    if (process->generation != generation) continue;
    // Before all are ready it ends with its engine; and what is frozen the model does not let wake up alone.
    const bool trains = process->phase == Phase::kTrains || process->phase == Phase::kPaused ||
                        process->phase == Phase::kParted || process->phase == Phase::kDone;
    if (process->outlives && trains && process->frozen_until == 0 && !process->task.return_secret().empty())
      GoAway(*process);
    else if (process->is_seen)
      Die(*process, {.signal = 9});
    else if (process->link != nullptr && !process->link->is_cut())
      Do(*process, world_.Between(0.001, 0.1),
         [this](Process& of) { OnLinkClosed(of, absl::UnavailableError("the engine is gone")); });
  }
}

void Machines::SetEngine(EngineBox& engine) {
  engine_ = &engine;
  engine.processes.is_alive = [this](const ProcessIdentity& identity) { return Find(identity) != nullptr; };
  engine.processes.kill = [this](const ProcessIdentity& identity) -> absl::Status {
    const std::shared_ptr<Process> process = Find(identity);
    if (process == nullptr) return absl::NotFoundError("it has ended");
    Die(*process, {.signal = 9});
    return absl::OkStatus();
  };
}

void Machines::ReplayJoin(const Process& process) {
  auto ghost = std::make_shared<Process>();
  ghost->number = process.number;
  ghost->run = process.run;
  ghost->seat = process.seat;
  ghost->token = process.token;
  ghost->is_ghost = true;
  processes_.push_back(ghost);
  world_.Note("{} joins", NameOf(*ghost));
  Connect(*ghost);
}

void Machines::SayHelloTwice(Process& process) {
  world_.Note("{} says hello twice", NameOf(process));
  proto::WorkerMessage message;
  message.mutable_hello()->set_run(process.run);
  message.mutable_hello()->set_rank(static_cast<uint32_t>(process.seat));
  message.mutable_hello()->set_token(process.token);
  Send(process, std::move(message));
}

}  // namespace concertina::simulation
