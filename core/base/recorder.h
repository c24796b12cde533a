// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recorder.h: takes named measurements with step, time and rank. Nothing here allocates in a step.
// On the way of the data: worker/step_loop.cc -> here -> worker/engine_stream.cc (or memory, in tests).
#pragma once

#include <cstdint>
#include <string_view>

namespace concertina {

// How the run's value of a step is made of the ranks' values.
enum class RankFold { kMean, kSum, kMax };

class Recorder {
 public:
  using Series = int;
  virtual ~Recorder() = default;
  // Registers a series by name ("train/loss", "comm/bytes_sent") and unit ("s", "B", ""); the same name gives
  // the same number. Called while setting up, not in a step.
  virtual Series Open(std::string_view name, std::string_view unit, RankFold fold) = 0;
  // One measurement; safe from the step thread only.
  virtual void Record(Series series, int64_t step, double value) = 0;
};

}  // namespace concertina
