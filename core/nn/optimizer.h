// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// optimizer.h: from averaged gradient to next parameters. A component of category "optimizer".
// On the way of the data: parallel/exchange.h -> here -> the next step's graph/executor.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/base/descriptor.h"
#include "core/graph/executor.h"

namespace concertina {

// From step `first` on the optimiser takes as "gradient" the momentum that all ranks agreed on,
//   m_t = mean over ranks of (beta m_(t-1) + (1 - beta) g_t)
// which may be compressed as the gradient may not; m of the steps before counts too, from zero.
struct AveragedMomentum {
  double beta = 0;
  int64_t first = 0;
};

// Owned by the step thread. All vectors are flat, in the graph's parameter order.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Once, before the first step: sizes the state (zeros). Slots say which elements decay.
  virtual void Prepare(const std::vector<ParameterSlot>& slots) = 0;
  // Elements [offset, offset + gradient.size()) of the parameters, at `step` (from 0) with this learning
  // rate. Each step covers every element exactly once, in any number of calls, in any order. Memory-bound:
  // one pass.
  virtual void Update(int64_t step, double learning_rate, int64_t offset, std::span<const float> gradient,
                      std::span<float> parameters) = 0;
  // The state for checkpoints: fixed size after Prepare; the same bytes give the same future.
  virtual std::span<float> state() = 0;
  // Live knobs (momentum, weight_decay): the new, checked parameters of the whole component.
  virtual absl::Status Change(const Params& params) = 0;
  virtual double base_learning_rate() const = 0;
  virtual std::optional<AveragedMomentum> averaged_momentum() const { return std::nullopt; }
};

// Learning rate over time: a component of category "schedule" ("constant", "step", "cosine"), each with
// warm-up steps as parameters. Pure: no state.
class Schedule {
 public:
  virtual ~Schedule() = default;
  // The factor on the base learning rate at `step` of `total_steps`.
  virtual double Factor(int64_t step, int64_t total_steps, int64_t steps_per_epoch) const = 0;
};

}  // namespace concertina
