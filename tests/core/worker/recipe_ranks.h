// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_ranks.h: whole recipes on a small table, ranks as threads over the in-process transport, for the
// tests of worker/recipe_loop.h.
#pragma once

#include <QDir>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/worker/recipe_loop.h"
#include "tests/core/worker/training_ranks.h"

namespace concertina {

struct RecipeResult {
  absl::StatusOr<StepLoopResult> result = absl::UnknownError("not run");
  int64_t total_steps = 0;
  std::vector<int64_t> at;
  std::vector<std::string> texts, missed, no_room, states, doing;
  std::vector<int64_t> kept_at;
  std::vector<RecipeListener::Figures> figures;
  std::map<std::string, std::vector<double>> series;
};

struct RecipeHow {
  std::vector<proto::Control::Action> actions = {};  // asked for at the beginning
  std::string checkpoint = "";
  int stop_after = -1;           // once so many steps of the recipe were told
  bool stops_when_full = false;  // once a rank says that its disk is
  std::string stop_at = "";      // once rank 0 says that it is doing something with this in it
};

// A test has one of these as a base. Recipes write to `disk_`.
class RecipeRanks : protected TrainingRanks {
 protected:
  std::vector<RecipeResult> Run(const nlohmann::json& spec, const QString& name, const RecipeHow& how = {});
  nlohmann::json Spec(int workers, const nlohmann::json& recipe) const {
    nlohmann::json spec = TableSpec(table_, workers, 32 / workers);
    spec["recipe"] = recipe;
    return spec;
  }

  // In rank 0's thread: after each step of the recipe that was told, with its number from 0, and after each
  // that was kept.
  std::function<void(int64_t number)> step_told_, step_kept_;
};

inline std::vector<RecipeResult> RecipeRanks::Run(const nlohmann::json& spec, const QString& name,
                                                  const RecipeHow& how) {
  const QString run_folder = folder_.filePath(name);
  QDir().mkpath(run_folder);
  SpecCheck check = CheckSpec(spec.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  const int ranks = static_cast<int>(check.spec.worker_count());
  auto transports = MakeInProcessTransports(ranks);
  std::vector<RecipeResult> results(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  std::vector<ControlQueue> queues(static_cast<size_t>(ranks));
  const auto ask = [&](proto::Control::Action action) {
    for (ControlQueue& queue : queues) queue.Push({.action = action, .knob = {}, .steps = 0, .recording = 0});
  };
  for (const auto action : how.actions) ask(action);
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      RecipeResult& mine = results[static_cast<size_t>(rank)];
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue& controls = queues[static_cast<size_t>(rank)];
      RecipeListener listener;
      listener.steps.progress = [](int64_t, double, const char*) {};
      listener.doing = [&, rank](const std::string& doing) {
        const bool is_it = !how.stop_at.empty() && doing.find(how.stop_at) != std::string::npos;
        if (rank == 0 && is_it) ask(proto::Control::STOP);
        mine.doing.push_back(doing);
      };
      listener.steps.checkpoint_written = [&](int64_t step, const std::string&, uint64_t) {
        mine.kept_at.push_back(step);
        if (step_kept_) step_kept_(std::ssize(mine.kept_at) - 1);
      };
      listener.steps.checkpoint_missed = [&mine](int64_t, const std::string& reason) {
        mine.missed.push_back(reason);
      };
      listener.steps.no_room = [&](int64_t, const std::string& reason) {
        mine.no_room.push_back(reason);
        if (no_room_) no_room_(reason);
        if (how.stops_when_full) ask(proto::Control::STOP);
      };
      listener.steps.knob_applied = [](const proto::Knob&, int64_t, const absl::Status&) {};
      listener.steps.state_reached = [&mine](const char* state, int64_t) { mine.states.emplace_back(state); };
      listener.steps.gradient_counted = [](const GradientHistogram*, int64_t) {};
      listener.recipe_step = [&](int64_t step, const std::string& text,
                                 const RecipeListener::Figures& figures) {
        if (std::ssize(mine.at) == how.stop_after) ask(proto::Control::STOP);
        mine.at.push_back(step);
        mine.texts.push_back(text);
        mine.figures.push_back(figures);
        if (step_told_) step_told_(std::ssize(mine.at) - 1);
      };
      auto loop = RecipeLoop::Create({.spec = check.spec,
                                      .rank = rank,
                                      .world_size = ranks,
                                      .run_folder = run_folder.toStdString(),
                                      .datasets_folder = folder_.filePath("datasets").toStdString(),
                                      .kernels_file = folder_.filePath("kernels").toStdString(),
                                      .checkpoint = how.checkpoint,
                                      .disk = disk_},
                                     recorder, controls, std::move(listener));
      if (!loop.ok()) {
        mine.result = loop.status();
        transports[static_cast<size_t>(rank)]->Abort(loop.status());
        return;
      }
      mine.total_steps = (*loop)->total_steps();
      mine.result = (*loop)->Run(*transports[static_cast<size_t>(rank)], {});
      if (!mine.result.ok()) transports[static_cast<size_t>(rank)]->Abort(mine.result.status());
      mine.series = SeriesOf(recorder);
    });
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace concertina
