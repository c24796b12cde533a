// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_times.cc: see step_times.h.
#include "core/edge/step_times.h"

#include <algorithm>

#include "core/edge/latency.h"

namespace concertina {

std::vector<double> MeasureSteps(EdgeModel& model, int64_t queries,
                                 const std::function<std::span<const float>(int64_t)>& sample) {
  constexpr int64_t kMostTimed = 1 << 14;
  const int64_t timed = std::clamp<int64_t>(queries, 1, kMostTimed);
  const size_t count = model.steps().size();
  std::vector<double> now(count);
  std::vector<std::vector<double>> seconds(count);
  for (std::vector<double>& of_step : seconds) of_step.reserve(static_cast<size_t>(timed));
  for (int64_t i = 0; i < std::max<int64_t>(timed / 10, 1); ++i) model.RunTimed(sample(i), now);
  for (int64_t i = 0; i < timed; ++i) {
    model.RunTimed(sample(i), now);
    for (size_t step = 0; step < count; ++step) seconds[step].push_back(now[step]);
  }
  std::vector<double> medians;
  for (std::vector<double>& of_step : seconds) medians.push_back(Percentile(std::move(of_step), 0.5));
  return medians;
}

std::map<std::string, LayerTime> TimesOfLayers(std::span<const EdgeModel::Step> steps,
                                               std::span<const double> seconds) {
  std::map<std::string, LayerTime> times;
  for (size_t i = 0; i < std::min(steps.size(), seconds.size()); ++i) {
    if (steps[i].weight.empty()) continue;
    LayerTime& time = times[steps[i].weight];
    time.seconds += seconds[i];
    if (steps[i].converts()) time.converting_seconds += seconds[i];
  }
  return times;
}

}  // namespace concertina
