// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_prepare.cc: what a rank makes before its first step: data, model, optimiser, exchange (see
// step_loop.h).
#include <cmath>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/elastic.h"
#include "core/gradient/chain.h"
#include "core/gradient/momentum_average.h"
#include "core/nn/held_optimizer.h"
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {

absl::Status StepLoop::Impl::Prepare() {
  const Registry& registry = Registry::Global();
  const Spec& spec = options.spec;
  ASSIGN_OR_RETURN(mesh, Mesh::Create(static_cast<int>(spec.mesh_data), static_cast<int>(spec.mesh_pipeline),
                                      static_cast<int>(spec.mesh_tensor)));
  ASSIGN_OR_RETURN(exchange, registry.Create<Exchange>("exchange", spec.exchange));
  const int servers = exchange->servers() * model_ranks();
  if (mesh->size() + servers != options.world_size)
    return absl::InvalidArgumentError(
        fmt::format("/workers: {} workers cannot fill a mesh of {} and {} servers", options.world_size,
                    mesh->size(), servers));

  ASSIGN_OR_RETURN(const std::unique_ptr<Dataset> dataset, registry.Create<Dataset>("dataset", spec.dataset));
  ASSIGN_OR_RETURN(const DatasetInfo info, dataset->Probe(options.datasets_folder));
  ASSIGN_OR_RETURN(train, dataset->OpenTrain(options.datasets_folder));
  ASSIGN_OR_RETURN(test, dataset->OpenTest(options.datasets_folder));
  ASSIGN_OR_RETURN(std::unique_ptr<Partition> partition,
                   registry.Create<Partition>("partition", spec.partition));
  if (const std::optional<Rounds> rounds = exchange->rounds()) {
    ASSIGN_OR_RETURN(client_shards, partition->Shards(train->labels(), rounds->clients, spec.seed));
    total_steps = TotalRounds(spec.training, rounds->count);
  } else {
    ASSIGN_OR_RETURN(loader, Loader::Create(train, std::move(partition),
                                            {.batch_size = spec.training.batch_size,
                                             .worker = is_server() ? 0 : mesh->CoordinatesOf(options.rank)[0],
                                             .workers = spec.mesh_data,
                                             .seed = spec.seed}));
    if (loader->steps_per_epoch() < 1)
      return absl::InvalidArgumentError(fmt::format(
          "/training/batch_size: a worker has {} samples, too few for one batch of {}; take a smaller batch "
          "or fewer workers",
          loader->samples_per_epoch(), spec.training.batch_size));
    steps_per_epoch = loader->steps_per_epoch();
    total_steps = TotalSteps(spec.training, steps_per_epoch);
  }
  regroups = RecoveryOf(spec) == Recovery::kRegroups;
  group_factor = LearningRateScale(spec);
  evaluate_every = static_cast<int64_t>(
      std::llround(spec.training.evaluate_every_epochs * static_cast<double>(steps_per_epoch)));
  if (is_server()) {  // it had to know how many steps there are, and no more
    loader.reset();
    train.reset();
    test.reset();
  }

  RETURN_IF_ERROR(PrepareModel(info));
  ASSIGN_OR_RETURN(schedule, registry.Create<Schedule>("schedule", spec.schedule));
  RETURN_IF_ERROR(PrepareOptimizer());
  ASSIGN_OR_RETURN(turns, KnobTurns::Create(spec));
  return options.group_state ? RestoreFromMemory() : Restore();
}

absl::Status StepLoop::Impl::PrepareOptimizer() {
  ASSIGN_OR_RETURN(auto made, Registry::Global().Create<Optimizer>("optimizer", options.spec.optimizer));
  optimizer = HoldCompressed(std::move(made), layout);
  if (!is_server())
    updates = exchange->Updates(layout, executor->gradient_order(), mesh->CoordinatesOf(options.rank)[0],
                                mesh->length(MeshAxis::kData));
  optimizer->Prepare(SlotsWithin(layout, updates));
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::PrepareExchange() {
  ExchangeContext context;
  context.data = data_axis.get();
  context.layout = &layout;
  context.gradient_order = &executor->gradient_order();
  context.parameters = executor->parameters();
  context.gradients = executor->gradients();
  context.buffers = executor->buffers();
  const ChainPlace place{.run_seed = options.spec.seed, .rank = data_axis->rank()};
  if (!IsEmptyChain(options.spec.gradient))
    context.make_codec =
        [this, place, momentum = optimizer->averaged_momentum()]() -> absl::StatusOr<std::unique_ptr<Codec>> {
      ASSIGN_OR_RETURN(auto codec, MakeChain(options.spec.gradient, place));
      if (!momentum) return codec;
      return AverageMomentum(std::move(codec), momentum->beta, momentum->first);
    };
  for (size_t i = 0; i < options.spec.layer_gradients.size(); ++i) {
    ExchangeContext::MakeCodec& own = context.layer_codecs.emplace_back();
    if (!IsEmptyChain(options.spec.layer_gradients[i].gradient))
      own = [this, i, place] { return MakeChain(options.spec.layer_gradients[i].gradient, place); };
  }
  context.make_optimizer = [this]() -> absl::StatusOr<std::unique_ptr<Optimizer>> {
    ASSIGN_OR_RETURN(auto made, Registry::Global().Create<Optimizer>("optimizer", options.spec.optimizer));
    return HoldCompressed(std::move(made), layout);
  };
  context.learning_rate = [this](int64_t at) { return LearningRate(at); };
  context.total_steps = total_steps;
  context.recorder = &recorder;
  context.spans = &spans;
  // One rank of the data axis speaks for the layers that it has: residuals differ from rank to rank, but not
  // in their kind, and a mean of ages or directions would be nobody's.
  const auto [copy, stage, part] = mesh->CoordinatesOf(is_server() ? 0 : options.rank);
  if (context.make_codec && !is_server() && copy == 0 && part == 0) {
    layers.emplace(executor->parameter_slots());
    layer_series.emplace(*layers, recorder);
    context.layers = &*layers;
  }
  context.seed = options.spec.seed;
  context.measure_every_steps = &options.spec.training.measure_every_steps;
  PrepareArrivals(context);
  context.may_overlap = !is_server() && model_ranks() == 1;
  if (tensor->size() > 1 && !is_server() && (context.has_codec() || !exchange->lockstep()))
    replicas.emplace(executor->parameter_slots());
  context.deadline_seconds = kCollectiveDeadlineSeconds;
  context.scratch_folder = options.run_folder;
  RETURN_IF_ERROR(exchange->Prepare(context));
  if (arrivals && !arrivals->names().empty()) arrival_series.emplace(*arrivals, recorder);
  if (exchange->serves_in_waits()) serving->SetServe([this] { return exchange->Serve(); });
  executor->SetParameterSource(exchange->parameter_source());
  executor->SetSpans(&spans);
  return exchange_state.empty() ? absl::OkStatus() : exchange->LoadState(exchange_state);
}

}  // namespace concertina
