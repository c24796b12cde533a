// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality.cc: see equality.h.
#include "core/analysis/equality.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/analysis/strategy.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Ordered = nlohmann::ordered_json;

std::string TextAt(const Ordered& json, const char* pointer) {
  const Ordered::json_pointer at(pointer);
  return json.contains(at) && json[at].is_string() ? json[at].get<std::string>() : std::string();
}

int64_t IntegerAt(const Ordered& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? static_cast<int64_t>(found->get<double>()) : 0;
}

bool HasLayer(const Ordered& plan, std::string_view kind) {
  const auto layers = plan.find("layers");
  return layers != plan.end() && layers->is_array() &&
         std::any_of(layers->begin(), layers->end(),
                     [&](const Ordered& layer) { return TextAt(layer, "/kind") == kind; });
}

std::vector<std::string> ReasonsOf(const Ordered& spec, const Ordered& plan, int64_t workers) {
  std::vector<std::string> reasons;
  const bool has_knobs = !spec.value("knobs", Ordered::array()).empty();
  if (workers == 1 && TextAt(spec, "/gradient/0/kind").empty() && !spec.contains("layer_gradients") &&
      !has_knobs)
    return reasons;
  switch (StrategyOf(spec.contains("exchange") ? Json::parse(spec["exchange"].dump()) : Json())) {
    case Strategy::kLockstep:
      break;
    case Strategy::kAsynchronous:
      reasons.emplace_back(
          "the exchange is asynchronous: gradients are of parameters that are some steps old, in an order "
          "that depends on who comes first");
      break;
    case Strategy::kGossip:
      reasons.emplace_back(
          "gossip averages with neighbours only: every rank has parameters of its own, which agree in the "
          "limit");
      break;
    case Strategy::kLocal:
      reasons.emplace_back(
          "ranks take local steps between averages: each follows its own gradients for a while, which is "
          "another training");
      break;
    case Strategy::kFederated:
      reasons.emplace_back(
          "federated clients train on their own data for whole rounds, and only then are averaged");
      break;
    case Strategy::kUnknown:
      reasons.push_back(fmt::format("the exchange \"{}\" makes no promise to equal one worker",
                                    TextAt(spec, "/exchange/kind")));
      break;
  }
  std::string codec;  // all of a chain, and of the layers' own
  const auto add_chain = [&](const Ordered& chain) {
    for (const Ordered& element : chain) {
      const std::string kind = TextAt(element, "/kind");
      if (!kind.empty() && kind != "none" && kind != "zstd")  // those lose nothing
        codec += (codec.empty() ? "" : ", ") + kind;
    }
  };
  if (spec.contains("gradient")) add_chain(spec["gradient"]);
  for (const Ordered& own : spec.value("layer_gradients", Ordered::array()))
    if (own.contains("gradient")) add_chain(own["gradient"]);
  if (!codec.empty())
    reasons.push_back(
        fmt::format("the gradient codec \"{}\" loses something of each gradient, as it is meant to", codec));
  if (has_knobs)
    reasons.emplace_back("policies turn settings of the run while it goes; one worker's stay as they are");
  const std::string activations = TextAt(spec, "/pipeline/activations/kind");
  if (plan.contains("pipeline") && !activations.empty() && activations != "none")
    reasons.push_back(fmt::format(
        "the codec \"{}\" loses something of what goes from stage to stage, as it is meant to", activations));
  const std::string sums = TextAt(spec, "/tensor/activations/kind");
  if (plan.contains("tensor") && !sums.empty() && sums != "none")
    reasons.push_back(fmt::format(
        "the codec \"{}\" loses something of what the tensor axis adds up, as it is meant to", sums));
  const std::string partition = TextAt(spec, "/dataset/partition/kind");
  if (!partition.empty() && partition != "iid")
    reasons.push_back(fmt::format(
        "under the partition \"{}\" a global batch does not hold the samples that one worker's would",
        partition));
  if (HasLayer(plan, "batch-norm"))
    reasons.emplace_back(
        "batch norm takes mean and variance of each worker's own batch, one worker those of the whole "
        "global batch: the two differ by design");
  if (HasLayer(plan, "dropout"))
    reasons.emplace_back(
        "dropout draws its masks by the place in a worker's own batch, which is another place in the global "
        "batch");
  return reasons;
}

// Units of 2^-24 of the tensor's largest element that a step may move the two apart. Over 30 steps of the
// models here SGD with momentum stayed below 45 a step where no unit was tipped, Adam below 135: it divides
// by the root of the second moment, and what is small of a gradient becomes large of the step. A gradient
// that is wrong by a thousandth is beyond both.
constexpr double kUnitsAStep = 64, kAdaptiveUnitsAStep = 256;
constexpr double kUnit = 0x1p-24;

}  // namespace

