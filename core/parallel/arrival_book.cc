// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_book.cc: see arrival_book.h.
#include "core/parallel/arrival_book.h"

#include <algorithm>
#include <cmath>

namespace concertina {

int ArrivalBook::Open(std::string_view name) {
  std::string known(name.substr(0, kMostLetters));
  for (char& c : known) {
    const bool stands = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        c == '_' || c == '-' || c == '.';
    if (!stands) c = '_';
  }
  const auto found = std::find(names_.begin(), names_.end(), known);
  if (found != names_.end()) return static_cast<int>(found - names_.begin());
  if (names_.size() == kMostCollectives) return kNone;
  names_.push_back(std::move(known));
  return static_cast<int>(names_.size()) - 1;
}

void ArrivalBook::Begin(double begun, double filled) {
  entries_.fill({});
  way_ = {filled, filled - begun, kNotKnown, kNotKnown, kNotKnown, kNotKnown};
  if (!std::isnan(last_out_)) {
    double left = std::max(0.0, begun - last_out_);
    const auto take = [&left](double seconds) {
      const double taken = std::isnan(seconds) ? 0 : std::clamp(seconds, 0.0, left);
      left -= taken;
      return taken;
    };
    // A pass that outlasts its last collective: the first layers, or where only the model is divided.
    way_.compute_seconds = take(computed_ - last_out_);
    way_.update_seconds = take(last_update_);
    way_.decode_seconds = take(last_decode_);
    way_.other_seconds = left;
  }
  mark_ = filled;
  held_ = 0;
  is_in_step_ = true;
}

void ArrivalBook::End(double decode_seconds, double update_seconds) {
  is_in_step_ = false;
  last_decode_ = decode_seconds;
  last_update_ = update_seconds;
}

void ArrivalBook::Ready(int collective, double now) {
  if (collective == kNone) return;
  entry(collective).ready = now;
  entry(collective).held = held_;
}

void ArrivalBook::Take(int collective, double now) {
  if (collective != kNone) entry(collective).taken = now;
}

void ArrivalBook::Arrive(int collective, double now) {
  if (!has_arrived(collective)) entry(collective).arrived = now;
}

bool ArrivalBook::any_arrived() const {
  for (size_t i = 0; i < names_.size(); ++i)
    if (!std::isnan(entries_[i].arrived)) return true;
  return false;
}

void ArrivalBook::Leave(int collective, double now) {
  last_out_ = now;
  if (collective != kNone) entry(collective).left = now;
}

void ArrivalBook::Pass(int collective, double begin, double end) {
  if (!is_in_step_) return;  // an evaluation's
  if (collective != kNone) {
    Entry& own = entry(collective);
    own.base = mark_;
    own.arrived = begin;
    own.left = end;
  }
  last_out_ = end;
  Hold(begin, end);
}

void ArrivalBook::Hold(double begin, double end) {
  held_ += end - begin;
  mark_ = end;
}

ArrivalBook::Arrival ArrivalBook::ArrivalAt(int collective) const {
  const Entry& own = entry(collective);
  if (!std::isnan(own.base)) return {own.arrived, own.left - own.arrived, own.arrived - own.base, 0, 0};
  return {own.arrived, own.left - own.arrived, own.ready - way_.filled - own.held,
          own.taken - own.ready + own.held, own.arrived - own.taken};
}

}  // namespace concertina
