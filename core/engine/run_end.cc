// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_end.cc: how a run ends: its workers one by one, then what is left to store, then its last state (see
// run.h).
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/engine/run.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// An error may quote paths and words of programs in any coding. As a string that is no UTF-8 it would make
// the list of all runs unreadable, and the stored figures of this one.
constexpr size_t kMostErrorBytes = 64 * 1024;

}  // namespace

void Run::OnExit(int rank, const WorkerExit& exit) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.exited = true;
  seat.exit = exit;
  if (seat.lost == 0) seat.lost = now();
  if (seat.link == nullptr) hub_.RankEnded(rank);
  summary_dirty_ = true;
  // What the workers are about to say of it, its own included, is a consequence.
  if (exit.is_cause && !seat.finished && !seat.failed) Lose(rank, exit.Text());
  if (suspicion_ && exit.is_cause) Blame(rank, exit.Text(), true);
  ConcludeIfAllGone();
}

void Run::LetGo(Seat& seat) {
  if (seat.link != nullptr) seat.link->Close(absl::AbortedError("the run is over for this worker"));
  seat.link = nullptr;
  seat.token.clear();
  seat.exited = true;
  if (seat.lost == 0) seat.lost = now();
}

void Run::OnClosed(int rank, const std::shared_ptr<WorkerLink>& link) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.link != link) return;
  seat.link = nullptr;
  if (seat.lost == 0) seat.lost = now();
  hub_.RankEnded(rank);
  ConcludeIfAllGone();
}

void Run::End(proto::RunState state, const std::string& error, bool at_once) {
  if (concluding_) return;
  if (!ending()) {
    final_state_ = state;
    if (!error.empty()) summary_.set_error(CutUtf8(error, kMostErrorBytes));
    if (!error.empty()) spdlog::warn("run {}: {}", id(), error);
  }
  EndWorkers(at_once);
  ScheduleTick();
  ConcludeIfAllGone();
}

// Asks the workers to end, and after the grace ends them.
void Run::EndWorkers(bool at_once) {
  const double time = now();
  for (Seat& seat : seats_) {
    if (!seat.launched || seat.exited) continue;
    if (!seat.worker->end_is_seen()) {
      // One that has finished hangs up by itself, once it has heard the goodbye.
      const bool waits = seat.finished && seat.link != nullptr && !at_once &&
                         (seat.terminated == 0 || time - seat.terminated <= context_.limits.grace);
      if (seat.terminated == 0) seat.terminated = time;
      if (!waits) LetGo(seat);
      continue;
    }
    if (seat.terminated == 0) {
      seat.terminated = time;
      // One that has finished is on its way out and is only helped along when it lingers.
      if (!seat.finished && !seat.given_up && !at_once) seat.worker->Terminate();
    }
    const bool lingers = time - seat.terminated > context_.limits.grace;
    if ((at_once || lingers) && (seat.killed == 0 || time - seat.killed > context_.limits.grace)) {
      seat.killed = time;
      seat.worker->Kill();
    }
  }
}

void Run::ConcludeIfAllGone() {
  if (concluding_ || (!ending() && !all_finished_)) return;
  for (const Seat& seat : seats_) {
    if (seat.launched && !seat.exited) return;
    // What it had measured last may still be on its way.
    const bool has_said_all = seat.link == nullptr || seat.finished || seat.failed;
    if (!has_said_all && now() - seat.lost < context_.limits.other_half) return ScheduleTick();
  }
  if (!ending()) final_state_ = any_stopped_ ? proto::STOPPED : proto::FINISHED;
  Conclude();
}

void Run::Conclude() {
  concluding_ = true;
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    Seat& seat = seats_[rank];
    hub_.RankEnded(static_cast<int>(rank));
    if (seat.link != nullptr) seat.link->Close(absl::OkStatus());
    seat.link = nullptr;
    seat.token.clear();
  }
  Flush();
  if (!parameters_path_.empty()) {
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(parameters_path_, error);
    context_.store.PutArtefact(id(), "parameters", parameters_path_, error ? 0 : bytes,
                               summary_.parameters_sha256());
  }
  summary_.set_ended_unix_ms(context_.loop.wall_unix_ms());
  AnswerControl(absl::OkStatus());
  // The last state is told when everything is on the disk, itself included: who saw "finished" may cut the
  // power.
  const proto::RunState before = summary_.state();
  if (MayGoOnByItself() && !HasCheckpoint()) {
    summary_.set_error(summary_.error() +
                       (prepared_.spec.recipe.empty()
                            ? "; it has no checkpoint to go on from: set /training/checkpoint_every_steps"
                            : "; it has no checkpoint to go on from: the first is behind its training"));
  } else if (MayGoOnByItself()) {
    final_state_ = proto::QUEUED;
    summary_.set_attempt(summary_.attempt() + 1);
    summary_.set_automatic_resumes(summary_.automatic_resumes() + 1);
    summary_.set_ended_unix_ms(0);
    AddEvent("resuming",
             fmt::format("{}; the run goes on from its last checkpoint ({} of {} times).", summary_.error(),
                         summary_.automatic_resumes(), prepared_.spec.training.resume_after_failure));
  }
  summary_.set_state(*final_state_);
  Persist();
  summary_.set_state(before);
  // While the disk is full the hub still has rows, and goes with this run: the store takes them, and may make
  // wait whoever brings them.
  EndOnceWritten(std::make_shared<std::vector<MetricHub::Rows>>(hub_.TakeRows()));
}

void Run::EndOnceWritten(const std::shared_ptr<std::vector<MetricHub::Rows>>& rows) {
  const absl::Status posted =
      context_.pool.Post([&loop = context_.loop, &store = context_.store, run = id(), rows, self = self_] {
        for (const MetricHub::Rows& each : *rows)
          store.Append(run, each.series, each.rank, each.unit, each.steps, each.seconds, each.values);
        const absl::Status synced = store.Sync();
        loop.Post([self, synced] {
          if (*self == nullptr) return;
          Run& run = **self;
          if (!synced.ok() && run.summary_.error().empty())
            run.summary_.set_error(
                CutUtf8(fmt::format("its results are not all on the disk: {}", std::string(synced.message())),
                        kMostErrorBytes));
          const bool goes_on = *run.final_state_ == proto::QUEUED;
          run.SetState(*run.final_state_, goes_on ? "" : run.summary_.error());
          if (!goes_on) run.context_.watchers.End(run.id());
          run.context_.ended(run.id());  // may destroy the run
        });
      });
  if (absl::IsResourceExhausted(
          posted)) {  // as long as the disk is full, perhaps; the loop must not wait for it
    context_.loop.After(kPoolAgainSeconds, [self = self_, rows] {
      if (*self != nullptr) (*self)->EndOnceWritten(rows);
    });
    return;
  }
  if (!posted.ok()) {  // the engine is ending, and its store writes out what it has
    for (const MetricHub::Rows& each : *rows)
      context_.store.Append(id(), each.series, each.rank, each.unit, each.steps, each.seconds, each.values);
    SetState(*final_state_, summary_.error());
    context_.watchers.End(id());
    context_.ended(id());
  }
}

}  // namespace concertina