absl::StatusOr<EqualityPair> MakeEqualityPair(const std::string& spec_json, const std::string& plan_json,
                                              int64_t steps) {
  const Ordered spec = Ordered::parse(spec_json, nullptr, false);
  const Ordered plan = Ordered::parse(plan_json, nullptr, false);
  if (!spec.is_object() || !spec.contains("training") || !spec["training"].is_object())
    return absl::InvalidArgumentError("the experiment is not one that was checked: it has no /training");
  if (!plan.is_object() || IntegerAt(plan, "global_batch_size") < 1 || IntegerAt(plan, "total_steps") < 1)
    return absl::InvalidArgumentError("the plan says neither the global batch nor the steps");
  if (steps < 1 || steps > kMaxEqualitySteps)
    return absl::InvalidArgumentError(
        fmt::format("{} steps; expected a number from 1 to {}: later, rounding has grown too far to tell it "
                    "from a mistake",
                    steps, kMaxEqualitySteps));

  EqualityPair pair;
  pair.steps = std::min(steps, IntegerAt(plan, "total_steps"));
  pair.workers = std::max<int64_t>(1, IntegerAt(plan, "world_size"));
  pair.reasons = ReasonsOf(spec, plan, pair.workers);

  const std::string optimizer = TextAt(spec, "/optimizer/kind");
  const bool adaptive = !optimizer.empty() && optimizer != "sgd";
  pair.tolerance = (adaptive ? kAdaptiveUnitsAStep : kUnitsAStep) * kUnit * static_cast<double>(pair.steps);
  pair.tolerance_reason =
      adaptive ? fmt::format(
                     "sums in another order round differently, and {} divides by the root of the second "
                     "moment: {:.0f} units of 2^-24 for each of {} steps",
                     optimizer, kAdaptiveUnitsAStep, pair.steps)
               : fmt::format(
                     "sums in another order round differently: {:.0f} units of 2^-24, that of a "
                     "32-bit float, for each of {} steps",
                     kUnitsAStep, pair.steps);
  pair.seed = IntegerAt(spec, "seed");

  Ordered many = spec;
  const std::string name = TextAt(spec, "/name");
  many["name"] = "verify: " + name;
  many["training"]["max_steps"] = pair.steps;
  many["training"]["evaluate_every_epochs"] = 0;
  many["training"]["checkpoint_every_steps"] = 0;
  many.erase("faults");  // what they cost is another question
  pair.many_json = many.dump(2);

  // Only the sections that one worker has a use for: what else there is, is about many.
  Ordered one = {{"name", "verify: one worker for " + name}};
  for (const char* section : {"seed", "dataset", "model", "optimizer", "training"})
    if (many.contains(section)) one[section] = many[section];
  if (one.contains("dataset") && one["dataset"].is_object()) one["dataset"]["partition"] = {{"kind", "iid"}};
  one["training"]["batch_size"] = IntegerAt(plan, "global_batch_size");
  one["mesh"] = {{"data", 1}, {"pipeline", 1}, {"tensor", 1}};
  one["exchange"] = {{"kind", "single"}};
  one["gradient"] = Ordered::array();
  one["workers"] = Ordered::array({{{"launcher", "local"}, {"count", 1}}});
  pair.one_json = one.dump(2);
  return pair;
}

EqualityPair NextAttempt(const EqualityPair& pair) {
  EqualityPair next = pair;
  ++next.attempt;
  ++next.seed;
  for (std::string* json : {&next.many_json, &next.one_json}) {
    Ordered spec = Ordered::parse(*json);
    spec["seed"] = next.seed;
    *json = spec.dump(2);
  }
  return next;
}

absl::StatusOr<std::vector<TensorValues>> TensorsOf(std::string_view file) {
  const auto broken = [](const std::string& what) {
    return absl::DataLossError("the exported parameters: " + what);
  };
  uint64_t length = 0;
  if (file.size() < sizeof length) return broken("no header length at byte 0");
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(&length, file.data(), sizeof length);
  if (length > file.size() - sizeof length)
    return broken(fmt::format("a header of {} bytes in a file of {}", length, file.size()));
  const auto header = Ordered::parse(file.substr(sizeof length, length), nullptr, false);
  if (!header.is_object()) return broken("the header is not a JSON object");
  const std::string_view data = file.substr(sizeof length + length);

  std::vector<std::pair<uint64_t, TensorValues>> found;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto offsets = entry.is_object() ? entry.find("data_offsets") : entry.end();
    if (!entry.is_object() || offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
        !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned())
      return broken("tensor \"" + name + "\" has no data_offsets");
    if (TextAt(entry, "/dtype") != "F32")
      return broken(fmt::format("tensor \"{}\" is {}, expected F32", name, TextAt(entry, "/dtype")));
    const auto begin = (*offsets)[0].get<uint64_t>(), end = (*offsets)[1].get<uint64_t>();
    if (begin > end || end > data.size() || (end - begin) % sizeof(float) != 0)
      return broken(fmt::format("tensor \"{}\" lies at bytes {} to {} of {}", name, begin, end, data.size()));
    TensorValues tensor = {.name = name, .values = std::vector<float>((end - begin) / sizeof(float))};
    if (!tensor.values.empty()) std::memcpy(tensor.values.data(), data.data() + begin, end - begin);
    found.emplace_back(begin, std::move(tensor));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TensorValues> tensors;
  for (auto& [begin, tensor] : found) tensors.push_back(std::move(tensor));
  return tensors;
}

