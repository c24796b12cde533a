// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// successive_halving.cc: see successive_halving.h.
#include "core/analysis/successive_halving.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace concertina {
namespace {

double ScoreAt(const HalvingPoint& point, size_t rung) {
  return rung < point.scores.size() ? point.scores[rung] : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<size_t> Promoted(std::span<const HalvingPoint> points, std::span<const size_t> candidates,
                             size_t rung, size_t count, bool more_is_better) {
  std::vector<size_t> best;
  for (const size_t point : candidates)
    if (std::isfinite(ScoreAt(points[point], rung))) best.push_back(point);
  std::sort(best.begin(), best.end(), [&](size_t a, size_t b) {
    const double x = ScoreAt(points[a], rung), y = ScoreAt(points[b], rung);
    if (x != y) return more_is_better ? x > y : x < y;
    return a < b;
  });
  if (best.size() > count) best.resize(count);
  return best;
}

HalvingMove NextMove(std::span<const HalvingRung> rungs, std::span<const HalvingPoint> points,
                     bool more_is_better) {
  HalvingMove move;
  std::vector<size_t> candidates(points.size());
  for (size_t i = 0; i < points.size(); ++i) candidates[i] = i;
  for (move.rung = 0;; ++move.rung) {
    for (const size_t point : candidates)
      if (!points[point].has_failed && !std::isfinite(ScoreAt(points[point], move.rung)))
        move.climbing.push_back(point);
    if (!move.climbing.empty()) break;
    if (move.rung + 1 == rungs.size()) {
      move.is_over = true;
      break;
    }
    candidates = Promoted(points, candidates, move.rung, rungs[move.rung + 1].points, more_is_better);
    // All have failed: nobody is left to climb.
    if (candidates.empty()) {
      move.is_over = true;
      break;
    }
  }
  for (size_t i = 0; i < points.size(); ++i)
    if (std::find(move.climbing.begin(), move.climbing.end(), i) == move.climbing.end())
      move.held.push_back(i);
  return move;
}

}  // namespace concertina
