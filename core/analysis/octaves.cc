// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// octaves.cc: see octaves.h.
#include "core/analysis/octaves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nlohmann/json.hpp"

namespace concertina {

int64_t OctaveCounts::at(int exponent) const {
  const int place = exponent - least_exponent;
  return place < 0 || place >= static_cast<int>(counts.size()) ? 0 : counts[static_cast<size_t>(place)];
}

int64_t OctaveCounts::most() const {
  return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

int64_t OctaveCounts::total() const { return std::accumulate(counts.begin(), counts.end(), zeros); }

double OctaveCounts::Quantile(double share) const {
  double wanted = share * static_cast<double>(total()) - static_cast<double>(zeros);
  if (wanted <= 0) return 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto count = static_cast<double>(counts[i]);
    if (wanted <= count) return std::exp2(least_exponent + static_cast<double>(i) + wanted / count);
    wanted -= count;
  }
  return std::exp2(least_exponent + static_cast<double>(counts.size()));
}

std::vector<OctaveCounts> ReadOctaves(const std::string& json) {
  const nlohmann::json event = nlohmann::json::parse(json, nullptr, false);
  const auto is_count = [](const nlohmann::json& value) { return value.is_number_integer() && value >= 0; };
  if (!event.is_object() || !event.contains("layers") || !event["layers"].is_array() ||
      !event.contains("least_exponent") || !event["least_exponent"].is_number_integer())
    return {};
  std::vector<OctaveCounts> layers;
  for (const nlohmann::json& one : event["layers"]) {
    if (!one.is_object() || !one.contains("layer") || !one["layer"].is_string() || !one.contains("zeros") ||
        !is_count(one["zeros"]) || !one.contains("counts") || !one["counts"].is_array() ||
        !std::all_of(one["counts"].begin(), one["counts"].end(), is_count))
      return {};
    OctaveCounts layer{.layer = one["layer"],
                       .zeros = one["zeros"],
                       .least_exponent = event["least_exponent"],
                       .counts = one["counts"].get<std::vector<int64_t>>()};
    if (layer.total() > 0) layers.push_back(std::move(layer));
  }
  return layers;
}

std::pair<int, int> OctavesInUse(const std::vector<OctaveCounts>& layers) {
  int least = 0, last = 0;
  bool any = false;
  for (const OctaveCounts& layer : layers)
    for (size_t i = 0; i < layer.counts.size(); ++i) {
      if (layer.counts[i] == 0) continue;
      const int exponent = layer.least_exponent + static_cast<int>(i);
      least = any ? std::min(least, exponent) : exponent;
      last = any ? std::max(last, exponent) : exponent;
      any = true;
    }
  return {least, last};
}

}  // namespace concertina
