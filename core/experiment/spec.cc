// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec.cc: checks an experiment file, section by section and then the sections against each other, and gives
// it back with everything that was left out (see spec.h).
#include "core/experiment/spec.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/base/json_text.h"
#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/experiment/fault_injection.h"
#include "core/experiment/knob_policy.h"
#include "core/experiment/sections.h"
#include "core/experiment/transport_choice.h"
#include "core/gradient/chain.h"
#include "core/gradient/integrator.h"
#include "core/nn/optimizer.h"
#include "core/parallel/cut_codec.h"
#include "core/parallel/exchange.h"
#include "core/parallel/pipeline_schedule.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMaxFaults = 200;  // of a file that is hardly a spec; a reply stays small
constexpr size_t kMaxNameCharacters = 200;
constexpr int64_t kMaxWorkers = 4096;
constexpr size_t kMaxListEntries = 256;  // of layer_gradients and of knobs

OrderedJson InOrder(const Descriptor& descriptor, const Json& value);

// {"kind": …} first, then the parameters as the descriptor lists them, nested components likewise.
OrderedJson ComponentInOrder(std::string_view category, const Json& value) {
  OrderedJson ordered;
  const std::string kind = value.value("kind", "");
  ordered["kind"] = kind;
  if (const Descriptor* descriptor = Registry::Global().Find(category, kind))
    ordered.update(InOrder(*descriptor, value));
  return ordered;
}

OrderedJson InOrder(const Descriptor& descriptor, const Json& value) {
  OrderedJson ordered = OrderedJson::object();
  for (const ParamSpec& param : descriptor.params) {
    const auto found = value.find(param.name);
    if (found == value.end()) continue;
    if (param.type == ParamType::kComponent) {
      ordered[param.name] = ComponentInOrder(param.choices.at(0), *found);
    } else {
      ordered[param.name] = *found;
    }
  }
  return ordered;
}

// A component that every kind of the category carries inside, also when a plugin's descriptor forgot it.
Descriptor WithPart(Descriptor descriptor, const std::string& name, const std::string& absent) {
  for (const ParamSpec& param : descriptor.params)
    if (param.name == name) return descriptor;
  descriptor.params.push_back({.name = name,
                               .type = ParamType::kComponent,
                               .default_value = DefaultValue::FromJson(absent),
                               .choices = {name}});
  return descriptor;
}

class Checker {
 public:
  explicit Checker(const Json& file) : file_(file) {}

  SpecCheck Run() {
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
    CheckGradient();
    CheckLayerGradients();
    CheckNetwork();
    CheckWorkers();
    CheckElastic();
    CheckRecipe();
    CheckInjections();
    CheckContradictions();
    CheckKnobs();
    if (faults_.empty()) MakeName();
    return Result();
  }

