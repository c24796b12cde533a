// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_text.cc: see recipe_text.h.
#include "core/worker/recipe_text.h"

#include "core/base/registry.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

std::string RecipeStepText(const Params& step) {
  const Descriptor* const descriptor = Registry::Global().Find("compressor", step.kind());
  std::string text = step.kind();
  const char* separator = ": ";
  if (descriptor == nullptr) return text;
  for (const ParamSpec& param : descriptor->params) {
    const auto value = step.json().find(param.name);
    if (value == step.json().end()) continue;
    const bool is_first =
        &param == descriptor->params.data() && param.name != "layers" && param.type != ParamType::kBoolean;
    if (!is_first && *value == Json::parse(param.default_value.text, nullptr, false)) continue;
    const Json& shown =
        param.type == ParamType::kComponent && value->contains("kind") ? (*value)["kind"] : *value;
    text += fmt::format("{}{} {}", separator, param.name,
                        shown.is_string() ? shown.get<std::string>() : shown.dump());
    separator = ", ";
  }
  return text;
}

}  // namespace concertina
