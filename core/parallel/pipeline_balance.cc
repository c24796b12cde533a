// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_balance.cc: see pipeline_balance.h.
#include "core/parallel/pipeline_balance.h"

#include <algorithm>

namespace concertina {

PipelineBalance BalanceOf(std::span<const StageTime> stages) {
  const auto slowest = std::ranges::max_element(stages, {}, &StageTime::busy_seconds);
  if (slowest == stages.end() || slowest->busy_seconds <= 0) return {};
  double busy = 0;
  for (const StageTime& stage : stages) busy += stage.busy_seconds;
  return {.bubble = slowest->wait_seconds / (slowest->busy_seconds + slowest->wait_seconds),
          .imbalance = 1 - busy / static_cast<double>(stages.size()) / slowest->busy_seconds};
}

}  // namespace concertina