 private:
  SpecCheck Result() {
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

  Json Section(const std::string& name) const {
    const auto found = file_.find(name);
    return found == file_.end() ? AbsentSection(name) : *found;
  }

  void CheckNames() {
    for (const auto& [name, value] : file_.items())
      if (std::find(SectionNames().begin(), SectionNames().end(), name) == SectionNames().end())
        faults_.push_back(MakeFault("/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                                    fmt::format("one of {}", fmt::join(SectionNames(), ", ")),
                                    NearestName(name, SectionNames())));
    for (const std::string& name : SectionNames()) filled_[name] = nullptr;  // the order of the output
  }

  void CheckNameAndSeed() {
    Json head = Json::object();
    for (const char* field : {"name", "seed"})
      if (file_.contains(field)) head[field] = file_.at(field);
    const size_t before = faults_.size();
    const Params params = Params::Check(SectionDescriptor("experiment"), head, "", faults_);
    if (faults_.size() != before) return;
    spec_.seed = static_cast<uint64_t>(params.Integer("seed"));
    filled_["seed"] = spec_.seed;
    if (!params.Has("name")) return;
    spec_.name = params.Text("name");
    // Names stand in tables and terminals: one line, no control characters.
    const bool is_line = std::none_of(spec_.name.begin(), spec_.name.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (!is_line || spec_.name.size() > kMaxNameCharacters)
      faults_.push_back(MakeFault("/name", ShowJson(spec_.name),
                                  fmt::format("one line of at most {} bytes", kMaxNameCharacters)));
  }

  Params Component(const std::string& section) { return Component(section, "", "", nullptr); }

  // Checks the section; `part` is the component inside that also stands by itself in the spec.
  Params Component(const std::string& section, const std::string& part, const std::string& part_absent,
                   Params* part_params) {
    const std::string category = FindComponentSection(section)->category;
    const Json value = Section(section);
    const std::string pointer = "/" + section;
    const size_t before = faults_.size();
    Params params;
    const Descriptor* descriptor = nullptr;
    if (value.is_object() && value.contains("kind") && value.at("kind").is_string())
      descriptor = Registry::Global().Find(category, value.at("kind").get<std::string>());
    if (descriptor == nullptr) {
      params = Registry::Global().Check(category, value, pointer, faults_);  // says what is wrong
    } else if (part.empty()) {
      params = Params::Check(*descriptor, value, pointer, faults_);
      filled_[section] = ComponentInOrder(category, params.json());
    } else {
      const Descriptor whole = WithPart(*descriptor, part, part_absent);
      params = Params::Check(whole, value, pointer, faults_);
      if (faults_.size() == before) {
        *part_params = params.Component(part);
        OrderedJson ordered = {{"kind", descriptor->kind}};
        ordered.update(InOrder(whole, params.json()));
        filled_[section] = std::move(ordered);
      }
    }
    return params;
  }

  // A section that is no component: an object without "kind". Nothing if it has faults.
  std::optional<Params> Plain(const std::string& section) {
    const Json value = Section(section);
    const size_t before = faults_.size();
    if (!value.is_object()) {
      faults_.push_back(MakeFault("/" + section, ShowJson(value), "an object: {…}"));
      return std::nullopt;
    }
    const Descriptor descriptor = SectionDescriptor(section);
    if (value.contains("kind"))
      faults_.push_back(MakeFault("/" + section + "/kind", "\"kind\"", section + " has none: leave it out"));
    Params params = Params::Check(descriptor, value, "/" + section, faults_);
    if (faults_.size() != before) return std::nullopt;
    filled_[section] = InOrder(descriptor, params.json());
    return params;
  }

  void CheckTraining() {
    const std::optional<Params> params = Plain("training");
    if (!params) return;
    spec_.training = {.batch_size = params->Integer("batch_size"),
                      .epochs = params->Number("epochs"),
                      .max_steps = params->Integer("max_steps"),
                      .threads_per_worker = params->Integer("threads_per_worker"),
                      .evaluate_every_epochs = params->Number("evaluate_every_epochs"),
                      .checkpoint_every_steps = params->Integer("checkpoint_every_steps"),
                      .resume_after_failure = params->Integer("resume_after_failure"),
                      .worker_mtbf_hours = params->Number("worker_mtbf_hours")};
  }

  void CheckMesh() {
    const std::optional<Params> params = Plain("mesh");
    if (!params) return;
    has_mesh_ = true;
    if (params->Has("data")) spec_.mesh_data = params->Integer("data");
    has_mesh_data_ = params->Has("data");
    spec_.mesh_pipeline = params->Integer("pipeline");
    spec_.mesh_tensor = params->Integer("tensor");
  }

  void CheckGradient() { filled_["gradient"] = Chain(Section("gradient"), "/gradient", spec_.gradient); }

  // The list of codecs at `where`: those that are good go to `codecs`, and come back in order.
  OrderedJson Chain(const Json& chain, const std::string& where, std::vector<Params>& codecs) {
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

  // A list that stands in a filled spec only where the file names it. Null if it is no list.
  const Json* ListOf(const std::string& name, const char* example) {
    const auto found = file_.find(name);
    if (found == file_.end()) {
      filled_.erase(name);
      return nullptr;
    }
    if (found->is_array() && found->size() <= kMaxListEntries) return &*found;
    faults_.push_back(MakeFault(
        "/" + name, found->is_array() ? fmt::format("a list of {}", found->size()) : ShowJson(*found),
        fmt::format("a list of at most {} like [{}]", kMaxListEntries, example)));
    return nullptr;
  }

  // Whether it is an object with no other fields than these.
  bool HasOnly(const Json& entry, const std::string& pointer, const std::vector<std::string>& fields,
               const char* example) {
    if (!entry.is_object()) {
      faults_.push_back(MakeFault(pointer, ShowJson(entry), fmt::format("an object like {}", example)));
      return false;
    }
    const size_t before = faults_.size();
    for (const auto& [name, value] : entry.items())
      if (std::find(fields.begin(), fields.end(), name) == fields.end())
        faults_.push_back(
            MakeFault(pointer + "/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                      fmt::format("one of {}", fmt::join(fields, ", ")), NearestName(name, fields)));
    return faults_.size() == before;
  }

  void CheckLayerGradients() {
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

  // Where a codec is given vectors of all layers together, none can have its own.
  void CheckCodedByLayer() {
    if (spec_.layer_gradients.empty()) return;
    const std::unique_ptr<Exchange> exchange = MakeExchange();
    if (exchange == nullptr || exchange->codes_by_layer()) return;
    faults_.push_back(MakeFault(
        "/layer_gradients", fmt::format("a list of {}", spec_.layer_gradients.size()),
        fmt::format("[]: the exchange \"{}\" sends vectors of all layers together, which take the one chain "
                    "of /gradient; or an exchange that averages gradients in buckets, like all-reduce",
                    spec_.exchange.kind())));
  }

  // Differences of gradients mean something only to who adds them up.
  void CheckDifferences(const std::vector<Params>& gradient, const std::string& where) {
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
  void CheckVote(std::span<const Params> gradient, const std::string& where) {
    if (HasFaultsOf(where)) return;
    const std::optional<std::string> pointer = CombiningPointer(gradient);
    const std::unique_ptr<Exchange> exchange = MakeExchange();
    if (!pointer || exchange == nullptr || exchange->combines()) return;
    faults_.push_back(MakeFault(
        where + pointer->substr(std::string_view("/gradient").size()), "true",
        fmt::format(
            "false with this exchange (\"{}\"): nobody there has what all workers sent; or all-reduce, "
            "or a synchronous parameter-server without backup workers",
            spec_.exchange.kind()),
        "false"));
  }

  // Momentum instead of gradients: every rank must know the average to go on from, and a codec must lose
  // nothing but what it remembers by itself.
  void CheckAveragedMomentum() {
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

  void CheckKnobs() {
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
      knob.policy = Registry::Global().Check("knob-policy", entry.value("policy", Json()),
                                             pointer + "/policy", faults_);
      if (faults_.size() != before) continue;
      ordered.push_back(
          {{"pointer", knob.pointer}, {"policy", ComponentInOrder("knob-policy", knob.policy.json())}});
    }
    filled_["knobs"] = std::move(ordered);
    if (!is_whole || !faults_.empty()) return;
    const std::vector<LiveKnob> live = LiveKnobsOf(Json::parse(filled_.dump(), nullptr, false));
    for (size_t i = 0; i < spec_.knobs.size(); ++i) CheckHeldKnob(i, live);
  }

  void CheckHeldKnob(size_t index, const std::vector<LiveKnob>& live) {
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

  void CheckPolicy(const Params& params, const ParamSpec& knob, const std::string& where) {
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
          fmt::format("no policy with the exchange \"{}\": its workers {}; or an exchange in step, like "
                      "all-reduce",
                      spec_.exchange.kind(),
                      exchange->lockstep() ? "have no measurement that all of them know"
                                           : "do not make their steps together, and would turn at "
                                             "different times")));
  }

  // What the compressors ask of a model is found when they meet it; here it is what each says of itself.
  void CheckRecipe() {
    constexpr char kExample[] = R"({"kind": "prune-l1", "amount": 0.5}, {"kind": "retrain", "epochs": 1})";
    const Json* const list = ListOf("recipe", kExample);
    if (list != nullptr) {
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
          faults_.push_back(
              MakeFault("/mesh/pipeline", std::to_string(spec_.mesh_pipeline),
                        fmt::format("1 with the step \"{}\" of /recipe, which trains more than the model",
                                    step.kind())));
        ordered.push_back(ComponentInOrder("compressor", step.json()));
        spec_.recipe.push_back(std::move(step));
      }
      filled_["recipe"] = std::move(ordered);
    }
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

  // Faults that are wanted, not those of the file.
  void CheckInjections() {
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

  // "PARAMETER: found …, expected …" as a fault of that parameter.
  static Fault FaultOfParam(const absl::Status& status, const Params& params, const std::string& pointer) {
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

  void CheckNetwork() {
    const std::optional<Params> params = Plain("network");
    if (!params) return;
    spec_.network = {.transport = params->Text("transport"),
                     .bandwidth_mbit = params->Number("bandwidth_mbit"),
                     .latency_ms = params->Number("latency_ms"),
                     .jitter_ms = params->Number("jitter_ms"),
                     .loss = params->Number("loss")};
  }

  void CheckWorkers() {
    Json groups = Section("workers");
    const bool names_workers = has_mesh_data_ || spec_.mesh_pipeline * spec_.mesh_tensor > 1;
    if (!file_.contains("workers") && has_mesh_ && names_workers)
      groups[0]["count"] = spec_.mesh_data * spec_.mesh_pipeline * spec_.mesh_tensor + Servers();
    if (!groups.is_array() || groups.empty()) {
      faults_.push_back(MakeFault("/workers", ShowJson(groups),
                                  "a list of at least one like {\"launcher\": \"local\", \"count\": 4}"));
      return;
    }
    const size_t before = faults_.size();
    OrderedJson ordered = OrderedJson::array();
    for (size_t i = 0; i < groups.size(); ++i)
      ordered.push_back(CheckGroup(groups[i], fmt::format("/workers/{}", i)));
    if (faults_.size() != before) return;
    if (spec_.worker_count() > kMaxWorkers) {
      faults_.push_back(MakeFault("/workers", fmt::format("{} workers", spec_.worker_count()),
                                  fmt::format("at most {}", kMaxWorkers)));
      return;
    }
    filled_["workers"] = std::move(ordered);
    has_workers_ = true;
  }

  void CheckElastic() {
    if (!file_.contains("elastic")) {
      filled_.erase("elastic");
      return;
    }
    const std::optional<Params> params = Plain("elastic");
    if (!params) return;
    const Elastic elastic = {.min_workers = params->Integer("min_workers"),
                             .max_workers = params->Integer("max_workers"),
                             .replaces = params->Boolean("replace"),
                             .scales_learning_rate = params->Text("learning_rate") == "linear",
                             .base_workers = params->Integer("base_workers")};
    spec_.elastic = elastic;
    if (!has_workers_) return;
    const int64_t workers = spec_.worker_count();
    if (elastic.min_workers > workers)
      faults_.push_back(MakeFault("/elastic/min_workers", std::to_string(elastic.min_workers),
                                  fmt::format("at most {}, the workers of /workers", workers),
                                  std::to_string(workers)));
    if (elastic.max_workers > 0 && elastic.max_workers < workers)
      faults_.push_back(MakeFault("/elastic/max_workers", std::to_string(elastic.max_workers),
                                  fmt::format("at least {}, the workers of /workers; or 0", workers),
                                  std::to_string(workers)));
  }

  OrderedJson CheckGroup(const Json& entry, const std::string& pointer) {
    const std::vector<std::string> kinds = Registry::Global().Kinds("launcher");
    if (!entry.is_object()) {
      faults_.push_back(
          MakeFault(pointer, ShowJson(entry), "an object like {\"launcher\": \"local\", \"count\": 4}"));
      return nullptr;
    }
    const Json launcher = entry.value("launcher", Json("local"));
    const std::string kind = launcher.is_string() ? launcher.get<std::string>() : "";
    const Descriptor* registered = Registry::Global().Find("launcher", kind);
    const bool is_good = kinds.empty() ? !kind.empty() : registered != nullptr;
    if (!is_good)
      faults_.push_back(MakeFault(
          pointer + "/launcher", ShowJson(launcher),
          kinds.empty() ? "the name of a launcher" : fmt::format("one of {}", fmt::join(kinds, ", ")),
          launcher.is_string() ? NearestName(kind, kinds) : ""));
    if (entry.contains("kind"))
      faults_.push_back(
          MakeFault(pointer + "/kind", "\"kind\"", "the launcher's name under \"launcher\"", "launcher"));

    // An unknown launcher's count is checked all the same: all faults in one go.
    Descriptor descriptor =
        WorkersEntry(registered != nullptr ? *registered : Descriptor{.category = "launcher", .kind = kind});
    Json own = entry;
    own.erase("launcher");
    own.erase("kind");
    if (registered == nullptr)
      for (const auto& [name, value] : entry.items())
        if (!IsCommonToWorkers(name)) own.erase(name);
    const size_t before = faults_.size();
    Params params = Params::Check(descriptor, own, pointer, faults_);
    if (faults_.size() != before || !is_good) return nullptr;

    OrderedJson ordered = {{"launcher", kind}};
    ordered.update(InOrder(descriptor, params.json()));
    if (registered == nullptr)  // a program without launchers: as the engine gave it
      for (const auto& [name, value] : entry.items())
        if (name != "launcher" && !IsCommonToWorkers(name)) ordered[name] = value;
    spec_.workers.push_back({.launcher = params,
                             .count = params.Integer("count"),
                             .speed = params.Number("speed"),
                             .bandwidth_mbit = params.Number("bandwidth_mbit"),
                             .latency_ms = params.Number("latency_ms"),
                             .jitter_ms = params.Number("jitter_ms"),
                             .loss = params.Number("loss")});
    return ordered;
  }

  // The sections against each other. Only what is good by itself is compared.
  void CheckContradictions() {
    if (has_mesh_ && has_workers_) {
      const int64_t workers = spec_.worker_count();
      const int64_t others = spec_.mesh_pipeline * spec_.mesh_tensor;
      const int64_t servers = Servers();
      if (!has_mesh_data_) spec_.mesh_data = std::max<int64_t>(1, (workers - servers) / others);
      const int64_t places = spec_.mesh_data * others;
      if (places + servers != workers) {
        const std::string and_servers = servers == 0 ? "" : fmt::format(", and {} to serve", servers);
        faults_.push_back(
            MakeFault(has_mesh_data_ && others == 1 ? "/mesh/data" : "/mesh",
                      fmt::format("{} x {} x {} = {}{}", spec_.mesh_data, spec_.mesh_pipeline,
                                  spec_.mesh_tensor, places, and_servers),
                      fmt::format("{}, the workers of /workers: change one of them, or leave /mesh/data out",
                                  workers)));
      }
      OrderedJson mesh = {{"data", spec_.mesh_data}};
      mesh.update(filled_["mesh"]);
      mesh["data"] = spec_.mesh_data;
      filled_["mesh"] = std::move(mesh);
    }
    if (has_workers_ && spec_.exchange.kind() == "single" && spec_.mesh_data > 1)
      faults_.push_back(MakeFault(
          "/exchange/kind", "\"single\"",
          fmt::format("an exchange between {} workers, or one worker", spec_.mesh_data), "all-reduce"));
    CheckModelAxes();
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
    if (has_workers_ && spec_.network.transport == "in-process")
      for (size_t i = 0; i < spec_.workers.size(); ++i)
        if (spec_.workers[i].launcher.kind() != "in-process")
          faults_.push_back(
              MakeFault("/network/transport", "\"in-process\"",
                        fmt::format("auto: the launcher \"{}\" of /workers/{} starts other processes",
                                    spec_.workers[i].launcher.kind(), i),
                        "auto"));
    if (has_workers_ && spec_.network.transport == "shared-memory")
      for (size_t i = 0; i < spec_.workers.size(); ++i)
        if (!IsOfThisHost(spec_.workers[i].launcher.kind()))
          faults_.push_back(
              MakeFault("/network/transport", "\"shared-memory\"",
                        fmt::format("auto: the workers of the launcher \"{}\" of /workers/{} are elsewhere",
                                    spec_.workers[i].launcher.kind(), i),
                        "auto"));
    if (has_workers_) CheckLibraryTransport();
  }

  // An MPI world is started by one mpirun or srun; Gloo listens at ports that nobody knows before.
  void CheckLibraryTransport() {
    const std::string& transport = spec_.network.transport;
    if (transport == "mpi" && spec_.workers.size() > 1)
      faults_.push_back(MakeFault(
          "/network/transport", "\"mpi\"",
          fmt::format("auto, or one entry of /workers: the {} there are would be as many MPI worlds",
                      spec_.workers.size()),
          "auto"));
    for (size_t i = 0; i < spec_.workers.size(); ++i) {
      const std::string& launcher = spec_.workers[i].launcher.kind();
      if (transport == "mpi" && launcher != "local" && launcher != "slurm")
        faults_.push_back(MakeFault(
            "/network/transport", "\"mpi\"",
            fmt::format("auto: the launcher \"{}\" of /workers/{} starts no MPI world; local and slurm do",
                        launcher, i),
            "auto"));
      if (transport == "gloo" && launcher == "kubernetes")
        faults_.push_back(MakeFault("/network/transport", "\"gloo\"",
                                    fmt::format("auto: between the pods of the launcher \"kubernetes\" of "
                                                "/workers/{} only mutual TLS is meant "
                                                "to pass",
                                                i),
                                    "auto"));
    }
  }

  // The parts of a model are of one only as long as all its ranks make the same steps.
  void CheckModelAxes() {
    if (spec_.mesh_tensor * spec_.mesh_pipeline == 1) return;
    const std::unique_ptr<Exchange> exchange = MakeExchange();
    if (exchange == nullptr || (exchange->lockstep() && exchange->servers() == 0)) return;
    const bool is_tensor = spec_.mesh_tensor > 1;
    faults_.push_back(MakeFault(
        is_tensor ? "/mesh/tensor" : "/mesh/pipeline",
        std::to_string(is_tensor ? spec_.mesh_tensor : spec_.mesh_pipeline),
        fmt::format("1 with the exchange \"{}\": {}; or an exchange like all-reduce", spec_.exchange.kind(),
                    exchange->lockstep() ? "its servers keep whole models"
                                         : "its workers do not make their steps together")));
  }

  void CheckPipeline() {
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
    CheckActivations();
  }

  void CheckActivations() {
    const Params codec = spec_.pipeline.Component("activations");
    const absl::Status fits = FitsACut(codec);
    if (fits.ok()) return;
    const bool is_asked_for = codec.json().value("error_feedback", false);  // else it always remembers
    faults_.push_back(
        MakeFault(is_asked_for ? "/pipeline/activations/error_feedback" : "/pipeline/activations/kind",
                  is_asked_for ? "true" : fmt::format("\"{}\"", codec.kind()), std::string(fits.message())));
  }

  bool HasFaultsOf(std::string_view pointer) const {
    return std::any_of(faults_.begin(), faults_.end(),
                       [&](const Fault& fault) { return fault.pointer.starts_with(pointer); });
  }

  // Null where its own section has faults.
  std::unique_ptr<Exchange> MakeExchange() const {
    if (HasFaultsOf("/exchange") || Registry::Global().Find("exchange", spec_.exchange.kind()) == nullptr)
      return nullptr;
    auto exchange = Registry::Global().Create<Exchange>("exchange", spec_.exchange);
    return exchange.ok() ? *std::move(exchange) : nullptr;
  }

  // Virtual clients train whole models.
  void CheckRounds() {
    const std::unique_ptr<Exchange> exchange = MakeExchange();
    if (exchange == nullptr || !exchange->rounds()) return;
    for (const auto& [axis, length] :
         {std::pair("pipeline", spec_.mesh_pipeline), {"tensor", spec_.mesh_tensor}})
      if (length > 1)
        faults_.push_back(MakeFault(fmt::format("/mesh/{}", axis), std::to_string(length),
                                    fmt::format("1: with {} each worker trains the whole model of one client "
                                                "after another",
                                                spec_.exchange.kind())));
  }

  // Workers besides the mesh's that only serve.
  int64_t Servers() const {
    const std::unique_ptr<Exchange> exchange = MakeExchange();
    return exchange == nullptr ? 0 : exchange->servers();
  }

  void MakeName() {
    if (spec_.name.empty()) {
      spec_.name = fmt::format("{}, {}", spec_.model.kind(), spec_.exchange.kind());
      for (const Params& codec : spec_.gradient)
        if (codec.kind() != "none") spec_.name += ", " + codec.kind();
      if (!spec_.layer_gradients.empty()) spec_.name += ", codecs by layer";
    }
    filled_["name"] = spec_.name;
  }

  const Json& file_;
  Spec spec_;
  OrderedJson filled_;
  std::vector<Fault> faults_;
  bool has_mesh_ = false, has_mesh_data_ = false, has_workers_ = false;
};

}  // namespace

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
  SpecCheck check = Checker(file).Run();
  check.faults.insert(check.faults.begin(), faults.begin(), faults.end());  // names that stand twice
  if (!check.faults.empty()) check.spec.json.clear();
  return check;
}

}  // namespace concertina
