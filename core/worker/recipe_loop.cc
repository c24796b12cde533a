// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop.cc: see recipe_loop.h.
#include "core/worker/recipe_loop.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/weight_grid.h"
#include "core/edge/latency.h"
#include "core/edge/model_file.h"
#include "core/edge/runtime.h"
#include "core/edge/safetensors.h"
#include "core/edge/sha256.h"
#include "core/edge/step_times.h"
#include "core/nn/held_optimizer.h"
#include "core/worker/edge_series.h"
#include "core/worker/recipe_detail.h"
#include "core/worker/recipe_state.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kRecipeDeadlineSeconds = 600;  // of others that compress, evaluate or time
constexpr int64_t kLatencyQueries = 1024;
constexpr int64_t kLatencySamples = 64;  // taken in turns
constexpr int64_t kTimedQueries = 256;   // layer by layer, once more
constexpr double kTellSeconds = 0.2;

// What holds of a parameter, made true to the bit: some exchanges average what was true of each rank.
std::vector<float> Held(const Value& value, std::vector<float> values) {
  if (value.hold == Hold::kZeros || value.hold == Hold::kShared)
    for (size_t i = 0; i < values.size(); ++i)
      if ((*value.given)[i] == 0) values[i] = 0;
  if (value.hold == Hold::kGrid && value.quantization) {
    const Quantization& grid = *value.quantization;
    const size_t per_scale = std::max<size_t>(1, values.size() / grid.scales.size());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = NearestOnGrid(values[i], grid.scales[i / per_scale], grid.bits, grid.is_signed);
  }
  return values;
}

// "prune-l1: amount 0.9": the parameters that are not as they are when left out, or else the first of them.
std::string TextOf(const Params& step) {
  const Descriptor* const descriptor = Registry::Global().Find("compressor", step.kind());
  std::string text = step.kind();
  const char* separator = ": ";
  if (descriptor == nullptr) return text;
  for (const ParamSpec& param : descriptor->params) {
    const auto value = step.json().find(param.name);
    if (value == step.json().end()) continue;
    const bool is_first =
        &param == descriptor->params.data() && param.name != "layers" && param.type != ParamType::kBoolean;
    if (!is_first && *value == Json::parse(param.default_value.text, nullptr, false)) continue;
    const Json& shown =
        param.type == ParamType::kComponent && value->contains("kind") ? (*value)["kind"] : *value;
    text += fmt::format("{}{} {}", separator, param.name,
                        shown.is_string() ? shown.get<std::string>() : shown.dump());
    separator = ", ";
  }
  return text;
}

}  // namespace

struct RecipeLoop::Impl {
  Impl(StepLoopOptions o, StepRecorder& r, ControlQueue& c, RecipeListener l)
      : options(std::move(o)), recorder(r), controls(c), listener(std::move(l)), series(r) {}

  absl::Status Prepare();
  absl::Status GoOnFrom(RecipeState state);
  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token stop);
  // Trains so long, and takes over what came of it. False: the run was stopped.
  absl::StatusOr<bool> Train(Transport& transport, double epochs, double learning_rate_factor,
                             std::stop_token stop);
  absl::Status TakeTrained(const std::string& path);
  absl::Status Agree(Graph graph);
  absl::Status Compress(size_t index, int round);
  // What followed from the step's training; the model is whole again.
  absl::Status FinishStep(size_t index);
  // Writes the file, reads it, and runs it; `text` says what was done before.
  absl::Status Judge(const std::string& text, bool scans_sensitivity, std::stop_token stop);
  absl::Status Scan(const Graph& graph, std::stop_token stop);
  // What the next step of the recipe begins with, for a run that goes on later.
  absl::Status Keep(std::stop_token stop);
  absl::StatusOr<StepLoopResult> Finish(bool stopped);
  int64_t StepsOf(double epochs) const { return TotalSteps({.epochs = epochs}, steps_per_epoch); }
  double Seconds() const { return seconds_before + (Clock::Real().SteadySeconds() - began); }
  void Tell(const char* phase) { listener.steps.progress(step, epochs, phase); }

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
  std::unique_ptr<RecipeDetail> detail;
  int64_t steps_per_epoch = 1, total_steps = 0, first_parameters = 0;
  int64_t step = 0;  // of the run
  size_t next = 0;   // of the recipe
  bool is_trained = false;
  std::vector<RecipeState::Told> steps_told;  // rank 0
  double epochs = 0, seconds_before = 0, began = 0;
  uint64_t obeyed = 0;
  double original_bytes = 0, original_accuracy = 0;
  uint64_t peak_memory_bytes = 0;
};

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
  detail = std::make_unique<RecipeDetail>(info);
  ASSIGN_OR_RETURN(train, dataset->OpenTrain(options.datasets_folder));
  ASSIGN_OR_RETURN(test, dataset->OpenTest(options.datasets_folder));
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
  original_bytes = state.original_bytes;
  original_accuracy = state.original_accuracy;
  model = std::move(state.model);
  first = std::move(state.first);
  trained = std::move(state.trained);
  before = std::move(state.before);
  steps_told = std::move(state.told);
  detail->GoOnFrom(std::move(state.detail));
  return absl::OkStatus();
}

