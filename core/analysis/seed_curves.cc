// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// seed_curves.cc: see seed_curves.h.
#include "core/analysis/seed_curves.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace concertina {
namespace {

struct SeedPoints {
  std::vector<double> x, y;
};

SeedPoints MeasuredPoints(const SeedCurve& curve) {
  assert(curve.x.size() == curve.y.size());
  SeedPoints points;
  for (size_t i = 0; i < curve.x.size(); ++i) {
    if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
    points.x.push_back(curve.x[i]);
    points.y.push_back(curve.y[i]);
  }
  return points;
}

}  // namespace

CurveBand MeanOverSeeds(std::span<const SeedCurve> curves) {
  CurveBand band;
  std::vector<SeedPoints> seeds;
  double first = -std::numeric_limits<double>::infinity(), last = -first;
  for (const SeedCurve& curve : curves) {
    seeds.push_back(MeasuredPoints(curve));
    const SeedPoints& points = seeds.back();
    if (points.x.empty()) return {};
    first = std::max(first, points.x.front());
    last = std::min(last, points.x.back());
    band.x.insert(band.x.end(), points.x.begin(), points.x.end());
  }
  if (seeds.size() == 1) {
    band.x = std::move(seeds[0].x);
    band.mean = band.low = band.high = std::move(seeds[0].y);
    return band;
  }
  std::erase_if(band.x, [&](double x) { return x < first || x > last; });
  std::sort(band.x.begin(), band.x.end());
  band.x.erase(std::unique(band.x.begin(), band.x.end()), band.x.end());
  std::vector<size_t> at(seeds.size(), 0);  // of each curve the last point that is not beyond x
  for (const double x : band.x) {
    double sum = 0, low = std::numeric_limits<double>::infinity(), high = -low;
    for (size_t i = 0; i < seeds.size(); ++i) {
      const SeedPoints& points = seeds[i];
      while (at[i] + 1 < points.x.size() && points.x[at[i] + 1] <= x) ++at[i];
      double y = points.y[at[i]];
      if (points.x[at[i]] < x && at[i] + 1 < points.x.size())
        y += (points.y[at[i] + 1] - y) * (x - points.x[at[i]]) / (points.x[at[i] + 1] - points.x[at[i]]);
      sum += y;
      low = std::min(low, y);
      high = std::max(high, y);
    }
    band.mean.push_back(sum / static_cast<double>(seeds.size()));
    band.low.push_back(low);
    band.high.push_back(high);
  }
  return band;
}

}  // namespace concertina
