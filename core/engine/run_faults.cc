// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_faults.cc: the faults that an experiment asks for, brought on at their moment, those that a person
// brings on, and whether a run that lost a worker goes on by itself (see run.h).
// On the way of the data: experiment/fault_injection.h, HarmWorker -> here -> engine/launcher.h (kills,
// freezes), worker/engine_link.h (where the process is not the engine's child: it does it to itself);
// worker/fault_acts.h -> here -> the run's events (what workers bring on themselves).
//
// A kill or freeze "at step s" comes once that rank has told step s: some steps later where steps are short,
// since workers tell them every few hundredths of a second. What a person brings on is an act like the
// experiment's, numbered behind them; a later attempt has only the experiment's, so it is not remembered as
// done.
#include <algorithm>

#include "core/base/log.h"
#include "core/engine/run.h"
#include "core/engine/run_preparation.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int kByHand = -1;                                          // in the place of an entry of /faults
constexpr double kLongestHarmSeconds = 86400, kMostSlowdown = 1000;  // as of the faults "freeze" and "slow"

constexpr size_t kMostFaults = 10'000;  // who asks and asks

}  // namespace

double Run::TrainedSeconds() const {
  if (trains_since_ == 0) return 0;
  return (resume_ ? resume_->totals.seconds : 0) + now() - trains_since_;
}

void Run::BringOnFaults() {
  if (faults_.empty() || trains_since_ == 0 || ending() || all_finished_ || stop_sent_) return;
  for (uint32_t number = 0; number < faults_.size() && !ending(); ++number) {
    const FaultAct& act = faults_[number];
    if (fault_is_done_[number] || !act.is_of_process()) continue;
    // A server makes no steps: those of the run count.
    const int64_t step = act.rank < prepared_.mesh_size ? StepOf(act.rank) : meter_.steps();
    if (act.at_seconds >= 0 ? TrainedSeconds() >= act.at_seconds : step > 0 && step >= act.at_step)
      BringOn(number);
  }
}

std::string Run::ObstacleTo(const FaultAct& act) const {
  const Seat& seat = seats_[static_cast<size_t>(act.rank)];
  if (seat.worker == nullptr || seat.exited || seat.finished || seat.failed || seat.given_up)
    return seat.launched ? "it has ended already" : "it has not been started yet";
  if (!seat.worker->has_process())
    return act.kind == FaultAct::Kind::kSlow
               ? ""
               : "it is a thread of the engine (launcher \"in-process\"), and has no process of its own";
  const bool is_here = act.kind == FaultAct::Kind::kKill && seat.worker->end_is_seen();
  if (act.is_of_process() && seat.thaws > 0 && seat.stopped_itself && !is_here)
    return "it has stopped itself, and hears nothing until it goes on";
  if (is_here || (seat.worker->pid() > 0 && seat.worker->end_is_seen())) return "";
  return seat.link == nullptr ? "it has not called home yet, and its process is not the engine's" : "";
}

int64_t Run::StepOf(int rank) const {
  return std::max(seats_[static_cast<size_t>(rank)].step, hub_.steps_of(rank));
}

void Run::SendHarm(const Seat& seat, uint32_t number, proto::Harm::Act kind) {
  const FaultAct& act = faults_[number];
  proto::EngineMessage message;
  proto::Harm& harm = *message.mutable_harm();
  harm.set_act(kind);
  harm.set_number(number);
  if (act.for_seconds != FaultAct::kForEver) harm.set_seconds(act.for_seconds);
  harm.set_slowdown(act.slowdown);
  if (seat.link != nullptr) seat.link->Send(std::move(message));
}

std::string Run::BringOn(uint32_t number) {
  const FaultAct& act = faults_[number];
  Seat& seat = seats_[static_cast<size_t>(act.rank)];
  fault_is_done_[number] = true;
  // The run's own step is that which all ranks have told, and may be behind.
  const int64_t step = std::max(meter_.steps(), StepOf(act.rank));
  const std::string text = FaultText(act);
  std::string obstacle = ObstacleTo(act);
  if (obstacle.empty() && act.kind == FaultAct::Kind::kFreeze) {
    // A process that is not the engine's child is nobody's to signal by a number: it stops itself.
    const absl::Status stopped = seat.worker->Freeze();
    if (!stopped.ok() && seat.link == nullptr) obstacle = std::string(stopped.message());
    if (!stopped.ok()) SendHarm(seat, number, proto::Harm::FREEZE);
    seat.stopped_itself = !stopped.ok();
  }
  if (!obstacle.empty()) {
    fault_has_ended_[number] = true;
    MarkFault(number, fmt::format("{}: not so, {}", text, obstacle), step, false);
    return obstacle;
  }
  if (act.kind == FaultAct::Kind::kFreeze) {
    seat.thaws = std::max(seat.thaws, now() + act.for_seconds);  // infinite: for ever
    seat.frozen_by = number;
  }
  // Marked first: what the end of a process brings on comes after its cause.
  MarkFault(number, text, step, false);
  Persist();  // an engine that dies now does not do it again
  if (act.kind != FaultAct::Kind::kKill) return "";
  const bool is_child = seat.worker->pid() > 0 && seat.worker->end_is_seen();
  const bool is_deaf = seat.link == nullptr || (seat.thaws > 0 && seat.stopped_itself);
  if (is_child || is_deaf)
    seat.worker->Kill();
  else
    SendHarm(seat, number, proto::Harm::KILL);
  return "";
}

