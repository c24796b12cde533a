// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// seed_curves.h: the curves of runs that differ in nothing but the seed, as one mean with a band.
// On the way of the data: curves of runs -> here -> ui/client/run_comparison.h, analysis/export_comparison.h.
#pragma once

#include <span>
#include <vector>

namespace concertina {

struct SeedCurve {
  std::span<const double> x;  // ascending
  std::span<const double> y;  // as long; what is not finite is passed over
};

struct CurveBand {
  std::vector<double> x, mean, low, high;  // of one length
  // Against another series, whose values may go back: x does not ascend, and there is no mean over seeds.
  bool is_in_step_order = false;
};

// At every x of any of the curves between the last of their beginnings and the first of their ends: the mean,
// the least and the largest of all curves there, each read by linear interpolation. Outside, fewer seeds
// would speak, and the mean would jump where one falls silent. A single curve is given back as it is, with a
// band of no height. O(n log n) for n points altogether. Empty if the curves have no x in common, or one is
// empty.
CurveBand MeanOverSeeds(std::span<const SeedCurve> curves);

}  // namespace concertina
