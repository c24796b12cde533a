// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_watchdog.cc: which worker is late, silent, hung or dead, and who is to blame (see run.h).
// On the way of the data: engine/run.cc asks it at every tick -> here -> Run::End.
#include <algorithm>

#include "core/engine/run.h"
#include "fmt/format.h"

namespace concertina {
namespace {

bool TakesItsTime(const std::string& phase) {
  return phase == "evaluate" || phase == "checkpoint" || phase == "round";  // of virtual clients
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
  if (!peers_sent_ || state() == proto::PAUSED) return;

  // Synchronous workers hang together: the one that is furthest behind keeps the others.
  int slowest = -1;
  int64_t hung = 0, trained = 0;
  for (size_t rank = 0; rank < seats_.size(); ++rank) {
    const Seat& seat = seats_[rank];
    if (seat.finished || seat.failed || seat.phase == "paused") continue;
    ++trained;
    if (time - seat.progressed <= HangSeconds(seat)) continue;
    ++hung;
    if (slowest < 0 || seat.step < seats_[static_cast<size_t>(slowest)].step)
      slowest = static_cast<int>(rank);
  }
  if (slowest < 0) return;
  const Seat& seat = seats_[static_cast<size_t>(slowest)];
  Blame(slowest,
        fmt::format("made no step for {:.0f} s in phase \"{}\"{}", time - seat.progressed, seat.phase,
                    hung == trained && hung > 1 ? ", and neither did any other" : ""),
        true);
}

void Run::WatchSeat(int rank, Seat& seat, double time) {
  if (!seat.launched || seat.finished || seat.failed) return;
  if (seat.exited) {
    // What it said last may still be on its way.
    if (seat.link == nullptr || time - seat.lost > context_.limits.other_half)
      Blame(rank, seat.exit.Text(), true);
    return;
  }
  if (seat.joined && seat.link == nullptr) {
    if (time - seat.lost > context_.limits.other_half) Blame(rank, "hung up, although it still runs", true);
    return;
  }
  if (!seat.ready) {
    const bool prepares = seat.phase == "preparing" || seat.phase == "data";
    const double limit = prepares ? context_.limits.prepare : context_.limits.join;
    if (time - started_ > limit)
      return Blame(
          rank, fmt::format("{} within {:.0f} s", seat.joined ? "was not ready" : "did not call home", limit),
          true);
  }
  if (seat.joined && time - seat.heard > context_.limits.silence)
    Blame(rank, fmt::format("said nothing for {:.1f} s", time - seat.heard), true);
}

double Run::HangSeconds(const Seat& seat) const {
  if (TakesItsTime(seat.phase)) return context_.limits.evaluate;
  // A slow emulated link, or a large model, may make steps of minutes.
  return std::max(context_.limits.hang + 5 * prepared_.exchange_seconds, 10 * slowest_step_);
}

void Run::Blame(int rank, const std::string& what, bool certain) {
  if (ending()) return;
  if (certain) return End(proto::FAILED, WithLastLines(rank, what));
  if (suspicion_) return;
  suspicion_ = {rank, what};
  wait_for_cause_until_ = now() + context_.limits.blame;
  ScheduleTick();
}

std::string Run::WithLastLines(int rank, std::string what) const {
  const Seat& seat = seats_[static_cast<size_t>(rank)];
  const proto::Worker& worker = summary_.workers(rank);
  const int64_t step = std::max(seat.step, hub_.steps_of(rank));
  std::string text = fmt::format("rank {}", rank);
  if (seat.launched)
    text +=
        fmt::format(" (process {}{}{})", worker.pid(), worker.host().empty() ? "" : " on ", worker.host());
  text += fmt::format(" {}, at step {}", what, step);
  if (seat.last_lines.empty()) return text;
  text += "; the last lines of its log:";
  for (const std::string& line : seat.last_lines) text += "\n  " + line;
  return text;
}

}  // namespace concertina
