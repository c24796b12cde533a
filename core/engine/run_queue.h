// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_queue.h: which run is next, and whether it may start now.
// On the way of the data: engine/run_table.h -> here -> Run::Start.
//
// Runs start in the order they came, and none overtakes. The first may start when nothing runs, or when all
// threads of all workers together, its own included, are no more than the cores: two runs that share a core
// would measure each other. One that alone needs more than there is starts all the same, alone: four workers
// on two cores are slow, but right.
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

  void Push(std::string run, int64_t threads) { waiting_.push_back({std::move(run), threads}); }
  void Remove(const std::string& run) {
    std::erase_if(waiting_, [&](const Waiting& each) { return each.run == run; });
  }
  // The next run if it fits beside what goes on (so many runs with so many threads); it is no longer queued.
  std::optional<std::string> TakeNext(int64_t active_runs, int64_t active_threads) {
    if (waiting_.empty()) return std::nullopt;
    if (active_runs > 0 && active_threads + waiting_.front().threads > cores_) return std::nullopt;
    std::string run = std::move(waiting_.front().run);
    waiting_.pop_front();
    return run;
  }
  // 1 is next; 0 if it is not queued.
  int PositionOf(const std::string& run) const {
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& each) { return each.run == run; });
    return found == waiting_.end() ? 0 : static_cast<int>(found - waiting_.begin()) + 1;
  }
  size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::string run;
    int64_t threads;
  };
  const int64_t cores_;
  std::deque<Waiting> waiting_;
};

}  // namespace concertina
