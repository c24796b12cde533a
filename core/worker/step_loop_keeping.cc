// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_keeping.cc: going on from a checkpoint, and what is kept in the end (see step_loop.h).
// On the way of the data: worker/checkpoint.h -> here; worker/step_loop.cc -> here ->
// worker/parameters_file.h.
#include <sys/resource.h>

#include <algorithm>

#include "core/base/registry.h"
#include "core/edge/sha256.h"
#include "core/worker/parameters_file.h"
#include "core/worker/step_loop_impl.h"
#include "core/worker/whole_model.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Of one kind, and alike but for what may be changed while a run goes on: what one remembers is of use to the
// other.
bool AlikeButLive(const char* category, const Params& a, const Params& b) {
  const Descriptor* descriptor = Registry::Global().Find(category, b.kind());
  if (a.kind() != b.kind() || descriptor == nullptr) return false;
  Json before = a.json(), after = b.json();
  for (const ParamSpec& param : descriptor->params)
    if (param.live)
      for (Json* json : {&before, &after}) json->erase(param.name);
  return before == after;
}

// What a fork may take over from the checkpoint of the run that it was forked from.
struct ForkedState {
  bool of_optimizer = false, of_exchange = false;
};
ForkedState StateFits(const std::string& saved_json, const Spec& spec) {
  const SpecCheck saved = CheckSpec(saved_json);
  if (!saved.faults.empty()) return {};
  const auto layers = [](const Spec& of) {
    return Json::parse(of.json, nullptr, false).value("layer_gradients", Json());
  };
  const bool same_codecs = std::equal(
      saved.spec.gradient.begin(), saved.spec.gradient.end(), spec.gradient.begin(), spec.gradient.end(),
      [](const Params& one, const Params& other) { return AlikeButLive("gradient-codec", one, other); });
  return {.of_optimizer = saved.spec.optimizer.kind() == spec.optimizer.kind(),
          .of_exchange = same_codecs && AlikeButLive("exchange", saved.spec.exchange, spec.exchange) &&
                         AlikeButLive("pipeline-schedule", saved.spec.pipeline, spec.pipeline) &&
                         layers(saved.spec) == layers(spec)};
}

}  // namespace

absl::Status StepLoop::Impl::Restore() {
  if (options.checkpoint.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Checkpoint saved, ReadCheckpoint(*options.disk, options.checkpoint, options.rank));
  const auto fits = [](const std::vector<float>& from, std::span<const float> to) {
    return from.size() == to.size();
  };
  if (saved.world_size != options.world_size ||
      saved.parameters.size() != static_cast<size_t>(TotalOf(keeps)) ||
      !fits(saved.buffers, executor->buffers()) ||
      (!options.is_fork && !fits(saved.optimizer, optimizer->state())))
    return absl::FailedPreconditionError(
        fmt::format("{}: was written by another experiment (model, optimiser or number of workers differ)",
                    options.checkpoint));
  const ForkedState fitting =
      options.is_fork ? StateFits(saved.spec_json, options.spec) : ForkedState{true, true};
  TakeState(saved, fitting.of_optimizer && fits(saved.optimizer, optimizer->state()));
  GoOnFrom(saved.step, saved.epochs);
  seconds_before = saved.seconds;
  if (!fitting.of_exchange) return absl::OkStatus();
  std::span<const uint8_t> of_codecs = saved.exchange;
  if (pipeline != nullptr) RETURN_IF_ERROR(Annotate(pipeline->TakeCodecs(of_codecs), options.checkpoint));
  exchange_state.assign(of_codecs.begin(), of_codecs.end());
  if (options.is_fork) return absl::OkStatus();  // its knobs are what its own spec says
  if (!saved.knobs.empty()) RETURN_IF_ERROR(Annotate(turns.LoadState(saved.knobs), options.checkpoint));
  if (!saved.spec_json.empty()) {  // knobs that had been turned
    SpecCheck check = CheckSpec(saved.spec_json);
    if (!check.faults.empty()) return Annotate(FaultsToStatus(check.faults), options.checkpoint);
    options.spec = std::move(check.spec);
    RETURN_IF_ERROR(optimizer->Change(options.spec.optimizer));
    if (pipeline != nullptr)
      RETURN_IF_ERROR(pipeline->ChangeCodec(options.spec.pipeline.Component("activations")));
    RETURN_IF_ERROR(tensor->ChangeCodec(options.spec.tensor_activations));
    RETURN_IF_ERROR(turns.Change(options.spec));
    // The exchange is prepared after this: made anew, it begins with the knobs as they stand.
    ASSIGN_OR_RETURN(exchange, Registry::Global().Create<Exchange>("exchange", options.spec.exchange));
  }
  return absl::OkStatus();
}

