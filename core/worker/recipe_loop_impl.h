// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop_impl.h: the insides of the recipe's loop, which stand in two files: recipe_loop_preparing.cc
// (what a recipe begins with, or goes on with) and recipe_loop.cc (its steps, one after another).
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/compress/compressor.h"
#include "core/worker/edge_series.h"
#include "core/worker/recipe_judge.h"
#include "core/worker/recipe_loop.h"
#include "core/worker/recipe_state.h"
#include "core/worker/room_wait.h"

namespace concertina {

struct RecipeLoop::Impl {
  Impl(StepLoopOptions o, StepRecorder& r, ControlQueue& c, RecipeListener l)
      : options(std::move(o)), recorder(r), controls(c), listener(std::move(l)), series(r) {}

  absl::Status Prepare();
  absl::Status GoOnFrom(RecipeState state);
  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token token);
  // Trains so long, and takes over what came of it. False: the run was stopped.
  absl::StatusOr<bool> Train(Transport& transport, double epochs, double learning_rate_factor);
  absl::Status TakeTrained(const std::vector<Safetensors::Tensor>& values);
  absl::Status Agree(Graph graph);
  // False: the run was stopped, and the model is as it was.
  absl::StatusOr<bool> Compress(size_t index, int round);
  // What followed from the step's training; the model is whole again.
  absl::Status FinishStep(size_t index);
  // `text` says what was done before. False: the disk is full, and the run was stopped.
  absl::StatusOr<bool> Judge(const std::string& text, bool scans_sensitivity);
  // What the next step of the recipe begins with, for a run that goes on later.
  absl::Status Keep();
  absl::StatusOr<StepLoopResult> Finish(bool stopped);
  RoomWait RoomWaitOfNow(bool stops) const;
  int64_t StepsOf(double epochs) const { return TotalSteps({.epochs = epochs}, steps_per_epoch); }
  double Seconds() const { return seconds_before + (Clock::Real().SteadySeconds() - began); }
  // Whether a stop has come that no stretch of training has obeyed.
  bool IsStopAsked() const;
  void Tell(const char* phase) const { listener.steps.progress(step, epochs, phase); }
  void TellDoing(const std::string& doing) const {
    if (listener.doing) listener.doing(doing);
  }

  StepLoopOptions options;
  StepRecorder& recorder;
  ControlQueue& controls;
  RecipeListener listener;
  EdgeSeries series;

  std::shared_ptr<const Samples> train, test;
  std::shared_ptr<const Graph> model;
  std::shared_ptr<const Graph> first, trained, before;  // as CompressContext has them
  std::vector<std::unique_ptr<Compressor>> recipe;
  std::unique_ptr<Communicator> everyone;
  std::stop_token stop;  // of Run
  std::unique_ptr<RecipeJudge> judge;
  int64_t steps_per_epoch = 1, total_steps = 0, first_parameters = 0;
  int64_t step = 0;  // of the run
  size_t next = 0;   // of the recipe
  bool is_trained = false;
  std::vector<RecipeState::Told> steps_told;  // rank 0
  double epochs = 0, seconds_before = 0, began = 0;
  uint64_t obeyed = 0;
  uint64_t peak_memory_bytes = 0;
};

}  // namespace concertina
