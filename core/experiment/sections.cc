// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sections.cc: the fields of an experiment file that belong to no component (see sections.h).
#include "core/experiment/sections.h"

#include <algorithm>
#include <cassert>

#include "core/base/registry.h"
#include "core/experiment/spec.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

const std::vector<ComponentSection>& ComponentSections() {
  static const auto* sections = new std::vector<ComponentSection>{
      {"dataset", "dataset", R"({"kind": "fashion-mnist"})"},
      {"model", "model", R"({"kind": "lenet-5"})"},
      {"optimizer", "optimizer", R"({"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9})"},
      {"exchange", "exchange", R"({"kind": "all-reduce"})"},
      {"pipeline", "pipeline-schedule", R"({"kind": "1f1b"})"},
  };
  return *sections;
}

// What every entry of "workers" has, whoever starts them.
std::vector<ParamSpec> CommonWorkerParams() {
  return {
      {.name = "count",
       .type = ParamType::kInteger,
       .unit = "workers",
       .default_value = 1,
       .minimum = 1,
       .maximum = 4096,
       .doc = "Workers that this launcher starts."},
      {.name = "speed",
       .default_value = 1.0,
       .minimum = 0.01,
       .maximum = 1,
       .live = true,
       .doc = "Emulates slower workers: a half makes their forward and backward pass take twice as long. "
              "What a straggler costs, and what each exchange does about it, can so be seen."},
      {.name = "bandwidth_mbit",
       .unit = "Mbit/s",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 1e6,
       .live = true,
       .doc = "Bandwidth of these workers' own emulated link; between two workers the narrowest of both "
              "ends' and /network's counts. 0: as /network says."},
      {.name = "latency_ms",
       .unit = "ms",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 10000,
       .live = true,
       .doc = "One-way latency that these workers' own emulated link adds to /network's, and to that of "
              "the worker at the other end."},
      {.name = "jitter_ms",
       .unit = "ms",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 10000,
       .live = true,
       .doc = "Jitter of these workers' own emulated link, on top of /network's and of the other end's."},
      {.name = "loss",
       .default_value = 0.0,
       .minimum = 0,
       .maximum = 0.5,
       .live = true,
       .doc = "Share of the messages that these workers' own emulated link loses, besides what /network and "
              "the other end lose."}};
}

Descriptor Experiment() {
  return {.category = "experiment",
          .kind = "experiment",
          .title = "Experiment",
          .summary = "What the run is called, and the seed of everything random in it.",
          .params = {{.name = "name",
                      .type = ParamType::kText,
                      .doc = "What the run is called. Made of model, exchange and codec when left out.",
                      .optional = true},
                     {.name = "seed",
                      .type = ParamType::kInteger,
                      .default_value = 1,
                      .minimum = 0,
                      // Larger whole numbers change when a program keeps JSON numbers as doubles.
                      .maximum = 9007199254740991,
                      .doc = "Same spec, same seed, same bits."}}};
}

Descriptor TrainingSection() {
  return {
      .category = "experiment",
      .kind = "training",
      .title = "Training",
      .summary = "How long and in which portions each worker trains.",
      .params = {{.name = "batch_size",
                  .type = ParamType::kInteger,
                  .unit = "samples",
                  .default_value = 64,
                  .minimum = 1,
                  .maximum = 65536,
                  .doc = "Samples of one step of one data-parallel worker; the global batch is this times "
                         "the mesh's data axis."},
                 {.name = "epochs",
                  .unit = "epochs",
                  .default_value = 1.0,
                  .minimum = 0,
                  .maximum = 100000,
                  .doc = "Passes over the training samples; may be a fraction. 0, with a recipe: none before "
                         "it."},
                 {.name = "max_steps",
                  .type = ParamType::kInteger,
                  .unit = "steps",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 1e12,
                  .doc = "Ends the run after so many steps even if the epochs are not over; 0 for no limit."},
                 {.name = "threads_per_worker",
                  .type = ParamType::kInteger,
                  .unit = "threads",
                  .default_value = 1,
                  .minimum = 1,
                  .maximum = 256,
                  .doc = "Threads that each worker computes with."},
                 {.name = "evaluate_every_epochs",
                  .unit = "epochs",
                  .default_value = 1.0,
                  .minimum = 0,
                  .maximum = 100000,
                  .doc = "How often the test samples are evaluated; 0 for only at the end."},
                 {.name = "checkpoint_every_steps",
                  .type = ParamType::kInteger,
                  .unit = "steps",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 1e12,
                  .doc = "How often the whole state is kept, to resume from; 0 for only when asked for."},
                 {.name = "resume_after_failure",
                  .type = ParamType::kInteger,
                  .unit = "times",
                  .default_value = 0,
                  .minimum = 0,
                  .maximum = 1000,
                  .doc = "How often the engine by itself goes on from the last checkpoint once a worker, or "
                         "the engine, is lost; 0 for never. A loss that is no number fails the run all the "
                         "same."},
                 {.name = "engine_grace_seconds",
                  .unit = "s",
                  .default_value = 60.0,
                  .minimum = 0,
                  .maximum = 86400,
                  .doc = "How long workers of the engine's machine train on without it once it has died; the "
                         "next engine finds them, and the run goes on. After that they end by themselves. 0: "
                         "they end with it."},
                 {.name = "worker_mtbf_hours",
                  .unit = "h",
                  .default_value = 1000.0,
                  .minimum = 0.01,
                  .maximum = 1e7,
                  .doc = "How long a worker runs on average before its machine fails: for the interval of "
                         "checkpoints that the plan suggests, and for nothing else."},
                 {.name = "measure_every_steps",
                  .type = ParamType::kInteger,
                  .unit = "steps",
                  .default_value = 16,
                  .minimum = 1,
                  .maximum = 1e6,
                  .live = true,
                  .doc = "How often the figures are taken that cost more than a look at the clock, or need "
                         "more room: each layer's, a codec's error, and when the worker came to each "
                         "collective. 1 for every step: a codec's error costs a copy and a decoding."}}};
}

