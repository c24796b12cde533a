// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_sections.cc: the sections of an experiment file, each by itself (see spec_impl.h).
#include <algorithm>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/spec_impl.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kMaxWorkers = 4096;

// The parameters as the descriptor lists them.
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

}  // namespace

OrderedJson ComponentInOrder(std::string_view category, const Json& value) {
  OrderedJson ordered;
  const std::string kind = value.value("kind", "");
  ordered["kind"] = kind;
  if (const Descriptor* descriptor = Registry::Global().Find(category, kind))
    ordered.update(InOrder(*descriptor, value));
  return ordered;
}

Json SpecReader::Section(const std::string& name) const {
  const auto found = file_.find(name);
  return found == file_.end() ? AbsentSection(name) : *found;
}

void SpecReader::CheckNames() {
  for (const auto& [name, value] : file_.items())
    if (std::find(SectionNames().begin(), SectionNames().end(), name) == SectionNames().end())
      faults_.push_back(MakeFault("/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                                  fmt::format("one of {}", fmt::join(SectionNames(), ", ")),
                                  NearestName(name, SectionNames())));
  for (const std::string& name : SectionNames()) filled_[name] = nullptr;  // the order of the output
}

void SpecReader::CheckNameAndSeed() {
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
  const bool is_line = std::none_of(spec_.name.begin(), spec_.name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!is_line || spec_.name.size() > kMaxNameCharacters)
    faults_.push_back(MakeFault("/name", ShowJson(spec_.name),
                                fmt::format("one line of at most {} bytes", kMaxNameCharacters)));
}

Params SpecReader::Component(const std::string& section, const std::string& part,
                             const std::string& part_absent, Params* part_params) {
  const std::string category = FindComponentSection(section)->category;
  const Json value = Section(section);
  const std::string pointer = "/" + section;
  const Descriptor* descriptor = nullptr;
  if (value.is_object() && value.contains("kind") && value.at("kind").is_string())
    descriptor = Registry::Global().Find(category, value.at("kind").get<std::string>());
  if (descriptor == nullptr) return Registry::Global().Check(category, value, pointer, faults_);  // says why
  const Descriptor whole = part.empty() ? *descriptor : WithPart(*descriptor, part, part_absent);
  const size_t before = faults_.size();
  Params params = Params::Check(whole, value, pointer, faults_);
  if (faults_.size() != before) return params;
  if (!part.empty()) *part_params = params.Component(part);
  OrderedJson ordered = {{"kind", whole.kind}};
  ordered.update(InOrder(whole, params.json()));
  filled_[section] = std::move(ordered);
  return params;
}

std::optional<Params> SpecReader::Plain(const std::string& section) {
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

void SpecReader::CheckTraining() {
  const std::optional<Params> params = Plain("training");
  if (!params) return;
  spec_.training = {.batch_size = params->Integer("batch_size"),
                    .epochs = params->Number("epochs"),
                    .max_steps = params->Integer("max_steps"),
                    .threads_per_worker = params->Integer("threads_per_worker"),
                    .evaluate_every_epochs = params->Number("evaluate_every_epochs"),
                    .checkpoint_every_steps = params->Integer("checkpoint_every_steps"),
                    .resume_after_failure = params->Integer("resume_after_failure"),
                    .engine_grace_seconds = params->Number("engine_grace_seconds"),
                    .worker_mtbf_hours = params->Number("worker_mtbf_hours"),
                    .measure_every_steps = params->Integer("measure_every_steps")};
}

void SpecReader::CheckMesh() {
  const std::optional<Params> params = Plain("mesh");
  if (!params) return;
  has_mesh_ = true;
  if (params->Has("data")) spec_.mesh_data = params->Integer("data");
  has_mesh_data_ = params->Has("data");
  spec_.mesh_pipeline = params->Integer("pipeline");
  spec_.mesh_tensor = params->Integer("tensor");
}

void SpecReader::CheckTensor() {
  const std::optional<Params> params = Plain("tensor");
  if (params) spec_.tensor_activations = params->Component("activations");
  if (!file_.contains("tensor") && spec_.mesh_tensor == 1) filled_.erase("tensor");
}

void SpecReader::CheckNetwork() {
  const std::optional<Params> params = Plain("network");
  if (!params) return;
  spec_.network = {.transport = params->Text("transport"),
                   .bandwidth_mbit = params->Number("bandwidth_mbit"),
                   .latency_ms = params->Number("latency_ms"),
                   .jitter_ms = params->Number("jitter_ms"),
                   .loss = params->Number("loss")};
}

void SpecReader::CheckWorkers() {
  Json groups = Section("workers");
  const bool names_workers = has_mesh_data_ || spec_.mesh_pipeline * spec_.mesh_tensor > 1;
  if (!file_.contains("workers") && has_mesh_ && names_workers)
    groups[0]["count"] = (spec_.mesh_data + Servers()) * spec_.mesh_pipeline * spec_.mesh_tensor;
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

OrderedJson SpecReader::CheckGroup(const Json& entry, const std::string& pointer) {
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
    faults_.push_back(
        MakeFault(pointer + "/launcher", ShowJson(launcher),
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

void SpecReader::CheckElastic() {
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

}  // namespace concertina
