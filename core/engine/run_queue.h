// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_queue.h: which run is next, and whether it may start now.
// On the way of the data: engine/run_table.h -> here -> Run::Start.
//
// Runs start in the order they came, and none overtakes. The first may start when nothing runs, or when all
// threads of all workers together, its own included, are no more than the cores: two runs that share a core
// would measure each other. One that alone needs more than there is starts all the same, alone: four workers
// on two cores are slow, but right. One that is still being prepared may have its place already: those behind
// it wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace concertina {

class RunQueue {
 public:
  explicit RunQueue(int64_t cores) : cores_(cores) {}

  // To its place, if it has one, else behind all others.
  void Push(const std::string& run, int64_t threads) {
    Reserve(run);
    *Find(run) = {run, threads, true};
  }
  void Reserve(const std::string& run) {
    if (Find(run) == waiting_.end()) waiting_.push_back({run, 0, false});
  }
  void Remove(const std::string& run) {
    std::erase_if(waiting_, [&](const Waiting& each) { return each.run == run; });
  }
  // The next run if it fits beside what goes on (so many runs with so many threads); it is no longer queued.
  std::optional<std::string> TakeNext(int64_t active_runs, int64_t active_threads) {
    if (waiting_.empty() || !waiting_.front().is_ready) return std::nullopt;
    if (active_runs > 0 && active_threads + waiting_.front().threads > cores_) return std::nullopt;
    std::string run = std::move(waiting_.front().run);
    waiting_.pop_front();
    return run;
  }
  // 1 is next; 0 if it is not queued.
  int PositionOf(const std::string& run) const {
    const auto found = Find(run);
    return found == waiting_.end() ? 0 : static_cast<int>(found - waiting_.begin()) + 1;
  }
  size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::string run;
    int64_t threads;
    bool is_ready;  // it has been prepared
  };
  std::deque<Waiting>::iterator Find(const std::string& run) {
    return std::find_if(waiting_.begin(), waiting_.end(),
                        [&](const Waiting& each) { return each.run == run; });
  }
  std::deque<Waiting>::const_iterator Find(const std::string& run) const {
    return std::find_if(waiting_.begin(), waiting_.end(),
                        [&](const Waiting& each) { return each.run == run; });
  }
  const int64_t cores_;
  std::deque<Waiting> waiting_;
};

}  // namespace concertina