void Run::ThawWhatIsDue() {
  for (Seat& seat : seats_) {
    if (seat.thaws == 0 || now() < seat.thaws) continue;
    seat.thaws = 0;
    if (seat.worker == nullptr || seat.exited) continue;
    seat.worker->Thaw();
    fault_has_ended_[seat.frozen_by] = true;
    const FaultAct& act = faults_[seat.frozen_by];
    MarkFault(seat.frozen_by, fmt::format("rank {} goes on", act.rank), meter_.steps(), true);
  }
}

std::string Run::RecoveryFrom(int rank) const {
  const auto index = static_cast<size_t>(rank);
  if (!trains()) return RecoveryName(Recovery::kResumes);  // before its first steps all wait for everyone
  const bool is_newcomer = seats_[index].rank < 0;         // whom nobody misses
  if (is_newcomer || (index < prepared_.spared.size() && prepared_.spared[index]))
    return RecoveryName(Recovery::kGoesOn);
  return RecoveryName(prepared_.recovery == Recovery::kRegroups ? Recovery::kRegroups : Recovery::kResumes);
}

absl::Status Run::HarmWorker(const proto::HarmWorkerRequest& request, proto::HarmWorkerReply& reply) {
  using Request = proto::HarmWorkerRequest;
  const int rank = request.rank();
  if (rank < 0 || static_cast<size_t>(rank) >= seats_.size())
    return absl::InvalidArgumentError(
        fmt::format("run {}: found rank {}, expected one from 0 to {}", id(), rank, seats_.size() - 1));
  const auto refuse = [&](const std::string& why) {
    return absl::FailedPreconditionError(fmt::format("run {}: {}", id(), why));
  };
  FaultAct act{.at_step = StepOf(rank), .rank = rank};
  act.entry = kByHand;
  // Infinity is a length that JSON and people cannot enter; a NaN passes no comparison.
  if (!(request.seconds() >= 0 && request.seconds() <= kLongestHarmSeconds))
    return absl::InvalidArgumentError(fmt::format("found {:g} s, expected from 0 (for ever) to {:g}",
                                                  request.seconds(), kLongestHarmSeconds));
  if (request.seconds() > 0) act.for_seconds = request.seconds();
  switch (request.act()) {
    case Request::LOOK:
    case Request::KILL:
      break;
    case Request::THAW:  // which is for any that could be slow, too
      act.kind = FaultAct::Kind::kSlow;
      break;
    case Request::FREEZE:
      act.kind = FaultAct::Kind::kFreeze;
      break;
    case Request::SLOW:
      act.kind = FaultAct::Kind::kSlow;
      if (!(request.slowdown() > 1 && request.slowdown() <= kMostSlowdown))
        return absl::InvalidArgumentError(
            fmt::format("found a slowdown of {:g}, expected above 1 and at most {:g}", request.slowdown(),
                        kMostSlowdown));
      act.slowdown = request.slowdown();
      break;
    default:
      return absl::InvalidArgumentError("an act is needed: look, kill, freeze, thaw or slow");
  }
  reply.set_step(act.at_step);
  reply.set_recovery(RecoveryFrom(rank));
  const bool is_stopping = stop_sent_ && request.act() != Request::THAW;  // which a frozen one needs for it
  if (ending() || all_finished_ || is_stopping) return refuse("it is ending already");
  if (const std::string obstacle = ObstacleTo(act); !obstacle.empty())
    return refuse(fmt::format("rank {} cannot be harmed: {}", rank, obstacle));
  if (request.act() == Request::LOOK) return absl::OkStatus();
  if (request.act() == Request::THAW) return ThawByHand(rank, reply);
  const Seat& seat = seats_[static_cast<size_t>(rank)];
  if (request.act() == Request::FREEZE && seat.thaws > 0)
    return refuse(fmt::format("rank {} is frozen already", rank));
  if (request.act() == Request::SLOW) {
    if (rank >= prepared_.mesh_size && prepared_.recovery != Recovery::kRegroups)
      return refuse(fmt::format("rank {} is a server, and computes no gradient that could be slow", rank));
    if (!trains() || seat.link == nullptr) return refuse("it does not train yet, or not any more");
  }
  if (faults_.size() >= kMostFaults)
    return refuse(fmt::format("it has had {} faults, and gets no more", faults_.size()));
  const auto number = static_cast<uint32_t>(faults_.size());
  faults_.push_back(act);
  fault_is_done_.push_back(false);
  fault_has_ended_.push_back(false);
  reply.set_text(FaultText(act));
  if (!act.is_of_process()) {  // the rank tells once it begins, and once it ends
    SendHarm(seat, number, proto::Harm::SLOW);
    return absl::OkStatus();
  }
  const std::string obstacle = BringOn(number);
  return obstacle.empty() ? absl::OkStatus() : refuse(fmt::format("rank {}: {}", rank, obstacle));
}

