// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// work_pool.h: a few threads for what the loop must not wait for: opening datasets, reading the store,
// exports. Without any, whoever made it runs what is posted, when it likes: for simulations. On the way of
// the data: engine/engine_service.h -> here -> the answer, posted back to engine/engine_loop.h.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"

namespace concertina {

class WorkPool {
 public:
  static constexpr size_t kMaxWaiting = 1024;

  explicit WorkPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~WorkPool() { Stop(); }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Any thread; never waits. kResourceExhausted when too much waits already, kUnavailable after Stop.
  absl::Status Post(std::function<void()> task) {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::UnavailableError("the engine is ending");
    if (tasks_.size() >= kMaxWaiting)
      return absl::ResourceExhaustedError("the engine has too many requests waiting; try again");
    tasks_.push_back(std::move(task));
    return absl::OkStatus();
  }

  // Of a pool without threads: the oldest task, which is run by calling it; null if there is none.
  std::function<void()> TakeNext() {
    absl::MutexLock lock(&mutex_);
    if (tasks_.empty()) return nullptr;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  // What was posted is done first, where there are threads to do it.
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  void Work() {
    for (;;) {
      std::function<void()> task;
      {
        absl::MutexLock lock(&mutex_);
        const auto something = [this] {
          mutex_.AssertReaderHeld();
          return !tasks_.empty() || stopping_;
        };
        mutex_.Await(absl::Condition(&something));
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace concertina
