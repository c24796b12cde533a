// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop.cc: the way of a recipe, step by step (see recipe_loop.h).
// On the way of the data: worker/recipe_loop_preparing.cc -> here -> worker/recipe_judge.h,
// worker/recipe_state.h.
#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/edge/sha256.h"
#include "core/worker/parameters_file.h"
#include "core/worker/recipe_listener.h"
#include "core/worker/recipe_loop_impl.h"
#include "core/worker/recipe_state.h"
#include "core/worker/recipe_text.h"
#include "core/worker/recipe_values.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kRecipeDeadlineSeconds = 600;  // of others that compress

}  // namespace

absl::StatusOr<bool> RecipeLoop::Impl::Train(Transport& transport, double for_epochs,
                                             double learning_rate_factor) {
  StepLoopOptions stretch = options;
  stretch.model = model;
  stretch.seconds_before = Seconds();
  stretch.epochs_before = epochs;
  stretch.requests_obeyed = obeyed;
  stretch.spec.training.epochs = for_epochs;
  stretch.learning_rate_factor = learning_rate_factor;
  stretch.spec.training.max_steps = step == 0 ? options.spec.training.max_steps : 0;
  const int64_t steps_before = step;
  // Steps of a later stretch are counted anew: the experiment's faults are of the first.
  if (step > 0) stretch.spec.faults.clear();
  recorder.SetFirstStep(steps_before);
  this->before = model;
  ASSIGN_OR_RETURN(const auto loop, StepLoop::Create(std::move(stretch), recorder, controls,
                                                     CountedOn(listener.steps, steps_before)));
  ASSIGN_OR_RETURN(const StepLoopResult result, loop->Run(transport, stop));
  recorder.SetFirstStep(0);
  step = steps_before + result.step;
  seconds_before = loop->seconds();
  began = Clock::Real().SteadySeconds();
  epochs = loop->epochs();
  obeyed = loop->requests_obeyed();
  const double trained_epochs = options.spec.training.epochs;
  options.spec = loop->spec();  // knobs that were turned stay so
  options.spec.training.epochs = trained_epochs;
  peak_memory_bytes = std::max(peak_memory_bytes, result.peak_memory_bytes);
  RETURN_IF_ERROR(TakeTrained(result.trained));
  return !result.stopped;
}

// Rank 0 has the whole model, and everyone goes on from that. It is handed on in memory: through a file, a
// full disk would keep one rank in its loop while the others wait here.
absl::Status RecipeLoop::Impl::TakeTrained(const std::vector<Safetensors::Tensor>& values) {
  if (options.rank != 0) return Agree(*model);
  ASSIGN_OR_RETURN(Graph graph, WithTrainedValues(*model, values));
  return Agree(std::move(graph));
}

absl::Status RecipeLoop::Impl::Agree(Graph graph) {
  RETURN_IF_ERROR(AgreeOnValues(graph, *everyone, Deadline::After(kRecipeDeadlineSeconds)));
  model = std::make_shared<const Graph>(std::move(graph));
  return absl::OkStatus();
}

bool RecipeLoop::Impl::IsStopAsked() const {
  for (uint64_t i = obeyed; i < controls.received(); ++i)
    if (controls.at(i).action == proto::Control::STOP) return true;
  return false;
}

absl::StatusOr<bool> RecipeLoop::Impl::Compress(size_t index, int round) {
  Tell("compress");
  const std::string doing =
      fmt::format("recipe step {} of {}, {}", index + 1, recipe.size(), options.spec.recipe[index].kind());
  TellDoing(doing);
  bool is_stopped = false;
  const CompressContext context{.seed = options.spec.seed,
                                .train = train,
                                .step_index = static_cast<int64_t>(index),
                                .first = first,
                                .trained = trained,
                                .before = before,
                                .round = round,
                                .listener = [&](const std::string& at) -> absl::Status {
                                  if (stop.stop_requested()) return absl::CancelledError("the run was ended");
                                  is_stopped = IsStopAsked();
                                  if (is_stopped) return absl::CancelledError("the run was stopped");
                                  TellDoing(fmt::format("{}: {}", doing, at));
                                  return absl::OkStatus();
                                }};
  absl::StatusOr<Graph> compressed = recipe[index]->Apply(*model, context);
  if (!compressed.ok() && !is_stopped) return Annotate(compressed.status(), fmt::format("/recipe/{}", index));
  // Ranks hear of a stop at different moments: whoever has stops them all.
  float stopped[4] = {is_stopped || IsStopAsked() ? 1.0F : 0.0F, 0, 0, 0};
  RETURN_IF_ERROR(everyone->AllReduceSum(stopped, Deadline::After(kRecipeDeadlineSeconds)));
  TellDoing("");
  if (stopped[0] > 0) return false;
  ++step;
  RETURN_IF_ERROR(Agree(*std::move(compressed)));
  return true;
}

