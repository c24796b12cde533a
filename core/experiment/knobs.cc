// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knobs.cc: one value of a spec, changed before a run (--set) or while it goes (see spec.h).
#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "core/base/json_text.h"
#include "core/base/registry.h"
#include "core/experiment/sections.h"
#include "core/experiment/spec.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMaxTokens = 16;

// training/epochs and training.epochs are what one writes first. "" for what is a pointer, or like none.
std::string PointerMeant(std::string pointer) {
  const auto is_of_name = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
  };
  if (pointer.empty() || !is_of_name(pointer.front())) return "";
  for (char& c : pointer) {
    if (c == '.') c = '/';
    if (c != '/' && !is_of_name(c)) return "";
  }
  return "/" + pointer;
}

absl::StatusOr<std::vector<std::string>> TokensOf(const std::string& pointer) {
  // JSON is UTF-8, and its library throws when it writes anything else.
  if (Json::parse(Json(pointer).dump(-1, ' ', false, Json::error_handler_t::replace)) != pointer)
    return absl::InvalidArgumentError(
        fmt::format("{}: found bytes that are no UTF-8, expected a JSON pointer", ShowJson(pointer)));
  if (const std::string meant = PointerMeant(pointer); !meant.empty())
    return absl::InvalidArgumentError(
        fmt::format("\"{}\": expected a JSON pointer; is {} meant?", Shortened(pointer), Shortened(meant)));
  if (pointer.size() < 2 || pointer.front() != '/')
    return absl::InvalidArgumentError(
        fmt::format("\"{}\": expected a JSON pointer like /optimizer/learning_rate", Shortened(pointer)));
  std::vector<std::string> tokens(1);
  for (size_t i = 1; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (++i < pointer.size() && (pointer[i] == '0' || pointer[i] == '1')) {
      tokens.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      return absl::InvalidArgumentError(
          fmt::format("\"{}\": expected ~0 (for ~) or ~1 (for /) after the ~", Shortened(pointer)));
    }
  }
  if (tokens.size() > kMaxTokens)
    return absl::InvalidArgumentError(
        fmt::format("\"{}\": is deeper than any field of a spec", Shortened(pointer)));
  return tokens;
}

// The index that `token` names in a list of `size`; size itself appends. -1 if none.
int64_t IndexOf(const std::string& token, size_t size) {
  if (token == "-") return static_cast<int64_t>(size);
  size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_number = error == std::errc() && end == token.data() + token.size() && !token.empty();
  if (!is_number || (token.size() > 1 && token[0] == '0') || index > size) return -1;
  return static_cast<int64_t>(index);
}

// A value as people write it: JSON, or else a text.
absl::StatusOr<Json> ValueOf(const std::string& text) {
  if (Json value = Json::parse(text, nullptr, false); value.is_discarded()) {
    const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return Json::parse(quoted);
  }
  std::vector<Fault> faults;
  Json value = ParseJsonText(text, faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return value;
}

void AddLive(const Descriptor& descriptor, const Json& value, const std::string& pointer,
             std::vector<LiveKnob>& knobs) {
  for (const ParamSpec& param : descriptor.params) {
    const std::string where = pointer + "/" + param.name;
    if (param.live) knobs.push_back({where, param});
    if (param.type != ParamType::kComponent || !value.contains(param.name)) continue;
    const Json& inner = value.at(param.name);
    if (const Descriptor* part = Registry::Global().Find(param.choices.at(0), inner.value("kind", "")))
      AddLive(*part, inner, where, knobs);
  }
}

void AddLiveOfChain(const Json& chain, const std::string& pointer, std::vector<LiveKnob>& knobs) {
  for (size_t i = 0; i < chain.size(); ++i)
    if (const Descriptor* codec = Registry::Global().Find("gradient-codec", chain[i].value("kind", "")))
      AddLive(*codec, chain[i], fmt::format("{}/{}", pointer, i), knobs);
}

}  // namespace