absl::StatusOr<bool> RecipeLoop::Impl::Train(Transport& transport, double for_epochs,
                                             double learning_rate_factor, std::stop_token stop) {
  StepLoopOptions stretch = options;
  stretch.model = model;
  stretch.seconds_before = Seconds();
  stretch.epochs_before = epochs;
  stretch.requests_obeyed = obeyed;
  stretch.spec.training.epochs = for_epochs;
  stretch.learning_rate_factor = learning_rate_factor;
  stretch.spec.training.max_steps = step == 0 ? options.spec.training.max_steps : 0;
  StepLoopListener told = listener.steps;
  const int64_t steps_before = step;
  told.progress = [&](int64_t at, double epoch, const char* phase) {
    listener.steps.progress(steps_before + at, epoch, phase);
  };
  told.checkpoint_written = [&](int64_t at, const std::string& folder, uint64_t bytes) {
    listener.steps.checkpoint_written(steps_before + at, folder, bytes);
  };
  told.knob_applied = [&](const proto::Knob& knob, int64_t at, const absl::Status& status) {
    listener.steps.knob_applied(knob, steps_before + at, status);
  };
  told.state_reached = [&](const char* state, int64_t at) {
    listener.steps.state_reached(state, steps_before + at);
  };
  // Steps of a later stretch are counted anew: the experiment's faults are of the first.
  if (step > 0) stretch.spec.faults.clear();
  if (told.no_room)
    told.no_room = [&](int64_t at, const std::string& reason) {
      listener.steps.no_room(steps_before + at, reason);
    };
  if (told.checkpoint_missed)
    told.checkpoint_missed = [&](int64_t at, const std::string& reason) {
      listener.steps.checkpoint_missed(steps_before + at, reason);
    };
  told.gradient_counted = [&](const GradientHistogram* histogram, int64_t at) {
    listener.steps.gradient_counted(histogram, steps_before + at);
  };
  recorder.SetFirstStep(steps_before);
  this->before = model;
  ASSIGN_OR_RETURN(const auto loop,
                   StepLoop::Create(std::move(stretch), recorder, controls, std::move(told)));
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
  RETURN_IF_ERROR(TakeTrained(result.parameters_path));
  return !result.stopped;
}

// Rank 0 has the whole model in its file, and everyone goes on from that.
absl::Status RecipeLoop::Impl::TakeTrained(const std::string& path) {
  Graph graph = *model;
  if (options.rank == 0) {
    ASSIGN_OR_RETURN(const Safetensors file, ReadSafetensors(path));
    for (const ValueId id : graph.kept()) {
      Value& value = graph.mutable_value(id);
      const auto found =
          std::find_if(file.tensors.begin(), file.tensors.end(),
                       [&](const Safetensors::Tensor& tensor) { return tensor.name == value.name; });
      if (found == file.tensors.end() || found->shape != value.shape)
        return absl::InternalError(fmt::format("{}: {} is not in it as it was trained", path, value.name));
      value.given = std::make_shared<const std::vector<float>>(Held(value, found->values));
    }
  }
  return Agree(std::move(graph));
}

