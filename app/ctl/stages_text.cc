// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stages_text.cc: see stages_text.h.
#include "app/ctl/stages_text.h"

#include <vector>

#include "fmt/format.h"

namespace concertina::ctl {

std::string StagesText(const Json& plan) {
  if (!plan.contains("pipeline")) return "";
  const Json& pipeline = plan["pipeline"];
  std::vector<std::vector<std::string>> rows;
  for (const Json& stage : pipeline.value("each", Json::array())) {
    std::string layers;
    for (const Json& chunk : stage.value("chunks", Json::array())) {
      const std::string first = chunk.value("first", ""), last = chunk.value("last", "");
      layers += (layers.empty() ? "" : ", ") + (first == last ? first : first + " .. " + last);
    }
    const double to_next = stage.value("bytes_to_next", 0.0);
    rows.push_back({fmt::format("{}", rows.size()), layers, CountText(stage.value("parameters", 0.0)),
                    fmt::format("{:.3g}", stage.value("forward_flops", 0.0) / 1e6),
                    fmt::format("{}", stage.value("micro_batches_under_way", 0)),
                    BytesText(stage.value("activation_bytes", 0.0)), to_next > 0 ? BytesText(to_next) : ""});
  }
  const int stages = pipeline.value("stages", 1), micro_batches = pipeline.value("micro_batches", 1),
            chunks = pipeline.value("chunks", 1);
  const int waits = stages - 1, turns = micro_batches * chunks + stages - 1;
  std::string text =
      TableText({"stage", "layers", "parameters", "MFLOP", "under way", "activations", "to the next"}, rows);
  text += fmt::format("bubble (p - 1) / ({} + p - 1) = {} / {}: stages wait {:.1f} % of a step",
                      chunks > 1 ? "m v" : "m", waits, turns, 100 * pipeline.value("expected_bubble", 0.0));
  text += fmt::format(" if all take as long; the slowest has {:.2f} times the arithmetic of the mean\n",
                      pipeline.value("slowest_stage", 1.0));
  return text;
}

}  // namespace concertina::ctl
