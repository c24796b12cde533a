// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_difference.cc: see spec_difference.h.
#include "core/analysis/spec_difference.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"

namespace concertina {

std::vector<SpecDifference> SpecDifferences(std::span<const std::string> specs) {
  using Ordered = nlohmann::ordered_json;  // people wrote it in an order that means something
  std::vector<Ordered> flat;
  std::vector<std::string> pointers;
  std::set<std::string> seen;
  for (const std::string& text : specs) {
    const Ordered spec = Ordered::parse(text, nullptr, /*allow_exceptions=*/false);
    flat.push_back(spec.is_object() ? spec.flatten() : Ordered::object());
    for (const auto& [pointer, value] : flat.back().items())
      if (seen.insert(pointer).second) pointers.push_back(pointer);
  }
  std::vector<SpecDifference> differences;
  for (const std::string& pointer : pointers) {
    SpecDifference difference{pointer, {}};
    for (const Ordered& spec : flat) {
      const auto found = spec.find(pointer);
      difference.values.push_back(found == spec.end() ? Json() : Json::parse(found->dump()));
    }
    const auto& values = difference.values;
    if (std::any_of(values.begin(), values.end(), [&](const Json& value) { return value != values[0]; }))
      differences.push_back(std::move(difference));
  }
  return differences;
}

std::string ExperimentKey(const std::string& spec_json) {
  Json spec = Json::parse(spec_json, nullptr, /*allow_exceptions=*/false);
  if (!spec.is_object()) return "";
  spec.erase("name");
  spec.erase("seed");
  return spec.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string SettingText(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!value.is_number_float()) return text;
  // 0.1 as 0.1, 64.0 as 64, 1e-06 as 1e-6: a number, not how a computer keeps it.
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (const size_t e = text.find('e'); e != std::string::npos) {
    const bool is_negative = text[e + 1] == '-';
    const size_t digits = std::min(text.find_first_not_of("+-0", e + 1), text.size());
    text = fmt::format("{}e{}{}", text.substr(0, e), is_negative ? "-" : "", text.substr(digits));
  }
  return text;
}

}  // namespace concertina
