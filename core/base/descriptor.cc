// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// descriptor.cc: checks JSON against descriptors, and gives them as JSON (see descriptor.h).
#include "core/base/descriptor.h"

#include <cassert>
#include <cmath>
#include <limits>

#include "core/base/registry.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

std::string Range(const ParamSpec& spec, std::string_view noun) {
  const bool low = std::isfinite(spec.minimum);
  const bool high = std::isfinite(spec.maximum);
  if (low && high) return fmt::format("{} from {} to {}", noun, spec.minimum, spec.maximum);
  if (low) return fmt::format("{} of at least {}", noun, spec.minimum);
  if (high) return fmt::format("{} of at most {}", noun, spec.maximum);
  return std::string(noun);
}

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool InRange(const ParamSpec& spec, double value) {
  return std::isfinite(value) && value >= spec.minimum && value <= spec.maximum;
}

// Whole, and small enough for int64_t: nlohmann keeps what is larger unsigned, or as a double.
bool IsWhole(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()});
}

void CheckValue(const ParamSpec& spec, Json& value, const std::string& pointer, std::vector<Fault>& faults) {
  switch (spec.type) {
    case ParamType::kBoolean:
      if (!value.is_boolean()) faults.push_back(MakeFault(pointer, ShowJson(value), "true or false"));
      return;
    case ParamType::kInteger:
      if (!IsWhole(value) || !InRange(spec, value.get<double>()))
        faults.push_back(MakeFault(pointer, ShowJson(value), Range(spec, "a whole number")));
      return;
    case ParamType::kNumber:
      if (!value.is_number() || !InRange(spec, value.get<double>()))
        faults.push_back(MakeFault(pointer, ShowJson(value), Range(spec, "a number")));
      return;
    case ParamType::kText:
    case ParamType::kPath:
      if (!value.is_string()) faults.push_back(MakeFault(pointer, ShowJson(value), "a text in quotes"));
      return;
    case ParamType::kChoice: {
      for (const std::string& choice : spec.choices)
        if (value.is_string() && value.get_ref<const std::string&>() == choice) return;
      faults.push_back(
          MakeFault(pointer, ShowJson(value), "one of " + Join(spec.choices),
                    value.is_string() ? NearestName(value.get<std::string>(), spec.choices) : ""));
      return;
    }
    case ParamType::kIntegerList: {
      bool good = value.is_array() && value.size() <= 1024;
      for (size_t i = 0; good && i < value.size(); ++i)
        good = IsWhole(value[i]) && InRange(spec, value[i].get<double>());
      if (!good)
        faults.push_back(
            MakeFault(pointer, ShowJson(value), "a list of whole numbers, each " + Range(spec, "one")));
      return;
    }
    case ParamType::kComponent:
      value = Registry::Global().Check(spec.choices.at(0), value, pointer, faults).json();
      return;
  }
}

}  // namespace

