// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distance_sketch.cc: see distance_sketch.h.
#include "core/parallel/distance_sketch.h"

#include <algorithm>
#include <cmath>

#include "core/base/rng.h"

namespace concertina {

// Stretches of k elements, each turned by a random number of places: two elements of one stretch never meet,
// of two they do with probability 1 / k.
void DistanceSketch::Begin(std::span<const float> vector, uint64_t seed, int64_t step) {
  squares_ = 0;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  const size_t k = own_.size();
  if (vector.size() <= kMostFloats) {
    std::copy(vector.begin(), vector.end(), own_.begin());
    return;
  }
  std::fill(own_.begin(), own_.end(), 0.0F);
  Rng rng(seed, "distance-sketch", static_cast<uint64_t>(step));
  for (size_t begin = 0; begin < vector.size(); begin += k) {
    const size_t count = std::min(k, vector.size() - begin);
    size_t place = rng.Below(k);
    uint64_t signs = 0;
    for (size_t i = 0; i < count; ++i) {
      if (i % 64 == 0) signs = rng.Next();
      const float x = vector[begin + i];
      own_[place] += (signs >> i % 64 & 1) != 0 ? x : -x;
      if (++place == k) place = 0;
    }
  }
}

void DistanceSketch::Add(size_t first, std::span<const float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double difference = static_cast<double>(values[i]) - own_[first + i];
    sums_[first + i] += difference;
    squares_ += difference * difference;
  }
}

// With y_i = x_i - x_0: 1/N sum ||y_i||^2 - ||1/N sum y_i||^2.
double DistanceSketch::Distance(int others) const {
  const double ranks = others + 1;
  double square_of_mean = 0;
  for (const double sum : sums_) square_of_mean += sum / ranks * (sum / ranks);
  return std::sqrt(std::max(0.0, squares_ / ranks - square_of_mean));
}

}  // namespace concertina
