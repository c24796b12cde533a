// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_watchdog.cc: which worker is late, silent, hung or dead, and who is to blame (see run.h).
// On the way of the data: engine/run.cc asks it at every tick -> here -> Run::End.
#include <algorithm>

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/engine/run.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMostReasonBytes = 200;

bool TakesItsTime(const std::string& phase) {
  return phase == "evaluate" || phase == "checkpoint" || phase == "compress" ||
         phase == "round";  // of virtual clients
}

// Paused, serving those that still train, or held back by a bound until the slowest has caught up: it makes
// no step because it may not.
bool WaitsForOthers(const std::string& phase) {
  return phase == "paused" || phase == "serve" || phase == "wait";
}

}  // namespace

void Run::Watch() {
  const double time = now();
  for (size_t rank = 0; rank < seats_.size() && !ending(); ++rank)
    WatchSeat(static_cast<int>(rank), seats_[rank], time);
  if (ending()) return;
  if (wait_for_cause_until_ && time >= *wait_for_cause_until_) {
    const Suspicion suspicion = *suspicion_;
    return Blame(suspicion.rank, suspicion.what, true);
  }
  if (is_returning()) return WatchReturn();
  if (!peers_sent_ || state() == proto::PAUSED || turns_ != nullptr) return;

  // Synchronous workers hang together: the one that is furthest behind keeps the others.
  int slowest = -1;
  int64_t hung = 0, trained = 0;
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    const Seat& seat = seats_[rank];
    if (seat.rank < 0 || seat.finished || seat.failed || seat.given_up || WaitsForOthers(seat.phase))
      continue;
    ++trained;
    if (time - seat.progressed <= HangSeconds(seat)) continue;
    ++hung;
    if (slowest < 0 || seat.step < seats_[static_cast<size_t>(slowest)].step)
      slowest = static_cast<int>(rank);
  }
  if (slowest < 0) return;
  const Seat& seat = seats_[static_cast<size_t>(slowest)];
  Lose(slowest, fmt::format("made no step for {:.0f} s in phase \"{}\"{}", time - seat.progressed, seat.phase,
                            hung == trained && hung > 1 ? ", and neither did any other" : ""));
}

void Run::Lose(int rank, const std::string& what) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.given_up) return;
  if (seat.rank < 0) return GiveUpNewcomer(rank, what);
  // Before its first steps the others wait for everyone.
  const bool is_spared =
      static_cast<size_t>(rank) < prepared_.spared.size() && prepared_.spared[static_cast<size_t>(rank)];
  if (ending() || !trains() || (!is_spared && !regroups())) return Blame(rank, what, true);
  seat.given_up = true;
  EndReceiving(seat);
  if (seat.link != nullptr) seat.link->Close(absl::AbortedError("this worker was given up as lost"));
  seat.link = nullptr;
  // One that regroups leaves its links behind; here those to a worker that may live yet would stand for ever.
  if (is_spared && !seat.exited) TellCutOff(seat, what);
  hub_.RankEnded(rank);
  if (!seat.exited && !seat.worker->end_is_seen()) {
    LetGo(seat);
  } else if (!seat.exited) {
    seat.terminated = seat.killed = now();
    seat.worker->Kill();
  }
  // What its peers are about to say of it is a consequence.
  if (suspicion_ && suspicion_->rank == rank) suspicion_.reset(), wait_for_cause_until_.reset();
  summary_dirty_ = true;
  const int64_t step = std::max(seat.step, hub_.steps_of(rank));
  int left = 0, trained = 0;
  for (const Seat& other : seats_) {
    if (other.rank < 0 || other.rank >= prepared_.mesh_size) continue;
    left += other.given_up ? 0 : 1;
    trained += other.finished ? 1 : 0;
  }
  const std::string text = WithLastLines(rank, what);
  if (left == 0) {
    lost_a_worker_ = true;
    return End(proto::FAILED, fmt::format("all workers are lost; the last one: {}", text));
  }
  // Those that are in the group; in one that forms anew, that were.
  const int before = is_spared ? prepared_.mesh_size : static_cast<int>(group_.size());
  const std::string others = trained > 0 ? fmt::format("{} of {} workers had finished", trained, before)
                                         : fmt::format("{} of {} workers go on", left, before);
  const Json json = {{"rank", rank}, {"signal", seat.exit.signal}, {"step", step}, {"workers_left", left}};
  spdlog::warn("run {}: {}; {}", id(), text, others);
  AddEvent("worker-lost", fmt::format("{}; {}.", text, others), json.dump());
  TellRecordings(/*group_is_gone=*/false);  // nobody waits for its part
  LookIfAllFinished();
  if (is_spared || all_finished_) return;
  why_regroups_ = fmt::format("rank {} was lost", rank);
  seat.is_to_be_replaced = prepared_.spec.elastic->replaces;
  BeginToRegroup();
  std::erase(group_, static_cast<size_t>(rank));
  seat.rank = -1;
  cause_until_ = 0;  // here it is
  BreakUp();
}

