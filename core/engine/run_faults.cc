// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_faults.cc: the faults that an experiment asks for, brought on at their moment, and whether a run that
// lost a worker goes on by itself (see run.h).
// On the way of the data: experiment/fault_injection.h -> here -> engine/launcher.h (kills, freezes);
// worker/fault_acts.h -> here -> the run's events (what workers bring on themselves).
//
// A kill or freeze "at step s" comes once that rank has told step s: some steps later where steps are short,
// since workers tell them every few hundredths of a second.
#include <algorithm>

#include "core/base/log.h"
#include "core/engine/run.h"
#include "core/engine/run_preparation.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

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
    const int64_t step = act.rank < prepared_.mesh_size
                             ? std::max(seats_[static_cast<size_t>(act.rank)].step, hub_.steps_of(act.rank))
                             : meter_.steps();
    if (act.at_seconds >= 0 ? TrainedSeconds() >= act.at_seconds : step > 0 && step >= act.at_step)
      BringOn(number);
  }
}

void Run::BringOn(uint32_t number) {
  const FaultAct& act = faults_[number];
  Seat& seat = seats_[static_cast<size_t>(act.rank)];
  fault_is_done_[number] = true;
  // The run's own step is that which all ranks have told, and may be behind.
  const int64_t step = std::max({meter_.steps(), seat.step, hub_.steps_of(act.rank)});
  const std::string text = FaultText(act);
  if (seat.worker == nullptr || seat.exited || seat.finished || seat.failed || seat.given_up) {
    fault_has_ended_[number] = true;
    return MarkFault(number, text + ": it has ended already", step, false);
  }
  if (act.kind == FaultAct::Kind::kKill && !seat.worker->end_is_seen()) {
    fault_has_ended_[number] = true;
    return MarkFault(number, text + ": not so, its launcher has no process here that could be killed", step,
                     false);
  }
  if (act.kind == FaultAct::Kind::kFreeze) {
    if (const absl::Status frozen = seat.worker->Freeze(); !frozen.ok()) {
      fault_has_ended_[number] = true;
      return MarkFault(number, fmt::format("{}: not so, {}", text, std::string(frozen.message())), step,
                       false);
    }
    seat.thaws = std::max(seat.thaws, now() + act.for_seconds);  // infinite: for ever
    seat.frozen_by = number;
  }
  // Marked first: what the end of a process brings on comes after its cause.
  MarkFault(number, text, step, false);
  Persist();  // an engine that dies now does not do it again
  if (act.kind == FaultAct::Kind::kKill) seat.worker->Kill();
}

void Run::ThawWhatIsDue() {
  for (Seat& seat : seats_) {
    if (seat.thaws == 0 || now() < seat.thaws) continue;
    seat.thaws = 0;
    if (seat.worker == nullptr || seat.exited) continue;
    seat.worker->Thaw();
    const FaultAct& act = faults_[seat.frozen_by];
    MarkFault(seat.frozen_by, fmt::format("rank {} goes on", act.rank), meter_.steps(), true);
  }
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
  if (std::find(summary_.faults_done().begin(), summary_.faults_done().end(), number) ==
      summary_.faults_done().end())
    summary_.add_faults_done(number);
  spdlog::info("run {}: fault {} of /faults/{}: {}", id(), number, act.entry, text);
  Json json = {{"act", number}, {"entry", act.entry}, {"ended", has_ended}, {"step", step}};
  if (act.rank >= 0) json["rank"] = act.rank;
  if (!act.group.empty()) json["ranks"] = act.group;
  AddEvent("fault", fmt::format("By /faults/{}: {}.", act.entry, text), json.dump(), step);
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
