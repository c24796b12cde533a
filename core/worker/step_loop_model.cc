// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_model.cc: which part of the model this rank has, and who runs it (see step_loop.h).
// On the way of the data: nn/model.h -> here (graph/split_tensor.h, graph/cut.h) -> graph/executor.h.
#include <algorithm>
#include <array>

#include "core/base/registry.h"
#include "core/experiment/layer_chains.h"
#include "core/gradient/chain.h"
#include "core/graph/split_tensor.h"
#include "core/tensor/pages.h"
#include "core/worker/step_loop_impl.h"

namespace concertina {

void StepLoop::Impl::PrepareKeeping() {
  layout = WithChains(options.spec, executor->parameter_slots());
  keeps = is_server() ? std::vector<ParameterRange>{{0, TotalOf(layout)}}
                      : exchange->Keeps(layout, executor->gradient_order(),
                                        mesh->CoordinatesOf(options.rank)[0], mesh->length(MeshAxis::kData));
  // Before the first values come, which are given back layer by layer: of a huge page nothing is free before
  // all of it is.
  if (TotalOf(keeps) != TotalOf(layout)) KeepInSmallPages(executor->parameters());
}

// The first values of a graph whose parameters are those of the executor from `first` on. What this rank does
// not keep it forgets at once, so that it never has them all.
void StepLoop::Impl::InitializeFrom(const Graph& graph, size_t first, size_t first_buffer) {
  const std::vector<ParameterSlot>& slots = executor->parameter_slots();
  const std::vector<ParameterSlot>& buffers = executor->buffer_slots();
  const bool keeps_all = TotalOf(keeps) == TotalOf(slots);
  const auto offset_of = [](const std::vector<ParameterSlot>& of, size_t i) {
    return static_cast<size_t>(i < of.size() ? of[i].offset : TotalOf(of));
  };
  Initialize(graph, options.spec.seed, executor->parameters().subspan(offset_of(slots, first)),
             executor->buffers().subspan(offset_of(buffers, first_buffer)), [&](int index) {
               if (!keeps_all) Forget(slots[first + static_cast<size_t>(index)]);
             });
}

void StepLoop::Impl::Forget(const ParameterSlot& slot) {
  const auto give_back = [&](int64_t begin, int64_t end) {
    if (begin < end)
      GiveBackPages(
          executor->parameters().subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  };
  int64_t begin = slot.offset;
  const int64_t end = slot.offset + slot.count;
  for (const ParameterRange& range : keeps) {
    if (range.offset + range.count <= begin) continue;
    give_back(begin, std::min(range.offset, end));
    begin = std::min(range.offset + range.count, end);
  }
  give_back(begin, end);
}

absl::Status StepLoop::Impl::PrepareModel(const DatasetInfo& info) {
  const Registry& registry = Registry::Global();
  const Spec& spec = options.spec;
  Graph whole;
  if (options.model != nullptr) {
    whole = *options.model;
  } else {
    ASSIGN_OR_RETURN(model, registry.Create<Model>("model", spec.model));
    ASSIGN_OR_RETURN(whole, model->Build(info.sample, info.classes));
  }
  whole_parameters = SlotsOf(whole, whole.parameters());
  whole_buffers = SlotsOf(whole, whole.buffers());
  // A rank that only serves has its part too: for the layout, and the first values.
  const auto [copy, stage, part_rank] = mesh->CoordinatesOf(options.rank);
  tensor = std::make_unique<TensorGroup>(part_rank, mesh->length(MeshAxis::kTensor));
  if (spec.has_tensor_codec()) {
    const Params codec = spec.tensor_activations;
    if (const absl::Status fits = FitsTensorAxis(codec); !fits.ok())
      return Annotate(fits, "/tensor/activations");
    tensor->UseCodec([codec, place = ChainPlace{.run_seed = spec.seed, .rank = options.rank}] {
      return MakeChain({&codec, 1}, place);
    });
  }
  const absl::StatusOr<Graph> part = SplitTensor(whole, tensor->rank(), tensor->size());
  if (!part.ok()) return Annotate(part.status(), "/mesh/tensor");
  const ExecutorOptions executor_options{.batch_size = spec.training.batch_size,
                                         .threads = static_cast<int>(spec.training.threads_per_worker),
                                         .seed = spec.seed,
                                         .kernels_file = options.kernels_file,
                                         .tensor = tensor.get()};
  const int stages = mesh->length(MeshAxis::kPipeline);
  if (stages == 1) {
    ASSIGN_OR_RETURN(executor, Executor::Create(*part, executor_options));
    PrepareKeeping();
    InitializeFrom(*part, 0, 0);
    return absl::OkStatus();
  }

  const auto micro_batches = static_cast<int>(spec.pipeline.Integer("micro_batches"));
  ASSIGN_OR_RETURN(const auto pipeline_schedule,
                   registry.Create<PipelineSchedule>("pipeline-schedule", spec.pipeline));
  const std::string cuts = spec.pipeline.Text("cuts");
  const auto pieces = CutIntoPieces(*part, cuts, *pipeline_schedule, stages);
  if (!pieces.ok())
    return Annotate(pieces.status(), cuts == "balanced" ? "/mesh/pipeline" : "/pipeline/cuts");
  const std::vector<Graph> own = PiecesOfStage(*pieces, stage, stages);
  PipelineOptions pipeline_options{.executor = executor_options,
                                   .stage = stage,
                                   .stages = stages,
                                   .micro_batches = micro_batches,
                                   .recomputes = spec.pipeline.Boolean("recompute")};
  if (const Params codec = spec.pipeline.Component("activations"); codec.kind() != "none") {
    if (const absl::Status fits = FitsACut(codec); !fits.ok()) return Annotate(fits, "/pipeline/activations");
    pipeline_options.make_codec = [codec] {
      return Registry::Global().Create<Codec>("gradient-codec", codec);
    };
  }
  auto made = PipelineExecutor::Create(own, *pipeline_schedule, pipeline_options);
  if (!made.ok()) return Annotate(made.status(), "/pipeline");
  pipeline = made->get();
  executor = *std::move(made);
  PrepareKeeping();
  size_t parameter = 0, buffer = 0;
  for (const Graph& piece : own) {
    InitializeFrom(piece, parameter, buffer);
    parameter += piece.parameters().size();
    buffer += piece.buffers().size();
  }
  pipeline_series.emplace(recorder);
  expected_bubble = pipeline_schedule->ExpectedBubble(stages, micro_batches);
  stage_times.resize(static_cast<size_t>(stages));
  stage_sums.resize(2 + 2 * stage_times.size());
  return absl::OkStatus();
}

}  // namespace concertina
