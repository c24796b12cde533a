// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_loop.h: the one thread that owns runs, queue and launchers. Others post closures to it.
// On the way of the data: engine/home_service.h, engine/engine_service.h -> here -> engine/engine.h.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace concertina {

class EngineLoop {
 public:
  using Task = std::function<void()>;
  using TimerId = uint64_t;

  EngineLoop();
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

  bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Runs what was posted before, then ends the thread. Timers that are not due are dropped.
  void Stop();

 private:
  void Loop();
  double SecondsToNextTimer() const;

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
};

}  // namespace concertina
