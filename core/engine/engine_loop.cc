// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_loop.cc: see engine_loop.h.
#include "core/engine/engine_loop.h"

#include <algorithm>

#include "absl/synchronization/notification.h"

namespace concertina {

EngineLoop::EngineLoop() : clock_(Clock::Real()) {
  // The thread's first look at owner_ is in a task, which somebody must have posted after this.
  thread_ = std::thread([this] { Loop(); });
  owner_ = thread_.get_id();
}

EngineLoop::EngineLoop(Clock& clock) : clock_(clock), owner_(std::this_thread::get_id()) {}

EngineLoop::~EngineLoop() { Stop(); }

void EngineLoop::Post(Task task) {
  absl::MutexLock lock(&mutex_);
  if (!stopping_) tasks_.push_back(std::move(task));
}

void EngineLoop::Run(Task task) {
  if (is_current()) return task();
  absl::Notification done;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    tasks_.push_back([&] {
      task();
      done.Notify();
    });
  }
  done.WaitForNotification();
}

EngineLoop::TimerId EngineLoop::After(double seconds, Task task) {
  const TimerId id = ++last_timer_;
  timers_.emplace(now() + seconds, Timer{id, std::move(task)});
  return id;
}

void EngineLoop::Cancel(TimerId id) {
  const auto found =
      std::find_if(timers_.begin(), timers_.end(), [id](const auto& entry) { return entry.second.id == id; });
  if (found != timers_.end()) timers_.erase(found);
}

void EngineLoop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

double EngineLoop::SecondsToNextTimer() const {
  if (timers_.empty()) return 3600;
  return std::clamp(timers_.begin()->first - now(), 0.0, 3600.0);
}

std::optional<double> EngineLoop::next_timer() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

bool EngineLoop::RunTimerDueAt(double seconds) {
  if (timers_.empty() || timers_.begin()->first > seconds) return false;
  const Task task = std::move(timers_.begin()->second.task);
  timers_.erase(timers_.begin());
  task();
  return true;
}

bool EngineLoop::RunNext() {
  Task task;
  {
    absl::MutexLock lock(&mutex_);
    if (!tasks_.empty()) {
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
  }
  if (!task) return RunTimerDueAt(now());
  task();
  return true;
}

void EngineLoop::Loop() {
  std::deque<Task> batch;
  for (;;) {
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto something = [this] {
        mutex_.AssertReaderHeld();
        return !tasks_.empty() || stopping_;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&something), absl::Seconds(SecondsToNextTimer()));
      batch.swap(tasks_);
      stopping = stopping_;
    }
    for (Task& task : batch) {
      task();
      task = nullptr;  // what it holds goes now, not when the batch is over
    }
    batch.clear();
    // Those of now: one that a timer sets for at once waits for what was posted meanwhile.
    for (const double until = now(); RunTimerDueAt(until);) {
    }
    if (stopping) break;
  }
  timers_.clear();
}

}  // namespace concertina
