// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_model.cc: which part of the model this rank has, and who runs it (see step_loop.h).
// On the way of the data: nn/model.h -> here (graph/split_tensor.h, graph/cut.h) -> graph/executor.h.
#include <array>

#include "core/base/registry.h"
#include "core/graph/split_tensor.h"
#include "core/worker/step_loop_impl.h"

namespace concertina {

absl::Status StepLoop::Impl::PrepareModel(const DatasetInfo& info) {
  const Registry& registry = Registry::Global();
  const Spec& spec = options.spec;
  ASSIGN_OR_RETURN(model, registry.Create<Model>("model", spec.model));
  ASSIGN_OR_RETURN(const Graph whole, model->Build(info.sample, info.classes));
  whole_parameters = SlotsOf(whole, whole.parameters());
  whole_buffers = SlotsOf(whole, whole.buffers());
  // A rank that only serves has the whole: for the layout, and the first values.
  const auto [copy, stage, part_rank] = is_server() ? std::array{0, 0, 0} : mesh->CoordinatesOf(options.rank);
  tensor = std::make_unique<TensorGroup>(part_rank, mesh->length(MeshAxis::kTensor));
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
    Initialize(*part, spec.seed, executor->parameters(), executor->buffers());
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
  size_t parameter = 0, buffer = 0;
  for (const Graph& piece : own) {
    const auto parameters = static_cast<size_t>(piece.parameter_count());
    const auto buffers = static_cast<size_t>(TotalOf(SlotsOf(piece, piece.buffers())));
    Initialize(piece, spec.seed, executor->parameters().subspan(parameter, parameters),
               executor->buffers().subspan(buffer, buffers));
    parameter += parameters;
    buffer += buffers;
  }
  pipeline_series.emplace(recorder);
  expected_bubble = pipeline_schedule->ExpectedBubble(stages, micro_batches);
  return absl::OkStatus();
}

}  // namespace concertina