// Every rank goes on with rank 0's values. What ranks compute alike may differ in its last bits, where each
// has measured which kernels are fastest.
absl::Status RecipeLoop::Impl::Agree(Graph graph) {
  const std::vector<ValueId> ids = graph.kept();
  std::vector<float> flat;
  for (const ValueId id : ids)
    flat.insert(flat.end(), graph.value(id).given->begin(), graph.value(id).given->end());
  RETURN_IF_ERROR(everyone->Broadcast(std::as_writable_bytes(std::span(flat)), 0,
                                      Deadline::After(kRecipeDeadlineSeconds)));
  auto from = flat.begin();
  for (const ValueId id : ids) {
    const auto end = from + ElementCount(graph.value(id).shape);
    Value& value = graph.mutable_value(id);
    value.given = std::make_shared<const std::vector<float>>(from, end);
    from = end;
    // Steps that have learnt are seen in the values alone.
    if (value.hold == Hold::kLearnedGrid && value.quantization)
      value.quantization = GridThrough(*value.given, value.shape[0], value.quantization->bits,
                                       static_cast<int64_t>(value.quantization->scales.size()));
  }
  model = std::make_shared<const Graph>(std::move(graph));
  return absl::OkStatus();
}

absl::Status RecipeLoop::Impl::Compress(size_t index, int round) {
  Tell("compress");
  const CompressContext context{.seed = options.spec.seed,
                                .train = train,
                                .step_index = static_cast<int64_t>(index),
                                .first = first,
                                .trained = trained,
                                .before = before,
                                .round = round};
  absl::StatusOr<Graph> compressed = recipe[index]->Apply(*model, context);
  if (!compressed.ok()) return Annotate(compressed.status(), fmt::format("/recipe/{}", index));
  ++step;
  return Agree(*std::move(compressed));
}

absl::Status RecipeLoop::Impl::FinishStep(size_t index) {
  absl::StatusOr<Graph> finished = recipe[index]->Finish(*model);
  if (!finished.ok()) return Annotate(finished.status(), fmt::format("/recipe/{}", index));
  model = std::make_shared<const Graph>(*std::move(finished));
  return absl::OkStatus();
}

// Each layer alone, by every method: the ranks share the places among them.
absl::Status RecipeLoop::Impl::Scan(const Graph& graph, std::stop_token stop) {
  double told = Clock::Real().SteadySeconds();
  bool is_even = false;
  const auto went_on = [&] {
    if (const double now = Clock::Real().SteadySeconds(); now - told > kTellSeconds) {
      Tell((is_even = !is_even) ? "evaluating" : "evaluate");
      told = now;
    }
    return !stop.stop_requested();
  };
  ASSIGN_OR_RETURN(SensitivityScan scan,
                   ScanSensitivity(graph, *test, options.rank, options.world_size, went_on));
  return detail->SumSensitivity(std::move(scan), *everyone, Deadline::After(kRecipeDeadlineSeconds));
}

