// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_acts.cc: see fault_acts.h.
#include "core/worker/fault_acts.h"

#include <algorithm>
#include <cmath>

#include "core/comm/link_shaper.h"

namespace concertina {
namespace {

constexpr double kLongestCutSeconds = 1e8;  // three years: for ever, in nanoseconds that can be added up

bool ConcernsRank(const FaultAct& act, int rank) {
  switch (act.kind) {
    case FaultAct::Kind::kSlow:
      return act.rank == rank;
    case FaultAct::Kind::kDrop:
      return act.rank < 0 || act.other < 0 || act.rank == rank || act.other == rank;
    case FaultAct::Kind::kPartition:
      return true;
    default:
      return false;  // the engine's
  }
}

}  // namespace

FaultActs::FaultActs(std::vector<FaultAct> acts, int rank, std::span<const uint32_t> done)
    : acts_(std::move(acts)), rank_(rank) {
  for (uint32_t number = 0; number < acts_.size(); ++number) {
    const FaultAct& act = acts_[number];
    const bool was = std::find(done.begin(), done.end(), number) != done.end();
    if (!ConcernsRank(act, rank) || (was && !act.is_by_steps())) continue;
    own_.push_back({.act = number});
  }
}

bool FaultActs::Begins(const FaultAct& act, int64_t step, double seconds) const {
  return act.at_seconds >= 0 ? seconds >= act.at_seconds : step >= act.at_step;
}

std::vector<FaultActs::Turn> FaultActs::Before(int64_t step, double seconds) {
  std::vector<Turn> turns;
  for (Own& own : own_) {
    if (own.is_over) continue;
    const FaultAct& act = acts_[own.act];
    const bool is_past = act.to_step >= 0 && step >= act.to_step;
    if (!own.goes_on && is_past) {  // of a run that goes on from behind it
      own.is_over = true;
    } else if (!own.goes_on && Begins(act, step, seconds)) {
      own.goes_on = true;
      own.until_seconds = seconds + act.for_seconds;
      own.until_nanoseconds =
          SteadyNanoseconds() + static_cast<int64_t>(1e9 * std::min(act.for_seconds, kLongestCutSeconds));
      turns.push_back({.act = own.act});
    } else if (own.goes_on && (is_past || seconds >= own.until_seconds)) {
      own.goes_on = false;
      own.is_over = true;
      turns.push_back({.act = own.act, .has_ended = true});
    }
  }
  return turns;
}

void FaultActs::Add(uint32_t number, FaultAct act) {
  if (number >= kMostActs) return;
  if (acts_.size() <= number) acts_.resize(number + 1);
  acts_[number] = std::move(act);
  own_.push_back({.act = number});
}

void FaultActs::EndNow(uint32_t number) {
  for (Own& own : own_) {
    if (own.act != number) continue;
    if (own.goes_on)
      own.until_seconds = 0;
    else
      own.is_over = true;
  }
}

double FaultActs::slowdown() const {
  double slowdown = 1;
  for (const Own& own : own_)
    if (own.goes_on) slowdown *= acts_[own.act].slowdown;
  return slowdown;
}

double FaultActs::step_seconds() const {
  double seconds = 0;
  for (const Own& own : own_)
    if (own.goes_on) seconds += acts_[own.act].step_ms * 1e-3;
  return seconds;
}

LinkShape FaultActs::On(LinkShape link, int other) const {
  for (const Own& own : own_) {
    const FaultAct& act = acts_[own.act];
    if (!own.goes_on || !act.IsOnLink(other, rank_)) continue;
    link = act.kind == FaultAct::Kind::kDrop ? WithDrop(link, act.probability)
                                             : WithCut(link, own.until_nanoseconds);
  }
  return link;
}

}  // namespace concertina
