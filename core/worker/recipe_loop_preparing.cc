// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop_preparing.cc: what a recipe begins with: its dataset, its model and its steps; or what it goes
// on with. On the way of the data: experiment/spec.h, worker/recipe_state.h -> here -> worker/recipe_loop.cc.
#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/worker/recipe_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::unique_ptr<RecipeLoop>> RecipeLoop::Create(StepLoopOptions options,
                                                               StepRecorder& recorder, ControlQueue& controls,
                                                               RecipeListener listener) {
  auto impl = std::make_unique<Impl>(std::move(options), recorder, controls, std::move(listener));
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<RecipeLoop>(new RecipeLoop(std::move(impl)));
}

absl::Status RecipeLoop::Impl::Prepare() {
  const Registry& registry = Registry::Global();
  std::optional<RecipeState> state;
  if (!options.checkpoint.empty()) {
    if (options.is_fork)
      return absl::FailedPreconditionError(
          "/recipe: an experiment with a recipe is not forked; give what it has kept (model.edge) to another "
          "as /model {\"kind\": \"file\"}");
    ASSIGN_OR_RETURN(state,
                     ReadRecipeState(*options.disk, options.checkpoint, options.rank, options.world_size));
    SpecCheck check = CheckSpec(state->spec_json);  // knobs that had been turned
    if (!check.faults.empty()) return Annotate(FaultsToStatus(check.faults), options.checkpoint);
    options.spec = std::move(check.spec);
  }
  const Spec& spec = options.spec;
  ASSIGN_OR_RETURN(const std::unique_ptr<Dataset> dataset, registry.Create<Dataset>("dataset", spec.dataset));
  ASSIGN_OR_RETURN(const DatasetInfo info, dataset->Probe(options.datasets_folder));
  ASSIGN_OR_RETURN(train, dataset->OpenTrain(options.datasets_folder));
  ASSIGN_OR_RETURN(test, dataset->OpenTest(options.datasets_folder));
  judge = std::make_unique<RecipeJudge>(
      info, test,
      RecipeJudge::Place{.rank = options.rank,
                         .ranks = options.world_size,
                         .disk = options.disk,
                         .run_folder = options.run_folder,
                         .metadata = {{"name", spec.name}, {"dataset", spec.dataset.kind()}},
                         .tell = [this](const char* phase) { Tell(phase); },
                         .room_wait = [this] { return RoomWaitOfNow(false); }});
  ASSIGN_OR_RETURN(auto partition, registry.Create<Partition>("partition", spec.partition));
  ASSIGN_OR_RETURN(const auto loader, Loader::Create(train, std::move(partition),
                                                     {.batch_size = spec.training.batch_size,
                                                      .worker = 0,
                                                      .workers = spec.mesh_data,
                                                      .seed = spec.seed}));
  steps_per_epoch = std::max<int64_t>(1, loader->steps_per_epoch());
  if (state) {
    RETURN_IF_ERROR(GoOnFrom(*std::move(state)));
  } else {
    ASSIGN_OR_RETURN(const auto component, registry.Create<Model>("model", spec.model));
    ASSIGN_OR_RETURN(Graph graph, component->Build(info.sample, info.classes));
    GiveFirstValues(graph, spec.seed);
    model = std::make_shared<const Graph>(std::move(graph));
    first = model;
  }
  first_parameters = first->parameter_count();
  total_steps = spec.training.epochs > 0 ? TotalSteps(spec.training, steps_per_epoch) : 0;
  for (size_t i = 0; i < spec.recipe.size(); ++i) {
    ASSIGN_OR_RETURN(auto made, registry.Create<Compressor>("compressor", spec.recipe[i]));
    const double epochs_a_round = made->retrain_epochs() / made->rounds();
    total_steps += made->rounds() * (1 + (epochs_a_round > 0 ? StepsOf(epochs_a_round) : 0));
    recipe.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::Status RecipeLoop::Impl::GoOnFrom(RecipeState state) {
  const int64_t share = (test->size() - options.rank + options.world_size - 1) / options.world_size;
  if (state.next < 0 || state.next > std::ssize(options.spec.recipe) ||
      std::ssize(state.detail.first_answers) != std::max<int64_t>(0, share))
    return absl::FailedPreconditionError(
        fmt::format("{}: was kept behind step {} of a recipe of {}, with {} answers to this rank's {} test "
                    "samples; the experiment or its dataset has changed: run it anew",
                    options.checkpoint, state.next, options.spec.recipe.size(),
                    state.detail.first_answers.size(), share));
  options.checkpoint.clear();  // it is none of a stretch's
  is_trained = true;
  next = static_cast<size_t>(state.next);
  step = state.step;
  seconds_before = state.seconds;
  epochs = state.epochs;
  model = std::move(state.model);
  first = std::move(state.first);
  trained = std::move(state.trained);
  before = std::move(state.before);
  steps_told = std::move(state.told);
  judge->GoOnFrom({.bytes = state.original_bytes, .accuracy = state.original_accuracy},
                  std::move(state.detail));
  return absl::OkStatus();
}

}  // namespace concertina
