// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_table.cc: see layer_table.h.
#include "core/analysis/layer_table.h"

#include <algorithm>
#include <cmath>

#include "core/analysis/strategy.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr std::string_view kFolder = "layer/";

}  // namespace

std::optional<LayerSeriesName> ParseLayerSeries(std::string_view series) {
  if (!series.starts_with(kFolder)) return std::nullopt;
  series.remove_prefix(kFolder.size());
  const size_t slash = series.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const auto found = std::find(kLayerFigureNames.begin(), kLayerFigureNames.end(), series.substr(slash + 1));
  if (found == kLayerFigureNames.end()) return std::nullopt;
  return LayerSeriesName{std::string(series.substr(0, slash)),
                         static_cast<LayerFigure>(found - kLayerFigureNames.begin())};
}

std::string LayerSeriesOf(std::string_view layer, LayerFigure figure) {
  return fmt::format("{}{}/{}", kFolder, layer, kLayerFigureNames[static_cast<size_t>(figure)]);
}

double PayloadShare(const std::vector<LayerRow>& rows, const LayerRow& row) {
  double all = 0;
  for (const LayerRow& one : rows)
    if (const double bytes = one.at(LayerFigure::kPayloadBytes); std::isfinite(bytes)) all += bytes;
  return all > 0 ? row.at(LayerFigure::kPayloadBytes) / all : std::numeric_limits<double>::quiet_NaN();
}

double RelativeResidual(const LayerRow& row) {
  const double gradient = row.at(LayerFigure::kGradientNorm);
  return gradient > 0 ? row.at(LayerFigure::kResidualNorm) / gradient
                      : std::numeric_limits<double>::quiet_NaN();
}

std::string LayerObstacle(const Json& spec) {
  if (!spec.is_object()) return "";
  const auto gradient = spec.find("gradient");
  const bool has_codec = gradient != spec.end() && gradient->is_array() &&
                         std::any_of(gradient->begin(), gradient->end(), [](const Json& codec) {
                           return !codec.is_object() || codec.value("kind", Json("none")) != "none";
                         });
  if (!has_codec) return "there is no gradient codec: gradients travel whole, and nothing is left behind";
  const auto exchange = spec.find("exchange");
  const Json none;
  if (exchange != spec.end() && exchange->is_object() && exchange->value("kind", Json()) == "easgd")
    return "workers and their centre exchange differences of parameters, not gradients: what a codec leaves "
           "of "
           "those is not measured by layer";
  switch (StrategyOf(exchange == spec.end() ? none : *exchange)) {
    case Strategy::kGossip:
      return "neighbours exchange parameters, not gradients: what a codec leaves of those is not measured by "
             "layer";
    case Strategy::kFederated:
      return "clients send how far they came in a round, not gradients: what a codec leaves of that is not "
             "measured by layer";
    default:
      return "";
  }
}

}  // namespace concertina
