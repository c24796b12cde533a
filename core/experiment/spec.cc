// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec.cc: checks an experiment file, section by section and then the sections against each other, and gives
// it back with everything that was left out (see spec.h, spec_impl.h).
#include "core/experiment/spec.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/json_text.h"
#include "core/experiment/spec_impl.h"
#include "core/gradient/chain.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kMaxFaults = 200;  // of a file that is hardly a spec; a reply stays small

}  // namespace

SpecCheck SpecReader::Run() {
  if (!file_.is_object()) {
    faults_.push_back(
        MakeFault("", ShowJson(file_), "an object like {\"model\": {\"kind\": \"lenet-5\"}, …}"));
    return Result();
  }
  CheckNames();
  CheckNameAndSeed();
  spec_.dataset = Component("dataset", "partition", R"({"kind": "iid"})", &spec_.partition);
  spec_.model = Component("model");
  spec_.optimizer = Component("optimizer", "schedule", R"({"kind": "constant"})", &spec_.schedule);
  CheckTraining();
  CheckMesh();
  spec_.exchange = Component("exchange");
  spec_.pipeline = Component("pipeline");
  if (!file_.contains("pipeline") && spec_.mesh_pipeline == 1) filled_.erase("pipeline");
  CheckTensor();
  CheckGradient();
  CheckLayerGradients();
  CheckNetwork();
  CheckWorkers();
  CheckElastic();
  CheckRecipe();
  CheckRecipeFits();
  CheckInjections();
  CheckContradictions();
  CheckKnobs();
  if (faults_.empty()) MakeName();
  return Result();
}

SpecCheck SpecReader::Result() {
  if (faults_.size() > kMaxFaults) {
    const size_t left_out = faults_.size() - kMaxFaults;
    faults_.resize(kMaxFaults);
    faults_.push_back({.pointer = "",
                       .found = fmt::format("{} more faults", left_out),
                       .expected = "none",
                       .message = fmt::format("and {} more faults", left_out)});
  }
  if (faults_.empty()) spec_.json = filled_.dump(2);
  return {std::move(spec_), std::move(faults_)};
}

void SpecReader::MakeName() {
  if (spec_.name.empty()) {
    spec_.name = fmt::format("{}, {}", spec_.model.kind(), spec_.exchange.kind());
    for (const Params& codec : spec_.gradient)
      if (codec.kind() != "none") spec_.name += ", " + codec.kind();
    if (!spec_.layer_gradients.empty()) spec_.name += ", codecs by layer";
  }
  filled_["name"] = spec_.name;
}

int64_t TotalSteps(const Training& training, int64_t steps_per_epoch) {
  const auto steps =
      static_cast<int64_t>(std::llround(training.epochs * static_cast<double>(steps_per_epoch)));
  return std::max<int64_t>(training.epochs == 0 ? 0 : 1,
                           training.max_steps > 0 ? std::min(steps, training.max_steps) : steps);
}

int64_t TotalRounds(const Training& training, int64_t rounds) {
  return training.max_steps > 0 ? training.max_steps : rounds;
}

int64_t Spec::worker_count() const {
  int64_t count = 0;
  for (const WorkerGroup& group : workers) count += group.count;
  return count;
}

bool Spec::has_codec() const {
  return !IsEmptyChain(gradient) ||
         std::any_of(layer_gradients.begin(), layer_gradients.end(),
                     [](const LayerGradient& own) { return !IsEmptyChain(own.gradient); });
}

bool Spec::has_tensor_codec() const {
  return mesh_tensor > 1 && !tensor_activations.kind().empty() && tensor_activations.kind() != "none";
}

const WorkerGroup& Spec::group_of(int rank) const {
  for (const WorkerGroup& group : workers) {
    if (rank < group.count) return group;
    rank -= static_cast<int>(group.count);
  }
  return workers.back();
}

SpecCheck CheckSpec(const std::string& json) {
  std::vector<Fault> faults;
  const Json file = ParseJsonText(json, faults);
  if (file.is_null() && !faults.empty()) return {{}, std::move(faults)};
  SpecCheck check = SpecReader(file).Run();
  check.faults.insert(check.faults.begin(), faults.begin(), faults.end());  // names that stand twice
  if (!check.faults.empty()) check.spec.json.clear();
  return check;
}

}  // namespace concertina
