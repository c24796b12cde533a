// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradient_histogram.cc: see gradient_histogram.h.
#include "core/parallel/gradient_histogram.h"

#include <algorithm>
#include <bit>

#include "core/parallel/layer_meter.h"

namespace concertina {

GradientHistogram::GradientHistogram(const std::vector<ParameterSlot>& layout) {
  for (const std::string& name : LayerNamesOf(layout)) {
    const auto known =
        std::find_if(layers_.begin(), layers_.end(), [&](const Layer& layer) { return layer.name == name; });
    layer_of_.push_back(static_cast<size_t>(known - layers_.begin()));
    if (known == layers_.end()) layers_.push_back({.name = name});
  }
}

void GradientHistogram::Add(int parameter, std::span<const float> gradient) {
  constexpr int kBias = 127;
  Layer& layer = layers_[layer_of_[static_cast<size_t>(parameter)]];
  for (const float g : gradient) {
    const auto magnitude = std::bit_cast<uint32_t>(g) & 0x7FFFFFFFU;
    const int octave = static_cast<int>(magnitude >> 23) - kBias - kLeastExponent;
    if (magnitude == 0)
      ++layer.zeros;
    else
      ++layer.counts[static_cast<size_t>(std::clamp(octave, 0, static_cast<int>(kOctaves) - 1))];
  }
}

}  // namespace concertina
