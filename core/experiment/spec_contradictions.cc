// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_contradictions.cc: the sections of an experiment file against each other (see spec_impl.h).
#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/spec_impl.h"
#include "core/experiment/transport_choice.h"
#include "core/gradient/chain.h"
#include "core/gradient/integrator.h"
#include "core/nn/optimizer.h"
#include "core/parallel/cut_codec.h"
#include "core/parallel/pipeline_schedule.h"
#include "core/parallel/tensor_codec.h"
#include "fmt/format.h"

namespace concertina {

bool SpecReader::HasFaultsOf(std::string_view pointer) const {
  return std::any_of(faults_.begin(), faults_.end(),
                     [&](const Fault& fault) { return fault.pointer.starts_with(pointer); });
}

std::unique_ptr<Exchange> SpecReader::MakeExchange() const {
  if (HasFaultsOf("/exchange") || Registry::Global().Find("exchange", spec_.exchange.kind()) == nullptr)
    return nullptr;
  auto exchange = Registry::Global().Create<Exchange>("exchange", spec_.exchange);
  return exchange.ok() ? *std::move(exchange) : nullptr;
}

int64_t SpecReader::Servers() const {
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  return exchange == nullptr ? 0 : exchange->servers();
}

void SpecReader::CheckContradictions() {
  if (has_mesh_ && has_workers_) CheckMeshFits();
  if (has_workers_ && spec_.exchange.kind() == "single" && spec_.mesh_data > 1)
    faults_.push_back(MakeFault("/exchange/kind", "\"single\"",
                                fmt::format("an exchange between {} workers, or one worker", spec_.mesh_data),
                                "all-reduce"));
  CheckDifferences(spec_.gradient, "/gradient");
  CheckVote(spec_.gradient, "/gradient");
  for (size_t i = 0; i < spec_.layer_gradients.size(); ++i) {
    const std::string where = fmt::format("/layer_gradients/{}/gradient", i);
    CheckDifferences(spec_.layer_gradients[i].gradient, where);
    CheckVote(spec_.layer_gradients[i].gradient, where);
  }
  CheckAveragedMomentum();
  CheckCodedByLayer();
  if (has_mesh_) CheckRounds();
  if (has_mesh_) CheckPipeline();
  if (has_mesh_) CheckTensorCodec();
  if (has_workers_) CheckTransport();
}

// A data axis that the file leaves open takes all workers.
void SpecReader::CheckMeshFits() {
  const int64_t workers = spec_.worker_count();
  const int64_t others = spec_.mesh_pipeline * spec_.mesh_tensor;
  const int64_t servers = Servers() * others;  // each part of the model has its own
  if (!has_mesh_data_) spec_.mesh_data = std::max<int64_t>(1, (workers - servers) / others);
  const int64_t places = spec_.mesh_data * others;
  if (places + servers != workers) {
    const std::string and_servers = servers == 0 ? "" : fmt::format(", and {} to serve", servers);
    faults_.push_back(MakeFault(
        has_mesh_data_ && others == 1 ? "/mesh/data" : "/mesh",
        fmt::format("{} x {} x {} = {}{}", spec_.mesh_data, spec_.mesh_pipeline, spec_.mesh_tensor, places,
                    and_servers),
        fmt::format("{}, the workers of /workers: change one of them, or leave /mesh/data out", workers)));
  }
  OrderedJson mesh = {{"data", spec_.mesh_data}};  // stands first also where the file leaves it out
  mesh.update(filled_["mesh"]);
  filled_["mesh"] = std::move(mesh);
}

// What carries the tensors has to reach every worker, whoever starts it. An MPI world is started by one
// mpirun or srun; Gloo listens at ports that nobody knows before.
void SpecReader::CheckTransport() {
  const std::string& transport = spec_.network.transport;
  const auto refuse = [&](const std::string& expected) {
    faults_.push_back(MakeFault("/network/transport", fmt::format("\"{}\"", transport), expected, "auto"));
  };
  if (transport == "mpi" && spec_.workers.size() > 1)
    refuse(fmt::format("auto, or one entry of /workers: the {} there are would be as many MPI worlds",
                       spec_.workers.size()));
  for (size_t i = 0; i < spec_.workers.size(); ++i) {
    const std::string& launcher = spec_.workers[i].launcher.kind();
    if (transport == "in-process" && launcher != "in-process")
      refuse(fmt::format("auto: the launcher \"{}\" of /workers/{} starts other processes", launcher, i));
    if (transport == "shared-memory" && !IsOfThisHost(launcher))
      refuse(
          fmt::format("auto: the workers of the launcher \"{}\" of /workers/{} are elsewhere", launcher, i));
    if (transport == "mpi" && launcher != "local" && launcher != "slurm")
      refuse(fmt::format("auto: the launcher \"{}\" of /workers/{} starts no MPI world; local and slurm do",
                         launcher, i));
    if (transport == "gloo" && launcher == "kubernetes")
      refuse(
          fmt::format("auto: between the pods of the launcher \"kubernetes\" of /workers/{} only mutual TLS "
                      "is meant to pass",
                      i));
  }
}

void SpecReader::CheckPipeline() {
  if (spec_.mesh_pipeline == 1 || spec_.pipeline.kind().empty() || spec_.training.batch_size < 1 ||
      Registry::Global().Find("pipeline-schedule", spec_.pipeline.kind()) == nullptr ||
      HasFaultsOf("/pipeline") || HasFaultsOf("/training"))
    return;
  const int64_t batch = spec_.training.batch_size, micro_batches = spec_.pipeline.Integer("micro_batches");
  if (batch % micro_batches != 0) {
    int64_t below = std::min(micro_batches, batch), above = below;
    while (batch % below != 0) --below;
    while (batch % above != 0) ++above;
    const int64_t smaller = batch / micro_batches * micro_batches, larger = smaller + micro_batches;
    faults_.push_back(MakeFault(
        "/pipeline/micro_batches", std::to_string(micro_batches),
        fmt::format("a number that divides the batch: {}; or a /training/batch_size of {}",
                    above == below ? std::to_string(below) : fmt::format("{} or {}", below, above),
                    smaller == 0 ? std::to_string(larger) : fmt::format("{} or {}", smaller, larger))));
    return;
  }
  auto schedule = Registry::Global().Create<PipelineSchedule>("pipeline-schedule", spec_.pipeline);
  const absl::Status fits = !schedule.ok() ? schedule.status()
                                           : (*schedule)->Fits(static_cast<int>(spec_.mesh_pipeline),
                                                               static_cast<int>(micro_batches));
  if (!fits.ok())
    faults_.push_back(
        MakeFault("/pipeline/micro_batches", std::to_string(micro_batches), std::string(fits.message())));
  const Params codec = spec_.pipeline.Component("activations");
  CheckActivations("/pipeline", codec, FitsACut(codec));
}

void SpecReader::CheckActivations(const std::string& axis, const Params& codec, const absl::Status& fits) {
  if (fits.ok()) return;
  // The switch that makes it unfit; without one it always is.
  const bool is_asked_for = codec.json().value("error_feedback", false);
  const bool is_vote = !is_asked_for && codec.json().value("vote", false);
  const char* const field = is_asked_for ? "error_feedback" : is_vote ? "vote" : "kind";
  faults_.push_back(MakeFault(fmt::format("{}/activations/{}", axis, field), ShowJson(codec.json().at(field)),
                              std::string(fits.message())));
}

void SpecReader::CheckTensorCodec() {
  if (spec_.has_tensor_codec() && !HasFaultsOf("/tensor"))
    CheckActivations("/tensor", spec_.tensor_activations, FitsTensorAxis(spec_.tensor_activations));
}

// Virtual clients train whole models.
void SpecReader::CheckRounds() {
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  if (exchange == nullptr || !exchange->rounds()) return;
  for (const auto& [axis, length] :
       {std::pair("pipeline", spec_.mesh_pipeline), {"tensor", spec_.mesh_tensor}})
    if (length > 1)
      faults_.push_back(MakeFault(fmt::format("/mesh/{}", axis), std::to_string(length),
                                  fmt::format("1: with {} each worker trains the whole model of one client "
                                              "after another; or an exchange that trains in epochs, like "
                                              "local-sgd",
                                              spec_.exchange.kind())));
}

// Differences of gradients mean something only to who adds them up.
void SpecReader::CheckDifferences(const std::vector<Params>& gradient, const std::string& where) {
  if (HasFaultsOf(where) || gradient.empty()) return;
  const absl::StatusOr<std::unique_ptr<Codec>> codec = MakeChain(gradient);
  if (!codec.ok()) return;
  const auto* integrator = dynamic_cast<const Integrator*>(codec->get());
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  if (integrator == nullptr || !integrator->integrates() || exchange == nullptr ||
      exchange->averages_on_every_rank())
    return;
  const Json& first = gradient[0].json();  // what integrates is around all others
  const bool has_variant = first.contains("variant");
  faults_.push_back(MakeFault(
      where + (has_variant ? "/0/variant" : "/0"), ShowJson(has_variant ? first.at("variant") : first),
      fmt::format("{} with this exchange (\"{}\"): nobody there adds up how gradients changed; or an "
                  "exchange in step that averages gradients, like all-reduce",
                  has_variant ? "\"ef\"" : "another codec", spec_.exchange.kind()),
      has_variant ? "ef" : ""));
}

// A vote needs who takes it.
void SpecReader::CheckVote(std::span<const Params> gradient, const std::string& where) {
  if (HasFaultsOf(where)) return;
  const std::optional<std::string> pointer = CombiningPointer(gradient);
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  if (!pointer || exchange == nullptr || exchange->combines()) return;
  faults_.push_back(MakeFault(
      where + pointer->substr(std::string_view("/gradient").size()), "true",
      fmt::format("false with this exchange (\"{}\"): nobody there has what all workers sent; or all-reduce, "
                  "or a synchronous parameter-server without backup workers",
                  spec_.exchange.kind()),
      "false"));
}

// Momentum instead of gradients: every rank must know the average to go on from, and a codec must lose
// nothing but what it remembers by itself.
void SpecReader::CheckAveragedMomentum() {
  if (HasFaultsOf("/gradient") || HasFaultsOf("/optimizer") ||
      Registry::Global().Find("optimizer", spec_.optimizer.kind()) == nullptr)
    return;
  const auto optimizer = Registry::Global().Create<Optimizer>("optimizer", spec_.optimizer);
  if (!optimizer.ok() || !(*optimizer)->averaged_momentum()) return;
  const std::string& kind = spec_.optimizer.kind();
  if (!spec_.layer_gradients.empty())
    faults_.push_back(
        MakeFault("/layer_gradients", fmt::format("{} patterns", spec_.layer_gradients.size()),
                  fmt::format("none with the optimiser {}: one chain takes all momentum", kind)));
  if (const std::unique_ptr<Exchange> exchange = MakeExchange();
      exchange != nullptr && (!exchange->averages_on_every_rank() || exchange->servers() > 0))
    faults_.push_back(MakeFault(
        "/optimizer/kind", fmt::format("\"{}\"", kind),
        fmt::format("\"adam\" with this exchange (\"{}\"{}): momentum is averaged by all-reduce, or by a "
                    "parameter-server in step that lies with the workers",
                    spec_.exchange.kind(), exchange->servers() > 0 ? " with dedicated servers" : ""),
        "adam"));
  if (IsEmptyChain(spec_.gradient)) {
    faults_.push_back(MakeFault("/gradient", "no codec",
                                fmt::format("[{{\"kind\": \"onebit\"}}], or another codec for the momentum "
                                            "that {} averages; without, take adamw",
                                            kind)));
    return;
  }
  const absl::StatusOr<std::unique_ptr<Codec>> codec = MakeChain(spec_.gradient);
  if (!codec.ok()) return;
  const auto* integrator = dynamic_cast<const Integrator*>(codec->get());
  const char* why = nullptr;
  if (MomentumPointer(spec_.gradient))
    why = "the momentum would be there twice";
  else if (integrator != nullptr && integrator->integrates())
    why = "two would add up what is sent";
  else if ((*codec)->combines())
    why = "a vote has no size, and momentum needs one";
  else if ((*codec)->sum() != Codec::Sum::kGathered || (*codec)->summed_rounds() != nullptr)
    why = "what it sends is summed as gradients";
  if (why != nullptr)
    faults_.push_back(MakeFault("/gradient/0", fmt::format("\"{}\"", ChainText(spec_.gradient)),
                                fmt::format("onebit, signsgd or another codec with error feedback that is "
                                            "gathered, with the optimiser {}: {}",
                                            kind, why)));
}

// Where a codec is given vectors of all layers together, none can have its own.
void SpecReader::CheckCodedByLayer() {
  if (spec_.layer_gradients.empty()) return;
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  if (exchange == nullptr || exchange->codes_by_layer()) return;
  faults_.push_back(MakeFault(
      "/layer_gradients", fmt::format("a list of {}", spec_.layer_gradients.size()),
      fmt::format("[]: the exchange \"{}\" sends vectors of all layers together, which take the one chain "
                  "of /gradient; or an exchange that averages gradients in buckets, like all-reduce",
                  spec_.exchange.kind())));
}

// Without epochs there has to be a recipe, and what a recipe takes is one whole model that was trained in
// epochs.
void SpecReader::CheckRecipeFits() {
  if (spec_.training.epochs == 0 && spec_.recipe.empty() && !HasFaultsOf("/training") &&
      !HasFaultsOf("/recipe"))
    faults_.push_back(MakeFault("/training/epochs", "0", "more than 0, or a /recipe that begins at once"));
  if (spec_.recipe.empty()) return;
  if (const std::unique_ptr<Exchange> exchange = MakeExchange(); exchange != nullptr && exchange->rounds())
    faults_.push_back(
        MakeFault("/recipe", fmt::format("{} steps", spec_.recipe.size()),
                  fmt::format("[] with the exchange \"{}\", which trains in rounds; or an exchange "
                              "that trains in epochs, like all-reduce",
                              spec_.exchange.kind())));
  if (spec_.mesh_tensor > 1)
    faults_.push_back(
        MakeFault("/mesh/tensor", std::to_string(spec_.mesh_tensor),
                  "1 with a /recipe: layers that a step makes narrower cannot be divided any more"));
}

}  // namespace concertina
