// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// process.cc: what a worker says and does, as core/worker/worker.cc and step_loop.cc do it (see machines.h).
// Members of a group make a step together, agree on the step before which all act on what the engine asks,
// and fail together when one of them is gone.
#include <algorithm>
#include <utility>

#include "core/base/descriptor.h"
#include "core/base/disk.h"
#include "core/proto/deadlines.h"
#include "core/worker/checkpoint.h"
#include "nlohmann/json.hpp"
#include "tests/core/engine/simulation/machines.h"

namespace concertina::simulation {
namespace {

const char* PhaseText(Process::Phase phase) {
  using Phase = Process::Phase;
  switch (phase) {
    case Phase::kPrepares:
      return "preparing";
    case Phase::kTrains:
      return "compute";
    case Phase::kPaused:
      return "paused";
    case Phase::kParted:
    case Phase::kReady:
      return "wait";
    default:
      return "";
  }
}

// Its lengths follow from its seed, so that a fork's do, too.
Work WorkOfSpec(const std::string& text) {
  const Json spec = Json::parse(text, nullptr, false);
  const int64_t seed = spec.value("seed", int64_t{0});
  Work work;
  work.total_steps = 5 + seed % 40;
  work.step_seconds = 0.1 + 0.05 * static_cast<double>(seed % 7);
  work.is_elastic = spec.contains("elastic") && !spec["elastic"].is_null();
  work.is_async = spec["exchange"].value("mode", "") == "async";
  work.checkpoint_every = spec["training"].value("checkpoint_every_steps", int64_t{0});
  return work;
}

}  // namespace

void Machines::Declare(proto::MetricBatch& batch) {
  const char* names[] = {"train/loss", "comm/bytes_sent"};
  for (uint32_t id = 0; id < 2; ++id) {
    proto::SeriesDeclaration& series = *batch.add_declared();
    series.set_id(id);
    series.set_name(names[id]);
    series.set_fold(id == 1 ? proto::SUM : proto::MEAN);
  }
}

void Machines::Send(Process& process, proto::WorkerMessage message) {
  message.set_incarnation(process.task.incarnation());
  const bool is_of_now = message.has_heartbeat() || message.has_ready() || message.has_hello();
  if (process.outlives && !process.task.return_secret().empty() && !is_of_now) {
    message.set_number(++process.last_number);
    process.unkept.push_back(message);
    if (message.has_metrics()) process.unkept.back().mutable_metrics()->clear_declared();
  }
  if (process.link != nullptr && !process.is_away) process.link->Up(std::move(message));
}

void Machines::Beat(Process& process) {
  if (process.is_away) return Do(process, kHeartbeatSeconds, [this](Process& of) { Beat(of); });
  if (world_.now() - process.heard > kSilenceSeconds) {
    world_.Note("{} hears nothing of the engine", NameOf(process));
    return LeaveEarly(process, 1);
  }
  if (process.phase != Phase::kJoins) {
    proto::WorkerMessage message;
    message.mutable_heartbeat()->set_step(process.step);
    message.mutable_heartbeat()->set_phase(PhaseText(process.phase));
    Send(process, std::move(message));
  }
  Do(process, kHeartbeatSeconds, [this](Process& of) { Beat(of); });
}

void Machines::OnMessage(Process& process, const proto::EngineMessage& message) {
  if (process.frozen_until > 0) {
    process.deferred.push_back([this, raw = &process, message] { OnMessage(*raw, message); });
    return;
  }
  process.heard = world_.now();
  if (process.is_ghost) {
    if (!message.has_heartbeat())
      world_.Violate("{} is told something, though its token was used before", NameOf(process));
    return;
  }
  switch (message.kind_case()) {
    case proto::EngineMessage::kAssignment:
      return OnAssignment(process, message.assignment());
    case proto::EngineMessage::kPeers: {
      if (process.phase != Phase::kReady) return;
      Group& group = GroupOf(process);
      if (message.peers().addresses_size() != group.size)
        world_.Violate("{} is told {} peers of {}", NameOf(process), message.peers().addresses_size(),
                       group.size);
      process.phase = Phase::kTrains;
      process.has_state = true;
      return BeforeStep(process);
    }
    case proto::EngineMessage::kWelcome:
      return OnWelcome(process);
    case proto::EngineMessage::kHeartbeat:
      while (!process.unkept.empty() && process.unkept.front().number() <= message.heartbeat().kept())
        process.unkept.pop_front();
      return;
    case proto::EngineMessage::kControl:
      *process.requests.emplace_back().mutable_control() = message.control();
      return OnControl(process, message.control());
    case proto::EngineMessage::kPart:
      if (message.part().incarnation() != process.task.incarnation() || process.phase == Phase::kParted ||
          process.phase == Phase::kDone)
        return;
      return Part(process, "a worker was lost: the group forms anew");
    case proto::EngineMessage::kGoodbye:
      process.phase = Phase::kDone;
      return LeaveEarly(process, 0);
    default:
      return;
  }
}

void Machines::OnLinkClosed(Process& process, const absl::Status& status) {
  if (process.frozen_until > 0) {
    process.deferred.push_back([this, raw = &process, status] { OnLinkClosed(*raw, status); });
    return;
  }
  world_.Note("{}: its link is closed: {}", NameOf(process), std::string(status.message()));
  if (process.is_ghost) {
    process.is_alive = false;
    return;
  }
  if (process.is_away && absl::IsUnavailable(status)) {  // the next engine is not ready yet
    process.link = nullptr;
    return Do(process, world_.Between(0.1, 1),
              [this, round = ++process.away_round](Process& of) { CallAgain(of, round); });
  }
  LeaveEarly(process, 1);
}

void Machines::LeaveEarly(Process& process, int exit_code) {
  Do(process, world_.Between(0.001, 0.2),
     [this, exit_code](Process& of) { Die(of, {.exit_code = exit_code}); });
}

void Machines::OnAssignment(Process& process, const proto::Assignment& task) {
  if (process.phase == Phase::kDone) return;
  const bool is_first = process.task.incarnation() == 0;
  if (task.incarnation() <= process.task.incarnation())
    world_.Violate("{} is assigned to incarnation {} after {}", NameOf(process), task.incarnation(),
                   process.task.incarnation());
  process.task = task;
  if (is_first) process.first_incarnation = task.incarnation();
  works_[process.run] = WorkOfSpec(task.spec_json());
  if (task.has_state() && (task.state().source_rank() != task.rank() || process.has_state))
    process.step = task.state().step();
  if (const size_t at = task.checkpoint().rfind("step-"); at != std::string::npos)
    process.step = std::stoll(task.checkpoint().substr(at + 5));
  process.acted.clear();
  process.requests.clear();
  Group& group = GroupOf(process);
  group.size = static_cast<int>(task.world_size());
  group.members[static_cast<int>(task.rank())] = process.weak_from_this();
  process.phase = Phase::kPrepares;
  world_.Note("{} is rank {} of {} in incarnation {}, from step {}", NameOf(process), task.rank(),
              task.world_size(), task.incarnation(), process.step);
  if (is_first && on_begin) on_begin(process);
  Do(process, world_.Between(0.02, 0.6), [this, incarnation = task.incarnation()](Process& of) {
    if (of.phase != Phase::kPrepares || of.task.incarnation() != incarnation) return;
    of.phase = Phase::kReady;
    proto::WorkerMessage message;
    message.mutable_ready()->set_address("127.0.0.1:1");
    message.mutable_ready()->set_parameters(10);
    message.mutable_ready()->set_total_steps(WorkOf(of.run).total_steps);
    message.mutable_ready()->set_steps_per_epoch(10);
    message.mutable_ready()->set_incarnation(incarnation);
    Send(of, std::move(message));
  });
}

void Machines::OnControl(Process& process, const proto::Control& control) {
  if (process.phase == Phase::kPaused) {
    // All stand before the same step: nothing has to be agreed on.
    Act(process, control.action());
    return;
  }
  if (process.phase != Phase::kTrains) return;
  if (control.action() == proto::Control::RESUME) {  // as the step loop says it, paused before or not
    proto::WorkerMessage message;
    message.mutable_state()->set_state("running");
    message.mutable_state()->set_step(process.step);
    return Send(process, std::move(message));
  }
  Group& group = GroupOf(process);
  for (const Group::Agreement& each : group.agreements)
    if (each.action == control.action() && each.at_step == control.at_step()) return;
  group.agreements.push_back(
      {control.action(), control.at_step(),
       std::max(control.at_step(), (WorkOf(process.run).is_async ? process.step : group.begun) + 1)});
}

// False: it makes no step now.
bool Machines::Act(Process& process, proto::Control::Action action) {
  const auto reached = [&](const char* state) {
    proto::WorkerMessage message;
    message.mutable_state()->set_state(state);
    message.mutable_state()->set_step(process.step);
    Send(process, std::move(message));
  };
  switch (action) {
    case proto::Control::PAUSE:
      if (process.phase == Phase::kPaused) return false;
      process.phase = Phase::kPaused;
      reached("paused");
      return false;
    case proto::Control::RESUME:
      process.phase = Phase::kTrains;
      reached("running");
      BeforeStep(process);
      return false;
    case proto::Control::STOP:
      Finish(process, true);
      return false;
    case proto::Control::CHECKPOINT:
      WriteCheckpoint(process);
      return true;
    case proto::Control::REGROUP:
      Part(process, "");
      return false;
    default:
      return true;
  }
}

void Machines::BeforeStep(Process& process) {
  if (process.phase != Phase::kTrains) return;
  const Work& work = WorkOf(process.run);
  Group& group = GroupOf(process);
  for (size_t i = 0; i < group.agreements.size(); ++i) {
    const Group::Agreement agreement = group.agreements[i];
    if (agreement.before > process.step || !process.acted.insert(i).second) continue;
    if (!Act(process, agreement.action)) return;
  }
  if (process.step >= work.total_steps) return Finish(process, false);
  if (work.is_async) {
    return Do(process, work.step_seconds * world_.Between(0.5, 1.5), [this, at = process.step](Process& of) {
      if (of.phase == Phase::kTrains && of.step == at) StepDone(of);
    });
  }
  group.begun = std::max(group.begun, process.step);
  group.arrived.insert(static_cast<int>(process.task.rank()));
  // Some may have gone while it was paused.
  for (const auto& [rank, weak] : group.members) {
    const std::shared_ptr<Process> member = weak.lock();
    if (member != nullptr && member->is_alive) continue;
    Do(process, 0.01, [this, incarnation = process.task.incarnation(), lost = rank](Process& of) {
      LosePeer(of, incarnation, lost);
    });
  }
  if (static_cast<int>(group.arrived.size()) < group.size) return;
  group.arrived.clear();
  for (const auto& [rank, weak] : group.members) {
    const std::shared_ptr<Process> member = weak.lock();
    if (member == nullptr) continue;
    Do(*member, work.step_seconds,
       [this, at = process.step, incarnation = process.task.incarnation()](Process& of) {
         if (of.phase == Phase::kTrains && of.step == at && of.task.incarnation() == incarnation)
           StepDone(of);
       });
  }
}

void Machines::StepDone(Process& process) {
  const Work& work = WorkOf(process.run);
  proto::WorkerMessage message;
  proto::MetricBatch& batch = *message.mutable_metrics();
  batch.set_rank(static_cast<uint32_t>(process.seat));
  if (!std::exchange(process.declared, true)) Declare(batch);
  proto::MetricTable& table = *batch.add_tables();
  table.add_steps(process.step);
  table.add_seconds(work.step_seconds * static_cast<double>(process.step + 1));
  for (uint32_t id = 0; id < 2; ++id) {
    proto::MetricTable::Column& column = *table.add_columns();
    column.set_series(id);
    column.add_values(id == 0 ? 1.0 / static_cast<double>(1 + process.step) : 100);
  }
  Send(process, std::move(message));
  ++process.step;
  if (work.checkpoint_every > 0 && process.step % work.checkpoint_every == 0 &&
      process.step < work.total_steps)
    WriteCheckpoint(process);
  BeforeStep(process);
}

void Machines::WriteCheckpoint(Process& process) {
  if (WorkOf(process.run).is_async) return;
  Group& group = GroupOf(process);
  std::map<int, CheckpointPart>& parts = group.parts[process.step];
  const int rank = static_cast<int>(process.task.rank());
  if (parts.contains(rank)) return;
  const std::string folder = CheckpointFolder(process.task.run_folder(), process.step);
  Checkpoint checkpoint;
  checkpoint.step = process.step;
  checkpoint.rank = rank;
  checkpoint.world_size = group.size;
  checkpoint.spec_json = process.task.spec_json();
  checkpoint.parameters = {1, 2, 3};
  absl::StatusOr<CheckpointPart> part = concertina::WriteCheckpoint(folder, checkpoint);
  if (!part.ok()) {
    world_.Note("{}: {}", NameOf(process), std::string(part.status().message()));
    return;
  }
  parts[rank] = *std::move(part);
  if (static_cast<int>(parts.size()) < group.size) return;
  const std::shared_ptr<Process> first = group.members[0].lock();
  if (first == nullptr || !first->is_alive) return;
  Do(*first, world_.Between(0.001, 0.1), [this, step = process.step, folder, whole = parts](Process& of) {
    CheckpointManifest manifest{.step = step, .in_step = true, .parts = {}};
    uint64_t bytes = 0;
    for (const auto& [each, written] : whole) {
      manifest.parts.push_back({.step = step, .bytes = written.bytes, .sha256 = written.sha256});
      bytes += written.bytes;
    }
    if (!WriteCheckpointManifest(Disk::Real(), folder, manifest).ok()) return;
    world_.Note("{} has written the checkpoint of step {}", NameOf(of), step);
    proto::WorkerMessage message;
    message.mutable_checkpoint()->set_step(step);
    message.mutable_checkpoint()->set_path(folder);
    message.mutable_checkpoint()->set_bytes(bytes);
    Send(of, std::move(message));
  });
}

// Members feel it where they exchange with it.
void Machines::HangUpOnPeers(Process& process) {
  const bool is_member = process.phase == Phase::kTrains || process.phase == Phase::kPaused;
  if (!is_member || WorkOf(process.run).is_async) return;
  const auto rank = static_cast<int>(process.task.rank());
  for (const auto& [other, weak] : GroupOf(process).members) {
    const std::shared_ptr<Process> peer = weak.lock();
    if (peer == nullptr || !peer->is_alive || other == rank) continue;
    Do(*peer, world_.Between(0.01, 0.3), [this, rank, incarnation = process.task.incarnation()](Process& of) {
      LosePeer(of, incarnation, rank);
    });
  }
}

void Machines::Part(Process& process, const std::string& reason) {
  if (!reason.empty()) HangUpOnPeers(process);
  world_.Note("{} leaves incarnation {} at step {}", NameOf(process), process.task.incarnation(),
              process.step);
  process.phase = Phase::kParted;
  proto::WorkerMessage message;
  message.mutable_parted()->set_incarnation(process.task.incarnation());
  message.mutable_parted()->set_step(process.step);
  message.mutable_parted()->set_has_state(process.has_state);
  message.mutable_parted()->set_epochs(static_cast<double>(process.step) / 10);
  message.mutable_parted()->set_reason(reason);
  Send(process, std::move(message));
}

void Machines::Finish(Process& process, bool stopped) {
  process.phase = Phase::kDone;
  world_.Note("{} {} at step {}", NameOf(process), stopped ? "stops" : "has finished", process.step);
  proto::WorkerMessage message;
  message.mutable_finished()->set_stopped(stopped);
  message.mutable_finished()->set_step(process.step);
  Send(process, std::move(message));
  AwaitGoodbye(process);
}

void Machines::Fail(Process& process, absl::StatusCode code, const std::string& what) {
  HangUpOnPeers(process);
  process.phase = Phase::kDone;
  world_.Note("{} fails: {}", NameOf(process), what);
  proto::WorkerMessage message;
  message.mutable_failed()->set_code(static_cast<int>(code));
  message.mutable_failed()->set_message(what);
  message.mutable_failed()->set_step(process.step);
  Send(process, std::move(message));
  AwaitGoodbye(process);
}

void Machines::LosePeer(Process& process, uint32_t incarnation, int rank) {
  if (process.task.incarnation() != incarnation || process.phase != Phase::kTrains) return;
  const std::string what = fmt::format("its peer {} hung up", rank);
  if (WorkOf(process.run).is_elastic) return Part(process, what);
  Fail(process, absl::StatusCode::kUnavailable, what);
}

void Machines::SendStale(Process& process) {
  if (process.first_incarnation < 2 || process.link == nullptr) return;
  world_.Note("{} sends what is of an incarnation before its own", NameOf(process));
  proto::WorkerMessage message;
  message.set_incarnation(process.first_incarnation - 1);
  proto::MetricBatch& batch = *message.mutable_metrics();
  proto::MetricTable& table = *batch.add_tables();
  table.add_steps(process.step + 100);
  table.add_seconds(1000);
  table.add_columns()->set_series(0);
  table.mutable_columns(0)->add_values(kPoison);
  process.link->Up(std::move(message));
}

}  // namespace concertina::simulation