absl::StatusOr<EqualityResult> CompareTensors(std::span<const TensorValues> one,
                                              std::span<const TensorValues> many) {
  EqualityResult result;
  if (one.size() != many.size())
    return absl::FailedPreconditionError(
        fmt::format("one worker has {} tensors, the others {}", one.size(), many.size()));
  for (const TensorValues& expected : one) {
    const auto got = std::find_if(many.begin(), many.end(),
                                  [&](const TensorValues& t) { return t.name == expected.name; });
    if (got == many.end() || got->values.size() != expected.values.size())
      return absl::FailedPreconditionError(
          fmt::format("tensor \"{}\" has {} elements with one worker, {} with the others", expected.name,
                      expected.values.size(), got == many.end() ? 0 : got->values.size()));
    double largest = 0, apart = 0;
    for (size_t i = 0; i < expected.values.size(); ++i) {
      const double a = expected.values[i], b = got->values[i];
      if (!std::isfinite(a) || !std::isfinite(b))
        return absl::OutOfRangeError(
            fmt::format("tensor \"{}\", element {}: {} with one worker, {} with the "
                        "others; take a smaller learning rate",
                        expected.name, i, a, b));
      largest = std::max(largest, std::abs(a));
      apart = std::max(apart, std::abs(a - b));
      result.different +=
          std::bit_cast<uint32_t>(expected.values[i]) != std::bit_cast<uint32_t>(got->values[i]);
    }
    result.parameters += static_cast<int64_t>(expected.values.size());
    result.absolute = std::max(result.absolute, apart);
    // A tensor of zeros alone has no scale: any difference is whole.
    const double relative = apart == 0 ? 0 : largest > 0 ? apart / largest : 1;
    if (relative > result.relative || result.tensor.empty()) {
      result.relative = relative;
      result.tensor = expected.name;
    }
  }
  if (result.parameters == 0) return absl::FailedPreconditionError("there are no parameters to compare");
  return result;
}

EqualityVerdict VerdictOf(const EqualityPair& pair, const EqualityResult& result) {
  if (!pair.meant_equal()) return EqualityVerdict::kNotApplicable;
  return result.relative <= pair.tolerance ? EqualityVerdict::kEqual : EqualityVerdict::kDifferent;
}

bool IsWorthAnotherSeed(const EqualityPair& pair, const EqualityResult& result) {
  return VerdictOf(pair, result) == EqualityVerdict::kDifferent && pair.attempt < kEqualityAttempts;
}

std::string_view VerdictName(EqualityVerdict verdict) {
  switch (verdict) {
    case EqualityVerdict::kEqual:
      return "equal";
    case EqualityVerdict::kDifferent:
      return "different";
    case EqualityVerdict::kNotApplicable:
      break;
  }
  return "not-applicable";
}

std::string EqualitySentence(const EqualityPair& pair, const EqualityResult& result) {
  const std::string many = pair.workers == 1 ? "the experiment" : fmt::format("{} workers", pair.workers);
  switch (VerdictOf(pair, result)) {
    case EqualityVerdict::kEqual:
      return fmt::format("after {} steps the parameters of {} equal those of one worker {}{}", pair.steps,
                         many, result.different == 0 ? "bit for bit" : "to rounding",
                         pair.attempt == 1
                             ? ""
                             : fmt::format(" (seed {}; with {} before it the two parted, as "
                                           "they do where rounding tips a unit at its threshold)",
                                           pair.seed, pair.attempt == 2 ? "the one" : "those"));
    case EqualityVerdict::kDifferent:
      return fmt::format(
          "after {} steps the parameters of {} differ from those of one worker by more than rounding{}",
          pair.steps, many, pair.attempt == 1 ? "" : fmt::format(", with each of {} seeds", pair.attempt));
    case EqualityVerdict::kNotApplicable:
      break;
  }
  return fmt::format("{} {} not meant to equal one worker, so there is no verdict", many,
                     pair.workers == 1 ? "is" : "are");
}

}  // namespace concertina
