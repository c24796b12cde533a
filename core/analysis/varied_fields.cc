// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// varied_fields.cc: see varied_fields.h.
#include "core/analysis/varied_fields.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "core/analysis/spec_difference.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Pointer = Json::json_pointer;

bool IsIndex(const std::string& token) {
  return !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
}

const Json* At(const Json& spec, const Pointer& pointer) {
  return spec.contains(pointer) ? &spec.at(pointer) : nullptr;
}

bool IsBelow(const std::string& pointer, const std::string& above) {
  return pointer == above || pointer.starts_with(above + "/");
}

// Where the value stands that makes sense alone: not a parameter that some of them do not have, nor one of a
// component that is of another kind in another.
std::string RootOf(const std::string& leaf, const std::vector<Json>& specs) {
  Pointer at(leaf);
  const auto is_everywhere = [&] {
    return std::all_of(specs.begin(), specs.end(), [&](const Json& spec) { return At(spec, at) != nullptr; });
  };
  while (!at.parent_pointer().empty() && !is_everywhere()) at = at.parent_pointer();
  for (Pointer above = at; !above.parent_pointer().empty();) {
    above = above.parent_pointer();
    std::set<Json> kinds;
    for (const Json& spec : specs) {
      const Json* component = At(spec, above);
      kinds.insert(component != nullptr && component->is_object() ? component->value("kind", Json())
                                                                  : Json());
    }
    if (kinds.size() > 1) at = above;
  }
  while (IsIndex(at.back()) && !at.parent_pointer().empty()) at = at.parent_pointer();
  return at.to_string();
}

// "top-k + fp16" of a chain, "top-k" of a component; "" of what has no kinds.
std::string KindsOf(const Json& value) {
  if (value.is_object()) return value.contains("kind") ? SettingText(value.at("kind")) : "";
  if (!value.is_array()) return "";
  std::string kinds;
  for (const Json& each : value) {
    const std::string kind = KindsOf(each);
    if (kind.empty()) return "";
    kinds += (kinds.empty() ? "" : " + ") + kind;
  }
  return kinds.empty() ? "none" : kinds;
}

std::string Label(const Json& value, const std::set<std::string>& telling) {
  if (!value.is_structured()) return SettingText(value);
  std::string label = KindsOf(value);
  if (label.empty()) return Shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  const Json flat = value.flatten();
  for (const std::string& leaf : telling)
    label += flat.contains(leaf) ? " " + SettingText(flat.at(leaf)) : std::string();
  return label;
}

// Of each kind of value the parameters in which those of this kind differ.
std::map<std::string, std::set<std::string>> TellingLeaves(const std::vector<Json>& values) {
  std::map<std::string, std::map<std::string, std::set<Json>>> seen;
  for (const Json& value : values)
    if (value.is_structured() && !value.empty()) {
      const Json flat = value.flatten();
      for (const auto& [leaf, field] : flat.items()) seen[KindsOf(value)][leaf].insert(field);
    }
  std::map<std::string, std::set<std::string>> telling;
  for (const auto& [kinds, leaves] : seen)
    for (const auto& [leaf, fields] : leaves)
      if (fields.size() > 1) telling[kinds].insert(leaf);
  return telling;
}

VariedField FieldAt(const std::string& pointer, const std::vector<Json>& specs) {
  VariedField field{.pointer = pointer};
  for (Pointer at(pointer); field.name.empty(); at = at.parent_pointer())
    if (at.parent_pointer().empty() || !IsIndex(at.back())) field.name = at.back();
  std::vector<Json> values;
  for (const Json& spec : specs) {
    const Json* value = At(spec, Pointer(pointer));
    values.push_back(value == nullptr ? Json() : *value);
  }
  std::vector<Json> distinct;
  for (const Json& value : values)
    if (std::find(distinct.begin(), distinct.end(), value) == distinct.end()) distinct.push_back(value);
  const bool are_numbers =
      std::all_of(distinct.begin(), distinct.end(), [](const Json& value) { return value.is_number(); });
  if (are_numbers)
    std::sort(distinct.begin(), distinct.end(),
              [](const Json& a, const Json& b) { return a.get<double>() < b.get<double>(); });
  const auto telling = TellingLeaves(distinct);
  std::set<std::string> taken;
  for (const Json& value : distinct) {
    const auto leaves = telling.find(KindsOf(value));
    std::string label = Label(value, leaves == telling.end() ? std::set<std::string>() : leaves->second);
    if (!taken.insert(label).second)  // shortened, or "1" beside 1
      label = fmt::format("{} ({})", label, taken.size() + 1);
    taken.insert(label);
    field.labels.push_back(std::move(label));
    if (are_numbers) field.numbers.push_back(value.get<double>());
  }
  for (const Json& value : values)
    field.value_of.push_back(
        static_cast<int>(std::find(distinct.begin(), distinct.end(), value) - distinct.begin()));
  return field;
}

std::string SectionOf(const std::string& pointer) { return pointer.substr(0, pointer.find('/', 1)); }

// Does each value of `a` come with one value of `b` only?
bool Decides(const VariedField& a, const VariedField& b) {
  std::map<int, int> with;
  for (size_t i = 0; i < a.value_of.size(); ++i)
    if (with.try_emplace(a.value_of[i], b.value_of[i]).first->second != b.value_of[i]) return false;
  return true;
}

// Drawn numbers are all different, and so would decide everything: that is chance. The shape of a link is
// always one thing.
void LeaveOutWhatIsDecided(std::vector<VariedField>& fields) {
  std::set<std::vector<int>> points;
  for (size_t i = 0; !fields.empty() && i < fields[0].value_of.size(); ++i) {
    std::vector<int> point;
    for (const VariedField& field : fields)
      if (field.pointer != "/seed") point.push_back(field.value_of[i]);
    points.insert(std::move(point));
  }
  for (size_t b = fields.size(); b-- > 0;) {
    const bool is_decided = std::any_of(fields.begin(), fields.end(), [&](const VariedField& a) {
      if (&a == &fields[b] || SectionOf(a.pointer) != SectionOf(fields[b].pointer)) return false;
      const bool is_one_thing = a.labels.size() < points.size() || SectionOf(a.pointer) == "/network";
      return is_one_thing && Decides(a, fields[b]);
    });
    if (is_decided) fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(b));
  }
}

}  // namespace

std::vector<VariedField> VariedFields(std::span<const std::string> specs) {
  std::vector<Json> parsed;
  for (const std::string& spec : specs) {
    Json json = Json::parse(spec, nullptr, /*allow_exceptions=*/false);
    parsed.push_back(json.is_object() ? std::move(json) : Json::object());
  }
  std::vector<std::string> roots;
  for (const SpecDifference& difference : SpecDifferences(specs)) {
    if (difference.pointer == "/name") continue;
    const std::string root = RootOf(difference.pointer, parsed);
    if (std::any_of(roots.begin(), roots.end(), [&](const auto& above) { return IsBelow(root, above); }))
      continue;
    std::erase_if(roots, [&](const std::string& below) { return IsBelow(below, root); });
    roots.push_back(root);
  }
  std::vector<VariedField> fields;
  for (const std::string& root : roots) fields.push_back(FieldAt(root, parsed));
  LeaveOutWhatIsDecided(fields);
  return fields;
}

}  // namespace concertina