Descriptor MeshSection() {
  const auto axis = [](const char* name, const char* doc) {
    return ParamSpec{.name = name,
                     .type = ParamType::kInteger,
                     .unit = "workers",
                     .default_value = 1,
                     .minimum = 1,
                     .maximum = 4096,
                     .doc = doc};
  };
  Descriptor mesh{
      .category = "experiment",
      .kind = "mesh",
      .title = "Mesh",
      .summary = "The workers arranged on three axes; their product is the number of workers.",
      .params = {
          axis("data", "Copies of the model, each on its own samples. Left out: all workers."),
          axis(
              "pipeline",
              "Stages that the layers are cut into, one behind the other, each on its own worker: memory and "
              "arithmetic of a stage, for what crosses the cuts, and some waiting (the bubble). What "
              "\"pipeline\" says of it only counts when this is more than 1."),
          axis(
              "tensor",
              "Parts that pairs of layers are cut into, column- and row-wise, each on its own worker: memory "
              "and arithmetic of a part, for two sums of activations a pair and step. A number that "
              "divides the widths of the layers.")}};
  mesh.params[0].default_value = {};
  mesh.params[0].optional = true;
  return mesh;
}

Descriptor TensorSection() {
  return {
      .category = "experiment",
      .kind = "tensor",
      .title = "Tensor axis",
      .summary =
          "What the ranks that cut the layers between them add up in training. Only counts where "
          "the mesh's tensor axis is more than 1.",
      .params = {{.name = "activations",
                  .type = ParamType::kComponent,
                  .default_value = DefaultValue::FromJson(R"({"kind": "none"})"),
                  .choices = {"gradient-codec"},
                  .doc = "The codec of the sums over the tensor axis: activations forward, their gradients "
                         "backward. One that keeps nothing from sum to sum: fp16 is added up on the way, "
                         "for half of the bytes; what does not sum, like int8, is gathered from all ranks. "
                         "It costs accuracy at every pair of layers, and evaluations are without it."}}};
}

Descriptor NetworkSection() {
  std::vector<std::string> transports = Registry::Global().Kinds("transport");
  transports.insert(transports.begin(), "auto");
  return {
      .category = "experiment",
      .kind = "network",
      .title = "Network",
      .summary = "How the workers reach each other, and the link that is emulated between every two of them.",
      .params = {
          {.name = "transport",
           .type = ParamType::kChoice,
           .default_value = "auto",
           .choices = std::move(transports),
           .doc = "What carries the tensors; auto takes the fastest that fits."},
          {.name = "bandwidth_mbit",
           .unit = "Mbit/s",
           .default_value = 0.0,
           .minimum = 0,
           .maximum = 1e6,
           .live = true,
           .doc = "Bandwidth of the emulated link; 0 runs free."},
          {.name = "latency_ms",
           .unit = "ms",
           .default_value = 0.0,
           .minimum = 0,
           .maximum = 10000,
           .live = true,
           .doc = "One-way latency of the emulated link."},
          {.name = "jitter_ms",
           .unit = "ms",
           .default_value = 0.0,
           .minimum = 0,
           .maximum = 10000,
           .live = true,
           .doc = "Jitter of the emulated link: each message's latency is uniform between latency_ms minus "
                  "and plus this, and not below 0. What is sent later waits for what is late."},
          {.name = "loss",
           .default_value = 0.0,
           .minimum = 0,
           .maximum = 0.5,
           .live = true,
           .doc = "Share of the messages that the emulated link loses. Each is sent again after a "
                  "retransmission time of at least 200 ms that doubles with every loss, as by TCP; "
                  "nothing is missing in the end."}}};
}

Descriptor LayerGradientsSection() {
  return {.category = "experiment",
          .kind = "layer_gradients",
          .title = "Codecs by layer",
          .summary =
              "One entry of the list: layers, and under \"gradient\" the chain of codecs that theirs "
              "goes through; [] sends it as it is.",
          .params = {{.name = "layers",
                      .type = ParamType::kText,
                      .default_value = "*",
                      .doc = "A pattern that the name of a layer fits (\"conv*\"; * stands for any "
                             "characters, ? for one). The first entry that fits counts; layers that none "
                             "fits take the chain of /gradient."}}};
}

