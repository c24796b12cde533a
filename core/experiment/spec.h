// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec.h: the experiment file, checked. The only place that knows its fields.
// On the way of the data: experiment.json -> here -> experiment/plan.h -> engine/ and worker/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

struct WorkerGroup {
  Params launcher;  // {"launcher": "local", "count": 4} in the file; category "launcher"
  int64_t count = 1;
  // Uneven workers, emulated: a share of this machine's speed, and a link of their own to /network (0:
  // nothing of its own; see pair_link.h).
  double speed = 1;
  double bandwidth_mbit = 0;
  double latency_ms = 0;
  double jitter_ms = 0;
  double loss = 0;
};

// "training" of the file.
struct Training {
  int64_t batch_size = 64;  // of one data-parallel worker
  double epochs = 1;        // may be a fraction; 0 with a recipe: of a model that was trained before
  int64_t max_steps = 0;    // 0: as epochs say; else the smaller of the two
  int64_t threads_per_worker = 1;
  double evaluate_every_epochs = 1;    // 0: only at the end
  int64_t checkpoint_every_steps = 0;  // 0: only when asked for, and at the end
  int64_t resume_after_failure = 0;    // times; by the engine, without being asked
  double engine_grace_seconds = 60;    // without an engine; 0: workers end with it
  double worker_mtbf_hours = 1000;     // for the plan alone
  int64_t measure_every_steps = 16;    // layers, the error of codecs, arrivals at each collective
};
// Steps of the whole run: the epochs, rounded to whole steps, at least one; no more than max_steps.
int64_t TotalSteps(const Training& training, int64_t steps_per_epoch);
// The same in rounds (parallel/exchange.h): max_steps, or else what the exchange has as `rounds`.
int64_t TotalRounds(const Training& training, int64_t rounds);

struct Network {
  std::string transport = "auto";
  double bandwidth_mbit = 0;  // 0: free
  double latency_ms = 0;
  double jitter_ms = 0;  // with loss: see comm/link_shaper.h
  double loss = 0;       // share of the messages
};

// "elastic" of the file, where it has one (see elastic.h).
struct Elastic {
  int64_t min_workers = 1;
  int64_t max_workers = 0;  // 0: as many as /workers, or as the run is told to have
  bool replaces = false;
  bool scales_learning_rate = false;  // with the global batch
  int64_t base_workers = 0;           // that the learning rate is meant for; 0: those of the first group
};

// An entry of "layer_gradients": the chain of the layers whose name fits the glob `layers` and no pattern
// before it (see layer_chains.h).
struct LayerGradient {
  std::string layers;
  std::vector<Params> gradient;  // as Spec::gradient; empty: dense
};

// An entry of "knobs": who turns a live knob while the run goes (see knob_policy.h).
struct HeldKnob {
  std::string pointer;
  Params policy;
};

struct Spec {
  std::string name;
  uint64_t seed = 0;
  Params dataset;  // with its "partition" component inside
  Params partition;
  Params model;
  Params optimizer;  // with its "schedule" component inside
  Params schedule;
  Training training;
  int64_t mesh_data = 1, mesh_pipeline = 1, mesh_tensor = 1;
  Params exchange;
  Params pipeline;               // the schedule; counts where mesh_pipeline > 1
  Params tensor_activations;     // the codec of the tensor axis; counts where mesh_tensor > 1
  std::vector<Params> gradient;  // the codec chain; empty: none
  std::vector<LayerGradient> layer_gradients;
  bool has_codec() const;         // of any layer
  bool has_tensor_codec() const;  // that counts
  Network network;
  std::vector<WorkerGroup> workers;
  std::optional<Elastic> elastic;  // nothing: a lost worker ends the run, unless its exchange can spare it
  std::vector<HeldKnob> knobs;
  std::vector<Params> faults;  // see fault_injection.h
  std::vector<Params> recipe;  // compressors, one after the other, once the epochs are over
  int64_t worker_count() const;
  const WorkerGroup& group_of(int rank) const;  // ranks are dealt to the groups in order
  std::string json;  // the whole with defaults filled in, indented, keys in DESIGN's order
};

// All faults in one go; the spec is usable only when there is none. Contradictions between parts (mesh and
// worker count, an exchange that a codec does not suit) are faults too, with the pointer of the part to
// change. Reads no data files: PlanOf does. Launchers are known only to the engine: in a program that has
// none registered (a worker), the entries of "workers" are taken as they are, since the engine has checked
// them. Every section may be left out: fashion-mnist, lenet-5, sgd (0.05, momentum 0.9), all-reduce, no
// codec, one local worker (or as many as the mesh names); the mesh's data axis takes all workers; a name is
// made of model, exchange and codec. What CheckSpec gives as json, it gives again when it is asked about
// that.
struct SpecCheck {
  Spec spec;
  std::vector<Fault> faults;
};
SpecCheck CheckSpec(const std::string& json);  // text that is not JSON is one fault, with line and column

// The top-level fields that are not components, as descriptors (category "experiment", kinds "experiment"
// (name and seed), "training", "mesh", "tensor", "network", "elastic", and one entry each of the lists
// "layer_gradients", "workers" and "knobs"), so that forms and describe cover the whole file.
std::vector<Descriptor> SpecSections();

// --set POINTER=JSON: replaces or adds ("/gradient/-" appends); kInvalidArgument if the pointer cannot be in
// such a document. A value that is not JSON is taken as text. A pointer into a section that the text leaves
// out sets it in the section's default: /optimizer/learning_rate=0.1 on {} keeps sgd and its momentum.
// Whether the result is a good spec is for CheckSpec to say.
absl::StatusOr<std::string> SetInSpec(const std::string& json, const std::string& assignment);

// May `pointer` change while a run goes? The parameter's own descriptor says; kInvalidArgument if not,
// listing those that may. Gives the whole new spec.
absl::StatusOr<Spec> ApplyKnob(const Spec& spec, const std::string& pointer, const std::string& value_json);
std::vector<std::string> LivePointers(const Spec& spec);
// The parameter behind a live pointer; nothing if it is not one.
std::optional<ParamSpec> LiveParam(const Spec& spec, const std::string& pointer);
// kFailedPrecondition if a policy of /knobs turns it: a person's turn would be undone by the next.
absl::Status FreeToTurn(const Spec& spec, const std::string& pointer);

}  // namespace concertina
