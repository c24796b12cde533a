// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_lists.cc: the sections of an experiment file that are lists: codecs, a recipe, faults, knobs (see
// spec_impl.h).
#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/experiment/fault_injection.h"
#include "core/experiment/knob_policy.h"
#include "core/experiment/spec_impl.h"
#include "core/gradient/chain.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr size_t kMaxListEntries = 256;

// "PARAMETER: found …, expected …" as a fault of that parameter.
Fault FaultOfParam(const absl::Status& status, const Params& params, const std::string& pointer) {
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  const std::string name = message.substr(0, colon == std::string::npos ? 0 : colon);
  const size_t expected = message.find("expected ");
  const bool is_named = !name.empty() && name.find(' ') == std::string::npos;
  const std::string where = is_named ? pointer + "/" + name : pointer;
  if (!is_named || expected == std::string::npos) return MakeFault(where, ShowJson(params.json()), message);
  const std::string found = message.substr(colon + 2, expected - colon - 4);
  return MakeFault(where, found.starts_with("found ") ? found.substr(6) : found,
                   message.substr(expected + 9));
}

}  // namespace

const Json* SpecReader::ListOf(const std::string& name, const char* example) {
  const auto found = file_.find(name);
  if (found == file_.end()) {
    filled_.erase(name);
    return nullptr;
  }
  if (found->is_array() && found->size() <= kMaxListEntries) return &*found;
  faults_.push_back(
      MakeFault("/" + name, found->is_array() ? fmt::format("a list of {}", found->size()) : ShowJson(*found),
                fmt::format("a list of at most {} like [{}]", kMaxListEntries, example)));
  return nullptr;
}

bool SpecReader::HasOnly(const Json& entry, const std::string& pointer,
                         const std::vector<std::string>& fields, const char* example) {
  if (!entry.is_object()) {
    faults_.push_back(MakeFault(pointer, ShowJson(entry), fmt::format("an object like {}", example)));
    return false;
  }
  const size_t before = faults_.size();
  for (const auto& [name, value] : entry.items())
    if (std::find(fields.begin(), fields.end(), name) == fields.end())
      faults_.push_back(MakeFault(pointer + "/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                                  fmt::format("one of {}", fmt::join(fields, ", ")),
                                  NearestName(name, fields)));
  return faults_.size() == before;
}

OrderedJson SpecReader::Chain(const Json& chain, const std::string& where, std::vector<Params>& codecs) {
  OrderedJson ordered = OrderedJson::array();
  if (!chain.is_array()) {
    const bool is_codec = chain.is_object() && chain.contains("kind");
    faults_.push_back(
        MakeFault(where, ShowJson(chain),
                  is_codec ? "a list of codecs: put it in [ ]" : "a list of codecs, [] for none"));
    return ordered;
  }
  std::vector<std::string> pointers;  // of what is kept
  const size_t before_all = faults_.size();
  for (size_t i = 0; i < chain.size(); ++i) {
    const size_t before = faults_.size();
    const std::string pointer = fmt::format("{}/{}", where, i);
    Params codec = Registry::Global().Check("gradient-codec", chain[i], pointer, faults_);
    if (faults_.size() != before) continue;
    if (codec.kind() == "none" && chain.size() > 1) continue;  // does nothing in a chain
    pointers.push_back(pointer);
    ordered.push_back(ComponentInOrder("gradient-codec", codec.json()));
    codecs.push_back(std::move(codec));
  }
  if (ordered.empty() && !chain.empty() && faults_.size() == before_all) {  // [none, none]
    codecs.push_back(Registry::Global().Check("gradient-codec", chain[0], where + "/0", faults_));
    ordered.push_back(ComponentInOrder("gradient-codec", codecs[0].json()));
  }
  if (faults_.size() == before_all) CheckChain(codecs, pointers, faults_);
  return ordered;
}

void SpecReader::CheckGradient() {
  filled_["gradient"] = Chain(Section("gradient"), "/gradient", spec_.gradient);
}

