// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_box.cc: see engine_box.h.
#include "tests/core/engine/simulation/engine_box.h"

#include <utility>

namespace concertina::simulation {
namespace {

constexpr int kPoolThreads = 2;
constexpr double kStopSeconds = 10;

}  // namespace

void EngineBox::Start() {
  ++generation_;
  working_ = 0;
  is_stopping_ = false;
  const absl::StatusOr<std::vector<StoredRun>> stored = store_.Runs();
  world_.Note("engine {} starts with {} runs", generation_, stored->size());
  parts_ = std::make_unique<Parts>(world_.clock);
  parts_->table =
      std::make_unique<RunTable>(parts_->loop, store_, parts_->pool, home_, parts_->watchers, RunLimits{},
                                 cores_, std::vector<std::string>(), [this] { return world_.MakeToken(); });
  parts_->table->SetProcesses(processes);
  if (make_onlooker) parts_->watchers.Add(make_onlooker());
  parts_->table->Recover(*stored);
}

void EngineBox::EndAt(const char* how, const std::function<void()>& lose) {
  if (!is_up()) return;
  world_.Note("engine {} {}", generation_, how);
  last_kill_ = world_.now();
  TakeDown();
  lose();
}

void EngineBox::TakeDown() {
  // Whoever is called back by what goes now finds no engine.
  const std::unique_ptr<Parts> parts = std::exchange(parts_, nullptr);
  if (parts != nullptr) parts->table.reset();
}

void EngineBox::Stop(std::function<void()> ended) {
  if (!is_up() || std::exchange(is_stopping_, true)) return;
  world_.Note("engine {} is asked to end", generation_);
  parts_->table->StopAll(kStopSeconds);
  AwaitQuiet(std::move(ended));
}

void EngineBox::AwaitQuiet(std::function<void()> ended) {
  if (parts_->table->active() > 0) {
    parts_->loop.After(0.05, [this, ended = std::move(ended)]() mutable { AwaitQuiet(std::move(ended)); });
    return;
  }
  world_.After(0, [this, ended = std::move(ended), generation = generation_] {
    if (!is_up() || generation != generation_) return;
    world_.Note("engine {} ends", generation_);
    last_kill_ = world_.now();
    parts_->table.reset();
    while (const std::function<void()> task = parts_->pool.TakeNext()) task();
    while (parts_->loop.RunNext()) {
    }
    parts_.reset();
    store_.Close();
    ended();
  });
}

void EngineBox::BeginWork() {
  while (is_up() && working_ < kPoolThreads) {
    std::function<void()> task = parts_->pool.TakeNext();
    if (!task) return;
    ++working_;
    const double seconds = world_.Chance(0.05) ? world_.Between(0.5, 3) : world_.Between(0.001, 0.02);
    world_.After(seconds, [this, task = std::move(task), generation = generation_] {
      if (!is_up() || generation != generation_) return;
      --working_;
      task();
    });
  }
}

}  // namespace concertina::simulation
