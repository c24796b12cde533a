// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_table.h: what a codec does to each layer, put together from the series "layer/NAME/FIGURE".
// On the way of the data: worker/layer_series.h, store/store.h -> here -> `concertinactl layers` and the
// desktop's residual microscope.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// What the figures are is said in parallel/layer_meter.h.
enum class LayerFigure {
  kParameters,
  kPayloadBytes,
  kRelativeError,
  kCosine,
  kGradientNorm,
  kResidualNorm,
  kResidualAge,
  kResidualCosine,
  kEncodeSeconds,
  kDecodeSeconds
};
inline constexpr std::array<const char*, 10> kLayerFigureNames = {
    "parameters",    "payload_bytes", "relative_error",  "cosine",         "gradient_norm",
    "residual_norm", "residual_age",  "residual_cosine", "encode_seconds", "decode_seconds"};

struct LayerSeriesName {
  std::string layer;  // "conv1"
  LayerFigure figure = LayerFigure::kParameters;
};
// Nothing if `series` is none of a layer.
std::optional<LayerSeriesName> ParseLayerSeries(std::string_view series);
std::string LayerSeriesOf(std::string_view layer, LayerFigure figure);

constexpr std::array<double, kLayerFigureNames.size()> NoLayerFigures() {
  std::array<double, kLayerFigureNames.size()> figures{};
  for (double& figure : figures) figure = std::numeric_limits<double>::quiet_NaN();
  return figures;
}

struct LayerRow {
  std::string name;
  std::array<double, kLayerFigureNames.size()> figures = NoLayerFigures();  // NaN: not measured
  double at(LayerFigure figure) const { return figures[static_cast<size_t>(figure)]; }
};

// Of the layer's payload in all of theirs, 0 to 1; NaN where nothing is known.
double PayloadShare(const std::vector<LayerRow>& rows, const LayerRow& row);
// ||e|| / ||g||; NaN where either is not known, or there is no gradient.
double RelativeResidual(const LayerRow& row);

// Why a run of this spec has no figures of layers; "" if it has, or will have.
std::string LayerObstacle(const Json& spec);

}  // namespace concertina