void SpecReader::CheckLayerGradients() {
  constexpr char kExample[] = R"({"layers": "conv*", "gradient": [{"kind": "fp16"}]})";
  const Json* const list = ListOf("layer_gradients", kExample);
  if (list == nullptr) return;
  OrderedJson ordered = OrderedJson::array();
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const std::string pointer = fmt::format("/layer_gradients/{}", i);
    if (!HasOnly(entry, pointer, {"layers", "gradient"}, kExample)) continue;
    LayerGradient& own = spec_.layer_gradients.emplace_back();
    const Json layers = entry.value("layers", Json());
    if (layers.is_string() && !layers.get_ref<const std::string&>().empty() &&
        layers.get_ref<const std::string&>().size() <= kMaxNameCharacters) {
      own.layers = layers.get<std::string>();
    } else {
      faults_.push_back(MakeFault(pointer + "/layers",
                                  entry.contains("layers") ? ShowJson(layers) : "nothing",
                                  "a pattern of layers' names like \"conv*\""));
    }
    const auto chain = entry.find("gradient");
    if (chain == entry.end()) {
      faults_.push_back(MakeFault(pointer + "/gradient", "nothing", "a list of codecs, [] for none"));
      continue;
    }
    ordered.push_back(
        {{"layers", own.layers}, {"gradient", Chain(*chain, pointer + "/gradient", own.gradient)}});
  }
  filled_["layer_gradients"] = std::move(ordered);
}

// What the compressors ask of a model is found when they meet it; here it is what each says of itself.
void SpecReader::CheckRecipe() {
  constexpr char kExample[] = R"({"kind": "prune-l1", "amount": 0.5}, {"kind": "retrain", "epochs": 1})";
  const Json* const list = ListOf("recipe", kExample);
  if (list == nullptr) return;
  OrderedJson ordered = OrderedJson::array();
  for (size_t i = 0; i < list->size(); ++i) {
    const size_t before = faults_.size();
    const std::string pointer = fmt::format("/recipe/{}", i);
    Params step = Registry::Global().Check("compressor", (*list)[i], pointer, faults_);
    if (faults_.size() != before) continue;
    const auto made = Registry::Global().Create<Compressor>("compressor", step);
    if (!made.ok())
      faults_.push_back(MakeFault(pointer, ShowJson(step.json()), std::string(made.status().message())));
    else if ((*made)->trains_whole() && spec_.mesh_pipeline > 1)
      faults_.push_back(MakeFault(
          "/mesh/pipeline", std::to_string(spec_.mesh_pipeline),
          fmt::format("1 with the step \"{}\" of /recipe, which trains more than the model", step.kind())));
    ordered.push_back(ComponentInOrder("compressor", step.json()));
    spec_.recipe.push_back(std::move(step));
  }
  filled_["recipe"] = std::move(ordered);
}

// Faults that are wanted, not those of the file.
void SpecReader::CheckInjections() {
  constexpr char kExample[] = R"({"kind": "kill", "rank": 1, "at_step": 100})";
  const Json* const list = ListOf("faults", kExample);
  if (list == nullptr) return;
  OrderedJson ordered = OrderedJson::array();
  for (size_t i = 0; i < list->size(); ++i) {
    const size_t before = faults_.size();
    const std::string pointer = fmt::format("/faults/{}", i);
    Json entry = (*list)[i];
    // A rank that is not named is drawn.
    if (entry.is_object() && entry.value("rank", Json()) == "any") entry.erase("rank");
    Params params = Registry::Global().Check("fault", entry, pointer, faults_);
    if (faults_.size() != before) continue;
    const auto made = Registry::Global().Create<FaultInjection>("fault", params);
    absl::Status fits = made.status();
    if (fits.ok() && has_workers_) fits = (*made)->Fits(static_cast<int>(spec_.worker_count()));
    if (!fits.ok()) faults_.push_back(FaultOfParam(fits, params, pointer));
    ordered.push_back(ComponentInOrder("fault", params.json()));
    spec_.faults.push_back(std::move(params));
  }
  filled_["faults"] = std::move(ordered);
}