void Run::CutOff(int rank, const std::shared_ptr<WorkerLink>& link, const std::string& why) {
  const Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.link != link || seat.finished || seat.failed) return;
  Lose(rank, "was cut off: " + why);
}

void Run::TellCutOff(const Seat& lost, const std::string& what) {
  proto::EngineMessage message;
  message.mutable_cut_off()->set_incarnation(summary_.incarnation());
  message.mutable_cut_off()->set_rank(static_cast<uint32_t>(lost.rank));
  message.mutable_cut_off()->set_reason(CutUtf8(what, kMostReasonBytes));
  Broadcast(message);
}

void Run::WatchSeat(int rank, Seat& seat, double time) {
  if (!seat.launched || seat.finished || seat.failed || seat.given_up) return;
  if (seat.exited) {
    // What it said last may still be on its way.
    if (seat.link == nullptr || time - seat.lost > context_.limits.other_half) Lose(rank, seat.exit.Text());
    return;
  }
  if (is_returning() && seat.link == nullptr) {
    if (time > returns_until_)
      Lose(rank,
           fmt::format("did not call home again within {:.0f} s, after its engine had ended and another "
                       "had begun",
                       context_.limits.come_home));
    return;
  }
  if (seat.joined && seat.link == nullptr) {
    if (time - seat.lost > context_.limits.other_half + seat.worker->end_lag_seconds())
      Lose(rank, seat.worker->end_is_seen() ? "hung up, although it still runs"
                                            : "hung up, or its machine is gone");
    return;
  }
  if (!seat.ready && !seat.waits && !seat.parted) {
    const bool prepares = seat.phase == "preparing" || seat.phase == "data";
    const double limit = !seat.joined ? context_.limits.join + seat.patience
                         : prepares   ? context_.limits.prepare
                                      : context_.limits.join;
    if (time - (seat.joined ? seat.joined_at : seat.launched_at) > limit)
      return Lose(rank, fmt::format("{} within {:.0f} s", seat.joined ? "was not ready" : "did not call home",
                                    limit));
  }
  if (seat.joined && time - seat.heard > context_.limits.silence)
    Lose(rank, fmt::format("said nothing for {:.1f} s", time - seat.heard));
}

double Run::HangSeconds(const Seat& seat) const {
  if (TakesItsTime(seat.phase)) return context_.limits.evaluate;
  // A slow emulated link, or a large model, may make steps of minutes.
  return std::max(context_.limits.hang + 5 * prepared_.exchange_seconds, 10 * slowest_step_);
}

void Run::Blame(int rank, const std::string& what, bool certain) {
  if (ending()) return;
  if (certain) {
    lost_a_worker_ = true;
    return End(proto::FAILED, WithLastLines(rank, what));
  }
  if (suspicion_) return;
  suspicion_ = {rank, what};
  double lag = 0;
  for (const Seat& seat : seats_)
    if (seat.worker != nullptr && !seat.exited) lag = std::max(lag, seat.worker->end_lag_seconds());
  wait_for_cause_until_ = now() + context_.limits.blame + lag;
  ScheduleTick();
}

std::string Run::WithLastLines(int rank, std::string what) const {
  const Seat& seat = seats_[static_cast<size_t>(rank)];
  const proto::Worker& worker = summary_.workers(rank);
  const int64_t step = std::max(seat.step, hub_.steps_of(rank));
  std::string text = fmt::format("rank {}", rank);
  if (seat.launched && worker.pid() != 0)
    text +=
        fmt::format(" (process {}{}{})", worker.pid(), worker.host().empty() ? "" : " on ", worker.host());
  text += fmt::format(" {}, at step {}", what, step);
  if (seat.last_lines.empty()) return text;
  text += "; the last lines of its log:";
  for (const std::string& line : seat.last_lines) text += "\n  " + line;
  return text;
}

}  // namespace concertina
