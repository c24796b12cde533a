// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// octaves.h: a gradient's histogram as the engine's event has it, read again.
// On the way of the data: engine/run_messages.cc's event -> here -> `concertinactl histogram`,
// ui/pages/monitor_histogram.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace concertina {

struct OctaveCounts {
  std::string layer;
  int64_t zeros = 0;
  int least_exponent = 0;
  std::vector<int64_t> counts;  // of elements with 2^e <= |g| < 2^(e + 1), e from least_exponent on

  int64_t at(int exponent) const;  // 0 outside
  int64_t most() const;            // in one octave
  int64_t total() const;           // with zeros
  // The size below which a share of all elements lies, zeros included; within an octave as if evenly spread
  // in the logarithm. 0 where so many are zero.
  double Quantile(double share) const;
};

// {"least_exponent", "layers": [{"layer", "zeros", "counts"}]}. Empty for anything else, or a layer of none.
std::vector<OctaveCounts> ReadOctaves(const std::string& json);

// The first and the last exponent with an element in any of the layers; {0, 0} if there is none.
std::pair<int, int> OctavesInUse(const std::vector<OctaveCounts>& layers);

}  // namespace concertina
