// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slow_motion.h: makes this worker's computing last as long as on a slower machine.
// On the way of the data: worker/step_loop.cc -> here, at each gradient that gets ready ->
// parallel/exchange.h.
#pragma once

#include <chrono>
#include <thread>

#include "core/base/clock.h"

namespace concertina {

// Of one pass: what was computed in t takes t / speed. Gradients are held back too, so that they come to the
// exchange at the times of a slower machine. Sleeping ends some 50 us late, so short debts are carried on to
// the end; nothing is done at full speed. What a pass takes longer whatever it computes is slept at its end.
class SlowMotion {
 public:
  explicit SlowMotion(double speed, double more_seconds = 0)
      : speed_(speed), more_seconds_(more_seconds), began_(Now()) {}

  // Call while the pass goes on, as often as there is something to hold back.
  void Hold() { Sleep(kLeastSleepSeconds); }
  // Call at its end.
  void Finish() {
    Sleep(0);
    if (more_seconds_ > 0) std::this_thread::sleep_for(std::chrono::duration<double>(more_seconds_));
  }

 private:
  static constexpr double kLeastSleepSeconds = 1e-3;
  static double Now() { return Clock::Real().SteadySeconds(); }

  void Sleep(double least_seconds) {
    if (speed_ >= 1) return;
    const double now = Now();
    const double debt = (now - began_ - slept_) / speed_ - (now - began_);
    if (debt <= least_seconds) return;
    std::this_thread::sleep_for(std::chrono::duration<double>(debt));
    slept_ += Now() - now;
  }

  const double speed_, more_seconds_;
  const double began_;
  double slept_ = 0;
};

}  // namespace concertina
