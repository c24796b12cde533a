// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// weight_grid.cc: see weight_grid.h.
#include "core/compress/weight_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/nn/held_optimizer.h"

namespace concertina {
namespace {

constexpr float kLeastScale = std::numeric_limits<float>::min();

float LargestMagnitude(std::span<const float> values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

double SquaredError(std::span<const float> values, float scale, int bits) {
  double sum = 0;
  for (const float value : values) {
    const double error = static_cast<double>(NearestOnGrid(value, scale, bits, true)) - value;
    sum += error * error;
  }
  return sum;
}

float ScaleOf(std::span<const float> values, int bits, GridFit fit) {
  const float most = LargestMagnitude(values);
  // One bit has no zero: there the scale itself must be as good as none.
  if (most == 0) return bits == 1 ? kLeastScale : 1;
  if (bits == 1) {
    double sum = 0;
    for (const float value : values) sum += std::abs(value);
    return std::max(static_cast<float>(sum / static_cast<double>(values.size())), kLeastScale);
  }
  const float last = std::max(most / static_cast<float>((1 << (bits - 1)) - 1), kLeastScale);
  if (fit == GridFit::kLargest) return last;
  // The error is no convex function of the scale, but a smooth enough one: a hundred places. All of them:
  // with two bits, one weight ten times as large as the others is better clipped than they are nought.
  constexpr int kPlaces = 100;
  float best = last;
  double least = SquaredError(values, last, bits);
  for (int i = 1; i < kPlaces; ++i) {
    const float scale = std::max(last * static_cast<float>(i) / kPlaces, kLeastScale);
    const double error = SquaredError(values, scale, bits);
    if (error >= least) continue;
    least = error;
    best = scale;
  }
  return best;
}

// The float beside `step`, or it, whose multiples all are to the last bit: a step times q was rounded, so
// that divided by q may be one beside it. `step` where there is none.
float ExactStep(std::span<const float> values, float step) {
  float below = step, above = step;
  for (int i = 0; i < 3; ++i) {
    for (const float near : {below, above})
      if (std::all_of(values.begin(), values.end(),
                      [near](float value) { return near * std::nearbyint(value / near) == value; }))
        return near;
    below = std::nextafter(below, 0.0F);
    above = std::nextafter(above, 2 * step);
  }
  return step;
}

// The largest step of which all are whole multiples within the grid; 0 if there is none.
float StepThrough(std::span<const float> values, int bits) {
  constexpr float kRounding = 1e-3F;  // of a step: far above a float's, far below half a step
  const float most = LargestMagnitude(values);
  if (most == 0) return 1;
  const int last = (1 << (bits - 1)) - 1;
  for (int q = 1; q <= last; ++q) {
    const float step = most / static_cast<float>(q);
    if (std::all_of(values.begin(), values.end(), [step](float value) {
          return std::abs(value / step - std::nearbyint(value / step)) < kRounding;
        }))
      return ExactStep(values, step);
  }
  return 0;
}

}  // namespace

Quantization GridThrough(std::span<const float> weight, int64_t outputs, int bits, int64_t scales) {
  Quantization grid{.bits = bits, .is_signed = true, .scales = {}, .zero_point = 0};
  const size_t each = weight.size() / static_cast<size_t>(scales);
  for (size_t s = 0; s < static_cast<size_t>(scales); ++s) {
    const float step = bits > 1 ? StepThrough(weight.subspan(s * each, each), bits) : 0;
    if (step == 0) return FitWeightGrid(weight, outputs, bits, scales > 1, GridFit::kLeastSquares);
    grid.scales.push_back(step);
  }
  return grid;
}

Quantization FitWeightGrid(std::span<const float> weight, int64_t outputs, int bits, bool per_channel,
                           GridFit fit) {
  Quantization grid{.bits = bits, .is_signed = true, .scales = {}, .zero_point = 0};
  const size_t scales = per_channel ? static_cast<size_t>(outputs) : 1;
  const size_t each = weight.size() / scales;
  for (size_t i = 0; i < scales; ++i)
    grid.scales.push_back(ScaleOf(weight.subspan(i * each, each), bits, fit));
  return grid;
}

Hold HoldOnGrid(Hold before) {
  switch (before) {
    case Hold::kZeros:
    case Hold::kShared:
    case Hold::kSparseGrid:
      return Hold::kSparseGrid;
    case Hold::kNothing:
    case Hold::kGrid:
    case Hold::kLearnedGrid:
      break;
  }
  return Hold::kGrid;
}

std::vector<float> OnGrid(std::span<const float> weight, const Quantization& grid) {
  const size_t each = weight.size() / grid.scales.size();
  std::vector<float> rounded(weight.size());
  for (size_t i = 0; i < weight.size(); ++i)
    rounded[i] = NearestOnGrid(weight[i], grid.scales[i / each], grid.bits, grid.is_signed);
  return rounded;
}

}  // namespace concertina
