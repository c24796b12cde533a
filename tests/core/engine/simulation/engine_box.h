// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_box.h: one engine after another on the same home: its loop, pool, table of runs and watchers, which
// are those of the programs, without threads. Killed, all that it had in memory is gone.
// On the way of the data: simulation.h -> here -> engine/run_table.h.
#pragma once

#include <functional>
#include <memory>

#include "core/engine/home.h"
#include "core/engine/run_table.h"
#include "tests/core/engine/simulation/crash_store.h"
#include "tests/core/engine/simulation/world.h"

namespace concertina::simulation {

class EngineBox {
 public:
  EngineBox(World& world, CrashStore& store, const Home& home, int64_t cores)
      : world_(world), store_(store), home_(home), cores_(cores) {}
  ~EngineBox() { TakeDown(); }
  EngineBox(const EngineBox&) = delete;
  EngineBox& operator=(const EngineBox&) = delete;

  // Of those who look on at the next engine; made anew for each.
  std::function<std::shared_ptr<RunsOnlooker>()> make_onlooker;

  // Of what an earlier one has left.
  RunTable::Processes processes;

  void Start();
  // As kill -9 at this instant: nothing that it was about to do is done.
  void Kill() {
    EndAt("is killed", [this] { store_.Crash(); });
  }
  // Its machine is off at this instant.
  void CutPower() {
    EndAt("loses its power", [this] { store_.CutPower(); });
  }
  // Runs are stopped, and once they have ended it ends; `ended` then.
  void Stop(std::function<void()> ended);

  bool is_up() const { return parts_ != nullptr; }
  bool is_stopping() const { return is_stopping_; }
  bool takes_commands() const { return is_up() && !is_stopping_; }
  bool is_gone() const { return parts_ == nullptr || parts_->table == nullptr; }
  double last_kill() const { return last_kill_; }
  int generation() const { return generation_; }  // of the engine that is up; one more for each
  RunTable& table() { return *parts_->table; }
  Watchers& watchers() { return parts_->watchers; }
  WorkPool& pool() { return parts_->pool; }
  EngineLoop& loop() { return parts_->loop; }
  // If that engine is still the one that is up.
  void Post(int generation, EngineLoop::Task task) {
    if (is_up() && generation == generation_) parts_->loop.Post(std::move(task));
  }

  // One task or timer that is due; false: there is none.
  bool RunNext() { return is_up() && parts_->loop.RunNext(); }
  double next_timer() const { return is_up() ? parts_->loop.next_timer().value_or(1e300) : 1e300; }
  // Work that was posted to the pool begins, two pieces at a time, and takes its time.
  void BeginWork();

 private:
  struct Parts {
    explicit Parts(Clock& clock) : loop(clock), pool(0) {}
    EngineLoop loop;
    WorkPool pool;
    Watchers watchers;
    std::unique_ptr<RunTable> table;
  };
  void EndAt(const char* how, const std::function<void()>& lose);
  void AwaitQuiet(std::function<void()> ended);
  void TakeDown();

  World& world_;
  CrashStore& store_;
  const Home& home_;
  const int64_t cores_;
  std::unique_ptr<Parts> parts_;
  int generation_ = 0, working_ = 0;
  bool is_stopping_ = false;
  double last_kill_ = 0;
};

}  // namespace concertina::simulation