absl::Status RecipeLoop::Impl::FinishStep(size_t index) {
  absl::StatusOr<Graph> finished = recipe[index]->Finish(*model);
  if (!finished.ok()) return Annotate(finished.status(), fmt::format("/recipe/{}", index));
  model = std::make_shared<const Graph>(*std::move(finished));
  return absl::OkStatus();
}

RoomWait RecipeLoop::Impl::RoomWaitOfNow(bool stops) const {
  return {.rank = options.rank,
          .controls = &controls,
          .obeyed = obeyed,
          .stops = stops,
          .stop = stop,
          .no_room =
              [this](const std::string& reason) {
                if (listener.steps.no_room) listener.steps.no_room(step, reason);
              },
          .goes_on = [this] { listener.steps.state_reached("running", step); },
          .meanwhile =
              [this] {
                Tell("paused");
                return absl::OkStatus();
              }};
}

absl::StatusOr<bool> RecipeLoop::Impl::Judge(const std::string& text, bool scans_sensitivity) {
  TellDoing(fmt::format("measuring: {}", text));
  ASSIGN_OR_RETURN(const auto judged,
                   judge->Judge(*model, {.at = step, .text = text, .scans_sensitivity = scans_sensitivity},
                                *everyone, stop));
  if (!judged) {  // whoever stops a run does not want to wait for a disk
    if (options.rank == 0 && listener.steps.checkpoint_missed)
      listener.steps.checkpoint_missed(
          step, fmt::format("rank 0: there is no room for the model behind \"{}\"; the run stops, and can go "
                            "on behind the last step of its recipe that was kept",
                            text));
    return false;
  }
  if (options.rank == 0) {
    const RecipeListener::Figures& figures = *judged;
    recorder.AddEvaluation(step, Seconds(), series.Of(figures));
    steps_told.push_back({.step = step, .text = text, .figures = figures});
    listener.recipe_step(step, text, figures);
  } else {
    recorder.AddEvaluation(step, Seconds(), series.Nothing());
  }
  TellDoing("");
  Tell("compute");
  return true;
}

absl::StatusOr<StepLoopResult> RecipeLoop::Impl::Run(Transport& transport, std::stop_token token) {
  stop = std::move(token);
  std::vector<int> ranks(static_cast<size_t>(options.world_size));
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<int>(i);
  everyone = std::make_unique<Communicator>(transport, ranks, kRecipeChannel);
  const std::stop_callback abort(
      stop, [&transport] { transport.Abort(absl::CancelledError("the run was ended")); });
  began = Clock::Real().SteadySeconds();
  bool goes_on = true;
  if (!is_trained) {
    if (options.spec.training.epochs > 0) {
      ASSIGN_OR_RETURN(goes_on, Train(transport, options.spec.training.epochs, 1));
    }
    if (!goes_on) return Finish(true);
    trained = model;
    ASSIGN_OR_RETURN(goes_on, Judge("the model as it was trained", false));
    if (!goes_on) return Finish(true);
    RETURN_IF_ERROR(Keep());
  } else {
    for (const RecipeState::Told& each : steps_told) listener.recipe_step(each.step, each.text, each.figures);
    Tell("compute");
  }
  while (next < recipe.size()) {
    const size_t i = next;
    for (int round = 0; round < recipe[i]->rounds(); ++round) {
      ASSIGN_OR_RETURN(goes_on, Compress(i, round));
      if (!goes_on && round == 0) return Finish(true);
      if (!goes_on) break;
      if (recipe[i]->retrain_epochs() == 0) continue;
      ASSIGN_OR_RETURN(goes_on, Train(transport, recipe[i]->retrain_epochs() / recipe[i]->rounds(),
                                      recipe[i]->retrain_learning_rate_factor()));
      if (!goes_on) break;
    }
    RETURN_IF_ERROR(FinishStep(i));
    if (!goes_on) return Finish(true);
    ASSIGN_OR_RETURN(goes_on, Judge(RecipeStepText(options.spec.recipe[i]), recipe[i]->scans_sensitivity()));
    if (!goes_on) return Finish(true);
    ++next;
    if (next < recipe.size()) RETURN_IF_ERROR(Keep());  // behind the last there is nothing to go on with
  }
  return Finish(false);
}