absl::Status RecipeLoop::Impl::Judge(const std::string& text, bool scans_sensitivity, std::stop_token stop) {
  Tell("evaluate");
  detail->Begin();
  ASSIGN_OR_RETURN(const std::string bytes, WriteModel(*model, {{"name", options.spec.name},
                                                                {"dataset", options.spec.dataset.kind()}}));
  const std::string path = options.run_folder + "/model.edge";
  ASSIGN_OR_RETURN(const ModelFile file, ParseModel(path, std::as_bytes(std::span(bytes))));
  ASSIGN_OR_RETURN(const std::unique_ptr<EdgeModel> edge, EdgeModel::Create(file.graph));
  std::vector<float> sample(static_cast<size_t>(ElementCount(edge->sample())));
  double loss = 0, told = Clock::Real().SteadySeconds();
  int64_t correct = 0, count = 0;
  for (int64_t i = options.rank; i < test->size(); i += options.world_size) {
    test->Read(i, sample.data());
    const std::span<const float> logits = edge->Run(sample);
    const auto most = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - *most);
    loss += std::log(sum) + *most - logits[static_cast<size_t>(test->label(i))];
    correct += most - logits.begin() == test->label(i) ? 1 : 0;
    detail->Add(i, test->label(i), most - logits.begin());
    ++count;
    if (const double now = Clock::Real().SteadySeconds(); now - told > kTellSeconds) {
      if (stop.stop_requested()) return absl::CancelledError("the run was ended");
      Tell(count % 2 == 0 ? "evaluate" : "evaluating");
      told = now;
    }
  }
  float sums[4] = {static_cast<float>(loss), static_cast<float>(correct), static_cast<float>(count), 0};
  RETURN_IF_ERROR(everyone->AllReduceSum(sums, Deadline::After(kRecipeDeadlineSeconds)));
  RETURN_IF_ERROR(detail->Sum(*everyone, Deadline::After(kRecipeDeadlineSeconds)));
  if (scans_sensitivity) RETURN_IF_ERROR(Scan(file.graph, stop));
  if (options.rank == 0) {
    RETURN_IF_ERROR(WriteFileAtomically(path, bytes));
    const int64_t samples = std::min<int64_t>(kLatencySamples, test->size());
    std::vector<float> queries(static_cast<size_t>(samples) * sample.size());
    for (int64_t i = 0; i < samples; ++i) test->Read(i, &queries[static_cast<size_t>(i) * sample.size()]);
    const auto query = [&](int64_t i) -> std::span<const float> {
      return std::span(queries).subspan(static_cast<size_t>(i % samples) * sample.size(), sample.size());
    };
    const Latency latency = MeasureLatency(kLatencyQueries, [&](int64_t i) { edge->Run(query(i)); });
    const std::map<std::string, LayerTime> times =
        TimesOfLayers(edge->steps(), MeasureSteps(*edge, kTimedQueries, query));
    RETURN_IF_ERROR(detail->Write(options.run_folder, step, text, file, *test, times));
    int64_t nonzeros = 0, elements = 0;
    for (const StoredTensor& tensor : file.tensors) {
      nonzeros += tensor.nonzeros;
      elements += ElementCount(tensor.shape);
    }
    const auto file_bytes = static_cast<double>(bytes.size());
    const double accuracy = sums[2] > 0 ? sums[1] / sums[2] : 0;
    if (original_bytes == 0) {
      original_bytes = file_bytes;
      original_accuracy = accuracy;
    }
    const double loss_mean = sums[2] > 0 ? sums[0] / sums[2] : 0;
    const RecipeListener::Figures figures = {
        {"test_loss", loss_mean},
        {"test_accuracy", accuracy},
        {"accuracy_lost", original_accuracy - accuracy},
        {"file_bytes", file_bytes},
        {"ratio", original_bytes / file_bytes},
        {"parameters", static_cast<double>(elements)},
        {"nonzeros", static_cast<double>(nonzeros)},
        {"macs", static_cast<double>(edge->macs())},
        {"memory_bytes", static_cast<double>(edge->weight_bytes() + edge->activation_bytes())},
        {"latency_p50_seconds", latency.p50_seconds},
        {"latency_p90_seconds", latency.p90_seconds},
        {"latency_p99_seconds", latency.p99_seconds}};
    recorder.AddEvaluation(step, Seconds(), series.Of(figures));
    steps_told.push_back({.step = step, .text = text, .figures = figures});
    listener.recipe_step(step, text, figures);
  } else {
    recorder.AddEvaluation(step, Seconds(), series.Nothing());
  }
  RETURN_IF_ERROR(everyone->Barrier(Deadline::After(kRecipeDeadlineSeconds)));
  Tell("compute");
  return absl::OkStatus();
}

