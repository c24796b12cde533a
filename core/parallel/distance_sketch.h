// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distance_sketch.h: how far ranks' parameters are from their mean, from a few kilobytes of each.
// On the way of the data: parallel/mixing_exchange.h (its measurement) -> here.
//
// A sketch is linear and keeps norms on average: k floats, to one of which each element is added with a sign,
//   S(x)_h(i) += s(i) x_i,   E ||S(x)||^2 = ||x||^2,   Var <= 2 / k ||x||^4
// [Charikar, Chen, Farach-Colton. Finding frequent items in data streams. ICALP 2002; Thorup, Zhang. SODA
// 2004]. So the distance of sketches is that of the vectors, to a standard deviation of 1 / sqrt(2 k): 0.8 %.
// Vectors of at most k elements are their own sketches, and exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

class DistanceSketch {
 public:
  static constexpr size_t kMostFloats = 8192;
  static size_t FloatsOf(size_t elements) { return elements < kMostFloats ? elements : kMostFloats; }

  explicit DistanceSketch(size_t elements) : own_(FloatsOf(elements)), sums_(own_.size()) {}

  // Begins the measurement of `step` with this rank's vector; `seed` is the same on all ranks.
  void Begin(std::span<const float> vector, uint64_t seed, int64_t step);
  std::span<const float> own() const { return own_; }  // what the others are to Add
  // Floats [first, first + values.size()) of the sketch of another rank.
  void Add(size_t first, std::span<const float> values);
  // sqrt(1/N sum_i ||x_i - mean||^2), of this rank and `others`, each of which was added whole.
  double Distance(int others) const;

 private:
  std::vector<float> own_;
  // Of differences to this rank's own: what ranks have in common would drown what they differ in.
  std::vector<double> sums_;
  double squares_ = 0;
};

}  // namespace concertina
