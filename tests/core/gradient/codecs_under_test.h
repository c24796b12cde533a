// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codecs_under_test.h: codecs from the registry, and the gradients that they are tried on.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/codec.h"
#include "nlohmann/json.hpp"

namespace concertina {

inline absl::StatusOr<std::unique_ptr<Codec>> MakeCodec(const Json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("gradient-codec", spec, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<Codec>("gradient-codec", params);
}

// Every codec of the registry with its defaults, and once more with each of its switches turned over and each
// of its other choices.
inline std::vector<Json> AllCodecs() {
  std::vector<Json> specs;
  for (const Descriptor* descriptor : Registry::Global().InCategory("gradient-codec")) {
    specs.push_back({{"kind", descriptor->kind}});
    for (const ParamSpec& param : descriptor->params)
      if (param.type == ParamType::kBoolean)
        specs.push_back({{"kind", descriptor->kind}, {param.name, param.default_value.text != "true"}});
      else if (param.type == ParamType::kChoice)
        for (const std::string& choice : param.choices)
          if (Json(choice).dump() != param.default_value.text)
            specs.push_back({{"kind", descriptor->kind}, {param.name, choice}});
  }
  return specs;
}

// "normal", "zeros", "denormal", "huge", "ties" (every magnitude one), "sparse" (one in a hundred), "spike"
// (the last).
inline std::vector<float> MakeGradient(const std::string& pattern, int64_t d, uint64_t seed) {
  std::vector<float> gradient(static_cast<size_t>(d));
  Rng rng(seed, pattern);
  for (float& value : gradient) {
    if (pattern == "normal") value = static_cast<float>(1e-2 * rng.Normal());
    if (pattern == "denormal") value = static_cast<float>(rng.Uniform(-1e-40, 1e-40));
    if (pattern == "huge") value = static_cast<float>(rng.Uniform(-1.5e38, 1.5e38));
    if (pattern == "ties") value = rng.Below(2) == 0 ? 0.5F : -0.5F;
    if (pattern == "sparse") value = rng.Below(100) == 0 ? static_cast<float>(rng.Normal()) : 0.0F;
  }
  if (pattern == "spike") gradient.back() = 7;
  return gradient;
}

inline double NormSquared(const std::vector<float>& x) {
  double sum = 0;
  for (const float value : x) sum += static_cast<double>(value) * value;
  return sum;
}

}  // namespace concertina
