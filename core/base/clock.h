// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// clock.h: time as an argument, so that tests run in virtual time and timeouts never follow a clock jump.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace concertina {

class Clock {
 public:
  virtual ~Clock() = default;
  // Seconds since an arbitrary start; never goes back. All deadlines and durations use this.
  virtual double SteadySeconds() = 0;
  // Wall time, for people and for the store only.
  virtual absl::Time Wall() = 0;
  static Clock& Real();
};

// Clock::Real().SteadySeconds(), for measuring how long something takes.
inline double SteadyNow() { return Clock::Real().SteadySeconds(); }

// Clock::Real().Wall() as the store keeps it.
inline int64_t WallUnixMs() { return absl::ToUnixMillis(Clock::Real().Wall()); }

// Moves only when told to.
class VirtualClock final : public Clock {
 public:
  double SteadySeconds() override { return seconds_; }
  absl::Time Wall() override { return absl::UnixEpoch() + absl::Seconds(seconds_); }
  void Advance(double seconds) { seconds_ += seconds; }

 private:
  double seconds_ = 0;
};

// A steady time point by which a wait must end. Cheap to copy; passed down through every wait.
class Deadline {
 public:
  static Deadline After(double seconds);
  static Deadline Never() { return Deadline(1e300); }
  bool Passed() const;
  // Never negative.
  double SecondsLeft() const;

 private:
  explicit Deadline(double at_seconds) : at_seconds_(at_seconds) {}
  double at_seconds_;
};

}  // namespace concertina