absl::StatusOr<StepLoopResult> RecipeLoop::Impl::Run(Transport& transport, std::stop_token stop) {
  std::vector<int> ranks(static_cast<size_t>(options.world_size));
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<int>(i);
  everyone = std::make_unique<Communicator>(transport, ranks, kRecipeChannel);
  const std::stop_callback abort(
      stop, [&transport] { transport.Abort(absl::CancelledError("the run was ended")); });
  began = Clock::Real().SteadySeconds();
  bool goes_on = true;
  if (!is_trained) {
    if (options.spec.training.epochs > 0) {
      ASSIGN_OR_RETURN(goes_on, Train(transport, options.spec.training.epochs, 1, stop));
    }
    if (!goes_on) return Finish(true);
    trained = model;
    RETURN_IF_ERROR(Judge("the model as it was trained", false, stop));
    RETURN_IF_ERROR(Keep(stop));
  } else {
    for (const RecipeState::Told& each : steps_told) listener.recipe_step(each.step, each.text, each.figures);
    Tell("compute");
  }
  while (next < recipe.size()) {
    const size_t i = next;
    for (int round = 0; round < recipe[i]->rounds(); ++round) {
      RETURN_IF_ERROR(Compress(i, round));
      if (recipe[i]->retrain_epochs() == 0) continue;
      ASSIGN_OR_RETURN(goes_on, Train(transport, recipe[i]->retrain_epochs() / recipe[i]->rounds(),
                                      recipe[i]->retrain_learning_rate_factor(), stop));
      if (!goes_on) break;
    }
    RETURN_IF_ERROR(FinishStep(i));
    if (!goes_on) return Finish(true);
    RETURN_IF_ERROR(Judge(TextOf(options.spec.recipe[i]), recipe[i]->scans_sensitivity(), stop));
    ++next;
    if (next < recipe.size()) RETURN_IF_ERROR(Keep(stop));  // behind the last there is nothing to go on with
  }
  return Finish(false);
}

absl::Status RecipeLoop::Impl::Keep(std::stop_token stop) {
  if (step == 0) return absl::OkStatus();  // to go on from nothing is to begin anew
  Tell("checkpoint");
  const RecipeState state{.next = static_cast<int64_t>(next),
                          .step = step,
                          .seconds = Seconds(),
                          .epochs = epochs,
                          .spec_json = options.spec.json,
                          .original_bytes = original_bytes,
                          .original_accuracy = original_accuracy,
                          .model = model,
                          .first = first,
                          .trained = trained,
                          .before = before,
                          .detail = detail->Remembered(),
                          .told = steps_told};
  // From elsewhere the files of this step come with it: the next attempt writes only those that follow.
  if (options.rank == 0 && listener.steps.carry)
    for (const std::string& name : {StepDetailFileName(state.detail.next - 1), std::string("model.edge")})
      RETURN_IF_ERROR(listener.steps.carry(options.run_folder + "/" + name));
  ASSIGN_OR_RETURN(const KeptState kept, KeepRecipeState(state,
                                                         {.disk = options.disk,
                                                          .run_folder = options.run_folder,
                                                          .rank = options.rank,
                                                          .ranks = options.world_size,
                                                          .carry = listener.steps.carry,
                                                          .keep_metrics = listener.steps.keep_metrics,
                                                          .went_on = [this] { Tell("checkpoint"); }},
                                                         *everyone, stop));
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
    result.parameters_path = options.run_folder + "/parameters.safetensors";
    RETURN_IF_ERROR(
        WriteSafetensors(*options.disk, result.parameters_path, tensors,
                         {{"dataset", options.spec.dataset.json().dump()}, {"step", std::to_string(step)}})
            .status());
  }
  Tell("finished");
  return result;
}

RecipeLoop::RecipeLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecipeLoop::~RecipeLoop() = default;
int64_t RecipeLoop::parameter_count() const { return impl_->first_parameters; }
int64_t RecipeLoop::total_steps() const { return impl_->total_steps; }

absl::StatusOr<std::unique_ptr<RecipeLoop>> RecipeLoop::Create(StepLoopOptions options,
                                                               StepRecorder& recorder, ControlQueue& controls,
                                                               RecipeListener listener) {
  auto impl = std::make_unique<Impl>(std::move(options), recorder, controls, std::move(listener));
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<RecipeLoop>(new RecipeLoop(std::move(impl)));
}

absl::StatusOr<StepLoopResult> RecipeLoop::Run(Transport& transport, std::stop_token stop) {
  return impl_->Run(transport, stop);
}

}  // namespace concertina