std::string ShowJson(const Json& value) {
  return Shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string Shortened(std::string text) {
  if (text.size() <= 60) return text;
  size_t end = 57;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "...";
}

std::string_view ParamTypeName(ParamType type) {
  switch (type) {
    case ParamType::kBoolean:
      return "boolean";
    case ParamType::kInteger:
      return "integer";
    case ParamType::kNumber:
      return "number";
    case ParamType::kText:
      return "text";
    case ParamType::kChoice:
      return "choice";
    case ParamType::kPath:
      return "path";
    case ParamType::kIntegerList:
      return "integer-list";
    case ParamType::kComponent:
      return "component";
  }
  return "";
}

std::string EscapePointer(std::string_view name) {
  std::string escaped;
  for (const char c : name)
    escaped += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return escaped;
}

DefaultValue::DefaultValue(double v) : text(Json(v).dump()) {}
DefaultValue::DefaultValue(const char* v) : text(Json(v).dump()) {}
DefaultValue::DefaultValue(std::initializer_list<int> v) : text(Json(std::vector<int>(v)).dump()) {}

Fault MakeFault(std::string pointer, std::string found, std::string expected, std::string suggestion) {
  Fault fault{std::move(pointer), std::move(found), std::move(expected), std::move(suggestion), ""};
  fault.message = fmt::format("{}: found {}, expected {}", fault.pointer.empty() ? "/" : fault.pointer,
                              fault.found, fault.expected);
  if (!fault.suggestion.empty()) fault.message += fmt::format("; did you mean \"{}\"?", fault.suggestion);
  return fault;
}

absl::Status FaultsToStatus(const std::vector<Fault>& faults) {
  if (faults.empty()) return absl::OkStatus();
  std::string text;
  for (const Fault& fault : faults) text += (text.empty() ? "" : "\n") + fault.message;
  return absl::InvalidArgumentError(text);
}

Params::Params() : json_(std::make_unique<Json>(Json::object())) {}
Params::~Params() = default;
Params::Params(const Params& other) : json_(std::make_unique<Json>(*other.json_)), kind_(other.kind_) {}
Params::Params(Params&&) noexcept = default;
Params& Params::operator=(const Params& other) {
  *this = Params(other);
  return *this;
}
Params& Params::operator=(Params&&) noexcept = default;

Params Params::Check(const Descriptor& descriptor, const Json& object, const std::string& pointer,
                     std::vector<Fault>& faults) {
  Params params;
  params.kind_ = descriptor.kind;
  if (!object.is_object()) {
    faults.push_back(
        MakeFault(pointer, ShowJson(object), "an object like {\"kind\": \"" + descriptor.kind + "\"}"));
    return params;
  }
  Json& filled = *params.json_;
  filled["kind"] = descriptor.kind;
  std::vector<std::string> names;
  for (const ParamSpec& spec : descriptor.params) names.push_back(spec.name);
  for (const auto& [name, value] : object.items()) {
    if (name == "kind") continue;
    bool known = false;
    for (const std::string& candidate : names) known |= candidate == name;
    if (!known)
      faults.push_back(MakeFault(pointer + "/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                                 names.empty() ? descriptor.kind + " takes no parameters"
                                               : "a parameter of " + descriptor.kind + ": " + Join(names),
                                 NearestName(name, names)));
  }
  for (const ParamSpec& spec : descriptor.params) {
    const std::string where = pointer + "/" + spec.name;
    if (const auto found = object.find(spec.name); found != object.end()) {
      Json value = *found;
      CheckValue(spec, value, where, faults);
      filled[spec.name] = std::move(value);
    } else if (!spec.default_value.text.empty()) {
      Json value = Json::parse(spec.default_value.text);
      if (spec.type == ParamType::kComponent) CheckValue(spec, value, where, faults);
      filled[spec.name] = std::move(value);
    } else if (!spec.optional) {
      faults.push_back(MakeFault(where, "nothing", "a value: " + spec.doc));
    }
  }
  return params;
}

bool Params::Boolean(std::string_view name) const { return json_->at(std::string(name)).get<bool>(); }
int64_t Params::Integer(std::string_view name) const { return json_->at(std::string(name)).get<int64_t>(); }
double Params::Number(std::string_view name) const { return json_->at(std::string(name)).get<double>(); }
std::string Params::Text(std::string_view name) const {
  return json_->at(std::string(name)).get<std::string>();
}
std::vector<int64_t> Params::IntegerList(std::string_view name) const {
  return json_->at(std::string(name)).get<std::vector<int64_t>>();
}
Params Params::Component(std::string_view name) const {
  Params params;
  *params.json_ = json_->at(std::string(name));
  params.kind_ = params.json_->at("kind").get<std::string>();
  return params;
}
bool Params::Has(std::string_view name) const { return json_->contains(std::string(name)); }
const std::string& Params::kind() const { return kind_; }
const Json& Params::json() const { return *json_; }

Json DescriptorToJson(const Descriptor& descriptor) {
  Json parameters = Json::array();
  for (const ParamSpec& spec : descriptor.params) {
    Json entry = {{"name", spec.name},       {"type", ParamTypeName(spec.type)},
                  {"unit", spec.unit},       {"default", nullptr},
                  {"minimum", nullptr},      {"maximum", nullptr},
                  {"choices", spec.choices}, {"doc", spec.doc},
                  {"live", spec.live},       {"optional", spec.optional}};
    if (!spec.default_value.text.empty()) entry["default"] = Json::parse(spec.default_value.text);
    if (std::isfinite(spec.minimum)) entry["minimum"] = spec.minimum;
    if (std::isfinite(spec.maximum)) entry["maximum"] = spec.maximum;
    parameters.push_back(std::move(entry));
  }
  return {{"kind", descriptor.kind},
          {"title", descriptor.title},
          {"summary", descriptor.summary},
          {"citation", descriptor.citation},
          {"parameters", std::move(parameters)}};
}

}  // namespace concertina