absl::Status RecipeLoop::Impl::Keep() {
  if (step == 0) return absl::OkStatus();  // to go on from nothing is to begin anew
  Tell("checkpoint");
  const RecipeState state{.next = static_cast<int64_t>(next),
                          .step = step,
                          .seconds = Seconds(),
                          .epochs = epochs,
                          .spec_json = options.spec.json,
                          .original_bytes = judge->original().bytes,
                          .original_accuracy = judge->original().accuracy,
                          .model = model,
                          .first = first,
                          .trained = trained,
                          .before = before,
                          .detail = judge->Remembered(),
                          .told = steps_told};
  RecipeKeeping keeping{.disk = options.disk,
                        .run_folder = options.run_folder,
                        .rank = options.rank,
                        .ranks = options.world_size,
                        .carry = listener.steps.carry,
                        .keep_metrics = listener.steps.keep_metrics,
                        .files = {},
                        .tell = [this](const char* phase) { Tell(phase); }};
  // From elsewhere the files of this step come with it: the next attempt writes only those that follow.
  if (options.rank == 0 && keeping.carry)
    for (const std::string& name : {StepDetailFileName(state.detail.next - 1), std::string("model.edge")})
      keeping.files.push_back(options.run_folder + "/" + name);
  ASSIGN_OR_RETURN(const KeptState kept, KeepRecipeState(state, keeping, *everyone, stop));
  if (options.rank == 0 && kept.missing.empty())
    listener.steps.checkpoint_written(step, kept.folder, kept.bytes);
  if (options.rank == 0 && !kept.missing.empty() && listener.steps.checkpoint_missed)
    listener.steps.checkpoint_missed(step, kept.missing);
  Tell("compute");
  return absl::OkStatus();
}

absl::StatusOr<StepLoopResult> RecipeLoop::Impl::Finish(bool stopped) {
  StepLoopResult result;
  result.stopped = stopped;
  result.step = step;
  result.peak_memory_bytes = peak_memory_bytes;
  if (options.rank == 0) {
    std::vector<NamedTensor> tensors;
    Sha256 digest;  // of the parameters alone, as of any run
    for (const ValueId id : model->kept()) {
      const Value& value = model->value(id);
      tensors.push_back({value.name, value.shape, *value.given});
      if (value.role == ValueRole::kParameter) digest.Add(std::as_bytes(std::span(*value.given)));
    }
    result.parameters_sha256 = digest.Hex();
    RETURN_IF_ERROR(KeepParametersFile(
        RoomWaitOfNow(stopped), *options.disk, options.run_folder, tensors,
        {{"dataset", options.spec.dataset.json().dump()}, {"step", std::to_string(step)}}, result));
  }
  Tell("finished");
  return result;
}

RecipeLoop::RecipeLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecipeLoop::~RecipeLoop() = default;
int64_t RecipeLoop::parameter_count() const { return impl_->first_parameters; }
int64_t RecipeLoop::total_steps() const { return impl_->total_steps; }

absl::StatusOr<StepLoopResult> RecipeLoop::Run(Transport& transport, std::stop_token stop) {
  return impl_->Run(transport, stop);
}

}  // namespace concertina
