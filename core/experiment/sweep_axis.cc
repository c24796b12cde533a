// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_axis.cc: see sweep_axis.h.
#include "core/experiment/sweep_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMaxLabelBytes = 60;

const std::vector<std::string>& AxisFields() {
  static const auto* fields =
      new std::vector<std::string>{"pointer", "values", "distribution", "minimum", "maximum", "integer"};
  return *fields;
}

// The last token that is no index: "/gradient/0/ratio" is "ratio".
std::string NameOf(const std::string& pointer) {
  size_t end = pointer.size();
  while (end > 0) {
    const size_t slash = pointer.rfind('/', end - 1);
    const std::string token = pointer.substr(slash + 1, end - slash - 1);
    if (!token.empty() && token != "-" && token.find_first_not_of("0123456789") != std::string::npos)
      return token;
    if (slash == 0 || slash == std::string::npos) break;
    end = slash;
  }
  return pointer;
}

// A field that no axis may have, and why.
std::string ReasonAgainst(const std::string& pointer) {
  if (pointer.size() < 2 || pointer[0] != '/' || pointer.find('=') != std::string::npos ||
      !IsOneLine(pointer, 200))
    return "a JSON pointer into the experiment, like \"/optimizer/learning_rate\"";
  if (pointer == "/name") return "another field: each run is named after the sweep and its point";
  return "";
}

bool CheckValues(const Json& values, const std::string& pointer, SweepAxis& axis,
                 std::vector<Fault>& faults) {
  if (!values.is_array() || values.empty() || values.size() > static_cast<size_t>(kMaxSweepRuns)) {
    faults.push_back(
        MakeFault(pointer, ShowJson(values),
                  fmt::format("a list of 1 to {} values, or of {{\"label\", \"value\"}}", kMaxSweepRuns)));
    return false;
  }
  const size_t before = faults.size();
  std::set<std::string> labels;
  for (size_t i = 0; i < values.size(); ++i) {
    std::string where = fmt::format("{}/{}", pointer, i);
    const bool has_label = values[i].is_object() && values[i].size() == 2 && values[i].contains("label") &&
                           values[i].contains("value");
    const Json& value = has_label ? values[i].at("value") : values[i];
    std::string label = LabelOf(value);
    if (has_label) {
      const Json& given = values[i].at("label");
      label = given.is_string() ? given.get<std::string>() : "";
      if (!IsOneLine(label, kMaxLabelBytes))
        faults.push_back(MakeFault(where + "/label", ShowJson(given),
                                   fmt::format("one line of 1 to {} bytes", kMaxLabelBytes)));
      where += "/value";
    }
    if (!labels.insert(label).second)
      faults.push_back(MakeFault(where, fmt::format("\"{}\" again", Shortened(label)),
                                 "values and labels that differ: {\"label\": …, \"value\": …} names one"));
    const bool is_plain = !has_label && !value.is_structured();
    axis.values.push_back({.json = value.dump(),
                           .label = label,
                           .words = is_plain ? axis.name + " " + label : label,
                           .where = std::move(where)});
  }
  return faults.size() == before;
}

// minimum and maximum of what is drawn.
bool CheckRange(const Params& params, const std::string& where, SweepAxis& axis, std::vector<Fault>& faults) {
  const size_t before = faults.size();
  for (const char* bound : {"minimum", "maximum"})
    if (!params.Has(bound)) faults.push_back(MakeFault(where + "/" + bound, "nothing", "a number"));
  if (faults.size() != before) return false;
  axis.minimum = params.Number("minimum");
  axis.maximum = params.Number("maximum");
  axis.is_integer = params.Boolean("integer");
  axis.is_logarithmic = params.Text("distribution") == "log-uniform";
  if (!(axis.minimum < axis.maximum))
    faults.push_back(MakeFault(where + "/maximum", fmt::format("{}", axis.maximum),
                               fmt::format("more than {}", axis.minimum)));
  if (axis.is_logarithmic && axis.minimum <= 0)
    faults.push_back(MakeFault(where + "/minimum", fmt::format("{}", axis.minimum),
                               "a number above 0, or \"uniform\": zero has no logarithm"));
  if (axis.is_integer)
    for (const auto& [bound, value] : {std::pair("minimum", axis.minimum), {"maximum", axis.maximum}})
      if (value != std::floor(value) || std::abs(value) > 0x1p53)
        faults.push_back(
            MakeFault(fmt::format("{}/{}", where, bound), fmt::format("{}", value), "a whole number"));
  return faults.size() == before;
}

}  // namespace