Descriptor KnobsSection() {
  return {.category = "experiment",
          .kind = "knobs",
          .title = "Knobs that turn themselves",
          .summary = "One entry of the list: a setting that may change while the run goes, and who turns it.",
          .params = {{.name = "pointer",
                      .type = ParamType::kText,
                      .doc = "The setting, as a JSON pointer into the experiment: /gradient/0/ratio."},
                     {.name = "policy",
                      .type = ParamType::kComponent,
                      .choices = {"knob-policy"},
                      .doc = "Which value it has when: by a schedule, or so that a target is held."}}};
}

Descriptor WorkersSection() {
  Descriptor section{
      .category = "experiment",
      .kind = "workers",
      .title = "Workers",
      .summary = "One entry of the list: so many workers from one launcher.",
      .params = {{.name = "launcher",
                  .type = ParamType::kChoice,
                  .default_value = "local",
                  .choices = Registry::Global().Kinds("launcher"),
                  .doc = "What starts the workers. Its own parameters stand beside this one."}}};
  for (ParamSpec& param : CommonWorkerParams()) section.params.push_back(std::move(param));
  return section;
}

Descriptor ElasticSection() {
  const auto whole = [](const char* name, const char* unit, int64_t value, double minimum, double maximum,
                        const char* doc) {
    return ParamSpec{.name = name,
                     .type = ParamType::kInteger,
                     .unit = unit,
                     .default_value = value,
                     .minimum = minimum,
                     .maximum = maximum,
                     .doc = doc};
  };
  return {
      .category = "experiment",
      .kind = "elastic",
      .title = "Elastic",
      .summary =
          "The run goes on when a worker is lost, and workers may join and leave: where every worker has the "
          "whole model, and averages its gradient with all others in step, the group forms anew from "
          "memory. Other strategies go on from the last checkpoint, as without this.",
      .params = {
          whole("min_workers", "workers", 1, 1, 4096,
                "With fewer the run ends, unless others are on their way."),
          whole("max_workers", "workers", 0, 0, 4096,
                "More do not join; 0: no more than /workers starts, or than it is told to."),
          {.name = "replace",
           .type = ParamType::kBoolean,
           .default_value = false,
           .doc = "Whether another worker is started in the place of one that was lost. The others go on "
                  "meanwhile, and take it in between two steps."},
          {.name = "learning_rate",
           .type = ParamType::kChoice,
           .default_value = "keep",
           .choices = {"keep", "linear"},
           .doc = "What becomes of it in a group of another size: keep, or linear, by as much as the global "
                  "batch changes [Goyal et al. Accurate, Large Minibatch SGD. 2017]."},
          whole("base_workers", "workers", 0, 0, 4096,
                "The group that the learning rate is meant for; 0: the one that the run begins with.")}};
}

}  // namespace

const ComponentSection* FindComponentSection(std::string_view name) {
  for (const ComponentSection& section : ComponentSections())
    if (section.name == name) return &section;
  return nullptr;
}

const std::vector<std::string>& SectionNames() {
  static const auto* names = new std::vector<std::string>{
      "name",    "seed",     "dataset",  "model",  "optimizer", "training",
      "mesh",    "exchange", "pipeline", "tensor", "gradient",  "layer_gradients",
      "network", "workers",  "elastic",  "knobs",  "recipe",    "faults"};
  return *names;
}

Json AbsentSection(std::string_view name) {
  if (const ComponentSection* section = FindComponentSection(name)) return Json::parse(section->absent);
  if (name == "training" || name == "mesh" || name == "tensor" || name == "network" || name == "elastic")
    return Json::object();
  if (name == "gradient" || name == "layer_gradients" || name == "knobs" || name == "recipe" ||
      name == "faults")
    return Json::array();
  if (name == "workers") return Json::parse(R"([{"launcher": "local"}])");
  return nullptr;
}

std::vector<Descriptor> SpecSections() {
  return {Experiment(),     TrainingSection(), MeshSection(),
          TensorSection(),  NetworkSection(),  LayerGradientsSection(),
          WorkersSection(), ElasticSection(),  KnobsSection()};
}

Descriptor SectionDescriptor(std::string_view kind) {
  for (Descriptor& descriptor : SpecSections())
    if (descriptor.kind == kind) return std::move(descriptor);
  assert(false);
  return {};
}

bool IsCommonToWorkers(std::string_view param) {
  const std::vector<ParamSpec> common = CommonWorkerParams();
  return std::any_of(common.begin(), common.end(), [&](const ParamSpec& p) { return p.name == param; });
}

Descriptor WorkersEntry(Descriptor launcher) {
  std::vector<ParamSpec> params = CommonWorkerParams();
  for (ParamSpec& param : launcher.params)
    if (!IsCommonToWorkers(param.name)) params.push_back(std::move(param));
  launcher.params = std::move(params);
  return launcher;
}

}  // namespace concertina