absl::StatusOr<std::string> SetInSpec(const std::string& json, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos)
    return absl::InvalidArgumentError(
        fmt::format("{}: expected POINTER=JSON like /optimizer/learning_rate=0.1", ShowJson(assignment)));
  const std::string pointer = assignment.substr(0, equals);
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(pointer));
  ASSIGN_OR_RETURN(const Json value, ValueOf(assignment.substr(equals + 1)));
  std::vector<Fault> faults;
  ParseJsonText(json, faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));

  OrderedJson document = OrderedJson::parse(json, nullptr, false);  // keeps the author's order
  if (!document.is_object()) return absl::InvalidArgumentError("the spec is not an object: {…}");
  if (!document.contains(tokens[0]) && tokens.size() > 1)
    if (const Json absent = AbsentSection(tokens[0]); !absent.is_null()) document[tokens[0]] = absent;

  OrderedJson* at = &document;
  std::string walked;
  for (const std::string& token : tokens) {
    if (at->is_null() && &token != &tokens.front()) *at = OrderedJson::object();  // was made on the way
    if (at->is_object()) {
      at = &(*at)[token];
    } else if (at->is_array()) {
      const int64_t index = IndexOf(token, at->size());
      if (index < 0)
        return absl::InvalidArgumentError(
            fmt::format("{}: found \"{}\", expected an index of {} from 0 to {}, or - to append", pointer,
                        Shortened(token), walked, at->size()));
      if (index == static_cast<int64_t>(at->size())) at->push_back(nullptr);
      at = &(*at)[static_cast<size_t>(index)];
    } else {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} is {}, which has no fields", pointer, walked, Shortened(at->dump())));
    }
    walked += "/" + EscapePointer(token);
  }
  *at = value;
  return document.dump(2);
}

std::vector<LiveKnob> LiveKnobsOf(const Json& file) {
  std::vector<LiveKnob> knobs;
  if (!file.is_object()) return knobs;
  for (const std::string& name : SectionNames()) {
    if (!file.contains(name)) continue;
    const Json& section = file.at(name);
    if (const ComponentSection* component = FindComponentSection(name)) {
      if (const Descriptor* kind = Registry::Global().Find(component->category, section.value("kind", "")))
        AddLive(*kind, section, "/" + name, knobs);
    } else if (name == "gradient") {
      AddLiveOfChain(section, "/gradient", knobs);
    } else if (name == "layer_gradients") {
      for (size_t i = 0; i < section.size(); ++i)
        AddLiveOfChain(section[i].at("gradient"), fmt::format("/layer_gradients/{}/gradient", i), knobs);
    } else if (name == "workers" || name == "knobs") {
      const Descriptor entry = name == "workers" ? WorkersEntry({}) : SectionDescriptor(name);
      for (size_t i = 0; i < section.size(); ++i)
        AddLive(entry, section[i], fmt::format("/{}/{}", name, i), knobs);
    } else if (section.is_object()) {
      AddLive(SectionDescriptor(name), section, "/" + name, knobs);
    }
  }
  return knobs;
}

std::vector<std::string> LivePointers(const Spec& spec) {
  std::vector<std::string> pointers;
  for (const LiveKnob& knob : LiveKnobsOf(Json::parse(spec.json, nullptr, false)))
    pointers.push_back(knob.pointer);
  return pointers;
}

std::optional<ParamSpec> LiveParam(const Spec& spec, const std::string& pointer) {
  for (LiveKnob& knob : LiveKnobsOf(Json::parse(spec.json, nullptr, false)))
    if (knob.pointer == pointer) return std::move(knob.param);
  return std::nullopt;
}

absl::Status FreeToTurn(const Spec& spec, const std::string& pointer) {
  for (size_t i = 0; i < spec.knobs.size(); ++i)
    if (spec.knobs[i].pointer == pointer)
      return absl::FailedPreconditionError(
          fmt::format("{}: is turned by the policy \"{}\" of /knobs/{}; turn what is live of that policy, or "
                      "leave it out of the experiment",
                      pointer, spec.knobs[i].policy.kind(), i));
  return absl::OkStatus();
}

absl::StatusOr<Spec> ApplyKnob(const Spec& spec, const std::string& pointer, const std::string& value_json) {
  const std::vector<std::string> live = LivePointers(spec);
  if (std::find(live.begin(), live.end(), pointer) == live.end()) {
    const std::string nearest = NearestName(pointer, live);
    return absl::InvalidArgumentError(fmt::format(
        "{}: cannot change while a run goes; what can is {}{}", pointer.empty() ? "/" : Shortened(pointer),
        fmt::join(live, ", "), nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
  }
  ASSIGN_OR_RETURN(const std::string changed, SetInSpec(spec.json, pointer + "=" + value_json));
  SpecCheck check = CheckSpec(changed);
  RETURN_IF_ERROR(FaultsToStatus(check.faults));
  return std::move(check.spec);
}

}  // namespace concertina