bool IsOneLine(const std::string& text, size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

Json KnownFields(const Json& object, const std::string& pointer, const std::vector<std::string>& names,
                 const std::string& owner, std::vector<Fault>& faults) {
  Json known = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      known[name] = value;
    } else {
      faults.push_back(MakeFault(pointer + "/" + EscapePointer(name), fmt::format("\"{}\"", Shortened(name)),
                                 fmt::format("a field of {}: {}", owner, fmt::join(names, ", ")),
                                 NearestName(name, names)));
    }
  }
  return known;
}

std::string LabelOf(const Json& value) {
  std::string label;
  if (value.is_array()) {
    for (const Json& element : value) label += (label.empty() ? "" : " + ") + LabelOf(element);
    if (label.empty()) label = "none";
  } else if (value.is_object()) {
    label = value.contains("kind") && value.at("kind").is_string() ? value.at("kind").get<std::string>() : "";
    for (const auto& [name, field] : value.items())
      if (name != "kind" || label.empty())
        label += fmt::format("{}{}={}", label.empty() ? "" : " ", name, LabelOf(field));
    if (label.empty()) label = "{}";
  } else {
    label = value.is_string() ? value.get<std::string>() : ShowJson(value);
  }
  for (char& c : label)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return label.empty() ? "\"\"" : Shortened(std::move(label));
}

std::optional<SweepAxis> CheckAxis(const Json& entry, size_t place, std::vector<Fault>& faults) {
  const std::string where = fmt::format("/axes/{}", place);
  if (!entry.is_object()) {
    faults.push_back(MakeFault(where, ShowJson(entry), "an object like {\"pointer\": …, \"values\": […]}"));
    return std::nullopt;
  }
  const size_t before = faults.size();
  Json fields = KnownFields(entry, where, AxisFields(), "an axis", faults);
  const bool has_values = fields.contains("values");
  const Json values = has_values ? fields.at("values") : Json();
  fields.erase("values");
  const double kMost = std::numeric_limits<double>::max();
  const Descriptor descriptor{
      .kind = "axis",
      .params = {
          {.name = "pointer", .type = ParamType::kText, .doc = "the field of the experiment that is varied"},
          {.name = "distribution",
           .type = ParamType::kChoice,
           .choices = {"choice", "uniform", "log-uniform"},
           .optional = true},
          {.name = "minimum", .minimum = -kMost, .maximum = kMost, .optional = true},
          {.name = "maximum", .minimum = -kMost, .maximum = kMost, .optional = true},
          {.name = "integer", .type = ParamType::kBoolean, .default_value = false}}};
  const Params params = Params::Check(descriptor, fields, where, faults);
  if (faults.size() != before) return std::nullopt;

  SweepAxis axis{.pointer = params.Text("pointer"), .place = place};
  if (const std::string reason = ReasonAgainst(axis.pointer); !reason.empty()) {
    faults.push_back(MakeFault(where + "/pointer", ShowJson(axis.pointer), reason));
    return std::nullopt;
  }
  axis.name = NameOf(axis.pointer);
  const bool is_drawn = params.Has("distribution") && params.Text("distribution") != "choice";
  if (is_drawn == has_values) {
    faults.push_back(MakeFault(where, is_drawn ? "both values and a range" : "neither values nor a range",
                               "\"values\", or a \"distribution\" with \"minimum\" and \"maximum\""));
    return std::nullopt;
  }
  if (!is_drawn)
    for (const char* field : {"minimum", "maximum"})
      if (params.Has(field))
        faults.push_back(MakeFault(where + "/" + field, "a bound beside values",
                                   "a \"distribution\" that is \"uniform\" or \"log-uniform\", or no bound"));
  const bool good = is_drawn ? CheckRange(params, where, axis, faults)
                             : CheckValues(values, where + "/values", axis, faults);
  return good && faults.size() == before ? std::optional(std::move(axis)) : std::nullopt;
}

}  // namespace concertina