void SpecReader::CheckKnobs() {
  constexpr char kExample[] = R"({"pointer": "/gradient/0/ratio", "policy": {"kind": "linear", …}})";
  const Json* const list = ListOf("knobs", kExample);
  if (list == nullptr) return;
  // What is live is known once all else is good; until then only the policies themselves are checked.
  const bool is_whole = faults_.empty();
  OrderedJson ordered = OrderedJson::array();
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const std::string pointer = fmt::format("/knobs/{}", i);
    if (!HasOnly(entry, pointer, {"pointer", "policy"}, kExample)) continue;
    const size_t before = faults_.size();
    HeldKnob& knob = spec_.knobs.emplace_back();
    const Json target = entry.value("pointer", Json());
    if (target.is_string()) {
      knob.pointer = target.get<std::string>();
    } else {
      faults_.push_back(MakeFault(pointer + "/pointer",
                                  entry.contains("pointer") ? ShowJson(target) : "nothing",
                                  "a JSON pointer like \"/gradient/0/ratio\""));
    }
    knob.policy =
        Registry::Global().Check("knob-policy", entry.value("policy", Json()), pointer + "/policy", faults_);
    if (faults_.size() != before) continue;
    ordered.push_back(
        {{"pointer", knob.pointer}, {"policy", ComponentInOrder("knob-policy", knob.policy.json())}});
  }
  filled_["knobs"] = std::move(ordered);
  if (!is_whole || !faults_.empty()) return;
  const std::vector<LiveKnob> live = LiveKnobsOf(Json::parse(filled_.dump(), nullptr, false));
  for (size_t i = 0; i < spec_.knobs.size(); ++i) CheckHeldKnob(i, live);
}

void SpecReader::CheckHeldKnob(size_t index, const std::vector<LiveKnob>& live) {
  const HeldKnob& knob = spec_.knobs[index];
  const std::string where = fmt::format("/knobs/{}", index);
  const auto found = [&] { return fmt::format("\"{}\"", Shortened(knob.pointer)); };
  const auto param = std::find_if(live.begin(), live.end(),
                                  [&](const LiveKnob& each) { return each.pointer == knob.pointer; });
  if (param == live.end() || knob.pointer.starts_with("/knobs/")) {
    std::vector<std::string> pointers;
    for (const LiveKnob& each : live)
      if (!each.pointer.starts_with("/knobs/")) pointers.push_back(each.pointer);
    faults_.push_back(
        MakeFault(where + "/pointer", found(),
                  fmt::format("what can change while a run goes: one of {}", fmt::join(pointers, ", ")),
                  NearestName(knob.pointer, pointers)));
    return;
  }
  for (size_t i = 0; i < index; ++i)
    if (spec_.knobs[i].pointer == knob.pointer)
      faults_.push_back(MakeFault(where + "/pointer", found(),
                                  fmt::format("one policy a knob: /knobs/{} turns it already", i)));
  CheckPolicy(knob.policy, param->param, where + "/policy");
}

void SpecReader::CheckPolicy(const Params& params, const ParamSpec& knob, const std::string& where) {
  if (knob.type != ParamType::kNumber && knob.type != ParamType::kInteger) {
    faults_.push_back(MakeFault(where.substr(0, where.rfind('/')) + "/pointer",
                                fmt::format("a setting of the type {}", ParamTypeName(knob.type)),
                                "a number: policies turn no others"));
    return;
  }
  const auto policy = Registry::Global().Create<KnobPolicy>("knob-policy", params);
  if (!policy.ok()) {
    faults_.push_back(MakeFault(where, ShowJson(params.json()), std::string(policy.status().message())));
    return;
  }
  for (const std::string& name : (*policy)->values()) {
    if (!params.Has(name)) continue;
    const double value = params.Number(name);
    if (value >= knob.minimum && value <= knob.maximum) continue;
    faults_.push_back(
        MakeFault(where + "/" + name, ShowJson(params.json().at(name)),
                  fmt::format("a value of {}, from {:g} to {:g}", knob.name, knob.minimum, knob.maximum)));
  }
  const std::unique_ptr<Exchange> exchange = MakeExchange();
  if (exchange == nullptr) return;
  const bool measures = (*policy)->measures();
  if (!exchange->lockstep() || (measures && exchange->survives_loss()))
    faults_.push_back(MakeFault(
        where + "/kind", fmt::format("\"{}\"", params.kind()),
        fmt::format(
            fmt::runtime(spec_.exchange.Has("goes_on_without_lost")
                             ? "no policy with the exchange \"{}\": its workers {}; or "
                               "/exchange/goes_on_without_lost false"
                             : "no policy with the exchange \"{}\": its workers {}; or an exchange in step, "
                               "like all-reduce"),
            spec_.exchange.kind(),
            exchange->lockstep() ? "would add up their measurements, and wait in vain for one that is lost"
                                 : "make steps of their own and would turn at different times, "
                                   "while a server reads payloads by the setting that it has itself")));
}

}  // namespace concertina
