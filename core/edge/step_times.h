// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_times.h: where the time of an answer goes: how long each step of a loaded model takes.
// On the way of the data: edge/runtime.h -> here -> worker/recipe_loop.cc, app/edge.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/edge/runtime.h"

namespace concertina {

// Medians by step, as EdgeModel::steps() has them. Warmed up with a tenth of the queries first. Of more than
// 16,384 queries only so many are timed: the memory of a device is small.
std::vector<double> MeasureSteps(EdgeModel& model, int64_t queries,
                                 const std::function<std::span<const float>(int64_t)>& sample);

// What the steps of a layer take together, by the name of its weight; those without a weight are left out.
struct LayerTime {
  double seconds = 0;
  double converting_seconds = 0;  // of it for other forms of the values: quantize, dequantize, prepare
};
std::map<std::string, LayerTime> TimesOfLayers(std::span<const EdgeModel::Step> steps,
                                               std::span<const double> seconds);

}  // namespace concertina
