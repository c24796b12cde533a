// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradient_histogram.h: how large the elements of each layer's gradient are: the number of them in each
// octave. On the way of the data: worker/step_loop.cc, on request, for one step -> here -> the engine's
// events -> `concertinactl histogram`, ui/pages/monitor_histogram.h.
//
// Codecs see magnitudes: a threshold cuts the octaves off, a float of few bits has some of them, a level of
// int8 is the largest over 127. An element g is counted in the octave e with 2^e <= |g| < 2^(e + 1).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/graph/executor.h"

namespace concertina {

class GradientHistogram {
 public:
  // Octaves [kLeastExponent, kLeastExponent + kOctaves); what is smaller or larger is counted at the ends,
  // what is not finite too.
  static constexpr int kLeastExponent = -44;
  static constexpr size_t kOctaves = 64;
  struct Layer {
    std::string name;
    int64_t zeros = 0;
    std::array<int64_t, kOctaves> counts = {};
  };

  // Layers are those of layer_meter.h.
  explicit GradientHistogram(const std::vector<ParameterSlot>& layout);

  // `parameter`: its index in the layout. O(elements); allocates nothing.
  void Add(int parameter, std::span<const float> gradient);
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::vector<Layer> layers_;
  std::vector<size_t> layer_of_;  // by parameter
};

}  // namespace concertina
