// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// process_return.cc: a worker that outlives its engine, as core/worker/engine_link_return.cc does it: it
// trains on, calls the next engine, and says again what was not stored (see machines.h).
#include <algorithm>
#include <utility>

#include "core/proto/deadlines.h"
#include "tests/core/engine/simulation/machines.h"

namespace concertina::simulation {

std::shared_ptr<Process> Machines::Find(const ProcessIdentity& identity) const {
  for (const std::shared_ptr<Process>& process : processes_)
    if (process->is_alive && !process->is_ghost && process->number == identity.pid &&
        static_cast<uint64_t>(process->number) == identity.start_ticks && identity.boot_id == kSimulatedBoot)
      return process;
  return nullptr;
}

bool Machines::HasOutlived(const std::string& run) const {
  return std::any_of(processes_.begin(), processes_.end(), [&run](const auto& each) {
    return each->is_alive && !each->is_ghost && each->outlives && each->run == run;
  });
}

absl::StatusOr<std::shared_ptr<Process>> Machines::Adopt(const ProcessIdentity& identity,
                                                         Launcher::OnExit on_exit) {
  std::shared_ptr<Process> process = Find(identity);
  if (process == nullptr) return absl::NotFoundError("it has ended");
  world_.Note("{} is adopted by engine {}", NameOf(*process), engine_->generation());
  process->generation = engine_->generation();
  process->on_exit = std::move(on_exit);
  return process;
}

// It trains on without an engine, and calls the next.
void Machines::GoAway(Process& process) {
  if (!process.is_away) process.away_until = world_.now() + process.task.engine_grace_seconds();
  process.is_away = true;
  process.link = nullptr;
  world_.Note("{} has lost its engine", NameOf(process));
  Do(process, world_.Between(0.02, 0.5),
     [this, round = ++process.away_round](Process& of) { CallAgain(of, round); });
}

void Machines::CallAgain(Process& process, int round) {
  if (!process.is_away || process.away_round != round) return;
  if (world_.now() >= process.away_until) {
    world_.Note("{}: no other engine came", NameOf(process));
    return LeaveEarly(process, 1);
  }
  const auto again = [&](double seconds) {
    Do(process, seconds, [this, round](Process& of) { CallAgain(of, round); });
  };
  if (!engine_->is_up() || engine_->is_gone()) return again(world_.Between(0.2, 1));
  if (process.link != nullptr) process.link->HangUp();
  process.link = std::make_shared<Link>(*this, process.weak_from_this());
  engine_->Post(engine_->generation(), [this, link = process.link] {
    if (!engine_->is_gone()) engine_->table().OnOpened(link);
  });
  proto::WorkerMessage message;
  proto::Hello& hello = *message.mutable_hello();
  hello.set_run(process.run);
  hello.set_rank(static_cast<uint32_t>(process.seat));
  hello.set_pid(process.number);
  hello.set_host("simulated");
  hello.set_version(CONCERTINA_VERSION);
  hello.mutable_back()->set_secret(process.task.return_secret());
  hello.mutable_back()->set_incarnation(process.task.incarnation());
  hello.mutable_back()->set_step(process.step);
  for (const proto::Request& request : process.requests) *hello.mutable_back()->add_requests() = request;
  process.link->Up(std::move(message));
  again(5);  // nobody has answered by then
}

void Machines::OnWelcome(Process& process) {
  if (!process.is_away) return world_.Violate("{} is welcomed, and was not away", NameOf(process));
  world_.Note("{} is back at incarnation {}", NameOf(process), process.task.incarnation());
  process.is_away = false;
  ++process.away_round;
  if (process.declared) {
    proto::WorkerMessage message;
    message.set_incarnation(process.task.incarnation());
    Declare(*message.mutable_metrics());
    process.link->Up(std::move(message));
  }
  for (proto::WorkerMessage message : process.unkept) {
    message.set_is_said_again(true);
    process.link->Up(std::move(message));
  }
}

// Whoever is away waits for the next engine.
void Machines::AwaitGoodbye(Process& process) {
  Do(process, kJoinDeadlineSeconds, [this](Process& of) {
    if (of.is_away) return AwaitGoodbye(of);
    Die(of, {.exit_code = 1});
  });
}

}  // namespace concertina::simulation
