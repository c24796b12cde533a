// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_json.cc: a plan as the desktop and `plan --json` have it (see plan_impl.h).
#include <algorithm>

#include "core/comm/link_shaper.h"
#include "core/compress/integer_steps.h"
#include "core/experiment/checkpoint_interval.h"
#include "core/experiment/pair_link.h"
#include "core/experiment/plan_impl.h"
#include "core/experiment/plan_stages.h"
#include "core/experiment/transport_choice.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using OrderedJson = nlohmann::ordered_json;

}  // namespace

std::string PlanJson(const Spec& spec, const Mesh& mesh, const Plan& plan) {
  OrderedJson layers = OrderedJson::array();
  for (const LayerPlan& layer : plan.layers)
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"output", layer.output},
                      {"parameters", layer.parameters},
                      {"forward_flops", layer.forward_flops},
                      {"split", layer.split},
                      {"stage", layer.stage},
                      {"inputs", layer.inputs}});
  OrderedJson flows = OrderedJson::array();
  for (const Flow& flow : plan.pattern.flows) {
    const LinkShape link = PairLink(spec, flow.from, flow.to);
    flows.push_back({{"from", flow.from},
                     {"to", flow.to},
                     {"bytes", flow.bytes},
                     {"messages", flow.messages},
                     {"bandwidth_mbit", link.bandwidth_mbit},
                     {"latency_ms", link.latency_ms},
                     {"mean_delay_ms", MeanDelayMs(link)}});
  }
  OrderedJson workers = OrderedJson::array();
  int rank = 0;
  for (const WorkerGroup& group : spec.workers)
    for (int64_t i = 0; i < group.count; ++i, ++rank) {
      OrderedJson worker = {{"rank", rank},
                            {"launcher", group.launcher.kind()},
                            {"role", rank < mesh.size() ? "worker" : "server"}};
      if (rank < mesh.size()) {  // servers stand behind the mesh
        const auto axis = mesh.CoordinatesOf(rank);
        worker["axis"] = {{"data", axis[0]}, {"pipeline", axis[1]}, {"tensor", axis[2]}};
      } else {
        worker["axis"] = OrderedJson::object();
      }
      workers.push_back(std::move(worker));
    }
  OrderedJson json = {{"dataset",
                       {{"sample", plan.dataset.sample},
                        {"classes", plan.dataset.classes},
                        {"class_names", plan.dataset.class_names},
                        {"train_samples", plan.dataset.train_samples},
                        {"test_samples", plan.dataset.test_samples}}},
                      {"parameters", plan.parameters},
                      {"training_flops_per_sample", plan.training_flops_per_sample},
                      {"world_size", plan.world_size},
                      {"global_batch_size", plan.global_batch_size},
                      {"clients", plan.clients},
                      {"steps_per_epoch", plan.steps_per_epoch},
                      {"total_steps", plan.total_steps},
                      {"payload_bytes_per_step_and_rank", plan.payload_bytes_per_step_and_rank},
                      {"messages_per_step_and_rank", plan.messages_per_step_and_rank},
                      {"dense_bytes_per_step", plan.dense_bytes_per_step},
                      {"transport", TransportOf(spec)},
                      {"pattern", {{"rounds", plan.pattern.rounds}, {"flows", std::move(flows)}}},
                      {"memory_bytes_per_worker", plan.memory_bytes_per_worker},
                      {"checkpoint", CheckpointJson({.bytes = plan.checkpoint_bytes,
                                                     .worker_mtbf_hours = spec.training.worker_mtbf_hours,
                                                     .workers = static_cast<double>(plan.world_size)})},
                      {"class_histogram", plan.class_histogram},
                      {"layers", std::move(layers)},
                      {"workers", std::move(workers)},
                      {"warnings", plan.warnings},
                      {"recovery", {{"kind", plan.recovery}, {"text", plan.recovery_text}}}};
  if (std::any_of(spec.recipe.begin(), spec.recipe.end(),
                  [](const Params& step) { return GivesIntegerProducts(step.kind()); }))
    json["integer_products"] = IntegerProductsJson();
  if (spec.mesh_pipeline > 1) json["pipeline"] = PipelineJson(plan.pipeline);
  if (spec.mesh_tensor > 1)
    json["tensor"] = {{"ranks", spec.mesh_tensor},
                      {"codec", spec.tensor_activations.kind()},
                      {"bytes_per_step", plan.tensor.bytes_per_step},
                      {"dense_bytes_per_step", plan.tensor.dense_bytes_per_step},
                      {"messages_per_step", plan.tensor.messages_per_step}};
  // Names of classes come from files, and need not be text.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace concertina
