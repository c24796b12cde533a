// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spinner.h: whether a wait burns its core for a moment before it sleeps, and for how long.
// On the way of the data: a transport's wait -> here -> its sleep.
//
// A step of a small model has its answer in this time, and being woken costs 50 us on a virtual machine: over
// gRPC two ranks that swap 1 MiB take 0.25 ms so, and 0.48 without. Spinning on a core that others need is
// worse than sleeping: with two ranks on one core every answer waits until the asker has spun in vain. So a
// spin in vain, or one that was interrupted, makes the next 1, 2, 4, … waits sleep. With more ranks than
// cores a spin gives its core away between two polls, so that it costs the others only the polls; who is
// awake when its message comes need not be woken.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include "core/comm/link_shaper.h"

namespace concertina {

// Of one rank; used by the thread that waits. Only Allow may come from any.
class Spinner {
 public:
  // `ranks`: of this host, all of which may wait at the same time.
  explicit Spinner(int ranks)
      : has_own_core_(ranks <= static_cast<int>(std::thread::hardware_concurrency())) {}

  void Allow(bool allowed) { allowed_.store(allowed, std::memory_order_relaxed); }
  bool allowed() const { return allowed_.load(std::memory_order_relaxed); }

  // Polls for a moment; true if poll() was, which says that something came.
  template <class Poll>
  bool Spin(Poll poll) {
    if (waits_without_ > 0) {
      --waits_without_;
      return false;
    }
    const int64_t until = SteadyNanoseconds() + kSpinNanoseconds;
    bool came = false;
    bool was_preempted = false;
    for (int64_t before = SteadyNanoseconds(); !came && !was_preempted && before < until;) {
      came = poll();
      if (!came && !has_own_core_) sched_yield();
      const int64_t now = SteadyNanoseconds();
      was_preempted = !came && has_own_core_ &&
                      now - before > kPreemptedNanoseconds;  // an event's own work may take long
      before = now;
    }
    penalty_ = came ? 0 : std::clamp(2 * penalty_, 1, kMostWaitsWithout);
    waits_without_ = penalty_;
    return came;
  }

 private:
  static constexpr int64_t kSpinNanoseconds = 150'000;
  // Two polls this far apart mean that another thread had the core in between.
  static constexpr int64_t kPreemptedNanoseconds = 50'000;
  static constexpr int kMostWaitsWithout = 256;

  const bool has_own_core_;
  std::atomic<bool> allowed_ = true;
  int waits_without_ = 0;  // still to come
  int penalty_ = 0;        // waits without, after the next spin in vain
};

}  // namespace concertina
