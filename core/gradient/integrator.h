// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integrator.h: what a codec also implements whose payloads say how its gradient changed since the last step:
// receivers add them up. On the way of the data: parallel/bucketed_exchange.h -> here -> the optimiser.
#pragma once

#include <span>

namespace concertina {

// Beside Codec. h_i, the sum of all that rank i has sent, is its gradient's estimate on every other rank. An
// exchange that averages payloads in step keeps the average H of all h_i on every rank by handing the
// averages over: the same additions, in the same order, everywhere.
class Integrator {
 public:
  virtual ~Integrator() = default;
  // Whether it does, with its parameters.
  virtual bool integrates() const = 0;
  // H += average, and average = H. After each Encode once.
  virtual void Integrate(std::span<float> average) = 0;
  // h of this rank.
  virtual std::span<const float> sent_so_far() const = 0;
};

}  // namespace concertina
