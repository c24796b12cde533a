// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop.h: an experiment with a recipe: train, compress, train on, compress, … and after each step the
// file that would be exported is written, read and run. On the way of the data: experiment/spec.h's recipe ->
// here (compress/, worker/step_loop.h, edge/) -> series and model.edge in the run's folder.
//
// All ranks compress, each for itself, with the same bits; they train as any experiment does, with its mesh
// and exchange; and each runs its share of the test samples through the edge runtime. Rank 0 alone times it.
// Steps of the run count on: a step of training is one, and so is a step of the recipe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "core/worker/step_loop.h"

namespace concertina {

struct RecipeListener {
  StepLoopListener steps;
  // Rank 0 only: the step of the recipe that was done before `step`, in words, and what was measured of the
  // file.
  using Figures = std::map<std::string, double>;
  // Those that were done before the run went on are told again: whoever heard may be gone.
  std::function<void(int64_t step, const std::string& text, const Figures& figures)> recipe_step;
  // What is being done that is no step of training, in words; "" once it is done. Often, and on the step
  // thread. May be empty.
  std::function<void(const std::string& doing)> doing;
};

class RecipeLoop {
 public:
  // Opens the dataset and builds the model, with its first values; or takes all from the checkpoint, which
  // the same experiment kept behind a step of its recipe (worker/recipe_state.h). kFailedPrecondition: it is
  // none of those.
  static absl::StatusOr<std::unique_ptr<RecipeLoop>> Create(StepLoopOptions options, StepRecorder& recorder,
                                                            ControlQueue& controls, RecipeListener listener);
  ~RecipeLoop();

  int64_t parameter_count() const;  // before the first step of the recipe
  int64_t total_steps() const;

  // As StepLoop::Run. A stop is obeyed in the middle of a step of the recipe, too. It keeps the model as it
  // is then, and the run can go on behind the last step of the recipe that was done.
  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token stop);

 private:
  struct Impl;
  explicit RecipeLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina
