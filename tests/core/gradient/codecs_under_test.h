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
#include "core/gradient/chain.h"
#include "core/gradient/codec.h"
#include "nlohmann/json.hpp"

namespace concertina {

// {"kind": …}, or a list of them: a chain.
inline absl::StatusOr<std::unique_ptr<Codec>> MakeCodec(const Json& spec) {
  std::vector<Fault> faults;
  std::vector<Params> chain;
  for (const Json& element : spec.is_array() ? spec : Json::array({spec}))
    chain.push_back(Registry::Global().Check("gradient-codec", element, "", faults));
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return MakeChain(chain);
}

// Chains of every role, and every codec of the registry in each place that takes it.
inline std::vector<Json> SomeChains() {
  const Json top_k = {{"kind", "top-k"}};
  const Json bare_top_k = {{"kind", "top-k"}, {"ratio", 0.05}, {"error_feedback", false}};
  const Json fp16 = {{"kind", "fp16"}};
  const Json zstd = {{"kind", "zstd"}};
  std::vector<Json> chains = {
      {top_k, zstd},
      {top_k, fp16, zstd},
      {bare_top_k, fp16, zstd},
      {{{"kind", "error-feedback"}}, bare_top_k, fp16, zstd},
      {{{"kind", "error-feedback"}, {"variant", "ef21"}}, bare_top_k, fp16, zstd},
      {{{"kind", "error-feedback"}, {"variant", "econtrol"}}, bare_top_k, fp16},
      {{{"kind", "error-feedback"}, {"variant", "ef21"}}, fp16},
      {{{"kind", "momentum-correction"}}, bare_top_k, fp16, zstd},
  };
  for (const Descriptor* descriptor : Registry::Global().InCategory("gradient-codec")) {
    Json bare = {{"kind", descriptor->kind}};
    for (const ParamSpec& param : descriptor->params)
      if (param.name == "error_feedback") bare[param.name] = false;
    for (const Json& chain : {Json{bare, fp16}, Json{top_k, bare}, Json{{{"kind", "error-feedback"}}, bare}})
      if (descriptor->kind != "none" && MakeCodec(chain).ok()) chains.push_back(chain);
  }
  return chains;
}

// Every codec of the registry with its defaults, and once more with each of its switches turned over and each
// other choice taken, where that goes with the other defaults; and chains of them.
inline std::vector<Json> AllCodecs() {
  std::vector<Json> specs;
  for (const Descriptor* descriptor : Registry::Global().InCategory("gradient-codec")) {
    specs.push_back({{"kind", descriptor->kind}});
    for (const ParamSpec& param : descriptor->params)
      if (Json spec = {{"kind", descriptor->kind}, {param.name, param.default_value.text != "true"}};
          param.type == ParamType::kBoolean && MakeCodec(spec).ok())
        specs.push_back(std::move(spec));
    for (const ParamSpec& param : descriptor->params)
      for (const std::string& choice :
           param.type == ParamType::kChoice ? param.choices : std::vector<std::string>())
        if (Json spec = {{"kind", descriptor->kind}, {param.name, choice}};
            Json(choice).dump() != param.default_value.text && MakeCodec(spec).ok())
          specs.push_back(std::move(spec));
  }
  for (Json& chain : SomeChains()) specs.push_back(std::move(chain));
  return specs;
}

// "normal", "zeros", "denormal", "huge", "largest" (3e38 or -3e38), "ties" (every magnitude one), "sparse"
// (one in a hundred), "spike" (the last).
inline std::vector<float> MakeGradient(const std::string& pattern, int64_t d, uint64_t seed) {
  std::vector<float> gradient(static_cast<size_t>(d));
  Rng rng(seed, pattern);
  for (float& value : gradient) {
    if (pattern == "normal") value = static_cast<float>(1e-2 * rng.Normal());
    if (pattern == "denormal") value = static_cast<float>(rng.Uniform(-1e-40, 1e-40));
    if (pattern == "huge") value = static_cast<float>(rng.Uniform(-1.5e38, 1.5e38));
    if (pattern == "largest") value = rng.Below(2) == 0 ? 3e38F : -3e38F;
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
