// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// clock.cc: the real clock (see clock.h).
#include "core/base/clock.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace concertina {
namespace {

class RealClock final : public Clock {
 public:
  double SteadySeconds() override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  absl::Time Wall() override { return absl::Now(); }
};

}  // namespace

Clock& Clock::Real() {
  static RealClock clock;
  return clock;
}

Deadline Deadline::After(double seconds) { return Deadline(Clock::Real().SteadySeconds() + seconds); }
bool Deadline::Passed() const { return Clock::Real().SteadySeconds() >= at_seconds_; }
double Deadline::SecondsLeft() const { return std::max(0.0, at_seconds_ - Clock::Real().SteadySeconds()); }

}  // namespace concertina
