// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_loop.h: the one thread that owns runs, queue and launchers. Others post closures to it. What its
// tasks know of time they ask it, so that all of them can be run in a time that is only told. On the way of
// the data: engine/home_service.h, engine/engine_service.h -> here -> engine/engine.h.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"

namespace concertina {

class EngineLoop {
 public:
  using Task = std::function<void()>;
  using TimerId = uint64_t;

  EngineLoop();  // a thread of its own, in real time
  // None: whoever made it runs what is posted, with RunNext and in the time of `clock`, which outlives it.
  // For simulations, whose every event must come in the same order again.
  explicit EngineLoop(Clock& clock);
  ~EngineLoop();  // as Stop()
  EngineLoop(const EngineLoop&) = delete;
  EngineLoop& operator=(const EngineLoop&) = delete;

  // Any thread. Tasks run in the order they came. After Stop() they are dropped unrun. The queue has no bound
  // of its own: those who post bound what they have in flight (WorkerLink reads no further, an RPC is one
  // task).
  void Post(Task task);
  // Posts and waits until it has run. Not from the loop itself (it would wait for itself: runs it at once).
  void Run(Task task);

  // Loop thread only. Runs `task` once, not before `seconds` from now.
  TimerId After(double seconds, Task task);
  void Cancel(TimerId id);

  // Any thread. Steady seconds, for all deadlines and durations; wall time, for people and the store.
  Clock& clock() const { return clock_; }
  double now() const { return clock_.SteadySeconds(); }
  int64_t wall_unix_ms() const { return absl::ToUnixMillis(clock_.Wall()); }

  bool is_current() const { return std::this_thread::get_id() == owner_; }
  // Runs what was posted before, then ends the thread. Timers that are not due are dropped.
  void Stop();

  // Of a loop without a thread. Runs one task, of those that were posted the oldest, else a timer that is
  // due; false: there is none.
  bool RunNext();
  // When the next timer is due, by the clock.
  std::optional<double> next_timer() const;

 private:
  void Loop();
  bool RunTimerDueAt(double seconds);
  double SecondsToNextTimer() const;

  Clock& clock_;

  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Loop thread only.
  struct Timer {
    TimerId id;
    Task task;
  };
  std::multimap<double, Timer> timers_;  // by steady time
  TimerId last_timer_ = 0;

  std::thread thread_;
  std::thread::id owner_;
};

}  // namespace concertina
