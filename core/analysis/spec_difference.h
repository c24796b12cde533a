// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_difference.h: in which settings several experiments differ, and which are one experiment with several
// seeds. On the way of the data: specs of runs -> here -> `concertinactl compare`, analysis/run_comparison.h.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "nlohmann/json.hpp"

namespace concertina {

struct SpecDifference {
  std::string pointer;       // of a single value, never of an object or a list: "/gradient/0/ratio"
  std::vector<Json> values;  // one an experiment; null: it has no such setting
};

// In the order in which the specs come to them, the first spec's first. An empty list or object is no
// setting:
// [] and an absent list are alike. Specs are whole, defaults filled in, as the engine keeps those of its
// runs; what is not a JSON object has no settings.
std::vector<SpecDifference> SpecDifferences(std::span<const std::string> specs);

// What the experiment is, whatever its seed and its name: two runs of one key repeat each other. "" if the
// text is not a JSON object: of that nothing is known.
std::string ExperimentKey(const std::string& spec_json);

// As people write it: names without quotes, 1e-06 as 1e-6, "–" for null.
std::string SettingText(const Json& value);

}  // namespace concertina
