// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// successive_halving.h: which points of a sweep go on, and which are held [Jamieson, Talwalkar.
// Non-stochastic Best Arm Identification and Hyperparameter Optimization. AISTATS 2016]. Rung k trains n_k
// points up to epoch r_k; the best n_{k+1} of them by one score are resumed where they stopped. On the way of
// the data: scores of runs -> here -> app/ctl/sweep_climb.h, ui/client/sweep_driver.h.
//
// What is done next follows from the scores alone, so a search that was broken off goes on from what its runs
// say, and the same scores choose the same points in whatever order they came.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace concertina {

struct HalvingRung {
  size_t points = 0;  // that train up to
  double epochs = 0;  // here; both move one way: fewer and further
};

struct HalvingPoint {
  // One a rung: the score at its epochs. NaN, or left away at the end: it has not come so far.
  std::vector<double> scores;
  bool has_failed = false;  // no score will come any more
};

struct HalvingMove {
  size_t rung = 0;               // that is being climbed; the last one if all is over
  std::vector<size_t> climbing;  // points that are to train up to its epochs, the best so far first
  std::vector<size_t> held;      // everything else, and those that are there already
  bool is_over = false;          // the last rung is decided
};

// `rungs` are not empty, and the first takes all points.
HalvingMove NextMove(std::span<const HalvingRung> rungs, std::span<const HalvingPoint> points,
                     bool more_is_better);

// The best `count` of `candidates` by their score at `rung`, the best first. Those without one go last, and
// are not among them; of two alike the one that comes first in the sweep is better.
std::vector<size_t> Promoted(std::span<const HalvingPoint> points, std::span<const size_t> candidates,
                             size_t rung, size_t count, bool more_is_better);

}  // namespace concertina