void StepLoop::Impl::TakeState(const Checkpoint& saved, bool with_optimizer) {
  auto from = saved.parameters.begin();
  for (const ParameterRange& range : keeps) {
    std::copy_n(from, range.count, executor->parameters().begin() + range.offset);
    from += range.count;
  }
  std::copy(saved.buffers.begin(), saved.buffers.end(), executor->buffers().begin());
  if (with_optimizer) std::copy(saved.optimizer.begin(), saved.optimizer.end(), optimizer->state().begin());
}
uint64_t StepLoop::Impl::PeakMemoryBytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

absl::StatusOr<StepLoop::Impl::Kept> StepLoop::Impl::KeepShared() {
  Kept kept;
  Sha256 digest;
  for (size_t i = 0; i < whole_parameters.size(); ++i) {
    const int index = static_cast<int>(i);
    RETURN_IF_ERROR(exchange->parameter_source()->Fetch(std::span(&index, 1), {}));
    const std::span<const float> values = executor->parameters().subspan(
        static_cast<size_t>(whole_parameters[i].offset), static_cast<size_t>(whole_parameters[i].count));
    digest.Add(std::as_bytes(values));
    if (options.rank == 0)
      kept.gathered_parameters.insert(kept.gathered_parameters.end(), values.begin(), values.end());
  }
  kept.parameters = kept.gathered_parameters;
  kept.buffers = executor->buffers();
  kept.sha256 = digest.Hex();
  return kept;
}

absl::StatusOr<StepLoop::Impl::Kept> StepLoop::Impl::KeepWhole() {
  ParameterSource* const source = exchange->parameter_source();
  if (source != nullptr && model_ranks() == 1) return KeepShared();
  if (source != nullptr) {
    std::vector<int> all(executor->parameter_slots().size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    RETURN_IF_ERROR(source->Fetch(all, {}));
  }
  Kept kept;
  const auto digest = [](std::span<const float> values) { return Sha256Hex(std::as_bytes(values)); };
  if (model_ranks() == 1) {
    kept.parameters = executor->parameters();
    kept.buffers = executor->buffers();
    kept.sha256 = digest(kept.parameters);
    return kept;
  }
  const Deadline deadline = Deadline::After(kCollectiveDeadlineSeconds);
  const bool sends_whole = tensor->rank() == 0;
  RETURN_IF_ERROR(GatherWhole(*holders, whole_parameters,
                              {&executor->parameter_slots(), executor->parameters(), sends_whole}, deadline,
                              kept.gathered_parameters));
  RETURN_IF_ERROR(GatherWhole(*holders, whole_buffers,
                              {&executor->buffer_slots(), executor->buffers(), sends_whole}, deadline,
                              kept.gathered_buffers));
  kept.parameters = kept.gathered_parameters;
  kept.buffers = kept.gathered_buffers;
  kept.sha256 = digest(kept.parameters);  // on the first of them; the others' is as long
  RETURN_IF_ERROR(holders->Broadcast(std::as_writable_bytes(std::span(kept.sha256)), 0, deadline));
  return kept;
}

absl::StatusOr<StepLoopResult> StepLoop::Impl::Finish() {
  StepLoopResult result;
  result.stopped = stop_asked && step < total_steps;
  // A stopped run can go on later, exactly where it was.
  if (result.stopped && keeps_checkpoints()) RETURN_IF_ERROR(BeginCheckpoint());
  RETURN_IF_ERROR(SettleCheckpoint());
  RETURN_IF_ERROR(exchange->Settle());
  if (evaluated_at != step) RETURN_IF_ERROR(Evaluate());
  result.step = step;
  result.peak_memory_bytes = PeakMemoryBytes();
  ASSIGN_OR_RETURN(const Kept kept, KeepWhole());
  result.parameters_sha256 = kept.sha256;
  if (options.rank == 0) RETURN_IF_ERROR(KeepParameters(kept, result));
  Tell("finished");
  return result;
}

absl::Status StepLoop::Impl::KeepParameters(const Kept& kept, StepLoopResult& result) {
  std::vector<NamedTensor> tensors;
  const auto add = [&](const std::vector<ParameterSlot>& slots, std::span<const float> values) {
    for (const ParameterSlot& slot : slots)
      tensors.push_back({slot.name, slot.shape,
                         values.subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count))});
  };
  add(whole_parameters, kept.parameters);
  add(whole_buffers, kept.buffers);
  if (options.model != nullptr) {  // the recipe goes on with them, and writes a file at its end
    for (const NamedTensor& tensor : tensors)
      result.trained.push_back(
          {tensor.name, tensor.shape, std::vector<float>(tensor.values.begin(), tensor.values.end())});
    return absl::OkStatus();
  }
  return KeepParametersFile(RoomWaitOfNow(), *options.disk, options.run_folder, tensors,
                            {{"model", options.spec.model.json().dump()},
                             {"dataset", options.spec.dataset.json().dump()},
                             {"step", std::to_string(step)}},
                            result);
}

}  // namespace concertina