absl::Status Run::ThawByHand(int rank, proto::HarmWorkerReply& reply) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  // Before anything is done: what is refused leaves it as it was.
  if (seat.thaws > 0 && seat.stopped_itself)
    return absl::FailedPreconditionError(fmt::format(
        "run {}: rank {} stopped itself on its machine and hears nothing until it goes on; `kill -CONT {}` "
        "there lets it",
        id(), rank, summary_.workers(rank).pid()));
  bool was_harmed = false;
  for (uint32_t number = 0; number < faults_.size(); ++number) {
    const FaultAct& act = faults_[number];
    if (act.entry != kByHand || act.rank != rank || act.kind != FaultAct::Kind::kSlow ||
        fault_has_ended_[number])
      continue;
    SendHarm(seat, number, proto::Harm::SLOW_NO_MORE);
    was_harmed = true;
  }
  if (seat.thaws > 0) {
    seat.thaws = now();
    ThawWhatIsDue();
    was_harmed = true;
  }
  if (!was_harmed)
    return absl::FailedPreconditionError(
        fmt::format("run {}: rank {} is neither frozen nor slowed down by hand", id(), rank));
  reply.set_text(fmt::format("rank {} goes on", rank));
  return absl::OkStatus();
}

void Run::OnFaultActed(const proto::FaultActed& acted) {
  const uint32_t number = acted.act();
  if (number >= faults_.size() || faults_[number].is_of_process() || acted.step() < 0) return;
  // All whom it concerns tell it, and one mark is made of it.
  std::vector<bool>& told = acted.has_ended() ? fault_has_ended_ : fault_is_done_;
  if (told[number]) return;
  told[number] = true;
  const std::string text = FaultText(faults_[number]);
  MarkFault(number, acted.has_ended() ? "over: " + text : text, acted.step(), acted.has_ended());
}

void Run::MarkFault(uint32_t number, const std::string& text, int64_t step, bool has_ended) {
  const FaultAct& act = faults_[number];
  const bool is_by_hand = act.entry == kByHand;
  const std::string from = is_by_hand ? "hand" : fmt::format("/faults/{}", act.entry);
  if (!is_by_hand && std::find(summary_.faults_done().begin(), summary_.faults_done().end(), number) ==
                         summary_.faults_done().end())
    summary_.add_faults_done(number);
  spdlog::info("run {}: fault {} by {}: {}", id(), number, from, text);
  Json json = {{"act", number}, {"ended", has_ended}, {"step", step}, {"by_hand", is_by_hand}};
  if (!is_by_hand) json["entry"] = act.entry;
  if (act.rank >= 0) json["rank"] = act.rank;
  if (!act.group.empty()) json["ranks"] = act.group;
  AddEvent("fault", fmt::format("By {}: {}.", from, text), json.dump(), step);
  summary_dirty_ = true;
}

bool Run::HasCheckpoint() const {
  return NewestCheckpoint(context_.home.run(id()), CheckpointRanksOf(summary_)).has_value();
}

bool Run::MayGoOnByItself() const {
  const int64_t times = prepared_.spec.training.resume_after_failure;
  return final_state_ == proto::FAILED && lost_a_worker_ && trains_since_ > 0 &&
         summary_.automatic_resumes() < times;
}

}  // namespace concertina
