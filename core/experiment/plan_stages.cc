// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_stages.cc: see plan_stages.h.
#include "core/experiment/plan_stages.h"

#include "core/base/registry.h"
#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::unique_ptr<Codec>> ActivationCodecOf(const Spec& spec) {
  const Params codec = spec.pipeline.Component("activations");
  if (codec.kind() == "none") return nullptr;
  return Registry::Global().Create<Codec>("gradient-codec", codec);
}

Fault CutFault(const Spec& spec, const absl::Status& status) {
  const std::string message(status.message());
  const auto fault = [&](const std::string& pointer, std::string found) -> Fault {
    return {.pointer = pointer,
            .found = std::move(found),
            .expected = message,
            .message = fmt::format("{}: {}", pointer, message)};
  };
  const bool is_cut = spec.mesh_pipeline > 1;
  if (const std::string cuts = is_cut ? spec.pipeline.Text("cuts") : "balanced"; cuts != "balanced")
    return fault("/pipeline/cuts", fmt::format("\"{}\"", Shortened(cuts)));
  if (is_cut && spec.pipeline.Has("chunks") && spec.pipeline.Integer("chunks") > 1)
    return fault("/pipeline/chunks", std::to_string(spec.pipeline.Integer("chunks")));
  return fault("/mesh/pipeline", std::to_string(spec.mesh_pipeline));
}

}  // namespace concertina
