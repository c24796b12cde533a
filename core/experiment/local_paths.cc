// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_paths.cc: see local_paths.h.
#include "core/experiment/local_paths.h"

#include <filesystem>
#include <vector>

#include "core/base/file.h"
#include "core/base/json_text.h"
#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using KeptOrder = nlohmann::ordered_json;  // the author's
constexpr size_t kMostShownPathBytes = 4096;

std::string WholePath(const std::string& path, const std::string& folder) {
  if (path.empty() || path.starts_with("run:")) return path;
  const std::filesystem::path from_home = WithHomeFolder(path);
  return from_home.is_absolute() ? from_home.string()
                                 : (std::filesystem::path(folder) / from_home).lexically_normal().string();
}

// Whether something changed. `not_text` becomes a path that JSON cannot hold, if there is one.
bool CompletePaths(std::string_view category, const std::string& folder, KeptOrder& component,
                   std::string& not_text) {
  if (!component.is_object() || !component.contains("kind") || !component["kind"].is_string()) return false;
  const Descriptor* descriptor = Registry::Global().Find(category, component["kind"].get<std::string>());
  if (descriptor == nullptr) return false;
  bool changed = false;
  for (const ParamSpec& param : descriptor->params) {
    const auto value = component.find(param.name);
    if (value == component.end()) continue;
    if (param.type == ParamType::kComponent)
      changed |= CompletePaths(param.choices.at(0), folder, *value, not_text);
    if (param.type != ParamType::kPath || !value->is_string()) continue;
    const auto path = value->get<std::string>();
    if (std::string whole = WholePath(path, folder); whole != path) {
      if (!IsUtf8(whole)) not_text = whole;
      *value = std::move(whole);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

absl::StatusOr<std::string> WithLocalPaths(const std::string& spec_json, const std::string& folder) {
  std::vector<Fault> faults;  // of text that cannot be read the engine tells them, with line and column
  ParseJsonText(spec_json, faults);
  if (!faults.empty()) return spec_json;
  KeptOrder spec = KeptOrder::parse(spec_json, nullptr, false);
  if (!spec.is_object()) return spec_json;
  bool changed = false;
  std::string not_text;
  for (const char* section : {"dataset", "model"})
    if (spec.contains(section)) changed |= CompletePaths(section, folder, spec[section], not_text);
  if (spec.contains("recipe") && spec["recipe"].is_array())
    for (KeptOrder& step : spec["recipe"]) changed |= CompletePaths("compressor", folder, step, not_text);
  if (!not_text.empty())
    return absl::InvalidArgumentError(
        fmt::format("the path {} is no UTF-8, as JSON has to be; rename the folder, or move what is read to "
                    "another one",
                    CutUtf8(not_text, kMostShownPathBytes)));
  return changed ? spec.dump(-1, ' ', false, KeptOrder::error_handler_t::replace) : spec_json;
}

}  // namespace concertina
