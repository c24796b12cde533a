// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_warnings.cc: what is allowed, and will surprise (see plan_impl.h).
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "core/experiment/fault_injection.h"
#include "core/experiment/plan_impl.h"
#include "core/experiment/transport_choice.h"
#include "core/gradient/chain.h"
#include "core/tensor/batch_lanes.h"
#include "fmt/format.h"

namespace concertina {

namespace {

// What carries the tensors is a library of others.
void AddLibraryWarnings(const Spec& spec, const std::string& transport, Plan& plan) {
  const bool is_here = std::all_of(spec.workers.begin(), spec.workers.end(), [](const WorkerGroup& group) {
    return IsOfThisHost(group.launcher.kind());
  });
  const char* const name = transport == "mpi" ? "MPI" : "Gloo";
  if (!is_here)
    plan.warnings.push_back(
        fmt::format("{} sends gradients and parameters unencrypted, and lets in whoever reaches its ports: "
                    "between machines it is for a network that you trust; grpc encrypts",
                    name));
  plan.warnings.push_back(fmt::format(
      "bytes are counted where they are handed to {}; what it adds to them on its way is not known", name));
  if (transport == "mpi" && is_here)
    plan.warnings.push_back(
        "mpirun ends all workers when one of them dies: a loss that the exchange would survive ends the run; "
        "while it runs, its own port is open to the network of this machine, which should be one that you "
        "trust");
}

}  // namespace

void AddWarnings(const Spec& spec, const Graph& graph, Plan& plan) {
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  int64_t local = 0;
  for (const WorkerGroup& group : spec.workers)
    if (IsOfThisHost(group.launcher.kind())) local += group.count;
  if (local * spec.training.threads_per_worker > cores)
    plan.warnings.push_back(
        fmt::format("{} workers of {} {} share the {} cores of this machine: they work one after the other, "
                    "and their times say little about a cluster",
                    local, spec.training.threads_per_worker,
                    spec.training.threads_per_worker == 1 ? "thread" : "threads", cores));
  const double sums_more = std::max(0.0, plan.tensor.bytes_per_step - plan.tensor.dense_bytes_per_step);
  if (spec.has_tensor_codec() && sums_more > 0)
    plan.warnings.push_back(
        fmt::format("payloads of {} do not sum and are gathered: on a tensor axis of {} this sends more "
                    "({:.3g} MB a step and worker) than no codec would ({:.3g} MB)",
                    spec.tensor_activations.kind(), spec.mesh_tensor, plan.tensor.bytes_per_step * 1e-6,
                    plan.tensor.dense_bytes_per_step * 1e-6));
  if (plan.payload_bytes_per_step_and_rank - sums_more > plan.dense_bytes_per_step &&
      plan.dense_bytes_per_step > 0)
    plan.warnings.push_back(fmt::format(
        "payloads that do not sum are gathered: with {} workers this sends more ({:.3g} MB a step and "
        "worker) than no compression would ({:.3g} MB)",
        spec.mesh_data, plan.payload_bytes_per_step_and_rank * 1e-6, plan.dense_bytes_per_step * 1e-6));
  if (plan.clients == 0 && spec.mesh_data == 1 && spec.has_codec())
    plan.warnings.push_back(
        fmt::format("one copy of the model exchanges no gradient, so {} saves nothing; its loss of accuracy "
                    "can be seen all "
                    "the same",
                    IsEmptyChain(spec.gradient) ? "/layer_gradients" : ChainText(spec.gradient)));
  const double memory = static_cast<double>(local) * plan.memory_bytes_per_worker;
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (memory > 0.8 * machine)
    plan.warnings.push_back(
        fmt::format("the workers here need about {:.3g} GB, and this machine has {:.3g} GB", memory * 1e-9,
                    machine * 1e-9));
  const auto codec_momentum = MomentumPointer(spec.gradient);
  for (const char* momentum : {"momentum", "beta1"})
    if (codec_momentum && spec.optimizer.Has(momentum) && spec.optimizer.Number(momentum) > 0)
      plan.warnings.push_back(
          fmt::format("momentum acts twice: in {}, and in the optimiser after it; set /optimizer/{} to 0",
                      *codec_momentum, momentum));
  if (const auto momentum = AveragedMomentumOf(spec);
      momentum && plan.total_steps > 0 && momentum->first >= plan.total_steps)
    plan.warnings.push_back(
        fmt::format("the run ends within the warm-up of {} steps, and nothing is compressed: take a smaller "
                    "/optimizer/warm_up_steps than {}",
                    momentum->first, plan.total_steps));
  if (plan.dataset.test_samples == 0)
    plan.warnings.push_back("the dataset has no test samples: there will be no test accuracy");
  if (spec.training.max_steps > 0 && plan.total_steps < plan.steps_per_epoch)
    plan.warnings.push_back(fmt::format("the run ends after {} of the {} steps of its first epoch",
                                        plan.total_steps, plan.steps_per_epoch));
  const bool batch_norm = std::any_of(graph.nodes().begin(), graph.nodes().end(),
                                      [](const Node& node) { return node.kind == OpKind::kBatchNorm; });
  const int64_t micro_batches = plan.pipeline.micro_batches;
  if (batch_norm && micro_batches > 1)
    plan.warnings.push_back(fmt::format(
        "batch norm takes the statistics of each micro-batch of {} samples: {} micro-batches do not "
        "give quite the parameters of one worker with the whole batch",
        spec.training.batch_size / micro_batches, micro_batches));
  if (const int64_t samples = spec.training.batch_size / micro_batches;
      micro_batches > 1 && PaddedBatch(samples) > samples)
    plan.warnings.push_back(
        fmt::format("micro-batches of {} samples cost as much as of {}, in arithmetic and in bytes between "
                    "stages: take a "
                    "/training/batch_size of {}, or fewer /pipeline/micro_batches",
                    samples, PaddedBatch(samples), PaddedBatch(samples) * micro_batches));
  if (spec.training.resume_after_failure > 0 && spec.training.checkpoint_every_steps == 0 &&
      spec.recipe.empty())
    plan.warnings.push_back(
        "after a failure the run has nothing to go on from: set /training/checkpoint_every_steps");
  for (const FaultAct& act : DrawFaults(spec))
    if (act.at_seconds < 0 && plan.total_steps > 0 && act.at_step >= plan.total_steps)
      plan.warnings.push_back(fmt::format("/faults/{} comes at step {}, and the run ends after {}", act.entry,
                                          act.at_step, plan.total_steps));
  if (const std::string transport = TransportOf(spec); transport == "mpi" || transport == "gloo")
    AddLibraryWarnings(spec, transport, plan);
  if (plan.pipeline.slowest_stage > 1.5)
    plan.warnings.push_back(fmt::format(
        "the slowest of the {} stages has {:.1f} times the arithmetic of the mean: the others wait "
        "for it",
        plan.pipeline.stages, plan.pipeline.slowest_stage));
  if (batch_norm && plan.clients > 0)
    plan.warnings.push_back(
        "batch norm: a client's last, smaller batch is filled up with its own samples over again for the "
        "statistics, and the clients' running statistics are averaged by their samples");
  else if (batch_norm && spec.mesh_data > 1)
    plan.warnings.push_back(
        "batch norm uses each worker's own batch: several workers do not give quite the parameters of "
        "one worker with the same global batch");
}

// A codec that errs to one side, as all that choose or round do, takes training elsewhere unless somebody
// remembers the rest [Karimireddy et al. Error Feedback Fixes SignSGD. ICML 2019].
void AddForgettingWarnings(const Spec& spec, const Exchange& exchange, Plan& plan) {
  if (exchange.keeps_what_is_not_sent() || exchange.rounds()) return;
  const auto add = [&](std::span<const Params> chain, const std::string& where) {
    const std::optional<std::string> pointer = ForgettingPointer(chain);
    if (!pointer) return;
    const std::string field = where + pointer->substr(std::string_view("/gradient").size());
    plan.warnings.push_back(fmt::format(
        "what {} does not send of a gradient is lost for good, and it errs to one side: training may stay "
        "behind, or go nowhere; set {} to true, unless that is what you want to see",
        ChainText(chain), field));
  };
  add(spec.gradient, "/gradient");
  for (size_t i = 0; i < spec.layer_gradients.size(); ++i)
    add(spec.layer_gradients[i].gradient, fmt::format("/layer_gradients/{}/gradient", i));
}

}  // namespace concertina
